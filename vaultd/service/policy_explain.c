/*
 * policy.explain: what the set in force says to a request, or to that of a
 * grant, and why.
 */
#include <stdlib.h>
#include <string.h>

#include "service/policy_internal.h"
#include "json/json_write.h"

enum {
    NAMES = POLICY_RULES + POLICY_BUILTINS,
};

struct explain {
    struct service *service;
    uint8_t request[VLT_ID_LEN];
    uint8_t grant[VLT_ID_LEN];
    bool of_grant;
    int purpose;                 /* of the grant; VOCAB_NONE: all */
    uint8_t firm[VLT_ID_LEN];    /* principal */
    enum policy_outcome outcome; /* the worst of its parts */
    bool by_default;
    bool said[NAMES];
    struct vlt_buf rules, failed, atoms; /* JSON lists */
    struct vlt_buf text;                 /* for people: what became of it */
    struct vlt_buf today;                /* and what the rules of now say */
    const struct grant *held;            /* of the grant; held */
    bool in_force;                       /* it is, so its uses are decided */
    bool waits;                          /* a part of the request does */
    bool rests;                          /* it is suspended */
    bool given;                          /* a part is, and in force */
    size_t parts;
    struct policy_then then[TERMS_PURPOSES];
    bool incompared; /* for want of memory */
    struct vlt_json_out rule, fail, atom;
};

enum vlt_status
policy_explain_check(struct call *call, struct vlt_walk *params)
{
    struct explain *explain = call_state(call, sizeof *explain);
    bool of_request;

    if (explain == NULL) {
        return VLT_E_NOMEM;
    }
    explain->service = call->service;
    explain->purpose = VOCAB_NONE;
    of_request = noun_ulid(params, "request", explain->request);
    explain->of_grant = noun_ulid(params, "grant", explain->grant);
    /* What was decided once is not kept whole: it is decided again. */
    (void)vlt_walk_bool_or(params, "now", true);
    if (of_request == explain->of_grant) {
        vlt_walk_fault(params, "request",
                       "or grant must be there, and one of them alone");
    }
    return VLT_OK;
}

/* ---- one decision ---- */

static void
put_atom(struct explain *explain, const struct policy_set *set,
         const struct policy_atom *atom, struct vlt_slice nothing)
{
    struct vlt_json_out *json = &explain->atom;

    vlt_put_object(json, NULL);
    vlt_put_text(json, "purpose", vocab_purpose(atom->purpose)->id);
    if (atom->n > 0) {
        vlt_put_int(json, "n", atom->n);
    } else {
        vlt_put_null(json, "n");
    }
    vlt_put_text(json, "outcome", policy_outcome_word(atom->outcome));
    vlt_put_list(json, "rules");
    for (size_t i = 0; i < atom->rule_count; i++) {
        const struct policy_rule *rule = policy_rule_at(set, atom->rules[i]);

        vlt_put_text(json, NULL, rule->name);
        if (!explain->said[atom->rules[i]]) {
            explain->said[atom->rules[i]] = true;
            policy_put_place(&explain->rule, rule);
        }
    }
    if (atom->by_default) {
        vlt_put_text(json, NULL, "default");
    }
    vlt_put_end(json);
    vlt_put_list(json, "failed_caps");
    policy_put_failed(json, set, atom);
    vlt_put_end(json);
    if (nothing.len > 0) {
        vlt_put_slice(json, "nothing", nothing);
    } else {
        vlt_put_null(json, "nothing");
    }
    vlt_put_end(json);
    policy_put_failed(&explain->fail, set, atom);
    if (atom->by_default && !explain->by_default) {
        explain->by_default = true;
        policy_put_default(&explain->rule, &policy_settings(set)->default_at);
    }
}

/* Of the request, what was said of the part then; NULL: it is of a grant, or
 * another purpose. */
static struct policy_then *
then_of(struct explain *explain, int purpose)
{
    for (size_t i = 0; !explain->of_grant && i < explain->parts; i++) {
        if (explain->then[i].purpose == purpose) {
            return &explain->then[i];
        }
    }
    return NULL;
}

