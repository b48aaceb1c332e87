/*
 * store_internal: what the files of this room share.
 */
#ifndef STORE_STORE_INTERNAL_H
#define STORE_STORE_INTERNAL_H

#include "store/changes.h"
#include "store/dir.h"
#include "store/env.h"
#include "store/idem_queue.h"
#include "store/piece.h"
#include "store/reserve.h"
#include "store/root.h"
#include "store/seal.h"
#include "store/shelf.h"
#include "store/slots.h"
#include "store/store.h"
#include "util/atomic.h"
#include "util/lock.h"

/* What blocks can be reserved for. */
enum room_full {
    ROOM_THERE,
    ROOM_NO_ROWS, /* control jobs alone */
    ROOM_FULL,    /* nothing */
};

struct store {
    struct dir dir;          /* its slots under slots_lock */
    struct lock *slots_lock; /* any thread reads them, as a copy */
    uint64_t slots_version;  /* under it, too */
    struct env env;
    struct shelf *shelf;
    struct reserve reserve;
    size_t map_most;           /* bytes that the map may grow to */
    struct atomic quota;       /* bytes; 0: none */
    struct atomic ballast;     /* not 0: it is there */
    enum store_stop said;      /* what the log knows */
    enum room_full full;       /* likewise */
    uint64_t free_pages;       /* as counted last */
    struct atomic inbox_bytes; /* of all its entries, sealed */
    struct atomic inbox_entries;
    struct idem_queue idems;       /* of the last commit; empty while locked */
    bool broken;                   /* a commit ended unknown: no further one */
    bool unfinished;               /* a compaction of the last run was */
    struct atomic destroyed;       /* not 0: the keys were (store_panic()) */
    int anchor_fd;                 /* -1: no anchor is kept */
    size_t anchor_next;            /* sector that is written next */
    struct vlt_secret *anchor_key; /* NULL while locked */
    struct store_anchor last;      /* the last commit, while unlocked */
    struct atomic copies; /* of the environment, under way: a backup, and a
                             compaction */
    struct store_compaction *compaction; /* under way; NULL: none */
    struct changes *changes;             /* that somebody wants to know of */
};

/* What a reader remembers: `!root` as it has opened it, once, when it is first
 * asked for; and how many records of rows it has opened. */
struct view_memo {
    bool known;
    struct root root;
    uint64_t opened;
};

/* What a transaction sees. */
struct store_view {
    struct store *store;
    MDB_txn *mdb;
    const struct root *root; /* of the write transaction; NULL of readers */
    struct view_memo *memo;  /* of a reader; may be NULL */
};

/* What a transaction changes of the inbox. */
struct inbox_change {
    uint64_t came, more; /* entries, and their bytes */
    uint64_t went, less;
};

struct store_txn {
    struct store_view view;
    struct root root;  /* as it will be */
    struct root begun; /* as it was when it began, but for number and time */
    bool failed;       /* a put failed: nothing of this will be committed */
    bool keyless;
    enum store_stop stop;
    struct inbox_change inbox;
    struct store_put_count put;
    struct vlt_buf scratch;
    struct idem_change idems; /* applied after the commit */
};

struct store_read {
    struct store_view view;
    struct view_memo memo;
};

/* ---- errors ---- */

