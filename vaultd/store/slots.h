/*
 * slots: what opens the vault, and changing it.
 *
 * A slot is one way in: a passphrase, 24 words or a key file (keys/slot.h).
 * The vault's key lies in each, wrapped; so changing a slot makes a new
 * header.N and destroys the bytes of the old one, which still opens to what is
 * taken away.  There is always one slot that a person can type: without it no
 * slot could be changed any more, and no backup opened.
 *
 * A change has four steps, so that the log knows of it before it happens:
 * store_slot_plan() says what it will be, or why not; store_slot_prepare()
 * adds the key that backups are wrapped under, durable with the transaction
 * that logs the change; store_slot_apply(), once that has committed, writes the
 * header.  A power cut leaves the old slots or the new ones; what is left of
 * the old header is destroyed at the next store_open().
 *
 * Threads: where nothing is said, the commit thread.
 */
#ifndef STORE_SLOTS_H
#define STORE_SLOTS_H

#include "store/store.h"

enum { STORE_SLOTS = 8 };

enum store_slot_type {
    STORE_SLOT_PASSPHRASE = 1,
    STORE_SLOT_WORDS = 2,
    STORE_SLOT_KEY_FILE = 3,
};

/* What a slot says of itself, in the clear. */
struct store_slot {
    unsigned number; /* 0 to 7 */
    enum store_slot_type type;
    uint32_t t;     /* Argon2id's passes; 0 but of a passphrase */
    uint32_t m_kib; /* and its memory */
};

/* "passphrase", "recovery", "credential" */
const char *store_slot_word(enum store_slot_type type);

/* Those that there are, by number; returns how many.  Also while locked.  Any
 * thread. */
size_t store_slots(const struct store *store,
                   struct store_slot out[STORE_SLOTS]);

/* Changes of the slots since the store was opened.  What was opened at one
 * version may be closed at the next.  Any thread. */
uint64_t store_slots_version(const struct store *store);

/* ---- which slot something opens ---- */

struct store_opened {
    struct vlt_secret *root_key; /* owned */
    struct store_slot slot;
    uint64_t version; /* of the slots, when it opened */
};

/* As store_root_key(), which it is without the rest.  The caller frees
 * out->root_key. */
VLT_MUST_USE enum vlt_status store_open_slot(const struct store *store,
                                             enum store_opener opener,
                                             const struct vlt_secret *secret,
                                             struct store_opened *out);

/* ---- a slot to be ---- */

struct store_draft;

/*
 * Make a slot's key, which is slow of a passphrase: any thread, one at a time.
 * The caller owns *out.  cost may be NULL: the default for this machine.
 *
 * VLT_E_LIMIT   a length or the cost is out of range
 * VLT_E_FORMAT  words that are no 24 words of the list
 * VLT_E_AUTH    24 words whose checksum is wrong: one is mistyped
 * VLT_E_NOMEM   no memory (Argon2id's, or none that may be locked)
 */
VLT_MUST_USE enum vlt_status
store_draft_passphrase(const struct vlt_secret *passphrase,
                       const struct kek_cost *cost, struct store_draft **out);

/* typed: the words of a slot that is made again; NULL: new ones. */
VLT_MUST_USE enum vlt_status store_draft_words(const struct vlt_secret *typed,
                                               struct store_draft **out);
VLT_MUST_USE enum vlt_status store_draft_key_file(const struct vlt_secret *key,
                                                  struct store_draft **out);

/* The 24 new words, to be shown once: borrowed.  NULL: none were made. */
const struct vlt_secret *
store_draft_words_made(const struct store_draft *draft);

/* Wipe and free.  NULL is allowed. */
void store_draft_free(struct store_draft *draft);

/* ---- changing ---- */

struct store_slot_change {
    const struct store_draft *add; /* NULL: none comes */
    bool removes;                  /* the slot of this number goes */
    unsigned number; /* of the slot that goes; after planning, that comes */
};

/*
 * What would it be?  Sets change->number of a slot that is added.
 * VLT_E_NOT_FOUND  there is no slot to remove of that number
 * VLT_E_LIMIT      all STORE_SLOTS are taken
 * VLT_E_CONFLICT   no slot would be left that a person can type
 */
VLT_MUST_USE enum vlt_status store_slot_plan(const struct store *store,
                                             struct store_slot_change *change,
                                             struct vlt_buf *why);

/* The new slot's backup key, durable with this transaction.
 * VLT_E_LIMIT: the keyring is full.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status
store_slot_prepare(struct store_txn *txn,
                   const struct store_slot_change *change);

/*
 * Change the header.  No transaction is open; root_key is as
 * store_open_slot() gave it.
 *
 * VLT_E_AUTH     another root key
 * VLT_E_STORAGE  the disk refused; the slots are as they were
 * VLT_E_UNKNOWN  a sync failed: nobody knows which slots are on the disk; the
 *                store refuses to go on
 * VLT_E_NOMEM    the slots are as they were
 */
VLT_MUST_USE enum vlt_status
store_slot_apply(struct store *store, const struct vlt_secret *root_key,
                 const struct store_slot_change *change, struct vlt_buf *why);

/* ---- another root key ---- */

/*
 * A new root key and erase secret, and slots for the drafts, numbered from 0:
 * what is not among them opens the vault no more.  The next generation of the
 * key files is put in force, and the old one destroyed; a power cut leaves the
 * one or the other, and the anchor opens under both.  Readers go on.  No
 * transaction is open; the next commit tells root.
 *
 * VLT_E_LIMIT    over STORE_SLOTS drafts
 * VLT_E_CONFLICT none of them can be typed, though one could be until now
 * VLT_E_AUTH     root_key is not the vault's
 * VLT_E_STORAGE  the disk refused: the old keys are in force
 * VLT_E_UNKNOWN  which keys are in force is not known, or old ones are there
 *                still: the store refuses to go on, the next opening tidies
 * VLT_E_LOCKED, VLT_E_NOMEM
 */
VLT_MUST_USE enum vlt_status store_rotate(struct store *store,
                                          const struct vlt_secret *root_key,
                                          struct store_draft *const *drafts,
                                          size_t count, struct vlt_buf *why);

/* ---- the end ---- */

/*
 * Destroy the key files in place: header.N, then erase.N, then keyring.N, then
 * what else there is of their kind.  Nothing in the vault can be read after
 * that; store_unlock() refuses, and store_open() says so.  Lock it next.  No
 * transaction is open.
 *
 * VLT_E_UNKNOWN, VLT_E_STORAGE: not all of it was done, though as much as
 * could be; without the header nothing opens.
 */
VLT_MUST_USE enum vlt_status store_panic(struct store *store,
                                         struct vlt_buf *why);

/* Were the keys destroyed?  Any thread. */
bool store_destroyed(const struct store *store);

/* ---- wrong tries ---- */

/*
 * How many wrong passphrases came in a row, as the file TRIES in the vault's
 * directory has it: it has to be known while the vault is locked, and after a
 * restart.  It is no key file, so opening leaves it alone.  A file that is not
 * there is 0; one that is damaged, VLT_E_FORMAT.
 * Threads: any, one at a time.
 */
VLT_MUST_USE enum vlt_status store_tries_read(const struct store *store,
                                              uint64_t *out);

/* VLT_E_STORAGE, VLT_E_UNKNOWN: it may say what it said before. */
VLT_MUST_USE enum vlt_status store_tries_write(struct store *store,
                                               uint64_t tries);

#endif
