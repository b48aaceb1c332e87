/*
 * reading: a multi-part answer under way, or a subscription.
 *
 * A reading belongs to the loop.  While one of its pages is being made (busy),
 * the job that makes it has it alone: the worker resolves and scans, the
 * commit thread decides.  A reading is counted: the session's list, the job
 * under way and each release hold it; the count is touched on the loop only.
 */
#ifndef READING_INTERNAL_H
#define READING_INTERNAL_H

#include "crypto/hash.h"
#include "service/service_internal.h"
#include "terms/terms.h"

enum {
    READING_PATTERNS = 64,
    READING_WHERE = SERIES_WHERE,
    READING_STREAMS = 1024, /* that one query may touch */
    READING_SUBS = 64,      /* subscriptions of a session */
    PAGE_ENTRY = 2048,      /* bytes that an entry of the log takes, about */
    SPAN_S = 60,
    SPAN_ROWS = 65536,
    SPAN_BYTES = 1 << 20,
};

struct release;
struct trail;

/* Where a stream is to go on: what a cursor holds. */
struct position {
    uint8_t stream[VLT_ID_LEN];
    struct series_at at;
    struct series_mark late; /* of what arrived behind it */
};

struct reading_where {
    char column[SERIES_COLUMN_NAME + 1];
    enum series_compare compare;
    double value;
};

/* What was asked, as read from the parameters. */
struct asked {
    bool has_grant;
    uint8_t grant[VLT_ID_LEN];
    size_t patterns;
    char (*pattern)[VLT_NAME_MAX + 1];      /* owned */
    size_t columns;                         /* 0: all */
    char (*column)[SERIES_COLUMN_NAME + 1]; /* owned */
    bool has_from, has_to;
    int64_t from, to; /* ns */
    int64_t every;    /* ns; 0: raw */
    unsigned stats;   /* SERIES_… */
    size_t wheres;
    struct reading_where where[READING_WHERE];
    int64_t limit; /* INT64_MAX: none */
    bool descending;
    bool json;
    int64_t credit;
    uint8_t digest[16];      /* of all above but credit */
    int kind;                /* enum asked_kind */
    uint8_t use[VLT_ID_LEN]; /* that the cursor belongs to; zeros: none */
    bool has_cursor;         /* then positions say where to go on */
    size_t positions;
    struct position *position; /* owned */
};

/* What the page under way has of a stream. */
struct given {
    uint64_t rows;
    int64_t first, last; /* times of its rows */
};

/* How far back, and how near to now, a stream may be told. */
struct reach {
    bool granted;   /* under a grant; the owner sees what is to come, too */
    int64_t first;  /* ns: nothing before it */
    int64_t window; /* ns back from now; INT64_MAX: no bound, as with keep */
    int64_t keep;
    int64_t delay; /* ns: rows become visible so much later */
};

/* One stream of a reading, and how far it is. */
struct read_stream {
    const struct stream *stream;  /* held */
    int n;                        /* the grant's item; 0 for the owner */
    char shown[VLT_NAME_MAX + 1]; /* its name, or alias */
    struct reach reach;
    struct series_want want; /* its range is as the reach was at last; below
                                is set during a sweep (page_live.c) */
    struct terms_step round;
    struct series_at begin;  /* where its answer begins */
    struct series_at at;     /* how far its pages are */
    struct series_mark late; /* what arrived is seen so far (subscriptions) */
    bool done;               /* a query has all of it */
    bool dirty;              /* rows may have come (subscriptions) */
    int64_t every;           /* ns between its sweeps; 0: as rows come */
    int64_t due;             /* boot time before which none begins */
    struct given given;
};

/* A stretch of a live subscription that one entry of the log allows. */
struct span {
    bool open;
    uint8_t id[VLT_ID_LEN];
    int64_t ends;   /* running time, ns */
    int64_t until;  /* effective time, ns: a decision may differ from then on */
    uint64_t epoch; /* consent's, under which it was decided */
    uint64_t rows;  /* released in it */
    uint64_t bytes;
};

/* What has left, counted when it was given to the socket. */
struct delivered {
    uint64_t rows;
    uint64_t last_seq;
    struct vlt_sha256 hash; /* over the messages of the use or span */
    uint64_t span_rows;
};

