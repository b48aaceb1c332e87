/*
 * grant.narrow, renew, admit and invalidate: one grant, by its owner.
 */
#include <stdlib.h>
#include <string.h>

#include "consent/lifecycle.h"
#include "service/grant_internal.h"
#include "service/narrow_read.h"
#include "service/policy_internal.h"
#include "json/json_write.h"

/* What a call did with a grant is carried out, or it is said why not.  Frees
 * the changes. */
static enum vlt_status
finish(struct call *call, struct turn *turn, enum vlt_status st,
       const char *says, struct consent_changes *changes)
{
    const struct grant_asked *asked = call->state;
    char text[VLT_ULID_TEXT];

    if (st == VLT_E_NOT_FOUND) {
        st = call_not_found(call, "grant", "grant",
                            vlt_ulid_print(asked->grant, text));
    } else if (st == VLT_E_CONFLICT) {
        st = call_refuse(call, st, "%s", says);
    } else if (st == VLT_E_FORMAT) {
        st = call_refuse_at(call, "narrow", "%s", says);
    }
    if (st == VLT_OK) {
        st = guard_carry(turn, changes, &call->after);
    }
    consent_changes_free(changes);
    return st;
}

/* The turn's transaction, and the grant at its time. */
static enum vlt_status
begin(const struct call *call, struct turn *turn, struct store_txn **txn,
      struct consent_at *at)
{
    const struct grant_asked *asked = call->state;
    enum vlt_status st = guard_now(turn, &at->now);

    at->sure = turn->sure;
    memcpy(at->grant, asked->grant, sizeof at->grant);
    return st == VLT_OK ? guard_txn(turn, txn) : st;
}

static const char *
text_of(struct vlt_buf *why)
{
    const char *text = why->len > 0 ? vlt_buf_text(why) : NULL;

    return text != NULL ? text : "It cannot be so.";
}

/* ---- narrow ---- */

struct narrow_call {
    struct grant_asked asked; /* first */
    struct narrow_asked narrow;
};

enum vlt_status
narrow_check(struct call *call, struct vlt_walk *params)
{
    struct narrow_call *state = call_state(call, sizeof *state);

    if (state == NULL) {
        return VLT_E_NOMEM;
    }
    vlt_walk_ulid(params, "grant", state->asked.grant);
    narrow_read(params, &state->narrow);
    if (!state->narrow.there && !vlt_walk_failed(params)) {
        vlt_walk_fault(params, "narrow", "must say what is narrower");
    }
    return VLT_OK;
}

static void
put_narrowed(struct call *call, const struct grant *grant)
{
    struct vlt_json_out json = call_result(call);

    vlt_put_ulid(&json, "grant", grant->id);
    vlt_put_text(&json, "state", consent_state_word(grant->state));
    vlt_put_uint(&json, "terms", grant->terms_version);
    vlt_put_time(&json, "exp", grant->exp);
    vlt_put_end(&json);
}

enum vlt_status
narrow_commit(struct call *call, struct turn *turn)
{
    const struct narrow_call *state = call->state;
    struct consent_world world = guard_world(turn);
    struct consent_narrowing narrowing = { .narrow = &state->narrow.narrow,
                                           .world = &world };
    struct consent_changes changes = { .count = 0 };
    const struct grant *grant = NULL;
    struct store_txn *txn;
    struct vlt_buf why;
    enum vlt_status st = begin(call, turn, &txn, &narrowing.at);

    if (st != VLT_OK) {
        return st;
    }
    vlt_buf_init(&why, CALL_MESSAGE - 1);
    st =
        consent_narrow(turn->service->consent, txn, &narrowing, &why, &changes);
    st = finish(call, turn, st, text_of(&why), &changes);
    vlt_buf_free(&why);
    if (st == VLT_OK) {
        st = grant_ask(call, true, state->asked.grant, &grant);
    }
    if (st == VLT_OK) {
        put_narrowed(call, grant);
    }
    grant_release(grant);
    return st;
}

/* ---- renew ---- */

static void
put_renewed(struct call *call, const struct grant *grant)
{
    struct vlt_json_out json = call_result(call);

    vlt_put_ulid(&json, "grant", grant->id);
    vlt_put_ulid(&json, "renews", grant->prev);
    vlt_put_text(&json, "state", consent_state_word(grant->state));
    vlt_put_time(&json, "nbf", grant->nbf);
    vlt_put_time(&json, "exp", grant->exp);
    vlt_put_end(&json);
}

/* The successor, which changed last: held; NULL: there is none. */
static const struct grant *
successor(const struct consent_changes *changes)
{
    return changes->count > 0
               ? grant_hold(changes->at[changes->count - 1].grant)
               : NULL;
}

