/*
 * series: streams and their rows.
 *
 * The catalogue (names, columns, categories) and where each stream's tails lie
 * are in memory while the vault is unlocked.  Rows come in sealed tail records;
 * from there they are packed into chunks, turn by turn, and summed up by hour.
 * They are opened when they are read.  A stream is a counted value that never
 * changes: a change makes a new one, which is what is found from the commit on.
 *
 * Threads: functions with a txn, and series_turn_end(), on the commit thread.
 * Look-ups and scans on any thread, scans with a view of their own: what they
 * see is what was committed when the view was begun.
 */
#ifndef SERIES_H
#define SERIES_H

#include "base/buf.h"
#include "base/id.h"
#include "base/name.h"
#include "base/status.h"
#include "wire/block.h"

struct atomic; /* util/atomic.h */
struct series;
struct store;
struct store_compaction; /* store/compact.h */
struct store_txn;
struct store_view;

enum {
    SERIES_STREAMS_MAX = 10000,
    SERIES_COLUMNS_MAX = 64,
    SERIES_WHERE = 16, /* comparisons of a scan */
    SERIES_COLUMN_NAME = 64,
    SERIES_UNIT_MAX = 64,
    SERIES_CATEGORY_MAX = 63,
    SERIES_EQUAL_TIMES = 4096, /* rows at one time of a stream */
    SERIES_PAGE_ROWS = 65536,
};

struct stream_column {
    uint8_t id;   /* 0 to 63 */
    uint8_t type; /* as in the block: enum vlt_block_type */
    char name[SERIES_COLUMN_NAME + 1]; /* [A-Za-z_][A-Za-z0-9_.-]* or UTF-8 */
};

/* A stream.  Plain to read, never written to. */
struct stream {
    uint8_t id[VLT_ID_LEN];
    char name[VLT_NAME_MAX + 1];
    char unit[SERIES_UNIT_MAX + 1];         /* UCUM; "1" without */
    char category[SERIES_CATEGORY_MAX + 1]; /* vocabulary id, or "unsorted" */
    int64_t keep;                           /* ns; INT64_MAX: for ever */
    int64_t created;                        /* ns */
    size_t columns;
    const struct stream_column *column; /* ids ascending */
};

VLT_MUST_USE enum vlt_status series_new(struct store *store,
                                        struct series **out);
void series_free(struct series *series); /* NULL is allowed */

/* At unlock: the catalogue, where tails lie, and which (source,
 * boot, sequence) are known, all from the store.  At lock: forget and wipe. */
VLT_MUST_USE enum vlt_status series_load(struct series *series,
                                         const struct store_view *view);
void series_clear(struct series *series);

/* ---- the catalogue ---- */

/* Counted: ended by stream_release(); NULL when there is none. */
const struct stream *series_by_name(struct series *series,
                                    struct vlt_slice name);
const struct stream *series_by_id(struct series *series,
                                  const uint8_t id[VLT_ID_LEN]);
const struct stream *stream_hold(const struct stream *stream);
void stream_release(const struct stream *stream); /* NULL is allowed */

/* As the turn under way sees it (commit thread). */
const struct stream *series_now_by_name(struct series *series,
                                        struct vlt_slice name);

/* Streams by name; return false to end.  hold what is kept. */
typedef bool series_stream_fn(void *ctx, const struct stream *stream);
void series_each(struct series *series, series_stream_fn *fn, void *ctx);

/* Column by name: its place in stream->column, or -1. */
int stream_column_find(const struct stream *stream, struct vlt_slice name);

struct series_totals {
    uint64_t streams;
    uint64_t rows;
};
void series_totals(struct series *series, struct series_totals *out);

/* Rows of one source over all streams, and the time of the newest. */
struct series_source {
    uint64_t rows;
    int64_t last; /* ns; only with rows */
};

/* Those of all sources whose number is below count, by number, into out. */
void series_sources(struct series *series, struct series_source *out,
                    size_t count);

/* Rows of one stream and the times of its first and last: false without. */
bool series_extent(struct series *series, const uint8_t id[VLT_ID_LEN],
                   uint64_t *rows, int64_t *first, int64_t *last);

