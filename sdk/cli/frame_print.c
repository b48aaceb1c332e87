#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "cli/chart.h"
#include "cli/frame.h"
#include "cli/table.h"
#include "json/json_write.h"

enum { CHART_LINES = 12 };

static void
put_json_cell(const struct frame *frame, size_t row, size_t column,
              struct vlt_json_out *put)
{
    struct vlt_slice text;
    int64_t whole;

    if (!frame_cell(frame, row, column, &text)) {
        vlt_put_null(put, NULL);
        return;
    }
    switch (frame->columns[column].type) {
    case VAULT_TEXT:
        vlt_put_slice(put, NULL, text);
        return;
    case VAULT_I64:
        /* By its value, since beyond 2^53 it is written as text. */
        if (vlt_int_parse(text, &whole) == VLT_OK) {
            vlt_put_int(put, NULL, whole);
        }
        return;
    case VAULT_F64: {
        double value = NAN;
        enum vlt_status st = vlt_double_parse(text, &value);

        vlt_put_double(put, NULL, st == VLT_OK ? value : NAN);
        return;
    }
    case VAULT_BOOL:
    case VAULT_JSON:
        vlt_put_raw(put, NULL, text);
        return;
    }
}

static void
put_json_frame(const struct frame *frame, struct vlt_json_out *put)
{
    vlt_put_object(put, NULL);
    vlt_put_text(put, "stream", frame->stream);
    vlt_put_list(put, "columns");
    vlt_put_text(put, NULL, "time");
    for (size_t i = 0; i < frame->count; i++) {
        vlt_put_text(put, NULL, frame->columns[i].name);
    }
    vlt_put_end(put);
    vlt_put_list(put, "rows");
    for (size_t row = 0; row < frame->rows; row++) {
        vlt_put_list(put, NULL);
        vlt_put_time(put, NULL, frame_time(frame, row));
        for (size_t i = 0; i < frame->count; i++) {
            put_json_cell(frame, row, i, put);
        }
        vlt_put_end(put);
    }
    vlt_put_end(put);
    vlt_put_end(put);
}

void
frames_put_json(const struct frames *frames, struct vlt_buf *out)
{
    struct vlt_json_out put = vlt_json_out(out);

    vlt_put_object(&put, NULL);
    vlt_put_list(&put, "series");
    for (size_t i = 0; i < frames->count; i++) {
        put_json_frame(&frames->at[i], &put);
    }
    vlt_put_end(&put);
    vlt_put_end(&put);
    vlt_buf_put_u8(out, '\n');
}

/* So that what is read back has its type: 21 is 21.0, and a large whole number
 * is no text. */
static void
put_typed(const struct frame *frame, size_t column, struct vlt_slice text,
          struct vlt_json_out *put)
{
    const struct frame_column *c = &frame->columns[column];
    char real[VLT_DOUBLE_TEXT + 2];
    bool pure = true;

    if (c->type == VAULT_TEXT) {
        vlt_put_slice(put, c->name, text);
        return;
    }
    if (c->type != VAULT_F64 || text.len >= VLT_DOUBLE_TEXT) {
        vlt_put_raw(put, c->name, text);
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        uint8_t at = text.at[i];

        pure = pure && (at == '-' || (at >= '0' && at <= '9'));
        real[i] = (char)at;
    }
    memcpy(real + text.len, ".0", sizeof ".0");
    if (strspn(real, "-.0123456789e+") == text.len + 2) { /* else inf or nan */
        vlt_put_raw(put, c->name,
                    vlt_slice_of(real, text.len + (pure ? 2 : 0)));
    }
}

void
frames_put_ndjson(const struct frames *frames, struct vlt_buf *out)
{
    struct vlt_slice text;

    for (size_t i = 0; i < frames->count; i++) {
        const struct frame *frame = &frames->at[i];

        for (size_t row = 0; row < frame->rows; row++) {
            struct vlt_json_out put = vlt_json_out(out);

            vlt_put_object(&put, NULL);
            vlt_put_text(&put, "stream", frame->stream);
            vlt_put_time(&put, "time", frame_time(frame, row));
            vlt_put_object(&put, "values");
            for (size_t k = 0; k < frame->count; k++) {
                if (frame_cell(frame, row, k, &text)) {
                    put_typed(frame, k, text, &put);
                }
            }
            vlt_put_end(&put);
            vlt_put_end(&put);
            vlt_buf_put_u8(out, '\n');
        }
    }
}

