/*
 * explain: why a decision is what it is, and what would make it another.
 *
 * Each rule stands with its place and with the words of it that met the atom:
 * of a list of purposes those alone that are the atom's or above it.
 */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "terms/value.h"
#include "text/explain_internal.h"

/* "home.yaml:4:5" */
static void
put_place(struct vlt_buf *out, const char *file, int line, int column)
{
    vlt_text_put_escaped(out, vlt_slice_text(file));
    vlt_buf_put_text(out, ":");
    vlt_buf_put_int(out, line);
    vlt_buf_put_text(out, ":");
    vlt_buf_put_int(out, column);
}

void
explain_put_rule(struct vlt_buf *out, const struct policy_rule *rule)
{
    vlt_buf_put_text(out, rule->name);
    if (!policy_rule_builtin(rule)) {
        vlt_buf_put_text(out, " (");
        put_place(out, rule->file, rule->line, rule->column);
        vlt_buf_put_text(out, ")");
    }
}

/* ---- the words that met ---- */

/* The ids of a selector that are the node's own or above it. */
static void
put_met(struct vlt_buf *out, const char *key, struct vocab_mask mask,
        const struct vocab_node *node, const struct vocab_node *(*at)(int bit))
{
    struct vocab_mask met = { { mask.bits[0] & node->within.bits[0],
                                mask.bits[1] & node->within.bits[1] } };
    const char *between = " ";
    int bit;

    vlt_buf_put_text(out, key);
    while ((bit = vocab_mask_next(&met)) != VOCAB_NONE) {
        vlt_buf_put_text(out, between);
        vlt_buf_put_text(out, at(bit)->id);
        between = "+";
    }
}

void
explain_put_answered(struct vlt_buf *out, const struct policy_rule *rule)
{
    enum { BEGIN = sizeof "cli-" - 1, LEN = VLT_ULID_TEXT - 1 };
    const char *name = rule->name;

    if (strncmp(name, "cli-", BEGIN) != 0 || strlen(name) <= BEGIN + LEN) {
        return;
    }
    vlt_buf_put_text(out, ", as you answered `deny --never` to request ");
    for (int i = BEGIN; i < BEGIN + LEN; i++) {
        char letter = (char)toupper((unsigned char)name[i]);

        vlt_buf_put(out, &letter, 1);
    }
}

/* "deny, purpose marketing, data energy" */
static void
put_words(const struct explaining *explaining, const struct policy_rule *rule,
          const struct policy_atom *atom)
{
    struct vlt_buf *out = explaining->out;
    const struct vocab_node *purpose = vocab_purpose(atom->purpose);
    const struct vocab_node *data = vocab_category(atom->data);
    vlt_buf_put_text(out, atom->outcome == POLICY_OFFER
                              ? "offers what it allows, which the firm "
                                "may accept"
                              : policy_effect_word(rule->effect));
    if (policy_rule_builtin(rule)) {
        vlt_buf_put_text(out, ", since ");
        (void)explain_own_why(explaining, rule, atom);
        return;
    }
    if (rule->firm_count > 0) {
        vlt_buf_put_text(out, ", this firm");
    }
    if (rule->has_purposes) {
        put_met(out, ", purpose", rule->purposes, purpose, vocab_purpose);
    }
    if (rule->has_data) { /* then it is no contact that it met */
        put_met(out, ", data", rule->data, data, vocab_category);
    }
    if (rule->firm_count == 0 && !rule->has_purposes && !rule->has_data) {
        vlt_buf_put_text(out, ", whatever is asked");
    }
    explain_put_answered(out, rule);
}

static void
put_by(const struct explaining *explaining, const struct policy_rule *rule,
       const struct policy_atom *atom)
{
    struct vlt_buf *out = explaining->out;

    vlt_buf_put_text(out, "    by ");
    explain_put_rule(out, rule);
    vlt_buf_put_text(out, ": ");
    put_words(explaining, rule, atom);
    vlt_buf_put_text(out, "\n");
}

/* ---- permits that did not ---- */

/* "window asked 1y, allowed 90d".  A place that nobody may be at is said to be
 * so, and no limit to be none; a time that is not yet, or over, is no wish of
 * the firm's. */
