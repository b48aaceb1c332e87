/*
 * roster: all firms, sources and invitations of one moment.
 *
 * A roster never changes once it is published.  A turn that changes something
 * works on a copy, whose entries are the same counted values but for those
 * that changed; publishing is one swap of a pointer under a lock.
 */
#ifndef IDENTITY_ROSTER_H
#define IDENTITY_ROSTER_H

#include "crypto/secret.h"
#include "identity/identity.h"
#include "util/lock.h"
#include "util/ref.h"
#include "wire/enrol.h"

/* The counted boxes around the plain values of the header. */
struct firm_box {
    struct firm firm; /* first: a firm is its box */
    struct ref ref;
};

struct source_box {
    struct source source; /* first */
    struct ref ref;
    uint8_t token_hash[32]; /* BLAKE2b-256 of the token's secret */
    char *category;         /* owned */
    char **pattern;         /* owned, source.patterns of them */
};

struct invitation {
    uint8_t id[VLT_ID_LEN]; /* of its record */
    char name[IDENTITY_NAME_MAX + 1];
    int64_t expires;
    uint8_t public_id[VLT_ENROL_ID]; /* what M3 names it by */
};

struct roster {
    struct ref ref;
    size_t firms; /* by name */
    const struct firm *firm[IDENTITY_FIRMS_MAX];
    size_t sources; /* by name */
    const struct source *source[IDENTITY_SOURCES_MAX];
    size_t invitations;
    struct invitation invitation[IDENTITY_INVITATIONS_MAX];
};

enum { IDENTITY_KEPT = 64 }; /* signers; each is a locked page */

struct kept_signer {
    uint8_t id[VLT_ID_LEN];
    uint32_t n;
    uint64_t used;             /* of all uses, its last */
    struct vlt_signer *signer; /* NULL: none */
};

struct identity {
    struct store *store; /* borrowed */
    struct lock *lock;   /* over `published` */
    struct roster *published;
    struct roster *nobody; /* what is found while locked */
    struct roster *turn;   /* commit thread: the copy, or NULL */
    struct vlt_signer *vault;
    struct vlt_secret *receipt_key;
    struct kept_signer kept[IDENTITY_KEPT]; /* commit thread */
    uint64_t kept_uses;
};

/* Wipe and forget them. */
void identity_drop_kept(struct identity *identity);

/* An empty roster, and a copy of one; NULL: no memory. */
struct roster *roster_new(void);
struct roster *roster_copy(const struct roster *from);
struct roster *roster_hold(struct roster *roster);
void roster_release(struct roster *roster);

/* Put a firm (source) in the place of the one with its id, or where its name
 * belongs.  Takes it.  VLT_E_LIMIT: no room; then it is released. */
VLT_MUST_USE enum vlt_status roster_put_firm(struct roster *roster,
                                             const struct firm *firm);
VLT_MUST_USE enum vlt_status roster_put_source(struct roster *roster,
                                               const struct source *source);

/* Borrowed from the roster; NULL: none.  By key or name one that was forgotten
 * is found where no other is. */
const struct firm *roster_firm_by_id(const struct roster *roster,
                                     const uint8_t id[VLT_ID_LEN]);
const struct firm *roster_firm_by_key(const struct roster *roster,
                                      const uint8_t key[VLT_SIGN_PK]);
const struct firm *roster_firm_by_name(const struct roster *roster,
                                       const char *name);
const struct source *roster_source_by_name(const struct roster *roster,
                                           const char *name);

const struct firm *firm_hold(const struct firm *firm);
const struct source *source_hold(const struct source *source);

/* The published roster, held; the turn's copy, made at its first use.
 * NULL: no memory. */
struct roster *identity_published(struct identity *identity);
struct roster *identity_turn(struct identity *identity);

/* What the turn under way sees, borrowed: its copy, or the published one. */
const struct roster *identity_now(const struct identity *identity);

/* Write a firm's record and put it into the turn's roster; the caller releases
 * *out (NULL: not wanted). */
VLT_MUST_USE enum vlt_status identity_firm_put(struct identity *identity,
                                               struct store_txn *txn,
                                               const struct firm *firm,
                                               const struct firm **out);

/* Write a source's record with the secret of its token, and put what is read
 * back of it into the roster of the turn. */
VLT_MUST_USE enum vlt_status
identity_source_write(struct roster *roster, struct store_txn *txn,
                      const struct source *source,
                      const struct vlt_secret *secret);

/* Write a changed source again, its secret as it is, and put it into the turn's
 * roster. */
VLT_MUST_USE enum vlt_status identity_source_put(struct identity *identity,
                                                 struct store_txn *txn,
                                                 const struct source *source);

/* [a-z0-9][a-z0-9.-]{0,62}, and not "anyone"? */
bool identity_name_valid(const char *name);

#endif
