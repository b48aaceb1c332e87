/*
 * receipt_check_internal: one check under way, and its steps in two files.
 */
#ifndef VLT_RECEIPT_CHECK_INTERNAL_H
#define VLT_RECEIPT_CHECK_INTERNAL_H

#include "wire/proof.h"
#include "wire/receipt_check.h"

struct vlt_receipt_checking {
    const struct vlt_receipt_evidence *evidence;
    struct vlt_receipt_verdict *verdict;
    struct vlt_buf payload; /* of the newest receipt */
    uint8_t digest[32];     /* its SHA-256 */
    bool whole;             /* the chain begins with seq 1 */
    bool lapsed;            /* the grant is not in force */
    struct vlt_buf held;    /* what the proof borrows */
    struct vlt_proof proof;
};

/* Decide: this step fails, and why.  Returns VLT_E_AUTH. */
enum vlt_status vlt_receipt_fail(struct vlt_receipt_checking *check, int step,
                                 const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The grant is not in force, by this step; the check goes on. */
void vlt_receipt_lapse(struct vlt_receipt_checking *check, int step,
                       const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* This step holds. */
void vlt_receipt_hold(struct vlt_receipt_checking *check, int step);

/* What stays open is said, unless something fails. */
void vlt_receipt_leave_open(struct vlt_receipt_checking *check,
                            const char *what);

/* Steps 6 and 7, once the newest receipt and its digest are there. */
VLT_MUST_USE enum vlt_status
vlt_receipt_check_proof(struct vlt_receipt_checking *check);
VLT_MUST_USE enum vlt_status
vlt_receipt_check_checkpoint(struct vlt_receipt_checking *check);

#endif
