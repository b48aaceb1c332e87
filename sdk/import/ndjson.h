/*
 * ndjson: one JSON object a line (import.h); the row of kinds.c.
 */
#ifndef NDJSON_H
#define NDJSON_H

#include "import/kinds.h"

enum {
    /* Bytes of a line: room for the largest value as an export escapes it. */
    NDJSON_LINE = 8 * IMPORT_VALUE,
    NDJSON_DEPTH = 64,
};

/* Its first character but blanks is {. */
bool ndjson_looks(struct vlt_slice head);

/* Begin: the caller owns *out, which borrows env. */
VLT_MUST_USE enum vlt_status ndjson_begin(const struct kind_env *env,
                                          void **out);

/* The next piece, of any size. */
VLT_MUST_USE enum vlt_status ndjson_feed(void *parser, struct vlt_slice piece);

/* The last row, when no line break ended it. */
VLT_MUST_USE enum vlt_status ndjson_end(void *parser);

/* Not NULL. */
void ndjson_free(void *parser);

#endif
