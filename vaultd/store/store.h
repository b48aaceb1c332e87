/*
 * store: the encrypted store of one vault.
 *
 * A store is a directory with an LMDB environment and the key files beside it.
 * It is opened locked: ciphertext only.  Unlocking brings the keys into memory
 * and checks that nothing was put back, dropped or added.
 *
 * One thread, the commit thread, has the write transaction and changes keys.
 * Many threads read, each through store_read_begin(), which passes the read
 * gate: locking and the growth of the keyring wait until all readers have
 * ended and let none begin meanwhile.  So a reader never waits for a peer or
 * for the commit thread between begin and end.
 *
 * Records are in store/record.h and store/piece.h.  What both kinds of
 * transaction can read is read through a view: store_txn_view() or
 * store_read_view().
 *
 * Versions of records are commit numbers, so that a version is never used
 * twice for the same key, not even after a delete.
 *
 * `why` is where a function puts one clear sentence for the owner when it
 * fails because of the directory or what is in it; it may be NULL.  It names
 * files, never secrets or names at rest.
 *
 * Threads: where nothing is said, the commit thread only (or, before threads
 * exist, the one that will be it).  No fork after store_open().
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/buf.h"
#include "base/id.h"
#include "base/slice.h"
#include "base/status.h"

struct kek_cost; /* keys/kek.h */
struct vlt_secret;

struct store;
struct store_txn;
struct store_read;
struct store_view;

enum {
    STORE_KID_LEN = 8,   /* bytes that name a data key */
    STORE_HASH_LEN = 32, /* bytes of a tree node */
    STORE_FORMAT = 1,    /* of header.N; newer ones are refused */
    STORE_PATH_MAX = 3800,
    /* How the process ends when LMDB meets a page that cannot be: there is no
     * way back out of it. */
    STORE_EXIT_DAMAGED = 1,
    STORE_QUOTA_LEAST = 16 << 20, /* bytes that a quota has */
};

#define STORE_QUOTA_MOST (UINT64_C(1) << 40) /* bytes that it may be set to */
#define STORE_QUOTA_FITTING UINT64_MAX       /* of store_init: by the disk */

/* ---- making ---- */

struct store_init {
    /* 1 to 1024 bytes as typed, and its cost; NULL: no passphrase slot. */
    const struct vlt_secret *passphrase;
    const struct kek_cost *cost; /* NULL: the default */
    /* 32 bytes; NULL: no credential slot. */
    const struct vlt_secret *key_file;
    bool words; /* a recovery slot of 24 words */
    /* Bytes that the vault may take, kept in it as a setting of this name;
     * STORE_QUOTA_FITTING: the smaller of 60 GiB and half of what is free;
     * 0: none is kept, and whoever unlocks it first decides. */
    uint64_t quota;
    int64_t now_ns;
};

/*
 * Make a vault in the directory `dir`, which must not exist; its parent must.
 * Everything is made in DIR.new, synced and renamed, so that there is a whole
 * vault or none; what an earlier try left in DIR.new is removed first.  Slow.
 *
 * *words are the 24 words in lower case with single spaces, to be shown once;
 * the caller owns and frees them.  NULL is put there without a recovery slot.
 *
 * VLT_E_CONFLICT  dir exists, or somebody else is making it
 * VLT_E_LIMIT     no way to open it, a length or a cost out of range
 * VLT_E_NOMEM     no memory (Argon2id's, or none that may be locked)
 * VLT_E_STORAGE   the disk refused
 */
VLT_MUST_USE enum vlt_status store_create(const char *dir,
                                          const struct store_init *init,
                                          struct vlt_buf *why,
                                          struct vlt_secret **words);

/* ---- opening and closing ---- */

/* The setting (STORE_META_SETTING) that keeps the quota:
 * {"bytes":INT,"v":1} under this id, zeros behind it. */
#define STORE_QUOTA_SETTING "quota"

struct store_limits {
    uint64_t map;     /* bytes of address space; 0: the default (§9) */
    uint64_t most;    /* that it may grow to; 0: the default, or map if that is
                         given */
    unsigned readers; /* readers at once; 0: 126 */
    bool making;      /* it is being made, and has not its name yet */
};

/*
 * Open a vault, locked.  Takes the lock file; modes that are too wide are
 * narrowed; key files of generations that are not in force are destroyed.
 * limits may be NULL.  The caller owns *out and ends it with store_close().
 *
 * VLT_E_NOT_FOUND  no such directory, or no vault in it (or half of one)
 * VLT_E_CONFLICT   another process has it open
 * VLT_E_FORMAT     made by a newer version, another page size, or damaged
 * VLT_E_DENIED     it belongs to another user
 * VLT_E_STORAGE    the disk or LMDB refused, or data.mdb is short or none
 * VLT_E_NOMEM      no memory
 */
