/*
 * identity: who may ask and who may append.
 *
 * Firms, sources and invitations, their names, keys and states, as sealed
 * records; and the vault's own keys.  A firm or source is a counted value that
 * never changes: a change makes a new one, which is what is found from the
 * commit on.  Look-ups see what is committed; inside a turn the functions that
 * take a txn see the turn's own changes too.
 *
 * Threads: functions with a txn on the commit thread, look-ups on any.
 */
#ifndef IDENTITY_H
#define IDENTITY_H

#include "base/buf.h"
#include "base/id.h"
#include "base/status.h"
#include "crypto/sign.h"
#include "wire/address.h"
#include "wire/handshake.h"

struct identity;
struct store;
struct store_gate; /* store/inbox.h */
struct store_txn;
struct store_view;

enum identity_state {
    IDENTITY_PENDING = 1, /* enrolled, waits for the owner */
    IDENTITY_CONFIRMED,
    IDENTITY_BLOCKED,
    IDENTITY_FORGOTTEN, /* a firm: for good; its name and key are free */
};

enum {
    IDENTITY_NAME_MAX = 63,
    IDENTITY_FIRMS_MAX = 1024,
    IDENTITY_SOURCES_MAX = 1024,
    IDENTITY_INVITATIONS_MAX = 16,
    IDENTITY_PATTERNS_MAX = 64,
    IDENTITY_TOKEN_TEXT = 4 + 13 + 1 + 52 + 1, /* vt1:<13>.<52> */
    IDENTITY_QUOTA_LEAST = 86400,              /* bytes a day: one a second */
    IDENTITY_QUOTA_STREAMS = 1000,             /* what a source has unsaid */
};

#define IDENTITY_QUOTA_BYTES (INT64_C(1) << 40)  /* a day */
#define IDENTITY_QUOTA_ROWS INT64_C(10000000000) /* a day */

/* A firm.  Plain to read, never written to. */
struct firm {
    uint8_t id[VLT_ID_LEN];           /* principal id, random, for life */
    uint8_t key[VLT_SIGN_PK];         /* Ed25519 */
    uint8_t subject[VLT_ID_LEN];      /* pairwise subject of its receipts */
    char name[IDENTITY_NAME_MAX + 1]; /* the owner's choice */
    enum identity_state state;
    int64_t enrolled, changed; /* ns */
    uint8_t kid[8];            /* key of its records in the store */
    uint32_t receipt_n;        /* changes of its receipt key */
    bool has_next;             /* it asks to be known by another key */
    uint8_t next[VLT_SIGN_PK];
    int64_t asked; /* ns: when */
};

/* What a source's messages came over, as bits. */
enum source_over {
    SOURCE_OVER_LOOPBACK = 1 << 0,
    SOURCE_OVER_TLS = 1 << 1,
    SOURCE_OVER_PLAIN = 1 << 2,  /* HTTP on the network */
    SOURCE_OVER_UNSAID = 1 << 3, /* before this was noted */
    SOURCE_OVER_ALL = (1 << 4) - 1,
};

/* A source. */
/* What the owner lets one source bring, where it is not what all may; 0: as
 * all. */
struct source_quota {
    uint64_t rows;    /* a day: up to IDENTITY_QUOTA_ROWS */
    uint64_t bytes;   /* a day: IDENTITY_QUOTA_LEAST to IDENTITY_QUOTA_BYTES */
    unsigned streams; /* under its patterns, until it may make no more */
};

struct source {
    uint8_t id[VLT_ID_LEN];
    uint32_t number;     /* in tail records; from 1, never used twice */
    uint8_t token_id[8]; /* the public half of its token */
    char name[IDENTITY_NAME_MAX + 1];
    enum identity_state state; /* confirmed or blocked */
    bool automatic;            /* may create streams under its prefix */
    const char *category;      /* of streams that it creates; "" is none */
    int64_t window;            /* ns back that its rows may be; INT64_MAX all */
    unsigned way;  /* 0 not yet; else enum way + 1: the first, or the wish's */
    unsigned over; /* enum source_over; 0: nothing came yet */
    bool has_key;  /* it proves a key in the handshake: */
    uint8_t key[VLT_SIGN_PK];
    size_t patterns;
    const char *const *pattern; /* streams that it may append to */
    struct source_quota quota;
    int64_t added;
};

