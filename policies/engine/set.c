#include "engine/policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/name.h"
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
    free(set->purposes);
    free(set->data);
    free(set->entries);
    free(set);
}

const struct policy_settings *
policy_settings(const struct policy_set *set)
{
    return &set->settings;
}

const struct terms_limits *
policy_caps_unsaid(const struct policy_set *set)
{
    return &set->unsaid;
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

const struct policy_rule *
policy_rule_named(const struct policy_set *set, const char *name)
{
    size_t low = 0;
    size_t high = set->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(set->rules[middle].name, name);

        if (order == 0) {
            return &set->rules[middle];
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return NULL;
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
order_texts(const void *a, const void *b)
{
    const struct vlt_slice *left = a;
    const struct vlt_slice *right = b;
    size_t len = left->len < right->len ? left->len : right->len;
    int order = len > 0 ? memcmp(left->at, right->at, len) : 0;

    return order != 0 ? order
                      : (left->len > right->len) - (left->len < right->len);
}

/* A list of texts in a rule, and what it may have at most. */
struct texts {
    const struct vlt_slice *at;
    size_t count;
    size_t most;
    size_t longest;
};

/* Their bytes; SIZE_MAX: too many, or one is too long. */
static size_t
texts_len(const struct texts *texts)
{
    size_t len = 0;

    for (size_t i = 0; i < texts->count; i++) {
        if (texts->count > texts->most || texts->at[i].len > texts->longest) {
            return SIZE_MAX;
        }
        len += texts->at[i].len;
    }
    return len;
}

/* Copy them to `at`, in order; the slices go to `slices`.  Returns what is
 * behind. */
static uint8_t *
copy_texts(const struct texts *texts, struct vlt_slice *slices, uint8_t *at)
{
    for (size_t i = 0; i < texts->count; i++) {
        struct vlt_slice text = texts->at[i];

        if (text.len > 0) {
            memcpy(at, text.at, text.len);
        }
        slices[i] = vlt_slice_of(at, text.len);
        at += text.len;
    }
    if (texts->count > 0) {
        qsort(slices, texts->count, sizeof *slices, order_texts);
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
    struct texts names = { rule->caps.names, rule->caps.name_count, TERMS_NAMES,
                           TERMS_NAME_LEN };
    struct texts patterns = { rule->patterns, rule->pattern_count,
                              POLICY_PATTERNS, VLT_NAME_MAX };
    size_t slices = (names.count + patterns.count) * sizeof(struct vlt_slice);

    if (name > POLICY_NAME || file > POLICY_FILE + 1 ||
        rule->note.len > POLICY_NOTE || rule->firm_count > POLICY_FIRMS ||
        texts_len(&names) == SIZE_MAX || texts_len(&patterns) == SIZE_MAX) {
        return VLT_E_LIMIT;
    }
    uint8_t *at = malloc(slices + firms + name + file + rule->note.len +
                         texts_len(&names) + texts_len(&patterns));

    if (at == NULL) {
        return VLT_E_NOMEM;
    }
    /* The slices first: a block is aligned for them. */
    struct vlt_slice *slice = (void *)at;

    *block = at;
    *out = *rule;
    out->caps.names = slice;
    out->patterns = slice + names.count;
    at = copy_texts(&names, slice, at + slices);
    at = copy_texts(&patterns, slice + names.count, at);
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
