/*
 * Does one set permit what another does not?  (LANGUAGE.md, 4)
 *
 * Each permit is a box with greatest corners: the requests that ask exactly its
 * caps, one for each basis and for the greatest action of those that contain
 * each other.  A set permits no more than another exactly if it permits no
 * corner that the other does not; corners are tried for each firm that either
 * set names and one that none does, each purpose and each category, and
 * `contact`; now, and when a rule of either set begins or ends.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/corner.h"
#include "service/policy_internal.h"
#include "text/policy_text.h"

enum {
    TRIES = 1000000, /* decisions at most, in one comparison */
    FIRMS = 2048,    /* that both sets name */
    SAYS = 256,
};

struct comparing {
    const struct policy_set *from, *to;
    size_t times;
    int64_t *time; /* owned: now, and what is to come of those */
    bool told;     /* of the corner under way */
    policy_widen_fn *fn;
    void *ctx;
    size_t firms;
    uint8_t (*firm)[POLICY_FIRM_LEN]; /* owned; the last is nobody's */
    struct policy_atom *atom;         /* owned */
    struct policy_atom *other;        /* owned: as the first set decides it */
    /* Who stands for `processors`, and those whom a cap names. */
    struct terms_recipient recipient[TERMS_NAMES];
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

/* From now on. */
static void
take_time(struct comparing *comparing, int64_t time)
{
    bool known = time <= comparing->time[0] || time == INT64_MAX;

    for (size_t i = 0; !known && i < comparing->times; i++) {
        known = comparing->time[i] == time;
    }
    if (!known) {
        comparing->time[comparing->times++] = time;
    }
}

static void
take_times(struct comparing *comparing, const struct policy_set *set)
{
    for (size_t i = 0; i < policy_rule_count(set); i++) {
        const struct policy_rule *rule = policy_rule_at(set, i);

        if (rule->effect == POLICY_EFFECT_PERMIT) {
            take_time(comparing, rule->caps.at[TERMS_FROM]);
            take_time(comparing, rule->caps.at[TERMS_UNTIL]);
        }
    }
}

/* ---- one corner ---- */

static void
tell(struct comparing *comparing, const struct policy_rule *rule, size_t firm)
{
    const struct policy_atom *atom = comparing->atom;
    const struct vocab_node *data = vocab_category(atom->data);
    char says[SAYS];
    char id[POLICY_FIRM_TEXT];
    struct vlt_buf text;

    vlt_buf_init(&text, SAYS - 1);
    vlt_buf_printf(&text, "%.63s: %s gets %s for %s", rule->name,
                   firm + 1 == comparing->firms
                       ? "any other firm"
                       : policy_firm_print(comparing->firm[firm], id),
                   data == NULL ? "contact" : data->id,
                   vocab_purpose(atom->purpose)->id);
    noun_copy(says, sizeof says, vlt_buf_slice(&text));
    vlt_buf_free(&text);
    comparing->fn(comparing->ctx, says);
}

/* Does `to` demand less than `from` in anything? */
static bool
demands_less(struct policy_duties to, struct policy_duties from)
{
    struct policy_duties both = policy_duties_both(to, from);

    return both.notify != to.notify || both.ask_each != to.ask_each ||
           both.min_readings != to.min_readings ||
           both.show_names != to.show_names ||
           both.join_new_streams != to.join_new_streams;
}

/* Would the first set not permit what the second does, or not on these terms?
 */
static bool
differs(struct comparing *comparing, const struct policy_firm *who)
{
    policy_decide_atom(comparing->to, who, comparing->atom);
    if (comparing->atom->outcome != POLICY_PERMIT) {
        return false;
    }
    comparing->other->purpose = comparing->atom->purpose;
    comparing->other->data = comparing->atom->data;
    comparing->other->asked = comparing->atom->asked;
    policy_decide_atom(comparing->from, who, comparing->other);
    return comparing->other->outcome != POLICY_PERMIT ||
           demands_less(comparing->atom->duties, comparing->other->duties) ||
           !policy_streams_within(comparing->to, comparing->atom,
                                  comparing->from, comparing->other, who);
}

/* One purpose and category at a time: all bases for an action.  One that
 * differs is enough to tell. */
static enum vlt_status
try_bases(struct comparing *comparing, const struct policy_firm *who,
          const struct terms_limits *caps, int64_t action, int64_t time)
{
    const struct vocab_value *basis;

    for (size_t i = 0; (basis = vocab_value_at(VOCAB_BASIS, i)) != NULL; i++) {
        if ((caps->at[TERMS_BASIS] & basis->value) == 0) {
            continue;
        }
        if (++comparing->tries > TRIES) {
            return VLT_E_LIMIT;
        }
        struct policy_corner corner = { action, basis->value, time };

        if (policy_corner(caps, &corner, comparing->recipient,
                          &comparing->atom->asked) &&
            differs(comparing, who)) {
            comparing->told = true;
            return VLT_OK;
        }
    }
    return VLT_OK;
}

/* data VOCAB_NONE is `contact`. */
static enum vlt_status
try_corner(struct comparing *comparing, const struct policy_rule *rule,
           size_t firm, int purpose, int data)
{
    struct policy_firm who = { .confirmed = true };
    struct terms_limits caps;
    enum vlt_status st = VLT_OK;
    int64_t actions;

    memcpy(who.id, comparing->firm[firm], sizeof who.id);
    policy_rule_caps(rule, purpose, data, &caps);
    comparing->atom->purpose = purpose;
    comparing->atom->data = data;
    actions = data == VOCAB_NONE ? caps.at[TERMS_ACTION] & VOCAB_CONTACT
                                 : policy_greatest(caps.at[TERMS_ACTION]);
    comparing->told = false;
    for (size_t i = 0; st == VLT_OK && actions != 0 && !comparing->told &&
                       i < comparing->times;
         i++) {
        if (comparing->time[i] < caps.at[TERMS_UNTIL]) {
            st = try_bases(comparing, &who, &caps, actions, comparing->time[i]);
        }
    }
    if (comparing->told) {
        tell(comparing, rule, firm);
    }
    return st;
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

static enum vlt_status
try_firm(struct comparing *comparing, const struct policy_rule *rule,
         size_t firm)
{
    enum vlt_status st = VLT_OK;

    for (int p = 0; p < vocab_purposes(); p++) {
        if (!policy_names(rule->has_purposes, rule->purposes,
                          vocab_purpose(p))) {
            continue;
        }
        if (st == VLT_OK && !rule->has_data) {
            st = try_corner(comparing, rule, firm, p, VOCAB_NONE);
        }
        for (int c = 0; st == VLT_OK && c < vocab_categories(); c++) {
            if (policy_names(rule->has_data, rule->data, vocab_category(c))) {
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
        .from = from, .to = to, .fn = fn, .ctx = ctx
    };
    size_t most = 2 * (policy_rule_count(from) + policy_rule_count(to)) + 1;
    enum vlt_status st = VLT_E_NOMEM;

    comparing.time = calloc(most, sizeof *comparing.time);
    comparing.firm = calloc(FIRMS, sizeof *comparing.firm);
    comparing.atom = malloc(sizeof *comparing.atom);
    comparing.other = malloc(sizeof *comparing.other);
    if (comparing.time != NULL && comparing.firm != NULL &&
        comparing.atom != NULL && comparing.other != NULL) {
        comparing.time[comparing.times++] = now;
        take_times(&comparing, from);
        take_times(&comparing, to);
        take_firms(&comparing, from);
        take_firms(&comparing, to);
        comparing.firms++; /* zeros: a firm that no rule names */
        st = comparing.firms < FIRMS ? try_all(&comparing) : VLT_E_LIMIT;
    }
    free(comparing.time);
    free(comparing.firm);
    free(comparing.atom);
    free(comparing.other);
    return st;
}

/* Append it, less the key of a firm that the vault knows. */
static void
put_named(struct service *service, const char *says, struct vlt_buf *out)
{
    const char *key = strstr(says, ": vf1:"); /* behind the rule's name */
    size_t len = key != NULL ? strcspn(key + 2, " ") : 0;
    const struct firm *firm = NULL;
    char id[POLICY_FIRM_TEXT] = "";

    if (key != NULL && len < sizeof id) {
        memcpy(id, key + 2, len);
        firm = noun_firm(service, id);
    }
    if (firm != NULL) {
        vlt_buf_put(out, says, (size_t)(key + 2 - says));
        vlt_buf_printf(out, "%s%s", firm->name, key + 2 + len);
    } else {
        vlt_buf_put_text(out, says);
    }
    firm_release(firm);
}

void
policy_widen_put(struct service *service, const char *says,
                 struct vlt_json_out *json)
{
    struct vlt_buf text;

    vlt_buf_init(&text, 0);
    put_named(service, says, &text);
    vlt_put_slice(json, NULL, vlt_buf_slice(&text));
    vlt_buf_free(&text);
}
