/*
 * A grant ends by its owner (revoke) or its firm (end).
 *
 * The end is committed, then everything of the grant that is queued or live is
 * cut on the loop, and only then is the revocation answered.
 */
#include <stdlib.h>
#include <string.h>

#include "service/grant_internal.h"
#include "service/owed.h"
#include "wire/limits.h"
#include "json/json_write.h"

/* ---- revoke ---- */

struct revoke {
    uint8_t grant[VLT_ID_LEN];
    char firm[NOUN_FIRM];
    bool one;  /* a grant; else of a firm, or all */
    bool owed; /* in memory only, so far */
    struct noun_ends ends;
};

void
revoke_clear(void *state)
{
    struct revoke *revoke = state;

    noun_ends_free(&revoke->ends);
    free(revoke);
}

enum vlt_status
revoke_check(struct call *call, struct vlt_walk *params)
{
    struct revoke *revoke = call_state(call, sizeof *revoke);
    bool all;

    if (revoke == NULL) {
        return VLT_E_NOMEM;
    }
    revoke->one = noun_ulid(params, "grant", revoke->grant);
    noun_read_firm(params, false, revoke->firm);
    all = vlt_walk_bool_or(params, "all", false);
    if (revoke->one + (revoke->firm[0] != '\0') + all != 1) {
        vlt_walk_fault(params, "grant",
                       "or firm or all must be there, and one of them alone");
    }
    return VLT_OK;
}

static enum vlt_status
end_one(struct call *call, struct turn *turn, struct consent_changes *changes)
{
    const struct revoke *revoke = call->state;
    const struct grant *grant = NULL;
    struct store_txn *txn;
    enum vlt_status st = grant_ask(call, true, revoke->grant, &grant);

    grant_release(grant);
    if (st == VLT_OK) {
        st = guard_txn(turn, &txn);
    }
    if (st != VLT_OK) {
        return st;
    }
    st = consent_end(turn->service->consent, txn, revoke->grant,
                     CONSENT_WITHDRAWN, turn->now, changes);
    return st == VLT_E_CONFLICT
               ? call_refuse(call, st, "That grant has ended already.")
               : st;
}

static enum vlt_status
end_many(struct call *call, struct turn *turn, struct consent_changes *changes)
{
    const struct revoke *revoke = call->state;
    const struct firm *firm = NULL;
    enum vlt_status st = VLT_OK;

    if (revoke->firm[0] != '\0') {
        st = noun_need_firm(call, revoke->firm, &firm);
    }
    if (st == VLT_OK) {
        st = noun_end_all(turn, firm != NULL ? firm->id : NULL,
                          CONSENT_WITHDRAWN, changes);
    }
    firm_release(firm);
    return st;
}

static void
put_end(struct vlt_json_out *json, const struct noun_end *end,
        const struct after_cut *cut, bool durable)
{
    vlt_put_ulid(json, "grant", end->grant);
    vlt_put_text(json, "state", consent_state_word(end->state));
    vlt_put_time(json, "ended_at", end->at);
    if (end->used) {
        vlt_put_ulid(json, "last_use", end->last_use);
    } else {
        vlt_put_null(json, "last_use");
    }
    vlt_put_uint(json, "last_seq", cut != NULL ? cut->last_seq : 0);
    vlt_put_uint(json, "rows", cut != NULL ? cut->rows : 0);
    vlt_put_double(json, "silence_ms", cut != NULL ? cut->silence_ms : 0);
    vlt_put_bool(json, "durable", durable);
}

static void
put_revoked(struct call *call)
{
    const struct revoke *revoke = call->state;
    struct vlt_json_out json = call_result(call);

    if (revoke->one) {
        if (revoke->ends.count > 0) {
            put_end(&json, &revoke->ends.at[0],
                    after_find_cut(call->after, revoke->grant), !revoke->owed);
        }
        vlt_put_end(&json);
        return;
    }
    vlt_put_list(&json, "grants");
    for (size_t i = 0; i < revoke->ends.count && i < VLT_LIMIT_LIST &&
                       call->result.len < NOUN_ROOM;
         i++) {
        const struct noun_end *end = &revoke->ends.at[i];

        vlt_put_object(&json, NULL);
        put_end(&json, end, after_find_cut(call->after, end->grant),
                !revoke->owed);
        vlt_put_end(&json);
    }
    vlt_put_end(&json);
    vlt_put_double(&json, "silence_ms", noun_silence(call->after));
    vlt_put_end(&json);
}

enum vlt_status
revoke_commit(struct call *call, struct turn *turn)
{
    struct revoke *revoke = call->state;
    struct consent_changes changes = { .count = 0 };
    enum vlt_status st = revoke->one ? end_one(call, turn, &changes)
                                     : end_many(call, turn, &changes);

    if (st == VLT_OK) {
        st = noun_note_ends(&revoke->ends, &changes);
    }
    if (st == VLT_OK) {
        st = guard_carry(turn, &changes, &call->after);
    }
    consent_changes_free(&changes);
    if (st == VLT_OK) {
        put_revoked(call); /* kept for a repetition, which cuts nothing */
    }
    return st;
}

/* ---- nothing can be written ---- */

struct taking_back {
    struct call *call;
    const uint8_t *firm; /* NULL: all */
    enum vlt_status st;
};

