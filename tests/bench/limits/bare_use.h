/*
 * bare_use: what no answer to a firm can do without.
 *
 * A call of data.latest is read as JSON-RPC and its row out of one sealed
 * record.  The use has an entry in its firm's tree and one in the owner's,
 * each under a commitment; both are hashed, sealed and put into LMDB, in the
 * order in which they come, and one durable commit serves all calls that wait.
 * Each answer brings its entry and a checkpoint: one signature for each firm
 * of a commit.  JSON, cipher, trees, entries and checkpoints are those that
 * both ends share (sdk), LMDB's flags the vault's.
 *
 * Nothing else is: no grant is looked up or decided, no counter kept, no
 * limit; a stream is one record of one row; the nodes of trees are not stored.
 *
 * What cannot go on ends the program.  Threads: bare_use_read() and
 * bare_use_print() by one, the rest by one, which may be another.
 */
#ifndef BARE_USE_H
#define BARE_USE_H

#include <lmdb.h>

#include "base/buf.h"
#include "crypto/secret.h"
#include "crypto/tree.h"
#include "wire/checkpoint.h"
#include "wire/rpc.h"

enum { BARE_FIRMS = 256 };

struct bare_use {
    MDB_env *env;
    MDB_dbi log;
    MDB_dbi rows;
    MDB_txn *view; /* of the reader; reset between calls */
    MDB_txn *txn;  /* between begin and commit */
    uint64_t key;
    struct vlt_secret *secret;
    struct vlt_signer *signer; /* one for all firms: each costs the same */
    struct vlt_tree firm[BARE_FIRMS];
    struct vlt_tree owner;
};

/* One call on its way. */
struct bare_call {
    size_t firm; /* below BARE_FIRMS */
    struct vlt_rpc_id id;
    int64_t time;          /* of the row, ns */
    struct vlt_buf result; /* as it leaves */
    struct vlt_buf detail;
    uint64_t index;
    uint8_t entry[VLT_ENTRY_MASTER]; /* VLT_ENTRY_LEN of it */
    uint8_t salt[VLT_ENTRY_SALT];
    struct vlt_checkpoint head;
};

/* In a folder that is there; the file data.mdb in it is made and left. */
void bare_use_open(struct bare_use *use, const char *folder);
void bare_use_close(struct bare_use *use);

/* Read a call, and make its result.  What is no call ends the program. */
void bare_use_read(struct bare_use *use, struct vlt_slice text,
                   struct bare_call *call);

/* Log calls that were read, each of another firm, by one commit. */
void bare_use_log(struct bare_use *use, struct bare_call **calls, size_t count);

/* Append the answer to a call that was logged. */
void bare_use_print(const struct bare_call *call, struct vlt_buf *out);

#endif
