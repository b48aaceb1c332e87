/*
 * bury: keys that go, and what lay under them (§10).
 *
 * Threads: the commit thread, but where something else is said.
 */
#ifndef STORE_BURY_H
#define STORE_BURY_H

#include "store/store.h"

/*
 * What is under a buried key is passed over by all that walk, is found by
 * nobody, and is no damage: it waits to be swept.  In this order:
 *
 *     commit a record of which keys go (the caller's)
 *     store_bury()     in memory: from here on nobody reads it
 *     store_renew()    on disk: the old key files are destroyed
 *     commit a record that says so
 *     store_sweep()    turn by turn
 *     compact.h        the free pages go too
 *     store_unbury()
 *
 * After a start, store_bury() comes again for each record of which it is not
 * known that all is done, before anything is walked.
 */
struct store_burial {
    const uint8_t *dead; /* kids, one behind the other */
    size_t dead_count;
    const uint8_t *live; /* likewise: staged keys that take over */
    size_t live_count;
};

/* Between transactions.  Waits for the readers; kids that are not there are
 * passed over.  VLT_E_LOCKED.  VLT_E_NOMEM: nothing was changed. */
VLT_MUST_USE enum vlt_status store_bury(struct store *store,
                                        const struct store_burial *burial);

/*
 * A new generation of the key files without the buried keys; then the old one
 * is destroyed.  Between transactions; the next commit tells root.
 *
 * VLT_E_STORAGE  the disk refused: old files are still there.  Try again
 * VLT_E_UNKNOWN  so; and the store refuses to go on
 * VLT_E_LOCKED, VLT_E_NOMEM
 */
VLT_MUST_USE enum vlt_status store_renew(struct store *store,
                                         struct vlt_buf *why);

/* Does the file system write over what a file holds where it lies, as far as
 * is known?  Where it copies, destroyed bytes may stay on the disk. */
bool store_in_place(const struct store *store);

/* Keys of all lanes.  Borrowed for the call, in which no key may be made; false
 * ends the walk. */
struct store_lane_key {
    uint8_t stream[VLT_ID_LEN];
    int32_t epoch;
    uint8_t kid[STORE_KID_LEN];
    bool live; /* else staged: of an erase that was undone, or is under way */
};
typedef bool store_lane_key_fn(void *ctx, const struct store_lane_key *key);
void store_lane_keys(struct store *store, store_lane_key_fn *fn, void *ctx);

/* A new staged key of a lane, durable before this transaction commits.
 * VLT_E_LIMIT: the keyring is full.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status store_txn_stage(struct store_txn *txn,
                                             const uint8_t stream[VLT_ID_LEN],
                                             int32_t epoch,
                                             uint8_t kid[STORE_KID_LEN]);

/* How far a sweep is.  Begin with { 0 }. */
struct store_sweep {
    unsigned step;
    uint64_t no;
};

enum {
    STORE_SWEEP_DELETES = 100, /* in one transaction */
    STORE_SWEEP_LOOKS = 4096,  /* records looked at in one transaction */
};

/* Delete what lies under buried keys, but for tails, which go with their
 * segments.  *done: nothing is left.  VLT_E_STORAGE ends the transaction. */
VLT_MUST_USE enum vlt_status store_sweep(struct store_txn *txn,
                                         struct store_sweep *at, bool *done);

/* Everything that lay under them is gone: forget the buried kids. */
void store_unbury(struct store *store);

#endif
