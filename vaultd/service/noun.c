#include "service/noun_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "vocab/vocab.h"
#include "wire/address.h"
#include "json/json_write.h"

int
noun_category(const struct stream *stream)
{
    return vocab_category_find(stream->category, strlen(stream->category));
}

void
noun_copy(char *to, size_t size, struct vlt_slice from)
{
    size_t len = from.len < size - 1 ? from.len : size - 1;

    if (len > 0) {
        memcpy(to, from.at, len);
    }
    to[len] = '\0';
}

enum vlt_status
noun_receipt_signer(struct service *service, const struct firm *firm,
                    struct vlt_signer **out)
{
    struct store_read *read = NULL;
    enum vlt_status st = store_read_begin(service->store, &read);

    if (st == VLT_OK) {
        st = identity_receipt_signer(service->identity,
                                     firm != NULL ? firm->id : NULL,
                                     firm != NULL ? firm->receipt_n : 0, out);
    }
    store_read_end(read);
    return st;
}

int64_t
noun_duration(struct vlt_walk *params, const char *name, int64_t least,
              int64_t most, int64_t other)
{
    const struct vlt_json *node = vlt_walk_any(params, name);
    int64_t out = other;

    if (node == NULL || vlt_json_kind(node) == VLT_JSON_NULL) {
        return other;
    }
    if (vlt_json_kind(node) == VLT_JSON_INT &&
        vlt_json_int_of(node) <= most / VLT_SECOND &&
        vlt_json_int_of(node) >= 0) {
        out = vlt_json_int_of(node) * VLT_SECOND;
    } else if (vlt_json_kind(node) != VLT_JSON_TEXT ||
               vlt_duration_parse(vlt_json_text_of(node), &out) != VLT_OK) {
        vlt_walk_fault(params, name, "is no duration, must be as 15min");
        return other;
    }
    if (out < least || out > most) {
        vlt_walk_fault(params, name, "must be %lld s to %lld s",
                       (long long)(least / VLT_SECOND),
                       (long long)(most / VLT_SECOND));
    }
    return out;
}

bool
noun_ulid(struct vlt_walk *params, const char *name, uint8_t out[VLT_ID_LEN])
{
    if (!vlt_walk_has(params, name)) {
        vlt_walk_null(params, name);
        return false;
    }
    vlt_walk_ulid(params, name, out);
    return true;
}

void
noun_read_firm(struct vlt_walk *params, bool required, char out[NOUN_FIRM])
{
    struct vlt_slice text =
        required ? vlt_walk_text(params, "firm", 1, NOUN_FIRM - 1)
                 : vlt_walk_text_or(params, "firm", 1, NOUN_FIRM - 1,
                                    vlt_slice_text(""));

    noun_copy(out, NOUN_FIRM, text);
}

/* ---- firms ---- */

struct by_id {
    uint8_t id[VLT_IDENTITY_LEN];
    uint8_t principal[VLT_ID_LEN];
    bool found;
};

static bool
match_id(void *ctx, const struct firm *firm)
{
    struct by_id *by = ctx;
    uint8_t id[VLT_IDENTITY_LEN];

    vlt_identity_of(VLT_IDENTITY_FIRM, firm->key, id);
    if (memcmp(id, by->id, sizeof id) != 0) {
        return true;
    }
    memcpy(by->principal, firm->id, sizeof by->principal);
    by->found = true;
    return firm->state == IDENTITY_FORGOTTEN; /* another may have its key */
}

const struct firm *
noun_firm(struct service *service, const char *text)
{
    struct by_id by = { .found = false };

    if (vlt_identity_parse(VLT_IDENTITY_FIRM, vlt_slice_text(text), by.id) !=
        VLT_OK) {
        return identity_firm_by_name(service->identity, text);
    }
    identity_firms(service->identity, match_id, &by);
    return by.found ? identity_firm_by_id(service->identity, by.principal)
                    : NULL;
}

struct invited {
    const char *name;
    int64_t expires; /* ns; 0: nobody of that name is */
};

static bool
find_invited(void *ctx, const char *name, int64_t expires)
{
    struct invited *invited = ctx;

    if (strcmp(name, invited->name) == 0) {
        invited->expires = expires;
    }
    return invited->expires == 0;
}

/* A firm is one from the moment it enrols; of one that was invited alone the
 * owner is told what is missing. */
