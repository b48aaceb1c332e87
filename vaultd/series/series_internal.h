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

#include "series/series.h"
#include "store/record.h"
#include "util/lock.h"
#include "util/map.h"
#include "util/ref.h"

enum {
    BOOTS = 4,   /* of a source, whose sequences are remembered */
    WINDOW = 64, /* sequences below the highest */
};

/* The counted box around a stream. */
struct stream_box {
    struct stream stream; /* first */
    struct ref ref;
    struct stream_column *column; /* owned */
};

/* One tail record of a stream. */
struct tail_ref {
    uint64_t arrival;
    int64_t first, last; /* times of its rows */
    uint32_t rows;
    uint32_t late; /* of them, the first ones */
    uint32_t source;
};

/* What has been counted of a stream. */
struct extent {
    uint64_t rows;
    uint64_t samples;
    int64_t first, last;
    bool sorted; /* each record begins no earlier than the one before ends */
};

struct slot {
    uint8_t made[VLT_ID_LEN];    /* the stream's id */
    const struct stream *stream; /* committed; NULL: made in this turn */
    const struct stream *turn;   /* the turn's, or NULL */
    struct tail_ref *ref;        /* owned; by arrival */
    size_t refs, cap;            /* the turn's own included */
    size_t committed;            /* refs that others may see */
    struct extent extent;        /* committed */
    struct extent turn_extent;
    struct vlt_rows *last;      /* committed: one row, or none */
    struct vlt_rows *turn_last; /* the turn's newer one, or NULL */
    struct sifted *sifted;      /* the batch under way; NULL between */
    bool touched;
    int64_t touched_first, touched_last;
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
    size_t boots; /* newest first */
    struct boot boot[BOOTS];
};

struct series {
    struct store *store;
    struct lock *lock;
    struct map *by_id; /* of slots; owned */
    size_t count;      /* committed */
    size_t cap;
    struct slot **by_name; /* committed, by name */
    uint64_t end;          /* arrivals below are in memory, committed */
    uint64_t turn_end;     /* and with the turn's; commit thread */
    struct slot *dirty;    /* commit thread */
    struct map *seqs;      /* by source number; commit thread */
    size_t undo_count;
    struct source_seq *undo; /* as they were before the turn */
    size_t undo_cap;
};

/* ---- catalogue.c ---- */

struct slot *series_slot(struct series *series, const uint8_t id[VLT_ID_LEN]);
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

/* ---- index.c ---- */

/* Make room for so many references behind the others of a slot.  Takes the
 * lock, since others may be reading what moves. */
VLT_MUST_USE enum vlt_status index_reserve(struct series *series,
                                           struct slot *slot, size_t more);

/* Add one, for which there is room. */
void index_add(struct slot *slot, const struct tail_ref *ref);

/* Count a record's rows into an extent. */
void extent_add(struct extent *extent, const struct tail_ref *ref,
                uint64_t samples);

/* The schema of a stream. */
void schema_of(const struct stream *stream,
               struct vlt_field fields[SERIES_COLUMNS_MAX],
               struct vlt_schema *out);

/* Open one record: all its rows, with the stream's columns.  The caller frees
 * *out.  VLT_E_STORAGE: it does not open or decode. */
VLT_MUST_USE enum vlt_status index_open(const struct store_view *view,
                                        uint64_t arrival,
                                        struct vlt_rows **out);

/*
 * Copies of the references whose rows may lie in [from, to), which the view
 * has, by arrival.  turn: the turn's own too (commit thread).  The caller
 * frees out->refs.
 *
 * A view may be a moment ahead of what is in memory: out->end is how far both
 * are, or range.below: the first arrival that was not looked at.
 */
struct index_range {
    int64_t from, to;
    bool turn;
    uint64_t after; /* only later arrivals */
    uint64_t below; /* only earlier ones; 0: all */
};
struct index_picked {
    struct tail_ref *refs; /* owned */
    size_t count;
    uint64_t end;
};
VLT_MUST_USE enum vlt_status index_pick(struct series *series,
                                        const struct store_view *view,
                                        struct slot *slot,
                                        struct index_range range,
                                        struct index_picked *out);

/* ---- sift.c (commit thread) ---- */

struct sifting {
    struct series *series;
    const struct store_view *view; /* the turn's */
};

/* The rows of a batch for one stream. */
struct sifted {
    struct slot *slot;
    struct vlt_rows *all;  /* owned: as they came, then sorted */
    struct vlt_rows *rows; /* owned, or all: those that are new, sorted */
    struct vlt_rows *last; /* owned: the stream's last row, if it is here */
    uint64_t equal;        /* rows that are there already */
};

/* Add rows to it.  VLT_E_FORMAT: a column or type is not of the stream. */
VLT_MUST_USE enum vlt_status sift_add(struct sifted *sifted,
                                      const struct vlt_rows *given);

/* Find out what is new.  VLT_E_CONFLICT: over SERIES_EQUAL_TIMES. */
VLT_MUST_USE enum vlt_status sift(const struct sifting *sifting,
                                  struct sifted *sifted);
void sift_free(struct sifted *sifted);

/* ---- sequence.c (commit thread) ---- */

bool sequence_known(const struct series *series, uint32_t source,
                    const uint8_t boot[8], uint64_t seq);

/* Make room to note a sequence, and remember how the source was. */
VLT_MUST_USE enum vlt_status sequence_reserve(struct series *series,
                                              uint32_t source, uint64_t seq);

/* Note one, for which there is room (0 is none). */
void sequence_note(struct series *series, uint32_t source,
                   const uint8_t boot[8], uint64_t seq);

/* Note one that is on disk. */
VLT_MUST_USE enum vlt_status sequence_load(struct series *series,
                                           uint32_t source,
                                           const uint8_t boot[8], uint64_t seq);
void sequence_turn_end(struct series *series, bool committed);
void sequence_clear(struct series *series);

/* ---- scan.c ---- */

/* A page in the making: at least one row, then within its bounds. */
struct page {
    struct vlt_rows *rows;
    size_t bytes; /* of its rows */
    size_t most_rows;
    size_t most_bytes;
};

/* Add a row, of rows with all columns of the stream, with the columns that the
 * page has.  *full: there is no room for it, and nothing was added. */
VLT_MUST_USE enum vlt_status page_add(struct page *page,
                                      const struct vlt_rows *rows, size_t row,
                                      bool *full);

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

#endif
