/*
 * receipt_check: is a receipt to be believed?  Offline, by whoever holds the
 * two pinned keys.
 *
 * The steps of WIRE.md, 8.4, in this order; the first that fails decides,
 * and those behind it are not looked at:
 *
 *     1  three parts of strict base64url, a header of exactly three members
 *     2  kid is the pinned receipt key's, and the signature holds
 *     3  all claims of the schema; aud is the firm, iss the pinned key
 *     4  prev leads back to seq 1 without a gap; the newest event gives data,
 *        and nbf ≤ now < exp
 *     5  now < fresh_until, or a later signed status of the vault
 *     6  the proof: its index is log.size, the entry opens to a detail that
 *        names this payload, and is in the tree
 *     7  the checkpoint: same origin, signed by the pinned key, extending the
 *        log of the receipt and the newest checkpoint held
 *     8  the firm's signature over the same payload
 *
 * That a grant is not in force (the event and the times of step 4, and step 5)
 * is no fault of the receipt: the steps behind are looked at all the same, and
 * where they hold, too, the receipt is genuine.  One that fails decides.
 *
 * What was not given is not checked, and the verdict says so; it is for the
 * caller to decide whether that is enough.
 *
 * Pure.  Threads: any.
 */
#ifndef VLT_RECEIPT_CHECK_H
#define VLT_RECEIPT_CHECK_H

#include "wire/receipt.h"

enum {
    VLT_RECEIPT_STEPS = 8, /* steps are 1 to 8 */
    VLT_RECEIPT_SAYS = 192,
};

enum vlt_check {
    VLT_CHECK_OPEN, /* not checked: nothing to check it with */
    VLT_CHECK_HOLDS,
    VLT_CHECK_FAILS,
};

/* All is borrowed; what is not at hand is empty, NULL or 0. */
struct vlt_receipt_evidence {
    const uint8_t *receipt_pk;     /* pinned, 32 bytes; required */
    const uint8_t *firm_pk;        /* pinned, 32 bytes; NULL: then aud and
                                      the countersignature stay open */
    int64_t now;                   /* seconds */
    const struct vlt_slice *chain; /* compact receipts of one grant, oldest
                                      first; at least one is required */
    size_t chain_len;
    struct vlt_slice status;           /* JWS vault-status+jwt */
    struct vlt_slice proof;            /* tlog-proof of the newest receipt */
    struct vlt_slice checkpoint;       /* the newest that was kept */
    const struct vlt_tree_path *path;  /* consistency of the two checkpoints */
    struct vlt_slice countersignature; /* compact, of the newest receipt */
};

struct vlt_receipt_verdict {
    enum vlt_check step[VLT_RECEIPT_STEPS + 1]; /* [0] is not used */
    int failed;                  /* the step that decided; 0: none */
    bool genuine;                /* failed is 0, or the force alone fails */
    char says[VLT_RECEIPT_SAYS]; /* why, one sentence; or what stayed open */
    struct vlt_json *document;   /* owned; NULL where step 3 was not passed */
    struct vlt_receipt newest;   /* borrows document */
};

/*
 * Check.  The caller ends *out with vlt_receipt_verdict_free(), whatever is
 * returned.
 * VLT_E_AUTH: a step failed; VLT_E_NOMEM.
 */
VLT_MUST_USE enum vlt_status
vlt_receipt_check(const struct vlt_receipt_evidence *evidence,
                  struct vlt_receipt_verdict *out);

/* Harmless on { 0 } and a second time. */
void vlt_receipt_verdict_free(struct vlt_receipt_verdict *verdict);

/* ---- vault-status+jwt: what is true of a grant at a moment ---- */

struct vlt_grant_status {
    uint8_t grant[VLT_ID_LEN];
    struct vlt_slice state; /* "active", …: borrowed */
    int64_t as_of;          /* seconds */
    int64_t fresh_until;
};

/* Sign and append in compact form. */
VLT_MUST_USE enum vlt_status
vlt_grant_status_sign(const struct vlt_signer *vault,
                      const struct vlt_grant_status *status,
                      struct vlt_buf *out);

/* Verify and read; the state's text borrows held (any buffer, emptied).
 * VLT_E_FORMAT, VLT_E_AUTH as vlt_jws_verify(). */
VLT_MUST_USE enum vlt_status
vlt_grant_status_read(struct vlt_slice token, const uint8_t pk[VLT_SIGN_PK],
                      struct vlt_buf *held, struct vlt_grant_status *out);

#endif
