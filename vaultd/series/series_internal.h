/*
 * series_internal: what is in memory of each stream.
 *
 * One lock covers everything that other threads read: which streams there are,
 * and of each the references that are committed.  The commit thread appends
 * references behind the committed ones without being seen, and moves the mark
 * when its turn has ended.
 */
#ifndef SERIES_INTERNAL_H
#define SERIES_INTERNAL_H

#include "base/time.h"
#include "series/lane_record.h"
#include "series/recent.h"
#include "series/series.h"
#include "store/bury.h"
#include "store/piece.h"
#include "store/record.h"
#include "util/lock.h"
#include "util/map.h"
#include "util/ref.h"
#include "wire/stat.h"

#define EPOCH (30 * VLT_DAY) /* of row time, of one lane */

enum {
    BOOTS = 4,   /* of a source, whose sequences are remembered */
    PAST = 256,  /* before them, of which only that they were */
    WINDOW = 64, /* sequences below the highest */
};

/* The counted box around a stream. */
struct stream_box {
    struct stream stream; /* first */
    struct ref ref;
    struct stream_column *column; /* owned */
};

/* One tail record of a lane. */
struct tail_ref {
    uint64_t arrival;
    int64_t first, last; /* times of its rows */
    uint32_t rows;
    uint32_t late; /* of them, the first ones */
    uint32_t source;
    uint32_t bytes; /* of its values */
};

/* What has been counted of a stream. */
struct extent {
    uint64_t rows;
    int64_t first, last;
};

/* What of a lane is not in chunks yet, about; and since when it is. */
struct open_rows {
    uint64_t bytes;        /* of their values in tails */
    struct lane_done done; /* as the lane's record has it */
    uint64_t packed;       /* rows in chunks, likewise, */
    int64_t packed_last;   /* and the last of their times */
    int64_t last; /* time where the last ref ends, where there is one */
    bool sorted;  /* each ref begins no earlier than the last one ends */
};

/*
 * A stream in one epoch.  References are kept a while longer than they are
 * needed: what is in force is said by the lane's record as a view has it, so a
 * view that is behind finds its tails still.
 */
struct lane {
    int32_t epoch;
    struct tail_ref *ref;  /* owned; by arrival */
    size_t refs, cap;      /* the turn's own included */
    size_t committed;      /* refs that others may see */
    struct open_rows open; /* committed */
    struct open_rows turn_open;
    bool replaced;   /* in this turn: its references are of no use any more */
    bool gone;       /* in this turn: all of it goes */
    uint64_t try_at; /* bytes of open rows that would fill a chunk, about */
    struct slot *slot;
    struct lane *next_dirty;
    bool dirty;
    bool in_turn; /* it could not be packed beside: the turn packs it next */
    bool damaged; /* a record of it did not open, or it has too many: it is
                     packed no more */
};

struct slot {
    uint8_t made[VLT_ID_LEN];    /* the stream's id */
    const struct stream *stream; /* committed; NULL: made in this turn */
    const struct stream *turn;   /* the turn's, or NULL */
    struct lane **lane;          /* owned; by epoch */
    size_t lanes;
    struct extent extent; /* committed */
    struct extent turn_extent;
    struct sifted *sifted; /* the batch under way; NULL between */
    bool touched;
    int64_t touched_first, touched_last;
    /* Commit of its last erase: older views are too old. */
    uint64_t fresh, turn_fresh;
    /* The newest time that it had when rows were erased: who was told of it
     * wants to be told of what comes in its place.  After a start it is what
     * tombstones say, where the newest row went (tomb.h). */
    bool was_newer;
    int64_t newest, turn_newest;
    bool erased; /* in this turn: all of it */
    struct slot *next_gone;
    struct slot *next_dirty;
    bool dirty;
};

/* Sequences of one boot of a source. */
struct boot {
    uint8_t id[8];
    uint64_t highest;
    uint64_t window; /* bit i: highest - 1 - i was seen */
};

struct source_seq {
    uint32_t source;
    /* In chunks whose tails are gone, and the time of the newest of them;
     * committed, and with the turn's (commit thread). */
    uint64_t rows, turn_rows;
    int64_t last, turn_last;
    size_t boots; /* newest first */
    struct boot boot[BOOTS];
    size_t pasts; /* likewise: boots that gave way to newer ones */
    uint8_t past[PAST][8];
};