static void
put_axis(struct vlt_buf *out, const struct policy_set *set,
         enum terms_axis axis, const struct terms_limits *asked,
         const struct terms_limits *caps)
{
    static const struct terms_places nowhere;
    bool unlimited =
        (axis == TERMS_USES && asked->at[axis] == TERMS_UNLIMITED) ||
        (axis == TERMS_RATE && asked->at[axis] == 0);

    vlt_buf_put_text(out, " ");
    vlt_buf_put_text(out, terms_axis_key(axis)->name);
    if (axis == TERMS_FROM ||
        (axis == TERMS_UNTIL && caps->at[axis] <= asked->at[TERMS_FROM])) {
        vlt_buf_put_text(out, " ");
        terms_put_axis(out, axis, caps);
        vlt_buf_put_text(out, axis == TERMS_FROM ? ", which is still to come"
                                                 : ", which is over");
        return;
    }
    vlt_buf_put_text(out, " asked ");
    if (unlimited) {
        vlt_buf_put_text(out, "without limit");
    } else {
        terms_put_axis(out, axis, asked);
    }
    vlt_buf_put_text(out, ", allowed ");
    if (axis != TERMS_WHERES ||
        memcmp(&caps->where, &nowhere, sizeof nowhere) != 0) {
        terms_put_axis(out, axis, caps);
    } else {
        vlt_buf_put_text(out, policy_settings(set)->home == VOCAB_NONE
                                  ? "nowhere, since the vault has no `home`"
                                  : "nowhere");
    }
}

/* "bill (home.yaml:4:5) does not fit: window asked 1y, allowed 90d" */
static void
put_failed(const struct explaining *explaining, const struct policy_atom *atom,
           const struct policy_failed *failed)
{
    struct vlt_buf *out = explaining->out;
    const struct policy_rule *rule =
        policy_rule_at(explaining->set, failed->rule);
    struct terms_limits caps;
    const char *between = "";

    policy_rule_caps(rule, atom->purpose, atom->data, &caps);
    vlt_buf_put_text(out, "    ");
    explain_put_rule(out, rule);
    vlt_buf_put_text(out, " does not fit:");
    for (int axis = 0; axis < TERMS_AXES; axis++) {
        if ((failed->axes >> axis & 1) == 0) {
            continue;
        }
        vlt_buf_put_text(out, between);
        put_axis(out, explaining->set, (enum terms_axis)axis, &atom->asked,
                 &caps);
        between = ";";
    }
}

const char *
explain_firm(const struct explaining *explaining, char text[POLICY_FIRM_TEXT])
{
    return explaining->asking->name != NULL
               ? explaining->asking->name
               : policy_firm_print(explaining->asking->firm->id, text);
}

bool
explain_would_do(const struct policy_rule *rule, const struct policy_atom *atom)
{
    struct terms_limits caps;

    policy_rule_caps(rule, atom->purpose, atom->data, &caps);
    return terms_failed_axes(&atom->asked, &caps) == 0;
}

void
explain_put_unnamed(struct vlt_buf *out, const struct policy_rule *rule,
                    const struct policy_atom *atom)
{
    const struct vocab_node *purpose = vocab_purpose(atom->purpose);
    const struct vocab_node *data = vocab_category(atom->data);
    const char *between = "";

    if ((purpose->flags & VOCAB_EXPLICIT) != 0 &&
        !(rule->has_purposes && vocab_mask_has(rule->purposes, purpose->bit))) {
        vlt_buf_put_text(out, purpose->id);
        between = " and ";
    }
    if (data != NULL && (data->flags & VOCAB_EXPLICIT) != 0 &&
        !(rule->has_data && vocab_mask_has(rule->data, data->bit))) {
        vlt_buf_put_text(out, between);
        vlt_buf_put_text(out, data->id);
    }
}

static void
put_unnamed(struct vlt_buf *out, const struct policy_rule *rule,
            const struct policy_atom *atom)
{
    vlt_buf_put_text(out, "    ");
    explain_put_rule(out, rule);
    vlt_buf_put_text(out, " does not fit: it does not name ");
    explain_put_unnamed(out, rule, atom);
    vlt_buf_put_text(out, " itself, which is explicit-only\n");
}

/* ---- the whole ---- */

/* What a denied atom means to its part. */
static const char *
about_part(const struct policy_atom *atom)
{
    return atom->left_out ? ", left out"
           : atom->needed && atom->outcome == POLICY_DENY
               ? ", and the firm needs it, so it gets none of these"
               : "";
}

void
explain_put_default_place(struct vlt_buf *out,
                          const struct policy_settings *settings)
{
    const struct policy_place *at = &settings->default_at;

    if (at->line != 0) {
        put_place(out, at->file, at->line, at->column);
    } else {
        vlt_buf_put_text(out, "built in; no file says one");
    }
}

/* "by default (home.yaml:2:1): ask, since no rule decides" */
static void
put_default(struct vlt_buf *out, const struct policy_settings *settings)
{
    vlt_buf_put_text(out, "    by default (");
    explain_put_default_place(out, settings);
    vlt_buf_put_texts(out, "): ", settings->default_deny ? "deny" : "ask",
                      ", since no rule decides\n", NULL);
}