struct csv {
    const char **names;
    size_t count;
    bool streams;
    bool shown; /* on a terminal */
};

static void
put_exact_field(struct vlt_slice text, bool quote, struct vlt_buf *out)
{
    for (size_t i = 0; i < text.len && !quote; i++) {
        quote = strchr(",\"\r\n", text.at[i]) != NULL && text.at[i] != '\0';
    }
    if (!quote) {
        vlt_buf_put_slice(out, text);
        return;
    }
    vlt_buf_put_u8(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '"') {
            vlt_buf_put_u8(out, '"');
        }
        vlt_buf_put_u8(out, text.at[i]);
    }
    vlt_buf_put_u8(out, '"');
}

static void
put_csv_field(const struct csv *csv, struct vlt_slice text, bool quote,
              struct vlt_buf *out)
{
    struct vlt_buf shown = { 0 };

    if (!csv->shown) {
        put_exact_field(text, quote, out);
        return;
    }
    vlt_text_put_escaped(&shown, text);
    put_exact_field(vlt_buf_slice(&shown), quote, out);
    vlt_buf_free(&shown);
}

/* The columns of all frames, by name, in the order in which they come. */
static size_t
union_of(const struct frames *frames, const char **names, size_t max)
{
    size_t count = 0;

    for (size_t i = 0; i < frames->count; i++) {
        for (size_t k = 0; k < frames->at[i].count; k++) {
            const char *name = frames->at[i].columns[k].name;
            size_t at = 0;

            while (at < count && strcmp(names[at], name) != 0) {
                at++;
            }
            if (at == count && count < max) {
                names[count++] = name;
            }
        }
    }
    return count;
}

static size_t
column_named(const struct frame *frame, const char *name)
{
    size_t i = 0;

    while (i < frame->count && strcmp(frame->columns[i].name, name) != 0) {
        i++;
    }
    return i;
}

static void
put_csv_row(const struct frame *frame, size_t row, const struct csv *csv,
            struct vlt_buf *out)
{
    char time[VLT_TIME_TEXT];
    struct vlt_slice text;

    if (csv->streams) {
        put_csv_field(csv, vlt_slice_text(frame->stream), false, out);
        vlt_buf_put_u8(out, ',');
    }
    vlt_buf_put_text(out, vlt_time_print(frame_time(frame, row), time));
    for (size_t i = 0; i < csv->count; i++) {
        size_t column = column_named(frame, csv->names[i]);

        vlt_buf_put_u8(out, ',');
        if (column < frame->count && frame_cell(frame, row, column, &text)) {
            /* An empty text is not an absent one. */
            put_csv_field(csv, text, text.len == 0, out);
        }
    }
    vlt_buf_put_u8(out, '\n');
}

void
frames_put_csv(const struct frames *frames, bool shown, struct vlt_buf *out)
{
    size_t most = 1;

    for (size_t i = 0; i < frames->count; i++) {
        most += frames->at[i].count;
    }
    struct csv csv = { .names = calloc(most, sizeof *csv.names),
                       .streams = frames->count > 1,
                       .shown = shown };

    if (csv.names == NULL) {
        return;
    }
    csv.count = union_of(frames, csv.names, most);
    vlt_buf_put_text(out, csv.streams ? "stream,time" : "time");
    for (size_t i = 0; i < csv.count; i++) {
        vlt_buf_put_u8(out, ',');
        put_csv_field(&csv, vlt_slice_text(csv.names[i]), false, out);
    }
    vlt_buf_put_u8(out, '\n');
    for (size_t i = 0; i < frames->count; i++) {
        for (size_t row = 0; row < frames->at[i].rows; row++) {
            put_csv_row(&frames->at[i], row, &csv, out);
        }
    }
    free(csv.names);
}