static enum vlt_status
no_firm(struct call *call, const char *text)
{
    struct service *service = call->service;
    struct invited invited = { .name = text };
    enum vlt_status st = call_not_found(call, "firm", "firm", text);
    char until[VLT_TIME_TEXT];

    if (call->who.role == ROLE_OWNER) {
        identity_invitations(service->identity, service_effective(service),
                             find_invited, &invited);
    }
    if (invited.expires != 0) {
        vlt_time_print(invited.expires, until);
        (void)call_refuse_at(call, "firm",
                             "'%s' has not enrolled yet: it has to run "
                             "vaultfirm enrol URL, with the URL of its "
                             "invitation, before %s.",
                             text, until);
    }
    return st;
}

enum vlt_status
noun_need_firm(struct call *call, const char *text, const struct firm **out)
{
    *out = noun_firm(call->service, text);
    return *out != NULL ? VLT_OK : no_firm(call, text);
}

enum vlt_status
noun_self(struct call *call, const struct firm **out)
{
    const struct firm *firm =
        identity_firm_by_id(call->service->identity, call->who.id);

    if (firm == NULL || firm->state != IDENTITY_CONFIRMED ||
        memcmp(firm->key, call->who.key, sizeof firm->key) != 0) {
        firm_release(firm);
        return VLT_E_DENIED;
    }
    *out = firm;
    return VLT_OK;
}

enum vlt_status
noun_log_firm(struct turn *turn, const struct firm *firm, const char *what)
{
    struct guard_event event = { .type = AUDIT_FIRM, .firm = firm };
    struct vlt_json_out json;
    struct vlt_buf firm_detail;
    struct vlt_buf owner_detail;
    enum vlt_status st;

    vlt_buf_init(&firm_detail, AUDIT_DETAIL_MAX);
    vlt_buf_init(&owner_detail, AUDIT_DETAIL_MAX);
    json = vlt_json_out(&firm_detail);
    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "event", what);
    vlt_put_end(&json);
    json = vlt_json_out(&owner_detail);
    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "event", what);
    vlt_put_text(&json, "firm", firm->name);
    vlt_put_end(&json);
    event.firm_detail = vlt_buf_slice(&firm_detail);
    event.owner_detail = vlt_buf_slice(&owner_detail);
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&firm_detail);
    vlt_buf_free(&owner_detail);
    return st;
}

static bool
facts_firm(void *ctx, const uint8_t id[VLT_ID_LEN], struct consent_firm *out)
{
    struct turn *turn = ctx;
    const struct firm *firm = identity_firm_now(turn->service->identity, id);

    if (firm == NULL) {
        return false;
    }
    *out = guard_firm(firm);
    out->name = NULL; /* it would not outlive the hold */
    firm_release(firm);
    return true;
}

struct consent_facts
noun_facts(struct turn *turn)
{
    return (struct consent_facts){ .ctx = turn, .firm = facts_firm };
}

/* ---- streams ---- */

enum vlt_status
noun_log_stream(struct turn *turn, const struct stream *stream,
                const char *what)
{
    struct guard_event event = { .type = AUDIT_STREAM };
    struct vlt_json_out json;
    struct vlt_buf detail;
    enum vlt_status st;

    vlt_buf_init(&detail, AUDIT_DETAIL_MAX);
    json = vlt_json_out(&detail);
    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "event", what);
    vlt_put_text(&json, "stream", stream->name);
    vlt_put_text(&json, "category", stream->category);
    vlt_put_end(&json);
    event.owner_detail = vlt_buf_slice(&detail);
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&detail);
    return st;
}

/* ---- ends ---- */

void
noun_ends_free(struct noun_ends *ends)
{
    free(ends->at);
    *ends = (struct noun_ends){ .count = 0 };
}

struct ending_all {
    struct turn *turn;
    struct store_txn *txn;
    const uint8_t *firm;
    enum consent_state how;
    int64_t now;
    size_t count;
    struct consent_changes *changes;
    enum vlt_status st;
};

enum {
    /* What an end writes, generously: its record, receipt, entries, nodes, and
     * pages of LMDB that are written anew. */
    END_BYTES = 16 << 10,
    ENDS_OF_A_TURN = 128,
};

