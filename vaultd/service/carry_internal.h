/*
 * carry_internal: one row of the lifecycle, for the files that carry it out.
 */
#ifndef CARRY_INTERNAL_H
#define CARRY_INTERNAL_H

#include "service/guard_internal.h"
#include "wire/receipt.h"

/* What one change is carried out with. */
struct carrying {
    struct turn *turn;
    const struct consent_change *change;
    const struct consent_request *request; /* borrowed */
    const struct firm *firm;               /* held */
    struct after **after;
    struct vlt_buf payload; /* of the receipt */
    struct vlt_buf jws;
    uint8_t sha256[32];
    uint8_t policy_salt[32]; /* of the receipt's commitment */
    uint64_t seq;            /* of the receipt */
    uint64_t log_index;      /* of its entry in the firm's tree */
};

/* Build and sign its receipt into payload and jws; append to detail what the
 * firm's tree commits to. */
VLT_MUST_USE enum vlt_status carry_receipt_make(struct carrying *carrying,
                                                struct vlt_buf *detail);

/* The list `rules` of a grant's row: those that it was born by; of a row that a
 * rule brought the deny or ask that acted. */
void carry_put_rules(const struct carrying *carrying,
                     struct vlt_json_out *json);

/* Of an end: what the firm holds, and by when it is to be gone. */
void carry_deletion_fill(struct vlt_receipt *receipt,
                         const struct grant *grant);

/* The entry that the firm was asked to delete, or that its statement is
 * overdue. */
VLT_MUST_USE enum vlt_status carry_deletion_log(struct carrying *carrying);

/* Ask it, on the sessions that it has. */
void carry_deletion_ask(struct carrying *carrying);

/* Sign what is offered, and keep it: what the firm is sent is in jws. */
VLT_MUST_USE enum vlt_status carry_offer_make(struct carrying *carrying);

/* The entry of an offer that was made, accepted or left. */
VLT_MUST_USE enum vlt_status carry_offer_log(struct carrying *carrying);

/* Keep the signed receipt, in this turn. */
VLT_MUST_USE enum vlt_status
carry_receipt_keep(const struct carrying *carrying);

#endif
