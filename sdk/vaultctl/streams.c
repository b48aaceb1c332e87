#include "vaultctl/streams.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { SLOTS = 256 };

static const char *const types[] = { "f64", "i64", "bool", "text", "json" };

const char *
streams_type_word(enum import_type type)
{
    return types[type];
}

void
streams_free(struct streams *streams)
{
    for (size_t i = 0; i < streams->count; i++) {
        struct stream *stream = streams->at[i];

        for (size_t k = 0; k < stream->count; k++) {
            free(stream->columns[k].name);
        }
        free(stream->name);
        free(stream->unit);
        free(stream->category);
        free(stream);
    }
    free(streams->at);
    free(streams->slots);
    *streams = (struct streams){ 0 };
}

/* FNV-1a: names come from the owner's own files. */
static size_t
hash_of(struct vlt_slice name)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < name.len; i++) {
        hash = (hash ^ name.at[i]) * UINT64_C(1099511628211);
    }
    return (size_t)(hash ^ hash >> 32);
}

/* The slot of a name, or the free one where it belongs. */
static size_t
slot_of(const struct streams *streams, struct vlt_slice name)
{
    size_t slot = hash_of(name) % streams->slot_count;

    while (streams->slots[slot] != 0 &&
           !vlt_slice_is(name, streams->at[streams->slots[slot] - 1]->name)) {
        slot = (slot + 1) % streams->slot_count;
    }
    return slot;
}

struct stream *
streams_find(const struct streams *streams, struct vlt_slice name)
{
    if (streams->slot_count == 0) {
        return NULL;
    }
    size_t index = streams->slots[slot_of(streams, name)];

    return index == 0 ? NULL : streams->at[index - 1];
}

static bool
make_room(struct streams *streams)
{
    if (streams->count * 2 < streams->slot_count) {
        return true;
    }
    size_t more = streams->slot_count == 0 ? SLOTS : streams->slot_count * 2;
    size_t *slots = calloc(more, sizeof *slots);
    struct stream **at = realloc(streams->at, more * sizeof(struct stream *));

    if (at != NULL) {
        streams->at = at;
    }
    if (slots == NULL || at == NULL) {
        free(slots);
        return false;
    }
    free(streams->slots);
    streams->slots = slots;
    streams->slot_count = more;
    for (size_t i = 0; i < streams->count; i++) {
        slots[slot_of(streams, vlt_slice_text(streams->at[i]->name))] = i + 1;
    }
    return true;
}

struct stream *
streams_add(struct streams *streams, struct vlt_slice name)
{
    if (!make_room(streams)) {
        return NULL;
    }
    struct stream *stream = calloc(1, sizeof *stream);

    if (stream == NULL) {
        return NULL;
    }
    stream->name = vlt_text_copy(name);
    if (stream->name == NULL) {
        free(stream);
        return NULL;
    }
    size_t slot = slot_of(streams, name);

    streams->at[streams->count++] = stream;
    streams->slots[slot] = streams->count;
    return stream;
}

struct streams_column *
streams_column(struct stream *stream, struct vlt_slice name)
{
    for (size_t i = 0; i < stream->count; i++) {
        if (vlt_slice_is(name, stream->columns[i].name)) {
            return &stream->columns[i];
        }
    }
    return NULL;
}

enum vlt_status
streams_widen(struct stream *stream, struct vlt_slice name,
              enum import_type type)
{
    if (stream->count == IMPORT_CELLS) {
        return VLT_E_LIMIT;
    }
    char *copy = vlt_text_copy(name);

    if (copy == NULL) {
        return VLT_E_NOMEM;
    }
    stream->columns[stream->count++] =
        (struct streams_column){ .name = copy, .type = type };
    return VLT_OK;
}

static void
keep_text(char **place, struct vlt_slice text)
{
    if (*place == NULL && text.len > 0) {
        *place = vlt_text_copy(text);
    }
}

enum vlt_status
streams_fit(struct stream *stream, const struct import_row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        const struct import_cell *cell = &row->cells[i];
        struct streams_column *column = streams_column(stream, cell->column);

        if (column == NULL) {
            enum vlt_status st =
                streams_widen(stream, cell->column, cell->type);

            if (st != VLT_OK) {
                return st;
            }
        } else if (column->type == IMPORT_I64 && cell->type == IMPORT_F64) {
            column->type = IMPORT_F64;
        }
    }
    keep_text(&stream->unit, row->unit);
    keep_text(&stream->category, row->category);
    return VLT_OK;
}
