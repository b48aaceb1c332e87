/*
 * pipeline: what a store cannot do without: rows are encoded, sealed and put
 * into LMDB in the order in which they come, and read back the same way.
 *
 * The codec, the cipher with its buffered nonces, and LMDB's flags are the
 * vault's.  Nothing else is: no root, no streams, no order of time, no look at
 * what is there already.
 *
 * What cannot go on ends the program.  Threads: one belongs to one.
 */
#ifndef PIPELINE_H
#define PIPELINE_H

#include <lmdb.h>
#include <stdint.h>

#include "base/buf.h"
#include "crypto/secret.h"
#include "wire/rows.h"

struct pipeline {
    MDB_env *env;
    MDB_dbi dbi;
    MDB_txn *txn; /* between begin and commit */
    uint64_t key;
    uint64_t bytes; /* sealed, of all records put */
    struct vlt_secret *secret;
    struct vlt_buf block;
};

/* Open data.mdb in a folder, or make it, for what was put there to be read
 * again by another process. */
void pipeline_open(struct pipeline *p, const char *folder);
void pipeline_close(struct pipeline *p);

void pipeline_begin(struct pipeline *p);
void pipeline_commit(struct pipeline *p);

/* All rows as one record, in the transaction under way. */
void pipeline_put(struct pipeline *p, const struct vlt_rows *rows);

/* As many as fill a record as large as a chunk; returns how many. */
size_t pipeline_put_chunk(struct pipeline *p, const struct vlt_rows *rows,
                          struct vlt_range range);

/* Every record, opened and decoded; rows are borrowed for the call. */
typedef void pipeline_fn(void *ctx, const struct vlt_rows *rows);
void pipeline_each(struct pipeline *p, pipeline_fn *fn, void *ctx);

#endif
