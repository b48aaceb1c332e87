/*
 * shared: pages of live rows that were scanned and encoded once, for all
 * readers of the same scope.
 *
 * A scope is all that a scan depends on: the stream and its columns, buckets,
 * rounding, what is withheld, where the reader is and how far it may look.
 * What is kept is the part of a message that says no reader's name or number;
 * each reader's page is decided, logged and framed for itself.
 *
 * Workers make them, from what is committed, and not the commit thread from the
 * batch that it has: so the one path scans and obliges rows for all, and a
 * reader that comes a moment later takes what is there.
 *
 * The newest SHARED_PAGES are kept, of SHARED_BYTES at most, until the vault is
 * locked.  While one reader makes a page the others of its scope wait for it.
 *
 * Threads: any; it has a lock of its own.
 */
#ifndef SHARED_H
#define SHARED_H

#include "base/buf.h"
#include "base/status.h"
#include "crypto/hash.h"
#include "series/series.h"

enum {
    SHARED_PAGES = 64,
    SHARED_BYTES = 8 << 20,
};

struct shared;

/* What a scan of a scope gave. */
struct shared_page {
    uint64_t snapshot; /* commit number of what was scanned */
    uint64_t rows;
    int64_t first, last; /* times of its rows */
    struct series_at at; /* where the stream is behind it */
    bool done;           /* the sweep is over */
    bool withheld;       /* rows of a gap were left out */
};

enum shared_found {
    SHARED_TAKEN, /* here it is */
    SHARED_MAKE,  /* the caller makes it, and says so with shared_made() */
};

/* VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status shared_new(struct shared **out);
void shared_free(struct shared *shared); /* NULL is allowed */

/* Forget all: the vault is locked, and nobody reads. */
void shared_clear(struct shared *shared);

/* Take a page of this scope, its bytes being appended to body, or begin to make
 * it.  A buffer that cannot hold it fails. */
enum shared_found shared_begin(struct shared *shared,
                               const uint8_t scope[VLT_HASH_LEN],
                               struct shared_page *page, struct vlt_buf *body);

/* It is made; NULL: it was not, and another may.  Its bytes may be empty. */
void shared_made(struct shared *shared, const uint8_t scope[VLT_HASH_LEN],
                 const struct shared_page *page, struct vlt_slice body);

/* A live page with rows was made for a reader, and encoded for it. */
void shared_count(struct shared *shared, bool encoded);

/* Of those, since the start. */
struct shared_counts {
    uint64_t pages, encoded;
};
struct shared_counts shared_counts(struct shared *shared);

#endif
