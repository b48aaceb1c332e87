/*
 * pour: samples of a pushed body become batches, and what is bad goes to
 * quarantine (formats.md, 1, 2 and 5).
 *
 * On a worker, on the streams as they are committed; the commit thread makes
 * streams and columns that are new and holds the plan against what is there
 * by then.
 */
#ifndef POUR_INTERNAL_H
#define POUR_INTERNAL_H

#include "ingest/adapter.h"
#include "service/append_internal.h"

enum {
    POUR_STREAMS = 10000, /* of one body */
    POUR_BAD = 4096,      /* bad parts of one body that are kept apart */
};

/* Rows for one stream. */
struct pour_stream {
    char name[VLT_NAME_MAX + 1];
    char unit[SERIES_UNIT_MAX + 1];
    char category[SERIES_CATEGORY_MAX + 1];
    const struct stream *stream; /* held; NULL: not there yet */
    size_t known;                /* columns that the stream has */
    size_t columns;              /* those and the new ones */
    struct stream_column column[SERIES_COLUMNS_MAX];
    struct vlt_rows *rows; /* ids as planned; made again when columns come */
};

/* A part that could not be understood. */
struct pour_bad {
    const char *reason;
    size_t line, byte;
    char *says; /* owned */
    char *raw;  /* owned; base64 when it was not UTF-8 */
};

struct pour {
    struct service *service;
    const struct source *source; /* held */
    int64_t now;
    size_t count, cap;
    struct pour_stream **stream; /* owned */
    size_t bad_count;
    struct pour_bad *bad;  /* owned */
    struct vlt_slice body; /* borrowed while parsing */
};

struct pour *pour_new(struct service *service, const struct source *source);
void pour_free(struct pour *pour); /* NULL is allowed */

/* Parse a body into it (a worker). */
VLT_MUST_USE enum vlt_status pour_body(struct pour *pour,
                                       const struct adapter *adapter,
                                       const struct adapter_input *input);

/*
 * Make what is new, append all, in one transaction (commit thread).
 * VLT_E_CONFLICT: a stream changed meanwhile; parse anew.
 */
VLT_MUST_USE enum vlt_status pour_commit(struct pour *pour, struct turn *turn,
                                         struct series_stored *out);

#endif
