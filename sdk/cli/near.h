/*
 * near: the word that was meant.
 */
#ifndef NEAR_H
#define NEAR_H

#include <stddef.h>

#include "base/buf.h"

/* Begins as { .word = what was typed }. */
struct near {
    const char *word;
    const char *best; /* NULL: none is near */
    size_t distance;
};

/* A word that there is: borrowed. */
void near_try(struct near *near, const char *word);

/* Append `, did you mean "mark word"?` where one was near. */
void near_put(const struct near *near, const char *mark, struct vlt_buf *out);

#endif