VLT_MUST_USE enum vlt_status identity_new(struct store *store,
                                          struct identity **out);
void identity_free(struct identity *identity); /* NULL is allowed */

/* At unlock; at lock.  VLT_E_STORAGE: a record is not well formed. */
VLT_MUST_USE enum vlt_status identity_load(struct identity *identity,
                                           const struct store_view *view);
void identity_clear(struct identity *identity);

/* The turn has ended: publish what it changed, or forget it. */
void identity_turn_end(struct identity *identity, bool committed);

/* ---- the vault's own keys ---- */

/* The vault's identity: borrowed until identity_clear(); NULL while locked. */
const struct vlt_signer *identity_vault_signer(const struct identity *identity);

/* The key that signs a firm's receipts and checkpoints (WIRE.md, 8.3), or
 * with id NULL the master tree's.  The caller frees *out.  VLT_E_LOCKED.
 * The commit thread; any other inside a read, since a lock waits for reads
 * before it frees what this is made from. */
VLT_MUST_USE enum vlt_status
identity_receipt_signer(const struct identity *identity, const uint8_t *id,
                        uint32_t n, struct vlt_signer **out);

/* The same for pages, of which each wants one: those of the firms that were
 * served last are kept until identity_clear().  *out is borrowed until the next
 * call.  The commit thread. */
VLT_MUST_USE enum vlt_status
identity_kept_signer(struct identity *identity, const uint8_t id[VLT_ID_LEN],
                     uint32_t n, const struct vlt_signer **out);

/* ---- firms ---- */

/* Counted: each hold is ended by firm_release(); NULL when there is none.  One
 * that was forgotten is found by key or name only where no other has it. */
const struct firm *identity_firm_by_key(struct identity *identity,
                                        const uint8_t key[VLT_SIGN_PK]);
const struct firm *identity_firm_by_name(struct identity *identity,
                                         const char *name);
const struct firm *identity_firm_by_id(struct identity *identity,
                                       const uint8_t id[VLT_ID_LEN]);
void firm_release(const struct firm *firm); /* NULL is allowed */

/* Return false to end. */
typedef bool identity_firm_fn(void *ctx, const struct firm *firm);
void identity_firms(struct identity *identity, identity_firm_fn *fn,
                    void *ctx); /* by name */

/*
 * A new invitation for a short name.
 * The caller owns *token, 16 bytes.
 * VLT_E_FORMAT    the name is not [a-z0-9][a-z0-9.-]{0,62}, or is "anyone"
 * VLT_E_CONFLICT  a firm or an open invitation has that name
 * VLT_E_LIMIT     IDENTITY_INVITATIONS_MAX are open, or too many firms
 */
VLT_MUST_USE enum vlt_status identity_invite(struct identity *identity,
                                             struct store_txn *txn,
                                             const char *name, int64_t expires,
                                             struct vlt_secret **token);

/* Open invitations that are not over at now, as committed; return false to
 * end. */
typedef bool identity_invitation_fn(void *ctx, const char *name,
                                    int64_t expires);
void identity_invitations(struct identity *identity, int64_t now,
                          identity_invitation_fn *fn, void *ctx);

/*
 * Spend an invitation: the firm becomes PENDING under its name.  peer is what
 * M3 showed, its signature checked.  The caller releases *out.
 * VLT_E_AUTH: no such invitation, spent, expired, wrong MAC, or the key is
 * known already.  Never says which.
 */
VLT_MUST_USE enum vlt_status identity_spend(struct identity *identity,
                                            struct store_txn *txn,
                                            const struct vlt_peer *peer,
                                            const struct firm **out);

