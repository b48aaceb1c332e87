/*
 * force: the policy set in force, and how it comes to be.
 */
#ifndef CONSENT_FORCE_INTERNAL_H
#define CONSENT_FORCE_INTERNAL_H

#include "consent/consent_internal.h"

/* NULL is allowed. */
void force_release(struct set_box *box);

/* Write the record of a set.  VLT_E_LIMIT: its files are too large. */
VLT_MUST_USE enum vlt_status force_put(struct store_txn *txn,
                                       const struct set_box *box);

/* Read the set from the store; a new vault has the empty one. */
VLT_MUST_USE enum vlt_status force_load(struct consent *consent,
                                        const struct store_view *view);

void force_turn_end(struct consent *consent, bool committed);

#endif
