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

/* *coded: as base64, since it is no text. */
static char *
raw_text(struct vlt_slice raw, bool *coded_out)
{
    struct vlt_buf coded;
    char *text;

    if (raw.len > SAMPLE_RAW) {
        raw.len = SAMPLE_RAW;
    }
    *coded_out = !vlt_utf8_valid(raw);
    if (!*coded_out) {
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
                              .whole = raw.len <= SAMPLE_RAW,
                              .how = pour->how };
    bad->raw = raw_text(raw, &bad->how.coded);
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
    pour->how.adapter = NULL; /* its parts are none of any form */
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
    COLUMNS = 4,
    COLUMNS_BEFORE = 3, /* of those that were made before there was `how` */
};

static const struct stream_column columns[COLUMNS] = {
    { .id = 0, .type = VLT_TYPE_TEXT, .name = "reason" },
    { .id = 1, .type = VLT_TYPE_TEXT, .name = "place" },
    { .id = 2, .type = VLT_TYPE_TEXT, .name = "raw" },
    { .id = 3, .type = VLT_TYPE_TEXT, .name = "how" },
};

static bool
has_columns(const struct stream *stream)
{
    bool same = stream->columns >= COLUMNS_BEFORE;

    for (size_t i = 0; same && i < COLUMNS && i < stream->columns; i++) {
        same = stream->column[i].id == columns[i].id &&
               stream->column[i].type == columns[i].type &&
               strcmp(stream->column[i].name, columns[i].name) == 0;
    }
    return same;
}

static void
put_name(const struct source *source, char out[VLT_NAME_MAX + 1])
{
    (void)snprintf(out, VLT_NAME_MAX + 1, "quarantine/%s", source->name);
}

const struct stream *
quarantine_find(const struct service *service, const struct source *source)
{
    char name[VLT_NAME_MAX + 1];
    const struct stream *there;

    put_name(source, name);
    there = series_by_name(service->series, vlt_slice_text(name));
    if (there != NULL && !has_columns(there)) {
        stream_release(there);
        return NULL;
    }
    return there;
}

bool
quarantine_is_there(const struct pour *pour)
{
    const struct stream *there = quarantine_find(pour->service, pour->source);
    bool whole = there != NULL && there->columns >= COLUMNS;

    stream_release(there);
    return whole;
}

/* One of before gets the column that it has not. */
static enum vlt_status
widen(const struct pour *pour, struct turn *turn, const struct stream *there,
      const struct stream **out)
{
    enum vlt_status st = VLT_OK;

    if (there->columns >= COLUMNS) {
        *out = there;
        return VLT_OK;
    }
    st = series_add_column(pour->service->series, turn->txn, there->id,
                           vlt_slice_text(columns[COLUMNS_BEFORE].name),
                           columns[COLUMNS_BEFORE].type, out);
    stream_release(there);
    return st;
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

    put_name(pour->source, wish.name);
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
        return widen(pour, turn, there, out);
    }
    vlt_buf_init(&why, 512);
    st = series_create(pour->service->series, turn->txn, &wish, &why, out);
    vlt_buf_free(&why);
    return st == VLT_OK ? noun_log_stream(turn, *out, "created") : st;
}

/* ---- how a part came ---- */

static void
put_how(const struct pour_bad *bad, struct vlt_buf *out)
{
    if (bad->how.adapter != NULL && bad->whole) {
        vlt_buf_printf(out, "%s %lld %lld %s", bad->how.adapter->name,
                       (long long)bad->how.precision,
                       (long long)bad->how.received,
                       bad->how.coded ? "base64" : "text");
    }
}

/* The next word; what is left behind it stays in *text. */
static struct vlt_slice
word_of(struct vlt_slice *text)
{
    struct vlt_slice word = *text;

    word.len = 0;
    while (word.len < text->len && text->at[word.len] != ' ') {
        word.len++;
    }
    size_t taken = word.len + (word.len < text->len);

    if (taken > 0) {
        *text = vlt_slice_of(text->at + taken, text->len - taken);
    }
    return word;
}

bool
quarantine_how_get(struct vlt_slice text, struct quarantine_how *out)
{
    struct quarantine_how how = { .adapter = adapter_by_name(word_of(&text)) };
    struct vlt_slice precision = word_of(&text);
    struct vlt_slice received = word_of(&text);

    how.coded = vlt_slice_is(text, "base64");
    if (how.adapter == NULL ||
        vlt_int_parse(precision, &how.precision) != VLT_OK ||
        vlt_int_parse(received, &how.received) != VLT_OK ||
        how.precision <= 0 || (!how.coded && !vlt_slice_is(text, "text"))) {
        return false;
    }
    *out = how;
    return true;
}

/* ---- its rows ---- */

enum vlt_status
quarantine_rows_new(const struct stream *stream, struct vlt_rows **out)
{
    struct vlt_field fields[SERIES_COLUMNS_MAX];
    struct vlt_schema schema = { .fields = fields, .count = stream->columns };

    for (size_t i = 0; i < stream->columns; i++) {
        fields[i] = (struct vlt_field){
            .id = stream->column[i].id,
            .type = (enum vlt_type)stream->column[i].type,
        };
    }
    return vlt_rows_new(&schema, out);
}

enum vlt_status
quarantine_row_copy(struct vlt_rows *rows, const struct vlt_rows *from,
                    size_t row, int64_t time)
{
    enum vlt_status st = vlt_rows_add(rows, time);

    for (size_t i = 0; st == VLT_OK && i < COLUMNS; i++) {
        if (vlt_rows_has(from, row, i)) {
            st = vlt_rows_set_text(rows, i, vlt_rows_text(from, row, i));
        }
    }
    return st;
}

static enum vlt_status
set_how(struct vlt_rows *rows, const struct pour_bad *bad)
{
    struct vlt_buf how;
    enum vlt_status st = VLT_OK;

    vlt_buf_init(&how, 128);
    put_how(bad, &how);
    if (how.len > 0) {
        st = vlt_rows_set_text(rows, COLUMNS_BEFORE, vlt_buf_slice(&how));
    }
    vlt_buf_free(&how);
    return st;
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
        if (st == VLT_OK) {
            st = set_how(*out, bad);
        }
    }
    return st;
}
