/*
 * pour: samples of a pushed body become batches, and what is bad goes to
 * quarantine.
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

/* How a part is to be read: what it was a part of. */
struct quarantine_how {
    const struct adapter *adapter; /* NULL: of no form */
    int64_t precision;             /* as in an adapter_input */
    int64_t received;
    bool coded; /* as base64 */
};

/* A part that could not be understood. */
struct pour_bad {
    const char *reason;
    size_t line, byte;
    char *says; /* owned */
    char *raw;  /* owned; base64 when it was not UTF-8 */
    bool whole; /* it is not cut */
    struct quarantine_how how;
};

/* How a body came, and what its sender numbers it by. */
struct pour_claim {
    enum way way;
    enum source_over over;
    uint8_t boot[8];
    uint64_t seq; /* 0: it has no number */
};

struct pour {
    struct service *service;
    const struct source *source; /* held */
    struct pour_claim claim;     /* set by whoever makes it */
    int64_t now;
    size_t count, cap;
    struct pour_stream **stream; /* owned */
    size_t fresh;                /* of these, not there yet */
    size_t under; /* that lie under the source's patterns; SIZE_MAX: not
                     counted yet */
    size_t bad_count;
    struct pour_bad *bad;  /* owned */
    bool below;            /* its number is known, but lies below the window */
    bool misplaced;        /* the quarantine's name is another stream's */
    struct vlt_slice body; /* borrowed while parsing */
    struct quarantine_how how; /* likewise: what it is */
    struct after *after;       /* for the loop, once it is committed; owned */
};

/* ---- quarantine.c ---- */

/* Keep a part apart; VLT_E_LIMIT: POUR_BAD of them are. */
VLT_MUST_USE enum vlt_status quarantine_add(struct pour *pour,
                                            const char *reason,
                                            struct sample_place place,
                                            size_t byte, const char *says);
/* Has the source one already, as committed, with all columns? */
bool quarantine_is_there(const struct pour *pour);
/* Forget all parts. */
void quarantine_clear(struct pour *pour);
/* The source's quarantine, made if need be (commit thread): held.
 * VLT_E_FORMAT: a stream with other columns has its name; pour->misplaced is
 * set. */
VLT_MUST_USE enum vlt_status quarantine_stream(struct pour *pour,
                                               struct turn *turn,
                                               const struct stream **out);
/* Rows for it.  Bad parts of one body differ in time by a nanosecond each, so
 * that equal ones are kept too.  The caller owns *out, also on failure. */
VLT_MUST_USE enum vlt_status
quarantine_rows(const struct pour *pour, int64_t now, struct vlt_rows **out);

/* The source's quarantine, as committed: held; NULL: there is none. */
const struct stream *quarantine_find(const struct service *service,
                                     const struct source *source);

/* What a cell of `how` says.  False: it is none that is known. */
bool quarantine_how_get(struct vlt_slice text, struct quarantine_how *out);

/* Empty rows with all its columns; a row of such rows again, at another time.
 * VLT_E_NOMEM, VLT_E_LIMIT. */
VLT_MUST_USE enum vlt_status quarantine_rows_new(const struct stream *stream,
                                                 struct vlt_rows **out);
VLT_MUST_USE enum vlt_status quarantine_row_copy(struct vlt_rows *rows,
                                                 const struct vlt_rows *from,
                                                 size_t row, int64_t time);

/* ---- pour.c, pour_commit.c ---- */

struct pour *pour_new(struct service *service, const struct source *source);
void pour_free(struct pour *pour); /* NULL is allowed */
/* As if it were new. */
void pour_clear(struct pour *pour);

/* Streams under its source's patterns, as committed. */
size_t pour_count_under(const struct pour *pour);

/* A source makes no stream while so many are there, so that one that was hacked
 * does not fill the catalogue. */
size_t pour_most_streams(const struct pour *pour);

/* Parse a body into it (a worker). */
VLT_MUST_USE enum vlt_status pour_body(struct pour *pour,
                                       const struct adapter *adapter,
                                       const struct adapter_input *input);

/* Another, beside what it has. */
VLT_MUST_USE enum vlt_status pour_more(struct pour *pour,
                                       const struct adapter *adapter,
                                       const struct adapter_input *input);

/* All of a body, which pour_body() or pour_commit() did not take, to
 * quarantine, in parts of at most SAMPLE_RAW bytes that are whole when put
 * together. */
VLT_MUST_USE enum vlt_status pour_whole(struct pour *pour,
                                        const struct adapter_input *input);

/* May pour_commit() make a stream or a column?  Then its job gets a turn of
 * its own, since a limit met behind that undoes the turn. */
bool pour_makes(const struct pour *pour);

/*
 * Make what is new, append all, in one transaction (commit thread).  Of a body
 * whose number is known nothing is made or stored, and out->duplicate is set.
 * VLT_E_CONFLICT  a stream changed meanwhile, and nothing was put; parse anew
 * VLT_E_LIMIT     too many streams, or over SERIES_EQUAL_TIMES rows at one time
 */
VLT_MUST_USE enum vlt_status pour_commit(struct pour *pour, struct turn *turn,
                                         struct series_stored *out);

/* The same of what is good in it, by the owner's word: whoever sent it, and
 * without a number.  Status as there. */
VLT_MUST_USE enum vlt_status pour_release(struct pour *pour, struct turn *turn,
                                          struct series_stored *out);

#endif
