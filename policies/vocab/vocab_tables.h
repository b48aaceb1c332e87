/*
 * vocab_tables: the tables that generate.py makes, as vocab.c sees them.
 */
#ifndef POLICIES_VOCAB_TABLES_H
#define POLICIES_VOCAB_TABLES_H

#include "vocab/vocab.h"

struct vocab_place_row {
    const char *code;
    bool eea;
};

extern const char vocab_table_version[];
extern const uint8_t vocab_table_hash[VOCAB_HASH_LEN];
extern const struct vocab_node vocab_table_purposes[];
extern const int vocab_table_purpose_count;
extern const struct vocab_node vocab_table_categories[];
extern const int vocab_table_category_count;

extern const char *const vocab_table_never[];
extern const size_t vocab_table_never_count;
extern const struct vocab_floor vocab_table_floors[];
extern const size_t vocab_table_floor_count;
extern const struct vocab_key vocab_table_keys[];
extern const size_t vocab_table_key_count;
extern const size_t vocab_table_first_cap;
extern const size_t vocab_table_cap_count;
extern const struct vocab_value vocab_table_values[];
extern const size_t vocab_table_value_count;
extern const struct vocab_place_row vocab_table_countries[];
extern const int vocab_table_country_count;
extern const struct vocab_risk vocab_table_risks[];
extern const size_t vocab_table_risk_count;

#endif
