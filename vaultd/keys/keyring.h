/*
 * keyring: every data key of the vault.
 *
 * On disk (keyring.N) it is a head of 96 bytes and 64 bytes an
 * entry, sealed under KW_N. In memory the entries lie in one secret, the slab,
 * in the same form, with two indexes beside it: by kid, and by what the key is
 * for.  A `struct vlt_key` that comes out refers into the slab: it is valid
 * until keyring_grow() or keyring_free().
 *
 *     offset  bytes  field of the head
 *          0      8  "vdkeyr01"
 *          8      8  N
 *         16      8  g, generation, counts up over the vault's life
 *         24      4  entries, at most 262,144
 *         28      4  suite = 1
 *         32     24  nonce
 *         56      8  zero
 *         64     32  commit = H(KW_N, "vd1 keyring commit" ‖ bytes 0..63)
 *
 *     offset  bytes  field of an entry
 *          0      8  kid
 *          8      1  type
 *          9      1  state
 *         10      2  zero
 *         12      4  epoch
 *         16     16  subject
 *         32     32  key
 *
 * Threads: one changes it, with nobody else looking; or several look.  Who
 * shares it locks it.
 */
#ifndef KEYS_KEYRING_H
#define KEYS_KEYRING_H

#include "base/buf.h"
#include "base/id.h"
#include "crypto/secret.h"

enum {
    KEYRING_KID = 8,
    KEYRING_ENTRY = 64,
    KEYRING_HEAD = 96,
    KEYRING_ENTRIES_MAX = 262144,
    KEYRING_FILE_MAX = KEYRING_HEAD + KEYRING_ENTRY * KEYRING_ENTRIES_MAX + 16,
};

enum keyring_type {
    KEYRING_LANE = 1,     /* subject: stream id; the only one with an epoch */
    KEYRING_FIRM = 2,     /* subject: firm id */
    KEYRING_VAULT = 3,    /* subject zero */
    KEYRING_IDENTITY = 4, /* subject zero */
    KEYRING_INBOX = 5,    /* subject zero; an X25519 secret key */
    KEYRING_BACKUP = 6,   /* subject: a slot's salt */
};

/* What a key is for. */
struct keyring_about {
    enum keyring_type type;
    int32_t epoch;
    uint8_t subject[VLT_ID_LEN];
};

/* The head of a keyring's file. */
struct keyring_head {
    uint64_t n;       /* of CURRENT */
    uint64_t g;       /* generation */
    uint32_t entries; /* 0 to KEYRING_ENTRIES_MAX */
};

struct keyring;

/* An empty keyring.  The caller owns *out.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status keyring_new(struct keyring **out);

/* Wipe and free.  NULL is allowed. */
void keyring_free(struct keyring *ring);

/* Entries. */
size_t keyring_count(const struct keyring *ring);

/* Must keyring_grow() come before the next keyring_add()? */
bool keyring_full(const struct keyring *ring);

/*
 * Move to a slab of twice the size; keys that were handed out are void.
 * VLT_E_LIMIT  KEYRING_ENTRIES_MAX entries are there
 * VLT_E_NOMEM  no memory, or none that may be locked
 */
VLT_MUST_USE enum vlt_status keyring_grow(struct keyring *ring);

/*
 * Add a live key: a copy of key (32 bytes), or a random one where key is NULL.
 * Puts its kid there.  The ring must not be full (keyring_full()).
 * VLT_E_CONFLICT: there is a live key of this kind for this subject and epoch.
 * VLT_E_FORMAT: subject or epoch is not zero where it must be.
 */
VLT_MUST_USE enum vlt_status keyring_add(struct keyring *ring,
                                         const struct keyring_about *about,
                                         const struct vlt_secret *key,
                                         uint8_t kid[KEYRING_KID]);

/*
 * Add a staged key, random: it is found by its kid alone, and may stand beside
 * a live one for the same.  As keyring_add().
 */
