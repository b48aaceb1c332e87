/*
 * Any bytes as a mapping: each refusal has its place and its words, and what
 * is taken is whole.
 */
#include "import/mapping.h"

#include <stdlib.h>

#include "base/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void
check(const struct mapping *mapping)
{
    must(mapping->count >= 1 && mapping->count <= MAPPING_STREAMS);
    must(mapping->time_from != NULL && mapping->delimiter != 0);
    must(mapping->header == (mapping->columns.count == 0));
    for (size_t i = 0; i < mapping->count; i++) {
        const struct mapping_stream *stream = mapping->streams[i];

        must(vlt_name_valid(vlt_slice_text(stream->name)));
        must(stream->count >= 1 && stream->count <= IMPORT_CELLS);
        for (size_t k = 0; k < stream->count; k++) {
            must(vlt_column_valid(vlt_slice_text(stream->columns[k].column)));
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct mapping_fault fault = { 0 };
    struct mapping *mapping = NULL;
    enum vlt_status st =
        mapping_read(vlt_slice_of(bytes, len), "UTC", &fault, &mapping);

    if (st == VLT_OK) {
        check(mapping);
    } else {
        must(mapping == NULL);
        must(st != VLT_E_FORMAT || (fault.line >= 1 && fault.column >= 1));
    }
    mapping_free(mapping);
    return 0;
}