static void
take_decision(struct explain *explain, const struct policy_set *set,
              const struct policy_decision *decision,
              const struct policy_text_nothing *nothing)
{
    if (decision->outcome > explain->outcome) {
        explain->outcome = decision->outcome;
    }
    for (size_t i = 0; !decision->no_policy && i < decision->atom_count; i++) {
        const struct policy_atom *atom = &decision->atoms[i];

        put_atom(explain, set, atom, nothing->why[atom->n]);
    }
}

static void
take_part(void *ctx, const struct policy_set *set,
          const struct policy_asking *asking,
          const struct policy_decision *decision)
{
    struct explain *explain = ctx;
    int purpose = asking->part->purpose;
    struct policy_giving giving = { explain->service, set, asking->firm, NULL };
    struct policy_nothing nothing;

    if (explain->purpose != VOCAB_NONE && explain->purpose != purpose) {
        return;
    }
    if (policy_find_nothing(&giving, decision, &nothing) != VLT_OK) {
        explain->incompared = true;
    }
    if (policy_put_then(&explain->today, then_of(explain, purpose), set,
                        purpose, decision) != VLT_OK) {
        explain->incompared = true;
    }
    vlt_buf_printf(&explain->today, "%s: ", vocab_purpose(purpose)->id);
    policy_text_explain(&explain->today, set, asking, decision, &nothing.text);
    take_decision(explain, set, decision, &nothing.text);
    policy_nothing_free(&nothing);
}

static void
take_uses(void *ctx, const struct policy_set *set,
          const struct policy_decision *decision,
          const struct policy_text_nothing *nothing)
{
    take_decision(ctx, set, decision, nothing);
}

/* ---- the whole ---- */

struct finding {
    struct explain *explain;
    struct service *service;
};

static bool
take_request(void *ctx, const struct consent_request *request)
{
    struct finding *finding = ctx;
    struct explain *explain = finding->explain;

    memcpy(explain->firm, request->firm, sizeof explain->firm);
    for (size_t i = 0; i < request->parts; i++) {
        struct policy_then *then = &explain->then[explain->parts++];

        if (policy_then_take(finding->service, request, i, then) != VLT_OK) {
            explain->incompared = true;
        }
        explain->waits = explain->waits || then->waits;
        explain->given = explain->given || then->given;
    }
    if (!explain->of_grant) {
        policy_say_request(&explain->text, finding->service, request);
    }
    return false;
}

static enum vlt_status
find(struct call *call, struct explain *explain)
{
    struct consent *consent = call->service->consent;
    struct finding finding = { explain, call->service };
    char text[VLT_ULID_TEXT];

    if (explain->of_grant) {
        const struct grant *grant = consent_grant_find(consent, explain->grant);
        enum consent_state state;

        if (grant == NULL) {
            return call_not_found(call, "grant", "grant",
                                  vlt_ulid_print(explain->grant, text));
        }
        memcpy(explain->request, grant->request, VLT_ID_LEN);
        explain->purpose = grant->terms.purpose;
        policy_say_grant(&explain->text, call->service, grant);
        state = noun_grant_state(call->service, grant, true);
        explain->rests = state == CONSENT_SUSPENDED;
        explain->in_force =
            state == CONSENT_ACTIVE || state == CONSENT_SUSPENDED;
        explain->held = grant;
    }
    if (consent_request_find(consent, explain->request, take_request,
                             &finding) != VLT_OK) {
        return call_not_found(call, "request", "request",
                              vlt_ulid_print(explain->request, text));
    }
    return VLT_OK;
}

static void
begin(struct vlt_buf *buf, struct vlt_json_out *json)
{
    vlt_buf_init(buf, 0);
    *json = vlt_json_out(buf);
    vlt_put_list(json, NULL);
}

/* The rules of now, while what it was given is in force. */
static void
take_beside(void *ctx, const struct policy_set *set,
            const struct policy_asking *asking,
            const struct policy_decision *decision)
{
    struct explain *explain = ctx;
    struct policy_then *then = then_of(explain, asking->part->purpose);

    if (then != NULL && !then->waits) {
        then->beside = decision->outcome;
        policy_text_decided(&then->beside_by, set, decision);
        explain->incompared =
            explain->incompared || vlt_buf_failed(&then->beside_by);
    }
}

