/*
 * append: a batch becomes tail records, one for each stream and epoch.
 *
 * A batch is stored whole or not at all, and a turn goes on when one of its
 * batches is refused.  So all that can fail is done first: rows are sifted,
 * records encoded, keys made and room reserved; only then is anything put.
 */
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "series/recent.h"
#include "series/series_internal.h"

/* What a row of a block takes at most that is stored as it came: about what
 * packing leaves of rows that change a little.  A tail must not be large
 * because a writer is simple, or ill. */
enum {
    TIME_BYTES = 1,
    CELL_BYTES = 2,
};

/* One tail record, ready to be sealed. */
struct record {
    struct lane *lane;
    struct tail_ref ref;
    size_t at, len; /* where its text lies in putting->plain */
};

/* A batch on its way in. */
struct putting {
    struct series *series;
    struct store_txn *txn;
    const struct series_batch *batch;
    size_t streams;
    struct sifted *sifted; /* owned; one a stream */
    size_t records, cap;
    struct record *record; /* owned */
    struct vlt_buf plain;  /* the text of all records */
};

bool
series_knows(struct series *series, uint32_t source, const uint8_t boot[8],
             uint64_t seq)
{
    return sequence_known(series, source, boot, seq);
}

bool
series_below(struct series *series, uint32_t source, const uint8_t boot[8],
             uint64_t seq)
{
    return sequence_below(series, source, boot, seq);
}

/* ---- what it holds ---- */

/* The rows of each stream together, in the order of the batch. */
static enum vlt_status
gather(struct putting *putting)
{
    const struct series_batch *batch = putting->batch;
    enum vlt_status st = VLT_OK;

    putting->sifted = calloc(batch->parts + 1, sizeof *putting->sifted);
    if (putting->sifted == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; st == VLT_OK && i < batch->parts; i++) {
        const struct series_part *part = &batch->part[i];
        struct slot *slot = series_slot_here(putting->series, part->stream->id);

        if (slot == NULL) {
            return VLT_E_NOT_FOUND;
        }
        if (slot->sifted == NULL) {
            series_mark_dirty(putting->series, slot);
            slot->sifted = &putting->sifted[putting->streams++];
            slot->sifted->slot = slot;
        }
        st = sift_add(slot->sifted, part->rows);
        /* It is of these rows only while no other part came to them. */
        slot->sifted->block = slot->sifted->all == part->rows
                                  ? part->block
                                  : (struct vlt_slice){ 0 };
    }
    return st;
}

/* ---- records ---- */

/* The bytes of a block's values. */
static uint32_t
value_bytes(struct vlt_slice block)
{
    size_t columns = block.at[2]; /* as the block's header has it */

    return (uint32_t)(block.len - VLT_BLOCK_HEAD - columns * VLT_BLOCK_ENTRY);
}

/* Rows earlier than the stream's newest before this batch, or not later than
 * one that was erased: they are the first ones, since rows of a batch are not
 * late beside each other. */
static uint32_t
count_late(const struct slot *slot, const struct vlt_rows *rows,
           struct vlt_range range)
{
    size_t end = 0;

    if (slot->turn_extent.rows > 0) {
        end = vlt_rows_seek(rows, slot->turn_extent.last);
    }
    if (slot->was_newer) {
        size_t newer = vlt_rows_seek(rows, slot->newest + 1);

        end = newer > end ? newer : end;
    }
    if (end <= range.from) {
        return 0;
    }
    end -= range.from;
    return (uint32_t)(end < range.count ? end : range.count);
}

static struct vlt_slice
block_of(const struct putting *putting, const struct record *record)
{
    return vlt_slice_of(putting->plain.at + record->at + STORE_TAIL_HEAD,
                        record->len - STORE_TAIL_HEAD);
}

static void
write_head(const struct series_batch *batch, uint32_t late,
           uint8_t head[STORE_TAIL_HEAD])
{
    struct vlt_writer w = vlt_writer_over(head, STORE_TAIL_HEAD);

    vlt_write_u32(&w, batch->source);
    vlt_write_u32(&w, late);
    vlt_write_bytes(&w, batch->boot, sizeof batch->boot);
    vlt_write_u64(&w, batch->seq);
}

static enum vlt_status
room_for_record(struct putting *putting)
{
    if (putting->records == putting->cap) {
        size_t cap = putting->cap == 0 ? 16 : 2 * putting->cap;
        struct record *more = realloc(putting->record, cap * sizeof *more);

        if (more == NULL) {
            return VLT_E_NOMEM;
        }
        putting->record = more;
        putting->cap = cap;
    }
    return VLT_OK;
}

