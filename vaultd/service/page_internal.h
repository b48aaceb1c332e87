/*
 * page: rows of one stream on their way out, from the scan to the release.
 */
#ifndef PAGE_INTERNAL_H
#define PAGE_INTERNAL_H

#include "service/guard_internal.h"
#include "service/reading_internal.h"

/* What was read for a page, as it is held against what is in force. */
struct gave {
    bool many;          /* rows of many streams, each of which says what */
    size_t index;       /* else the one stream; count: none */
    struct given given; /* of that one */
    uint64_t snapshot;  /* commit number of what was scanned */
};

struct page {
    struct job job;        /* of pages after the first; unused in a call's */
    struct page *next;     /* of its burst; owned */
    bool made;             /* it is whole */
    bool moved;            /* its reading is behind it already */
    bool in_span;          /* the open span takes it: asked once in a turn */
    enum vlt_status broke; /* what the guard said of one behind the first */

    /* Of the first page of a burst. */
    struct page *making; /* the one that is under way; borrowed */
    size_t bytes;        /* of all frames so far */
    bool looks;          /* it may look at the gaps of its grant anew */

    struct reading *reading;
    struct call *call;    /* the first page of a query or subscription */
    struct page *signing; /* next whose evidence is to be signed */

    /* What the worker made. */
    bool refused; /* fault says why; of a firm it is logged in the turn */
    struct call_fault fault;
    enum vlt_status refusal;
    bool more;          /* nothing yet, and others come first */
    unsigned slices;    /* scanned for it so far */
    uint64_t opened;    /* records, for it */
    uint64_t snapshot;  /* commit number of what was scanned */
    uint64_t epoch;     /* consent's, before the scan */
    size_t index;       /* of the stream; count when the page is empty */
    bool many;          /* it has rows of many streams: see struct gave */
    uint64_t rows;      /* of all streams */
    struct given given; /* of the stream, unless there are many */
    bool late, final;
    bool lagged;   /* its reading did when it was begun */
    bool withheld; /* rows of a gap lie before it, as earlier scans saw */
    uint64_t seq;
    bool apart;           /* its rows are wanted without their message */
    struct vlt_buf body;  /* of a live page, or one whose rows are wanted apart:
                             the block, or the rows as JSON */
    struct vlt_buf frame; /* the whole message */
    uint8_t sha256[32];   /* of what WIRE.md, 9.4 says */
    struct series_at at;  /* where the stream will be afterwards */
    struct series_mark late_at;
    bool stream_done; /* a query has all of it; a sweep is over */
    bool behind;      /* more came since the sweep began */

    /* What the commit thread made. */
    struct release *leave;
    bool logged; /* evidence goes with it */
    struct audit_mark mark;
    struct vlt_buf detail; /* as in the firm's tree */
    struct vlt_buf checkpoint;
    struct after *after;
};

/* ---- page.c ---- */

struct page *page_new(struct reading *reading, struct call *call);
void page_free(struct page *page);

/* Before it is made: nothing is refused and nothing given (worker). */
void page_begin(struct page *page);

/* These rows of a stream are in it. */
void page_note(struct page *page, struct read_stream *at,
               const struct vlt_rows *rows);

/* What was read for it. */
struct gave page_gave(const struct page *page);

/* The first stream, from i on, that gave rows; count: none.  And what. */
size_t gave_from(const struct gave *gave, const struct reading *reading,
                 size_t i);
const struct given *gave_of(const struct gave *gave,
                            const struct reading *reading, size_t i);

/* Resolve at first, then scan and print one page (worker).  With page->more
 * set it is to be called again, once others had their turn. */
enum vlt_status page_prepare(struct page *page);

/* Has this view opened so many records that others should come first? */
bool page_opened_enough(const struct store_view *view);

/* Its reading is where it left it (who has the reading). */
void page_move_on(struct page *page);

/* Scan one stream, the page's, into it.  Without rows nothing is printed,
 * unless it is the final page or the last try. */
enum vlt_status page_scan(struct page *page, const struct store_view *view,
                          bool last);

/* ---- burst.c ---- */

/* How many pages the job of this one is to make is settled: pages for them hang
 * behind it (loop). */
void burst_begin(struct page *first);

