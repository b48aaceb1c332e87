#include "import/csv_internal.h"

#include <stdlib.h>

/* A binding under way. */
struct binding {
    struct csv *csv;
    const struct vlt_slice *names;
    size_t count;
    bool used[CELLS_MAX];
    struct import_fault *fault;
};

static enum vlt_status
refuse(struct binding *b, struct vlt_slice name, const char *says)
{
    b->fault->reason = IMPORT_NAME;
    fault_field(b->fault, name);
    fault_says(b->fault, "%s", says);
    return VLT_E_FORMAT;
}

/* The place of a column; marks it as used.  CSV_NOWHERE: it is not there. */
static enum vlt_status
find(struct binding *b, const char *name, int *out)
{
    *out = CSV_NOWHERE;
    for (size_t i = 0; i < b->count; i++) {
        if (!vlt_slice_is(b->names[i], name)) {
            continue;
        }
        if (*out != CSV_NOWHERE) {
            return refuse(b, b->names[i], "the file has this column twice");
        }
        b->used[i] = true;
        *out = (int)i;
    }
    return VLT_OK;
}

static enum vlt_status
bind_streams(struct binding *b)
{
    const struct mapping *mapping = b->csv->mapping;
    int *place = b->csv->places;

    for (size_t i = 0; i < mapping->count; i++) {
        const struct mapping_stream *stream = mapping->streams[i];

        for (size_t k = 0; k < stream->count; k++, place++) {
            const char *from = stream->columns[k].from;
            enum vlt_status st = find(b, from, place);

            if (st != VLT_OK) {
                return st;
            }
            if (*place == CSV_NOWHERE && !mapping->partial) {
                return refuse(b, vlt_slice_text(from),
                              "the file has no such column");
            }
        }
    }
    return VLT_OK;
}

/* Each column of the file is mapped or ignored. */
static enum vlt_status
check_rest(struct binding *b)
{
    const struct mapping_words *ignore = &b->csv->mapping->ignore;
    int place;

    for (size_t i = 0; i < ignore->count; i++) {
        enum vlt_status st = find(b, ignore->at[i], &place);

        if (st != VLT_OK) {
            return st;
        }
    }
    for (size_t i = 0; i < b->count; i++) {
        if (!b->used[i]) {
            return refuse(b, b->names[i],
                          "the column is neither mapped nor ignored");
        }
    }
    return VLT_OK;
}

static size_t
columns_of(const struct mapping *mapping)
{
    size_t count = 0;

    for (size_t i = 0; i < mapping->count; i++) {
        count += mapping->streams[i]->count;
    }
    return count;
}

enum vlt_status
csv_bind(struct csv *csv, const struct vlt_slice *names, size_t count,
         struct import_fault *fault)
{
    struct binding b = {
        .csv = csv, .names = names, .count = count, .fault = fault
    };
    enum vlt_status st;

    csv->places = calloc(columns_of(csv->mapping) + 1, sizeof *csv->places);
    if (csv->places == NULL) {
        return VLT_E_NOMEM;
    }
    st = find(&b, csv->mapping->time_from, &csv->time_at);
    if (st == VLT_OK && csv->time_at == CSV_NOWHERE) {
        st = refuse(&b, vlt_slice_text(csv->mapping->time_from),
                    "the file has no such column");
    }
    if (st == VLT_OK) {
        st = bind_streams(&b);
    }
    if (st == VLT_OK) {
        st = check_rest(&b);
    }
    csv->width = count;
    csv->bound = st == VLT_OK;
    return st;
}