/* When a segment of tails is closed. */
struct pack_limits {
    uint64_t least, most; /* bytes, between which a share of the file counts */
    uint64_t records;
};

/* How far the sweep behind destroyed keys is. */
struct erase_progress {
    struct store_sweep sweep;
    bool swept;
};

struct series {
    struct store *store;
    struct pack_limits limits; /* commit thread */
    struct lock *lock;
    struct map *by_id; /* of slots; owned */
    size_t count;      /* committed */
    size_t cap;
    struct slot **by_name; /* committed, by name */
    uint64_t end;          /* arrivals below are in memory, committed */
    uint64_t turn_end;     /* and with the turn's; commit thread */
    uint64_t kept;         /* refs from this arrival on are in memory */
    uint64_t first;        /* of the oldest segment; older refs are spare */
    uint64_t turn_first;   /* commit thread */
    struct slot *dirty;    /* commit thread, as all below */
    struct lane *dirty_lanes;
    struct map *seqs;       /* by source number; commit thread */
    struct recent *recent;  /* owned */
    struct beside *beside;  /* owned; NULL: all is packed in the turn */
    struct tomb *tombs;     /* owned; the greatest id first; under the lock */
    struct tomb *turn_tomb; /* of the turn; owned */
    bool erasing;           /* the turn has tried to erase */
    bool to_bury;           /* some of the tombstones are not buried */
    bool moving;            /* the turn has moved some on */
    struct slot *gone; /* owned: no reader has them after the next burial */
    struct erase_progress progress, turn_progress;
    bool erased_since_copy; /* since the snapshot of a compaction: the copy has
                               what is to go; commit thread */
    uint64_t close_below;   /* segments with arrivals below are to be dropped */
    size_t undo_count;
    struct source_seq *undo; /* as they were before the turn */
    size_t undo_cap;
};

/* ---- catalogue.c ---- */

struct slot *series_slot(struct series *series, const uint8_t id[VLT_ID_LEN]);

/* The same without the lock, in the commit thread, which alone changes what
 * there is. */
struct slot *series_slot_here(const struct series *series,
                              const uint8_t id[VLT_ID_LEN]);
void series_mark_dirty(struct series *series, struct slot *slot);

/* The stream as the commit thread sees it. */
const struct stream *slot_now(const struct slot *slot);

/* Put a committed slot in its place by name (under the lock). */
VLT_MUST_USE enum vlt_status series_publish(struct series *series,
                                            struct slot *slot);
void slot_free(struct slot *slot);

/* ---- stream_record.c: pure ---- */

void stream_record_put(struct vlt_buf *out, const struct stream *stream);
VLT_MUST_USE enum vlt_status stream_record_get(const uint8_t id[VLT_ID_LEN],
                                               struct vlt_slice json,
                                               const struct stream **out);

/* Is the wish well formed?  why says what is not. */
bool stream_wish_valid(const struct stream *wish, struct vlt_buf *why);
bool stream_column_valid(struct vlt_slice name);

/* A unit or category: printable, of 1 to max bytes? */
bool stream_word_valid(const char *word, size_t max);

/* A counted copy with other columns; NULL: no memory. */
const struct stream *stream_copy(const struct stream *from,
                                 const struct stream_column *column,
                                 size_t columns);

/* ---- lane.c ---- */

/* The lane of an epoch, made if need be (commit thread). */
VLT_MUST_USE enum vlt_status lane_make(struct series *series, struct slot *slot,
                                       int32_t epoch, struct lane **out);
void lane_free(struct lane *lane);

/* The lane of an epoch; NULL: there is none (commit thread). */
struct lane *lane_find(const struct slot *slot, int32_t epoch);

/* The record of a lane, as a view has it; nothing in chunks where there is
 * none. The caller frees *out.  VLT_E_STORAGE: it does not open or decode. */
VLT_MUST_USE enum vlt_status lane_read(const struct store_view *view,
                                       const struct store_lane *where,
                                       struct lane_record *out);

/* Make room for so many references behind the others of a lane.  Takes the
 * lock, since others may be reading what moves. */
VLT_MUST_USE enum vlt_status lane_reserve(struct series *series,
                                          struct lane *lane, size_t more);