/* Make the next of them.  With *more set it is to be called again, once others
 * had their turn (worker). */
enum vlt_status burst_prepare(struct page *first, bool *more);

/* Its first page says that what it was made of moved: nothing was put, nothing
 * has left, and all of it is to be made again (commit thread). */
void burst_again(struct page *first);

/* page_guard() for each, of a subscription up to where its span is over: what
 * is behind that is decided when all before it has left.  Refused is the first;
 * what is refused behind it breaks off when its turn to leave has come (commit
 * thread). */
enum vlt_status burst_guard(struct page *first, struct turn *turn);

/* Was it? */
bool burst_decided(const struct page *page);

/* The job of the first is over: what the turn left is done, and what its pages
 * cost their firm is counted, whether or not they leave (loop). */
void burst_done(struct page *first, bool committed);

/* What was made behind the first waits with its reading (loop). */
void burst_wait(struct page *first);

/* May the next burst of a query be made while the one before leaves (loop)? */
bool burst_may_ahead(const struct reading *reading);

/* It was: all of it waits behind that one; or the first breaks off there, as st
 * says.  False: all before it has left (loop). */
bool burst_append(struct page *first, enum vlt_status st);

/* The next one that waits, out of there; NULL: none (loop).  The caller frees
 * it. */
struct page *burst_next(struct reading *reading);

/* Free what waits; the first, unless it is NULL, and what hangs behind it
 * (loop). */
void burst_drop(struct reading *reading);
void burst_free(struct page *first);

/* ---- page_live.c (worker; page_end_sweep() who has the reading) ---- */

/* Scan the next stream that is due and has rows: nothing is printed when none
 * has. */
enum vlt_status page_make_live(struct page *page,
                               const struct store_view *view);

/* A sweep of this stream is over: the next begins when anything came, and, if
 * this one told anything, when its time has come. */
void page_end_sweep(const struct page *page, struct read_stream *at, bool told);

/* Empty rows with the columns that a scan of this stream gives. */
VLT_MUST_USE enum vlt_status page_new_rows(const struct read_stream *at,
                                           struct vlt_rows **out);

/* ---- page_size.c (worker) ---- */

/* Rows that a page may have, and their decoded bytes.  rows: with the columns
 * that they will have. */
size_t page_most_rows(const struct reading *reading,
                      const struct vlt_rows *rows);
size_t page_most_bytes(const struct reading *reading,
                       const struct vlt_rows *rows);

/* Is the first of them a guess, by how long the rows of the page before were
 * printed?  Then as many may not fit.  rows: of the columns of the page. */
bool page_may_guess(const struct reading *reading, const struct vlt_rows *rows);

/* What the page has, for the next one. */
void page_note_size(const struct page *page);

/* Room at once for as much as the page before had: what grows step by step is
 * copied, and wiped behind itself, at each. */
VLT_MUST_USE enum vlt_status page_make_room(struct page *page,
                                            struct vlt_rows *rows);

/* Room for rows of JSON, unless they are long. */
VLT_MUST_USE enum vlt_status page_room_for(struct page *page,
                                           const struct vlt_rows *rows);

/* ---- page_gap.c, page_filter.c, page_print.c (worker) ---- */

/* The gap of the grant that this row lies in, or this bucket touches; NULL:
 * none. */
const struct grant_gap *page_gap_at(const struct reading *reading,
                                    const struct read_stream *at, int64_t time);

/* The gaps of its grant by now are those of the reading, whose pages have left
 * all. */
void page_look_at_gaps(struct reading *reading);

/* Leave out the rows that lie in a gap of the grant; *rows is replaced.  *told:
 * such a gap is none that the firm is not to notice. */
enum vlt_status page_leave_gaps(const struct reading *reading,
                                const struct read_stream *at,
                                struct vlt_rows **rows, bool *told);

/* Keep the rows that pass a firm's filters, at most reading->left of them;
 * *rows is replaced. */
enum vlt_status page_filter(const struct reading *reading,
                            const struct read_stream *at,
                            struct vlt_rows **rows);

/* Print the message, and take its digest for the log. */
enum vlt_status page_print(struct page *page, const struct vlt_rows *rows);

