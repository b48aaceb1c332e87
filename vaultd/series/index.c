/*
 * Where the rows of a stream lie, and how its records are opened.
 */
#include <stdlib.h>
#include <string.h>

#include "series/series_internal.h"
#include "util/log.h"

enum vlt_status
index_add(struct slot *slot, const struct tail_ref *ref)
{
    if (slot->refs == slot->cap) {
        size_t cap = slot->cap == 0 ? 16 : 2 * slot->cap;
        struct tail_ref *more = realloc(slot->ref, cap * sizeof *more);

        if (more == NULL) {
            return VLT_E_NOMEM;
        }
        slot->ref = more;
        slot->cap = cap;
    }
    slot->ref[slot->refs++] = *ref;
    return VLT_OK;
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

/* Under the lock, unless it is the commit thread for its own turn. */
static enum vlt_status
pick(const struct slot *slot, struct index_range range, uint64_t end,
     struct tail_ref **out, size_t *count)
{
    size_t refs = range.turn ? slot->refs : slot->committed;
    bool sorted = range.turn ? slot->turn_extent.sorted && slot->dirty
                             : slot->extent.sorted;
    size_t at = sorted ? seek(slot, refs, range.from) : 0;
    size_t cap = 0;

    *count = 0;
    for (; at < refs; at++) {
        const struct tail_ref *ref = &slot->ref[at];

        if (sorted && ref->first >= range.to) {
            break;
        }
        if (ref->last < range.from || ref->first >= range.to ||
            ref->arrival <= range.after || ref->arrival >= end) {
            continue;
        }
        if (*count == cap) {
            cap = cap == 0 ? 64 : 2 * cap;

            struct tail_ref *more = realloc(*out, cap * sizeof *more);

            if (more == NULL) {
                return VLT_E_NOMEM;
            }
            *out = more;
        }
        (*out)[(*count)++] = *ref;
    }
    return VLT_OK;
}

enum vlt_status
index_pick(struct series *series, const struct store_view *view,
           struct slot *slot, struct index_range range, struct tail_ref **out,
           size_t *count)
{
    struct tail_ref *picked = NULL;
    uint64_t end = 0;
    enum vlt_status st = store_tail_next(view, &end);

    if (st != VLT_OK) {
        return st;
    }
    lock_take(series->lock);
    st = pick(slot, range, end, &picked, count);
    lock_drop(series->lock);
    if (st != VLT_OK) {
        free(picked);
        return st;
    }
    *out = picked;
    return VLT_OK;
}
