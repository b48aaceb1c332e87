/*
 * room: sees to it, before a transaction begins, that it has the room it
 * needs: blocks, address space, and for control jobs the ballast.
 *
 * Threads: the commit thread, but for room_give().
 */
#ifndef STORE_ROOM_H
#define STORE_ROOM_H

#include "store/store.h"

/* At opening: what the volume is like, and whether there is a ballast. */
VLT_MUST_USE enum vlt_status room_open(struct store *store);

/*
 * For a turn that begins, before LMDB's transaction.  *stop: why no rows are
 * to be put in it.  Waits for readers when the map must grow.
 * VLT_E_STORAGE: no blocks can be reserved; a turn of control jobs has spent
 * the ballast before.
 */
VLT_MUST_USE enum vlt_status room_begin(struct store *store,
                                        const struct store_turn *turn,
                                        enum store_stop *stop);

/* So many bytes more than a turn of rows has, for one that is under way.
 * VLT_E_STORAGE: there is no room for them. */
VLT_MUST_USE enum vlt_status room_more(struct store *store, uint64_t bytes);

/* Give up the ballast, for small files that must be written.  False: there is
 * none.  Any thread. */
bool room_give(struct store *store);

#endif
