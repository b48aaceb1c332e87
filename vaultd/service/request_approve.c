/*
 * request.approve: what the owner picks, and how much narrower.
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "service/narrow_read.h"
#include "service/policy_internal.h"
#include "service/request_internal.h"
#include "wire/limits.h"
#include "json/json_write.h"

struct approve {
    uint8_t request[VLT_ID_LEN];
    struct request_picks picks;
    struct narrow_asked narrow;
    struct consent_pick pick;
    struct consent_firm facts;
    int missing; /* a purpose that is not its; VOCAB_NONE: none */
    bool granted[TERMS_PURPOSES]; /* a part that was a grant before */
};

/* ---- reading ---- */

enum vlt_status
approve_check(struct call *call, struct vlt_walk *params)
{
    struct approve *approve = call_state(call, sizeof *approve);

    if (approve == NULL) {
        return VLT_E_NOMEM;
    }
    vlt_walk_ulid(params, "request", approve->request);
    request_read_picks(params, &approve->picks);
    narrow_read(params, &approve->narrow);
    /* The strict setting is not there yet; what it would take is accepted. */
    (void)vlt_walk_text_or(params, "passphrase", 1, VLT_LIMIT_PASSPHRASE,
                           vlt_slice_text(""));
    return VLT_OK;
}

/* ---- in the turn ---- */

/* What was named, by part; and whose the request is. */
static bool
resolve(void *ctx, const struct consent_request *request)
{
    struct approve *approve = ctx;

    approve->missing =
        request_resolve_picks(&approve->picks, request, &approve->pick);
    memcpy(approve->facts.id, request->firm, sizeof approve->facts.id);
    for (size_t i = 0; i < request->parts; i++) {
        approve->granted[i] = request->part[i].state >= CONSENT_ACTIVE;
    }
    return false;
}

/* What is told of what was approved. */
struct telling {
    const struct approve *approve;
    struct vlt_json_out *json;
    struct turn *turn;
    enum vlt_status st;
};

/* The items that were approved now and give nothing as things stand. */
static void
put_nothing(struct telling *telling, const struct consent_request *request)
{
    vlt_put_list(telling->json, "nothing");
    for (size_t i = 0; telling->st == VLT_OK && i < request->parts; i++) {
        const struct grant *grant =
            telling->approve->granted[i]
                ? NULL
                : consent_grant_now(telling->turn->service->consent,
                                    request->part[i].grant);

        if (grant != NULL && !grant_over(grant)) {
            telling->st =
                policy_put_nothing(telling->turn, grant, telling->json);
        }
        grant_release(grant);
    }
    vlt_put_end(telling->json);
}

static bool
put_granted(void *ctx, const struct consent_request *request)
{
    struct telling *telling = ctx;
    struct vlt_json_out *json = telling->json;
    bool first = true;

    vlt_put_ulid(json, "request", request->id);
    for (size_t i = 0; first && i < request->parts; i++) {
        if (request->part[i].state >= CONSENT_ACTIVE) {
            vlt_put_ulid(json, "grant", request->part[i].grant);
            vlt_put_text(json, "state",
                         consent_state_word(request->part[i].state));
            first = false;
        }
    }
    vlt_put_list(json, "grants");
    for (size_t i = 0; i < request->parts; i++) {
        if (request->part[i].state >= CONSENT_ACTIVE) {
            vlt_put_object(json, NULL);
            vlt_put_text(json, "purpose",
                         vocab_purpose(request->part[i].purpose)->id);
            vlt_put_ulid(json, "grant", request->part[i].grant);
            vlt_put_end(json);
        }
    }
    vlt_put_end(json);
    put_nothing(telling, request);
    return false;
}

enum vlt_status
request_refuse_answer(struct call *call, enum vlt_status st, bool narrows,
                      struct vlt_buf *why)
{
    const char *says = why->len > 0 ? vlt_buf_text(why) : NULL;

    if (st == VLT_E_CONFLICT) {
        noun_copy(call->fault.detail, sizeof call->fault.detail,
                  vlt_buf_slice(why));
        return call_refuse(call, st, "%s",
                           says != NULL ? says
                                        : "The request cannot be approved.");
    }
    if (st == VLT_E_LIMIT || st == VLT_E_FORMAT) {
        bool narrow = st == VLT_E_FORMAT && narrows;

        return call_refuse_at(call, narrow ? "narrow" : "only", "%s",
                              says != NULL ? says : "It cannot be so.");
    }
    return st;
}

static enum vlt_status
approve_it(struct call *call, struct turn *turn)
{
    struct approve *approve = call->state;
    struct consent_world world = guard_world(turn);
    struct consent_approval approval = {
        .pick = approve->pick,
        .narrow = approve->narrow.there ? &approve->narrow.narrow : NULL,
        .firm = &approve->facts,
        .world = &world,
        .now = turn->now,
    };
    struct consent_changes changes = { .count = 0 };
    struct store_txn *txn;
    struct vlt_buf why;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st != VLT_OK) {
        return st;
    }
    vlt_buf_init(&why, CALL_DETAIL);
    memcpy(approval.request, approve->request, sizeof approval.request);
    st =
        consent_approve(call->service->consent, txn, &approval, &why, &changes);
    if (st == VLT_OK) {
        st = guard_carry(turn, &changes, &call->after);
    } else {
        st = request_refuse_answer(call, st, approve->narrow.there, &why);
    }
    consent_changes_free(&changes);
    vlt_buf_free(&why);
    return st;
}

static enum vlt_status
tell_granted(struct call *call, struct turn *turn)
{
    struct approve *approve = call->state;
    struct vlt_json_out json = call_result(call);
    struct telling telling = { approve, &json, turn, VLT_OK };
    enum vlt_status st = consent_request_now(
        call->service->consent, approve->request, put_granted, &telling);

    vlt_put_end(&json);
    return st == VLT_OK ? telling.st : st;
}

/* A use is allowed as it was asked for, or not at all. */
static enum vlt_status
allow_use(struct call *call, struct turn *turn)
{
    const struct approve *approve = call->state;
    const char *at = approve->narrow.there      ? "narrow"
                     : approve->picks.all       ? "all"
                     : approve->picks.count > 0 ? "only"
                                                : NULL;

    if (at != NULL && request_is_use(call->service, approve->request)) {
        return call_refuse_at(call, at,
                              "It is a use of a grant, which is allowed as it "
                              "was asked for, or denied.");
    }
    return request_answer_use(call, turn, approve->request, true);
}

enum vlt_status
approve_commit(struct call *call, struct turn *turn)
{
    struct approve *approve = call->state;
    struct service *service = call->service;
    const struct firm *firm;
    char text[VLT_ULID_TEXT];
    int64_t now;
    enum vlt_status st = guard_now(turn, &now);

    if (st != VLT_OK) {
        return st;
    }
    if (consent_request_now(service->consent, approve->request, resolve,
                            approve) != VLT_OK) {
        st = allow_use(call, turn);
        if (st != VLT_E_NOT_FOUND) {
            return st;
        }
        return call_not_found(call, "request", "request",
                              vlt_ulid_print(approve->request, text));
    }
    if (approve->missing != VOCAB_NONE) {
        return call_refuse_at(call, "only", "The request has no purpose '%s'.",
                              vocab_purpose(approve->missing)->id);
    }
    firm = identity_firm_now(service->identity, approve->facts.id);
    if (firm == NULL) {
        return VLT_E_STORAGE;
    }
    approve->facts = guard_firm(firm);
    st = approve_it(call, turn);
    firm_release(firm);
    return st == VLT_OK ? tell_granted(call, turn) : st;
}