VLT_MUST_USE enum vlt_status keyring_stage(struct keyring *ring,
                                           const struct keyring_about *about,
                                           uint8_t kid[KEYRING_KID]);

/* Kids whose keys are to go, and kids of staged keys that become live: each
 * KEYRING_KID bytes, one behind the other. */
struct keyring_change {
    const uint8_t *dead;
    size_t dead_count;
    const uint8_t *live;
    size_t live_count;
};

/*
 * A ring with what stays, in a slab of its own; kids that are not there are
 * passed over.  The caller owns *out.
 * VLT_E_CONFLICT: there would be two live keys for one thing.  VLT_E_NOMEM.
 */
VLT_MUST_USE enum vlt_status keyring_heir(const struct keyring *ring,
                                          const struct keyring_change *change,
                                          struct keyring **out);

/* The key of a kid.  about and key may be NULL.  VLT_E_NOT_FOUND. */
VLT_MUST_USE enum vlt_status keyring_find(const struct keyring *ring,
                                          const uint8_t kid[KEYRING_KID],
                                          struct keyring_about *about,
                                          struct vlt_key *key);

/* The live key for something.  key may be NULL.  VLT_E_NOT_FOUND. */
VLT_MUST_USE enum vlt_status keyring_lookup(const struct keyring *ring,
                                            const struct keyring_about *about,
                                            uint8_t kid[KEYRING_KID],
                                            struct vlt_key *key);

/* The entries as they lie in the slab, KEYRING_ENTRY bytes each: borrowed, as a
 * key is, and as secret. */
struct vlt_slice keyring_entries(const struct keyring *ring);

/* A ring of such entries.  The caller owns *out, and wipes what it gave.
 * Status as keyring_open(); VLT_E_FORMAT: half an entry. */
VLT_MUST_USE enum vlt_status keyring_of_entries(struct vlt_slice entries,
                                                struct keyring **out);

/* What of the root key KW_N is made of, for every N.  The caller owns *out.
 * VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status
keyring_wrap_base(const struct vlt_secret *root_key, struct vlt_secret **out);

/* Every key, live or staged, in no order that means anything; false ends the
 * walk. */
typedef bool keyring_fn(void *ctx, const uint8_t kid[KEYRING_KID],
                        const struct keyring_about *about, bool live);
void keyring_each(const struct keyring *ring, keyring_fn *fn, void *ctx);

/* KW_N of that, erase secret and N.  The caller owns *out.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status keyring_wrap_key(const struct vlt_secret *base,
                                              const struct vlt_secret *erase,
                                              uint64_t n,
                                              struct vlt_secret **out);

/* Append the file of a keyring to out (whose failure is the caller's to see):
 * head->entries is not looked at. */
void keyring_seal(const struct keyring *ring, const struct vlt_secret *wrap,
                  const struct keyring_head *head, struct vlt_buf *out);

/*
 * Read the head of a file: all that can be checked without a key.  Pure.
 * VLT_E_FORMAT: no keyring, or another length than its entries need.
 * VLT_E_LIMIT: a suite that is not known, or too many entries.
 */
VLT_MUST_USE enum vlt_status keyring_read_head(struct vlt_slice file,
                                               struct keyring_head *out);

/*
 * Open a file that must be of generation n.  The caller owns *out.
 *
 * VLT_E_AUTH    another key or n, or a changed byte
 * VLT_E_FORMAT  an entry that must not be: a zero that is not, a kid or a live
 *               key twice; or as keyring_read_head()
 * VLT_E_LIMIT   a type or state that is newer than this program
 * VLT_E_NOMEM   no memory, or none that may be locked
 */
VLT_MUST_USE enum vlt_status keyring_open(struct vlt_slice file,
                                          const struct vlt_secret *wrap,
                                          uint64_t n, struct keyring_head *head,
                                          struct keyring **out);

#endif