/* Has each column a value?  The encoder leaves out one that has none. */
static bool
columns_filled(const struct vlt_rows *rows)
{
    bool filled = true;

    for (size_t i = 0; filled && i < vlt_rows_columns(rows); i++) {
        filled = vlt_rows_column(rows, i).present > 0;
    }
    return filled;
}

bool
series_keeps_block(const struct vlt_rows *rows, size_t bytes)
{
    size_t row = TIME_BYTES + CELL_BYTES * vlt_rows_columns(rows);

    return bytes > 0 && bytes <= RECENT_BYTES &&
           bytes <= vlt_rows_count(rows) * row && columns_filled(rows);
}

/* May the block that came be the record's?  If its rows and columns are what
 * would be encoded, all and nothing else, none late or twice at a time. */
static bool
keeps_block(const struct sifted *sifted, struct vlt_range range)
{
    return sifted->rows == sifted->all &&
           range.count == vlt_rows_count(sifted->rows) &&
           series_keeps_block(sifted->rows, sifted->block.len);
}

/* The block of the record: the one that came, or one of as many rows of the
 * range as it holds. */
static enum vlt_status
put_block(struct putting *putting, const struct sifted *sifted,
          struct vlt_range range, size_t *taken)
{
    size_t at = putting->plain.len;

    if (!keeps_block(sifted, range)) {
        return vlt_block_fill(sifted->rows, range, VLT_BLOCK_MAX,
                              &putting->plain, taken);
    }
    vlt_buf_put_slice(&putting->plain, sifted->block);
    if (vlt_buf_failed(&putting->plain)) {
        return vlt_buf_status(&putting->plain);
    }
    vlt_block_set_ordinal(putting->plain.at + at, 0);
    *taken = range.count;
    return VLT_OK;
}

/* Make the record of as many rows of the range as it holds. */
static enum vlt_status
encode(struct putting *putting, struct lane *lane, const struct sifted *sifted,
       struct vlt_range range, size_t *taken)
{
    const int64_t *times = vlt_rows_times(sifted->rows);
    struct record record = { .lane = lane, .at = putting->plain.len };
    enum vlt_status st = room_for_record(putting);

    if (st != VLT_OK) {
        return st;
    }
    if (vlt_buf_extend(&putting->plain, STORE_TAIL_HEAD) == NULL) {
        return vlt_buf_status(&putting->plain);
    }
    st = put_block(putting, sifted, range, taken);
    if (st != VLT_OK) {
        return st;
    }
    range.count = *taken;
    record.len = putting->plain.len - record.at;
    record.ref = (struct tail_ref){
        .source = putting->batch->source,
        .first = times[range.from],
        .last = times[range.from + range.count - 1],
        .rows = (uint32_t)range.count,
        .late = count_late(sifted->slot, sifted->rows, range),
        .bytes = value_bytes(block_of(putting, &record)),
    };
    write_head(putting->batch, record.ref.late, putting->plain.at + record.at);
    putting->record[putting->records++] = record;
    return VLT_OK;
}

/* The lane's key is made before anything is put, since the keyring may be
 * full; a key without records is harmless. */
static enum vlt_status
make_key(const struct putting *putting, const struct lane *lane)
{
    struct store_key_about about = { .type = STORE_KEY_LANE,
                                     .epoch = lane->epoch };
    uint8_t kid[STORE_KID_LEN];

    memcpy(about.subject, lane->slot->made, sizeof about.subject);
    return store_txn_key(putting->txn, &about, kid);
}

/* The rows of a stream that are of one lane: [from, from + count). */
static enum vlt_status
encode_lane(struct putting *putting, const struct sifted *sifted,
            struct vlt_range range)
{
    size_t before = putting->records;
    int64_t time = vlt_rows_times(sifted->rows)[range.from];
    struct lane *lane = NULL;
    enum vlt_status st =
        lane_make(putting->series, sifted->slot, epoch_of(time), &lane);

    if (st == VLT_OK) {
        st = make_key(putting, lane);
    }
    while (st == VLT_OK && range.count > 0) {
        struct vlt_range some = range;
        size_t taken = 0;

        if (some.count > VLT_BLOCK_ROWS) {
            some.count = VLT_BLOCK_ROWS;
        }
        st = encode(putting, lane, sifted, some, &taken);
        range.from += taken;
        range.count -= taken;
    }
    if (st != VLT_OK) {
        return st;
    }
    lane_mark_dirty(putting->series, lane);
    return lane_reserve(putting->series, lane, putting->records - before);
}

