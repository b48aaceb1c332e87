/*
 * env: LMDB, opened once, with its databases.
 *
 * "main" is LMDB's unnamed database, whose page every commit rewrites anyway;
 * the others are named.
 *
 * Threads: as LMDB with MDB_NOTLS; one write transaction at a time, begun and
 * ended by one thread.
 */
#ifndef STORE_ENV_H
#define STORE_ENV_H

#include <lmdb.h>

#include "base/buf.h"
#include "base/status.h"

enum env_db {
    ENV_MAIN,
    ENV_TAIL0,
    ENV_TAIL1,
    ENV_TAIL2,
    ENV_TAIL3,
    ENV_CHUNK,
    ENV_HEAD,
    ENV_ROLL,
    ENV_LANE,
    ENV_META,
    ENV_DEDUP,
    ENV_IDEM,
    ENV_AUDIT,
    ENV_NODE,
    ENV_INBOX,
    ENV_DBS /* how many */
};

enum { ENV_FLAGS = MDB_NOTLS | MDB_NORDAHEAD };

struct env {
    MDB_env *mdb; /* NULL when closed */
    MDB_dbi dbi[ENV_DBS];
    size_t page; /* bytes */
    int fd;      /* of data.mdb: LMDB's */
};

struct env_size {
    size_t map;       /* bytes of address space */
    unsigned readers; /* at once */
};

/* "tail0"; "main" for the unnamed one. */
const char *env_db_name(enum env_db db);

/*
 * Open data.mdb in the directory `path`, making it and its databases when
 * `make`.  env_close() ends it.
 *
 * VLT_E_FORMAT   another page size, or a database is missing
 * VLT_E_STORAGE  the disk or LMDB refused, or the file is no database, or pages
 *                of it are missing (whole.h)
 *
 * From here on a page that cannot be, as LMDB sees it, ends the process with
 * STORE_EXIT_DAMAGED and a line in the log.
 */
VLT_MUST_USE enum vlt_status env_open(const char *path, struct env_size size,
                                      bool make, struct vlt_buf *why,
                                      struct env *out);

/* Harmless when closed. */
void env_close(struct env *env);

/* Sync data.mdb, all of it: LMDB does not sync the first pages of a new file.
 * VLT_E_STORAGE. */
VLT_MUST_USE enum vlt_status env_sync(const struct env *env);

/* What a code of LMDB means; all but "not found" and "exists" are logged, with
 * what was being done. */
VLT_MUST_USE enum vlt_status env_status(int code, const char *doing);

/* Slices and LMDB's values. */
MDB_val env_val(struct vlt_slice bytes);
struct vlt_slice env_slice(MDB_val value);

#endif