VLT_MUST_USE enum vlt_status store_open(const char *dir,
                                        const struct store_limits *limits,
                                        struct vlt_buf *why,
                                        struct store **out);

/* Lock, close and free; no transaction may be open.  NULL is allowed. */
void store_close(struct store *store);

/* Ids from the header, VLT_ID_LEN bytes: borrowed while the store is open.
 * The vault's is for life, the instance's until a restore.  Any thread. */
const uint8_t *store_vault_id(const struct store *store);
const uint8_t *store_instance_id(const struct store *store);

/* ---- keys in, keys out ---- */

enum store_opener {
    STORE_TYPED,    /* a passphrase, or 24 words: both are tried */
    STORE_KEY_FILE, /* the 32 bytes of a credential */
};

/*
 * The vault's root key, out of what the owner has.  Slow with a passphrase
 * (Argon2id); any thread, one at a time.  The caller owns *out.
 *
 * VLT_E_AUTH   it opens no slot
 * VLT_E_LIMIT  its length is out of range
 * VLT_E_NOMEM  Argon2id's memory is not to be had
 */
VLT_MUST_USE enum vlt_status store_root_key(const struct store *store,
                                            enum store_opener opener,
                                            const struct vlt_secret *secret,
                                            struct vlt_secret **out);

/*
 * Bring the keys into memory and check the vault: the header's MAC, the
 * keyring, `!root`, the set hash over all records that are rewritten in place,
 * that all tails are there, and that the keyring is no older than root.
 * Unlocking what is unlocked is VLT_OK.
 *
 * VLT_E_AUTH     another key, or the vault was changed from outside
 * VLT_E_FORMAT   it holds records of kinds that are newer than this program
 * VLT_E_STORAGE  the disk or LMDB refused
 * VLT_E_NOMEM    no memory, or none that may be locked
 */
VLT_MUST_USE enum vlt_status store_unlock(struct store *store,
                                          const struct vlt_secret *root_key,
                                          struct vlt_buf *why);

/* Wait for the readers, wipe all keys.  No transaction may be open. */
void store_lock(struct store *store);

/* Are the keys out of memory?  Any thread; it may change at once. */
bool store_locked(const struct store *store);

/* May readers come in?  Likewise. */
bool store_readable(const struct store *store);

/* The Ed25519 seed of the vault's identity.  The caller owns *out.
 * VLT_E_LOCKED, VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status store_identity_seed(struct store *store,
                                                 struct vlt_secret **out);

/*
 * A sub-key of the identity: KDF(identity key, context), 32 bytes.  context
 * has exactly 8 characters; two are in use:
 */
#define STORE_RECEIPT_KEY "vd1-rcpt" /* receipt keys and checkpoint keys */
#define STORE_LOG_KEY "vd1-logk"     /* keyed hashes of the log */
VLT_MUST_USE enum vlt_status
store_subkey(struct store *store, const char *context, struct vlt_secret **out);

/* ---- the anchor: the vault's memory of its last head, elsewhere ---- */

struct store_anchor {
    uint64_t commit;
    uint64_t keyring_g;
    uint64_t audit_size; /* of the master tree */
    uint8_t audit_head[STORE_HASH_LEN];
};

/*
 * Keep an anchor in the directory `dir`, which is not the vault's, in a file
 * named by the vault's id.  Before threads exist.
 * VLT_E_NOT_FOUND  there is no such directory, or it may not be written
 * VLT_E_CONFLICT   it is the vault's own, or one in it
 * VLT_E_STORAGE    it is not usable otherwise
 */
VLT_MUST_USE enum vlt_status
store_anchor_keep(struct store *store, const char *dir, struct vlt_buf *why);

/* Is one kept?  Any thread. */
bool store_anchor_kept(const struct store *store);

/*
 * What the anchor says; the vault is unlocked.
 * VLT_E_NOT_FOUND  none is kept, or nothing was written to it yet: the file is
 *                  empty, or a power cut left zeros of the first time
 * VLT_E_AUTH       it is damaged, or another vault's
 * VLT_E_STORAGE    it cannot be read
 */
VLT_MUST_USE enum vlt_status store_anchor_read(struct store *store,
                                               struct store_anchor *out);

/* The last commit, as the anchor would have it; the vault is unlocked. */
void store_anchor_now(const struct store *store, struct store_anchor *out);

/*
 * Write the last commit into the anchor, durable.
 * VLT_E_NOT_FOUND  none is kept
 * VLT_E_LOCKED     no keys
 * VLT_E_STORAGE    it could not be written: it says what it said before
 */