/* A grant as it would have ended. */
static bool
take_back(void *ctx, const struct grant *grant)
{
    struct taking_back *taking = ctx;
    struct revoke *revoke = taking->call->state;
    struct service *service = taking->call->service;

    if (grant_over(grant) ||
        (taking->firm != NULL &&
         memcmp(taking->firm, grant->firm, VLT_ID_LEN) != 0)) {
        return true;
    }
    size_t before = revoke->ends.count;

    if (!noun_take_end(&revoke->ends, grant) || before == revoke->ends.count) {
        taking->st = VLT_E_NOMEM;
        return false;
    }
    revoke->ends.at[before].state = CONSENT_WITHDRAWN;
    revoke->ends.at[before].at = service_effective(service);
    return true;
}

static enum vlt_status
take_all_back(struct call *call)
{
    struct revoke *revoke = call->state;
    struct consent *consent = call->service->consent;
    struct taking_back taking = { .call = call, .st = VLT_OK };
    const struct grant *grant = NULL;
    const struct firm *firm = NULL;

    revoke->ends.count = 0;
    if (revoke->one) {
        grant = consent_grant_find(consent, revoke->grant);
        if (grant != NULL) {
            (void)take_back(&taking, grant);
        }
        grant_release(grant);
        return taking.st;
    }
    if (revoke->firm[0] != '\0') {
        taking.st = noun_need_firm(call, revoke->firm, &firm);
        taking.firm = firm != NULL ? firm->id : NULL;
    }
    if (taking.st == VLT_OK) {
        consent_grants(consent, take_back, &taking);
    }
    firm_release(firm);
    return taking.st;
}

/*
 * The disk takes nothing, not even the end of a grant: it ends in memory, and
 * on the disk when that is possible.  A grant that cannot be held back is not
 * said to be.
 */
static enum vlt_status
revoke_in_memory(struct call *call)
{
    struct revoke *revoke = call->state;
    struct vlt_buf kept = { .len = 0 };
    enum vlt_status st = take_all_back(call);

    if (st == VLT_OK && revoke->ends.count == 0) {
        st = VLT_E_STORAGE; /* there is nothing to take back */
    }
    if (st != VLT_OK) {
        return st;
    }
    put_revoked(call);
    vlt_buf_init(&kept, 0);
    vlt_buf_put_slice(&kept, vlt_buf_slice(&call->result));
    st = vlt_buf_status(&kept);
    if (st == VLT_OK) {
        st = owed_revoke(call->service, call, &revoke->ends, &kept);
    }
    vlt_buf_free(&kept);
    revoke->owed = st == VLT_OK;
    for (size_t i = 0; st == VLT_OK && i < revoke->ends.count; i++) {
        after_silence_now(call->service, &call->after,
                          revoke->ends.at[i].grant);
    }
    return st;
}

void
revoke_done(struct call *call, enum vlt_status st)
{
    if (st == VLT_E_STORAGE) {
        st = revoke_in_memory(call);
        st = st == VLT_E_NOMEM ? VLT_E_STORAGE : st;
    }
    if (st != VLT_OK) {
        call_fail(call, st);
        return;
    }
    put_revoked(call);
    call_answer(call);
}

/* ---- end ---- */

enum vlt_status
end_check(struct call *call, struct vlt_walk *params)
{
    struct grant_asked *asked = call_state(call, sizeof *asked);

    if (asked == NULL) {
        return VLT_E_NOMEM;
    }
    vlt_walk_ulid(params, "grant", asked->grant);
    return VLT_OK;
}

/* The receipt of the end, made in this turn. */
static enum vlt_status
put_ended(struct call *call, struct turn *turn, const struct grant *grant)
{
    struct vlt_json_out json = call_result(call);
    struct vlt_buf jws;
    struct vlt_buf countersignature;
    uint64_t index;
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st != VLT_OK) {
        return st;
    }
    vlt_buf_init(&jws, 0);
    vlt_buf_init(&countersignature, 0);
    st = consent_receipt_get(turn->service->consent, store_txn_view(txn),
                             grant->id, grant->receipt_seq, &jws,
                             &countersignature, &index);
    vlt_put_ulid(&json, "grant", grant->id);
    vlt_put_text(&json, "state", consent_state_word(grant->state));
    vlt_put_slice(&json, "receipt", vlt_buf_slice(&jws));
    vlt_put_end(&json);
    vlt_buf_free(&jws);
    vlt_buf_free(&countersignature);
    return st;
}

enum vlt_status
end_commit(struct call *call, struct turn *turn)
{
    const struct grant_asked *asked = call->state;
    const struct grant *grant = NULL;
    struct consent_changes changes = { .count = 0 };
    struct store_txn *txn;
    enum vlt_status st = grant_ask(call, true, asked->grant, &grant);

    grant_release(grant);
    grant = NULL;
    if (st == VLT_OK) {
        st = guard_txn(turn, &txn);
    }
    if (st != VLT_OK) {
        return st;
    }
    st = consent_end(call->service->consent, txn, asked->grant, CONSENT_ENDED,
                     turn->now, &changes);
    if (st == VLT_E_CONFLICT) {
        return call_refuse_as(call, VLT_RPC_ENDED,
                              "The grant has ended; its receipt tells how.");
    }
    if (st == VLT_OK) {
        st = guard_carry(turn, &changes, &call->after);
    }
    consent_changes_free(&changes);
    if (st == VLT_OK) {
        st = grant_ask(call, true, asked->grant, &grant);
    }
    if (st == VLT_OK) {
        st = put_ended(call, turn, grant);
    }
    grant_release(grant);
    return st;
}
