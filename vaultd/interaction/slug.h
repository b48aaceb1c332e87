/*
 * slug: the segment of a stream's name that stands for a firm.
 *
 * 1 to 32 of a-z 0-9 and -, made once from the short name that the owner
 * chose, never changed after that.
 */
#ifndef SLUG_H
#define SLUG_H

#include <stdbool.h>

#include "base/slice.h"
#include "base/status.h"

enum {
    SLUG_MAX = 32,
    SLUG_TRIES = 10000, /* most firms whose slugs may collide */
};

/* Is this a slug? */
bool slug_valid(struct vlt_slice text);

/* Does another firm have this slug already? */
typedef bool slug_taken_fn(void *ctx, const char *slug);

/*
 * Make the slug of a short name: dots become hyphens, upper case lower, what
 * is longer than 32 is cut; while that is taken, its end is replaced by -2,
 * -3 and so on.
 * VLT_E_FORMAT  the name is empty or has other characters than
 *               A-Z a-z 0-9 . -
 * VLT_E_LIMIT   all SLUG_TRIES are taken
 */
VLT_MUST_USE enum vlt_status slug_make(struct vlt_slice name,
                                       slug_taken_fn *taken, void *ctx,
                                       char out[SLUG_MAX + 1]);

#endif