static enum vlt_status
renew(struct call *call, struct turn *turn, struct consent_firm *facts)
{
    struct consent_renewal renewal = { .firm = facts };
    struct consent_changes changes = { .count = 0 };
    const struct grant *grant;
    struct store_txn *txn;
    struct vlt_buf why;
    enum vlt_status st = begin(call, turn, &txn, &renewal.at);

    if (st != VLT_OK) {
        return st;
    }
    vlt_buf_init(&why, CALL_MESSAGE - 1);
    st = consent_renew(turn->service->consent, txn, &renewal, &why, &changes);
    grant = successor(&changes);
    st = finish(call, turn, st, text_of(&why), &changes);
    vlt_buf_free(&why);
    if (st == VLT_OK && grant != NULL) {
        put_renewed(call, grant);
    }
    grant_release(grant);
    return st;
}

enum vlt_status
renew_commit(struct call *call, struct turn *turn)
{
    const struct grant_asked *asked = call->state;
    const struct grant *grant = NULL;
    const struct firm *firm;
    struct consent_firm facts;
    enum vlt_status st = grant_ask(call, true, asked->grant, &grant);

    if (st != VLT_OK) {
        return st;
    }
    firm = identity_firm_now(turn->service->identity, grant->firm);
    grant_release(grant);
    if (firm == NULL) {
        return VLT_E_STORAGE;
    }
    facts = guard_firm(firm);
    st = renew(call, turn, &facts);
    firm_release(firm);
    return st;
}

/* ---- admit ---- */

struct admit_call {
    struct grant_asked asked; /* first */
    char stream[VLT_NAME_MAX + 1];
};

enum vlt_status
admit_check(struct call *call, struct vlt_walk *params)
{
    struct admit_call *state = call_state(call, sizeof *state);

    if (state == NULL) {
        return VLT_E_NOMEM;
    }
    vlt_walk_ulid(params, "grant", state->asked.grant);
    noun_copy(state->stream, sizeof state->stream,
              vlt_walk_text(params, "stream", 1, VLT_NAME_MAX));
    return VLT_OK;
}

/* What is admitted in vain is refused, with what stands against it. */
static enum vlt_status
check_kept(struct call *call, struct turn *turn, const struct stream *stream)
{
    const struct grant_asked *asked = call->state;
    const struct grant *grant = NULL;
    char rule[POLICY_NAME];
    bool kept = false;
    enum vlt_status st = grant_ask(call, true, asked->grant, &grant);

    if (st == VLT_OK) {
        st = policy_keeps(turn, grant, stream, rule, &kept);
    }
    grant_release(grant);
    if (st != VLT_OK || !kept) {
        return st;
    }
    if (rule[0] == '\0') {
        return call_refuse(call, VLT_E_CONFLICT,
                           "No rule that permits this grant binds that "
                           "stream.");
    }
    return call_refuse(call, VLT_E_CONFLICT,
                       "The rule '%s' keeps that stream from this grant.",
                       rule);
}

enum vlt_status
admit_commit(struct call *call, struct turn *turn)
{
    const struct admit_call *state = call->state;
    const struct stream *stream = series_now_by_name(
        turn->service->series, vlt_slice_text(state->stream));
    struct consent_changes changes = { .count = 0 };
    struct consent_at at;
    struct store_txn *txn;
    enum vlt_status st = begin(call, turn, &txn, &at);

    if (st == VLT_OK && stream == NULL) {
        st = call_not_found(call, "stream", "stream", state->stream);
    } else if (st == VLT_OK) {
        st = check_kept(call, turn, stream);
    }
    if (st == VLT_OK) {
        st = consent_admit(turn->service->consent, txn, &at, stream->id,
                           &changes);
        st = finish(call, turn, st,
                    "That stream does not wait for this grant, or the grant "
                    "has ended; grant show tells which wait.",
                    &changes);
    }
    stream_release(stream);
    if (st == VLT_OK) {
        struct vlt_json_out json = call_result(call);

        vlt_put_ulid(&json, "grant", state->asked.grant);
        vlt_put_text(&json, "stream", state->stream);
        vlt_put_end(&json);
    }
    return st;
}

/* ---- invalidate ---- */

enum vlt_status
invalidate_commit(struct call *call, struct turn *turn)
{
    struct consent_changes changes = { .count = 0 };
    struct consent_at at;
    struct store_txn *txn;
    enum vlt_status st = begin(call, turn, &txn, &at);

    if (st != VLT_OK) {
        return st;
    }
    st = consent_end(turn->service->consent, txn, at.grant, CONSENT_INVALID,
                     at.now, &changes);
    st = finish(call, turn, st, "That grant has ended already.", &changes);
    if (st == VLT_OK) {
        struct vlt_json_out json = call_result(call);

        vlt_put_ulid(&json, "grant", at.grant);
        vlt_put_text(&json, "state", consent_state_word(CONSENT_INVALID));
        vlt_put_time(&json, "ended_at", at.now);
        vlt_put_end(&json);
    }
    return st;
}