/* The permits that did not let it through, and why not. */
static void
put_nots(const struct explaining *explaining, const struct policy_atom *atom,
         bool offers)
{
    for (size_t i = 0; i < atom->failed_count; i++) {
        put_failed(explaining, atom, &atom->failed[i]);
        if (offers) {
            explain_put_no_offer(explaining, atom, &atom->failed[i]);
        }
        vlt_buf_put_text(explaining->out, "\n");
    }
    for (size_t i = 0; i < atom->unnamed_count; i++) {
        const struct policy_rule *rule =
            policy_rule_at(explaining->set, atom->unnamed[i]);

        if (explain_would_do(rule, atom)) {
            put_unnamed(explaining->out, rule, atom);
        }
    }
}

static void
put_rules(const struct explaining *explaining, const struct policy_atom *atom)
{
    for (size_t i = 0; i < atom->rule_count; i++) {
        put_by(explaining, policy_rule_at(explaining->set, atom->rules[i]),
               atom);
    }
}

/* "  1 energy: " */
static void
put_item(struct vlt_buf *out, const struct policy_atom *atom)
{
    const struct vocab_node *data = vocab_category(atom->data);

    vlt_buf_put_text(out, "  ");
    vlt_buf_put_int(out, atom->n);
    vlt_buf_put_texts(out, " ", data == NULL ? "contact" : data->id, ": ",
                      NULL);
}

/* Why the item gives nothing, though it is let; empty: that is not so. */
static struct vlt_slice
nothing_of(const struct explaining *explaining, const struct policy_atom *atom)
{
    return explaining->nothing != NULL ? explaining->nothing->why[atom->n]
                                       : (struct vlt_slice){ .len = 0 };
}

static void
put_nothing(struct vlt_buf *out, struct vlt_slice why)
{
    if (why.len > 0) {
        vlt_buf_put_text(out, "    but it would get nothing now: ");
        vlt_buf_put_slice(out, why);
        vlt_buf_put_text(out, "\n");
    }
}

static void
put_atom(const struct explaining *explaining, const struct policy_atom *atom)
{
    struct vlt_buf *out = explaining->out;

    put_item(out, atom);
    vlt_buf_put_texts(out, policy_outcome_word(atom->outcome), about_part(atom),
                      "\n", NULL);
    put_nothing(out, nothing_of(explaining, atom));
    if (atom->by_default) {
        put_default(out, policy_settings(explaining->set));
    }
    put_rules(explaining, atom);
    put_nots(explaining, atom, true);
    if (atom->by_default || atom->rule_count > 0) {
        explain_change(explaining, atom);
    }
}

void
policy_text_explain(struct vlt_buf *out, const struct policy_set *set,
                    const struct policy_asking *asking,
                    const struct policy_decision *decision,
                    const struct policy_text_nothing *nothing)
{
    struct explaining explaining = { out, set, asking, nothing };

    vlt_buf_put_texts(out, policy_outcome_word(decision->outcome), "\n", NULL);
    if (decision->no_policy) {
        vlt_buf_put_text(out, "  no policy is in force\n");
        return;
    }
    for (size_t i = 0; i < decision->atom_count; i++) {
        put_atom(&explaining, &decision->atoms[i]);
    }
}

/* ---- uses ---- */

static const char *
use_word(enum policy_use use)
{
    switch (use) {
    case POLICY_USE_YES:
        return "given";
    case POLICY_USE_ASK:
        return "waits for you";
    case POLICY_USE_NO:
        break;
    }
    return "not given";
}

static void
put_use(const struct explaining *explaining, const struct policy_atom *atom,
        bool by_rule)
{
    struct vlt_buf *out = explaining->out;
    enum policy_use use = policy_atom_use(atom, by_rule);
    bool empty = nothing_of(explaining, atom).len > 0;

    put_item(out, atom);
    vlt_buf_put_text(out, use == POLICY_USE_YES && empty
                              ? "nothing now, as said above"
                              : use_word(use));
    if (use == POLICY_USE_YES && empty && !by_rule) {
        vlt_buf_put_text(out, "\n");
        return;
    }
    if (use == POLICY_USE_YES && !by_rule) {
        vlt_buf_put_text(out, ", since you gave it and no rule denies it\n");
        return;
    }
    vlt_buf_put_text(out,
                     atom->by_default ? ", since no rule permits it\n" : "\n");
    put_rules(explaining, atom);
    if (use != POLICY_USE_YES) {
        put_nots(explaining, atom, false);
    }
}

void
policy_text_use(struct vlt_buf *out, const struct policy_set *set,
                const struct policy_asking *asking, bool by_rule,
                const struct policy_decision *decision,
                const struct policy_text_nothing *nothing)
{
    struct explaining explaining = { out, set, asking, nothing };

    for (size_t i = 0; i < decision->atom_count; i++) {
        put_use(&explaining, &decision->atoms[i], by_rule);
    }
}