/*
 * Make a stream.  wish->id and created are ignored and set; the caller
 * releases *out (NULL: not wanted).
 * VLT_E_FORMAT    a name, unit, category, keep (which is above 0) or column is
 *                 not well formed; why says which
 * VLT_E_CONFLICT  the name is taken
 * VLT_E_LIMIT     SERIES_STREAMS_MAX, or SERIES_COLUMNS_MAX
 */
VLT_MUST_USE enum vlt_status series_create(struct series *series,
                                           struct store_txn *txn,
                                           const struct stream *wish,
                                           struct vlt_buf *why,
                                           const struct stream **out);

/* Change category, unit or keep (NULL, NULL and 0: as it is). */
struct series_change {
    const char *category;
    const char *unit;
    int64_t keep;
};

/*
 * Change a stream; the caller releases *out (NULL: not wanted).
 * VLT_E_NOT_FOUND  no such stream
 * VLT_E_FORMAT     a category or unit is empty, too long or not printable, or
 *                  keep is below 0
 */
VLT_MUST_USE enum vlt_status series_set(struct series *series,
                                        struct store_txn *txn,
                                        const uint8_t id[VLT_ID_LEN],
                                        const struct series_change *change,
                                        const struct stream **out);

/*
 * Add a column with the next free id; the caller releases *out (NULL: not
 * wanted).
 * VLT_E_NOT_FOUND  no such stream
 * VLT_E_FORMAT     the name or type is not well formed
 * VLT_E_CONFLICT   the name is taken
 * VLT_E_LIMIT      no id is left
 */
VLT_MUST_USE enum vlt_status
series_add_column(struct series *series, struct store_txn *txn,
                  const uint8_t id[VLT_ID_LEN], struct vlt_slice name,
                  uint8_t type, const struct stream **out);

/* ---- appending ---- */

struct series_part {
    const struct stream *stream; /* borrowed */
    const struct vlt_rows *rows; /* sorted or not; columns of the stream */
    struct vlt_slice block; /* as vlt_block_decode() took it from the wire, with
                               these very rows, whatever its ordinal; or
                               nothing.  It may be stored in their place.
                               Borrowed until series_append() returns */
};

/* Is a block of so many bytes, of these rows, small enough to be stored as it
 * came, where nothing else is against it?  Others need not be kept.  Pure. */
bool series_keeps_block(const struct vlt_rows *rows, size_t bytes);

struct series_batch {
    uint32_t source; /* number; 0 the owner */
    uint8_t boot[8];
    uint64_t seq; /* 0: the way has none */
    size_t parts;
    const struct series_part *part;
};

struct series_stored {
    bool duplicate; /* (source, boot, seq) was known: nothing stored */
    uint64_t rows;  /* stored */
    uint64_t equal; /* not stored: equal bit for bit to one that is */
    uint64_t late;  /* of the stored, earlier than the stream's newest */
};

/*
 * Append a batch, all of it or nothing.  Several parts
 * may be of one stream: their rows come in the order of the parts.
 *
 * A sequence is known from the commit on, whatever of its batch was new.
 *
 * VLT_E_CONFLICT   over SERIES_EQUAL_TIMES rows at one time
 * VLT_E_FORMAT     a row's column or type is not of its stream
 * VLT_E_LIMIT      a row is larger than a record, or the keyring is full
 * VLT_E_NOT_FOUND  no such stream
 * VLT_E_NOMEM
 * Of all these nothing was stored, and the turn may go on.
 * VLT_E_STORAGE    the turn must be ended
 * VLT_E_UNKNOWN    half of it stands in the turn: nothing may be committed
 */
VLT_MUST_USE enum vlt_status series_append(struct series *series,
                                           struct store_txn *txn,
                                           const struct series_batch *batch,
                                           struct series_stored *out);

/*
 * Pack what is to be packed, as far as one turn may: the last thing before the
 * commit of a turn in which something was appended (in another it does
 * nothing).  Packing moves rows and changes no answer.  Where it is done
 * beside, this gives lanes away and puts what was made of those before; what is
 * made waits for the next such turn.
 *
 * VLT_E_NOMEM, VLT_E_LIMIT, VLT_E_STORAGE: half of it may stand in the turn,
 * which must be undone.
 */
