/*
 * deletion: what a firm still holds of what it was given, and its statements
 * that it is gone (LANGUAGE.md, 3; WIRE.md, 6.6 and 8.5).
 *
 * What a use gave is to be deleted `keep_s` after it was delivered; where the
 * owner took the grant back (withdrawn, revoked, invalid) that is 30 days after
 * the end at the latest.  When some of it is due the vault asks for a statement
 * about all that is, of one grant at most once in 30 days.  A statement that is
 * not there 14 days after the asking is overdue until it comes.
 *
 * Uses are told apart by the day, or by a 32nd of what may be kept if that is
 * longer; what of a day was delivered last counts for all of it.  A live use is
 * delivered when its hour is over.
 *
 * Threads: what takes a txn on the commit thread; the rest any.
 */
#ifndef CONSENT_DELETION_H
#define CONSENT_DELETION_H

#include "consent/lifecycle.h"

enum {
    CONSENT_ASK_DAYS = 30,   /* between two askings */
    CONSENT_DUE_DAYS = 14,   /* from the first of them */
    CONSENT_TAKEN_DAYS = 30, /* what was taken back may be kept so long */
    CONSENT_HELD = CONSENT_KEPT + 2, /* what was asked for last, and before */
};

/* Uses whose data the firm has not said to have deleted. */
struct consent_held {
    uint64_t from; /* first use */
    uint64_t to;   /* last */
    int64_t delete_by;
    int64_t demanded; /* ns: since when; 0: not yet */
    int64_t due;      /* ns: a statement; 0: none is asked for */
};

/* All of a grant, ascending.  Gives how many. */
size_t consent_held(const struct grant *grant,
                    struct consent_held out[CONSENT_HELD]);

/* Is a statement overdue at now? */
bool consent_overdue(const struct grant *grant, int64_t now);

/* Is one overdue of any grant of the firm?  As committed. */
VLT_MUST_USE enum vlt_status
consent_firm_overdue(struct consent *consent, const uint8_t firm[VLT_ID_LEN],
                     int64_t now, bool *out);

/*
 * Take a statement of the grant's firm about uses from the first that it still
 * holds on, or from an earlier one.  What it excepts is kept and listed; an
 * exception whose time is over by now is forgotten.  About uses that were
 * stated before it can only leave less of what was excepted. VLT_E_NOT_FOUND no
 * such grant VLT_E_FORMAT     no such uses, or they do not begin where what it
 * holds does; a time that cannot be, or more excepted than was before
 * VLT_E_CONFLICT   it was said already
 * VLT_E_LIMIT      more exceptions than CONSENT_EXCEPTIONS
 * why says which, for the firm.
 */
struct consent_statement {
    struct consent_at at;
    uint64_t from;
    uint64_t to;
    int64_t deleted_at; /* ns */
    size_t exceptions;
    const struct grant_exception *exception;
};
VLT_MUST_USE enum vlt_status
consent_deleted(struct consent *consent, struct store_txn *txn,
                const struct consent_statement *statement, struct vlt_buf *why);

#endif