struct reading {
    struct reading *next; /* in its session */
    unsigned refs;
    struct service *service;
    struct principal who;
    uint64_t ref;         /* request id, or subscription id */
    struct vlt_rpc_id id; /* of the request */
    bool live;
    bool busy;            /* a page is being made, or about to be sent */
    bool making;          /* of a query: the next are made meanwhile */
    bool complete;        /* of a query: its last page is made, or its fault */
    bool ended;           /* no more pages: waits for its last reference */
    bool whole;           /* ended by its final page, which may be queued yet */
    unsigned outstanding; /* releases not sent yet */
    size_t flying;        /* bytes of their frames */
    unsigned round;       /* of taking frames back: those of an earlier one
                             follow, so that all keep their order */
    struct page *ready;   /* pages that wait until those have left; owned */
    unsigned bursts;      /* whose bytes are counted (burst.c) */
    struct release *begun; /* whose frame is half written; NULL: none */
    struct asked asked;
    bool resolved;
    size_t count;
    struct read_stream *streams; /* owned */
    size_t current;
    uint64_t seq; /* of the last page made */
    int64_t credit;
    int64_t left;      /* rows that `limit` still allows */
    size_t page_rows;  /* of the last page of a query: the next has about as */
    size_t page_bytes; /* many, so there is room at once (worker); 0: none */
    size_t page_index; /* its stream */
    bool unlike;       /* rows were longer than those of the page before */
    int64_t look;      /* boot time of the next look, where time moves it */
    int64_t delay;     /* ns, the longest of its streams */
    int64_t rest; /* boot time before which no page is made, its firm having
                     had its rows, or opened its records */
    uint8_t grant[VLT_ID_LEN];
    uint32_t terms_version;
    size_t gaps; /* of the grant: rows of these times are withheld */
    struct grant_gap gap[CONSENT_GAPS_NOW];
    bool used;               /* its use is taken */
    uint8_t use[VLT_ID_LEN]; /* zeros before */
    struct policy_duties duties;
    int64_t allowed; /* hour of running time for which the owner said yes to it,
                        where each use is asked about; 0: none */
    struct span span;
    struct delivered delivered;
    bool again;    /* touched while it was busy */
    bool lagged;   /* rows came that it could not take (loop) */
    bool withheld; /* rows of a gap lie before what is told next (worker) */
    struct trail *trail; /* held; NULL: none */
};

struct page;

/* ---- reading.c (loop) ---- */

struct reading *reading_new(struct service *service,
                            const struct principal *who);
void reading_hold(struct reading *reading);
/* Was it broken off, so that what is queued of it must not leave? */
bool reading_broken(const struct reading *reading);
void reading_release(struct reading *reading);

/* Put it into its session's list; it was not there. */
void reading_attach(struct session *session, struct reading *reading);

/* Take it out, so that no further page is made. */
void reading_end(struct session *session, struct reading *reading);

/* Its answer is whole, and all of it has left or was dropped: take it out.
 * Until then whoever cuts it is told what of it has left. */
void reading_left(struct reading *reading);

/* Boot time from which a page may be made, a subscription's streams not being
 * the worker's; INT64_MAX: nothing is to be told. */
int64_t reading_due(const struct reading *reading);

/* Is it the caller who holds it back: no credit, or an outbox that is full? */
bool reading_lags(const struct reading *reading);

/* Make the next page when nothing holds it back.  A query whose firm has had
 * its rows breaks off: it may end the reading. */
void reading_go_on(struct reading *reading);

/* ---- rest.c (loop) ---- */

/* Whoever reads is given so many bytes of rows, or causes PAGE_ENTRY for an
 * entry of the log. */
void reading_note_rows(const struct reading *reading, size_t bytes);

/* So many records were opened for it. */
void reading_note_opened(const struct reading *reading, uint64_t count);

/* May a question be asked?  VLT_E_QUOTA: not now; fault says why. */
enum vlt_status reading_may_begin(const struct reading *reading,
                                  struct call_fault *fault);

/* Has its firm had what it may have by now?  A subscription then waits.  An
 * answer waits where it is records that were opened, and breaks off, which may
 * end the reading, where it is the hour's rows. */
bool reading_rests(struct reading *reading);

/* Had it not?  Nothing comes of it if so. */
bool reading_may_more(const struct reading *reading);

/* ---- reading.c (loop) ---- */

/* A page of it was made: send it (frees the page). */
void reading_page_done(struct page *page, enum vlt_status st);

/* Write a span.close for what has left (a job of its own). */
void reading_close_span(struct reading *reading);

/* ---- asked.c (loop; the last two a worker as well) ---- */

