/*
 * receipt_input: the forms in which a receipt comes to a firm.
 *
 *     compact JWS        the receipt alone
 *     two-sided JSON     {"payload","signatures":[the vault's, the firm's]}
 *     grant.receipt      {"grant","receipts":[{"seq","receipt",
 *                        "countersignature","proof"}…],"status"}
 *
 * Pure.  Threads: any.
 */
#ifndef VLT_RECEIPT_INPUT_H
#define VLT_RECEIPT_INPUT_H

#include "base/buf.h"
#include "json/json.h"

enum {
    VLT_RECEIPT_INPUT_MAX = 4 << 20, /* bytes of a text */
    VLT_RECEIPT_CHAIN = 1024,        /* receipts of one grant */
};

/* A plain value that begins as { 0 }. */
struct vlt_receipt_input {
    struct vlt_json *document; /* owned; NULL */
    struct vlt_buf first;      /* owned: parts of the two-sided form */
    struct vlt_buf second;
    struct vlt_slice *chain; /* owned; oldest first; at least one */
    size_t count;
    struct vlt_slice countersignature; /* of the newest; empty: none */
    struct vlt_slice proof;            /* likewise */
    struct vlt_slice status;           /* likewise */
};

/* Read a text, which *out borrows.  The caller ends *out with
 * vlt_receipt_input_free() in any case.  VLT_E_FORMAT: it is none of these.
 * VLT_E_LIMIT, VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status
vlt_receipt_input_read(struct vlt_slice text, struct vlt_receipt_input *out);

void vlt_receipt_input_free(struct vlt_receipt_input *input);

#endif
