#include <stdlib.h>
#include <string.h>

#include "crypto/random.h"
#include "series/series_internal.h"

static struct stream_box *
box_of(const struct stream *stream)
{
    return (struct stream_box *)(uintptr_t)stream;
}

const struct stream *
stream_hold(const struct stream *stream)
{
    ref_hold(&box_of(stream)->ref);
    return stream;
}

void
stream_release(const struct stream *stream)
{
    if (stream != NULL && ref_drop(&box_of(stream)->ref)) {
        free(box_of(stream)->column);
        free(box_of(stream));
    }
}

void
slot_free(struct slot *slot)
{
    if (slot == NULL) {
        return;
    }
    stream_release(slot->stream);
    stream_release(slot->turn);
    for (size_t i = 0; i < slot->lanes; i++) {
        lane_free(slot->lane[i]);
    }
    free(slot->lane);
    free(slot);
}

struct slot *
series_slot(struct series *series, const uint8_t id[VLT_ID_LEN])
{
    lock_take(series->lock);
    struct slot *slot = map_get(series->by_id, id);
    lock_drop(series->lock);
    return slot;
}

struct slot *
series_slot_here(const struct series *series, const uint8_t id[VLT_ID_LEN])
{
    return map_get(series->by_id, id);
}

const struct stream *
slot_now(const struct slot *slot)
{
    return slot->turn != NULL ? slot->turn : slot->stream;
}

void
series_mark_dirty(struct series *series, struct slot *slot)
{
    if (!slot->dirty) {
        slot->dirty = true;
        slot->turn_extent = slot->extent;
        slot->next_dirty = series->dirty;
        series->dirty = slot;
    }
}

