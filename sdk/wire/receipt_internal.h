/*
 * receipt_internal: what writing and reading a payload share.
 */
#ifndef VLT_RECEIPT_INTERNAL_H
#define VLT_RECEIPT_INTERNAL_H

#include "wire/receipt.h"

/* Words by enum, NULL at the end. */
extern const char *const vlt_receipt_events[];
extern const char *const vlt_receipt_bys[];

#define VLT_RECEIPT_SCHEMA_DPV                                                 \
    "https://w3id.org/dpv/schema/dpv-27560#receipt-record"
#define VLT_RECEIPT_SCHEMA "vault-receipt/1"
#define VLT_RECEIPT_WITHDRAW                                                   \
    "The person ends this with one act in their vault. It binds from the "     \
    "moment of the successor receipt."

#endif
