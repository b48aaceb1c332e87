/*
 * append: a batch becomes tail records, one for each stream and epoch.
 *
 * A batch is stored whole or not at all, and a turn goes on when one of its
 * batches is refused.  So all that can fail is done first: rows are sifted,
 * records encoded, keys made and room reserved; only then is anything put.
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "base/writer.h"
#include "series/series_internal.h"

#define EPOCH (30 * VLT_DAY)

/* One tail record, ready to be sealed. */
struct record {
    struct slot *slot;
    struct tail_ref ref;
    uint64_t samples;
    int32_t epoch;
    struct vlt_buf plain; /* owned */
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
};

bool
series_knows(struct series *series, uint32_t source, const uint8_t boot[8],
             uint64_t seq)
{
    return sequence_known(series, source, boot, seq);
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
        struct slot *slot =
            series_slot(putting->series, batch->part[i].stream->id);

        if (slot == NULL) {
            return VLT_E_NOT_FOUND;
        }
        if (slot->sifted == NULL) {
            series_mark_dirty(putting->series, slot);
            slot->sifted = &putting->sifted[putting->streams++];
            slot->sifted->slot = slot;
        }
        st = sift_add(slot->sifted, batch->part[i].rows);
    }
    return st;
}

/* ---- records ---- */

static uint64_t
count_samples(const struct vlt_rows *rows, struct vlt_range range)
{
    uint64_t samples = 0;

    for (size_t i = 0; i < vlt_rows_columns(rows); i++) {
        struct vlt_column column = vlt_rows_column(rows, i);

        if (column.bitmap == NULL) {
            samples += range.count;
            continue;
        }
        for (size_t j = 0; j < range.count; j++) {
            samples += vlt_rows_has(rows, range.from + j, i);
        }
    }
    return samples;
}

/* Rows earlier than the stream's newest before this batch: they are the first
 * ones, since rows of a batch are not late beside each other. */
static uint32_t
count_late(const struct slot *slot, const struct vlt_rows *rows,
           struct vlt_range range)
{
    size_t end;

    if (slot->turn_extent.rows == 0) {
        return 0;
    }
    end = vlt_rows_seek(rows, slot->turn_extent.last);
    if (end <= range.from) {
        return 0;
    }
    end -= range.from;
    return (uint32_t)(end < range.count ? end : range.count);
}

static enum vlt_status
put_plain(const struct series_batch *batch, uint32_t late,
          struct vlt_slice block, struct vlt_buf *out)
{
    uint8_t head[STORE_TAIL_HEAD];
    struct vlt_writer w = vlt_writer_over(head, sizeof head);

    vlt_write_u32(&w, batch->source);
    vlt_write_u32(&w, late);
    vlt_write_bytes(&w, batch->boot, sizeof batch->boot);
    vlt_write_u64(&w, batch->seq);
    vlt_buf_init(out, STORE_TAIL_MAX);
    vlt_buf_put(out, head, sizeof head);
    vlt_buf_put_slice(out, block);
    return vlt_buf_status(out);
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

/* Encode as many rows of the range as one record holds. */
static enum vlt_status
encode(struct putting *putting, const struct sifted *sifted,
       struct vlt_range range, size_t *taken)
{
    const int64_t *times = vlt_rows_times(sifted->rows);
    struct record *record;
    struct vlt_buf block;
    enum vlt_status st = room_for_record(putting);

