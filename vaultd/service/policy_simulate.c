/*
 * policy.simulate: what files would change if they had been in force, for the
 * requests that came and the grants that are there.
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "service/policy_internal.h"
#include "wire/limits.h"
#include "json/json_write.h"

enum { DAYS_MOST = 3660 };

struct simulate {
    struct policy_read read; /* first */
    int64_t days;
    struct call *call;
    const struct policy_set *before, *after; /* borrowed */
    int64_t now;
    struct policy_decision *decision; /* owned, for the time of the call */
    struct vlt_json_out json;
    size_t requests; /* decided */
    size_t grants;
    size_t told;
    size_t changed;
    struct noun_ends ended, asked;
    bool failed; /* no memory */
};

enum vlt_status
policy_simulate_check(struct call *call, struct vlt_walk *params)
{
    struct simulate *simulate = call_state(call, sizeof *simulate);

    if (simulate == NULL) {
        return VLT_E_NOMEM;
    }
    policy_read_files(params, &simulate->read);
    simulate->days = vlt_walk_int_or(params, "days", 1, DAYS_MOST, 365);
    return VLT_OK;
}

void
policy_simulate_clear(void *state)
{
    struct simulate *simulate = state;

    policy_read_free(&simulate->read);
    noun_ends_free(&simulate->ended);
    noun_ends_free(&simulate->asked);
    free(simulate);
}

/* ---- requests ---- */

static void
put_change(struct simulate *simulate, const struct consent_request *request,
           const struct firm *firm, int purpose,
           const enum policy_outcome outcome[2])
{
    struct vlt_json_out *json = &simulate->json;

    simulate->changed++;
    if (simulate->told == VLT_LIMIT_LIST || json->buf->len > NOUN_ROOM / 2) {
        return; /* counted all the same */
    }
    simulate->told++;
    vlt_put_object(json, NULL);
    vlt_put_ulid(json, "request", request->id);
    vlt_put_text(json, "firm", firm->name);
    vlt_put_text(json, "purpose", vocab_purpose(purpose)->id);
    vlt_put_text(json, "before", policy_outcome_word(outcome[0]));
    vlt_put_text(json, "after", policy_outcome_word(outcome[1]));
    vlt_put_end(json);
}

/* Both sets at the time when the request came; the firm as it is now. */
static void
try_parts(struct simulate *simulate, const struct consent_request *request,
          const struct firm *firm)
{
    struct policy_firm who = policy_firm_of(firm);

    for (size_t i = 0; i < request->parts; i++) {
        enum policy_outcome outcome[2];
        struct terms part;

        terms_part(request->terms, i, &part);
        outcome[0] = policy_decide(simulate->before, &who, &part,
                                   request->received, simulate->decision);
        outcome[1] = policy_decide(simulate->after, &who, &part,
                                   request->received, simulate->decision);
        if (outcome[0] != outcome[1]) {
            put_change(simulate, request, firm, part.purpose, outcome);
        }
    }
}

static bool
try_request(void *ctx, const struct consent_request *request)
{
    struct simulate *simulate = ctx;
    const struct firm *firm;

    if (request->received < simulate->now - simulate->days * VLT_DAY) {
        return false; /* newest first: the rest is older */
    }
    firm =
        identity_firm_by_id(simulate->call->service->identity, request->firm);
    if (firm != NULL) {
        simulate->requests++;
        try_parts(simulate, request, firm);
    }
    firm_release(firm);
    return true;
}

/* ---- grants ---- */

static bool
try_grant(void *ctx, const struct grant *grant)
{
    struct simulate *simulate = ctx;
    struct policy_grant what = { .terms = &grant->terms,
                                 .start = grant->nbf,
                                 .end = grant->exp,
                                 .by_rule = grant->by_rule };
    const struct firm *firm =
        identity_firm_by_id(simulate->call->service->identity, grant->firm);
    struct policy_firm who;
    enum policy_use use = POLICY_USE_YES;

    if (!grant_over(grant) && simulate->now < grant->exp && firm != NULL) {
        who = policy_firm_of(firm);
        simulate->grants++;
        use = policy_decide_use(simulate->after, &who, &what, simulate->now,
                                simulate->decision);
    }
    firm_release(firm);
    if (use == POLICY_USE_NO) {
        simulate->failed |= !noun_take_end(&simulate->ended, grant);
    } else if (use == POLICY_USE_ASK && grant->state == CONSENT_ACTIVE) {
        simulate->failed |= !noun_take_end(&simulate->asked, grant);
    }
    return !simulate->failed;
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

/* ---- the whole ---- */

static enum vlt_status
run(struct call *call, const struct consent_set *held)
{
    struct simulate *simulate = call->state;
    struct consent *consent = call->service->consent;

    simulate->call = call;
    simulate->before = held->set;
    simulate->after = consent_policy_set(simulate->read.policy);
    simulate->now = service_effective(call->service);
    simulate->decision = malloc(sizeof *simulate->decision);
    if (simulate->decision == NULL) {
        return VLT_E_NOMEM;
    }
    simulate->json = call_result(call);
    vlt_put_list(&simulate->json, "changes");
    consent_requests(consent, try_request, simulate);
    vlt_put_end(&simulate->json);
    consent_grants(consent, try_grant, simulate);
    put_ids(&simulate->json, "ended", &simulate->ended);
    put_ids(&simulate->json, "asked", &simulate->asked);
    vlt_put_uint(&simulate->json, "changed", simulate->changed);
    vlt_put_uint(&simulate->json, "requests", simulate->requests);
    vlt_put_uint(&simulate->json, "grants", simulate->grants);
    vlt_put_end(&simulate->json);
    free(simulate->decision);
    return simulate->failed ? VLT_E_NOMEM : vlt_buf_status(&call->result);
}

enum vlt_status
policy_simulate_prepare(struct call *call)
{
    struct simulate *simulate = call->state;
    const struct consent_set *held;
    enum vlt_status st = policy_parse(call->service, &simulate->read);

    if (st == VLT_OK && simulate->read.policy == NULL) {
        noun_copy(call->fault.detail, sizeof call->fault.detail,
                  vlt_buf_slice(&simulate->read.lines));
        return call_refuse_at(call, "files", "The files have faults.");
    }
    if (st != VLT_OK) {
        return st;
    }
    held = consent_set_hold(call->service->consent);
    st = held != NULL ? run(call, held) : VLT_E_LOCKED;
    consent_set_release(held);
    return st;
}
