/* Rows that are read from the text are those that a document of it has. */
#include "unit.h"

#include <stdio.h>

#include "wire/batch.h"

enum { TEXT_MAX = 262144, DEPTH = 32 };

static const struct vlt_batch_column columns[] = {
    { { (const uint8_t *)"value", 5 }, { 0, VLT_TYPE_F64 } },
    { { (const uint8_t *)"count", 5 }, { 1, VLT_TYPE_I64 } },
    { { (const uint8_t *)"on", 2 }, { 2, VLT_TYPE_BOOL } },
    { { (const uint8_t *)"note", 4 }, { 3, VLT_TYPE_TEXT } },
};

static const struct vlt_batch_stream stream = { columns, 4 };

/* Ids of messages of which all may be plain, and of which only rows are. */
static const char *const ids[] = { "1", "\"one\"" };

enum { IDS = sizeof ids / sizeof ids[0] };

/* A message of this text as its streams, and blanks up to a size. */
static void
put_message(struct vlt_buf *out, const char *id, const char *streams)
{
    vlt_buf_printf(out,
                   "{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":"
                   "\"data.append\",\"params\":{\"seq\":1,\"streams\":",
                   id);
    vlt_buf_put_text(out, streams);
    vlt_buf_put_text(out, "}}");
    while (out->len < VLT_SCAN_LEAST) {
        vlt_buf_put_u8(out, ' ');
    }
}

struct message {
    struct vlt_buf text;
    struct vlt_scan scan;
    struct vlt_json *rest, *whole;
    struct vlt_batch scanned, read;
    bool taken; /* its rows were scanned, and what is left is a batch */
};

static void
message_begin(struct message *m, const char *id, const char *streams)
{
    *m = (struct message){ .taken = false };
    put_message(&m->text, id, streams);
    if (vlt_scan_begin(vlt_buf_slice(&m->text), &m->scan) &&
        (m->scan.plain || vlt_json_parse(vlt_buf_slice(&m->scan.rest), TEXT_MAX,
                                         DEPTH, NULL, &m->rest) == VLT_OK)) {
        m->taken = vlt_batch_begin_scanned(vlt_json_get(m->rest, "params"),
                                           &m->scan, &m->scanned) == VLT_OK;
    }
}

static void
parse_whole(struct message *m)
{
    assert_int_equal(vlt_json_parse(vlt_buf_slice(&m->text), TEXT_MAX, DEPTH,
                                    NULL, &m->whole),
                     VLT_OK);
}

static void
message_end(struct message *m)
{
    vlt_json_free(m->rest);
    vlt_json_free(m->whole);
    vlt_scan_free(&m->scan);
    vlt_buf_free(&m->text);
}

static const char *const plain_rows[] = {
    "[{\"stream\":\"a\",\"rows\":[[1,2]]}]",
    "[{\"stream\":\"a\",\"rows\":[[1728000000000000000,948.8],[-5,-0.0],"
    "[0,-0],[7,1e3],[8,1E-3],[9,2.5e+2],[10,null]]}]",
    " [ { \"rows\" : [ [ 3 , 1 ] , [ 2 , 2 ] ] , \"stream\" : \"a\" } ] ",
    "[{\"stream\":\"a\",\"columns\":[\"on\",\"count\"],\"rows\":"
    "[[1,true,9223372036854775807],[2,false,-9223372036854775807]]},"
    "{\"stream\":\"b\",\"rows\":[[1,0.1]]}]",
    "[{\"stream\":\"a\",\"rows\":[[1,0.30000000000000004],"
    "[2,123456789012345678.9],[3,9007199254740993.0],[4,1e-320],[5,1e308],"
    "[6,4.9e-324],[7,1.7976931348623157e308],[8,0.000000000000000000000001]]}]",
    "[{\"stream\":\"a\",\"note\":\"no \\\"rows\\\":[[1,2]] here\",\"rows\":"
    "[[1,2]]}]",
};

