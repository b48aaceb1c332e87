/*
 * explain: why a decision is what it is, and what would make it another.
 *
 * Each rule stands with its place and with the words of it that met the atom:
 * of a list of purposes those alone that are the atom's or above it.
 */
#include <string.h>

#include "base/text.h"
#include "terms/value.h"
#include "text/policy_text.h"

/* "no-ads (home.yaml:4:5)"; a built-in rule stands nowhere. */
static void
put_rule(struct vlt_buf *out, const struct policy_rule *rule)
{
    vlt_buf_put_text(out, rule->name);
    if (!policy_rule_builtin(rule)) {
        vlt_buf_put_text(out, " (");
        vlt_text_put_escaped(out, vlt_slice_text(rule->file));
        vlt_buf_printf(out, ":%d:%d)", rule->line, rule->column);
    }
}

/* ---- the words that met ---- */

/* The ids of a selector that are the node's own or above it. */
static void
put_met(struct vlt_buf *out, const char *key, struct vocab_mask mask,
        const struct vocab_node *node, const struct vocab_node *(*at)(int bit))
{
    const char *between = " ";

    vlt_buf_put_text(out, key);
    for (int word = 0; word < 2; word++) {
        uint64_t met = mask.bits[word] & node->within.bits[word];

        for (; met != 0; met &= met - 1) {
            vlt_buf_put_text(out, between);
            vlt_buf_put_text(out, at(64 * word + __builtin_ctzll(met))->id);
            between = "+";
        }
    }
}

/* The vault's own rules: what each is about, and what ends it. */
static const struct own {
    const char *name;
    const char *says;
    const char *remedy;
} own[] = {
    { "builtin.gpc", "sale and targeted advertising are refused (gpc: on)",
      "write gpc: off" },
    { "builtin.overdue", "the firm has not said that it deleted what it had to",
      "the firm says that it has deleted it" },
    { "builtin.quiet",
      "this was denied to the firm less than 90 days ago, or it did not take "
      "what it was offered",
      "confirm the firm anew, or wait" },
    { "builtin.two-details",
      "the firm has this category in another detail already",
      "the firm asks for the detail that it has" },
    { "builtin.unconfirmed", "the firm is not confirmed, or is blocked",
      "confirm the firm (one that is blocked stays so)" },
};

/* NULL: it is a rule of the owner's. */
static const struct own *
own_of(const struct policy_rule *rule)
{
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (strcmp(rule->name, own[i].name) == 0) {
            return &own[i];
        }
    }
    return NULL;
}

