/*
 * policy_uses: what the rules of now say to each use of a grant that is in
 * force.
 */
#include <stdlib.h>

#include "service/policy_internal.h"
#include "json/json_write.h"

/* By its own terms, or by a permit of now. */
static bool
asks_each_use(const struct grant *grant, const struct policy_decision *decision)
{
    bool asks = grant->duties.ask_each;

    for (size_t i = 0; i < decision->atom_count; i++) {
        asks = asks || decision->atoms[i].duties.ask_each;
    }
    return asks;
}

/* What of it gives nothing, though the rules let it. */
static void
put_nothing(struct vlt_buf *out, const struct policy_uses *uses,
            const struct policy_text_nothing *nothing)
{
    const struct terms *terms = &uses->grant->terms;
    bool rests =
        noun_grant_state(uses->service, uses->grant, true) == CONSENT_SUSPENDED;

    for (size_t i = 0; i < terms->item_count; i++) {
        const struct terms_item *item = &terms->items[i];

        if (nothing->why[item->n].len > 0) {
            vlt_buf_printf(out, "  %s gives nothing of %s: ",
                           rests ? "but even then it" : "but it",
                           vocab_category(item->data)->id);
            vlt_buf_put_slice(out, nothing->why[item->n]);
            vlt_buf_put_text(out, "\n");
        }
    }
}

bool
policy_by_rule_then(const struct grant *grant)
{
    return grant->by_rule && (grant->state != CONSENT_SUSPENDED ||
                              grant->state_by != CONSENT_BY_VAULT);
}

enum vlt_status
policy_say_uses(const struct policy_uses *uses, struct vlt_buf *before,
                struct vlt_buf *out)
{
    const struct grant *grant = uses->grant;
    const struct consent_set *set = consent_set_hold(uses->service->consent);
    struct policy_decision *decision = malloc(sizeof *decision);
    struct policy_nothing nothing = { .words = { 0 } };
    struct policy_firm who = policy_firm_of(uses->firm);
    struct policy_grant what = grant_as_asked(grant);
    struct policy_asking asking = { &who, &grant->terms,
                                    service_effective(uses->service),
                                    uses->firm->name };
    enum vlt_status st = decision == NULL ? VLT_E_NOMEM
                         : set == NULL    ? VLT_E_LOCKED
                                          : VLT_OK;

    if (st == VLT_OK) {
        struct policy_giving giving = { uses->service, set->set, &who, grant };

        (void)policy_decide_use(set->set, &who, &what, asking.now, decision);
        st = policy_find_nothing(&giving, decision, &nothing);
    }
    if (st == VLT_OK) {
        put_nothing(before, uses, &nothing.text);
        vlt_buf_printf(out, "%s:\n", vocab_purpose(grant->terms.purpose)->id);
        if (asks_each_use(grant, decision)) {
            vlt_buf_put_text(out, "  each use waits for your yes (ask_each)\n");
        }
        policy_text_use(out, set->set, &asking, policy_by_rule_then(grant),
                        decision, &nothing.text);
        uses->take(uses->ctx, set->set, decision, &nothing.text);
    }
    policy_nothing_free(&nothing);
    free(decision);
    consent_set_release(set);
    return st;
}

/* ---- what was approved ---- */

static void
put_items(struct vlt_json_out *json, const struct grant *grant,
          const struct policy_text_nothing *nothing)
{
    for (size_t i = 0; i < grant->terms.item_count; i++) {
        const struct terms_item *item = &grant->terms.items[i];

        if (nothing->why[item->n].len > 0) {
            vlt_put_object(json, NULL);
            vlt_put_ulid(json, "grant", grant->id);
            vlt_put_text(json, "purpose",
                         vocab_purpose(grant->terms.purpose)->id);
            vlt_put_int(json, "n", item->n);
            vlt_put_text(json, "data", vocab_category(item->data)->id);
            vlt_put_slice(json, "why", nothing->why[item->n]);
            vlt_put_end(json);
        }
    }
}

enum vlt_status
policy_put_nothing(struct turn *turn, const struct grant *grant,
                   struct vlt_json_out *json)
{
    const struct firm *firm =
        identity_firm_now(turn->service->identity, grant->firm);
    struct policy_decision *decision = malloc(sizeof *decision);
    struct policy_nothing nothing = { .words = { 0 } };
    enum vlt_status st = decision == NULL ? VLT_E_NOMEM : VLT_OK;

    if (firm != NULL && st == VLT_OK) {
        struct policy_firm who = policy_firm_of(firm);
        struct policy_giving giving = {
            turn->service, consent_set_now(turn->service->consent)->set, &who,
            grant
        };
        struct policy_grant what = grant_as_asked(grant);

        (void)policy_decide_use(giving.set, &who, &what, turn->now, decision);
        st = policy_find_nothing(&giving, decision, &nothing);
        put_items(json, grant, &nothing.text);
    }
    policy_nothing_free(&nothing);
    free(decision);
    firm_release(firm);
    return st;
}