static enum vlt_status
decide_request(struct call *call, struct explain *explain,
               const struct firm *firm)
{
    struct consent_firm facts = guard_firm(firm);
    struct consent_anew anew = { .request = explain->request,
                                 .firm = &facts,
                                 .now = service_effective(call->service),
                                 .own = true };
    enum vlt_status st = explain->given && !explain->of_grant
                             ? consent_explain(call->service->consent, &anew,
                                               take_beside, explain)
                             : VLT_OK;

    anew.own = false;
    return st == VLT_OK ? consent_explain(call->service->consent, &anew,
                                          take_part, explain)
                        : st;
}

static enum vlt_status
decide(struct call *call, struct explain *explain)
{
    const struct firm *firm =
        identity_firm_by_id(call->service->identity, explain->firm);
    enum vlt_status st;

    if (firm == NULL) {
        return VLT_E_STORAGE;
    }
    explain->outcome = POLICY_PERMIT;
    begin(&explain->rules, &explain->rule);
    begin(&explain->failed, &explain->fail);
    begin(&explain->atoms, &explain->atom);
    if (explain->in_force) {
        struct policy_uses uses = { explain->service, firm, explain->held,
                                    take_uses, explain };

        st = policy_say_uses(&uses, &explain->text, &explain->today);
    } else {
        st = decide_request(call, explain, firm);
    }
    firm_release(firm);
    vlt_put_end(&explain->rule);
    vlt_put_end(&explain->fail);
    vlt_put_end(&explain->atom);
    return st;
}

/* What the rules of now are about, before what they say. */
static void
put_head(struct explain *explain)
{
    if (explain->in_force) {
        vlt_buf_put_text(&explain->text,
                         explain->rests ? "once it is resumed, today's rules "
                                          "say to each use:\n"
                                        : "today's rules say to each use:\n");
    } else if (explain->waits && !explain->of_grant) {
        vlt_buf_put_text(&explain->text,
                         "a change of rules does not answer it, unless one "
                         "denies it; today's rules say:\n");
    } else {
        vlt_buf_put_text(&explain->text, "today's rules say:\n");
    }
}

/* Is all of it there, and not only as much as there was memory for? */
static enum vlt_status
whole(const struct explain *explain)
{
    const struct vlt_buf *part[] = { &explain->rules, &explain->failed,
                                     &explain->atoms, &explain->text,
                                     &explain->today };
    enum vlt_status st = explain->incompared ? VLT_E_NOMEM : VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < sizeof part / sizeof *part; i++) {
        st = vlt_buf_status(part[i]);
    }
    return st;
}

static enum vlt_status
put_answer(struct call *call, struct explain *explain)
{
    struct vlt_json_out json = call_result(call);
    enum vlt_status st = VLT_OK;

    vlt_put_text(&json, "outcome", policy_outcome_word(explain->outcome));
    vlt_put_raw(&json, "rules", vlt_buf_slice(&explain->rules));
    vlt_put_raw(&json, "failed_caps", vlt_buf_slice(&explain->failed));
    vlt_put_raw(&json, "atoms", vlt_buf_slice(&explain->atoms));
    policy_put_lines(&json, vlt_buf_slice(&explain->text));
    if (explain->of_grant) {
        st = policy_put_streams(&json, call->service, explain->held);
    }
    vlt_put_end(&json);
    return st;
}

static void
clear(struct explain *explain)
{
    vlt_buf_free(&explain->rules);
    vlt_buf_free(&explain->failed);
    vlt_buf_free(&explain->atoms);
    vlt_buf_free(&explain->text);
    vlt_buf_free(&explain->today);
    for (size_t i = 0; i < explain->parts; i++) {
        policy_then_free(&explain->then[i]);
    }
    explain->parts = 0;
    grant_release(explain->held);
    explain->held = NULL;
}

enum vlt_status
policy_explain_prepare(struct call *call)
{
    struct explain *explain = call->state;
    enum vlt_status st = find(call, explain);

    if (st == VLT_OK) {
        st = decide(call, explain);
    }
    if (st == VLT_OK) {
        put_head(explain);
        vlt_buf_put_slice(&explain->text, vlt_buf_slice(&explain->today));
        st = whole(explain);
    }
    if (st == VLT_OK) {
        st = put_answer(call, explain);
    }
    clear(explain);
    return st;
}
