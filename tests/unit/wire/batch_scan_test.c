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

/* A message of this text as its streams, and blanks up to a size. */
static void
put_message(struct vlt_buf *out, const char *streams)
{
    vlt_buf_put_text(out, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":"
                          "\"data.append\",\"params\":{\"seq\":1,\"streams\":");
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
    bool plain; /* it was scanned, and what is left is a batch */
};

static void
message_begin(struct message *m, const char *streams)
{
    *m = (struct message){ .plain = false };
    put_message(&m->text, streams);
    if (vlt_scan_begin(vlt_buf_slice(&m->text), &m->scan) &&
        vlt_json_parse(vlt_buf_slice(&m->scan.rest), TEXT_MAX, DEPTH, NULL,
                       &m->rest) == VLT_OK) {
        m->plain = vlt_batch_begin_scanned(vlt_json_get(m->rest, "params"),
                                           &m->scan, &m->scanned) == VLT_OK;
    }
}

static void
message_end(struct message *m)
{
    vlt_json_free(m->rest);
    vlt_json_free(m->whole);
    vlt_scan_free(&m->scan);
    vlt_buf_free(&m->text);
}

static const char *const plain[] = {
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
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        struct message m;
        bool named = strstr(plain[i], "note") != NULL; /* is refused later */

        print_message("%s\n", plain[i]);
        message_begin(&m, plain[i]);
        assert_int_equal(m.plain, !named);
        assert_int_equal(vlt_json_parse(vlt_buf_slice(&m.text), TEXT_MAX, DEPTH,
                                        NULL, &m.whole),
                         VLT_OK);
        assert_int_equal(
            vlt_batch_begin(vlt_json_get(m.whole, "params"), &m.read),
            named ? VLT_E_FORMAT : VLT_OK);
        for (size_t s = 0; m.plain && s < m.read.count; s++) {
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
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
        struct message m;

        print_message("%s\n", other[i]);
        message_begin(&m, other[i]);
        assert_false(m.plain);
        message_end(&m);
    }
}

static void
a_cell_of_another_kind_is_not_to_be_had(void **state)
{
    static const char *const texts[] = {
        "[{\"stream\":\"a\",\"rows\":[[1,true]]}]",
        "[{\"stream\":\"a\",\"columns\":[\"count\"],\"rows\":[[1,1.5]]}]",
        "[{\"stream\":\"a\",\"columns\":[\"on\"],\"rows\":[[1,1]]}]",
        "[{\"stream\":\"a\",\"columns\":[\"note\"],\"rows\":[[1,1]]}]",
        "[{\"stream\":\"a\",\"columns\":[\"on\",\"note\"],\"rows\":[[1,0]]}]",
        "[{\"stream\":\"a\",\"columns\":[\"colour\"],\"rows\":[[1,1]]}]",
        "[{\"stream\":\"a\",\"rows\":[[9223372036854775807,1]]}]",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct vlt_rows *rows = NULL;
        struct message m;

        print_message("%s\n", texts[i]);
        message_begin(&m, texts[i]);
        assert_true(m.plain);
        assert_int_not_equal(vlt_batch_rows(&m.scanned, 0, &stream, &rows),
                             VLT_OK);
        assert_null(rows);
        message_end(&m);
    }
}

static void
a_short_message_is_not_scanned(void **state)
{
    struct vlt_scan scan;

    assert_false(vlt_scan_begin(
        vlt_slice_text("{\"params\":{\"streams\":[{\"rows\":[[1,2]]}]}}"),
        &scan));
    vlt_scan_free(&scan);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_rows_are_those_of_the_document),
        cmocka_unit_test(what_is_not_plain_is_left_to_the_document),
        cmocka_unit_test(a_cell_of_another_kind_is_not_to_be_had),
        cmocka_unit_test(a_short_message_is_not_scanned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