VLT_MUST_USE enum vlt_status store_anchor_write(struct store *store);

/* ---- room ---- */

/* Why no rows are taken. */
enum store_stop {
    STORE_STOP_NONE,  /* they are */
    STORE_STOP_QUOTA, /* what may be used for them is used */
    STORE_STOP_DISK,  /* little of the disk is free */
};

/* The bytes that the vault may take; 0 (as it is opened): no limit but the
 * disk's.  Any thread. */
void store_quota_set(struct store *store, uint64_t bytes);
uint64_t store_quota(const struct store *store);

/* The quota that fits a vault which has taken so many bytes already: as
 * STORE_QUOTA_FITTING, counting them as free.  Any thread. */
uint64_t store_quota_fitting(const struct store *store, uint64_t bytes);

struct store_space {
    uint64_t quota; /* bytes; 0: none */
    uint64_t free;  /* bytes of the disk */
    enum store_stop stop;
    bool ballast;  /* it is there */
    bool reserves; /* blocks can be reserved; else a full disk may show as late
                      as in a commit, which ends the process */
};

/* How things are with so many bytes used.  Any thread.
 * VLT_E_STORAGE: the disk does not tell. */
VLT_MUST_USE enum vlt_status
store_space(const struct store *store, uint64_t used, struct store_space *out);

/* Make the ballast where it is missing or short and there is room for it: now
 * and then.  Locked or not. */
void store_tend(struct store *store);

/* ---- the write transaction ---- */

struct store_turn {
    int64_t now_ns; /* wall clock */
    bool control;   /* no rows: half of the reserve will do, and with no more
                       room the ballast is spent */
    bool keyless;   /* while locked: store_inbox_put() alone (store/inbox.h) */
};

/*
 * Begin the one write transaction, after reserving blocks for it.
 * *out ends with store_txn_commit() or store_txn_abort().
 *
 * VLT_E_LOCKED   no keys
 * VLT_E_CONFLICT keyless, but there are keys
 * VLT_E_STORAGE  no space to reserve, or an earlier commit ended unknown
 * VLT_E_NOMEM    no memory
 */
VLT_MUST_USE enum vlt_status store_txn_begin(struct store *store,
                                             struct store_turn turn,
                                             struct store_txn **out);

/*
 * New keys durable, then `!root`, then the commit.  Frees txn in any case.
 * One in which nothing was put is undone instead: it has no number, and waits
 * for no disk.
 *
 * VLT_E_STORAGE  nothing was changed: the map or the disk is full, or a put of
 *                this transaction had failed
 * VLT_E_UNKNOWN  it may have happened; the store refuses to go on
 */
VLT_MUST_USE enum vlt_status store_txn_commit(struct store_txn *txn);

/* Why it is to put no rows; nothing else is held back. */
enum store_stop store_txn_stop(const struct store_txn *txn);

/* See to it that a transaction of control may put so many bytes more than
 * usual; with no more room the ballast is spent.
 * VLT_E_STORAGE: there is no space. */
VLT_MUST_USE enum vlt_status store_txn_reserve(struct store_txn *txn,
                                               uint64_t bytes);

/* Undo and free.  NULL is allowed.  New keys may stay in the keyring; they
 * are harmless and found again. */
void store_txn_abort(struct store_txn *txn);

/* The turn's effective time: the wall clock, or the highest ever written if
 * that is later. */
int64_t store_txn_now(const struct store_txn *txn);

/* The number of this commit: 1 at creation, then one more each. */
uint64_t store_txn_number(const struct store_txn *txn);

/* What was put or deleted so far. */
struct store_put_count {
    uint64_t records;
    uint64_t bytes; /* sealed */
};
struct store_put_count store_txn_count(const struct store_txn *txn);

/* Nothing of it is to be committed: store_txn_commit() will undo it and return
 * VLT_E_STORAGE. */
void store_txn_spoil(struct store_txn *txn);

/* Did a put of it fail, so that it cannot be committed? */
bool store_txn_failed(const struct store_txn *txn);

/* What the transaction sees, its own puts included: borrowed until it ends. */
const struct store_view *store_txn_view(const struct store_txn *txn);

/* ---- data keys ---- */

enum store_key_type {
    STORE_KEY_LANE = 1,     /* subject: stream; epoch: 30 days of row time */
    STORE_KEY_FIRM = 2,     /* subject: firm */
    STORE_KEY_VAULT = 3,    /* subject zero: all that has no other key */
    STORE_KEY_IDENTITY = 4, /* subject zero */
    STORE_KEY_INBOX = 5,    /* subject zero */
    STORE_KEY_BACKUP = 6,   /* subject: a slot's salt */
};