VLT_MUST_USE enum vlt_status series_pack(struct series *series,
                                         struct store_txn *txn);

/* From now on chunks are made on a thread of its own, where they may be, and
 * put in a later turn: before anything is appended.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status series_pack_beside(struct series *series);

/* Is this sequence known, the turn under way included? */
bool series_knows(struct series *series, uint32_t source, const uint8_t boot[8],
                  uint64_t seq);

/* Can nobody tell whether it was there?  It lies so far below the highest one
 * of its boot, and is known; or its boot is one that gave way to newer ones,
 * and it is not known: whoever may number by several boots at once, as writers
 * do, goes on. */
bool series_below(struct series *series, uint32_t source, const uint8_t boot[8],
                  uint64_t seq);

/* Streams that got rows in the turn under way; before series_turn_end(). */
typedef void series_touched_fn(void *ctx, const uint8_t id[VLT_ID_LEN],
                               int64_t first, int64_t last);
void series_touched(struct series *series, series_touched_fn *fn, void *ctx);

/* The turn has ended: memory follows the disk, or forgets the turn. */
void series_turn_end(struct series *series, bool committed);

/* ---- reading ---- */

enum {
    SERIES_MEAN = 1 << 0,
    SERIES_MIN = 1 << 1,
    SERIES_MAX = 1 << 2,
    SERIES_SUM = 1 << 3,
    SERIES_COUNT = 1 << 4,
    SERIES_FIRST = 1 << 5,
    SERIES_LAST = 1 << 6,
    SERIES_STATS = (1 << 7) - 1,
};

enum series_compare {
    SERIES_LT,
    SERIES_LE,
    SERIES_EQ,
    SERIES_NE,
    SERIES_GE,
    SERIES_GT
};

/* One typed comparison on a column (i64, f64 or bool as numbers). */
struct series_where {
    uint8_t column; /* id */
    enum series_compare compare;
    double value;
};

/* What to read of one stream. */
struct series_want {
    int64_t from, to; /* [from, to) */
    uint64_t below;   /* only what arrived before this; 0: all that is there */
    size_t columns;   /* 0: all */
    uint8_t column[SERIES_COLUMNS_MAX]; /* ids, ascending */
    int64_t every;                      /* ns of a bucket; 0: raw rows */
    int64_t origin; /* buckets are whole multiples of every from here */
    unsigned stats; /* with every: SERIES_… */
    /* A column with fewer values in a bucket (NaN is none) is absent in it; a
     * bucket without a column that has enough is not given.  0: any row. */
    unsigned min_readings;
    bool descending;
    size_t where_count; /* applied to rows before anything is made of them */
    struct series_where where[SERIES_WHERE];
};

/*
 * Where a scan goes on: rows (buckets) before `time` are done, and the first
 * `count` of those at it.  Begin with { want.from, 0 }.  Descending, rows after
 * `time` are done, and those at it but for the first `count`: begin with
 * { want.to, 0 }.  So a row that arrives between two slices, behind the others
 * of its time, makes no other come twice or not at all.
 */
struct series_at {
    int64_t time;
    uint32_t count;
};

/*
 * One slice of a scan: at most most_rows rows (1 to SERIES_PAGE_ROWS) and,
 * unless it is a single row, most_bytes of decoded size, in time order, equal
 * times in order of arrival; descending, all of this backwards.  With every:
 * rows are buckets, their time the bucket's start, and column ids count
 * (column, statistic) pairs from 0 in order of column, then of the bits of
 * stats; counts are i64, the other statistics f64; of texts only the count is
 * given. *at moves on; *more says whether anything may be left, also when
 * nothing is given.  A bucket is never split.  out, which has the columns that
 * series_columns() tells, is cleared first.  every is at most 2^60, and origin
 * within ±2^61.
 *
 * VLT_E_LIMIT     more than 64 columns would come out
 * VLT_E_BUSY      the view is too old: begin another
 * VLT_E_STORAGE   a record does not open: nothing is given
 */
VLT_MUST_USE enum vlt_status
series_scan(struct series *series, const struct store_view *view,
            const struct stream *stream, const struct series_want *want,
            struct series_at *at, size_t most_rows, size_t most_bytes,
            struct vlt_rows *out, bool *more);

