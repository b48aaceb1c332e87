/*
 * streams: which streams of a category an atom gives (sentences 5 and 6).
 */
#include "base/name.h"
#include "engine/set_internal.h"

static bool
names_stream(const struct policy_rule *rule, struct vlt_slice name)
{
    for (size_t i = 0; i < rule->pattern_count; i++) {
        if (vlt_pattern_matches(rule->patterns[i], name)) {
            return true;
        }
    }
    return false;
}

bool
policy_has_streams(const struct policy_set *set)
{
    for (size_t i = 0; i < SET_WORDS; i++) {
        if (set->streams.words[i] != 0) {
            return true;
        }
    }
    return false;
}

/* The rules with streams that match the atom. */
static void
stream_rules(const struct policy_set *set, const struct policy_firm *firm,
             const struct policy_atom *atom, struct set_bits *out)
{
    struct set_question asked = { .firm = firm,
                                  .purpose = vocab_purpose(atom->purpose),
                                  .data = vocab_category(atom->data) };

    *out = (struct set_bits){ { 0 } };
    if (asked.purpose == NULL) {
        return;
    }
    set_match(set, &asked, out);
    for (size_t i = 0; i < SET_WORDS; i++) {
        out->words[i] &= set->streams.words[i];
    }
}

size_t
policy_stream_rules(const struct policy_set *set,
                    const struct policy_firm *firm,
                    const struct policy_atom *atom, struct vlt_slice name,
                    uint16_t out[POLICY_RULES])
{
    struct set_bits rules;
    size_t count = 0;
    uint16_t number = 0;

    if (set == NULL) {
        return 0;
    }
    stream_rules(set, firm, atom, &rules);
    while (set_next(&rules, &number)) {
        const struct policy_rule *rule = &set->rules[number];

        if (rule->effect != POLICY_EFFECT_PERMIT && names_stream(rule, name)) {
            out[count++] = number;
        }
    }
    return count;
}

/* Does a rule of this effect, with streams, name it? */
static bool
takes(const struct policy_set *set, struct set_bits rules,
      enum policy_effect effect, struct vlt_slice name)
{
    uint16_t number = 0;

    while (set_next(&rules, &number)) {
        const struct policy_rule *rule = &set->rules[number];

        if (rule->effect == effect && names_stream(rule, name)) {
            return true;
        }
    }
    return false;
}

/* Does one of the permits that decided bind it?  They add up. */
static bool
bound(const struct policy_set *set, const struct policy_atom *atom,
      struct vlt_slice name)
{
    for (size_t i = 0; i < atom->rule_count; i++) {
        const struct policy_rule *rule = &set->rules[atom->rules[i]];

        if (rule->effect == POLICY_EFFECT_PERMIT &&
            (rule->pattern_count == 0 || names_stream(rule, name))) {
            return true;
        }
    }
    return false;
}

enum policy_fate
policy_stream_fate(const struct policy_set *set, const struct policy_firm *firm,
                   const struct policy_atom *atom, bool by_rule,
                   struct vlt_slice name)
{
    struct set_bits rules;

    if (set == NULL) {
        return POLICY_WITHHOLD;
    }
    stream_rules(set, firm, atom, &rules);
    if (takes(set, rules, POLICY_EFFECT_DENY, name) ||
        (by_rule && !bound(set, atom, name))) {
        return POLICY_WITHHOLD;
    }
    return takes(set, rules, POLICY_EFFECT_ASK, name) ? POLICY_HOLD
                                                      : POLICY_GIVE;
}

/* ---- two sets ---- */

/* Is each of its patterns covered by one of theirs?  None is every stream. */
static bool
covered(const struct policy_rule *rule, const struct policy_rule *other)
{
    for (size_t i = 0; i < rule->pattern_count; i++) {
        bool found = other->pattern_count == 0;

        for (size_t j = 0; !found && j < other->pattern_count; j++) {
            found = vlt_pattern_covers(other->patterns[j], rule->patterns[i]);
        }
        if (!found) {
            return false;
        }
    }
    return rule->pattern_count > 0 || other->pattern_count == 0;
}

/* Does one permit of the outer atom bind all that this rule binds? */
static bool
permit_within(const struct policy_rule *rule, const struct policy_set *outer,
              const struct policy_atom *atom)
{
    for (size_t i = 0; i < atom->rule_count; i++) {
        if (covered(rule, &outer->rules[atom->rules[i]])) {
            return true;
        }
    }
    return false;
}

/* Is all that this rule takes taken by one rule of the others, too? */
static bool
taken_within(const struct policy_rule *rule, const struct policy_set *set,
             struct set_bits rules)
{
    uint16_t number = 0;

    while (set_next(&rules, &number)) {
        if (set->rules[number].effect != POLICY_EFFECT_PERMIT &&
            covered(rule, &set->rules[number])) {
            return true;
        }
    }
    return false;
}

bool
policy_streams_within(const struct policy_set *set,
                      const struct policy_atom *atom,
                      const struct policy_set *outer,
                      const struct policy_atom *outer_atom,
                      const struct policy_firm *firm)
{
    struct set_bits own;
    struct set_bits others;
    uint16_t number = 0;

    stream_rules(set, firm, atom, &own);
    stream_rules(outer, firm, outer_atom, &others);
    while (set_next(&others, &number)) {
        const struct policy_rule *rule = &outer->rules[number];

        if (rule->effect != POLICY_EFFECT_PERMIT &&
            !taken_within(rule, set, own)) {
            return false;
        }
    }
    for (size_t i = 0; i < atom->rule_count; i++) {
        if (!permit_within(&set->rules[atom->rules[i]], outer, outer_atom)) {
            return false;
        }
    }
    return true;
}