/* Confirm, block or forget a firm; the caller releases *out (NULL: not wanted).
 * A key that it asked for goes with its being blocked or forgotten.
 * VLT_E_NOT_FOUND; VLT_E_CONFLICT: it is there already, the state is
 * IDENTITY_PENDING, or it was forgotten. */
VLT_MUST_USE enum vlt_status identity_firm_set(struct identity *identity,
                                               struct store_txn *txn,
                                               const char *name,
                                               enum identity_state state,
                                               const struct firm **out);

/*
 * A firm asks to be known by another key, in the place of one that it asked for
 * before; it is known by its own until the owner has confirmed the other.  The
 * caller releases *out.
 * VLT_E_NOT_FOUND; VLT_E_CONFLICT: a firm has that key, or asks for it.
 */
VLT_MUST_USE enum vlt_status
identity_firm_ask_key(struct identity *identity, struct store_txn *txn,
                      const uint8_t id[VLT_ID_LEN],
                      const uint8_t key[VLT_SIGN_PK], const struct firm **out);

/* The owner's answer: it is known by that key from now on, or asks for none any
 * more.  The caller releases *out (NULL: not wanted).  VLT_E_NOT_FOUND;
 * VLT_E_CONFLICT: it asks for none. */
VLT_MUST_USE enum vlt_status
identity_firm_answer_key(struct identity *identity, struct store_txn *txn,
                         const uint8_t id[VLT_ID_LEN], bool yes,
                         const struct firm **out);

/* A firm as the turn under way sees it: held; NULL when there is none. */
const struct firm *identity_firm_now(struct identity *identity,
                                     const uint8_t id[VLT_ID_LEN]);
const struct firm *identity_firm_now_by_key(struct identity *identity,
                                            const uint8_t key[VLT_SIGN_PK]);

/* ---- sources ---- */

/* Does the turn under way change anything here?  (Commit thread.) */
bool identity_changes(const struct identity *identity);

/* Who may push while the vault is locked: the confirmed sources, as the turn
 * under way sees them, in the order of a gate that was stored (commit thread).
 * The caller ends *out with store_gate_free().  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status identity_gate(const struct identity *identity,
                                           struct store_gate *out);

const struct source *identity_source_by_name(struct identity *identity,
                                             const char *name);
const struct source *identity_source_by_id(struct identity *identity,
                                           const uint8_t id[VLT_ID_LEN]);
/* By a whole token as text; compared in constant time.  It may be blocked. */
const struct source *identity_source_by_token(struct identity *identity,
                                              struct vlt_slice token);
const struct source *identity_source_by_number(struct identity *identity,
                                               uint32_t number);
/* By the public half of a token, which proves nothing.  It may be blocked. */
const struct source *
identity_source_by_token_id(struct identity *identity,
                            const uint8_t id[VLT_SOURCE_TOKEN_ID]);
void source_release(const struct source *source); /* NULL is allowed */

/* The secret half of a source's token, out of its record.  The caller owns
 * *out.  Any thread, inside a read.  VLT_E_NOT_FOUND; VLT_E_STORAGE,
 * VLT_E_FORMAT: the record does not open, or is none. */
VLT_MUST_USE enum vlt_status
identity_source_secret(const struct store_view *view,
                       const uint8_t id[VLT_ID_LEN], struct vlt_secret **out);

typedef bool identity_source_fn(void *ctx, const struct source *source);
void identity_sources(struct identity *identity, identity_source_fn *fn,
                      void *ctx); /* by name */

/* What the owner asks a new source to be; borrowed. */
struct source_wish {
    const char *name;
    size_t patterns;
    const char *const *pattern;
    bool automatic;
    const char *category; /* NULL or "": none */
    int64_t window;       /* ns; 0: 48 h; INT64_MAX: all */
    unsigned way;         /* 0: the first that it comes in; else enum way + 1 */
    struct source_quota quota; /* in its ranges */
};

