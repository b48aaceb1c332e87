#include "import/mapping_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/name.h"
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

static void
free_words(struct mapping_words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        free(words->at[i]);
    }
    free(words->at);
}

static void
free_stream(struct mapping_stream *stream)
{
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
        free_stream(mapping->streams[i]);
    }
    free(mapping->streams);
    free_words(&mapping->columns);
    free_words(&mapping->missing);
    free_words(&mapping->ignore);
    free(mapping->time_from);
    free(mapping->time_pattern);
    zone_free(mapping->zone);
    free(mapping);
}

bool
mapping_column_valid(struct vlt_slice name)
{
    if (name.len == 0 || name.len > IMPORT_COLUMN ||
        (name.at[0] >= '0' && name.at[0] <= '9') || name.at[0] == '.' ||
        name.at[0] == '-') {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';

        if (!plain && c < 0x80) {
            return false;
        }
    }
    /* Beyond ASCII: valid, and no control character of U+0080 to U+009F. */
    return vlt_text_printable(name);
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

static enum vlt_status
fill_for_stream(struct mapping *mapping, const char *stream,
                const struct mapping_named *columns, size_t count)
{
    enum vlt_status st =
        mapping_add_word(&mapping->missing, vlt_slice_text(""));

    mapping->partial = true;
    mapping->time.kind = TIMEFMT_RFC3339;
    mapping->time_from = vlt_text_copy(vlt_slice_text("time"));
    if (mapping->time_from == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; i < count && st == VLT_OK; i++) {
        struct mapping_entry entry = {
            .name = vlt_slice_text(stream),
            .from = vlt_slice_text(columns[i].name),
            .column = vlt_slice_text(columns[i].name),
            .type = columns[i].type,
        };

        st = mapping_column_valid(entry.column) ? mapping_add(mapping, &entry)
                                                : VLT_E_FORMAT;
    }
    return st;
}

enum vlt_status
mapping_for_stream(const char *stream, const struct mapping_named *columns,
                   size_t count, struct mapping **out)
{
    struct mapping *mapping;
    enum vlt_status st;

    if (!vlt_name_valid(vlt_slice_text(stream))) {
        return VLT_E_FORMAT;
    }
    mapping = mapping_new();
    if (mapping == NULL) {
        return VLT_E_NOMEM;
    }
    st = fill_for_stream(mapping, stream, columns, count);
    if (st != VLT_OK) {
        mapping_free(mapping);
        return st;
    }
    *out = mapping;
    return VLT_OK;
}
