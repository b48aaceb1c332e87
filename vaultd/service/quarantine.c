/*
 * What of a pushed body could not be understood, and where it is kept.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "service/guard_internal.h"
#include "service/noun_internal.h"
#include "service/pour_internal.h"
#include "util/log.h"

static char *
raw_text(struct vlt_slice raw)
{
    struct vlt_buf coded;
    char *text;

    if (raw.len > SAMPLE_RAW) {
        raw.len = SAMPLE_RAW;
    }
    if (vlt_utf8_valid(raw)) {
        return vlt_text_copy(raw);
    }
    vlt_buf_init(&coded, 2 * SAMPLE_RAW);
    vlt_base64_put(&coded, raw);
    text = vlt_text_copy(vlt_buf_slice(&coded));
    vlt_buf_free(&coded);
    return text;
}

enum vlt_status
quarantine_add(struct pour *pour, const char *reason, struct sample_place place,
               size_t byte, const char *says)
{
    struct vlt_slice raw = { .len = 0 };
    struct pour_bad *more;

    if (pour->bad_count == POUR_BAD) {
        return VLT_E_LIMIT; /* nothing of such a body is taken */
    }
    more = realloc(pour->bad, (pour->bad_count + 1) * sizeof *more);
    if (more == NULL) {
        return VLT_E_NOMEM;
    }
    pour->bad = more;
    if (place.byte <= pour->body.len &&
        place.len <= pour->body.len - place.byte) {
        raw = vlt_slice_of(pour->body.at + place.byte, place.len);
    }
    struct pour_bad *bad = &more[pour->bad_count];

    *bad = (struct pour_bad){ .reason = reason,
                              .line = place.line,
                              .byte = byte,
                              .says = vlt_text_copy(vlt_slice_text(says)),
                              .raw = raw_text(raw) };
    if (bad->says == NULL || bad->raw == NULL) {
        free(bad->says);
        free(bad->raw);
        return VLT_E_NOMEM;
    }
    pour->bad_count++;
    return VLT_OK;
}

void
quarantine_clear(struct pour *pour)
{
    for (size_t i = 0; i < pour->bad_count; i++) {
        free(pour->bad[i].says);
        free(pour->bad[i].raw);
    }
    pour->bad_count = 0;
}

/* ---- a whole body ---- */

enum { UTF8_MOST = 4 }; /* bytes of a character */

/* So many bytes from `at` on are one part: no character of a text is cut. */
static size_t
part_of(struct vlt_slice body, size_t at)
{
    size_t len = body.len - at;

    if (len <= SAMPLE_RAW) {
        return len;
    }
    for (len = SAMPLE_RAW; len > SAMPLE_RAW - UTF8_MOST; len--) {
        if ((body.at[at + len] & 0xc0) != 0x80) {
            return len;
        }
    }
    return SAMPLE_RAW;
}

enum vlt_status
pour_whole(struct pour *pour, const struct adapter_input *input)
{
    struct sample_place place = { .line = 1 };
    enum vlt_status st = VLT_OK;

    pour_clear(pour);
    pour->now = input->received;
    pour->body = input->body;
    do {
        place.len = part_of(input->body, place.byte);
        st = quarantine_add(pour, "body", place, place.byte,
                            "the whole of it cannot be read, or is too much");
        place.byte += place.len;
    } while (st == VLT_OK && place.byte < input->body.len);
    return st;
}

/* ---- its stream ---- */

enum {
    COLUMNS = 3,
};

static const struct stream_column columns[COLUMNS] = {
    { .id = 0, .type = VLT_TYPE_TEXT, .name = "reason" },
    { .id = 1, .type = VLT_TYPE_TEXT, .name = "place" },
    { .id = 2, .type = VLT_TYPE_TEXT, .name = "raw" },
};

static bool
has_columns(const struct stream *stream)
{
    bool same = stream->columns >= COLUMNS;

    for (size_t i = 0; same && i < COLUMNS; i++) {
        same = stream->column[i].id == columns[i].id &&
               stream->column[i].type == columns[i].type &&
               strcmp(stream->column[i].name, columns[i].name) == 0;
    }
    return same;
}

static void
put_name(const struct pour *pour, char out[VLT_NAME_MAX + 1])
{
    (void)snprintf(out, VLT_NAME_MAX + 1, "quarantine/%s", pour->source->name);
}

bool
quarantine_is_there(const struct pour *pour)
{
    char name[VLT_NAME_MAX + 1];
    const struct stream *there;

    put_name(pour, name);
    there = series_by_name(pour->service->series, vlt_slice_text(name));
    stream_release(there);
    return there != NULL;
}

enum vlt_status
quarantine_stream(struct pour *pour, struct turn *turn,
                  const struct stream **out)
{
    struct stream wish = { .unit = "1",
                           .category = "vault.quarantine",
                           .keep = INT64_MAX,
                           .columns = COLUMNS,
                           .column = columns };
    const struct stream *there;
    struct vlt_buf why;
    enum vlt_status st;

    put_name(pour, wish.name);
    there =
        series_now_by_name(pour->service->series, vlt_slice_text(wish.name));
    if (there != NULL && !has_columns(there)) {
        /* Streams of that name could once be made by anybody. */
        log_error("service", "a stream with other columns has the name of a "
                             "source's quarantine");
        pour->misplaced = true;
        stream_release(there);
        return VLT_E_FORMAT;
    }
    if (there != NULL) {
        *out = there;
        return VLT_OK;
    }
    vlt_buf_init(&why, 512);
    st = series_create(pour->service->series, turn->txn, &wish, &why, out);
    vlt_buf_free(&why);
    return st == VLT_OK ? noun_log_stream(turn, *out, "created") : st;
}

enum vlt_status
quarantine_rows(const struct pour *pour, int64_t now, struct vlt_rows **out)
{
    struct vlt_field fields[COLUMNS];
    struct vlt_schema schema = { .fields = fields, .count = COLUMNS };
    enum vlt_status st;

    for (uint8_t i = 0; i < COLUMNS; i++) {
        fields[i] = (struct vlt_field){ .id = i, .type = VLT_TYPE_TEXT };
    }
    st = vlt_rows_new(&schema, out);
    for (size_t i = 0; st == VLT_OK && i < pour->bad_count; i++) {
        const struct pour_bad *bad = &pour->bad[i];
        char place[320];

        (void)snprintf(place, sizeof place, "line %zu, byte %zu: %s", bad->line,
                       bad->byte, bad->says);
        st = vlt_rows_add(*out, now + (int64_t)i);
        if (st == VLT_OK) {
            st = vlt_rows_set_text(*out, 0, vlt_slice_text(bad->reason));
        }
        if (st == VLT_OK) {
            st = vlt_rows_set_text(*out, 1, vlt_slice_text(place));
        }
        if (st == VLT_OK) {
            st = vlt_rows_set_text(*out, 2, vlt_slice_text(bad->raw));
        }
    }
    return st;
}
