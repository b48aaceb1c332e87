/*
 * Where the rows of a stream lie, and how its records are opened.
 */
#include <stdlib.h>
#include <string.h>

#include "series/series_internal.h"
#include "util/log.h"

enum vlt_status
index_reserve(struct series *series, struct slot *slot, size_t more)
{
    size_t cap = slot->cap == 0 ? 16 : slot->cap;
    struct tail_ref *grown;

    if (slot->cap - slot->refs >= more) {
        return VLT_OK;
    }
    while (cap - slot->refs < more) {
        cap *= 2;
    }
    lock_take(series->lock);
    grown = realloc(slot->ref, cap * sizeof *grown);
    if (grown != NULL) {
        slot->ref = grown;
        slot->cap = cap;
    }
    lock_drop(series->lock);
    return grown != NULL ? VLT_OK : VLT_E_NOMEM;
}

void
index_add(struct slot *slot, const struct tail_ref *ref)
{
    slot->ref[slot->refs++] = *ref;
}

void
extent_add(struct extent *extent, const struct tail_ref *ref, uint64_t samples)
{
    if (extent->rows == 0) {
        extent->first = ref->first;
        extent->last = ref->last;
        extent->sorted = true;
    } else {
        extent->sorted = extent->sorted && ref->first >= extent->last;
        if (ref->first < extent->first) {
            extent->first = ref->first;
        }
        if (ref->last > extent->last) {
            extent->last = ref->last;
        }
    }
    extent->rows += ref->rows;
    extent->samples += samples;
}

void
schema_of(const struct stream *stream,
          struct vlt_field fields[SERIES_COLUMNS_MAX], struct vlt_schema *out)
{
    for (size_t i = 0; i < stream->columns; i++) {
        fields[i].id = stream->column[i].id;
        fields[i].type = (enum vlt_type)stream->column[i].type;
    }
    out->fields = fields;
    out->count = stream->columns;
}

enum vlt_status
index_open(const struct store_view *view, uint64_t arrival,
           struct vlt_rows **out)
{
    struct store_tail tail;
    struct vlt_buf room;
    const char *why = "";
    enum vlt_status st;

    vlt_buf_init(&room, 0);
    st = store_tail_get(view, arrival, &room, &tail);
    if (st == VLT_OK) {
        struct vlt_slice block = vlt_slice_of(tail.plain.at + STORE_TAIL_HEAD,
                                              tail.plain.len - STORE_TAIL_HEAD);

        st = vlt_block_decode(block, VLT_BLOCK_DISK, NULL, &why, out);
    }
    vlt_buf_free(&room);
    if (st != VLT_OK && st != VLT_E_NOMEM) {
        log_error("series", "tail %llu does not open: %s %s",
                  (unsigned long long)arrival, vlt_status_word(st), why);
        return VLT_E_STORAGE;
    }
    return st;
}

/* The first reference that may reach `from`, where records are in order. */
static size_t
seek(const struct slot *slot, size_t count, int64_t from)
{
    size_t low = 0;
    size_t high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (slot->ref[middle].last < from) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static enum vlt_status
add_picked(struct index_picked *out, size_t *cap, const struct tail_ref *ref)
{
    if (out->count == *cap) {
        size_t more = *cap == 0 ? 64 : 2 * *cap;
        struct tail_ref *grown = realloc(out->refs, more * sizeof *grown);

        if (grown == NULL) {
            return VLT_E_NOMEM;
        }
        out->refs = grown;
        *cap = more;
    }
    out->refs[out->count++] = *ref;
    return VLT_OK;
}

/* Under the lock. */
static enum vlt_status
pick(const struct slot *slot, struct index_range range,
     struct index_picked *out)
{
    size_t refs = range.turn ? slot->refs : slot->committed;
    bool sorted = range.turn ? slot->turn_extent.sorted && slot->dirty
                             : slot->extent.sorted;
    size_t at = sorted ? seek(slot, refs, range.from) : 0;
    size_t cap = 0;
    enum vlt_status st = VLT_OK;

    for (; st == VLT_OK && at < refs; at++) {
        const struct tail_ref *ref = &slot->ref[at];

        if (sorted && ref->first >= range.to) {
            break;
        }
        if (ref->last < range.from || ref->first >= range.to ||
            ref->arrival <= range.after || ref->arrival >= out->end) {
            continue;
        }
        st = add_picked(out, &cap, ref);
    }
    return st;
}

enum vlt_status
index_pick(struct series *series, const struct store_view *view,
           struct slot *slot, struct index_range range,
           struct index_picked *out)
{
    struct index_picked picked = { .count = 0 };
    enum vlt_status st = store_tail_next(view, &picked.end);

    if (st != VLT_OK) {
        return st;
    }
    lock_take(series->lock);
    if (!range.turn && series->end < picked.end) {
        picked.end = series->end;
    }
    if (range.below != 0 && range.below < picked.end) {
        picked.end = range.below;
    }
    if (slot != NULL) {
        st = pick(slot, range, &picked);
    }
    lock_drop(series->lock);
    if (st != VLT_OK) {
        free(picked.refs);
        return st;
    }
    *out = picked;
    return VLT_OK;
}

enum vlt_status
series_end(struct series *series, const struct store_view *view, uint64_t *out)
{
    uint64_t end;
    enum vlt_status st = store_tail_next(view, &end);

    if (st != VLT_OK) {
        return st;
    }
    lock_take(series->lock);
    *out = series->end < end ? series->end : end;
    lock_drop(series->lock);
    return VLT_OK;
}
