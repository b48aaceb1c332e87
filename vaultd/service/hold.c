#include "service/hold.h"

#include <string.h>

#include "service/guard_internal.h"
#include "service/seeds.h"
#include "store/record.h"
#include "util/log.h"
#include "json/json_write.h"

#define ANCHOR_EVERY (5 * VLT_SECOND)

/* The setting that says that an anchor is kept, and the one of a vault that
 * was restored and not confirmed since. */
static const uint8_t setting[VLT_ID_LEN] = "anchor";
static const uint8_t restored[VLT_ID_LEN] = "restored";

/* What was found at unlock. */
struct finding {
    bool older;
    const char *what; /* constant words */
    bool has_anchor;
    struct store_anchor anchor;
    struct store_anchor now;
};

bool
hold_on(const struct service *service)
{
    return atomic_get(&service->hold) != 0;
}

bool
hold_has(const struct service *service, enum hold what)
{
    return (atomic_get(&service->hold) & (uint64_t)what) != 0;
}

/* Written by the commit thread alone. */
void
hold_set(struct service *service, enum hold what)
{
    atomic_set(&service->hold, atomic_get(&service->hold) | (uint64_t)what);
}

void
hold_drop(struct service *service, enum hold what)
{
    atomic_set(&service->hold, atomic_get(&service->hold) & ~(uint64_t)what);
}

void
hold_put(const struct service *service, struct vlt_json_out *json)
{
    if (hold_has(service, HOLD_ROLLBACK)) {
        vlt_put_text(json, "hold", "rollback");
    } else if (hold_has(service, HOLD_CLOCK)) {
        vlt_put_text(json, "hold", "clock");
    } else {
        vlt_put_null(json, "hold");
    }
}

/* ---- the setting ---- */

static enum vlt_status
is_set(struct store_txn *txn, const uint8_t id[VLT_ID_LEN], bool *out)
{
    struct vlt_buf json;
    enum vlt_status st;

    vlt_buf_init(&json, 0);
    st = store_meta_get(store_txn_view(txn), STORE_META_SETTING, id, &json);
    vlt_buf_free(&json);
    *out = st == VLT_OK;
    return st == VLT_E_NOT_FOUND ? VLT_OK : st;
}

/* Say in the vault whether an anchor is kept, where it says otherwise.  The
 * anchor is written first: whoever is killed between the two would find that
 * it is gone. */
static enum vlt_status
note_kept(struct service *service, struct store_txn *txn)
{
    bool is = store_anchor_kept(service->store);
    bool was = false;
    enum vlt_status st = is_set(txn, setting, &was);

    if (st != VLT_OK || is == was ||
        (is && store_anchor_write(service->store) != VLT_OK)) {
        return st;
    }
    return is ? store_meta_put(txn, STORE_META_SETTING, setting, NULL,
                               vlt_slice_text("{\"anchor\":\"kept\",\"v\":1}"))
              : store_meta_delete(txn, STORE_META_SETTING, setting);
}

/* ---- judging ---- */

/* Is the log as it was when the anchor was written? */
static enum vlt_status
log_goes_on(struct service *service, const struct store_view *view,
            const struct store_anchor *anchor, bool *out)
{
    static const uint8_t master[AUDIT_TREE_LEN] = { 0 };
    uint8_t root[STORE_HASH_LEN];
    enum vlt_status st =
        audit_root_at(service->audit, view, master, anchor->audit_size, root);

    *out = st == VLT_OK && memcmp(root, anchor->audit_head, sizeof root) == 0;
    return st == VLT_E_NOT_FOUND ? VLT_OK : st;
}

static enum vlt_status
compare(struct service *service, const struct store_view *view,
        struct finding *finding)
{
    bool same = false;
    enum vlt_status st = log_goes_on(service, view, &finding->anchor, &same);

    finding->has_anchor = true;
    if (finding->now.commit < finding->anchor.commit) {
        finding->what = "the vault is older than its anchor";
    } else if (finding->now.keyring_g < finding->anchor.keyring_g) {
        finding->what = "the keyring is older than the anchor";
    } else if (!same) {
        finding->what = "the log is another than the anchor's";
    }
    finding->older = finding->what != NULL;
    return st;
}

