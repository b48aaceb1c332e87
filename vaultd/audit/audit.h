/*
 * audit: the log of everything that concerned consent, and its proofs.
 *
 * Hash trees of RFC 9162: one for each firm, and the owner's master tree, which
 * has an entry for every event and the firm's new head beside it (WIRE.md, 9).
 * An append is part of the turn that makes the event true; what is kept in
 * memory (frontiers) follows the disk when the turn has ended.
 *
 * A tree is named by 16 bytes: a firm's principal id, or zeros for the master
 * tree.
 *
 * Verifying all of it takes long, so it is done in slices, each with a view of
 * its own: entries never change, and those that came since are passed over.
 *
 * Threads: appending and turn_end on the commit thread; heads, entries and
 * proofs by any thread with a view of its own.
 */
#ifndef AUDIT_H
#define AUDIT_H

#include "base/buf.h"
#include "base/id.h"
#include "base/status.h"
#include "crypto/sign.h"

struct audit;
struct store;
struct store_txn;
struct store_view;

/* Types of WIRE.md, 9.1. */
enum audit_type {
    AUDIT_REQUEST = 1,
    AUDIT_DECISION,
    AUDIT_GRANT,
    AUDIT_COUNTERSIGN,
    AUDIT_USE,
    AUDIT_SPAN_OPEN,
    AUDIT_SPAN_CLOSE,
    AUDIT_DENIED,
    AUDIT_ACK,
    AUDIT_OFFER,
    AUDIT_DELETION,
    AUDIT_FIRM,
    AUDIT_POLICY,
    AUDIT_STREAM,
    AUDIT_OWNER,
    AUDIT_EXPORT,
    AUDIT_BACKUP,
    AUDIT_ERASE,
    AUDIT_KEY,
    AUDIT_HOLD,
    AUDIT_RESTORE,
    AUDIT_REQUEST_BAD,
    AUDIT_RUN,
};

enum {
    AUDIT_TREE_LEN = VLT_ID_LEN,
    AUDIT_ENTRY_LEN = 80,
    AUDIT_MASTER_LEN = 136,
    AUDIT_DETAIL_MAX = 64 << 10, /* bytes of one detail */
};

/* Something that happened.  Details are one JSON object each. */
struct audit_event {
    enum audit_type type;
    int64_t time;                  /* effective, ns */
    uint8_t subject[VLT_ID_LEN];   /* grant or request, else zeros */
    uint64_t seq;                  /* gapless for a grant, else 0 */
    const uint8_t *firm;           /* its principal id; NULL: no firm's */
    const uint8_t *firm_kid;       /* key of its bodies, 8 bytes; with firm */
    struct vlt_slice firm_detail;  /* what the firm may know; with firm */
    struct vlt_slice owner_detail; /* the whole explanation */
};

/* Where an event stands in the firm's tree (without a firm: the master tree),
 * with what opens it. */
struct audit_mark {
    uint64_t index;
    size_t entry_len;
    uint8_t entry[AUDIT_MASTER_LEN];
    uint8_t salt[32];
};

struct audit_head {
    uint64_t size;
    uint8_t root[32];
    int64_t time; /* of its last entry; 0 while empty */
};

/* The caller owns *out.  Empty until audit_load(). */
VLT_MUST_USE enum vlt_status audit_new(struct store *store, struct audit **out);
void audit_free(struct audit *audit); /* NULL is allowed */

/* The number of this instance of the vault, as entries and origins have it:
 * the first 4 bytes of the store's instance id, big-endian. */
uint32_t audit_instance(const struct audit *audit);

/* At unlock: read the frontier of the master tree and check it with !root.
 * Firms' frontiers are read when first needed.
 * VLT_E_STORAGE: the log and !root do not agree. */
VLT_MUST_USE enum vlt_status audit_load(struct audit *audit,
                                        const struct store_view *view);
/* At lock: forget. */
void audit_clear(struct audit *audit);

/*
 * Append an event to the firm's tree and the master tree (or to the latter
 * alone).  mark may be NULL.
 * VLT_E_LIMIT    a detail is over AUDIT_DETAIL_MAX
 * VLT_E_FORMAT   a detail is empty or ends in a zero
 * VLT_E_STORAGE  the turn must be ended, as with any other
 */
VLT_MUST_USE enum vlt_status audit_append(struct audit *audit,
                                          struct store_txn *txn,
                                          const struct audit_event *event,
                                          struct audit_mark *mark);

/* The turn has ended: keep what it appended, or forget it. */
void audit_turn_end(struct audit *audit, bool committed);

