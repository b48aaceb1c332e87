/*
 * Any bytes as a CSV file, under one of a few mappings that the first byte
 * chooses.  Rows keep the promises of import.h, faults lie in the file, and in
 * pieces of 1 and 7 bytes all comes out the same.
 */
#include <math.h>
#include <stdlib.h>

#include "base/name.h"
#include "base/time.h"
#include "import/mapping.h"
#include "imported.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const char *const mappings[] = {
    "time: {from: t, format: epoch-s}\n"
    "streams:\n"
    "  - {name: a, from: x, unit: Cel}\n"
    "  - {name: b, from: y, type: i64}\n",
    "delimiter: \";\"\nencoding: windows-1252\ndecimal: \",\"\nskip: 1\n"
    "columns: [t, x, y, z]\n"
    "time: {from: t, format: \"%d.%m.%Y %H:%M\", zone: Europe/Berlin}\n"
    "streams:\n"
    "  - {name: a, from: x, column: amount}\n"
    "  - {name: a, from: y, column: memo, type: text}\n"
    "  - {name: a, from: z, column: ok, type: bool}\n",
    "delimiter: \"\\t\"\n"
    "time: {from: t, format: rfc3339}\n"
    "streams:\n"
    "  - {name: a, from: x, type: json, split: <>}\n"
    "  - {name: a, from: y, type: json, column: raw}\n",
    "encoding: latin-1\n"
    "time: {from: t, format: \"%Y-%b-%dT%H:%M:%S.%f%z\"}\n"
    "streams: [{name: a, from: x, type: text}]\n"
    "ignore: [y]\n",
};

struct check {
    struct vlt_buf text;
    size_t len; /* of the file */
};

static void
must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static enum vlt_status
on_row(void *ctx, const struct import_row *row)
{
    struct check *check = ctx;

    must(vlt_name_valid(row->stream));
    must(row->time >= VLT_TIME_MIN && row->time < VLT_TIME_MAX);
    must(row->count >= 1 && row->count <= IMPORT_CELLS);
    must(row->place.byte + row->place.len <= check->len);
    for (size_t i = 0; i < row->count; i++) {
        must(vlt_column_valid(row->cells[i].column));
        must(row->cells[i].type != IMPORT_F64 || isfinite(row->cells[i].real));
        must(vlt_utf8_valid(row->cells[i].text));
    }
    return imported_row(&check->text, row);
}

static enum vlt_status
on_fault(void *ctx, const struct import_fault *fault)
{
    struct check *check = ctx;

    must(fault->place.byte + fault->place.len <= check->len);
    must(fault->byte >= fault->place.byte && fault->byte <= check->len);
    must(fault->raw.len <= IMPORT_RAW && fault->says[0] != '\0');
    return imported_fault(&check->text, fault);
}

static void
run(const struct mapping *mapping, struct vlt_slice file, size_t piece,
    struct vlt_buf *out)
{
    struct check check = { .len = file.len };
    struct import_options options = { .mapping = mapping };
    struct import_sink sink = { &check, on_row, on_fault };
    struct import *import = NULL;
    enum vlt_status st = import_new("csv", &options, &sink, &import);

    for (size_t at = 0; at < file.len && st == VLT_OK; at += piece) {
        size_t len = file.len - at < piece ? file.len - at : piece;

        st = import_feed(import, vlt_slice_of(file.at + at, len));
    }
    if (st == VLT_OK) {
        st = import_end(import);
    }
    import_free(import);
    vlt_buf_printf(&check.text, "end %d\n", (int)st);
    *out = check.text;
}

/* The streams of a vault whose rows are read back. */
static size_t
known(void *ctx, struct vlt_slice stream,
      struct mapping_named out[IMPORT_CELLS])
{
    static const struct mapping_named columns[] = { { "x", IMPORT_F64 },
                                                    { "y", IMPORT_TEXT } };

    (void)ctx;
    out[0] = columns[0];
    out[1] = columns[1];
    return vlt_slice_is(stream, "a") ? 2 : vlt_slice_is(stream, "b") ? 1 : 0;
}

static const struct mapping *
mapping_of_named(void)
{
    static const struct mapping_lookup lookup = { NULL, known };
    static struct mapping *kept;

    must(kept != NULL || mapping_for_streams(&lookup, &kept) == VLT_OK);
    return kept;
}

/* Read once each, and kept: they are not what is tried here. */
static const struct mapping *
mapping_of(uint8_t letter)
{
    if (letter == 'n') {
        return mapping_of_named();
    }
    static struct mapping *kept[sizeof mappings / sizeof mappings[0]];
    size_t which = (letter + 3u) % (sizeof kept / sizeof kept[0]);
    struct mapping_fault fault;

    if (kept[which] == NULL) {
        must(mapping_read(vlt_slice_text(mappings[which]), NULL, &fault,
                          &kept[which]) == VLT_OK);
    }
    return kept[which];
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const size_t pieces[] = { 1, 7 };
    struct vlt_buf whole;
    struct vlt_buf cut;

    if (len == 0) {
        return 0;
    }
    const struct mapping *mapping = mapping_of(bytes[0]);
    struct vlt_slice file = vlt_slice_of(bytes + 1, len - 1);

    run(mapping, file, len, &whole);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        run(mapping, file, pieces[i], &cut);
        must(vlt_slice_equal(vlt_buf_slice(&whole), vlt_buf_slice(&cut)));
        vlt_buf_free(&cut);
    }
    vlt_buf_free(&whole);
    return 0;
}
