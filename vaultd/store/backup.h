/*
 * backup: a copy of the vault in one sealed file, and a vault out of it.
 *
 * What the file is stands in store/manifest.h.  It opens by the passphrase or
 * the words that opened the vault when it was made, and holds what was there
 * then: what is erased later is still in it.
 *
 * Making one has three parts.  store_backup_open() makes the file, on a thread
 * of the caller's: a disk may hang, and no commit must wait for it.
 * store_backup_begin() takes the snapshot, on the commit thread: no commit
 * comes between the copy of the data, the keys and the head of the log.  It
 * lasts until LMDB has read its first megabyte.  store_backup_step() does all
 * the rest, for as long as it takes, on a thread of the caller's; the vault is
 * used meanwhile.  Until it ends the keys of all that it copies are in memory:
 * who locks the vault cancels it.  LMDB's read transaction is open until it
 * ends, so what is freed meanwhile is not used again and data.mdb may grow.
 *
 * The file is written under its name with ".part" behind it, synced and
 * renamed, so that a name is that of a whole backup.  What a crash left of an
 * earlier try is written over.
 */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include "keys/kek.h"
#include "store/store.h"

/* ---- making one ---- */

struct store_backup;

/*
 * Make its file, which must not be there.  The caller owns *out and frees it
 * with store_backup_free(), before the store is closed; one at a time.  Any
 * thread.
 *
 * VLT_E_CONFLICT   path is there, or lies in the vault's own directory, or
 *                  path.part is there and is none of ours
 * VLT_E_NOT_FOUND  the directory that path is in is not there
 * VLT_E_STORAGE    the disk refused
 * VLT_E_NOMEM
 */
VLT_MUST_USE enum vlt_status store_backup_open(struct store *store,
                                               const char *path,
                                               struct vlt_buf *why,
                                               struct store_backup **out);

struct store_backup_wish {
    uint8_t id[VLT_ID_LEN]; /* random */
    int64_t now_ns;
};

/*
 * Take the snapshot of the last commit, once more if one was taken and nothing
 * written.  No write transaction with puts is open.
 *
 * VLT_E_LIMIT      no slot has a key for backups: nothing would open it
 * VLT_E_LOCKED     no keys
 * VLT_E_STORAGE    LMDB refused
 * VLT_E_NOMEM      no memory, or none that may be locked, or no thread
 */
VLT_MUST_USE enum vlt_status
store_backup_begin(struct store_backup *backup,
                   const struct store_backup_wish *wish, struct vlt_buf *why);

/* The commit that it shows. */
uint64_t store_backup_commit(const struct store_backup *backup);

/*
 * Write some more of it; *over: that was all of it.  Any thread; after a
 * failure it is over, too.
 * VLT_E_BUSY     store_backup_cancel() was called
 * VLT_E_STORAGE  the disk is full or refused, or data.mdb does not read
 */
VLT_MUST_USE enum vlt_status store_backup_step(struct store_backup *backup,
                                               struct vlt_buf *why, bool *over);

/*
 * Sync it and give it its name.
 * VLT_E_BUSY      store_backup_cancel() was called
 * VLT_E_CONFLICT  path has appeared meanwhile
 * VLT_E_STORAGE   the disk refused
 * VLT_E_UNKNOWN   it is there whole, but a power cut may take it away again
 */
VLT_MUST_USE enum vlt_status store_backup_finish(struct store_backup *backup,
                                                 struct vlt_buf *why);

/* Bytes written so far, and about how many there will be.  Any thread. */
uint64_t store_backup_done(const struct store_backup *backup);
uint64_t store_backup_size(const struct store_backup *backup);

/* Wipe its keys, at once, even where a step waits for its disk; so the next
 * store_backup_step() fails.  Any thread, also twice. */
void store_backup_cancel(struct store_backup *backup);

/* What was not renamed is removed.  NULL is allowed. */
void store_backup_free(struct store_backup *backup);

/* ---- reading one ---- */

/* A backup's file, open. */
struct store_bundle;

/* What it says of itself, once it is unpacked. */
struct store_bundle_about {
    uint8_t id[VLT_ID_LEN];
    int64_t time_ns;
    uint64_t commit;
    uint64_t audit_size;
    uint8_t audit_head[STORE_HASH_LEN];
};

