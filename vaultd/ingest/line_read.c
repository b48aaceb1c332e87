#include "ingest/line_internal.h"

#include <string.h>

#include "base/text.h"

/* A reading under way. */
struct cursor {
    struct vlt_slice bytes; /* from the line's beginning, cut at the limit */
    size_t at;
    size_t base; /* of bytes, in the body */
    uint8_t *scratch;
    size_t used;
    struct sample_fault *fault;
};

static bool
ends(const struct cursor *c)
{
    return c->at >= c->bytes.len || c->bytes.at[c->at] == '\n';
}

/* The byte at hand; a line break at the end. */
static uint8_t
peek(const struct cursor *c)
{
    return ends(c) ? '\n' : c->bytes.at[c->at];
}

static bool
take(struct cursor *c, uint8_t byte)
{
    if (peek(c) != byte) {
        return false;
    }
    c->at++;
    return true;
}

static bool
take_blanks(struct cursor *c)
{
    size_t begin = c->at;

    while (take(c, ' ')) {
    }
    return c->at > begin;
}

static void
take_return(struct cursor *c)
{
    if (peek(c) == '\r' &&
        (c->at + 1 >= c->bytes.len || c->bytes.at[c->at + 1] == '\n')) {
        c->at++;
    }
}

/* Note a fault at byte `at` of the line; always false. */
static bool
refuse(struct cursor *c, enum sample_reason reason, size_t at, const char *says)
{
    c->fault->reason = reason;
    c->fault->byte = c->base + at;
    sample_fault_says(c->fault, "%s", says);
    return false;
}

static bool
refuse_value(struct cursor *c, enum sample_reason reason,
             struct vlt_slice token, const char *says)
{
    refuse(c, reason, (size_t)(token.at - c->bytes.at), "");
    sample_fault_quote(c->fault, token, says);
    return false;
}

static bool
is_one_of(uint8_t byte, const char *set)
{
    return byte != 0 && strchr(set, byte) != NULL;
}

/* Copy without backslashes before the bytes of `set`. */
static struct vlt_slice
unescape(struct cursor *c, struct vlt_slice raw, const char *set)
{
    uint8_t *begin = c->scratch + c->used;

    for (size_t i = 0; i < raw.len; i++) {
        if (raw.at[i] == '\\' && i + 1 < raw.len &&
            is_one_of(raw.at[i + 1], set)) {
            i++;
        }
        c->scratch[c->used++] = raw.at[i];
    }
    return vlt_slice_of(begin, (size_t)(c->scratch + c->used - begin));
}

/* A name or tag value, up to an unescaped byte of `stops`, a return that ends
 * the line or the line's end. */
static struct vlt_slice
take_name(struct cursor *c, const char *stops)
{
    static const char escapable[] = ", =";
    size_t begin = c->at;
    bool escaped = false;

    while (!ends(c) && !is_one_of(peek(c), stops)) {
        if (peek(c) == '\\' && c->at + 1 < c->bytes.len &&
            is_one_of(c->bytes.at[c->at + 1], escapable)) {
            escaped = true;
            c->at++;
        }
        c->at++;
    }
    struct vlt_slice raw = vlt_slice_of(c->bytes.at + begin, c->at - begin);

    return escaped ? unescape(c, raw, escapable) : raw;
}

static bool
read_tag(struct cursor *c, struct line *out)
{
    size_t begin = c->at;
    struct line_tag tag;

    tag.key = take_name(c, "=, ");
    sample_fault_field(c->fault, tag.key);
    if (tag.key.len == 0) {
        return refuse(c, SAMPLE_SYNTAX, begin, "a tag has no name");
    }
    if (!take(c, '=')) {
        return refuse(c, SAMPLE_SYNTAX, c->at, "a tag has no =");
    }
    tag.value = take_name(c, ", ");
    if (tag.value.len == 0) {
        return refuse(c, SAMPLE_SYNTAX, c->at, "a tag has no value");
    }
    if (out->tag_count == LINE_TAGS) {
        return refuse(c, SAMPLE_SIZE, begin, "there are more than 64 tags");
    }
    c->fault->field[0] = '\0';
    out->tags[out->tag_count++] = tag;
    return true;
}

/* A text, from its opening quotation mark on.  Its end is looked for over line
 * breaks, too. */
static bool
read_text(struct cursor *c, struct sample_cell *out)
{
    static const char escapable[] = "\"\\";
    size_t begin = c->at + 1;
    size_t at = begin;

    while (at < c->bytes.len && c->bytes.at[at] != '"') {
        at += c->bytes.at[at] == '\\' ? 2 : 1;
    }
    if (at >= c->bytes.len) {
        return refuse(c, SAMPLE_SYNTAX, c->at, "a text does not end");
    }
    c->at = at + 1;
    out->type = VLT_TYPE_TEXT;
    out->text =
        unescape(c, vlt_slice_of(c->bytes.at + begin, at - begin), escapable);
    return true;
}

