/*
 * policy.apply: a whole set comes in force, or none of it.
 *
 * Parsing and comparing are done on a worker; what the set is compared with
 * may be replaced meanwhile, then it is compared again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/policy_internal.h"
#include "wire/limits.h"
#include "json/json_write.h"

enum {
    MORE_ROOM = 64, /* bytes that say how many faults more there are */
};

struct apply {
    struct policy_read read; /* first */
    bool no_widen, dry;
    uint64_t version;    /* of the set that it was compared with */
    struct vlt_buf list; /* what widens, a JSON list */
    struct vlt_json_out json;
    struct service *service;
    size_t widens;
    bool untold; /* too much to compare */
};

void
policy_apply_clear(void *state)
{
    struct apply *apply = state;

    policy_read_free(&apply->read);
    vlt_buf_free(&apply->list);
    free(apply);
}

enum vlt_status
policy_apply_check(struct call *call, struct vlt_walk *params)
{
    struct apply *apply = call_state(call, sizeof *apply);

    if (apply == NULL) {
        return VLT_E_NOMEM;
    }
    policy_read_files(params, &apply->read);
    apply->read.warns = true;
    apply->no_widen = vlt_walk_bool_or(params, "no_widen", false);
    apply->dry = vlt_walk_bool_or(params, "dry", false);
    /* The strict setting is not there yet; what it would take is accepted. */
    (void)vlt_walk_text_or(params, "passphrase", 1, VLT_LIMIT_PASSPHRASE,
                           vlt_slice_text(""));
    return VLT_OK;
}

static void
take_widening(void *ctx, const char *says)
{
    struct apply *apply = ctx;

    apply->widens++;
    if (apply->widens <= VLT_LIMIT_LIST) {
        policy_widen_put(apply->service, says, &apply->json);
    }
}

static enum vlt_status
compare(struct call *call)
{
    struct apply *apply = call->state;
    const struct consent_set *set = consent_set_hold(call->service->consent);
    enum vlt_status st;

    if (set == NULL) {
        return VLT_E_LOCKED;
    }
    vlt_buf_free(&apply->list);
    vlt_buf_init(&apply->list, 0);
    apply->json = vlt_json_out(&apply->list);
    apply->service = call->service;
    apply->widens = 0;
    apply->version = set->version;
    vlt_put_list(&apply->json, NULL);
    st = policy_widens(set->set, consent_policy_set(apply->read.policy),
                       service_effective(call->service), take_widening, apply);
    vlt_put_end(&apply->json);
    consent_set_release(set);
    apply->untold = st == VLT_E_LIMIT;
    return apply->untold ? VLT_OK : st;
}

/* Of lines, how many there are, and the bytes of those that fit whole into so
 * many; how many these are. */
static size_t
whole_lines(struct vlt_slice lines, size_t room, size_t *count, size_t *bytes)
{
    size_t fit = 0;

    *count = 0;
    *bytes = 0;
    for (size_t i = 0; i < lines.len; i++) {
        if (lines.at[i] != '\n') {
            continue;
        }
        ++*count;
        if (i + 1 <= room) {
            *bytes = i + 1;
            fit = *count;
        }
    }
    return fit;
}

/* Each fault on a line of its own, as far as there is room, and how many more
 * there are. */
static enum vlt_status
refuse_faults(struct call *call, const struct policy_read *read)
{
    struct vlt_slice lines = vlt_buf_slice(&read->lines);
    char *detail = call->fault.detail;
    size_t count;
    size_t bytes;
    size_t fit = whole_lines(lines, CALL_DETAIL - MORE_ROOM, &count, &bytes);

    noun_copy(detail, CALL_DETAIL, vlt_slice_of(lines.at, bytes));
    if (fit < count) {
        (void)snprintf(detail + bytes, CALL_DETAIL - bytes,
                       "and %zu more, which policy.check tells", count - fit);
    }
    return call_refuse_at(call, "files",
                          "The files have faults; the set in force stays.");
}

enum vlt_status
policy_apply_prepare(struct call *call)
{
    struct apply *apply = call->state;
    enum vlt_status st;

    /* Part `cli` may be another by now. */
    policy_read_free(&apply->read);
    st = policy_parse(call->service, &apply->read);
    if (st == VLT_OK && apply->read.policy == NULL) {
        return refuse_faults(call, &apply->read);
    }
    return st == VLT_OK ? compare(call) : st;
}