/* Add one, for which there is room. */
void lane_add(struct lane *lane, const struct tail_ref *ref);

/* The same while the vault is loaded. */
void lane_load(struct lane *lane, const struct tail_ref *ref);

/* It changes in the turn under way. */
void lane_mark_dirty(struct series *series, struct lane *lane);

/* The turn has ended (under the lock): forget references before `kept`. */
void lanes_turn_end(struct series *series, bool committed);
void lane_forget_before(struct lane *lane, uint64_t kept);

/* The place of the first reference from an arrival on. */
size_t lane_seek(const struct lane *lane, uint64_t arrival);

/* Count rows into an extent. */
void extent_add(struct extent *extent, uint64_t rows, int64_t first,
                int64_t last);

static inline int32_t
epoch_of(int64_t time)
{
    return (int32_t)vlt_floor_div(time, EPOCH);
}

static inline int64_t
epoch_begin(int32_t epoch)
{
    return epoch * EPOCH;
}

/* The schema of a stream. */
void schema_of(const struct stream *stream,
               struct vlt_field fields[SERIES_COLUMNS_MAX],
               struct vlt_schema *out);

/* ---- piece.c ---- */

/* A record that has rows of a range: a chunk or a tail. */
struct piece {
    bool tail;
    bool marked;         /* a chunk with an arrival column */
    bool rolled;         /* one whose rows are in roll-ups */
    uint64_t no;         /* of a tail its arrival */
    uint64_t arrival;    /* greatest in that column */
    int64_t first, last; /* times of its rows */
    int64_t after;       /* only rows after this time; INT64_MIN: all */
    uint32_t rows;
};

/* In order of rows of one time. */
int piece_order(const struct piece *a, const struct piece *b);

/* Rows of it that count, about: of a tail, some may be in chunks by now, and
 * its times say how many, if they are even. */
size_t piece_rows(const struct piece *piece);

/* Open one: all its rows that are in force and arrived before `end`, with their
 * arrival column if it has one.  The caller frees *out.
 * VLT_E_STORAGE: it does not open or decode. */
VLT_MUST_USE enum vlt_status piece_open(const struct store_view *view,
                                        const struct piece *piece, uint64_t end,
                                        struct vlt_rows **out);

/* Open one tail: all its rows. */
VLT_MUST_USE enum vlt_status tail_open(const struct store_view *view,
                                       uint64_t arrival, struct vlt_rows **out);

/* What records are opened in, one after the other: begin with { .rows = NULL }.
 */
struct opening {
    struct vlt_rows *rows; /* owned: of the last one */
    struct vlt_buf room;   /* owned: its plaintext */
};
void opening_free(struct opening *opening);

/* Append rows of [from, to), of the columns that `to_rows` has. */
struct plan_window {
    int64_t from, to;
    uint64_t end;
};
VLT_MUST_USE enum vlt_status piece_take(const struct store_view *view,
                                        const struct piece *piece,
                                        const struct plan_window *window,
                                        struct opening *opening,
                                        struct vlt_rows *to_rows);

/* ---- plan.c ---- */

/*
 * The records whose rows may lie in [from, to), as the view has them: chunks
 * in order of their number, then tails in order of arrival, so that rows of
 * one time stand as they arrived.
 *
 * A view may be a moment ahead of what is in memory: plan->end is how far both
 * are, or range.below: the first arrival that is not looked at, in chunks
 * neither.
 */
struct plan_range {
    int64_t from, to;
    bool turn;      /* the turn's own too (commit thread) */
    uint64_t below; /* only earlier arrivals; 0: all */
    size_t enough;  /* rows: no more epochs and heads are looked at once the
                       records of those before have so many; 0: all are */
    bool whole;     /* all heads of an epoch that is looked at, as what is
                       enough is for a filter to say */
    bool down;      /* the latest epochs first */
};
struct plan {
    struct piece *piece; /* owned */
    size_t count, cap;
    struct roll_ref *roll; /* owned: of the days that the range touches */
    size_t rolls, roll_cap;
    uint64_t end;
    bool cut;     /* there are more epochs, or heads: */
    int64_t edge; /* from this time on; down: before it */
};