static enum vlt_status
find(struct service *service, struct store_txn *txn, struct finding *out)
{
    bool kept = false;
    enum vlt_status st = is_set(txn, setting, &kept);

    *out = (struct finding){ .what = NULL };
    store_anchor_now(service->store, &out->now);
    if (st != VLT_OK) {
        return st;
    }
    switch (store_anchor_read(service->store, &out->anchor)) {
    case VLT_OK:
        return compare(service, store_txn_view(txn), out);
    case VLT_E_NOT_FOUND:
        out->older = kept;
        out->what = "the anchor is gone";
        return VLT_OK;
    case VLT_E_AUTH:
        out->older = true;
        out->what = "the anchor is damaged, or another vault's";
        return VLT_OK;
    default:
        out->older = true;
        out->what = "the anchor cannot be read";
        return VLT_OK;
    }
}

static void
put_head(struct vlt_json_out *json, const char *name,
         const struct store_anchor *at)
{
    vlt_put_object(json, name);
    vlt_put_uint(json, "commit", at->commit);
    vlt_put_hex(json, "head", at->audit_head, sizeof at->audit_head);
    vlt_put_uint(json, "size", at->audit_size);
    vlt_put_end(json);
}

static enum vlt_status
log_hold(struct turn *turn, const struct finding *finding, const char *of,
         const char *what)
{
    struct guard_event event = { .type = AUDIT_HOLD };
    struct vlt_json_out json;
    struct vlt_buf detail;
    enum vlt_status st;

    vlt_buf_init(&detail, AUDIT_DETAIL_MAX);
    json = vlt_json_out(&detail);
    vlt_put_object(&json, NULL);
    if (finding != NULL && finding->has_anchor) {
        put_head(&json, "anchor", &finding->anchor);
    }
    vlt_put_text(&json, "event", what);
    vlt_put_text(&json, "hold", of);
    if (finding != NULL) {
        put_head(&json, "vault", &finding->now);
        vlt_put_text(&json, "why", finding->what);
    }
    vlt_put_end(&json);
    event.owner_detail = vlt_buf_slice(&detail);
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&detail);
    return st;
}

static const char was_restored[] = "the vault was restored from a backup";

enum vlt_status
hold_restored(struct service *service, struct turn *turn)
{
    struct finding finding = { .older = true, .what = was_restored };
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st == VLT_OK) {
        st = store_meta_put(txn, STORE_META_SETTING, restored, NULL,
                            vlt_slice_text("{\"hold\":\"rollback\",\"v\":1}"));
    }
    if (st != VLT_OK || hold_has(service, HOLD_ROLLBACK)) {
        return st;
    }
    store_anchor_now(service->store, &finding.now);
    hold_set(service, HOLD_ROLLBACK);
    st = consent_moved(service->consent, txn);
    return st == VLT_OK ? log_hold(turn, &finding, "rollback", "begun") : st;
}

enum vlt_status
hold_judge(struct service *service, struct turn *turn)
{
    struct finding finding;
    struct store_txn *txn;
    bool waits = false;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st == VLT_OK) {
        st = find(service, txn, &finding);
    }
    if (st == VLT_OK) {
        st = is_set(txn, restored, &waits);
    }
    if (st == VLT_OK) {
        st = hold_clock_kept(service, turn);
    }
    if (st != VLT_OK) {
        return st;
    }
    finding.older = finding.older && !seed_anchor_ignored();
    if (!finding.older && waits) {
        finding.older = true;
        finding.what = was_restored;
    }
    if (!finding.older) {
        return note_kept(service, txn);
    }
    hold_set(service, HOLD_ROLLBACK);
    log_warning("service", "sharing is on hold: %s; see vaultctl confirm",
                finding.what);
    st = consent_moved(service->consent, txn);
    return st == VLT_OK ? log_hold(turn, &finding, "rollback", "begun") : st;
}

/* ---- writing ---- */

bool
hold_must_know(enum audit_type type)
{
    switch (type) {
    case AUDIT_DECISION:
    case AUDIT_GRANT:
    case AUDIT_FIRM:
    case AUDIT_POLICY:
    case AUDIT_STREAM:
    case AUDIT_ERASE:
    case AUDIT_KEY:
    case AUDIT_HOLD:
    case AUDIT_RESTORE:
    case AUDIT_DELETION:
        return true;
    case AUDIT_REQUEST:
    case AUDIT_COUNTERSIGN:
    case AUDIT_USE:
    case AUDIT_SPAN_OPEN:
    case AUDIT_SPAN_CLOSE:
    case AUDIT_DENIED:
    case AUDIT_ACK:
    case AUDIT_OFFER:
    case AUDIT_OWNER:
    case AUDIT_EXPORT:
    case AUDIT_BACKUP:
    case AUDIT_REQUEST_BAD:
    case AUDIT_RUN:
        return false;
    }
    return false;
}