/* ---- in the turn ---- */

static enum vlt_status
log_applied(struct turn *turn, const struct consent_set *set)
{
    struct guard_event event = { .type = AUDIT_POLICY };
    struct vlt_json_out json;
    struct vlt_buf detail;
    enum vlt_status st;

    vlt_buf_init(&detail, AUDIT_DETAIL_MAX);
    json = vlt_json_out(&detail);
    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "event", "applied");
    vlt_put_uint(&json, "version", set->version);
    vlt_put_hex(&json, "policy", set->hash, sizeof set->hash);
    vlt_put_end(&json);
    event.owner_detail = vlt_buf_slice(&detail);
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&detail);
    return st;
}

static bool
count_one(void *ctx, const struct grant *grant)
{
    size_t *count = ctx;

    (void)grant;
    ++*count;
    return true;
}

/* For the rows of all grants that it ends or suspends, and of all that waits
 * and may be denied. */
static enum vlt_status
make_room(struct turn *turn, const struct consent_policy *policy)
{
    struct consent *consent = turn->service->consent;
    struct consent_facts facts = noun_facts(turn);
    size_t rows = 0;
    struct consent_would end = { POLICY_USE_NO, count_one, &rows };
    struct consent_would ask = { POLICY_USE_ASK, count_one, &rows };
    enum vlt_status st =
        consent_policy_would(consent, policy, &facts, turn->now, &end);

    if (st == VLT_OK) {
        st = consent_policy_would(consent, policy, &facts, turn->now, &ask);
    }
    return st == VLT_OK
               ? noun_room_for(turn, rows + consent_waiting(consent, turn->now))
               : st;
}

enum vlt_status
policy_force(struct turn *turn, struct consent_policy *policy,
             struct consent_changes *changes)
{
    struct consent *consent = turn->service->consent;
    struct consent_facts facts = noun_facts(turn);
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st == VLT_OK) {
        st = make_room(turn, policy);
    }
    if (st == VLT_OK) {
        st = consent_policy_apply(consent, txn, policy, &facts, turn->now,
                                  changes);
    }
    return st == VLT_OK ? log_applied(turn, consent_set_now(consent)) : st;
}

/* What comes of a set for the grants in force. */
struct outcome {
    struct noun_ends ended;
    struct noun_ends asked; /* suspended for the owner */
    struct vlt_buf denied;  /* requests of which a part waited: their ids */
};

static void
note_denied(void *ctx, const uint8_t request[VLT_ID_LEN])
{
    struct vlt_buf *denied = ctx;

    /* The parts of one come together. */
    if (denied->len < VLT_ID_LEN ||
        memcmp(denied->at + denied->len - VLT_ID_LEN, request, VLT_ID_LEN) !=
            0) {
        vlt_buf_put(denied, request, VLT_ID_LEN);
    }
}

static void
put_denied(struct vlt_json_out *json, const struct vlt_buf *denied)
{
    vlt_put_list(json, "denied");
    for (size_t i = 0; i < denied->len && i < VLT_LIMIT_LIST * VLT_ID_LEN;
         i += VLT_ID_LEN) {
        vlt_put_ulid(json, NULL, denied->at + i);
    }
    vlt_put_end(json);
}

static void
put_ids(struct vlt_json_out *json, const char *name,
        const struct noun_ends *ends)
{
    vlt_put_list(json, name);
    for (size_t i = 0; i < ends->count && i < VLT_LIMIT_LIST; i++) {
        vlt_put_ulid(json, NULL, ends->at[i].grant);
    }
    vlt_put_end(json);
}

static void
put_result(struct call *call, const struct consent_set *set, bool applied,
           const struct outcome *outcome)
{
    const struct apply *apply = call->state;
    struct vlt_json_out json = call_result(call);

    vlt_put_bool(&json, "applied", applied);
    vlt_put_uint(&json, "version", set->version);
    vlt_put_hex(&json, "policy", set->hash, sizeof set->hash);
    if (apply->untold) {
        vlt_put_null(&json, "widens");
    } else {
        vlt_put_raw(&json, "widens", vlt_buf_slice(&apply->list));
    }
    put_ids(&json, "ended", &outcome->ended);
    put_ids(&json, "asked", &outcome->asked);
    put_denied(&json, &outcome->denied);
    vlt_put_raw(&json, "warnings", vlt_buf_slice(&apply->read.warnings));
    vlt_put_end(&json);
}

