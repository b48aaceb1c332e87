#include "bare_table.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "../bench.h"

enum {
    LINE = 64, /* bytes, of a processor's cache */
    LINES = 5, /* of a record */
};

struct bare_record {
    alignas(LINE) struct {
        uint64_t word; /* 0 */
        uint8_t more[LINE - sizeof(uint64_t)];
    } line[LINES];
};

/* Any number below `below`, of a row that is always the same. */
static size_t
some(uint64_t *seed, size_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (size_t)(*seed >> 33) % below;
}

/* At most three quarters of the slots are taken. */
static size_t
slots_for(size_t count)
{
    size_t slots = 16;

    while (count > slots / 4 * 3) {
        slots *= 2;
    }
    return slots;
}

/* Records take slots as they come, and are asked for in another order. */
static void
fill(struct bare_table *table, size_t slots)
{
    uint64_t seed = 20261201;

    for (size_t i = 0; i < table->count; i++) {
        size_t at = some(&seed, slots);

        while (table->slot[at] != 0) {
            at = (at + 1) % slots;
        }
        table->slot[at] = (uint32_t)i + 1;
        table->order[i] = (uint32_t)at;
    }
    for (size_t i = table->count - 1; i > 0; i--) {
        size_t j = some(&seed, i + 1);
        uint32_t kept = table->order[i];

        table->order[i] = table->order[j];
        table->order[j] = kept;
    }
}

void
bare_table_open(struct bare_table *table, size_t count)
{
    size_t slots = slots_for(count);
    size_t bytes = count * sizeof *table->record;

    *table = (struct bare_table){ .count = count };
    table->slot = calloc(slots, sizeof *table->slot);
    table->record = aligned_alloc(LINE, bytes);
    table->order = calloc(count, sizeof *table->order);
    if (table->slot == NULL || table->record == NULL || table->order == NULL) {
        bench_die("memory", 0);
    }
    memset(table->record, 0, bytes); /* their pages are there */
    fill(table, slots);
}

void
bare_table_close(struct bare_table *table)
{
    free(table->slot);
    free(table->record);
    free(table->order);
}

void
bare_table_look(struct bare_table *table)
{
    const struct bare_record *record =
        &table->record[table->slot[table->order[table->next]] - 1];
    uint64_t sum = 0;

    for (size_t i = 0; i < LINES; i++) {
        __builtin_prefetch(&record->line[i]);
    }
    for (size_t i = 0; i < LINES; i++) {
        sum += record->line[i].word;
    }
    /* All words are 0, which nobody but the records knows. */
    table->next += 1 + (size_t)sum;
    if (table->next >= table->count) {
        table->next = 0;
    }
}