static void
write_now(struct service *service)
{
    /* That it failed was logged; the owner sees it in the status. */
    enum vlt_status st = store_anchor_write(service->store);

    struct store_anchor last;

    atomic_set(&service->anchor_failed, st == VLT_E_STORAGE);
    store_anchor_now(service->store, &last);
    if (st == VLT_OK) {
        service->anchored = last.commit; /* else it is tried again when idle */
    }
    service->anchor_due = service_boot(service) + ANCHOR_EVERY;
}

void
hold_committed(struct service *service, const struct turn *turn)
{
    if (turn->hold_ends != 0) {
        hold_drop(service, turn->hold_ends);
    }
    if (hold_has(service, HOLD_ROLLBACK) ||
        !store_anchor_kept(service->store)) {
        return;
    }
    if (turn->anchors || turn->hold_ends != 0 ||
        service_boot(service) >= service->anchor_due) {
        write_now(service);
    }
}

void
hold_idle(struct service *service)
{
    struct store_anchor last;

    if (hold_has(service, HOLD_ROLLBACK) ||
        !store_anchor_kept(service->store) || store_locked(service->store) ||
        service_boot(service) < service->anchor_due) {
        return;
    }
    store_anchor_now(service->store, &last);
    if (last.commit != service->anchored) {
        write_now(service);
    }
}

void
hold_before_lock(struct service *service)
{
    if (!hold_has(service, HOLD_ROLLBACK) &&
        store_anchor_kept(service->store) && !store_locked(service->store)) {
        write_now(service);
    }
}

/* ---- the owner's word ---- */

static const struct {
    const char *word;
    enum hold hold;
} words[] = { { "rollback", HOLD_ROLLBACK }, { "clock", HOLD_CLOCK } };

enum { WORDS = sizeof words / sizeof words[0] };

struct confirm {
    size_t which; /* of words */
};

enum vlt_status
hold_confirm_check(struct call *call, struct vlt_walk *params)
{
    struct confirm *confirm = call_state(call, sizeof *confirm);
    struct vlt_slice what = vlt_walk_text(params, "what", 1, 16);

    if (confirm == NULL) {
        return VLT_E_NOMEM;
    }
    if (vlt_walk_failed(params)) {
        return VLT_E_FORMAT;
    }
    for (size_t i = 0; i < WORDS; i++) {
        if (vlt_slice_is(what, words[i].word)) {
            confirm->which = i;
            return VLT_OK;
        }
    }
    return call_refuse_at(call, "what", "It must be rollback or clock.");
}

enum vlt_status
hold_confirm_commit(struct call *call, struct turn *turn)
{
    const struct confirm *confirm = call->state;
    enum hold hold = words[confirm->which].hold;
    struct service *service = turn->service;
    struct store_txn *txn;
    struct vlt_json_out json;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st != VLT_OK) {
        return st;
    }
    if (!hold_has(service, hold)) {
        return call_refuse(call, VLT_E_CONFLICT,
                           "Nothing is on hold for that.");
    }
    st = log_hold(turn, NULL, words[confirm->which].word, "confirmed");
    if (st == VLT_OK && hold == HOLD_ROLLBACK) {
        st = store_meta_delete(txn, STORE_META_SETTING, restored);
        st = st == VLT_E_NOT_FOUND ? VLT_OK : st;
    }
    if (st == VLT_OK && hold == HOLD_ROLLBACK) {
        st = note_kept(service, txn);
    }
    if (st == VLT_OK && hold == HOLD_CLOCK) {
        st = hold_clock_forget(turn);
    }
    if (st == VLT_OK) {
        st = consent_moved(service->consent, txn);
    }
    if (st != VLT_OK) {
        return st;
    }
    turn->hold_ends = hold;
    json = call_result(call);
    if (hold == HOLD_ROLLBACK && hold_has(service, HOLD_CLOCK)) {
        vlt_put_text(&json, "hold", "clock");
    } else if (hold == HOLD_CLOCK && hold_has(service, HOLD_ROLLBACK)) {
        vlt_put_text(&json, "hold", "rollback");
    } else {
        vlt_put_null(&json, "hold");
    }
    vlt_put_end(&json);
    return VLT_OK;
}
