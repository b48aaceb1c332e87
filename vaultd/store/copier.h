/*
 * copier: LMDB's compacting copy, as a stream of bytes.
 *
 * mdb_env_copyfd2() begins a read transaction of its own and writes to a
 * descriptor; a thread of ours runs it into a pipe.  It writes nothing before
 * its transaction has begun, so with the first byte the snapshot stands.
 */
#ifndef STORE_COPIER_H
#define STORE_COPIER_H

#include <lmdb.h>

#include "base/slice.h"
#include "base/status.h"

struct copier;

/*
 * Begin to copy, and wait until the snapshot stands.  The caller owns *out and
 * ends it with copier_free(), before the environment is closed.
 * VLT_E_STORAGE: LMDB refused, or no pipe.  VLT_E_NOMEM: no memory or thread.
 */
VLT_MUST_USE enum vlt_status copier_begin(MDB_env *env, struct copier **out);

/* The next len bytes into at; fewer are the last, and 0 in *got is the end of
 * it all.  How often LMDB writes decides nothing of how they are cut.
 * VLT_E_STORAGE: LMDB refused, and what came before is no copy. */
VLT_MUST_USE enum vlt_status copier_read(struct copier *copier, uint8_t *at,
                                         size_t len, size_t *got);

/* Break off what is under way, and free.  NULL is allowed. */
void copier_free(struct copier *copier);

#endif