static void
put_name(const struct frame *frame, bool theirs, struct vlt_buf *out)
{
    vlt_buf_put_text(out, theirs ? "» " : "");
    vlt_text_put_escaped(out, vlt_slice_text(frame->stream));
}

static void
put_table(const struct frame *frame, bool colour, struct vlt_buf *out)
{
    const char *heads[TABLE_COLUMNS] = { "time" };
    char align[TABLE_COLUMNS + 1] = "l";
    char time[VLT_TIME_TEXT];
    size_t count =
        frame->count < TABLE_COLUMNS - 1 ? frame->count : TABLE_COLUMNS - 1;

    for (size_t i = 0; i < count; i++) {
        enum vault_type type = frame->columns[i].type;

        heads[i + 1] = frame->columns[i].name;
        align[i + 1] = type == VAULT_F64 || type == VAULT_I64 ? 'r' : 'l';
    }
    struct table *table = table_new(heads, align);

    for (size_t row = 0; table != NULL && row < frame->rows; row++) {
        table_put_text(table, vlt_time_print(frame_time(frame, row), time));
        for (size_t i = 0; i < count; i++) {
            struct vlt_slice text;
            bool there = frame_cell(frame, row, i, &text);

            table_put(table, there ? text : vlt_slice_text("-"));
        }
    }
    if (table != NULL) {
        table_print(table, colour, out);
    }
    table_free(table);
}

void
frames_put_text(const struct frames *frames, bool theirs, bool colour,
                struct vlt_buf *out)
{
    if (frames->count == 0) {
        vlt_buf_put_text(out, "no rows\n");
    }
    for (size_t i = 0; i < frames->count; i++) {
        const struct frame *frame = &frames->at[i];

        vlt_buf_put_text(out, i > 0 ? "\n" : "");
        put_name(frame, theirs, out);
        vlt_buf_printf(out, "  (%zu row%s)\n", frame->rows,
                       frame->rows == 1 ? "" : "s");
        put_table(frame, colour, out);
    }
}

static void
put_chart(const struct frame *frame, size_t column, struct term term,
          struct vlt_buf *out)
{
    int64_t *time = calloc(frame->rows + 1, sizeof *time);
    double *value = calloc(frame->rows + 1, sizeof *value);
    size_t width = term.width < 20 ? 20 : term.width;
    struct chart chart = {
        .time = time,
        .value = value,
        .width = width > CHART_WIDTH ? CHART_WIDTH : width,
        .height = CHART_LINES,
        .unicode = term.unicode,
    };

    for (size_t row = 0; time != NULL && value != NULL && row < frame->rows;
         row++) {
        struct vlt_slice text;
        double number;

        if (frame_cell(frame, row, column, &text) &&
            vlt_double_parse(text, &number) == VLT_OK) {
            time[chart.count] = frame_time(frame, row);
            value[chart.count++] = number;
        }
    }
    if (time != NULL && value != NULL) {
        chart_draw(&chart, out);
    }
    free(time);
    free(value);
}

void
frames_put_charts(const struct frames *frames, struct term term,
                  struct vlt_buf *out)
{
    size_t drawn = 0;

    for (size_t i = 0; i < frames->count; i++) {
        const struct frame *frame = &frames->at[i];

        for (size_t k = 0; k < frame->count; k++) {
            if (frame->columns[k].type != VAULT_F64 &&
                frame->columns[k].type != VAULT_I64) {
                continue;
            }
            vlt_buf_put_text(out, drawn++ > 0 ? "\n" : "");
            put_name(frame, false, out);
            vlt_buf_put_text(out, "  ");
            vlt_text_put_escaped(out, vlt_slice_text(frame->columns[k].name));
            vlt_buf_printf(out, "  (%zu rows)\n", frame->rows);
            put_chart(frame, k, term, out);
        }
    }
    if (drawn == 0) {
        vlt_buf_put_text(out, "no rows with numbers\n");
    }
}
