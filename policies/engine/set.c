#include "engine/policy.h"

#include <stdlib.h>
#include <string.h>

#include "engine/set_internal.h"

void
policy_set_free(struct policy_set *set)
{
    if (set == NULL) {
        return;
    }
    for (size_t i = 0; i < set->count; i++) {
        free(set->blocks[i]);
    }
    free(set->rules);
    free(set->blocks);
    free(set->compiled);
    free(set->general);
    free(set->entries);
    free(set);
}

const struct policy_settings *
policy_settings(const struct policy_set *set)
{
    return &set->settings;
}

size_t
policy_rule_count(const struct policy_set *set)
{
    return set->count;
}

const struct policy_rule *
policy_rule_at(const struct policy_set *set, size_t i)
{
    return i < set->count ? &set->rules[i] : NULL;
}

bool
policy_rule_builtin(const struct policy_rule *rule)
{
    return strncmp(rule->name, "builtin.", 8) == 0;
}

void
policy_rule_caps(const struct policy_rule *rule, int purpose, int data,
                 struct terms_limits *out)
{
    *out = rule->caps;
    if (!terms_explicit(purpose, data)) {
        return;
    }
    int64_t most = (rule->written >> TERMS_LIFE & 1) != 0
                       ? VOCAB_LIFE_EXPLICIT_MOST
                       : VOCAB_LIFE_EXPLICIT_UNSAID;

    if (out->at[TERMS_LIFE] > most) {
        out->at[TERMS_LIFE] = most;
    }
}

const char *
policy_outcome_word(enum policy_outcome outcome)
{
    switch (outcome) {
    case POLICY_PERMIT:
        return "permit";
    case POLICY_OFFER:
        return "offer";
    case POLICY_ASK:
        return "ask";
    case POLICY_DENY:
        return "deny";
    }
    return "deny";
}

const char *
policy_effect_word(enum policy_effect effect)
{
    switch (effect) {
    case POLICY_EFFECT_PERMIT:
        return "permit";
    case POLICY_EFFECT_ASK:
        return "ask";
    case POLICY_EFFECT_DENY:
        return "deny";
    }
    return "deny";
}

/* ---- copies ---- */

static int
order_firms(const void *a, const void *b)
{
    return memcmp(a, b, POLICY_FIRM_LEN);
}

/* Sort count firms at bytes, and leave each once.  Gives how many are left. */
static size_t
sort_firms(uint8_t *bytes, size_t count)
{
    size_t kept = 0;

    if (count > 0) {
        qsort(bytes, count, POLICY_FIRM_LEN, order_firms);
    }
    for (size_t i = 0; i < count; i++) {
        const uint8_t *firm = bytes + i * POLICY_FIRM_LEN;
        uint8_t *next = bytes + kept * POLICY_FIRM_LEN;

        if (kept == 0 ||
            memcmp(firm, next - POLICY_FIRM_LEN, POLICY_FIRM_LEN) != 0) {
            memmove(next, firm, POLICY_FIRM_LEN);
            kept++;
        }
    }
    return kept;
}

static int
order_names(const void *a, const void *b)
{
    const struct vlt_slice *left = a;
    const struct vlt_slice *right = b;
    size_t len = left->len < right->len ? left->len : right->len;
    int order = len > 0 ? memcmp(left->at, right->at, len) : 0;

    return order != 0 ? order
                      : (left->len > right->len) - (left->len < right->len);
}

/* Bytes of an `onward` cap's names; SIZE_MAX: too many, or one is too long. */
static size_t
names_len(const struct terms_limits *caps)
{
    size_t len = 0;

    for (size_t i = 0; i < caps->name_count; i++) {
        if (caps->name_count > TERMS_NAMES ||
            caps->names[i].len > TERMS_NAME_LEN) {
            return SIZE_MAX;
        }
        len += caps->names[i].len;
    }
    return len;
}

/* Copy them to `at`, in order; the slices go to `slices`.  Returns what is
 * behind. */
static uint8_t *
copy_names(const struct terms_limits *caps, struct vlt_slice *slices,
           uint8_t *at)
{
    for (size_t i = 0; i < caps->name_count; i++) {
        struct vlt_slice name = caps->names[i];

        if (name.len > 0) {
            memcpy(at, name.at, name.len);
        }
        slices[i] = vlt_slice_of(at, name.len);
        at += name.len;
    }
    if (caps->name_count > 0) {
        qsort(slices, caps->name_count, sizeof *slices, order_names);
    }
    return at;
}

enum vlt_status
set_copy_rule(const struct policy_rule *rule, struct policy_rule *out,
              void **block)
{
    size_t name = strlen(rule->name) + 1;
    size_t file = strlen(rule->file) + 1;
    size_t firms = rule->firm_count * POLICY_FIRM_LEN;
    size_t slices = rule->caps.name_count * sizeof(struct vlt_slice);
    size_t names = names_len(&rule->caps);

    if (name > POLICY_NAME || file > POLICY_FILE + 1 ||
        rule->note.len > POLICY_NOTE || rule->firm_count > POLICY_FIRMS ||
        names == SIZE_MAX) {
        return VLT_E_LIMIT;
    }
    uint8_t *at = malloc(slices + firms + name + file + rule->note.len + names);

    if (at == NULL) {
        return VLT_E_NOMEM;
    }
    *block = at;
    *out = *rule;
    /* The slices first: a block is aligned for them. */
    out->caps.names = *block;
    at = copy_names(&rule->caps, *block, at + slices);
    if (firms > 0) {
        memcpy(at, rule->firms, firms);
    }
    out->firms = (const uint8_t(*)[POLICY_FIRM_LEN])at;
    out->firm_count = sort_firms(at, rule->firm_count);
    at += firms;
    out->name = memcpy(at, rule->name, name);
    at += name;
    out->file = memcpy(at, rule->file, file);
    at += file;
    if (rule->note.len > 0) {
        memcpy(at, rule->note.at, rule->note.len);
    }
    out->note.at = at;
    return VLT_OK;
}