static void
plain_rows_are_those_of_the_document(void **state)
{
    for (size_t i = 0; i < IDS * sizeof plain_rows / sizeof plain_rows[0];
         i++) {
        const char *streams = plain_rows[i / IDS];
        struct message m;
        bool named = strstr(streams, "note") != NULL; /* is refused later */

        print_message("%s: %s\n", ids[i % IDS], streams);
        message_begin(&m, ids[i % IDS], streams);
        assert_int_equal(m.taken, !named);
        assert_int_equal(m.scan.plain, i % IDS == 0 && !named &&
                                           strstr(streams, "columns") == NULL);
        parse_whole(&m);
        assert_int_equal(
            vlt_batch_begin(vlt_json_get(m.whole, "params"), &m.read),
            named ? VLT_E_FORMAT : VLT_OK);
        for (size_t s = 0; m.taken && s < m.read.count; s++) {
            struct vlt_rows *scanned = NULL;
            struct vlt_rows *read = NULL;

            assert_int_equal(vlt_batch_rows(&m.scanned, s, &stream, &scanned),
                             VLT_OK);
            assert_int_equal(vlt_batch_rows(&m.read, s, &stream, &read),
                             VLT_OK);
            assert_true(vlt_rows_same(scanned, read));
            vlt_rows_free(scanned);
            vlt_rows_free(read);
        }
        message_end(&m);
    }
}

static const char *const other[] = {
    "[{\"stream\":\"a\",\"rows\":[[\"2026-11-25T18:20:42Z\",2]]}]",
    "[{\"stream\":\"a\",\"rows\":[[1,\"text\"]]}]",
    "[{\"stream\":\"a\",\"rows\":[[1,2],[1,2,3]]}]",
    "[{\"stream\":\"a\",\"rows\":[[1]]}]",
    "[{\"stream\":\"a\",\"rows\":[]}]",
    "[{\"stream\":\"a\",\"rows\":[[1,2],]}]",
    "[{\"stream\":\"a\",\"rows\":[[1,02]]}]",
    "[{\"stream\":\"a\",\"rows\":[[1,+2]]}]",
    "[{\"stream\":\"a\",\"rows\":[[1,2.]]}]",
    "[{\"stream\":\"a\",\"rows\":[[1,.5]]}]",
    "[{\"stream\":\"a\",\"rows\":[[1,2e]]}]",
    "[{\"stream\":\"a\",\"rows\":[[1,-]]}]",
    "[{\"stream\":\"a\",\"rows\":[[1,nul]]}]",
    "[{\"stream\":\"a\",\"rows\":[[1,1e309]]}]",
    "[{\"stream\":\"a\",\"rows\":[[1,100000000000000000000000e-2]]}]",
    "[{\"stream\":\"a\",\"rows\":[[1,9223372036854775808.0]]}]",
    "[{\"stream\":\"a\",\"rows\":[[1,-1.8446744073709551616]]}]",
    "[{\"stream\":\"a\",\"rows\":[[1,18446744073709551616]]}]",
    "[{\"stream\":\"a\",\"rows\":[[36893488147419103232000,1]]}]",
    "[{\"stream\":\"a\",\"rows\":[[1,9223372036854775808]]}]",
    "[{\"stream\":\"a\",\"rows\":[[1.0,2]]}]",
    "[{\"stream\":\"a\",\"rows\":[[null,2]]}]",
    "[{\"stream\":\"a\",\"rows\":0}]",
    "[{\"stream\":\"a\"},{\"stream\":\"b\",\"rows\":[[1,2]]}]",
    "[{\"stream\":\"a\",\"rows\":[[1,2]],\"rows\":[[1,2]]}]",
    "[]",
    "{\"rows\":[[1,2]]}",
};