/* A tree's head as the turn under way sees it (commit thread). */
VLT_MUST_USE enum vlt_status audit_head(struct audit *audit,
                                        const struct store_view *view,
                                        const uint8_t tree[AUDIT_TREE_LEN],
                                        struct audit_head *out);

/* The last committed head of a tree (any thread). */
VLT_MUST_USE enum vlt_status
audit_committed_head(struct audit *audit, const struct store_view *view,
                     const uint8_t tree[AUDIT_TREE_LEN],
                     struct audit_head *out);

/* The root that a tree had when it was of `size`.
 * VLT_E_NOT_FOUND: it is smaller.  VLT_E_STORAGE: a node or leaf of
 * it is missing or is none. */
VLT_MUST_USE enum vlt_status audit_root_at(struct audit *audit,
                                           const struct store_view *view,
                                           const uint8_t tree[AUDIT_TREE_LEN],
                                           uint64_t size, uint8_t root[32]);

/* Append a signed checkpoint of this head (C2SP tlog-checkpoint). */
VLT_MUST_USE enum vlt_status
audit_checkpoint(struct audit *audit, const uint8_t tree[AUDIT_TREE_LEN],
                 const struct audit_head *head, const struct vlt_signer *signer,
                 struct vlt_buf *out);

/* One entry, opened.  Slices are borrowed for the call. */
struct audit_entry {
    uint64_t index;
    enum audit_type type;
    int64_t time;
    uint8_t subject[VLT_ID_LEN];
    uint64_t seq;
    struct vlt_slice entry; /* its 80 or 136 bytes */
    struct vlt_slice salt;  /* empty with detail when shredded */
    struct vlt_slice detail;
    const uint8_t *firm; /* of a master entry: its firm's tree; else NULL */
    const uint8_t *leaf; /* its hash in the tree, 32 bytes, shredded or not */
};

/* Return false to end. */
typedef bool audit_entry_fn(void *ctx, const struct audit_entry *entry);

/* Entries of a tree from index `from` on, at most `most`, in order.
 * VLT_E_STORAGE: one does not open or is not well formed. */
VLT_MUST_USE enum vlt_status audit_each(struct audit *audit,
                                        const struct store_view *view,
                                        const uint8_t tree[AUDIT_TREE_LEN],
                                        uint64_t from, uint64_t most,
                                        audit_entry_fn *fn, void *ctx);

/*
 * Proof that entry `index` is in the tree of `size`: appended as lines of
 * base64, as tlog-proof wants them.
 * VLT_E_LIMIT: index is not below size.  VLT_E_NOT_FOUND: the tree is smaller.
 */
VLT_MUST_USE enum vlt_status audit_inclusion(struct audit *audit,
                                             const struct store_view *view,
                                             const uint8_t tree[AUDIT_TREE_LEN],
                                             uint64_t index, uint64_t size,
                                             struct vlt_buf *out);

/* Proof that the tree of `size` extends that of `from` (1 to size), likewise.
 */
VLT_MUST_USE enum vlt_status
audit_consistency(struct audit *audit, const struct store_view *view,
                  const uint8_t tree[AUDIT_TREE_LEN], uint64_t from,
                  uint64_t size, struct vlt_buf *out);

/* What audit_verify() found wrong, one sentence each. */
typedef void audit_problem_fn(void *ctx, const char *problem);

enum { AUDIT_VERIFY_SLICE = 256 /* entries in one slice, at most */ };

/*
 * Begin to verify the log as the view shows it: rehash every entry to every
 * tree and root, open every commitment, hold every firm's head in the master
 * tree against the firm's tree and the other way about, each grant's seq
 * against gaps, stored nodes against leaves; entries without a key need an
 * erasure in the log.  fn is called while audit_verify_some() is.  The caller
 * frees *out with audit_verifier_free().
 * VLT_E_STORAGE, VLT_E_NOMEM.
 */
struct audit_verifier;
VLT_MUST_USE enum vlt_status audit_verify_begin(const struct store_view *view,
                                                audit_problem_fn *fn, void *ctx,
                                                struct audit_verifier **out);

/*
 * Verify one slice, with that view or a later one.  *done: that was all of it,
 * and *head is the master tree's as its entries give it.  VLT_OK whether or not
 * problems were found.
 */
VLT_MUST_USE enum vlt_status audit_verify_some(struct audit_verifier *v,
                                               const struct store_view *view,
                                               bool *done,
                                               struct audit_head *head);

/* NULL is allowed. */
void audit_verifier_free(struct audit_verifier *v);

/* All of it with one view, where nobody waits for that to end. */
VLT_MUST_USE enum vlt_status audit_verify(const struct store_view *view,
                                          audit_problem_fn *fn, void *ctx,
                                          struct audit_head *out);

#endif
