/*
 * The mappings of what `data query --csv` writes.
 */
#include "import/mapping_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/name.h"
#include "base/text.h"

/* A mapping of this program's own CSV, without its columns. */
static enum vlt_status
begin(struct mapping **out)
{
    struct mapping *mapping = mapping_new();

    if (mapping == NULL) {
        return VLT_E_NOMEM;
    }
    mapping->partial = true;
    mapping->time.kind = TIMEFMT_RFC3339;
    mapping->time_from = vlt_text_copy(vlt_slice_text("time"));
    if (mapping->time_from == NULL ||
        mapping_add_word(&mapping->missing, vlt_slice_text("")) != VLT_OK) {
        mapping_free(mapping);
        return VLT_E_NOMEM;
    }
    *out = mapping;
    return VLT_OK;
}

enum vlt_status
mapping_for_stream(const char *stream, const struct mapping_named *columns,
                   size_t count, struct mapping **out)
{
    struct mapping *mapping = NULL;
    enum vlt_status st;

    if (!vlt_name_valid(vlt_slice_text(stream))) {
        return VLT_E_FORMAT;
    }
    st = begin(&mapping);
    for (size_t i = 0; i < count && st == VLT_OK; i++) {
        struct mapping_entry entry = {
            .name = vlt_slice_text(stream),
            .from = vlt_slice_text(columns[i].name),
            .column = vlt_slice_text(columns[i].name),
            .type = columns[i].type,
        };

        st = vlt_column_valid(entry.column) ? mapping_add(mapping, &entry)
                                            : VLT_E_FORMAT;
    }
    if (st != VLT_OK) {
        mapping_free(mapping);
        return st;
    }
    *out = mapping;
    return VLT_OK;
}

enum vlt_status
mapping_for_streams(const struct mapping_lookup *lookup, struct mapping **out)
{
    enum vlt_status st = begin(out);

    if (st == VLT_OK) {
        (*out)->named = true;
        (*out)->lookup = *lookup;
    }
    return st;
}

static bool
begins(struct vlt_slice text, const char *with)
{
    size_t len = strlen(with);

    return text.len >= len && memcmp(text.at, with, len) == 0;
}

enum mapping_header
mapping_header_of(struct vlt_slice head)
{
    size_t mark = begins(head, "\xef\xbb\xbf") ? 3 : 0;
    struct vlt_slice text = vlt_slice_of(head.at + mark, head.len - mark);

    if (begins(text, "stream,time,")) {
        return MAPPING_MANY;
    }
    return begins(text, "time,") ? MAPPING_ONE : MAPPING_STRANGE;
}
