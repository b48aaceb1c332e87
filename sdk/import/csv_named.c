/*
 * Rows that name their stream: its columns are looked up when the name changes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/name.h"
#include "import/csv_internal.h"
#include "import/mapping_internal.h"

static const char stream_column[] = "stream";

static enum vlt_status
refuse(struct import_fault *fault, struct vlt_slice name, const char *says)
{
    fault->reason = IMPORT_NAME;
    fault_field(fault, name);
    fault_says(fault, "%s", says);
    return VLT_E_FORMAT;
}

/* The place of a column behind `from`; the count: it is not there. */
static size_t
find(const struct mapping_words *header, const char *name, size_t from)
{
    size_t i = from;

    while (i < header->count && strcmp(header->at[i], name) != 0) {
        i++;
    }
    return i;
}

/* All columns of the header are of some use, and none comes twice. */
static enum vlt_status
check_header(struct csv *csv, struct import_fault *fault)
{
    const struct mapping_words *header = &csv->header;

    for (size_t i = 0; i < header->count; i++) {
        struct vlt_slice name = vlt_slice_text(header->at[i]);

        if (find(header, header->at[i], i + 1) < header->count) {
            return refuse(fault, name, "the file has this column twice");
        }
        if (strcmp(header->at[i], csv->mapping->time_from) != 0 &&
            !vlt_column_valid(name)) {
            return refuse(fault, name, "cannot be the name of a column");
        }
    }
    csv->stream_at = find(header, stream_column, 0);
    csv->time_at = (int)find(header, csv->mapping->time_from, 0);
    if (csv->stream_at == header->count) {
        return refuse(fault, vlt_slice_text(stream_column),
                      "the file has no such column");
    }
    if ((size_t)csv->time_at == header->count) {
        return refuse(fault, vlt_slice_text(csv->mapping->time_from),
                      "the file has no such column");
    }
    return VLT_OK;
}

enum vlt_status
csv_named_bind(struct csv *csv, const struct vlt_slice *names, size_t count,
               struct import_fault *fault)
{
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; i < count && st == VLT_OK; i++) {
        st = mapping_add_word(&csv->header, names[i]);
    }
    if (st == VLT_OK) {
        csv->places = calloc(IMPORT_CELLS, sizeof *csv->places);
        st = csv->places != NULL ? check_header(csv, fault) : VLT_E_NOMEM;
    }
    csv->width = count;
    csv->bound = st == VLT_OK;
    return st;
}

/* Where the columns of the stream are; true in `own` for those of the file. */
static void
place_columns(struct csv *csv)
{
    memset(csv->own, 0, sizeof csv->own);
    csv->own[csv->stream_at] = true;
    csv->own[csv->time_at] = true;
    for (size_t k = 0; k < csv->stream->count; k++) {
        size_t at = find(&csv->header, csv->stream->columns[k].from, 0);

        csv->places[k] = at < csv->header.count ? (int)at : CSV_NOWHERE;
        if (at < csv->header.count) {
            csv->own[at] = true;
        }
    }
}

static enum vlt_status
look_up(struct csv *csv, struct vlt_slice name)
{
    const struct mapping_lookup *lookup = &csv->mapping->lookup;
    struct mapping_named columns[IMPORT_CELLS];
    size_t count = lookup->columns(lookup->ctx, name, columns);

    mapping_stream_free(csv->stream);
    csv->stream = NULL;
    if (count == 0) {
        return VLT_E_NOT_FOUND;
    }
    enum vlt_status st = mapping_stream_new(name, columns, count, &csv->stream);

    if (st == VLT_OK) {
        place_columns(csv);
    }
    return st;
}

enum vlt_status
csv_named_find(struct csv *csv, const struct cell *cells,
               struct import_fault *fault)
{
    const struct cell *cell = &cells[csv->stream_at];

    if (csv->stream == NULL || !vlt_slice_is(cell->text, csv->stream->name)) {
        enum vlt_status st = look_up(csv, cell->text);

        if (st == VLT_E_NOT_FOUND) {
            fault->reason = IMPORT_NAME;
            fault_field(fault, vlt_slice_text(stream_column));
            fault_quote(fault, cell->text,
                        " is no stream of the vault, and CSV does not say "
                        "what its columns are: create it first");
            return VLT_E_FORMAT;
        }
        if (st != VLT_OK) {
            return st;
        }
    }
    for (size_t i = 0; i < csv->width; i++) {
        if (!csv->own[i] && (cells[i].text.len > 0 || cells[i].quoted)) {
            return refuse(fault, vlt_slice_text(csv->header.at[i]),
                          "the stream has no such column");
        }
    }
    return VLT_OK;
}
