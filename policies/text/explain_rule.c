/*
 * explain_rule: the rule that would have permitted what was asked.
 *
 * It is for this firm, this purpose and this category alone, and writes the
 * caps whose defaults do not allow what is asked: at just that.
 */
#include <stdio.h>

#include "text/explain_internal.h"
#include "text/text_internal.h"

/* Items of the category before this one, for each of which there may be a rule,
 * too. */
static size_t
same_before(const struct terms *part, const struct policy_atom *atom)
{
    size_t count = 0;

    for (size_t i = 0; i < part->item_count; i++) {
        count +=
            part->items[i].data == atom->data && part->items[i].n < atom->n;
    }
    return count;
}

enum { NUMBERED = 6 }; /* "-65535" */

/* Put a part of a name at `len`, its dots as dashes; room is left for a number.
 * Returns the new length. */
static size_t
add_part(char name[POLICY_NAME], size_t len, const char *part)
{
    for (; *part != '\0' && len < POLICY_NAME - NUMBERED - 1; part++) {
        name[len++] = (char)(*part == '.' ? '-' : *part);
    }
    name[len] = '\0';
    return len;
}

/* A name that no rule has, and no other that is told of the part:
 * "allow-service-billing-energy-electricity", "…-2". */
static void
choose_name(const struct explaining *explaining, const struct policy_atom *atom,
            char out[POLICY_NAME])
{
    const struct vocab_node *data = vocab_category(atom->data);
    size_t skip = same_before(explaining->asking->part, atom);
    size_t len = add_part(out, 0, "allow-");

    len = add_part(out, len, vocab_purpose(atom->purpose)->id);
    if (data != NULL) {
        len = add_part(out, len, "-");
        len = add_part(out, len, data->id);
    }
    for (uint16_t number = 2;; number++) {
        if (policy_rule_named(explaining->set, out) == NULL && skip-- == 0) {
            return;
        }
        (void)snprintf(out + len, NUMBERED + 1, "-%u", number);
    }
}

static bool
is_listed(const struct terms_limits *caps, struct vlt_slice name)
{
    for (size_t i = 0; i < caps->name_count; i++) {
        if (vlt_slice_equal(caps->names[i], name)) {
            return true;
        }
    }
    return false;
}

/* What is asked, as caps.  All recipients are named, once each, whether they
 * work for the firm or not. */
static struct terms_limits
caps_of(const struct terms_limits *asked, struct vlt_slice name[TERMS_ONWARD])
{
    struct terms_limits caps = *asked;

    caps.onward = NULL;
    caps.onward_count = 0;
    caps.at[TERMS_ONWARDS] = TERMS_ONWARD_NAMES;
    caps.names = name;
    caps.name_count = 0;
    for (size_t i = 0; i < asked->onward_count; i++) {
        if (!is_listed(&caps, asked->onward[i].name)) {
            name[caps.name_count++] = asked->onward[i].name;
        }
    }
    return caps;
}

/* Does it do, as it is? */
static uint32_t
lacks(const struct policy_rule *rule, const struct policy_atom *atom)
{
    struct terms_limits caps;

    policy_rule_caps(rule, atom->purpose, atom->data, &caps);
    return terms_failed_axes(&atom->asked, &caps);
}

/* Write the caps that are too narrow, if any is; the recipients are for these.
 * False: it does not do so, either. */
static bool
write_caps(struct policy_rule *rule, const struct policy_atom *atom,
           struct vlt_slice recipient[TERMS_ONWARD])
{
    uint32_t failed = lacks(rule, atom);

    if (failed == 0) {
        return true;
    }
    struct terms_limits unsaid = rule->caps;

    rule->caps = caps_of(&atom->asked, recipient);
    for (int axis = 0; axis < TERMS_AXES; axis++) {
        if ((failed >> axis & 1) == 0 && axis != TERMS_WHERES) {
            rule->caps.at[axis] = unsaid.at[axis];
        }
    }
    if ((failed >> TERMS_WHERES & 1) == 0) {
        rule->caps.where = unsaid.where;
    }
    if ((failed >> TERMS_DETAIL & 1) == 0) {
        rule->caps.stats = unsaid.stats;
    }
    if ((failed >> TERMS_RATE & 1) == 0) {
        rule->caps.per_s = unsaid.per_s;
    }
    rule->written = failed;
    return lacks(rule, atom) == 0;
}

bool
explain_put_permit(const struct explaining *explaining,
                   const struct policy_atom *atom)
{
    struct vlt_slice recipient[TERMS_ONWARD];
    char name[POLICY_NAME];
    char firm[POLICY_FIRM_TEXT];
    struct policy_rule rule = { .name = name,
                                .effect = POLICY_EFFECT_PERMIT,
                                .has_purposes = true,
                                .purposes = vocab_mask_of(atom->purpose),
                                .has_data = atom->data != VOCAB_NONE,
                                .data = vocab_mask_of(atom->data),
                                .caps = *policy_caps_unsaid(explaining->set) };

    if (!write_caps(&rule, atom, recipient)) {
        return false;
    }
    choose_name(explaining, atom, name);
    vlt_buf_put_text(explaining->out, "      ");
    text_put_rule_line(explaining->out, &rule, explain_firm(explaining, firm));
    vlt_buf_put_text(explaining->out, "\n");
    return true;
}
