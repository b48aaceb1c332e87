#include "vocab/vocab.h"

#include <string.h>

#include "vocab/near.h"
#include "vocab/vocab_tables.h"

static bool
is(const char *word, const char *text, size_t len)
{
    return strlen(word) == len && memcmp(word, text, len) == 0;
}

const char *
vocab_version(void)
{
    return vocab_table_version;
}

const uint8_t *
vocab_hash(void)
{
    return vocab_table_hash;
}

/* ---- nodes ---- */

static int
find(const struct vocab_node *nodes, int count, const char *id, size_t len)
{
    for (int i = 0; i < count; i++) {
        if (is(nodes[i].id, id, len)) {
            return i;
        }
    }
    return VOCAB_NONE;
}

static const char *
nearest(const struct vocab_node *nodes, int count, const char *id, size_t len)
{
    struct near near = { .text = id, .len = len };

    for (int i = 0; i < count; i++) {
        vocab_near_try(&near, nodes[i].id);
    }
    return near.best;
}

int
vocab_purposes(void)
{
    return vocab_table_purpose_count;
}

int
vocab_categories(void)
{
    return vocab_table_category_count;
}

const struct vocab_node *
vocab_purpose(int bit)
{
    return bit < 0 || bit >= vocab_table_purpose_count
               ? NULL
               : &vocab_table_purposes[bit];
}

const struct vocab_node *
vocab_category(int bit)
{
    return bit < 0 || bit >= vocab_table_category_count
               ? NULL
               : &vocab_table_categories[bit];
}

int
vocab_purpose_find(const char *id, size_t len)
{
    return find(vocab_table_purposes, vocab_table_purpose_count, id, len);
}

int
vocab_category_find(const char *id, size_t len)
{
    return find(vocab_table_categories, vocab_table_category_count, id, len);
}

const char *
vocab_purpose_near(const char *id, size_t len)
{
    return nearest(vocab_table_purposes, vocab_table_purpose_count, id, len);
}

const char *
vocab_category_near(const char *id, size_t len)
{
    return nearest(vocab_table_categories, vocab_table_category_count, id, len);
}

bool
vocab_never(const char *id, size_t len)
{
    for (size_t i = 0; i < vocab_table_never_count; i++) {
        const char *never = vocab_table_never[i];
        size_t whole = strlen(never);

        if (len >= whole && memcmp(id, never, whole) == 0 &&
            (len == whole || id[whole] == '.')) {
            return true;
        }
    }
    return false;
}

const char *
vocab_never_id(size_t i)
{
    return i < vocab_table_never_count ? vocab_table_never[i] : NULL;
}

/* ---- masks ---- */

struct vocab_mask
vocab_mask_of(int bit)
{
    struct vocab_mask mask = { { 0, 0 } };

    vocab_mask_add(&mask, bit);
    return mask;
}

void
vocab_mask_add(struct vocab_mask *mask, int bit)
{
    if (bit >= 0 && bit < VOCAB_BITS) {
        mask->bits[bit / 64] |= UINT64_C(1) << (bit % 64);
    }
}

bool
vocab_mask_has(struct vocab_mask mask, int bit)
{
    return vocab_mask_meets(mask, vocab_mask_of(bit));
}

bool
vocab_mask_empty(struct vocab_mask mask)
{
    return (mask.bits[0] | mask.bits[1]) == 0;
}

bool
vocab_mask_meets(struct vocab_mask a, struct vocab_mask b)
{
    return ((a.bits[0] & b.bits[0]) | (a.bits[1] & b.bits[1])) != 0;
}

int
vocab_mask_next(struct vocab_mask *mask)
{
    for (int word = 0; word < 2; word++) {
        uint64_t bits = mask->bits[word];

        if (bits != 0) {
            mask->bits[word] = bits & (bits - 1);
            return 64 * word + __builtin_ctzll(bits);
        }
    }
    return VOCAB_NONE;
}

/* ---- floors, keys, values ---- */

const struct vocab_floor *
vocab_floor(int category)
{
    for (size_t i = 0; i < vocab_table_floor_count; i++) {
        if (vocab_table_floors[i].category == category) {
            return &vocab_table_floors[i];
        }
    }
    return NULL;
}

size_t
vocab_keys(void)
{
    return vocab_table_key_count;
}

const struct vocab_key *
vocab_key(size_t i)
{
    return i < vocab_table_key_count ? &vocab_table_keys[i] : NULL;
}

const struct vocab_key *
vocab_cap(size_t i)
{
    return i < vocab_table_cap_count
               ? &vocab_table_keys[vocab_table_first_cap + i]
               : NULL;
}

const struct vocab_key *
vocab_key_find(bool top, const char *name, size_t len)
{
    for (size_t i = 0; i < vocab_table_key_count; i++) {
        const struct vocab_key *key = &vocab_table_keys[i];

        if ((key->place == VOCAB_TOP) == top && is(key->name, name, len)) {
            return key;
        }
    }
    return NULL;
}

const char *
vocab_key_near(bool top, const char *name, size_t len)
{
    struct near near = { .text = name, .len = len };

    for (size_t i = 0; i < vocab_table_key_count; i++) {
        const struct vocab_key *key = &vocab_table_keys[i];

        if ((key->place == VOCAB_TOP) == top && key->since == VOCAB_NOW) {
            vocab_near_try(&near, key->name);
        }
    }
    return near.best;
}

const struct vocab_value *
vocab_value_find(enum vocab_kind kind, const char *id, size_t len)
{
    for (size_t i = 0; i < vocab_table_value_count; i++) {
        const struct vocab_value *value = &vocab_table_values[i];

        if (value->kind == kind && is(value->id, id, len)) {
            return value;
        }
    }
    return NULL;
}

const struct vocab_value *
vocab_value(enum vocab_kind kind, int64_t value)
{
    for (size_t i = 0; i < vocab_table_value_count; i++) {
        if (vocab_table_values[i].kind == kind &&
            vocab_table_values[i].value == value) {
            return &vocab_table_values[i];
        }
    }
    return NULL;
}

const struct vocab_value *
vocab_value_at(enum vocab_kind kind, size_t i)
{
    for (size_t at = 0; at < vocab_table_value_count; at++) {
        if (vocab_table_values[at].kind != kind) {
            continue;
        }
        if (i == 0) {
            return &vocab_table_values[at];
        }
        i--;
    }
    return NULL;
}

/* ---- countries, risks ---- */

int
vocab_country_find(const char *code, size_t len)
{
    for (int i = 0; i < vocab_table_country_count; i++) {
        if (is(vocab_table_countries[i].code, code, len)) {
            return i;
        }
    }
    return VOCAB_NONE;
}

const char *
vocab_country(int country)
{
    return country < 0 || country >= vocab_table_country_count
               ? NULL
               : vocab_table_countries[country].code;
}

bool
vocab_country_eea(int country)
{
    return vocab_country(country) != NULL && vocab_table_countries[country].eea;
}

const struct vocab_risk *
vocab_risk(size_t i)
{
    return i < vocab_table_risk_count ? &vocab_table_risks[i] : NULL;
}