/* "deny, purpose marketing, data energy" */
static void
put_words(struct vlt_buf *out, const struct policy_rule *rule,
          const struct policy_atom *atom)
{
    const struct vocab_node *purpose = vocab_purpose(atom->purpose);
    const struct vocab_node *data = vocab_category(atom->data);
    const struct own *built_in = own_of(rule);

    vlt_buf_put_text(out, atom->outcome == POLICY_OFFER
                              ? "offers what it allows"
                              : policy_effect_word(rule->effect));
    if (built_in != NULL) {
        vlt_buf_put_text(out, ", since ");
        vlt_buf_put_text(out, built_in->says);
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
}

static void
put_by(struct vlt_buf *out, const struct policy_rule *rule,
       const struct policy_atom *atom)
{
    vlt_buf_put_text(out, "    by ");
    put_rule(out, rule);
    vlt_buf_put_text(out, ": ");
    put_words(out, rule, atom);
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
        vlt_buf_put_text(out, axis == TERMS_FROM ? ", which is not yet"
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

/* "not bill (home.yaml:4:5): window asked 1y, allowed 90d" */
static void
put_failed(struct vlt_buf *out, const struct policy_set *set,
           const struct policy_atom *atom, const struct policy_failed *failed)
{
    const struct policy_rule *rule = policy_rule_at(set, failed->rule);
    struct terms_limits caps;
    const char *between = "";

    policy_rule_caps(rule, atom->purpose, atom->data, &caps);
    vlt_buf_put_text(out, "    not ");
    put_rule(out, rule);
    vlt_buf_put_text(out, ":");
    for (int axis = 0; axis < TERMS_AXES; axis++) {
        if ((failed->axes >> axis & 1) == 0) {
            continue;
        }
        vlt_buf_put_text(out, between);
        put_axis(out, set, (enum terms_axis)axis, &atom->asked, &caps);
        between = ";";
    }
    vlt_buf_put_text(out, "\n");
}

/* Would the rule let the atom through, were its explicit-only ids named there?
 * A permit for letters gives no data, whatever it names. */
static bool
would_do(const struct policy_rule *rule, const struct policy_atom *atom)
{
    struct terms_limits caps;

    policy_rule_caps(rule, atom->purpose, atom->data, &caps);
    return terms_failed_axes(&atom->asked, &caps) == 0;
}

/* The explicit-only ids of an atom that a rule does not name. */
static void
put_unnamed(struct vlt_buf *out, const struct policy_rule *rule,
            const struct policy_atom *atom)
{
    const struct vocab_node *purpose = vocab_purpose(atom->purpose);
    const struct vocab_node *data = vocab_category(atom->data);
    const char *between = " ";

    vlt_buf_put_text(out, "    not ");
    put_rule(out, rule);
    vlt_buf_put_text(out, ": it does not name");
    if ((purpose->flags & VOCAB_EXPLICIT) != 0 &&
        !(rule->has_purposes && vocab_mask_has(rule->purposes, purpose->bit))) {
        vlt_buf_put_text(out, between);
        vlt_buf_put_text(out, purpose->id);
        between = " and ";
    }
    if (data != NULL && (data->flags & VOCAB_EXPLICIT) != 0 &&
        !(rule->has_data && vocab_mask_has(rule->data, data->bit))) {
        vlt_buf_put_text(out, between);
        vlt_buf_put_text(out, data->id);
    }
    vlt_buf_put_text(out, " itself, which is explicit-only\n");
}

/* ---- what would change it ---- */

/* How a rule is got rid of. */
static void
put_remedy(struct vlt_buf *out, const struct policy_rule *rule)
{
    const struct own *built_in = own_of(rule);

    if (built_in != NULL) {
        vlt_buf_put_text(out, built_in->remedy);
        return;
    }
    vlt_buf_put_text(out, "take ");
    vlt_buf_put_text(out, rule->name);
    vlt_buf_put_text(out, " away or narrow it");
}

static void
put_remedies(struct vlt_buf *out, const struct policy_set *set,
             const struct policy_atom *atom)
{
    for (size_t i = 0; i < atom->rule_count; i++) {
        vlt_buf_put_text(out, i > 0 ? ", and " : "");
        put_remedy(out, policy_rule_at(set, atom->rules[i]));
    }
}

/* "allow window 1y in bill" */
static void
put_allow(struct vlt_buf *out, const struct policy_set *set,
          const struct policy_atom *atom, const struct policy_failed *failed)
{
    const char *between = "allow ";

    for (int axis = 0; axis < TERMS_AXES; axis++) {
        if ((failed->axes >> axis & 1) != 0) {
            vlt_buf_put_text(out, between);
            vlt_buf_put_text(out, terms_axis_key((enum terms_axis)axis)->name);
            vlt_buf_put_text(out, " ");
            terms_put_axis(out, (enum terms_axis)axis, &atom->asked);
            between = " and ";
        }
    }
    vlt_buf_put_text(out, " in ");
    vlt_buf_put_text(out, policy_rule_at(set, failed->rule)->name);
}

/* The permit that failed on fewest caps, by name. */
static const struct policy_failed *
nearest(const struct policy_atom *atom)
{
    const struct policy_failed *best = &atom->failed[0];

    for (size_t i = 1; i < atom->failed_count; i++) {
        if (__builtin_popcount(atom->failed[i].axes) <
            __builtin_popcount(best->axes)) {
            best = &atom->failed[i];
        }
    }
    return best;
}

/* How the one that offers failed. */
static const struct policy_failed *
offering(const struct policy_atom *atom)
{
    size_t i = 0;

    while (atom->failed[i].rule != atom->rules[0]) {
        i++;
    }
    return &atom->failed[i];
}

/* The first permit that lacks nothing but a name; NULL: there is none. */
static const struct policy_rule *
nearly(const struct policy_set *set, const struct policy_atom *atom)
{
    for (size_t i = 0; i < atom->unnamed_count; i++) {
        const struct policy_rule *rule = policy_rule_at(set, atom->unnamed[i]);

        if (would_do(rule, atom)) {
            return rule;
        }
    }
    return NULL;
}

/* A permit that would have let it through: one that nearly did, or a new one.
 */
static void
put_permit(struct vlt_buf *out, const struct policy_set *set,
           const struct policy_atom *atom)
{
    const struct vocab_node *data = vocab_category(atom->data);
    const struct policy_rule *unnamed = nearly(set, atom);

    if (atom->failed_count > 0) {
        put_allow(out, set, atom, nearest(atom));
        vlt_buf_put_text(out, "; or the firm asks for less");
    } else if (unnamed != NULL) {
        vlt_buf_put_text(out, "name it in ");
        vlt_buf_put_text(out, unnamed->name);
    } else {
        vlt_buf_put_text(out, "write a permit for purpose ");
        vlt_buf_put_text(out, vocab_purpose(atom->purpose)->id);
        vlt_buf_put_text(out, data == NULL ? ", action contact" : ", data ");
        vlt_buf_put_text(out, data == NULL ? "" : data->id);
    }
}

static void
put_change(struct vlt_buf *out, const struct policy_set *set,
           const struct policy_atom *atom)
{
    vlt_buf_put_text(out, "    to change it: ");
    if (atom->by_default) {
        if (atom->outcome == POLICY_ASK) {
            vlt_buf_put_text(out, "you approve or deny it; or ");
        }
        put_permit(out, set, atom);
    } else if (atom->outcome == POLICY_DENY) {
        put_remedies(out, set, atom);
        vlt_buf_put_text(out, "; no permit outweighs it");
    } else if (atom->outcome == POLICY_ASK) {
        vlt_buf_put_text(out, "you approve or deny it; or ");
        put_remedies(out, set, atom);
        vlt_buf_put_text(out, "; no permit outweighs it");
    } else if (atom->outcome == POLICY_OFFER) {
        vlt_buf_put_text(out, "the firm takes what it is offered; or ");
        put_allow(out, set, atom, offering(atom));
    } else {
        put_remedies(out, set, atom);
        vlt_buf_put_text(out, "; or write a deny or an ask, which outweighs "
                              "a permit");
    }
    vlt_buf_put_text(out, "\n");
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

static void
put_atom(struct vlt_buf *out, const struct policy_set *set,
         const struct policy_atom *atom)
{
    const struct vocab_node *data = vocab_category(atom->data);

    vlt_buf_printf(out, "  %d %s: %s%s\n", atom->n,
                   data == NULL ? "contact" : data->id,
                   policy_outcome_word(atom->outcome), about_part(atom));
    if (atom->by_default) {
        vlt_buf_printf(out, "    by default: %s, since no rule decides\n",
                       policy_settings(set)->default_deny ? "deny" : "ask");
    }
    for (size_t i = 0; i < atom->rule_count; i++) {
        put_by(out, policy_rule_at(set, atom->rules[i]), atom);
    }
    for (size_t i = 0; i < atom->failed_count; i++) {
        put_failed(out, set, atom, &atom->failed[i]);
    }
    for (size_t i = 0; i < atom->unnamed_count; i++) {
        const struct policy_rule *rule = policy_rule_at(set, atom->unnamed[i]);

        if (would_do(rule, atom)) {
            put_unnamed(out, rule, atom);
        }
    }
    if (atom->by_default || atom->rule_count > 0) {
        put_change(out, set, atom);
    }
}

void
policy_text_explain(struct vlt_buf *out, const struct policy_set *set,
                    const struct policy_decision *decision)
{
    vlt_buf_printf(out, "%s\n", policy_outcome_word(decision->outcome));
    if (decision->no_policy) {
        vlt_buf_put_text(out, "  no policy is in force\n");
        return;
    }
    for (size_t i = 0; i < decision->atom_count; i++) {
        put_atom(out, set, &decision->atoms[i]);
    }
}
