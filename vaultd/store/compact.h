/*
 * compact: data.mdb without its free pages, made while the vault is used.
 *
 *     store_compact_begin()   a snapshot; from here on changes are noted
 *     store_compact_work()    copied, synced, and compared with the snapshot
 *     store_compact_finish()  what was changed since goes into the copy, which
 *                             takes the place of data.mdb
 *
 * The commit thread has the first and the last, between transactions, and holds
 * commits back for no longer than a large turn does: when more has changed than
 * one brings, store_compact_finish() hands it to store_compact_work(), which
 * brings the copy nearer, and so on, each time with less.  Where that does not
 * come to an end, because more is written than the copy follows, it is given
 * up.  Whoever gives up has lost nothing: the old file is in force.
 *
 * LMDB keeps what a snapshot shows, so what is freed while the copy is made is
 * not used again, and data.mdb may grow meanwhile.  The map does not grow; when
 * it has to, the compaction gives way.
 *
 * A crash leaves the old file or the new one.  What it leaves of a copy goes at
 * the next start.
 */
#ifndef STORE_COMPACT_H
#define STORE_COMPACT_H

#include "store/store.h"

struct atomic;
struct store_compaction;

struct store_compact_wish {
    /* Whoever sets it to another number than 0 lets it end soon; borrowed until
     * it is freed; may be NULL. */
    const struct atomic *cancelled;
    /* For the space alone: the disk keeps what it must have for rows to be
     * taken.  What is to be gone goes even where rows have to wait for it. */
    bool spare;
};

/*
 * Take the snapshot of the last commit.  The commit thread, between
 * transactions.  The caller owns *out and frees it with store_compact_free().
 *
 * VLT_E_BUSY     one is under way, or a backup is being made
 * VLT_E_STORAGE  no room for a copy, or the disk or LMDB refused
 * VLT_E_LOCKED, VLT_E_NOMEM
 */
VLT_MUST_USE enum vlt_status
store_compact_begin(struct store *store, const struct store_compact_wish *wish,
                    struct vlt_buf *why, struct store_compaction **out);

/*
 * Copy and compare, or bring the copy nearer: slow.  Any thread, one at a time,
 * and not while another function of these is called.  After a failure it is
 * over.
 *
 * VLT_E_BUSY     it was cancelled, the map has to grow, or more was written
 *                than can be noted
 * VLT_E_STORAGE  the disk is nearly full or refused, or the copy is not the
 *                same
 * VLT_E_NOMEM
 */
VLT_MUST_USE enum vlt_status store_compact_work(struct store_compaction *c,
                                                struct vlt_buf *why);

/*
 * Put the copy in the place of data.mdb.  The commit thread, between
 * transactions, after store_compact_work(); after a failure of that it has a
 * failure, too.  *more: too much was changed since;
 * call that again, then this.  Waits for the readers.
 *
 * VLT_E_BUSY     as above; or more is written than the copy follows, or a
 *                backup is being made
 * VLT_E_STORAGE  the disk refused, or the copy is not the same
 * VLT_E_UNKNOWN  which file is in force is not known, or it could not be
 *                opened: the store refuses to go on
 * VLT_E_LOCKED, VLT_E_NOMEM
 */
VLT_MUST_USE enum vlt_status store_compact_finish(struct store_compaction *c,
                                                  struct vlt_buf *why,
                                                  bool *more);

/* What did not take its place is removed.  The commit thread, or when there is
 * none.  NULL is allowed. */
void store_compact_free(struct store_compaction *c);

/* Did the last process end while it compacted?  Then what ended it may well end
 * the next that tries. */
bool store_compact_failed(const struct store *store);

#endif
