/*
 * Does one set permit what another does not?  (LANGUAGE.md, 4)
 *
 * Each permit is a box with greatest corners: the requests that ask exactly its
 * caps.  A set permits no more than another exactly if it permits no corner
 * that the other does not; corners are tried for each firm that either set
 * names and one that none does, each purpose and each category.
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "service/policy_internal.h"
#include "text/policy_text.h"

enum {
    TRIES = 100000, /* decisions at most, in one comparison */
    FIRMS = 2048,   /* that both sets name */
    SAYS = 256,
    SPAN_S = 10 * 365 * 86400, /* corners before a rule's `until` */
};

struct comparing {
    const struct policy_set *from, *to;
    int64_t now;
    policy_widen_fn *fn;
    void *ctx;
    size_t firms;
    uint8_t (*firm)[POLICY_FIRM_LEN]; /* owned; the last is nobody's */
    struct policy_decision *decision; /* owned */
    size_t tries;
};

static bool
knows(const struct comparing *comparing, const uint8_t id[POLICY_FIRM_LEN])
{
    for (size_t i = 0; i < comparing->firms; i++) {
        if (memcmp(comparing->firm[i], id, POLICY_FIRM_LEN) == 0) {
            return true;
        }
    }
    return false;
}

static void
take_firms(struct comparing *comparing, const struct policy_set *set)
{
    for (size_t i = 0; i < policy_rule_count(set); i++) {
        const struct policy_rule *rule = policy_rule_at(set, i);

        for (size_t j = 0; j < rule->firm_count; j++) {
            if (comparing->firms + 1 < FIRMS &&
                !knows(comparing, rule->firms[j])) {
                memcpy(comparing->firm[comparing->firms++], rule->firms[j],
                       POLICY_FIRM_LEN);
            }
        }
    }
}

/* ---- one corner ---- */

/* The request that asks exactly the caps; false: none can ask so. */
static bool
corner(const struct comparing *comparing, const struct terms_limits *caps,
       int purpose, int data, struct terms *out)
{
    int64_t left = vlt_floor_div(caps->at[TERMS_UNTIL], VLT_SECOND) -
                   vlt_floor_div(comparing->now, VLT_SECOND);
    struct terms_common *common = &out->common;
    struct terms_item *item = &out->items[0];

    *out = (struct terms){ .purpose = purpose,
                           .basis = VOCAB_BY_CONSENT,
                           .item_count = 1 };
    common->action = VOCAB_READ;
    common->rate.n = caps->at[TERMS_RATE];
    common->rate.per_s = caps->per_s;
    common->uses = caps->at[TERMS_USES];
    common->life_s = caps->at[TERMS_LIFE];
    if (caps->at[TERMS_UNTIL] != INT64_MAX && left < common->life_s) {
        common->life_s = left;
    }
    common->keep_s = caps->at[TERMS_KEEP];
    common->profiling = caps->at[TERMS_PROFILING];
    common->automated = caps->at[TERMS_AUTOMATED] != 0;
    common->training = caps->at[TERMS_TRAINING] != 0;
    common->gatekeeper = caps->at[TERMS_GATEKEEPER] != 0;
    for (int i = 0; i < VOCAB_PLACES * 64 && common->where_count < TERMS_WHERE;
         i++) {
        if ((caps->where.bits[i / 64] >> (i % 64) & 1) != 0) {
            common->where[common->where_count++] = i;
        }
    }
    item->n = 1;
    item->data = data;
    item->raw = caps->at[TERMS_DETAIL] == 0;
    item->stats = item->raw ? 0 : caps->stats;
    item->bucket_s = caps->at[TERMS_DETAIL];
    item->round.nano = caps->at[TERMS_ROUND];
    item->round.length = caps->length;
    item->window_s = caps->at[TERMS_WINDOW];
    item->delay_s = caps->at[TERMS_DELAY];
    return common->life_s > 0;
}