/*
 * Open a file and read its header.  Any thread; the caller owns *out and frees
 * it with store_bundle_free().
 *
 * VLT_E_NOT_FOUND  there is no such file
 * VLT_E_FORMAT     it is no backup, a damaged one, or of a newer version
 * VLT_E_STORAGE    it cannot be read
 * VLT_E_NOMEM
 */
VLT_MUST_USE enum vlt_status store_bundle_open(const char *path,
                                               struct vlt_buf *why,
                                               struct store_bundle **out);
void store_bundle_free(struct store_bundle *bundle); /* NULL is allowed */

/* The vault that it is of: VLT_ID_LEN bytes, borrowed; as true as the file. */
const uint8_t *store_bundle_vault(const struct store_bundle *bundle);

/*
 * Its key, by what a person knows: a passphrase or 24 words, both are tried
 * (slow).  *words (may be NULL): it was the words.
 * VLT_E_AUTH   it opens no slot, or the header was changed
 * VLT_E_LIMIT  its length is out of range
 * VLT_E_NOMEM  Argon2id's memory is not to be had
 */
VLT_MUST_USE enum vlt_status store_bundle_typed(struct store_bundle *bundle,
                                                const struct vlt_secret *typed,
                                                bool *words);

/* What a try at its dearest passphrase costs; false: it has none. */
bool store_bundle_cost(const struct store_bundle *bundle, struct kek_cost *out);

/* By the keys of an unlocked vault that has a slot in common with it.  Any
 * thread.  VLT_E_AUTH: it has none.  VLT_E_LOCKED. */
VLT_MUST_USE enum vlt_status store_bundle_own(struct store_bundle *bundle,
                                              struct store *store);

/* By the key itself, of store_bundle_key().  VLT_E_AUTH. */
VLT_MUST_USE enum vlt_status store_bundle_take(struct store_bundle *bundle,
                                               const struct vlt_secret *key);

/* The key, 32 bytes: borrowed.  One of the three above has succeeded. */
const struct vlt_secret *store_bundle_key(const struct store_bundle *bundle);

/* ---- a vault out of one ---- */

struct store_restore;
struct store_draft; /* store/slots.h */

enum { STORE_RESTORE_SLOTS = 3 };

struct store_restore_wish {
    const char *dir; /* must not be there; its parent must; borrowed */
    /* What opens the new vault, NULL behind the last; none: nothing will but
     * the root key in memory.  Borrowed for the call. */
    const struct store_draft *slot[STORE_RESTORE_SLOTS];
};

/*
 * Unpack a backup whose key is known into DIR.new, with a root key, an erase
 * secret and an instance id of its own, synced; then open and unlock it.
 * Slow.  The caller owns *out, ends it with store_restore_end(), and looks into
 * it as deep as it likes before store_restore_commit().
 *
 * VLT_E_CONFLICT  dir is there, or somebody else is making it
 * VLT_E_AUTH      a byte of the backup was changed, or some are missing; or
 *                 the vault in it does not fit together
 * VLT_E_FORMAT    a newer version wrote it, or on a machine of another page
 *                 size
 * VLT_E_STORAGE   the disk refused
 * VLT_E_NOMEM     no memory, or none that may be locked
 */
VLT_MUST_USE enum vlt_status
store_restore_begin(struct store_bundle *bundle,
                    const struct store_restore_wish *wish, struct vlt_buf *why,
                    struct store_restore **out);

/* The vault in DIR.new, unlocked: borrowed. */
struct store *store_restore_store(struct store_restore *restore);

/* What the backup said. */
const struct store_bundle_about *
store_restore_about(const struct store_restore *restore);

/* Close it and rename it to its place, whole.  VLT_E_CONFLICT: dir has appeared
 * meanwhile.  VLT_E_STORAGE.  VLT_E_UNKNOWN: it is there, but a power cut may
 * take it away again. */
VLT_MUST_USE enum vlt_status store_restore_commit(struct store_restore *restore,
                                                  struct vlt_buf *why);

/* Close and free; what was not committed is removed.  NULL is allowed. */
void store_restore_end(struct store_restore *restore);

/* Remove what a restore that died left of DIR.new.  As store_create(). */
VLT_MUST_USE enum vlt_status store_restore_clear(const char *dir,
                                                 struct vlt_buf *why);

#endif