    if (st != VLT_OK) {
        return st;
    }
    vlt_buf_init(&block, VLT_BLOCK_MAX);
    st = vlt_block_fill(sifted->rows, range, VLT_BLOCK_MAX, &block, taken);
    if (st == VLT_OK) {
        range.count = *taken;
        record = &putting->record[putting->records++];
        *record = (struct record){
            .slot = sifted->slot,
            .ref = { .source = putting->batch->source,
                     .first = times[range.from],
                     .last = times[range.from + range.count - 1],
                     .rows = (uint32_t)range.count,
                     .late = count_late(sifted->slot, sifted->rows, range) },
            .samples = count_samples(sifted->rows, range),
            .epoch = (int32_t)vlt_floor_div(times[range.from], EPOCH),
        };
        st = put_plain(putting->batch, record->ref.late, vlt_buf_slice(&block),
                       &record->plain);
    }
    vlt_buf_free(&block);
    return st;
}

/* The lane's key is made before anything is put, since the keyring may be
 * full; a key without records is harmless. */
static enum vlt_status
make_key(const struct putting *putting, const struct slot *slot, int64_t epoch)
{
    struct store_key_about about = { .type = STORE_KEY_LANE,
                                     .epoch = (int32_t)epoch };
    uint8_t kid[STORE_KID_LEN];

    memcpy(about.subject, slot_now(slot)->id, sizeof about.subject);
    return store_txn_key(putting->txn, &about, kid);
}

/* All new rows of a stream, cut at the ends of epochs. */
static enum vlt_status
encode_stream(struct putting *putting, const struct sifted *sifted)
{
    size_t count = sifted->rows != NULL ? vlt_rows_count(sifted->rows) : 0;
    size_t before = putting->records;
    size_t at = 0;

    while (at < count) {
        int64_t epoch = vlt_floor_div(vlt_rows_times(sifted->rows)[at], EPOCH);
        size_t end = vlt_rows_seek(sifted->rows, (epoch + 1) * EPOCH);
        struct vlt_range range = { .from = at, .count = end - at };
        size_t taken = 0;
        enum vlt_status st = make_key(putting, sifted->slot, epoch);

        if (range.count > VLT_BLOCK_ROWS) {
            range.count = VLT_BLOCK_ROWS;
        }
        if (st == VLT_OK) {
            st = encode(putting, sifted, range, &taken);
        }
        if (st != VLT_OK) {
            return st;
        }
        at += taken;
    }
    return index_reserve(putting->series, sifted->slot,
                         putting->records - before);
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
        struct slot *slot = record->slot;
        enum vlt_status st =
            store_tail_put(putting->txn, slot_now(slot)->id, record->epoch,
                           vlt_buf_slice(&record->plain), &record->ref.arrival);

        if (st != VLT_OK) {
            /* The store's transaction fails with a failure of its own; after
             * any other, half a batch would stand in it. */
            return st == VLT_E_STORAGE || i == 0 ? st : VLT_E_UNKNOWN;
        }
        index_add(slot, &record->ref);
        extent_add(&slot->turn_extent, &record->ref, record->samples);
        note_touched(slot, &record->ref);
        putting->series->turn_end = record->ref.arrival + 1;
        out->rows += record->ref.rows;
        out->late += record->ref.late;
    }
    return VLT_OK;
}

static void
put_last(struct putting *putting, struct series_stored *out)
{
    for (size_t i = 0; i < putting->streams; i++) {
        struct sifted *sifted = &putting->sifted[i];

        out->equal += sifted->equal;
        if (sifted->last != NULL) {
            vlt_rows_free(sifted->slot->turn_last);
            sifted->slot->turn_last = sifted->last;
            sifted->last = NULL;
        }
    }
}

static void
putting_free(struct putting *putting)
{
    for (size_t i = 0; i < putting->streams; i++) {
        putting->sifted[i].slot->sifted = NULL;
        sift_free(&putting->sifted[i]);
    }
    for (size_t i = 0; i < putting->records; i++) {
        vlt_buf_free(&putting->record[i].plain);
    }
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
    st = prepare(&putting);
    if (st == VLT_OK) {
        st = put_records(&putting, &stored);
    }
    if (st == VLT_OK) {
        put_last(&putting, &stored);
        sequence_note(series, batch->source, batch->boot, batch->seq);
        *out = stored;
    }
    putting_free(&putting);
    return st;
}