static void
what_is_not_plain_is_left_to_the_document(void **state)
{
    for (size_t i = 0; i < IDS * sizeof other / sizeof other[0]; i++) {
        struct message m;

        print_message("%s: %s\n", ids[i % IDS], other[i / IDS]);
        message_begin(&m, ids[i % IDS], other[i / IDS]);
        assert_false(m.taken);
        message_end(&m);
    }
}

static void
a_cell_of_another_kind_is_not_to_be_had(void **state)
{
    static const char *const texts[] = {
        "[{\"stream\":\"a\",\"rows\":[[1,true]]}]",
        "[{\"stream\":\"a\",\"rows\":[[1,2,3]]}]",
        "[{\"stream\":\"a\",\"columns\":[\"count\"],\"rows\":[[1,1.5]]}]",
        "[{\"stream\":\"a\",\"columns\":[\"on\"],\"rows\":[[1,1]]}]",
        "[{\"stream\":\"a\",\"columns\":[\"note\"],\"rows\":[[1,1]]}]",
        "[{\"stream\":\"a\",\"columns\":[\"on\",\"note\"],\"rows\":[[1,0]]}]",
        "[{\"stream\":\"a\",\"columns\":[\"colour\"],\"rows\":[[1,1]]}]",
        "[{\"stream\":\"a\",\"rows\":[[9223372036854775807,1]]}]",
    };

    for (size_t i = 0; i < IDS * sizeof texts / sizeof texts[0]; i++) {
        struct vlt_rows *rows = NULL;
        struct message m;

        print_message("%s: %s\n", ids[i % IDS], texts[i / IDS]);
        message_begin(&m, ids[i % IDS], texts[i / IDS]);
        assert_true(m.taken);
        assert_int_not_equal(vlt_batch_rows(&m.scanned, 0, &stream, &rows),
                             VLT_OK);
        assert_null(rows);
        message_end(&m);
    }
}

/* A number of so many digits before and behind the point; some begin with a
 * zero, which is a number only where nothing else is before the point. */
static void
put_number(struct vlt_buf *out, uint64_t random, size_t whole, size_t behind)
{
    if (random % 3 == 0) {
        vlt_buf_put_u8(out, '-');
    }
    for (size_t i = 0; i < whole + behind; i++) {
        random = random * UINT64_C(6364136223846793005) + 1;
        if (i == whole) {
            vlt_buf_put_u8(out, '.');
        }
        vlt_buf_put_u8(out, (uint8_t)('0' + (random >> 60) % 10));
    }
}

/* A stream of as many columns as a batch may have. */
static char wide_names[VLT_BATCH_COLUMNS][8];
static struct vlt_batch_column wide_columns[VLT_BATCH_COLUMNS];
static const struct vlt_batch_stream wide = { wide_columns, VLT_BATCH_COLUMNS };

static void
name_columns(void)
{
    for (size_t c = 0; c < VLT_BATCH_COLUMNS; c++) {
        snprintf(wide_names[c], sizeof wide_names[c], "c%zu", c);
        wide_columns[c].name = vlt_slice_text(wide_names[c]);
        wide_columns[c].field.id = (uint8_t)c;
        wide_columns[c].field.type = VLT_TYPE_F64;
    }
}

static void
absent_cells_must_be_zero(const struct vlt_rows *rows)
{
    for (size_t row = 0; row < vlt_rows_count(rows); row++) {
        for (size_t c = 0; c < vlt_rows_columns(rows); c++) {
            if (!vlt_rows_has(rows, row, c)) {
                assert_int_equal(vlt_rows_bits(rows, row, c), 0);
            }
        }
    }
}