static bool
end_one(void *ctx, const struct grant *grant)
{
    struct ending_all *all = ctx;
    enum vlt_status st;

    if (all->firm != NULL && memcmp(grant->firm, all->firm, VLT_ID_LEN) != 0) {
        return true;
    }
    /* What is over by now, also by this turn, stays as it is. */
    st = consent_end(all->turn->service->consent, all->txn, grant->id, all->how,
                     all->now, all->changes);
    all->st = st == VLT_E_CONFLICT ? VLT_OK : st;
    return all->st == VLT_OK;
}

static bool
count_one(void *ctx, const struct grant *grant)
{
    struct ending_all *all = ctx;

    all->count +=
        all->firm == NULL || memcmp(grant->firm, all->firm, VLT_ID_LEN) == 0;
    return true;
}

/* A turn has room for some ends; many need more of the disk, and are refused
 * as a whole, before the first, where that is not there. */
enum vlt_status
noun_room_for(struct turn *turn, size_t rows)
{
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    return st == VLT_OK && rows > ENDS_OF_A_TURN
               ? store_txn_reserve(txn, rows * END_BYTES)
               : st;
}

static enum vlt_status
room_for_ends(struct turn *turn, struct ending_all *all)
{
    struct consent *consent = turn->service->consent;
    enum vlt_status st = consent_grants_now(consent, count_one, all);

    /* A firm that parts is denied what it waits for beside it. */
    return st == VLT_OK
               ? noun_room_for(turn,
                               all->count + consent_waiting(consent, all->now))
               : st;
}

enum vlt_status
noun_end_all(struct turn *turn, const uint8_t *firm, enum consent_state how,
             struct consent_changes *changes)
{
    struct ending_all all = {
        .turn = turn, .firm = firm, .how = how, .changes = changes, .st = VLT_OK
    };
    enum vlt_status st = guard_txn(turn, &all.txn);

    if (st == VLT_OK) {
        st = guard_now(turn, &all.now);
    }
    if (st == VLT_OK) {
        st = room_for_ends(turn, &all);
    }
    if (st == VLT_OK) {
        st = consent_grants_now(turn->service->consent, end_one, &all);
    }
    return st == VLT_OK ? all.st : st;
}

static enum vlt_status
note_end(struct noun_ends *ends, const struct grant *grant)
{
    struct noun_end *end;

    if (ends->count == ends->cap) {
        size_t cap = ends->cap == 0 ? 16 : 2 * ends->cap;
        struct noun_end *more = realloc(ends->at, cap * sizeof *more);

        if (more == NULL) {
            return VLT_E_NOMEM;
        }
        ends->at = more;
        ends->cap = cap;
    }
    end = &ends->at[ends->count++];
    memcpy(end->grant, grant->id, sizeof end->grant);
    memcpy(end->last_use, grant->last_use_id, sizeof end->last_use);
    end->used = grant->use_seq > 0;
    end->state = grant->state;
    end->at = grant->changed;
    return VLT_OK;
}

bool
noun_take_end(void *ctx, const struct grant *grant)
{
    return note_end(ctx, grant) == VLT_OK;
}

static enum vlt_status
note_changes(struct noun_ends *ends, const struct consent_changes *changes,
             bool ended)
{
    enum vlt_status st = VLT_OK;

    ends->count = 0; /* what a first try noted did not happen */
    for (size_t i = 0; st == VLT_OK && i < changes->count; i++) {
        const struct grant *grant = changes->at[i].grant;

        if (grant != NULL && (!ended || grant_over(grant))) {
            st = note_end(ends, grant);
        }
    }
    return st;
}

enum vlt_status
noun_note_ends(struct noun_ends *ends, const struct consent_changes *changes)
{
    return note_changes(ends, changes, true);
}

enum vlt_status
noun_note_changed(struct noun_ends *ends, const struct consent_changes *changes)
{
    return note_changes(ends, changes, false);
}

double
noun_silence(const struct after *list)
{
    double most = 0;

    for (; list != NULL; list = list->next) {
        if (list->kind == AFTER_SILENCE && list->cut.silence_ms > most) {
            most = list->cut.silence_ms;
        }
    }
    return most;
}

bool
noun_may_name(const struct call *call, struct vlt_slice name)
{
    const struct source *source;
    bool may;

    if (call->who.role != ROLE_SOURCE) {
        return true;
    }
    source = identity_source_by_id(call->service->identity, call->who.id);
    may = source != NULL && source_covers(source, name);
    source_release(source);
    return may;
}
