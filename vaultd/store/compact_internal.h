/*
 * compact_internal: what the files of a compaction share.
 */
#ifndef STORE_COMPACT_INTERNAL_H
#define STORE_COMPACT_INTERNAL_H

#include "store/changes.h"
#include "store/compact.h"
#include "store/store_internal.h"

struct copier;

enum {
    COMPACT_MARGIN =
        16 << 20, /* bytes of the disk that stay free in any case */
};

struct store_compaction {
    struct store *store;
    char path[STORE_PATH_MAX + sizeof "/compact"]; /* of the copy's folder */
    int fd;                                        /* of that; -1: none */
    struct copier *copier;                         /* NULL: it has ended */
    struct env copy;                               /* open once it is copied */
    MDB_txn *view; /* of data.mdb, that the copy is to be like; or NULL */
    struct changes noted;   /* since: the commit thread's */
    struct changes todo;    /* what led to view from what the copy has */
    enum vlt_status worked; /* of store_compact_work() */
    unsigned rounds;        /* that were handed back to store_compact_work() */
    struct store_compact_wish wish;
    struct atomic gives_way; /* not 0: why, compact_give_way() */
};

/* A sentence with errno's in it: VLT_E_STORAGE. */
enum vlt_status compact_refused(struct vlt_buf *why, const char *what);

/* Bytes of a disk of this size that stay free. */
uint64_t compact_margin(const struct store_compaction *c, uint64_t size);

/* Let it end soon: something more urgent wants the file, or it cannot come to
 * an end.  Any thread. */
void compact_give_way(struct store_compaction *c, enum vlt_status why);

/* Is it to end?  Then says so: VLT_E_BUSY, else VLT_OK. */
VLT_MUST_USE enum vlt_status compact_goes_on(const struct store_compaction *c,
                                             struct vlt_buf *why);

/* Write the copy, synced, open it and compare it with the view, record by
 * record (compact_copy.c). */
VLT_MUST_USE enum vlt_status compact_copy(struct store_compaction *c,
                                          struct vlt_buf *why);

/* Put what was changed into the copy, durable, and compare it with the view
 * (compact_follow.c). */
VLT_MUST_USE enum vlt_status compact_follow(struct store_compaction *c,
                                            struct vlt_buf *why);

/* Has it as many records as the view, the same root, and the set that root
 * says?  There are keys (compact_follow.c). */
VLT_MUST_USE enum vlt_status compact_judge(const struct store_compaction *c,
                                           struct vlt_buf *why);

#endif
