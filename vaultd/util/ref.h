/*
 * ref: how many hold a value that several threads share.
 *
 * A counted value is immutable once it is shared.  It has a struct ref as a
 * member and two functions of its own, hold and release; release frees it when
 * ref_drop() says so:
 *
 *     if (thing != NULL && ref_drop(&thing->ref)) {
 *         thing_free(thing);
 *     }
 *
 * Threads: any.
 */
#ifndef UTIL_REF_H
#define UTIL_REF_H

#include <stdbool.h>

struct ref {
    _Atomic unsigned count; /* these functions' alone */
};

/* One holds it: who made it. */
void ref_init(struct ref *ref);

/* One more.  The caller holds it already, or has the lock under which it is
 * found. */
void ref_hold(struct ref *ref);

/* One less: true when that was the last, who then frees the value. */
bool ref_drop(struct ref *ref);

#endif