/* Where a name is, or belongs, among the committed ones (under the lock). */
static size_t
place_of(const struct series *series, struct vlt_slice name)
{
    size_t low = 0;
    size_t high = series->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *at = series->by_name[middle]->stream->name;

        if (vlt_slice_order(vlt_slice_text(at), name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* For so many names (under the lock). */
static enum vlt_status
make_room(struct series *series, size_t count)
{
    size_t cap = series->cap == 0 ? 64 : 2 * series->cap;
    struct slot **more;

    if (count <= series->cap) {
        return VLT_OK;
    }
    while (cap < count) {
        cap *= 2;
    }
    more = realloc(series->by_name, cap * sizeof *more);
    if (more == NULL) {
        return VLT_E_NOMEM;
    }
    series->by_name = more;
    series->cap = cap;
    return VLT_OK;
}

enum vlt_status
series_publish(struct series *series, struct slot *slot)
{
    size_t at = place_of(series, vlt_slice_text(slot->stream->name));
    enum vlt_status st = make_room(series, series->count + 1);

    if (st != VLT_OK) {
        return st;
    }
    memmove(&series->by_name[at + 1], &series->by_name[at],
            (series->count - at) * sizeof *series->by_name);
    series->by_name[at] = slot;
    series->count++;
    return VLT_OK;
}

void
series_withdraw(struct series *series, const struct slot *slot)
{
    size_t at = place_of(series, vlt_slice_text(slot->stream->name));

    if (at < series->count && series->by_name[at] == slot) {
        series->count--;
        memmove(&series->by_name[at], &series->by_name[at + 1],
                (series->count - at) * sizeof *series->by_name);
    }
}

const struct stream *
series_by_name(struct series *series, struct vlt_slice name)
{
    const struct stream *found = NULL;

    lock_take(series->lock);
    size_t at = place_of(series, name);

    if (at < series->count &&
        vlt_slice_is(name, series->by_name[at]->stream->name)) {
        found = stream_hold(series->by_name[at]->stream);
    }
    lock_drop(series->lock);
    return found;
}

const struct stream *
series_by_id(struct series *series, const uint8_t id[VLT_ID_LEN])
{
    const struct stream *found = NULL;

    lock_take(series->lock);
    struct slot *slot = map_get(series->by_id, id);

    if (slot != NULL && slot->stream != NULL) {
        found = stream_hold(slot->stream);
    }
    lock_drop(series->lock);
    return found;
}

const struct stream *
series_now_by_name(struct series *series, struct vlt_slice name)
{
    for (struct slot *slot = series->dirty; slot != NULL;
         slot = slot->next_dirty) {
        if (vlt_slice_is(name, slot_now(slot)->name)) {
            return stream_hold(slot_now(slot));
        }
    }
    return series_by_name(series, name);
}

/* The first behind this one by name (NULL: of all), held; NULL: there is none.
 */
static const struct stream *
stream_behind(struct series *series, const struct stream *last)
{
    const struct stream *found = NULL;
    size_t at = 0;

    lock_take(series->lock);
    if (last != NULL) {
        at = place_of(series, vlt_slice_text(last->name));
        at += at < series->count &&
              strcmp(series->by_name[at]->stream->name, last->name) == 0;
    }
    if (at < series->count) {
        found = stream_hold(series->by_name[at]->stream);
    }
    lock_drop(series->lock);
    return found;
}

/* One after the other, without a list of them: nothing can fail, since whoever
 * asks would take that for none. */
void
series_each(struct series *series, series_stream_fn *fn, void *ctx)
{
    const struct stream *at = stream_behind(series, NULL);

    while (at != NULL) {
        bool go_on = fn(ctx, at);
        const struct stream *next = go_on ? stream_behind(series, at) : NULL;

        stream_release(at);
        at = next;
    }
}

int
stream_column_find(const struct stream *stream, struct vlt_slice name)
{
    for (size_t i = 0; i < stream->columns; i++) {
        if (vlt_slice_is(name, stream->column[i].name)) {
            return (int)i;
        }
    }
    return -1;
}

void
series_totals(struct series *series, struct series_totals *out)
{
    *out = (struct series_totals){ .streams = 0 };
    lock_take(series->lock);
    out->streams = series->count;
    for (size_t i = 0; i < series->count; i++) {
        out->rows += series->by_name[i]->extent.rows;
    }
    lock_drop(series->lock);
}

bool
series_extent(struct series *series, const uint8_t id[VLT_ID_LEN],
              uint64_t *rows, int64_t *first, int64_t *last)
{
    struct extent extent = { .rows = 0 };

    lock_take(series->lock);
    const struct slot *slot = map_get(series->by_id, id);

    if (slot != NULL) {
        extent = slot->extent;
    }
    lock_drop(series->lock);
    *rows = extent.rows;
    *first = extent.first;
    *last = extent.last;
    return extent.rows > 0;
}

/* ---- changes, in a turn ---- */

static enum vlt_status
put_record(struct store_txn *txn, const struct stream *stream)
{
    struct vlt_buf json;
    enum vlt_status st;

    vlt_buf_init(&json, 0);
    stream_record_put(&json, stream);
    st = vlt_buf_status(&json);
    if (st == VLT_OK) {
        st = store_meta_put(txn, STORE_META_STREAM, stream->id, NULL,
                            vlt_buf_slice(&json));
    }
    vlt_buf_free(&json);
    return st;
}

static size_t
streams_now(const struct series *series)
{
    size_t count = series->count;

    for (const struct slot *slot = series->dirty; slot != NULL;
         slot = slot->next_dirty) {
        count += slot->stream == NULL;
    }
    return count;
}

/* A slot for a stream that this turn makes; takes the stream.  Once the turn is
 * committed nothing may fail any more, so its name has room already. */
static enum vlt_status
add_slot(struct series *series, const struct stream *stream)
{
    struct slot *slot = calloc(1, sizeof *slot);
    enum vlt_status st;

    if (slot == NULL) {
        stream_release(stream);
        return VLT_E_NOMEM;
    }
    slot->turn = stream;
    memcpy(slot->made, stream->id, sizeof slot->made);
    lock_take(series->lock);
    st = make_room(series, streams_now(series) + 1);
    if (st == VLT_OK) {
        st = map_put(series->by_id, stream->id, slot);
    }
    lock_drop(series->lock);
    if (st != VLT_OK) {
        slot_free(slot);
        return st;
    }
    series_mark_dirty(series, slot);
    return VLT_OK;
}

enum vlt_status
series_create(struct series *series, struct store_txn *txn,
              const struct stream *wish, struct vlt_buf *why,
              const struct stream **out)
{
    const struct stream *there;
    const struct stream *stream;
    struct stream made = *wish;
    enum vlt_status st;

    if (wish->columns > SERIES_COLUMNS_MAX ||
        streams_now(series) >= SERIES_STREAMS_MAX) {
        return VLT_E_LIMIT;
    }
    if (!stream_wish_valid(wish, why)) {
        return VLT_E_FORMAT;
    }
    there = series_now_by_name(series, vlt_slice_text(wish->name));
    if (there != NULL) {
        stream_release(there);
        return VLT_E_CONFLICT;
    }
    vlt_random(made.id, sizeof made.id);
    made.created = store_txn_now(txn);
    stream = stream_copy(&made, wish->column, wish->columns);
    if (stream == NULL) {
        return VLT_E_NOMEM;
    }
    st = put_record(txn, stream);
    if (st != VLT_OK) {
        stream_release(stream);
        return st;
    }
    if (out != NULL) {
        *out = stream_hold(stream);
    }
    st = add_slot(series, stream);
    if (st != VLT_OK && out != NULL) {
        stream_release(*out);
        *out = NULL;
    }
    return st;
}

/* Put a changed stream in the place of the turn's. */
static enum vlt_status
replace(struct series *series, struct store_txn *txn, struct slot *slot,
        const struct stream *stream, const struct stream **out)
{
    enum vlt_status st = stream != NULL ? put_record(txn, stream) : VLT_E_NOMEM;

    if (st != VLT_OK) {
        stream_release(stream);
        return st;
    }
    series_mark_dirty(series, slot);
    stream_release(slot->turn);
    slot->turn = stream;
    if (out != NULL) {
        *out = stream_hold(stream);
    }
    return VLT_OK;
}

/* NULL: as it is.  false: it is not well formed. */
static bool
set_word(char *to, size_t max, const char *word)
{
    if (word == NULL) {
        return true;
    }
    if (!stream_word_valid(word, max)) {
        return false;
    }
    memcpy(to, word, strlen(word) + 1);
    return true;
}

enum vlt_status
series_set(struct series *series, struct store_txn *txn,
           const uint8_t id[VLT_ID_LEN], const struct series_change *change,
           const struct stream **out)
{
    struct slot *slot = series_slot(series, id);
    struct stream made;

    if (slot == NULL) {
        return VLT_E_NOT_FOUND;
    }
    made = *slot_now(slot);
    if (change->keep < 0 ||
        !set_word(made.category, SERIES_CATEGORY_MAX, change->category) ||
        !set_word(made.unit, SERIES_UNIT_MAX, change->unit)) {
        return VLT_E_FORMAT;
    }
    if (change->keep != 0) {
        made.keep = change->keep;
    }
    return replace(series, txn, slot,
                   stream_copy(&made, made.column, made.columns), out);
}

enum vlt_status
series_add_column(struct series *series, struct store_txn *txn,
                  const uint8_t id[VLT_ID_LEN], struct vlt_slice name,
                  uint8_t type, const struct stream **out)
{
    struct stream_column column[SERIES_COLUMNS_MAX];
    struct slot *slot = series_slot(series, id);
    const struct stream *now;

    if (slot == NULL) {
        return VLT_E_NOT_FOUND;
    }
    now = slot_now(slot);
    if (!stream_column_valid(name) || type > VLT_TYPE_JSON) {
        return VLT_E_FORMAT;
    }
    if (stream_column_find(now, name) >= 0) {
        return VLT_E_CONFLICT;
    }
    if (now->columns == SERIES_COLUMNS_MAX ||
        (now->columns > 0 &&
         now->column[now->columns - 1].id == SERIES_COLUMNS_MAX - 1)) {
        return VLT_E_LIMIT;
    }
    memcpy(column, now->column, now->columns * sizeof *column);

    struct stream_column *added = &column[now->columns];

    /* Columns are never taken out, so the next id is free. */
    *added = (struct stream_column){
        .id =
            (uint8_t)(now->columns == 0 ? 0 : column[now->columns - 1].id + 1),
        .type = type
    };
    memcpy(added->name, name.at, name.len);
    return replace(series, txn, slot,
                   stream_copy(now, column, now->columns + 1), out);
}
