/*
 * query: reading rows, the same for the owner and for a firm.
 *
 * Options: from, to, every, stat, where, limit, desc, column; csv, ndjson,
 * chart.
 */
#ifndef QUERY_H
#define QUERY_H

#include "cli/run.h"

/* Are the words of the command patterns of streams?  Tells the first that is
 * none. */
int query_patterns(struct run *run);

/* What was asked and found, for who says more about it. */
struct query_told {
    size_t rows;
    int64_t every_s; /* 0: raw rows */
};

/* The words of the command are the streams.  grant: a firm's, NULL for the
 * owner.  told may be NULL; it is untouched on failure.  Prints a table, or
 * what --json, --csv, --ndjson or --chart say. */
int query_run(struct run *run, const char *grant, bool chart,
              struct query_told *told);

/* Print rows as they come, until ^C: a line a row, with --json an object a
 * line.  cursor_file: where the place is kept after each page; NULL: nowhere.
 */
int query_watch(struct run *run, const char *grant, const char *cursor_file);

#endif
