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
};

/* Read it into out, which is zeroed and stays where it is; what is wrong with
 * it is a fault of params. */
void narrow_read(struct vlt_walk *params, struct narrow_asked *out);

#endif