/* Append a sentence to why, which may be NULL; returns st. */
enum vlt_status store_say(enum vlt_status st, struct vlt_buf *why,
                          const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- raw records (view.c) ---- */

/* Borrowed until the transaction's next put.  VLT_E_NOT_FOUND. */
VLT_MUST_USE enum vlt_status view_get(const struct store_view *view,
                                      enum env_db db, struct vlt_slice key,
                                      struct vlt_slice *value);

/* A record of rows is to be opened by it. */
void view_count_opened(const struct store_view *view);

/*
 * Walk a database from the first key that is not below `from` on, until fn
 * returns false; values are borrowed for the call.
 */
typedef bool view_walk_fn(void *ctx, struct vlt_slice key,
                          struct vlt_slice value);
VLT_MUST_USE enum vlt_status view_walk(const struct store_view *view,
                                       enum env_db db, struct vlt_slice from,
                                       view_walk_fn *fn, void *ctx);

/* The database of a slot of tails, 0 to ROOT_TAILS - 1. */
enum env_db view_slot(size_t slot);

/* As LMDB sees a database. */
VLT_MUST_USE enum vlt_status view_stat(const struct store_view *view,
                                       enum env_db db, MDB_stat *out);

/* Pages on LMDB's list of free ones; of a reader. */
VLT_MUST_USE enum vlt_status view_free_pages(const struct store_view *view,
                                             uint64_t *pages);

/* Entries of a database. */
VLT_MUST_USE enum vlt_status view_count(const struct store_view *view,
                                        enum env_db db, uint64_t *out);

/* `!root` as this view sees it.  VLT_E_STORAGE: it does not open. */
VLT_MUST_USE enum vlt_status view_root(const struct store_view *view,
                                       struct root *out);

/* ---- sealed records (sealed.c) ---- */

enum {
    VERSION_LEN = 8 /* in front of a versioned record */
};

/*
 * Open a sealed record in its place: appended to out, padding included.
 * about (may be NULL): what its key is for; if its type is a lane, the place's
 * subject and epoch are the key's.
 *
 * VLT_E_NOT_FOUND  its key is not there
 * VLT_E_DENIED     its key is buried
 * VLT_E_AUTH       it does not open, or its key is of another kind
 * VLT_E_NOMEM, VLT_E_LIMIT  as vlt_buf_status()
 */
VLT_MUST_USE enum vlt_status sealed_open(const struct store_view *view,
                                         struct seal_place place,
                                         struct vlt_slice sealed,
                                         struct vlt_buf *out,
                                         struct keyring_about *about);

/* The same for a versioned one: the version in front is part of its place. */
VLT_MUST_USE enum vlt_status
sealed_open_versioned(const struct store_view *view, struct seal_place place,
                      struct vlt_slice value, struct vlt_buf *out);

/* What a failed opening is to a caller of a get: logged, VLT_E_STORAGE; of a
 * buried key VLT_E_BUSY; other codes as they are. */
VLT_MUST_USE enum vlt_status sealed_status(enum vlt_status st, enum env_db db);

/* Take zeros off the end. */
void sealed_unpad(struct vlt_buf *buf, size_t begin);

/* A record to be put. */
struct sealed_draft {
    enum env_db db;
    struct vlt_slice key;
    struct seal_place place;
    const uint8_t *kid;
    const struct vlt_key *with; /* its key, where it is known and of the right
                                   kind; NULL: it is looked up by the kid */
    struct vlt_slice prefix;    /* in the clear, in front */
    struct vlt_slice plain;
    unsigned flags; /* of mdb_put() */
};

/*
 * Seal and put.
 * VLT_E_NOT_FOUND  no such key, or one of another kind
 * VLT_E_CONFLICT   it is there already (with MDB_NOOVERWRITE)
 * VLT_E_STORAGE    the transaction has failed
 */
VLT_MUST_USE enum vlt_status sealed_put(struct store_txn *txn,
                                        const struct sealed_draft *draft);

/* Put or replace a versioned record (draft->prefix and version are made here),
 * keeping the set hash. */
VLT_MUST_USE enum vlt_status sealed_put_versioned(struct store_txn *txn,
                                                  struct sealed_draft *draft);

/* Delete a versioned record, keeping the set hash.  VLT_E_NOT_FOUND. */
VLT_MUST_USE enum vlt_status sealed_delete(struct store_txn *txn,
                                           enum env_db db, enum seal_type type,
                                           struct vlt_slice key);

/* The vault key's kid.  VLT_E_LOCKED. */
VLT_MUST_USE enum vlt_status sealed_vault_kid(struct store *store,
                                              uint8_t kid[STORE_KID_LEN]);

/* Put what is not sealed here, or delete it; not for records of the set.
 * VLT_E_STORAGE: the transaction has failed.  VLT_E_NOT_FOUND. */
VLT_MUST_USE enum vlt_status txn_put_raw(struct store_txn *txn, enum env_db db,
                                         struct vlt_slice key,
                                         struct vlt_slice value,
                                         unsigned flags);
VLT_MUST_USE enum vlt_status
txn_delete_raw(struct store_txn *txn, enum env_db db, struct vlt_slice key);

/* Note that a put failed: the transaction will not commit.  Returns st. */
enum vlt_status txn_fail(struct store_txn *txn, enum vlt_status st);

/* ---- lanes, sources (lane.c, dedup.c) ---- */

/* The kid of a lane's live key, and the lane in place.  VLT_E_NOT_FOUND. */
VLT_MUST_USE enum vlt_status lane_key(struct store *store,
                                      const struct store_lane *lane,
                                      struct seal_place *place,
                                      uint8_t kid[STORE_KID_LEN]);

/* Open the record of a lane, which is another's if its key in LMDB is not the
 * kid inside; lane may be NULL.  Status as sealed_open(). */
VLT_MUST_USE enum vlt_status
lane_open(const struct store_view *view, struct vlt_slice key,
          struct vlt_slice value, struct vlt_buf *out, struct store_lane *lane);

/* The source that a key in "dedup" names; false: it names none. */
bool dedup_source(struct vlt_slice key, uint32_t *source);

/* ---- the inbox (inbox.c) ---- */

/* At opening: what there is. */
VLT_MUST_USE enum vlt_status inbox_count(struct store *store);

/* The gate, if there is one, is well formed and knows what root does.
 * VLT_E_AUTH: not so. */
VLT_MUST_USE enum vlt_status inbox_check_gate(const struct store_view *view,
                                              const struct root *root,
                                              struct vlt_buf *why);

/* After a commit. */
void inbox_committed(struct store *store, const struct inbox_change *change);

/* Open an entry's box: appended to plain.  VLT_E_AUTH, VLT_E_LOCKED. */
VLT_MUST_USE enum vlt_status inbox_open(const struct store_view *view,
                                        struct vlt_slice value,
                                        struct vlt_buf *plain);

/* ---- checks at unlock (kinds.c, fresh.c) ---- */

/* No database, record kind or meta type that this program does not know.
 * VLT_E_FORMAT: why names it. */
VLT_MUST_USE enum vlt_status kinds_check(const struct store_view *view,
                                         struct vlt_buf *why);

/* The set hash over all records that are rewritten in place.
 * VLT_E_AUTH     one has a key that the vault never makes
 * VLT_E_STORAGE  LMDB refused */
VLT_MUST_USE enum vlt_status fresh_hash(const struct store_view *view,
                                        uint8_t out[ROOT_HASH]);

/* All arrivals that root says exist are in their slots, and no other.
 * VLT_E_AUTH: not so. */
VLT_MUST_USE enum vlt_status fresh_tails(const struct store_view *view,
                                         const struct root *root,
                                         struct vlt_buf *why);

/* No chunk, head or roll-up has a number that root has not given yet.
 * VLT_E_AUTH: not so. */
VLT_MUST_USE enum vlt_status fresh_pieces(const struct store_view *view,
                                          const struct root *root,
                                          struct vlt_buf *why);

/* ---- slots (slots.c) ---- */

/* What a record says, as the store's callers see it. */
struct store_slot slots_show(const struct slot_about *about);

/* The slots are those of the header now, which another one may stand in. */
void slots_take(struct store *store, const struct header *header,
                const uint8_t bytes[HEADER_LEN]);

/* The header as it is now; any thread. */
void slots_copy(const struct store *store, struct header *out,
                uint64_t *version);

/* Is there one that a person can type? */
bool slots_typed(const struct header *header);

/* Has each slot that is typed the key of its backups?  One without was put back
 * with an earlier header, since the key goes with its slot.  VLT_E_AUTH. */
VLT_MUST_USE enum vlt_status slots_fresh(const struct header *header,
                                         const struct keyring *ring,
                                         struct vlt_buf *why);

/* ---- the anchor (anchor.c) ---- */

/*
 * Write the anchor under the key that it will have after a rotation; what it
 * says under the key of now stays beside that.  Then either the new key is put
 * in force, or the write is taken back, which leaves its sector to the next.
 * VLT_E_STORAGE.  Without an anchor VLT_OK.
 */
VLT_MUST_USE enum vlt_status anchor_write_ahead(struct store *store,
                                                struct vlt_secret *next);
void anchor_take_back(struct store *store);

/* What a root is to the anchor. */
void anchor_of(const struct root *root, struct store_anchor *out);

/* ---- a new generation of the key files (bury.c) ---- */

struct generation; /* keys/generation.h */

/*
 * Put it in force, with what load holds, and the ring as it is where load has
 * none.  A failure leaves the old one in force, but for VLT_E_UNKNOWN, after
 * which the store refuses to go on.
 */
VLT_MUST_USE enum vlt_status renew_switch(struct store *store,
                                          const struct generation *next,
                                          struct shelf_load *load,
                                          struct vlt_buf *why);

/* Destroy the one that was in force, and what else is not. */
VLT_MUST_USE enum vlt_status renew_destroy(struct store *store, uint64_t n,
                                           struct vlt_buf *why);

/* ---- compaction (compact.c) ---- */

/* Remove what a compaction that did not finish left in the directory; true:
 * there was something. */
bool compact_remove(int dir);

/* ---- making `!root` (txn.c) ---- */

/* Put root into the transaction.  view->root need not be set. */
VLT_MUST_USE enum vlt_status txn_put_root(struct store_txn *txn);

#endif