/* All new rows of a stream, cut at the ends of epochs. */
static enum vlt_status
encode_stream(struct putting *putting, const struct sifted *sifted)
{
    size_t count = sifted->rows != NULL ? vlt_rows_count(sifted->rows) : 0;
    size_t at = 0;
    enum vlt_status st = VLT_OK;

    while (st == VLT_OK && at < count) {
        int32_t epoch = epoch_of(vlt_rows_times(sifted->rows)[at]);
        size_t end = vlt_rows_seek(sifted->rows, epoch_begin(epoch + 1));
        struct vlt_range range = { .from = at, .count = end - at };

        st = encode_lane(putting, sifted, range);
        at = end;
    }
    return st;
}

/* All that may be refused. */
static enum vlt_status
prepare(struct putting *putting)
{
    struct sifting sifting = { .series = putting->series,
                               .view = store_txn_view(putting->txn) };
    enum vlt_status st = gather(putting);

    for (size_t i = 0; st == VLT_OK && i < putting->streams; i++) {
        st = sift(&sifting, &putting->sifted[i]);
        if (st == VLT_OK) {
            st = encode_stream(putting, &putting->sifted[i]);
        }
    }
    if (st == VLT_OK) {
        st = sequence_reserve(putting->series, putting->batch->source,
                              putting->batch->seq);
    }
    return st;
}

/* ---- putting ---- */

static void
note_touched(struct slot *slot, const struct tail_ref *ref)
{
    if (!slot->touched || ref->first < slot->touched_first) {
        slot->touched_first = ref->first;
    }
    if (!slot->touched || ref->last > slot->touched_last) {
        slot->touched_last = ref->last;
    }
    slot->touched = true;
}

static enum vlt_status
put_records(struct putting *putting, struct series_stored *out)
{
    for (size_t i = 0; i < putting->records; i++) {
        struct record *record = &putting->record[i];
        struct slot *slot = record->lane->slot;
        enum vlt_status st = store_tail_put(
            putting->txn, slot->made, record->lane->epoch,
            vlt_slice_of(putting->plain.at + record->at, record->len),
            &record->ref.arrival);

        if (st != VLT_OK) {
            /* The store's transaction fails with a failure of its own; after
             * any other, half a batch would stand in it. */
            return st == VLT_E_STORAGE || i == 0 ? st : VLT_E_UNKNOWN;
        }
        recent_put(putting->series->recent, record->ref.arrival,
                   block_of(putting, record));
        lane_add(record->lane, &record->ref);
        extent_add(&slot->turn_extent, record->ref.rows, record->ref.first,
                   record->ref.last);
        note_touched(slot, &record->ref);
        putting->series->turn_end = record->ref.arrival + 1;
        out->rows += record->ref.rows;
        out->late += record->ref.late;
    }
    return VLT_OK;
}

/*
 * Tails tell a sequence after the next start.  A batch of which nothing was new
 * has none: it is told by the record of its source, so that it is known as
 * others are when its rows were erased meanwhile.  So is a boot that had given
 * way and is used again: by the record as it was, its tails are of the past.
 */
static enum vlt_status
note_sequence(const struct putting *putting)
{
    static const struct series_source none;
    const struct series_batch *batch = putting->batch;
    enum vlt_status st;

    bool came_back =
        sequence_note(putting->series, batch->source, batch->boot, batch->seq);

    if (batch->seq == 0 || (putting->records > 0 && !came_back)) {
        return VLT_OK;
    }
    st = sequence_persist(putting->series, putting->txn, batch->source, &none);
    /* It is noted in memory, and would stay so. */
    return st == VLT_OK || st == VLT_E_STORAGE ? st : VLT_E_UNKNOWN;
}

static void
putting_free(struct putting *putting)
{
    for (size_t i = 0; i < putting->streams; i++) {
        putting->sifted[i].slot->sifted = NULL;
        sift_free(&putting->sifted[i]);
    }
    vlt_buf_free(&putting->plain);
    free(putting->sifted);
    free(putting->record);
}

enum vlt_status
series_append(struct series *series, struct store_txn *txn,
              const struct series_batch *batch, struct series_stored *out)
{
    struct putting putting = { .series = series, .txn = txn, .batch = batch };
    struct series_stored stored = { .duplicate = false };
    enum vlt_status st;

    *out = stored;
    if (sequence_known(series, batch->source, batch->boot, batch->seq)) {
        out->duplicate = true;
        return VLT_OK;
    }
    /* Nothing may be put under a key that is to go. */
    st = tombs_bury(series);
    if (st == VLT_OK) {
        st = prepare(&putting);
    }
    if (st == VLT_OK) {
        st = put_records(&putting, &stored);
    }
    if (st == VLT_OK) {
        for (size_t i = 0; i < putting.streams; i++) {
            stored.equal += putting.sifted[i].equal;
        }
        *out = stored;
        st = note_sequence(&putting);
    }
    putting_free(&putting);
    return st;
}