/* The columns that a scan with this want gives: names as "value" or
 * "value.mean".  The same ids as the scan's. */
VLT_MUST_USE enum vlt_status
series_columns(const struct stream *stream, const struct series_want *want,
               size_t *count, struct stream_column out[SERIES_COLUMNS_MAX]);

/* The first arrival that a scan with this view does not see: all before it are
 * in the view and, which is so a moment later, in memory. */
VLT_MUST_USE enum vlt_status
series_end(struct series *series, const struct store_view *view, uint64_t *out);

/* How far a subscription is with what arrives: all that arrived before
 * `arrival`, and the first `count` rows of what that brought. */
struct series_mark {
    uint64_t arrival;
    uint32_t count;
};

/*
 * For subscriptions: one slice of the rows that came late, which are those
 * that arrived from `mark` on although their time is before `before`.  Of these
 * the ones that are in the range of the want, and arrived below its `below`, of
 * the columns that out has; bounded as a slice of a scan is.  Of want no more
 * is looked at.  out is cleared first, and is in order of time.
 *
 * *mark moves on behind what was given and what is before the range for good.
 * It stays at a late row that is not before want->to: that one, and what
 * arrived after it, is given when it is.  So each comes once.
 *
 * VLT_E_BUSY      the view is too old: begin another
 * VLT_E_STORAGE   a record does not open
 */
struct series_since {
    struct series_mark mark;
    int64_t before;
    size_t most_rows; /* from 1 */
    size_t most_bytes;
};
VLT_MUST_USE enum vlt_status
series_late(struct series *series, const struct store_view *view,
            const struct stream *stream, const struct series_want *want,
            struct series_since since, struct vlt_rows *out,
            struct series_mark *mark);

/* ---- erasing ---- */

/*
 * Erasing is destroying keys (store/bury.h).  A tombstone says which
 * and how far that is; series_erase() makes it, and each further step is a call
 * of its own, so that none holds up the commit thread for long.  All of them
 * take all tombstones that are so far.
 */
enum series_erase_state {
    SERIES_ERASE_PENDING,   /* nobody reads it; keys are on the disk */
    SERIES_ERASE_DESTROYED, /* they are not; what was under them is */
    SERIES_ERASE_COMPLETE,  /* nor is that */
};

struct series_erased {
    uint8_t id[VLT_ID_LEN];     /* of the erase */
    uint8_t stream[VLT_ID_LEN]; /* zero when by_age */
    bool whole;                 /* the stream; else the rows of [from, to) */
    bool by_age;      /* rows of any stream that were kept long enough */
    int64_t from, to; /* ns */
    int64_t at;       /* ns: when it was asked */
    uint64_t rows;    /* that went */
    enum series_erase_state state;
};

enum {
    SERIES_ERASE_CHUNKS = 4096, /* that an end of the range may cut through */
};

/*
 * Erase a stream, or the rows of [from, to) of it.  Rows that stay in a lane
 * that the range cuts are put under another key, all in this transaction, which
 * must have nothing else of the stream in it.  When it has committed nobody
 * reads what is erased: a view that is older is told so (VLT_E_BUSY).
 *
 * Of wish id, stream, whole, from, to and at are taken; *out has the rest.
 *
 * VLT_E_NOT_FOUND  no such stream
 * VLT_E_LIMIT      more than SERIES_ERASE_CHUNKS, or more keys than go at once:
 *                  nothing was put
 * VLT_E_NOMEM, VLT_E_STORAGE  half of it may stand in the turn, which must be
 *                  undone
 */
VLT_MUST_USE enum vlt_status series_erase(struct series *series,
                                          struct store_txn *txn,
                                          const struct series_erased *wish,
                                          struct series_erased *out);

/*
 * Erase what is older than its stream keeps, by whole epochs.  *any: something
 * was, as *out says; at most SERIES_EXPIRE_LANES of them, then call again.
 */
enum { SERIES_EXPIRE_LANES = 4096 };
VLT_MUST_USE enum vlt_status series_expire(struct series *series,
                                           struct store_txn *txn,
                                           const struct series_erased *wish,
                                           struct series_erased *out,
                                           bool *any);

