/*
 * bare_log: what a log of uses cannot do without.
 *
 * A use has two entries, one in each of two RFC 9162 trees.  They are hashed
 * alone, or hashed, sealed and put into LMDB in the order in which they come:
 * the vault's cipher with its buffered nonces, the bytes of its records, its
 * flags.  Nothing else is: no salt and no commitment to a detail, no stored
 * nodes, no trees to be found, no root.
 *
 * What cannot go on ends the program.  Threads: one.
 */
#ifndef BARE_LOG_H
#define BARE_LOG_H

#include <lmdb.h>
#include <stdint.h>

#include "base/slice.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "crypto/tree.h"

enum { BARE_LEVELS = 48 };

/* A tree by the roots of its whole subtrees, from the right. */
struct bare_tree {
    uint64_t size;
    uint8_t root[BARE_LEVELS][VLT_HASH_LEN];
};

struct bare_log {
    struct bare_tree hashed[2]; /* alone */
    struct bare_tree put[2];
    struct vlt_tree grown[2];
    MDB_env *env;
    MDB_dbi dbi;
    MDB_txn *txn; /* between begin and abort */
    uint64_t key;
    struct vlt_secret *secret;
};

/* In a folder that is there; the file data.mdb in it is made and left. */
void bare_log_open(struct bare_log *log, const char *folder);
void bare_log_close(struct bare_log *log);

/* One use's entries into the trees in memory. */
void bare_log_hash(struct bare_log *log);

/* The same into trees of the vault's, with the two heads that each use makes:
 * the firm's, which the owner's entry names, and the owner's. */
void bare_log_grow(struct bare_log *log);

/* The same with both records, each with that detail (1 to 1024 bytes), in a
 * transaction that is not committed. */
void bare_log_begin(struct bare_log *log);
void bare_log_put(struct bare_log *log, struct vlt_slice detail);
void bare_log_abort(struct bare_log *log);

#endif
