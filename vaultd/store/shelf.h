/*
 * shelf: the keys in memory, shared by the commit thread and the readers.
 *
 * Empty while the vault is locked.  Readers come in through the gate and use
 * keys only while they are inside; the commit thread needs no leave.  A key
 * that was taken down is valid until its user leaves the gate, or, for the
 * commit thread, until it makes the next key.
 *
 * Threads: those that come in, leave or ask, any; shelf_find() and
 * shelf_lookup(), who is inside; the others, the commit thread.
 */
#ifndef STORE_SHELF_H
#define STORE_SHELF_H

#include "base/buf.h"
#include "keys/keyring.h"

struct shelf;

/* What comes off the disk at unlock; all of it is taken over. */
struct shelf_load {
    struct keyring *ring;
    struct vlt_secret *base;    /* of every KW_N */
    struct vlt_secret *wrap;    /* KW_N */
    struct vlt_secret *set_key; /* K_set */
    struct keyring_head head;
};

/* An empty shelf.  The caller owns *out.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status shelf_new(struct shelf **out);

/* Wipe and free.  NULL is allowed. */
void shelf_free(struct shelf *shelf);

/* K_set, out of the ring's vault key.  VLT_E_NOT_FOUND: it has none. */
VLT_MUST_USE enum vlt_status shelf_load_set_key(struct shelf_load *load);

/* Put the keys there; takes what load holds.  Only the commit thread may use
 * them yet: nobody else comes in before shelf_ready(). */
void shelf_fill(struct shelf *shelf, struct shelf_load *load);

/* Put others in the place of those that are there, when no reader is inside:
 * members that are NULL stay, and the head stays with the ring.  Takes what
 * load holds, and wipes what it replaces. */
void shelf_replace(struct shelf *shelf, struct shelf_load *load);

/* The vault is checked: let readers in. */
void shelf_ready(struct shelf *shelf);

/* Wait until no reader is inside, then wipe all keys. */
void shelf_wipe(struct shelf *shelf);

/* Wipe and free what was not put on the shelf. */
void shelf_load_free(struct shelf_load *load);

/* Are there no keys, or none that readers may use yet? */
bool shelf_empty(const struct shelf *shelf);

/* Wait until no reader is inside, and let none in until shelf_let_readers():
 * what they all read is changed meanwhile. */
void shelf_stop_readers(struct shelf *shelf);
void shelf_let_readers(struct shelf *shelf);

/* From now on only who loads may come in; and no longer. */
void shelf_hold(struct shelf *shelf, bool held);

bool shelf_lets_in(const struct shelf *shelf, bool loads);

/* Come in, waiting while the gate is closed.  VLT_E_LOCKED: no keys, the vault
 * is not checked yet, or it is held and this is not who loads. */
VLT_MUST_USE enum vlt_status shelf_enter(struct shelf *shelf, bool loads);
void shelf_leave(struct shelf *shelf);

/* The same, with keys or without: what is read needs none. */
void shelf_come_in(struct shelf *shelf);

/* The key of a kid; about may be NULL.  VLT_E_DENIED: it is buried.
 * VLT_E_NOT_FOUND.  VLT_E_LOCKED. */
VLT_MUST_USE enum vlt_status shelf_find(struct shelf *shelf,
                                        const uint8_t kid[KEYRING_KID],
                                        struct keyring_about *about,
                                        struct vlt_key *key);

/* The live key for something.  VLT_E_NOT_FOUND.  VLT_E_LOCKED. */
VLT_MUST_USE enum vlt_status shelf_lookup(struct shelf *shelf,
                                          const struct keyring_about *about,
                                          uint8_t kid[KEYRING_KID],
                                          struct vlt_key *key);

/* The same, made where there is none, in memory only.  Waits for readers when
 * the slab must grow.  VLT_E_LIMIT: the ring is full.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status shelf_make(struct shelf *shelf,
                                        const struct keyring_about *about,
                                        uint8_t kid[KEYRING_KID]);

/* The same, and the key itself: valid until a key is made or goes, as all are
 * for the commit thread. */
VLT_MUST_USE enum vlt_status shelf_make_key(struct shelf *shelf,
                                            const struct keyring_about *about,
                                            uint8_t kid[KEYRING_KID],
                                            struct vlt_key *key);

/* The same for a staged key: a new one, found by its kid alone. */
VLT_MUST_USE enum vlt_status shelf_stage(struct shelf *shelf,
                                         const struct keyring_about *about,
                                         uint8_t kid[KEYRING_KID]);

/*
 * Wipe keys, for good once the file follows, and remember their kids: what lies
 * under them is passed over, and is no damage.  Others become live.  Waits for
 * the readers inside.  On failure all is as it was.
 * VLT_E_CONFLICT: there would be two live keys for one thing.  VLT_E_NOMEM.
 */
VLT_MUST_USE enum vlt_status shelf_bury(struct shelf *shelf,
                                        const struct keyring_change *change);

/* Nothing lies under buried kids any more: forget them. */
void shelf_unbury(struct shelf *shelf);

/* Is it the kid of a buried key?  Any thread. */
bool shelf_buried(const struct shelf *shelf, const uint8_t kid[KEYRING_KID]);

/* Put a key there, which is copied, in memory only; one that is there for the
 * same thing stays.  VLT_E_LIMIT: the ring is full.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status shelf_put(struct shelf *shelf,
                                       const struct keyring_about *about,
                                       const struct vlt_secret *key);

/* Take the live key for something away and wipe it, in memory only; waits for
 * readers.  One that is not there is gone.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status shelf_drop(struct shelf *shelf,
                                        const struct keyring_about *about);

/* Make keyring.N durable, with the next generation, if it was changed since.
 * VLT_E_STORAGE: the old one is there still.  VLT_E_UNKNOWN.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status shelf_save(struct shelf *shelf, int dir);

/* The ring, or another that load holds, was written under another key: that,
 * its head, and what else load holds.  Takes it. */
void shelf_renew(struct shelf *shelf, struct shelf_load *load);

/* N and g of the file on disk. */
struct keyring_head shelf_head(const struct shelf *shelf);

/* The ring, and what every KW_N is made of; while the shelf is not empty. */
const struct keyring *shelf_ring(const struct shelf *shelf);
const struct vlt_secret *shelf_wrap_base(const struct shelf *shelf);

/* K_set, while the shelf is not empty. */
struct vlt_key shelf_set_key(const struct shelf *shelf);

/* How many keys there are. */
size_t shelf_count(struct shelf *shelf);

#endif
