/*
 * lmdb_plan: what each operation on bare LMDB writes, by its number.
 *
 * Operation 0 makes the environment; operation n from 1 on commits one record
 * under its number and rewrites the record "newest".
 */
#ifndef TESTS_CRASH_LMDB_PLAN_H
#define TESTS_CRASH_LMDB_PLAN_H

#include <lmdb.h>
#include <string.h>

#include "dice.h"

enum { LMDB_PLAN_MAP = 64 << 20, LMDB_PLAN_VALUE = 3000 };

struct lmdb_record {
    uint8_t key[4]; /* big-endian, so that they come in order */
    size_t len;
    uint8_t value[LMDB_PLAN_VALUE];
};

static inline void
lmdb_plan(uint64_t seed, unsigned number, struct lmdb_record *out)
{
    struct dice dice = dice_of(seed, number);
    uint64_t some;

    for (int i = 0; i < 4; i++) {
        out->key[i] = (uint8_t)(number >> (24 - 8 * i));
    }
    out->len = 8 + dice_below(&dice, LMDB_PLAN_VALUE - 8);
    for (size_t i = 0; i < out->len; i += sizeof some) {
        size_t left = out->len - i;

        some = dice_next(&dice);
        memcpy(out->value + i, &some, left < sizeof some ? left : sizeof some);
    }
}

/* LMDB's values are not const, but it does not write through those that it is
 * given. */
static inline MDB_val
lmdb_val(const void *at, size_t len)
{
    union {
        const void *in;
        void *out;
    } both = { .in = at };

    return (MDB_val){ .mv_size = len, .mv_data = both.out };
}

#endif