/*
 * Make the keys of the next epoch for all streams that have rows in this one,
 * when it is near: together, so that its first hour does not rewrite the
 * keyring again and again.  Status as store_txn_key().
 */
VLT_MUST_USE enum vlt_status
series_keys_ahead(struct series *series, struct store_txn *txn, int64_t now);

/* What is to be done next for the tombstones that there are.  Any thread. */
enum series_erase_step {
    SERIES_ERASE_NOTHING,
    SERIES_ERASE_KEYS,    /* series_erase_keys(), then series_erase_note() */
    SERIES_ERASE_SWEEP,   /* series_erase_sweep(), until it is done */
    SERIES_ERASE_COMPACT, /* series_erase_compact(), …_compacted(), then
                             …_complete() */
};
enum series_erase_step series_erase_next(const struct series *series);

/* A number that another follows when a sweep has come on.  Any thread. */
uint64_t series_erase_mark(struct series *series);

/* Read the tombstones; before series_load(), which passes over what lies under
 * their keys, and with no view open. */
VLT_MUST_USE enum vlt_status series_load_tombs(struct series *series);

/* Destroy the keys of those that are pending; between transactions.
 * VLT_E_STORAGE: they are pending still.  VLT_E_UNKNOWN: and may not be
 * tried again. */
VLT_MUST_USE enum vlt_status series_erase_keys(struct series *series,
                                               struct vlt_buf *why);

/* Say in the vault that they are destroyed, or that all is complete. */
typedef enum vlt_status series_erased_fn(void *ctx,
                                         const struct series_erased *erased);
VLT_MUST_USE enum vlt_status series_erase_note(struct series *series,
                                               struct store_txn *txn,
                                               series_erased_fn *fn, void *ctx);
VLT_MUST_USE enum vlt_status series_erase_complete(struct series *series,
                                                   struct store_txn *txn,
                                                   series_erased_fn *fn,
                                                   void *ctx);

/* Delete some of what lies under destroyed keys. */
VLT_MUST_USE enum vlt_status series_erase_sweep(struct series *series,
                                                struct store_txn *txn);

/*
 * Compact the file when all is swept: as store_compact_begin(), then, after
 * store_compact_work(), as store_compact_finish().
 * VLT_E_CONFLICT: something is not swept, or was erased in between, which the
 * copy would keep.
 */
VLT_MUST_USE enum vlt_status
series_erase_compact(struct series *series, const struct atomic *cancelled,
                     struct vlt_buf *why, struct store_compaction **out);
VLT_MUST_USE enum vlt_status series_erase_compacted(struct series *series,
                                                    struct store_compaction *c,
                                                    struct vlt_buf *why,
                                                    bool *more);

/*
 * All that are known, the latest first, which is the greatest id; false ends
 * the walk.  stream is the name of a stream that is there still; NULL of one
 * that was erased whole, whose name is kept nowhere, and of several.  Both are
 * borrowed for the call.  Any thread; fn may not ask the series anything.
 */
typedef bool series_erasures_fn(void *ctx, const struct series_erased *erased,
                                const char *stream);
void series_erasures(struct series *series, series_erasures_fn *fn, void *ctx);

/* Were rows of the stream erased by this commit or after it, or all of it?  A
 * view of the commit itself may have been read with the keys that went.  Any
 * thread. */
bool series_erased_since(struct series *series, const uint8_t id[VLT_ID_LEN],
                         uint64_t commit);

/* ---- the whole of it ---- */

struct series_check {
    uint64_t lanes;
    uint64_t chunks; /* that lanes name */
    uint64_t rows;   /* in them */
    uint64_t bad;
};

/*
 * Read everything that was packed: each chunk is as its entry says, summaries
 * and roll-ups are what its rows give, and there is no record that no lane
 * names.  Any thread with a view; the series is loaded.
 *
 * VLT_E_AUTH     something is wrong: why has a sentence for each of the first
 *                20 faults, a line each; *out is filled in
 * VLT_E_STORAGE  a record does not open
 */
VLT_MUST_USE enum vlt_status series_check(struct series *series,
                                          const struct store_view *view,
                                          struct vlt_buf *why,
                                          struct series_check *out);

#endif
