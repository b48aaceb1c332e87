/*
 * narrow_read: a parameter `narrow` (WIRE.md, 6.5), of approving and of
 * narrowing.
 *
 * Threads: the loop.
 */
#ifndef NARROW_READ_H
#define NARROW_READ_H

#include "consent/consent.h"
#include "json/json.h"

struct narrow_asked {
    bool there;                               /* else nothing is narrowed */
    struct consent_narrow narrow;             /* points into this struct */
    struct vlt_slice stream[POLICY_PATTERNS]; /* borrowed from the document */
    struct vlt_slice name[TERMS_ONWARD];      /* likewise, recipients */
};

/* Read it into out, which is zeroed and stays where it is; what is wrong with
 * it is a fault of params. */
void narrow_read(struct vlt_walk *params, struct narrow_asked *out);

/* The same for a counter-offer: also what the firm promises. */
void narrow_read_offer(struct vlt_walk *params, struct narrow_asked *out);

#endif