struct store_key_about {
    enum store_key_type type;
    uint8_t subject[VLT_ID_LEN];
    int32_t epoch;
};

/*
 * Find the live key of (type, subject, epoch), or make one.  It is durable
 * before this transaction commits.  type is LANE, FIRM or VAULT; epoch is 0
 * but for lanes.
 *
 * VLT_E_LIMIT   the keyring is full, or another type
 * VLT_E_FORMAT  an epoch or a subject where there must be none
 * VLT_E_NOMEM   no memory, or none that may be locked
 */
VLT_MUST_USE enum vlt_status store_txn_key(struct store_txn *txn,
                                           const struct store_key_about *about,
                                           uint8_t kid[STORE_KID_LEN]);

/* What a key is for.  VLT_E_NOT_FOUND: there is none of this kid. */
VLT_MUST_USE enum vlt_status store_key_subject(const struct store_view *view,
                                               const uint8_t kid[STORE_KID_LEN],
                                               struct store_key_about *out);

/* ---- reading ---- */

/*
 * Begin to read: a snapshot of the last commit.  At most 64 chunks or 50 ms,
 * then end it and begin anew.  Any thread; *out belongs to that thread.
 *
 * VLT_E_LOCKED   no keys
 * VLT_E_BUSY     as many readers as the limit
 * VLT_E_STORAGE  LMDB refused
 * VLT_E_NOMEM    no memory
 */
VLT_MUST_USE enum vlt_status store_read_begin(struct store *store,
                                              struct store_read **out);

/* Hold readers back, as if it were locked, so that who unlocks can load what
 * they all look into; or let them in.  The commit thread. */
void store_hold_readers(struct store *store, bool held);

/* As store_read_begin(), for who loads meanwhile (commit thread). */
VLT_MUST_USE enum vlt_status store_read_loading(struct store *store,
                                                struct store_read **out);

/* NULL is allowed. */
void store_read_end(struct store_read *read);

/* Borrowed until the end. */
const struct store_view *store_read_view(const struct store_read *read);

/* ---- the vault as a whole ---- */

/* The number of the commit that the view shows (of a write transaction: the
 * one that it will be). */
uint64_t store_view_number(const struct store_view *view);

/* How many tails, chunks, heads, and roll-ups a reader's view was asked to open
 * so far: what a scan costs.  0 of a write transaction. */
uint64_t store_view_opened(const struct store_view *view);

/* Size and head of the master audit tree; all zero before the first entry.
 * VLT_E_STORAGE: `!root` does not open. */
VLT_MUST_USE enum vlt_status store_view_audit(const struct store_view *view,
                                              uint64_t *size,
                                              uint8_t head[STORE_HASH_LEN]);

/* Set both; durable with the commit. */
void store_txn_set_audit(struct store_txn *txn, uint64_t size,
                         const uint8_t head[STORE_HASH_LEN]);

struct store_stat {
    uint64_t used;  /* bytes: (last page + 1 - free pages) × page size */
    uint64_t file;  /* bytes: (last page + 1) × page size */
    uint64_t map;   /* bytes of address space */
    uint64_t tails; /* records of each kind */
    uint64_t chunks;
    uint64_t heads;
    uint64_t rolls;
    uint64_t lanes;
    uint64_t metas;
    uint64_t dedups;
    uint64_t idems;
    uint64_t audits;
    uint64_t nodes;
    uint64_t inbox;
    uint64_t keys; /* entries of the keyring */
};

/* Counters, of a reader's view: LMDB does not count free pages in a write
 * transaction.  VLT_E_STORAGE: LMDB refused. */
VLT_MUST_USE enum vlt_status store_view_stat(const struct store_view *view,
                                             struct store_stat *out);

/* Bytes of data.mdb up to the last page in use; 0 if LMDB does not tell. */
uint64_t store_file_bytes(const struct store_view *view);

struct store_check {
    uint64_t records; /* that opened */
    uint64_t bad;     /* that did not, or must not be there */
};

/*
 * Read everything: each record opens in its place, under a key of the right
 * kind; all tails are there; the set hash is root's; no record of an unknown
 * kind; node and leaf records have their sizes.  Whether leaves and nodes
 * agree is audit's business.
 *
 * VLT_E_AUTH     something is wrong: why (not NULL) has a sentence for each of
 *                the first 20 faults, a line each; *out is filled in
 * VLT_E_STORAGE  LMDB refused
 */
VLT_MUST_USE enum vlt_status store_check(const struct store_view *view,
                                         struct vlt_buf *why,
                                         struct store_check *out);

#endif
