/*
 * inbox: what sources send while the vault is locked.
 *
 * Entries are sealed to the vault's public inbox key, so that they can be kept
 * without a key and opened only at unlock.  Each has a number, one above the
 * last; numbers never come twice, since the gate says which was drained last.
 * What is in a box is the service's business.
 *
 * Threads: as record.h, but where it says otherwise.
 */
#ifndef STORE_INBOX_H
#define STORE_INBOX_H

#include "store/store.h"

enum {
    STORE_GATE_MAX = 1024, /* sources */
    STORE_GATE_TOKEN = 8,  /* bytes of a token's public half */
    STORE_GATE_HASH = 32,  /* of BLAKE2b-256 of its secret half */

    STORE_INBOX_MAX = 64 << 20, /* bytes of all sealed entries */
    STORE_INBOX_BOX = 5 << 18,  /* bytes of what is in one */
};

/* ---- who may come in ---- */

struct store_gate_entry {
    uint8_t token[STORE_GATE_TOKEN];
    uint8_t hash[STORE_GATE_HASH];
};

struct store_gate {
    uint64_t drained; /* number of the entry that was drained last; 0: none */
    size_t count;
    struct store_gate_entry *at; /* owned; ascending once it was stored */
};

void store_gate_free(struct store_gate *gate);

/* Into the order of one that was stored. */
void store_gate_sort(struct store_gate *gate);

/* Which of them is it?  STORE_GATE_MAX: none.  Hashes are compared in constant
 * time. */
size_t store_gate_find(const struct store_gate *gate,
                       const uint8_t token[STORE_GATE_TOKEN],
                       const uint8_t hash[STORE_GATE_HASH]);

/* Which of them has this public half, which proves nothing?  Likewise. */
size_t store_gate_find_id(const struct store_gate *gate,
                          const uint8_t token[STORE_GATE_TOKEN]);

/* Of two that are both ascending. */
bool store_gate_same(const struct store_gate *a, const struct store_gate *b);

/*
 * The gate as committed, locked or not.  Any thread that has no transaction.
 * The caller ends *out with store_gate_free().
 * VLT_E_NOT_FOUND  there is none
 * VLT_E_STORAGE    it is damaged, or LMDB refused
 * VLT_E_BUSY, VLT_E_NOMEM
 */
VLT_MUST_USE enum vlt_status store_gate_read(struct store *store,
                                             struct store_gate *out);

/* Put or replace who may come in; unlocked.  Sorts the gate's entries and sets
 * what was drained as root knows it. */
VLT_MUST_USE enum vlt_status store_gate_put(struct store_txn *txn,
                                            struct store_gate *gate);

/* ---- entries ---- */

/* Bytes of all sealed entries, and how many there are, as committed.  Any
 * thread. */
uint64_t store_inbox_bytes(const struct store *store);
uint64_t store_inbox_count(const struct store *store);

/* The number that the next entry has.  VLT_E_STORAGE. */
VLT_MUST_USE enum vlt_status store_inbox_next(const struct store_txn *txn,
                                              uint64_t *number);

/*
 * Seal a box and put it under the number of store_inbox_next().  The one
 * record that a keyless transaction may put.
 * VLT_E_QUOTA   the inbox is full
 * VLT_E_LIMIT   plain is empty or over STORE_INBOX_BOX
 * VLT_E_STORAGE the transaction has failed
 */
VLT_MUST_USE enum vlt_status store_inbox_put(struct store_txn *txn,
                                             struct vlt_slice plain);

/*
 * The first entry from number `from` on: its number, which is set also on
 * VLT_E_AUTH, and its plaintext, appended to plain, which should be one that is
 * wiped.
 * VLT_E_NOT_FOUND  there is none
 * VLT_E_AUTH       it does not open
 * VLT_E_LOCKED     no keys
 */
VLT_MUST_USE enum vlt_status store_inbox_open(const struct store_view *view,
                                              uint64_t from, uint64_t *number,
                                              struct vlt_buf *plain);

/* The number that was drained last, as root knows it. */
VLT_MUST_USE enum vlt_status store_inbox_drained(const struct store_view *view,
                                                 uint64_t *number);

/* Delete an entry and note that it was drained; unlocked.  VLT_E_NOT_FOUND. */
VLT_MUST_USE enum vlt_status store_inbox_drop(struct store_txn *txn,
                                              uint64_t number);

#endif
