/*
 * counter: counter-offers.  A rule or the owner offers less than was asked,
 * once for a part; the firm accepts, or leaves it (LANGUAGE.md, 3; WIRE.md, 6.5
 * and 8.6).
 *
 * Consent says what is offered; the service signs it and brings it back in the
 * same turn.  As in consent.h, what changed comes back in *changes, and is
 * carried out in the same turn.
 *
 * Threads: the commit thread.
 */
#ifndef CONSENT_COUNTER_H
#define CONSENT_COUNTER_H

#include "consent/consent.h"

enum { CONSENT_OFFER_DAYS = 7 }; /* so long it can be accepted */

/*
 * The owner offers less (row 7) of a part that waits: those of its items, and
 * limits set lower, also of what the firm promises, which binds only who has
 * accepted it.
 * VLT_E_NOT_FOUND
 * VLT_E_CONFLICT  it does not wait, a rule forbids an item, it had an offer
 *                 already, or it would widen
 * VLT_E_FORMAT    no such part or item, or a limit that cannot be set so
 * VLT_E_LIMIT     it would be what was asked: approve it
 * why says which, for the owner.
 */
struct consent_countering {
    uint8_t request[VLT_ID_LEN];
    int purpose;    /* of the part */
    unsigned items; /* bit n-1; 0: all that no rule denies */
    const struct consent_narrow *narrow; /* NULL: as asked */
    const struct consent_firm *firm;
    int64_t now;
};
VLT_MUST_USE enum vlt_status
consent_counter(struct consent *consent, struct store_txn *txn,
                const struct consent_countering *countering,
                struct vlt_buf *why, struct consent_changes *changes);

/* Keep the signed offer of a part that is countered in this turn; its terms
 * are read from it from now on.  VLT_E_NOT_FOUND, VLT_E_FORMAT. */
VLT_MUST_USE enum vlt_status
consent_offer_put(struct consent *consent, struct store_txn *txn,
                  const uint8_t request[VLT_ID_LEN], int part,
                  struct vlt_slice jws);

/*
 * The firm answers (rows 12 and 13; 9 where a rule denies it now).  What a rule
 * offered is decided as the request would be by now, with the vault's own rules
 * about requests; where one asks, the grant is suspended for the owner (20).
 * VLT_E_NOT_FOUND  no request of this firm, or no such part
 * VLT_E_CONFLICT   nothing is offered, or not any more
 * VLT_E_QUOTA      too many grants are in force
 */
struct consent_answering {
    uint8_t request[VLT_ID_LEN];
    int purpose; /* of the part */
    bool accepts;
    const struct consent_firm *firm;
    const struct consent_world *world;
    int64_t now;
};
VLT_MUST_USE enum vlt_status
consent_answer(struct consent *consent, struct store_txn *txn,
               const struct consent_answering *answering,
               struct consent_changes *changes);

#endif