/* The same of a live page, around its body. */
enum vlt_status page_print_body(struct page *page);

/* ---- page_share.c (worker) ---- */

/* A page that may be another reader's as well (shared.h). */
struct page_share {
    bool making;   /* others may wait for it */
    bool withheld; /* its reading's was, by earlier scans */
    uint8_t scope[VLT_HASH_LEN];
};

/* What a bound of a page is made of. */
struct page_most {
    size_t rows, bytes;
};

/* The next page of a stream in order, as another reader has had it: its body
 * and all that a scan tells.  False: it is to be made. */
bool page_share_take(struct page *page, struct read_stream *at,
                     struct page_most most, struct page_share *share);

/* It is made, or st says that it was not. */
void page_share_give(const struct page *page, enum vlt_status st,
                     struct page_share *share);

/* ---- page_guard.c (commit thread) ---- */

/* Decide the page again, take the use, log it, make its release.
 * VLT_E_CONFLICT: consent moved since the scan; scan anew.  A query's: of its
 * first page alone, and with the burst behind it. */
enum vlt_status page_guard(struct page *page, struct turn *turn);

/* Does the open span of its subscription take it, so that none has to be closed
 * for it?  A query has no spans. */
bool page_in_span(const struct page *page);

/*
 * Did what a page of the reading was made of change, as the turn sees it:
 * terms, gaps, obligations, what is bound and not withheld, what was erased?
 * use: as decided now, with its grant.
 */
VLT_MUST_USE enum vlt_status page_moved(const struct reading *reading,
                                        const struct gave *gave,
                                        const struct consent_asking *asking,
                                        const struct consent_use *use,
                                        bool *out);

/* ---- page_ask.c ---- */

/* Has the owner said yes to what this asks for, and was that not used yet? now:
 * running time, ns, here and below. */
bool page_said_yes(const struct reading *reading, int64_t now);

/* It is used (commit thread). */
void page_spend_yes(const struct reading *reading, int64_t now);

/* Each use of the grant is the owner's to allow: have this one wait, and tell
 * the owner once; or say what became of it (commit thread). */
void page_ask_owner(struct page *page, struct turn *turn);

/* ---- page_log.c (commit thread) ---- */

/* The entry of a page of a query, in both trees; its detail is kept for the
 * evidence. */
enum vlt_status page_log_use(struct page *page, struct turn *turn,
                             const struct firm *firm,
                             const struct consent_use *use);

/* The entry of its reading's span, which opens. */
enum vlt_status page_log_span(struct page *page, struct turn *turn,
                              const struct firm *firm);

/* The entry that says what left in the span that is over; nothing without. */
enum vlt_status page_span_close(struct page *page, struct turn *turn,
                                const struct firm *firm);

/* Sign the heads that go out with this turn's pages, one for a tree. */
enum vlt_status page_sign_all(struct turn *turn);

/* Append the evidence of a page (WIRE.md, 9.4), one object. */
void page_evidence(const struct page *page, struct vlt_buf *out);

/* ---- release.c ---- */

struct release {
    struct consent *consent; /* borrowed */
    struct reading *reading; /* held, on the loop */
    uint8_t grant[VLT_ID_LEN];
    uint64_t epoch;
    uint64_t seq;
    uint64_t rows;
    struct gave gave; /* by the page */
    int64_t until;    /* effective time, ns: the decision holds before it */
    bool live;
    bool final;     /* nothing more of its use comes */
    bool fresh;     /* the first of its use */
    bool armed;     /* it is out, and holds its reading */
    bool counted;   /* among what its reading has delivered */
    size_t bytes;   /* of its frame, once it is out */
    unsigned round; /* see struct reading */
    uint8_t sha256[32];
};

struct release *release_new(struct reading *reading, uint64_t epoch);

/* Its frame of so many bytes, page seq of its reading, goes out now (loop). */
void release_arm(struct release *leave, uint64_t seq, size_t bytes);

/* Its frame goes back to be decided anew: so will all that was sent behind it,
 * or they would overtake it (loop). */
void release_back(struct release *leave);

/* Its reader ends it now: a frame that has begun counts as delivered, and the
 * rest of it will be sent. */
void release_finish(struct reading *reading);

#endif
