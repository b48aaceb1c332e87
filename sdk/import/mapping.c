#include "import/mapping_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct mapping *
mapping_new(void)
{
    struct mapping *mapping = calloc(1, sizeof *mapping);

    if (mapping != NULL) {
        mapping->delimiter = ',';
        mapping->decimal = '.';
        mapping->header = true;
    }
    return mapping;
}

void
mapping_words_free(struct mapping_words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        free(words->at[i]);
    }
    free(words->at);
}

void
mapping_stream_free(struct mapping_stream *stream)
{
    if (stream == NULL) {
        return;
    }
    for (size_t i = 0; i < stream->count; i++) {
        free(stream->columns[i].from);
        free(stream->columns[i].column);
        free(stream->columns[i].split);
    }
    free(stream->name);
    free(stream->unit);
    free(stream->category);
    free(stream);
}

void
mapping_free(struct mapping *mapping)
{
    if (mapping == NULL) {
        return;
    }
    for (size_t i = 0; i < mapping->count; i++) {
        mapping_stream_free(mapping->streams[i]);
    }
    free(mapping->streams);
    mapping_words_free(&mapping->columns);
    mapping_words_free(&mapping->missing);
    mapping_words_free(&mapping->ignore);
    free(mapping->time_from);
    free(mapping->time_pattern);
    zone_free(mapping->zone);
    free(mapping);
}

enum vlt_status
mapping_add_word(struct mapping_words *words, struct vlt_slice word)
{
    if (words->count == MAPPING_WORDS) {
        return VLT_E_LIMIT;
    }
    if (words->at == NULL) {
        words->at = calloc(MAPPING_WORDS, sizeof *words->at);
    }
    char *copy = words->at != NULL ? vlt_text_copy(word) : NULL;

    if (copy == NULL) {
        return VLT_E_NOMEM;
    }
    words->at[words->count++] = copy;
    return VLT_OK;
}

/* Keep a text that may be said once or often, but always the same. */
static enum vlt_status
settle(char **kept, struct vlt_slice said)
{
    if (said.len == 0 && *kept != NULL) {
        return VLT_OK;
    }
    if (*kept == NULL || (*kept)[0] == '\0') {
        free(*kept);
        *kept = vlt_text_copy(said);
        return *kept != NULL ? VLT_OK : VLT_E_NOMEM;
    }
    return vlt_slice_is(said, *kept) ? VLT_OK : VLT_E_CONFLICT;
}

/* The stream of a name, made when it is new. */
static enum vlt_status
stream_of(struct mapping *mapping, struct vlt_slice name,
          struct mapping_stream **out)
{
    for (size_t i = 0; i < mapping->count; i++) {
        if (vlt_slice_is(name, mapping->streams[i]->name)) {
            *out = mapping->streams[i];
            return VLT_OK;
        }
    }
    if (mapping->count == MAPPING_STREAMS) {
        return VLT_E_LIMIT;
    }
    if (mapping->streams == NULL) {
        mapping->streams = calloc(MAPPING_STREAMS, sizeof *mapping->streams);
    }
    struct mapping_stream *stream =
        mapping->streams != NULL ? calloc(1, sizeof *stream) : NULL;

    if (stream == NULL) {
        return VLT_E_NOMEM;
    }
    mapping->streams[mapping->count++] = stream;
    stream->name = vlt_text_copy(name);
    *out = stream;
    return stream->name != NULL ? VLT_OK : VLT_E_NOMEM;
}

static enum vlt_status
add_column(struct mapping_stream *stream, const struct mapping_entry *entry)
{
    struct mapping_column *column = &stream->columns[stream->count];

    for (size_t i = 0; i < stream->count; i++) {
        if (vlt_slice_is(entry->column, stream->columns[i].column)) {
            return VLT_E_CONFLICT;
        }
    }
    if (stream->count == IMPORT_CELLS) {
        return VLT_E_LIMIT;
    }
    stream->count++;
    column->type = entry->type;
    column->from = vlt_text_copy(entry->from);
    column->column = vlt_text_copy(entry->column);
    if (entry->split.len > 0) {
        column->split = vlt_text_copy(entry->split);
    }
    return column->from != NULL && column->column != NULL &&
                   (entry->split.len == 0 || column->split != NULL)
               ? VLT_OK
               : VLT_E_NOMEM;
}

enum vlt_status
mapping_add(struct mapping *mapping, const struct mapping_entry *entry)
{
    struct mapping_stream *stream = NULL;
    enum vlt_status st = stream_of(mapping, entry->name, &stream);

    if (st == VLT_OK) {
        st = settle(&stream->unit, entry->unit);
    }
    if (st == VLT_OK) {
        st = settle(&stream->category, entry->category);
    }
    return st == VLT_OK ? add_column(stream, entry) : st;
}

enum vlt_status
mapping_stream_new(struct vlt_slice name, const struct mapping_named *columns,
                   size_t count, struct mapping_stream **out)
{
    struct mapping_stream *stream = calloc(1, sizeof *stream);
    enum vlt_status st = VLT_OK;

    if (stream == NULL) {
        return VLT_E_NOMEM;
    }
    stream->name = vlt_text_copy(name);
    stream->unit = vlt_text_copy(vlt_slice_text(""));
    stream->category = vlt_text_copy(vlt_slice_text(""));
    if (stream->name == NULL || stream->unit == NULL ||
        stream->category == NULL) {
        st = VLT_E_NOMEM;
    }
    for (size_t i = 0; i < count && st == VLT_OK; i++) {
        struct mapping_entry entry = {
            .from = vlt_slice_text(columns[i].name),
            .column = vlt_slice_text(columns[i].name),
            .type = columns[i].type,
        };

        st = add_column(stream, &entry);
    }
    if (st != VLT_OK) {
        mapping_stream_free(stream);
        return st;
    }
    *out = stream;
    return VLT_OK;
}