/* The caller frees *out.  VLT_E_BUSY: the view is too old, begin another. */
VLT_MUST_USE enum vlt_status
plan_make(struct series *series, const struct store_view *view,
          struct slot *slot, const struct plan_range *range, struct plan *out);
void plan_free(struct plan *plan);

/* ---- sift.c (commit thread) ---- */

struct sifting {
    struct series *series;
    const struct store_view *view; /* the turn's */
};

/* The rows of a batch for one stream. */
struct sifted {
    struct slot *slot;
    const struct vlt_rows *all;  /* as they came, then sorted: the one part that
                                    the batch has, or own */
    struct vlt_rows *own;        /* owned: parts that had to be put together */
    const struct vlt_rows *rows; /* those that are new, sorted: all, or kept */
    struct vlt_rows *kept;       /* owned: what was picked of them */
    struct vlt_slice block;      /* of `all`, as it came, or nothing */
    uint64_t equal;              /* rows that are there already */
};

/* Add rows to it, which may be borrowed until it is freed.
 * VLT_E_FORMAT: a column or type is not of the stream. */
VLT_MUST_USE enum vlt_status sift_add(struct sifted *sifted,
                                      const struct vlt_rows *given);

/* Find out what is new.  VLT_E_CONFLICT: over SERIES_EQUAL_TIMES. */
VLT_MUST_USE enum vlt_status sift(const struct sifting *sifting,
                                  struct sifted *sifted);
void sift_free(struct sifted *sifted);

/* ---- twins.c ---- */

/* Append to `kept` the rows of a range, all of one time, that are neither in
 * `stored` nor in `kept` yet; *equal counts the others.  All have the same
 * columns, and are sorted.
 * VLT_E_CONFLICT: over SERIES_EQUAL_TIMES at the time. */
VLT_MUST_USE enum vlt_status twins_keep(const struct vlt_rows *rows,
                                        struct vlt_range range,
                                        const struct vlt_rows *stored,
                                        struct vlt_rows *kept, uint64_t *equal);

/* ---- sequence.c (commit thread) ---- */

bool sequence_known(const struct series *series, uint32_t source,
                    const uint8_t boot[8], uint64_t seq);

/* Is it below the window of its boot, or of a boot that gave way to others? */
bool sequence_below(const struct series *series, uint32_t source,
                    const uint8_t boot[8], uint64_t seq);

/* Make room to note a sequence, and remember how the source was. */
VLT_MUST_USE enum vlt_status sequence_reserve(struct series *series,
                                              uint32_t source, uint64_t seq);

/* Note one, for which there is room (0 is none).  True: its boot had given way
 * and is one of the last again, which the next start finds in the source's
 * record alone. */
bool sequence_note(struct series *series, uint32_t source,
                   const uint8_t boot[8], uint64_t seq);

/* Note one that is on disk. */
VLT_MUST_USE enum vlt_status sequence_load(struct series *series,
                                           uint32_t source,
                                           const uint8_t boot[8], uint64_t seq);

/* The same, from the record of a source. */
VLT_MUST_USE enum vlt_status sequence_load_record(struct series *series,
                                                  uint32_t source,
                                                  struct vlt_slice plain);

/* The tails of so many of a source's rows, or of none, go in this turn: count
 * them, and put what is known of its sequences. */
VLT_MUST_USE enum vlt_status sequence_persist(struct series *series,
                                              struct store_txn *txn,
                                              uint32_t source,
                                              const struct series_source *rows);

/* Add the counts of those whose number is below count (under the lock). */
void sequence_count(const struct series *series, struct series_source *out,
                    size_t count);

/* Under the lock. */
void sequence_turn_end(struct series *series, bool committed);
void sequence_clear(struct series *series);

/* ---- sequence_record.c: pure ----
 *
 *     offset  bytes  field
 *          0      1  1, or 2 with boots of the past
 *          1      1  boots, 0 to 4, the newest first
 *          2      2  u16 boots of the past, 1 to 256; 0 in version 1
 *          4      4  zero
 *          8      8  rows of the source that are in chunks, their tails gone
 *         16      8  i64 time of the newest of them; 0 without
 *         24   24 ×  boot id (8), u64 highest, u64 window: bit i is that
 *                    highest - 1 - i was seen
 *               8 ×  boots of the past, the newest first
 */
