/*
 * bare_table: what finding one of many cannot do without.
 *
 * A table of slots, as large as the vault's of as many grants, and records of
 * 320 bytes side by side, each all that a decision reads.  To look is to read a
 * slot, where the number of the record stands, and then a word of each line of
 * that, which were all fetched at once.  Nothing is hashed, compared, counted
 * or decided.
 *
 * What cannot go on ends the program.  Threads: one.
 */
#ifndef BARE_TABLE_H
#define BARE_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct bare_record;

struct bare_table {
    size_t count;
    uint32_t *slot;             /* owned: a number from 1; 0: free */
    struct bare_record *record; /* owned: count */
    uint32_t *order;            /* owned: the slots that are taken, in no order
                                 */
    size_t next;                /* of them */
};

/* With so many records, 1 to 10000. */
void bare_table_open(struct bare_table *table, size_t count);
void bare_table_close(struct bare_table *table);

/* Look at the next record.  Each look waits for the one before. */
void bare_table_look(struct bare_table *table);

#endif
