/*
 * beside: chunks are made of tails on a thread of its own.
 *
 * It computes on memory alone: a job has a copy of all that it needs, and knows
 * no store, no lock and no stream.  Whoever gave it looks whether what was made
 * still fits, and puts it or not.
 *
 * Memory: BESIDE_LANES jobs at once; of each the blocks of its tails until it
 * is made (a few chunks' worth, and no more than what is kept of recent tails),
 * BESIDE_CHUNKS chunks and, once BESIDE_SUMS bytes of sums are made, no chunk
 * more.  While one is made its rows are there, PACK_ROWS at most.  Rows and
 * blocks are wiped by the program's free(), the thread's stack after each job.
 *
 * Threads: one gives, takes and drops (the commit thread).
 */
#ifndef SERIES_BESIDE_H
#define SERIES_BESIDE_H

#include "base/id.h"
#include "series/cut.h"

enum {
    BESIDE_LANES = 8,      /* jobs at once */
    BESIDE_CHUNKS = 8,     /* of a job */
    BESIDE_SUMS = 1 << 20, /* bytes of its sums; the last chunk's may pass it */
    BESIDE_COLUMNS = 64,
};

struct beside;

/* Where a tail's block lies in a job. */
struct beside_tail {
    size_t at, len;
    int64_t after; /* only rows after this time; INT64_MIN: all */
};

/* A lane whose full chunks are to be made.  All its rows come behind those that
 * are in chunks. */
struct beside_job {
    /* ---- given ---- */
    uint8_t stream[VLT_ID_LEN];
    int32_t epoch;
    struct vlt_field field[BESIDE_COLUMNS];
    struct vlt_schema schema;
    struct lane_packed packed; /* when it was given */
    uint64_t end;              /* all that arrived before is in chunks, or in
                                  the tails below */
    uint64_t bytes;            /* of values in them */
    size_t rows;               /* in them, about */
    struct vlt_buf blocks;     /* owned: of the tails */
    struct beside_tail *tail;  /* owned */
    size_t tails;

    /* ---- made ---- */
    enum vlt_status st; /* else it is of no use, and its lane is packed in a
                           turn */
    struct cut cut[BESIDE_CHUNKS];
    size_t cuts;
    size_t rest; /* bytes of the block that would have been next */
    bool more;   /* there would have been, but for its limits */

    /* ---- beside.c's ---- */
    struct beside_job *next;
    int state;
};

/* An empty job; NULL: no memory. */
struct beside_job *beside_job_new(void);
void beside_job_free(struct beside_job *job); /* NULL is allowed */

/* Make its chunks, and free its tails: pure.  Threads: any, one a job. */
void beside_job_make(struct beside_job *job);

/* threaded: with the thread "vaultd-pack"; else only beside_step() makes
 * anything, for tests.  The caller frees *out.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status beside_new(bool threaded, struct beside **out);

/* Waits for the job under way.  NULL is allowed. */
void beside_free(struct beside *beside);

/* Is there room for one more? */
bool beside_has_room(struct beside *beside);

/* Takes a job, for which there is room; one of a lane. */
void beside_give(struct beside *beside, struct beside_job *job);

/* Is a job of this lane here? */
bool beside_has(const struct beside *beside, const uint8_t stream[VLT_ID_LEN],
                int32_t epoch);

/* The oldest that is made; the caller frees it.  NULL: none is. */
struct beside_job *beside_take(struct beside *beside);

/* The lane's, which is waited for if it is under way.  NULL: it was not begun,
 * and is freed, or there is none. */
struct beside_job *beside_call_back(struct beside *beside,
                                    const uint8_t stream[VLT_ID_LEN],
                                    int32_t epoch);

/* Free all, and wait for what is under way.  NULL is allowed. */
void beside_drop(struct beside *beside);

/* Make the oldest that is not begun: false, there is none. */
bool beside_step(struct beside *beside);

#endif
