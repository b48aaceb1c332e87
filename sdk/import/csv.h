/*
 * csv: CSV (RFC 4180) by a mapping; the row of kinds.c.
 *
 * A bad cell costs the row of its own stream only; a bad time, a wrong number
 * of cells or a broken quote costs the whole line.  A line that is empty is no
 * row.  A cell that is missing is absent, but "" in quotes is an empty text
 * where the column is text.  Numbers may have blanks around them.
 */
#ifndef CSV_H
#define CSV_H

#include "import/kinds.h"

/* Printable text with a comma, semicolon or tab in its first line. */
bool csv_looks(struct vlt_slice head);

/* Begin: the caller owns *out, which borrows env. */
VLT_MUST_USE enum vlt_status csv_begin(const struct kind_env *env, void **out);

/* The next piece, of any size. */
VLT_MUST_USE enum vlt_status csv_feed(void *parser, struct vlt_slice piece);

/* The last row, when no line break ended it. */
VLT_MUST_USE enum vlt_status csv_end(void *parser);

/* Not NULL. */
void csv_free(void *parser);

#endif