/*
 * Add a source and show its token once.
 * VLT_E_FORMAT    name or a pattern is not well formed, or no pattern
 * VLT_E_CONFLICT  the name is taken
 * VLT_E_LIMIT     too many sources or patterns
 */
VLT_MUST_USE enum vlt_status
identity_source_add(struct identity *identity, struct store_txn *txn,
                    const struct source_wish *wish,
                    char token[IDENTITY_TOKEN_TEXT]);

/* Block it, or let it in again.  VLT_E_NOT_FOUND; VLT_E_CONFLICT likewise. */
VLT_MUST_USE enum vlt_status identity_source_set(struct identity *identity,
                                                 struct store_txn *txn,
                                                 const char *name,
                                                 enum identity_state state);

/* What is to be another than it was; borrowed. */
struct source_change {
    const char *name;
    size_t patterns; /* 0: as they are */
    const char *const *pattern;
    int automatic;        /* -1: as it is */
    const char *category; /* NULL: as it is; "": none */
    int64_t window;       /* ns; 0: as it is; INT64_MAX: all */
    int way;              /* -1: as it is; 0: the next that it comes in; else
                             enum way + 1 */
    const struct source_quota *quota; /* NULL: as it is */
};

/*
 * Change a source; the caller releases *out.
 * VLT_E_NOT_FOUND
 * VLT_E_FORMAT    a pattern is not well formed
 * VLT_E_LIMIT     too many patterns
 */
VLT_MUST_USE enum vlt_status
identity_source_change(struct identity *identity, struct store_txn *txn,
                       const struct source_change *change,
                       const struct source **out);

/*
 * Make it a new token, which is shown this once: the old one opens nothing any
 * more, nor does a key that it was spent for, in whose place the new one binds
 * another.  The caller releases *out.  VLT_E_NOT_FOUND.
 */
VLT_MUST_USE enum vlt_status
identity_source_renew(struct identity *identity, struct store_txn *txn,
                      const char *name, char token[IDENTITY_TOKEN_TEXT],
                      const struct source **out);

/* A source as the turn under way sees it (commit thread): held; NULL: there is
 * none.  The second, of one that was let in before by the token of this public
 * half, or a key that it was spent for: NULL also where another is its token by
 * now. */
const struct source *identity_source_now(struct identity *identity,
                                         const char *name);
const struct source *
identity_source_still(struct identity *identity, const uint8_t id[VLT_ID_LEN],
                      const uint8_t token[VLT_SOURCE_TOKEN_ID]);

/* Fix the way (0 to 15) a source came in first, and note what it came over;
 * VLT_E_AUTH when it came another way before; VLT_E_NOT_FOUND. */
VLT_MUST_USE enum vlt_status identity_source_way(struct identity *identity,
                                                 struct store_txn *txn,
                                                 const uint8_t id[VLT_ID_LEN],
                                                 unsigned way,
                                                 enum source_over over);

/*
 * Bind a key to the source whose token its holder has: peer is what M3 showed,
 * its signature checked; way (0 to 15) is fixed for the source.  A token does
 * it once.  The caller releases *out.
 * VLT_E_AUTH: no such token, blocked, spent, come in another way, or the key is
 * known already.  Never says which.
 */
VLT_MUST_USE enum vlt_status identity_source_enrol(struct identity *identity,
                                                   struct store_txn *txn,
                                                   const struct vlt_peer *peer,
                                                   unsigned way,
                                                   const struct source **out);

/* The source of a key as the turn under way sees it: held; NULL when there is
 * none.  It may be blocked. */
const struct source *identity_source_now_by_key(struct identity *identity,
                                                const uint8_t key[VLT_SIGN_PK]);

/* Does this name or pattern lie under quarantine/, where the vault keeps what
 * it could not understand? */
bool source_quarantine(struct vlt_slice name);

/* May this source append to this stream?  To none under quarantine/, whatever
 * its patterns are. */
bool source_covers(const struct source *source, struct vlt_slice stream);

#endif
