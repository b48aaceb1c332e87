/*
 * match: the rules that concern a question, without looking at each.
 *
 * A set keeps, for each purpose and each category, the rules that match it as
 * bits; those that match all of firm, purpose and category are a few words
 * and'ed, however many rules there are.
 */
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "engine/set_internal.h"

static void
add(struct set_bits *bits, size_t rule)
{
    bits->words[rule / 64] |= UINT64_C(1) << (rule % 64);
}

static bool
has(const struct set_bits *bits, size_t rule)
{
    return (bits->words[rule / 64] >> (rule % 64) & 1) != 0;
}

/* Ids are hashes, so nearly always their first bytes tell. */
static int
order(const struct set_entry *entry, uint64_t head, const uint8_t *firm)
{
    if (entry->head != head) {
        return entry->head < head ? -1 : 1;
    }
    return memcmp(entry->firm, firm, POLICY_FIRM_LEN);
}

/* The first entry that is not before the firm. */
static size_t
first_entry(const struct policy_set *set, uint64_t head, const uint8_t *firm)
{
    size_t low = 0;
    size_t high = set->entry_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (order(&set->entries[middle], head, firm) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void
set_match(const struct policy_set *set, const struct set_question *asked,
          struct set_bits *out)
{
    const struct set_bits *purpose = &set->purposes[asked->purpose->bit];
    const struct set_bits *data =
        &set->data[asked->data != NULL ? asked->data->bit : vocab_categories()];
    bool confirmed = asked->firm->confirmed && !asked->firm->blocked;
    const uint8_t *firm = asked->firm->id;
    uint64_t head = vlt_load_be64(firm);

    for (size_t i = 0; i < SET_WORDS; i++) {
        uint64_t general = set->general.words[i];

        if (confirmed) {
            general &= ~set->unconfirmed.words[i];
        }
        out->words[i] = general & purpose->words[i] & data->words[i];
    }
    for (size_t i = first_entry(set, head, firm);
         i < set->entry_count && order(&set->entries[i], head, firm) == 0;
         i++) {
        size_t rule = set->entries[i].rule;

        if (has(purpose, rule) && has(data, rule)) {
            add(out, rule);
        }
    }
}

bool
set_next(struct set_bits *bits, uint16_t *out)
{
    for (size_t i = *out / 64; i < SET_WORDS; i++) {
        if (bits->words[i] != 0) {
            *out = (uint16_t)(i * 64 + (size_t)__builtin_ctzll(bits->words[i]));
            bits->words[i] &= bits->words[i] - 1;
            return true;
        }
    }
    return false;
}

/* What is explicit-only must be named itself. */
static bool
names_explicit(bool there, struct vocab_mask mask,
               const struct vocab_node *node)
{
    return node == NULL || (node->flags & VOCAB_EXPLICIT) == 0 ||
           (there && vocab_mask_has(mask, node->bit));
}

bool
set_covers(const struct policy_rule *rule, const struct set_question *asked)
{
    return names_explicit(rule->has_purposes, rule->purposes, asked->purpose) &&
           names_explicit(rule->has_data, rule->data, asked->data);
}

/* ---- making ---- */

static void
index_rule(struct policy_set *set, size_t number)
{
    const struct policy_rule *rule = &set->rules[number];

    if (rule->firm_count == 0) {
        add(&set->general, number);
    }
    if (rule->pattern_count > 0) {
        add(&set->streams, number);
    }
    if (strcmp(rule->name, "builtin.unconfirmed") == 0) {
        add(&set->unconfirmed, number);
    }
    if (strcmp(rule->name, "builtin.two-details") == 0) {
        set->two_details = number;
    }
    if (strcmp(rule->name, "builtin.quiet") == 0) {
        set->quiet = number;
    }
    if (strcmp(rule->name, "builtin.overdue") == 0) {
        set->overdue = number;
    }
    for (int bit = 0; bit < vocab_purposes(); bit++) {
        if (!rule->has_purposes ||
            vocab_mask_meets(rule->purposes, vocab_purpose(bit)->within)) {
            add(&set->purposes[bit], number);
        }
    }
    for (int bit = 0; bit < vocab_categories(); bit++) {
        if (!rule->has_data ||
            vocab_mask_meets(rule->data, vocab_category(bit)->within)) {
            add(&set->data[bit], number);
        }
    }
    if (!rule->has_data) {
        add(&set->data[vocab_categories()], number);
    }
}

enum vlt_status
set_index(struct policy_set *set)
{
    set->purposes = calloc((size_t)vocab_purposes(), sizeof *set->purposes);
    set->data = calloc((size_t)vocab_categories() + 1, sizeof *set->data);
    if (set->purposes == NULL || set->data == NULL) {
        return VLT_E_NOMEM; /* what is there goes with the set */
    }
    for (size_t i = 0; i < set->count; i++) {
        index_rule(set, i);
    }
    return VLT_OK;
}