/* Those that these changes suspended. */
static bool
note_asked(struct noun_ends *asked, const struct consent_changes *changes)
{
    bool good = true;

    asked->count = 0; /* what a first try noted did not happen */
    for (size_t i = 0; good && i < changes->count; i++) {
        if (changes->at[i].row == ROW_HELD_UP) {
            good = noun_take_end(asked, changes->at[i].grant);
        }
    }
    return good;
}

static enum vlt_status
put_in_force(struct call *call, struct turn *turn, struct outcome *outcome)
{
    struct apply *apply = call->state;
    struct consent_changes changes = { .count = 0 };
    enum vlt_status st = policy_force(turn, apply->read.policy, &changes);

    if (st == VLT_OK) {
        st = noun_note_ends(&outcome->ended, &changes);
    }
    if (st == VLT_OK && !note_asked(&outcome->asked, &changes)) {
        st = VLT_E_NOMEM;
    }
    vlt_buf_clear(&outcome->denied); /* likewise */
    for (size_t i = 0; i < changes.count; i++) {
        if (changes.at[i].row == ROW_RULED_OUT) {
            note_denied(&outcome->denied, changes.at[i].request);
        }
    }
    if (st == VLT_OK) {
        st = policy_carry(turn, &changes, &call->after);
    }
    consent_changes_free(&changes);
    return st;
}

/* What it was compared with is still in force?  Else it is compared again. */
static enum vlt_status
check_compared(struct call *call, const struct consent_set *now)
{
    const struct apply *apply = call->state;

    if (now->version != apply->version) {
        call->job.again = true;
        return VLT_E_CONFLICT;
    }
    if (apply->no_widen && apply->untold) {
        return call_refuse_at(call, "no_widen",
                              "The sets are too large to be compared exactly; "
                              "apply without no_widen.");
    }
    if (apply->no_widen && apply->widens > 0) {
        noun_copy(call->fault.detail, sizeof call->fault.detail,
                  vlt_buf_slice(&apply->list));
        return call_refuse(call, VLT_E_CONFLICT,
                           "The new set permits more than the one in force; "
                           "detail lists what.");
    }
    return VLT_OK;
}

/* The same, with nothing changed. */
static enum vlt_status
would(struct call *call, struct turn *turn, struct outcome *outcome)
{
    const struct apply *apply = call->state;
    struct consent *consent = turn->service->consent;
    struct consent_facts facts = noun_facts(turn);
    struct consent_would end = { POLICY_USE_NO, noun_take_end,
                                 &outcome->ended };
    struct consent_would ask = { POLICY_USE_ASK, noun_take_end,
                                 &outcome->asked };
    enum vlt_status st = consent_policy_would(consent, apply->read.policy,
                                              &facts, turn->now, &end);

    struct consent_denies deny = { note_denied, &outcome->denied };

    if (st == VLT_OK) {
        st = consent_policy_would(consent, apply->read.policy, &facts,
                                  turn->now, &ask);
    }
    return st == VLT_OK ? consent_policy_denies(consent, apply->read.policy,
                                                &facts, turn->now, &deny)
                        : st;
}

enum vlt_status
policy_apply_commit(struct call *call, struct turn *turn)
{
    const struct apply *apply = call->state;
    struct consent *consent = call->service->consent;
    struct outcome outcome = { .ended.count = 0 };
    int64_t now = 0;
    enum vlt_status st = guard_now(turn, &now);

    vlt_buf_init(&outcome.denied, 0);
    if (st == VLT_OK) {
        st = check_compared(call, consent_set_now(consent));
    }
    if (st == VLT_OK && apply->dry) {
        st = would(call, turn, &outcome);
    } else if (st == VLT_OK) {
        st = put_in_force(call, turn, &outcome);
    }
    if (st == VLT_OK) {
        put_result(call, consent_set_now(consent), !apply->dry, &outcome);
    }
    noun_ends_free(&outcome.ended);
    noun_ends_free(&outcome.asked);
    vlt_buf_free(&outcome.denied);
    return st;
}
