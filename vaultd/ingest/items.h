/*
 * items: the elements of a JSON array, one after the other, each with its
 * place.
 *
 * Elements are cut apart before any is parsed, so that one bad element, or an
 * array that breaks off, costs only itself: what came before stays good
 * (INGEST.md).  Only brackets, braces, strings and commas are looked at
 * here; whether an element is JSON is its parser's question.
 */
#ifndef ITEMS_H
#define ITEMS_H

#include <stdbool.h>

#include "base/slice.h"

enum {
    ITEMS_DEPTH = 64, /* of an element */
};

enum items_state {
    ITEMS_ONE,    /* an element was found */
    ITEMS_END,    /* the array ended, and the body with it */
    ITEMS_BROKEN, /* from here on the array cannot be followed */
};

struct items {
    struct vlt_slice body;
    size_t at;
    size_t line; /* of at, from 1 */
    bool some;   /* an element was found already */
    bool over;
};

struct items_one {
    struct vlt_slice text; /* the element without blanks around it; of a
                              broken array all that is left */
    size_t byte;           /* where it begins in the body */
    size_t line;           /* from 1 */
    const char *says;      /* of ITEMS_BROKEN: why; static */
};

/* Begin at a body, whose first character but blanks must be [. */
struct items items_over(struct vlt_slice body);

/* The next element.  After ITEMS_END or ITEMS_BROKEN it is ITEMS_END. */
enum items_state items_next(struct items *items, struct items_one *out);

#endif