VLT_MUST_USE enum vlt_status
sequence_record_encode(const struct source_seq *seq, struct vlt_buf *out);

/* out->source is set.  VLT_E_FORMAT, VLT_E_LIMIT: a newer version. */
VLT_MUST_USE enum vlt_status sequence_record_decode(struct vlt_slice bytes,
                                                    struct source_seq *out);

/* ---- erase.c (commit thread) ---- */

/* Take a committed slot out of its place by name (under the lock). */
void series_withdraw(struct series *series, const struct slot *slot);

/* Under the lock: what the turn erased is gone, or is not. */
void tombs_turn_end(struct series *series, bool committed);

/* After it, and not under the lock: nobody reads it any more.  VLT_E_NOMEM:
 * their keys are in memory still, and nothing may be appended. */
VLT_MUST_USE enum vlt_status tombs_bury(struct series *series);

/* Streams that were loaded remember the newest rows that went (tomb.h). */
void tombs_raise_newest(struct series *series);

/* Lock: forget tombstones and what waits for a burial. */
void tombs_clear(struct series *series);

/* The tails of a lane are about to be passed over: count the rows of those that
 * are there into what is known of their sources, and put that. */
VLT_MUST_USE enum vlt_status pack_sources(struct series *series,
                                          struct store_txn *txn,
                                          const struct lane *lane);

/* ---- slice.c ---- */

/* A page in the making: at least one row, then within its bounds. */
struct page {
    struct vlt_rows *rows;
    size_t bytes; /* of its rows */
    bool texts;   /* it has a column of them: rows are not of one size */
    size_t most_rows;
    size_t most_bytes;
};

/* Add a row, of rows with all columns of the stream, with the columns that the
 * page has.  *full: there is no room for it, and nothing was added. */
VLT_MUST_USE enum vlt_status page_add(struct page *page,
                                      const struct vlt_rows *rows, size_t row,
                                      bool *full);

/* ---- filter.c ---- */

/* Which rows meet all conditions of a want: a byte each, 1 or 0; a cell that is
 * absent meets none.  *holds is freed and made anew, NULL where there is no
 * condition; the caller frees it. */
VLT_MUST_USE enum vlt_status filter_rows(const struct series_want *want,
                                         const struct vlt_rows *rows,
                                         uint8_t **holds);

/* ---- scan.c ---- */

/* Where a scan looks, and the most that a slice of it gives. */
struct scanning {
    struct series *series;
    const struct store_view *view;
    const struct stream *stream;
    const struct series_want *want;
    size_t most_rows;
    size_t most_bytes;
};

/* A slice of raw rows, whatever want->every is; as series_scan(). */
VLT_MUST_USE enum vlt_status scan_rows(const struct scanning *scanning,
                                       struct series_at *at,
                                       struct vlt_rows *out, bool *more);

/* ---- bucket.c ---- */

/* A slice of buckets; most_bytes is not looked at. */
VLT_MUST_USE enum vlt_status scan_buckets(const struct scanning *scanning,
                                          struct series_at *at,
                                          struct vlt_rows *out, bool *more);

/* A slice of buckets in the making. */
struct bucketing {
    const struct series_want *want;
    struct series_want raw;   /* the same without buckets */
    struct scanning scanning; /* for raw rows */
    struct vlt_rows *rows;    /* raw rows at hand */
    struct vlt_stat *stats;   /* one a raw column; owned */
    uint64_t rows_in;         /* rows in the bucket under way */
    uint64_t opened;          /* records, by the view, when it began */
};

/* The start of the bucket that a time is in. */
int64_t bucket_of(const struct series_want *want, int64_t time);

/* Add the bucket's row to out, with the columns that have readings enough. */
VLT_MUST_USE enum vlt_status bucket_emit(struct bucketing *bucketing,
                                         int64_t start, struct vlt_rows *out);

/* ---- sums.c ---- */

/*
 * Forwards, by hours that are summed up already, and rows where there are none.
 * *done: false where it cannot be had like this, and nothing was given.
 */
VLT_MUST_USE enum vlt_status sums_run(struct bucketing *bucketing,
                                      struct series_at *at, size_t most_rows,
                                      struct vlt_rows *out, bool *more,
                                      bool *done);

#endif
