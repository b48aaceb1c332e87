/*
 * table: rows under heads, aligned.
 *
 * Cells are escaped as they come, so that nothing that a firm or device wrote
 * reaches a terminal as it is.  Columns are as wide as what stands in them, 48
 * at most: a longer cell stands out and widens no other row.  They are two
 * blanks apart; the last one of a row has no blanks behind it.
 */
#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/slice.h"

enum { TABLE_COLUMNS = 80 };

struct table;

/*
 * A table of as many columns as `align` has characters (1 to TABLE_COLUMNS):
 * r where they are of numbers, l of text.  heads are as many texts, borrowed
 * for the table's life, or NULL for a table without.
 * NULL: no memory.  The caller frees it with table_free().
 */
struct table *table_new(const char *const *heads, const char *align);
void table_free(struct table *table); /* NULL is allowed */

/* The next cell, row by row. */
void table_put(struct table *table, struct vlt_slice text);
void table_put_text(struct table *table, const char *text);

/* Rows that are whole. */
size_t table_rows(const struct table *table);

/* Append it all. */
void table_print(const struct table *table, bool colour, struct vlt_buf *out);

#endif