static void
tell(struct comparing *comparing, const struct policy_rule *rule, size_t firm,
     const struct terms *terms)
{
    char says[SAYS];
    char id[POLICY_FIRM_TEXT];
    struct vlt_buf text;

    vlt_buf_init(&text, SAYS - 1);
    vlt_buf_printf(&text, "%.63s: %s gets %s for %s", rule->name,
                   firm + 1 == comparing->firms
                       ? "any other firm"
                       : policy_firm_print(comparing->firm[firm], id),
                   vocab_category(terms->items[0].data)->id,
                   vocab_purpose(terms->purpose)->id);
    noun_copy(says, sizeof says, vlt_buf_slice(&text));
    vlt_buf_free(&text);
    comparing->fn(comparing->ctx, says);
}

static enum vlt_status
try_corner(struct comparing *comparing, const struct policy_rule *rule,
           size_t firm, int purpose, int data)
{
    struct policy_firm who = { .confirmed = true };
    struct terms_limits caps;
    struct terms terms;

    if (++comparing->tries > TRIES) {
        return VLT_E_LIMIT;
    }
    memcpy(who.id, comparing->firm[firm], sizeof who.id);
    policy_rule_caps(rule, purpose, data, &caps);
    if (corner(comparing, &caps, purpose, data, &terms) &&
        policy_decide(comparing->to, &who, &terms, comparing->now,
                      comparing->decision) == POLICY_PERMIT &&
        policy_decide(comparing->from, &who, &terms, comparing->now,
                      comparing->decision) != POLICY_PERMIT) {
        tell(comparing, rule, firm, &terms);
    }
    return VLT_OK;
}

/* ---- all of them ---- */

static bool
names_firm(const struct policy_rule *rule, const uint8_t id[POLICY_FIRM_LEN])
{
    for (size_t i = 0; i < rule->firm_count; i++) {
        if (memcmp(rule->firms[i], id, POLICY_FIRM_LEN) == 0) {
            return true;
        }
    }
    return rule->firm_count == 0;
}

static bool
covers(bool has, struct vocab_mask mask, const struct vocab_node *node)
{
    return (node->flags & VOCAB_GROUP) == 0 &&
           (!has || vocab_mask_meets(node->within, mask));
}

static enum vlt_status
try_firm(struct comparing *comparing, const struct policy_rule *rule,
         size_t firm)
{
    enum vlt_status st = VLT_OK;

    for (int p = 0; p < vocab_purposes(); p++) {
        if (!covers(rule->has_purposes, rule->purposes, vocab_purpose(p))) {
            continue;
        }
        for (int c = 0; st == VLT_OK && c < vocab_categories(); c++) {
            if (covers(rule->has_data, rule->data, vocab_category(c))) {
                st = try_corner(comparing, rule, firm, p, c);
            }
        }
    }
    return st;
}

static enum vlt_status
try_all(struct comparing *comparing)
{
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; i < policy_rule_count(comparing->to); i++) {
        const struct policy_rule *rule = policy_rule_at(comparing->to, i);

        if (rule->effect != POLICY_EFFECT_PERMIT) {
            continue;
        }
        for (size_t f = 0; st == VLT_OK && f < comparing->firms; f++) {
            if (names_firm(rule, comparing->firm[f])) {
                st = try_firm(comparing, rule, f);
            }
        }
    }
    return st;
}

enum vlt_status
policy_widens(const struct policy_set *from, const struct policy_set *to,
              int64_t now, policy_widen_fn *fn, void *ctx)
{
    struct comparing comparing = {
        .from = from, .to = to, .now = now, .fn = fn, .ctx = ctx
    };
    enum vlt_status st = VLT_E_NOMEM;

    comparing.firm = calloc(FIRMS, sizeof *comparing.firm);
    comparing.decision = malloc(sizeof *comparing.decision);
    if (comparing.firm != NULL && comparing.decision != NULL) {
        take_firms(&comparing, from);
        take_firms(&comparing, to);
        comparing.firms++; /* zeros: a firm that no rule names */
        st = comparing.firms < FIRMS ? try_all(&comparing) : VLT_E_LIMIT;
    }
    free(comparing.firm);
    free(comparing.decision);
    return st;
}
