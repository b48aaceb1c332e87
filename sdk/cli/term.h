/*
 * term: what the other end of a descriptor can show.
 */
#ifndef TERM_H
#define TERM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct term {
    bool tty;
    bool colour;  /* a terminal, no NO_COLOR, TERM neither dumb nor unset */
    bool unicode; /* the environment's locale is of UTF-8, or none is named */
    size_t width; /* columns; 80 where it is not known */
};

/* Looks at the environment and the descriptor. */
struct term term_of(int fd);

/* Pure: may colour be used?  The values of the environment, NULL when unset. */
bool term_colour(bool tty, const char *no_color, const char *term);

/* Pure: do LC_ALL, LC_CTYPE, LANG (the first that is set) say UTF-8? */
bool term_unicode(const char *all, const char *ctype, const char *lang);

/* Columns that valid UTF-8 takes: marks that combine take none, the wide
 * characters of East Asia and pictures two. */
size_t term_width(struct vlt_slice text);

#endif