enum asked_kind {
    ASKED_QUERY,
    ASKED_LATEST,
    ASKED_SUBSCRIBE,
};

/* Read the parameters that query, latest and subscribe share, and those that
 * are this one's.  *out is zeros before, and is the caller's to free, also on
 * failure.
 * VLT_E_FORMAT   params says what is wrong
 * VLT_E_NOMEM */
VLT_MUST_USE enum vlt_status asked_read(struct call *call,
                                        struct vlt_walk *params,
                                        enum asked_kind kind,
                                        struct asked *out);

/* Ask for all streams, by the pattern **; *out has none yet.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status asked_all(struct asked *out);

/* Free what it owns, and leave none of it. */
void asked_free(struct asked *asked);

/* ---- resolve.c (worker) ---- */

/* Which streams, columns and interval this is, under the grant or for the
 * owner.  VLT_OK with page->refused: page->fault says why. */
enum vlt_status resolve(struct reading *reading, struct page *page);

/* Set the range of what is wanted to what may be told of the stream at that
 * time. */
void resolve_reach(const struct reading *reading, struct read_stream *at,
                   int64_t now);

/* Is this an edge of buckets of every ns? */
bool resolve_on_grid(int64_t time, int64_t every);

/* ---- cursor.c (loop) ---- */

enum {
    CURSOR_STREAMS = 160, /* that one cursor can hold */
};

/* Where its answer begins, however far its pages are: a position for each of
 * its streams; false: they are over CURSOR_STREAMS. */
bool cursor_positions(const struct reading *reading, struct position *out);

/* Append the cursor of these positions: sealed, so that it tells nothing and
 * cannot be made up. */
void cursor_put(const struct reading *reading, const struct position *positions,
                struct vlt_buf *out);

/* Open a cursor of this principal and grant, or one with a full stop and the
 * number of a page behind it, into asked's positions.
 * VLT_E_FORMAT: it is none. */
enum vlt_status cursor_get(struct service *service, const struct principal *who,
                           struct asked *asked, struct vlt_slice text);

/* ---- trail.c (loop) ---- */

/* A reading begins with this cursor, which is of these positions. */
void trail_begin(struct reading *reading, struct vlt_slice cursor,
                 const struct position *positions);
void trail_release(struct trail *trail);

/* A page of it was made. */
void trail_add(struct trail *trail, const struct page *page);

/* The newest page of it; 0: there was none. */
uint64_t trail_last(const struct trail *trail);

/* The positions behind page seq; 0: at the beginning.  VLT_E_NOT_FOUND: not
 * made yet, or longer ago than is remembered. */
enum vlt_status trail_at(const struct trail *trail, uint64_t seq,
                         struct position *positions);

/* The same for a cursor that was kept: VLT_E_FORMAT when it is not known. */
enum vlt_status trail_follow(struct service *service, struct vlt_slice cursor,
                             uint64_t seq, struct position *positions,
                             size_t count);

/* None is remembered from now on. */
void trail_forget_all(struct service *service);

/* ---- op_data.c ---- */

/* Begin a reading from a call's parameters: call->state is its first page. */
enum vlt_status data_begin(struct call *call, struct vlt_walk *params,
                           enum asked_kind kind);
/* The same; pages and evidence refer to the request by its id, so that it must
 * be a number, but for an owner's latest, which has neither. */
enum vlt_status data_begin_numbered(struct call *call, struct vlt_walk *params,
                                    enum asked_kind kind);
enum vlt_status data_prepare(struct call *call);
enum vlt_status data_commit(struct call *call, struct turn *turn);
void data_clear(void *state);

/* The member `scope`: what was read, as the grant has it. */
void data_put_scope(struct vlt_json_out *json, const struct reading *reading);

/* The members of an answer that come before its pages. */
void data_put_answer(struct vlt_json_out *json, struct reading *reading);

/* Does what names its streams and columns leave room for the rest of an
 * answer (a worker)? */
bool data_answer_fits(const struct reading *reading);

/* ---- oblige_round.c: pure ---- */

/* Round every value of rows down to a step, as the obligation says.  Columns
 * `lat` and `lon` are told by their names when the step is a length. */
VLT_MUST_USE enum vlt_status oblige_round(const struct stream *stream,
                                          const struct series_want *want,
                                          struct terms_step step,
                                          const struct vlt_rows *rows,
                                          struct vlt_rows **out);

#endif
