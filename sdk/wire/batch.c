#include "wire/batch.h"

#include <string.h>

#include "base/name.h"

enum { BOOT_TEXT = 2 * VLT_BATCH_BOOT };

static void
read_identity(struct vlt_walk *walk, struct vlt_batch *out)
{
    struct vlt_slice boot = { 0 };

    if (vlt_walk_has(walk, "idem")) {
        out->has_idem = true;
        vlt_walk_ulid(walk, "idem", out->idem);
    }
    out->seq = (uint64_t)vlt_walk_int_or(walk, "seq", 1, INT64_MAX, 0);
    if (!vlt_walk_has(walk, "boot")) {
        return;
    }
    boot = vlt_walk_text(walk, "boot", BOOT_TEXT, BOOT_TEXT);
    out->has_boot = true;
    if (!vlt_walk_failed(walk) &&
        vlt_hex_parse(boot, out->boot, sizeof out->boot) != VLT_OK) {
        vlt_walk_fault(walk, "boot", "must be 16 hex digits");
    }
}

static struct vlt_slice
read_name(struct vlt_walk *walk, const char *member)
{
    struct vlt_slice name = vlt_walk_text(walk, member, 1, VLT_NAME_MAX);

    if (!vlt_walk_failed(walk) && !vlt_name_valid(name)) {
        vlt_walk_fault(walk, member, "is no stream name");
    }
    return name;
}

/* Rows of stream i: of the list, or of what was scanned in its place. */
static size_t
count_rows(struct vlt_walk *entry, const struct vlt_scan *scan, size_t i)
{
    if (scan == NULL) {
        return vlt_json_count(vlt_walk_list(entry, "rows", 1, VLT_BATCH_ROWS));
    }
    int64_t part = vlt_walk_int(entry, "rows", 0, INT64_MAX);

    if (part != (int64_t)i || i >= vlt_scan_parts(scan)) {
        vlt_walk_fault(entry, "rows", "are not those that were scanned");
        return 0;
    }
    return vlt_scan_part(scan, i).rows;
}

/* One stream of the batch, but not the cells of its rows; false: a fault. */
static bool
read_entry(struct vlt_walk *walk, struct vlt_batch *out, size_t i)
{
    struct vlt_walk entry;

    vlt_walk_item(&entry, walk, "streams", out->streams, i);
    read_name(&entry, "stream");
    if (vlt_walk_has(&entry, "columns")) {
        vlt_walk_list(&entry, "columns", 1, VLT_BATCH_COLUMNS);
    }
    out->rows += count_rows(&entry, out->scan, i);
    if (out->rows > VLT_BATCH_ROWS) {
        vlt_walk_fault(&entry, "rows",
                       "are over 65,536 with those before, send two batches");
    }
    return vlt_walk_end(&entry) == VLT_OK;
}

static void
read_streams(struct vlt_walk *walk, struct vlt_batch *out)
{
    out->streams = vlt_walk_list(walk, "streams", 1, VLT_BATCH_STREAMS);
    out->count = vlt_walk_failed(walk) ? 0 : vlt_json_count(out->streams);
    for (size_t i = 0; i < out->count; i++) {
        if (!read_entry(walk, out, i)) {
            return;
        }
    }
}

enum vlt_status
vlt_batch_begin(const struct vlt_json *params, struct vlt_batch *out)
{
    return vlt_batch_begin_scanned(params, NULL, out);
}

/* A plain message was read whole: only how much it is has to be held against
 * the limits. */
static enum vlt_status
begin_plain(const struct vlt_scan *scan, struct vlt_batch *out)
{
    out->seq = scan->seq;
    out->has_boot = scan->has_boot;
    memcpy(out->boot, scan->boot, sizeof out->boot);
    out->count = vlt_scan_parts(scan);
    for (size_t i = 0; i < out->count; i++) {
        out->rows += vlt_scan_part(scan, i).rows;
    }
    return out->count <= VLT_BATCH_STREAMS && out->rows <= VLT_BATCH_ROWS
               ? VLT_OK
               : VLT_E_FORMAT;
}

enum vlt_status
vlt_batch_begin_scanned(const struct vlt_json *params,
                        const struct vlt_scan *scan, struct vlt_batch *out)
{
    *out = (struct vlt_batch){ .params = params, .scan = scan };
    struct vlt_walk *walk = &out->walk;

    if (scan != NULL && scan->plain) {
        return begin_plain(scan, out);
    }
    vlt_walk_begin(walk, params);
    read_identity(walk, out);
    if (vlt_walk_has(walk, "block")) {
        out->block = read_name(walk, "block");
        if (vlt_walk_has(walk, "streams")) {
            vlt_walk_fault(walk, "streams",
                           "must not stand beside block: one of the two");
        }
    } else {
        read_streams(walk, out);
    }
    return vlt_walk_end(walk);
}

struct vlt_slice
vlt_batch_name(const struct vlt_batch *batch, size_t i)
{
    if (batch->scan != NULL && batch->scan->plain) {
        return vlt_scan_name(batch->scan, i);
    }
    return vlt_json_text_of(
        vlt_json_get(vlt_json_item(batch->streams, i), "stream"));
}