static bool
read_whole(struct cursor *c, struct vlt_slice token, struct sample_cell *out)
{
    struct vlt_slice digits = vlt_slice_of(token.at, token.len - 1);
    enum vlt_status st;
    uint64_t value = 0;

    out->type = VLT_TYPE_I64;
    if (token.at[token.len - 1] == 'i') {
        st = vlt_int_parse(digits, &out->whole);
    } else {
        st = vlt_uint_parse(digits, &value);
        if (st == VLT_OK && value > INT64_MAX) {
            st = VLT_E_LIMIT;
        }
        out->whole = (int64_t)value;
    }
    if (st == VLT_E_LIMIT) {
        return refuse_value(c, SAMPLE_RANGE, token,
                            " is outside -2^63 to 2^63-1");
    }
    return st == VLT_OK ||
           refuse_value(c, SAMPLE_TYPE, token, " is not a whole number");
}

/* Is it one of the words for true and false? */
static bool
read_bool(struct vlt_slice token, struct sample_cell *out)
{
    static const char *const words[] = { "f", "F", "false", "False", "FALSE",
                                         "t", "T", "true",  "True",  "TRUE" };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (vlt_slice_is(token, words[i])) {
            out->type = VLT_TYPE_BOOL;
            out->whole = i >= 5;
            return true;
        }
    }
    return false;
}

static bool
read_number(struct cursor *c, struct vlt_slice token, struct sample_cell *out)
{
    enum vlt_status st = vlt_double_parse(token, &out->real);

    out->type = VLT_TYPE_F64;
    if (st == VLT_E_LIMIT) {
        return refuse_value(c, SAMPLE_RANGE, token, " is too large");
    }
    return st == VLT_OK ||
           refuse_value(c, SAMPLE_TYPE, token, " is not a number");
}

/* What stands up to the next comma, blank or end of the line. */
static struct vlt_slice
take_token(struct cursor *c)
{
    size_t begin = c->at;

    while (!ends(c) && peek(c) != ',' && peek(c) != ' ' && peek(c) != '\r') {
        c->at++;
    }
    return vlt_slice_of(c->bytes.at + begin, c->at - begin);
}

static bool
read_value(struct cursor *c, struct sample_cell *out)
{
    if (peek(c) == '"') {
        return read_text(c, out);
    }
    struct vlt_slice token = take_token(c);

    if (token.len == 0) {
        return refuse(c, SAMPLE_SYNTAX, c->at, "it has no value");
    }
    if (read_bool(token, out)) {
        return true;
    }
    uint8_t last = token.at[token.len - 1];

    return last == 'i' || last == 'u' ? read_whole(c, token, out)
                                      : read_number(c, token, out);
}

static bool
read_field(struct cursor *c, struct line *out)
{
    struct sample_cell cell = { 0 };
    size_t begin = c->at;

    cell.column = take_name(c, "=, ");
    sample_fault_field(c->fault, cell.column);
    if (cell.column.len == 0) {
        return refuse(c, SAMPLE_SYNTAX, begin, "a field has no name");
    }
    if (!take(c, '=')) {
        return refuse(c, SAMPLE_SYNTAX, c->at, "a field has no =");
    }
    if (!read_value(c, &cell)) {
        return false;
    }
    if (out->field_count == LINE_FIELDS) {
        return refuse(c, SAMPLE_SIZE, begin, "there are more than 256 fields");
    }
    c->fault->field[0] = '\0';
    out->fields[out->field_count++] = cell;
    return true;
}

/* The time and the end of the line. */
static bool
read_end(struct cursor *c, struct line *out)
{
    if (take_blanks(c) && !ends(c) && peek(c) != '\r') {
        struct vlt_slice token = take_token(c);

        if (vlt_int_parse(token, &out->time) != VLT_OK) {
            return refuse_value(c, SAMPLE_TIME, token, " is not a time");
        }
        out->timed = true;
        take_blanks(c);
    }
    take_return(c);
    return ends(c) ||
           refuse(c, SAMPLE_SYNTAX, c->at, "the line does not end here");
}

static bool
read_parts(struct cursor *c, struct line *out)
{
    out->measurement = take_name(c, ", ");
    if (out->measurement.len == 0) {
        return refuse(c, SAMPLE_SYNTAX, c->at, "there is no measurement");
    }
    while (take(c, ',')) {
        if (!read_tag(c, out)) {
            return false;
        }
    }
    if (!take_blanks(c)) {
        return refuse(c, SAMPLE_SYNTAX, c->at, "there are no fields");
    }
    do {
        if (!read_field(c, out)) {
            return false;
        }
    } while (take(c, ','));
    return read_end(c, out);
}

bool
line_read(struct vlt_slice body, size_t *at, uint8_t *scratch, struct line *out,
          struct sample_fault *fault)
{
    struct cursor c = {
        .bytes = vlt_slice_of(body.at + *at, body.len - *at),
        .base = *at,
        .scratch = scratch,
        .fault = fault,
    };
    bool cut = c.bytes.len > LINE_MAX_BYTES;

    if (cut) {
        c.bytes.len = LINE_MAX_BYTES;
    }
    out->tag_count = 0;
    out->field_count = 0;
    out->timed = false;
    bool good = read_parts(&c, out);

    /* What went wrong at the cut went wrong because of it. */
    if (cut && c.at >= c.bytes.len) {
        good = refuse(&c, SAMPLE_SIZE, 0, "the line is over 65,536 bytes");
    }
    if (good && !vlt_utf8_valid(vlt_slice_of(c.bytes.at, c.at))) {
        good = refuse(&c, SAMPLE_ENCODING, 0, "the line is not UTF-8");
    }
    *at += c.at;
    return good;
}