/* The rows, scanned and of its document. */
static void
must_be_the_same_as(const char *id, const struct vlt_batch_stream *of,
                    const char *streams, bool must_be_plain)
{
    struct vlt_rows *scanned = NULL;
    struct vlt_rows *read = NULL;
    struct message m;

    message_begin(&m, id, streams);
    assert_true(m.taken || !must_be_plain);
    if (m.taken) {
        parse_whole(&m);
        assert_int_equal(
            vlt_batch_begin(vlt_json_get(m.whole, "params"), &m.read), VLT_OK);
        assert_int_equal(vlt_batch_rows(&m.scanned, 0, of, &scanned), VLT_OK);
        assert_int_equal(vlt_batch_rows(&m.read, 0, of, &read), VLT_OK);
        assert_true(vlt_rows_same(scanned, read));
        absent_cells_must_be_zero(scanned);
        vlt_rows_free(scanned);
        vlt_rows_free(read);
    }
    message_end(&m);
}

static void
must_be_the_same_of(const struct vlt_batch_stream *of, const char *streams,
                    bool must_be_plain)
{
    for (size_t i = 0; i < IDS; i++) {
        must_be_the_same_as(ids[i], of, streams, must_be_plain);
    }
}

static void
must_be_the_same(const char *streams, bool must_be_plain)
{
    must_be_the_same_of(&stream, streams, must_be_plain);
}

static void
numbers_of_every_length_are_those_of_the_document(void **state)
{
    struct vlt_buf text = { 0 };

    for (size_t i = 0; i < 24 * 24 * 8; i++) {
        size_t whole = 1 + i % 24;
        size_t behind = i / 24 % 24;
        uint64_t random = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);

        vlt_buf_clear(&text);
        vlt_buf_put_text(&text, "[{\"stream\":\"a\",\"rows\":[[1,");
        put_number(&text, random, whole, behind);
        vlt_buf_put_text(&text, "]]}]");
        /* What has fewer digits is plain, unless it begins with a zero. */
        must_be_the_same(vlt_buf_text(&text),
                         whole == 1 && whole + behind <= 18);
    }
    vlt_buf_free(&text);
}

/* Whatever stands among digits. */
static void
only_digits_are_digits(void **state)
{
    char text[] = "[{\"stream\":\"a\",\"rows\":[[1,1234567812345678]]}]";
    char *digits = strstr(text, "12345678");

    for (int byte = 1; byte < 256; byte++) {
        for (size_t i = 0; i < 16; i++) {
            char was = digits[i];

            digits[i] = (char)byte;
            if (byte != ',') { /* which makes a row of another width */
                must_be_the_same(text, byte >= '1' && byte <= '9');
            }
            digits[i] = was;
        }
    }
}

/* More items than room is made for at once, in rows of every width. */
static void
rows_of_every_width_are_those_of_the_document(void **state)
{
    static const char *const cells[] = { "1.5", "-7", "null" };
    struct vlt_buf text = { 0 };

    for (size_t width = 1; width <= VLT_BATCH_COLUMNS; width++) {
        vlt_buf_clear(&text);
        vlt_buf_put_text(&text, "[{\"stream\":\"a\",\"columns\":[");
        for (size_t c = 0; c < width; c++) {
            vlt_buf_printf(&text, "%s\"%s\"", c > 0 ? "," : "", wide_names[c]);
        }
        vlt_buf_put_text(&text, "],\"rows\":[");
        for (size_t row = 0; row < 40; row++) {
            vlt_buf_printf(&text, "%s[%zu", row > 0 ? "," : "", row * row);
            for (size_t c = 0; c < width; c++) {
                vlt_buf_printf(&text, ",%s", cells[(row + c) % 3]);
            }
            vlt_buf_put_u8(&text, ']');
        }
        vlt_buf_put_text(&text, "]}]");
        must_be_the_same_of(&wide, vlt_buf_text(&text), true);
    }
    vlt_buf_free(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_rows_are_those_of_the_document),
        cmocka_unit_test(what_is_not_plain_is_left_to_the_document),
        cmocka_unit_test(a_cell_of_another_kind_is_not_to_be_had),
        cmocka_unit_test(numbers_of_every_length_are_those_of_the_document),
        cmocka_unit_test(only_digits_are_digits),
        cmocka_unit_test(rows_of_every_width_are_those_of_the_document),
    };

    name_columns();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
