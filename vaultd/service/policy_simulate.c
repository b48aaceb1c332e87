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
};

/* Two sets, held against what came and what is there. */
struct trying {
    struct call *call;
    int64_t days;
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
    free(simulate);
}

/* ---- requests ---- */

static void
put_change(struct trying *trying, const struct consent_request *request,
           const struct firm *firm, int purpose,
           const enum policy_outcome outcome[2])
{
    struct vlt_json_out *json = &trying->json;

    trying->changed++;
    if (trying->told == VLT_LIMIT_LIST || json->buf->len > NOUN_ROOM / 2) {
        return; /* counted all the same */
    }
    trying->told++;
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
try_parts(struct trying *trying, const struct consent_request *request,
          const struct firm *firm)
{
    struct policy_firm who = policy_firm_of(firm);

    for (size_t i = 0; i < request->parts; i++) {
        enum policy_outcome outcome[2];
        struct terms part;

        terms_part(request->terms, i, &part);
        outcome[0] = policy_decide(trying->before, &who, &part,
                                   request->received, trying->decision);
        outcome[1] = policy_decide(trying->after, &who, &part,
                                   request->received, trying->decision);
        if (outcome[0] != outcome[1]) {
            put_change(trying, request, firm, part.purpose, outcome);
        }
    }
}

static bool
try_request(void *ctx, const struct consent_request *request)
{
    struct trying *trying = ctx;
    const struct firm *firm;

    if (request->received < trying->now - trying->days * VLT_DAY) {
        return false; /* newest first: the rest is older */
    }
    firm = identity_firm_by_id(trying->call->service->identity, request->firm);
    if (firm != NULL) {
        trying->requests++;
        try_parts(trying, request, firm);
    }
    firm_release(firm);
    return true;
}

/* ---- grants ---- */

static bool
try_grant(void *ctx, const struct grant *grant)
{
    struct trying *trying = ctx;
    struct policy_grant what = grant_as_asked(grant);
    const struct firm *firm =
        identity_firm_by_id(trying->call->service->identity, grant->firm);
    struct policy_firm who;
    enum policy_use use = POLICY_USE_YES;

    if (!grant_over(grant) && trying->now < grant->exp && firm != NULL) {
        who = policy_firm_of(firm);
        trying->grants++;
        use = policy_decide_use(trying->after, &who, &what, trying->now,
                                trying->decision);
    }
    firm_release(firm);
    if (use == POLICY_USE_NO) {
        trying->failed |= !noun_take_end(&trying->ended, grant);
    } else if (use == POLICY_USE_ASK && grant_shown_active(grant)) {
        trying->failed |= !noun_take_end(&trying->asked, grant);
    }
    return !trying->failed;
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
try_all(struct trying *trying)
{
    struct consent *consent = trying->call->service->consent;
    struct vlt_json_out *json = &trying->json;

    vlt_put_list(json, "changes");
    consent_requests(consent, try_request, trying);
    vlt_put_end(json);
    consent_grants(consent, try_grant, trying);
    put_ids(json, "ended", &trying->ended);
    put_ids(json, "asked", &trying->asked);
    vlt_put_uint(json, "changed", trying->changed);
    vlt_put_uint(json, "requests", trying->requests);
    vlt_put_uint(json, "grants", trying->grants);
    return trying->failed ? VLT_E_NOMEM : VLT_OK;
}

enum vlt_status
policy_put_otherwise(struct call *call, const struct policy_two *two,
                     int64_t days, struct vlt_json_out *json)
{
    struct trying trying = { .call = call,
                             .days = days,
                             .before = two->before,
                             .after = two->after,
                             .now = service_effective(call->service),
                             .json = *json };
    enum vlt_status st = VLT_E_NOMEM;

    trying.decision = malloc(sizeof *trying.decision);
    if (trying.decision != NULL) {
        st = try_all(&trying);
    }
    *json = trying.json;
    noun_ends_free(&trying.ended);
    noun_ends_free(&trying.asked);
    free(trying.decision);
    return st;
}

static enum vlt_status
run(struct call *call, const struct consent_set *held)
{
    const struct simulate *simulate = call->state;
    struct policy_two two = { held->set,
                              consent_policy_set(simulate->read.policy) };
    struct vlt_json_out json = call_result(call);
    enum vlt_status st =
        policy_put_otherwise(call, &two, simulate->days, &json);

    vlt_put_end(&json);
    return st == VLT_OK ? vlt_buf_status(&call->result) : st;
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
