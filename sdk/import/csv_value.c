#include "import/csv_internal.h"

#include <string.h>

#include "base/text.h"
#include "json/json.h"
#include "json/json_write.h"

enum {
    JSON_DEPTH = 64,
    NUMBER_MAX = 1000 /* bytes of a number */
};

static bool
textual(const struct mapping_column *column)
{
    return column->type == IMPORT_TEXT || column->type == IMPORT_JSON;
}

/* The cell's text, without blanks around it unless it is a text. */
static struct vlt_slice
content(const struct mapping_column *column, const struct cell *cell)
{
    return textual(column) ? cell->text : timefmt_trim(cell->text);
}

bool
csv_missing(const struct csv *csv, const struct mapping_column *column,
            const struct cell *cell)
{
    const struct mapping_words *missing = &csv->mapping->missing;
    struct vlt_slice text = content(column, cell);

    if (cell->broken ||
        (column->type == IMPORT_TEXT && cell->quoted && text.len == 0)) {
        return false;
    }
    for (size_t i = 0; i < missing->count; i++) {
        if (vlt_slice_is(text, missing->at[i])) {
            return true;
        }
    }
    return false;
}

static bool
refuse(struct import_fault *fault, enum import_reason reason,
       struct vlt_slice text, const char *says)
{
    fault->reason = reason;
    fault_quote(fault, text, says);
    return false;
}

/* The number with a decimal point; one that has a point already where commas
 * are the rule does not stay a number. */
static bool
with_point(const struct csv *csv, struct vlt_slice text, char out[NUMBER_MAX])
{
    if (text.len > NUMBER_MAX) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = (char)text.at[i];

        if (csv->mapping->decimal == ',' && (c == ',' || c == '.')) {
            c = c == ',' ? '.' : 'x';
        }
        out[i] = c;
    }
    return true;
}

static bool
read_real(const struct csv *csv, struct vlt_slice text, struct import_cell *out,
          struct import_fault *fault)
{
    char number[NUMBER_MAX];
    enum vlt_status st = VLT_E_FORMAT;

    if (with_point(csv, text, number)) {
        st = vlt_double_parse(vlt_slice_of(number, text.len), &out->real);
    }
    if (st == VLT_E_LIMIT) {
        return refuse(fault, IMPORT_RANGE, text, " is too large");
    }
    return st == VLT_OK || refuse(fault, IMPORT_TYPE, text, " is not a number");
}

static bool
read_whole(struct vlt_slice text, struct import_cell *out,
           struct import_fault *fault)
{
    enum vlt_status st = vlt_int_parse(text, &out->whole);

    if (st == VLT_E_LIMIT) {
        return refuse(fault, IMPORT_RANGE, text, " is outside -2^63 to 2^63-1");
    }
    return st == VLT_OK ||
           refuse(fault, IMPORT_TYPE, text, " is not a whole number");
}

static bool
read_bool(struct vlt_slice text, struct import_cell *out,
          struct import_fault *fault)
{
    static const char *const words[] = { "0",     "f",     "F",    "false",
                                         "False", "FALSE", "1",    "t",
                                         "T",     "true",  "True", "TRUE" };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (vlt_slice_is(text, words[i])) {
            out->whole = i >= 6;
            return true;
        }
    }
    return refuse(fault, IMPORT_TYPE, text, " is neither true nor false");
}

/* One JSON value, kept as it is written. */
static bool
read_json(struct vlt_slice text, struct import_cell *out,
          struct import_fault *fault)
{
    struct vlt_json *json = NULL;
    enum vlt_status st =
        vlt_json_parse(text, IMPORT_VALUE, JSON_DEPTH, NULL, &json);

    vlt_json_free(json);
    out->text = text;
    return st == VLT_OK || refuse(fault, IMPORT_TYPE, text, " is not JSON");
}

/* Where the separator stands next; the text's length: nowhere. */
static size_t
find(struct vlt_slice text, struct vlt_slice what)
{
    for (size_t i = 0; i + what.len <= text.len; i++) {
        if (memcmp(text.at + i, what.at, what.len) == 0) {
            return i;
        }
    }
    return text.len;
}

/* The parts of a cell as a JSON list, put into csv->texts. */
static void
split(struct csv *csv, struct vlt_slice text, const char *separator, size_t i)
{
    struct vlt_slice what = vlt_slice_text(separator);
    struct vlt_json_out list = vlt_json_out(&csv->texts);
    bool more = true;

    csv->offsets[i] = csv->texts.len;
    vlt_put_list(&list, NULL);
    while (more) {
        size_t len = find(text, what);

        vlt_put_slice(&list, NULL, vlt_slice_of(text.at, len));
        more = len < text.len;
        if (more) {
            text.at += len + what.len;
            text.len -= len + what.len;
        }
    }
    vlt_put_end(&list);
    csv->out[i].text.len = csv->texts.len - csv->offsets[i];
}

static bool
read_typed(struct csv *csv, const struct mapping_column *column,
           struct vlt_slice text, size_t i, struct import_fault *fault)
{
    struct import_cell *out = &csv->out[i];

    switch (column->type) {
    case IMPORT_F64:
        return read_real(csv, text, out, fault);
    case IMPORT_I64:
        return read_whole(text, out, fault);
    case IMPORT_BOOL:
        return read_bool(text, out, fault);
    case IMPORT_JSON:
        if (column->split == NULL) {
            return read_json(text, out, fault);
        }
        split(csv, text, column->split, i);
        return true;
    case IMPORT_TEXT:
        break;
    }
    out->text = text;
    return true;
}

bool
csv_value(struct csv *csv, const struct mapping_column *column,
          const struct cell *cell, size_t i, struct import_fault *fault)
{
    struct vlt_slice text = content(column, cell);

    csv->offsets[i] = SIZE_MAX;
    csv->out[i] = (struct import_cell){
        .column = vlt_slice_text(column->column),
        .type = column->type,
    };
    if (cell->broken) {
        fault->reason = IMPORT_ENCODING;
        fault_says(fault, "its bytes are not of the file's encoding");
        return false;
    }
    if (text.len > IMPORT_VALUE) {
        fault->reason = IMPORT_SIZE;
        fault_says(fault, "it is over 262,144 bytes");
        return false;
    }
    return read_typed(csv, column, text, i, fault);
}
