#include "json/json_write.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "unit.h"
#include "json/json.h"

/* What was written must be JSON to jansson too; then it is compared. */
static void
must_be(struct vlt_buf *buf, const char *text)
{
    struct vlt_json *json = NULL;

    assert_string_equal(vlt_buf_text(buf), text);
    assert_int_equal(
        vlt_json_parse(vlt_buf_slice(buf), 1 << 20, 64, NULL, &json), VLT_OK);
    vlt_json_free(json);
    vlt_buf_free(buf);
}

static void
commas_come_by_themselves(void **state)
{
    struct vlt_buf buf = { 0 };
    struct vlt_json_out out = vlt_json_out(&buf);

    vlt_put_object(&out, NULL);
    vlt_put_list(&out, "a");
    vlt_put_int(&out, NULL, 1);
    vlt_put_list(&out, NULL);
    vlt_put_end(&out);
    vlt_put_object(&out, NULL);
    vlt_put_end(&out);
    vlt_put_end(&out);
    vlt_put_null(&out, "b");
    vlt_put_bool(&out, "c", true);
    vlt_put_bool(&out, "d", false);
    vlt_put_end(&out);
    must_be(&buf, "{\"a\":[1,[],{}],\"b\":null,\"c\":true,\"d\":false}");
}

static void
a_value_stands_behind_what_was_there(void **state)
{
    struct vlt_buf buf = { 0 };

    for (int i = 0; i < 2; i++) {
        struct vlt_json_out out = vlt_json_out(&buf);

        vlt_put_int(&out, NULL, i);
        vlt_buf_put_u8(&buf, '\n');
    }
    assert_string_equal(vlt_buf_text(&buf), "0\n1\n");
    vlt_buf_free(&buf);
}

static void
integers_beyond_2_to_the_53_are_text(void **state)
{
    struct vlt_buf buf = { 0 };
    struct vlt_json_out out = vlt_json_out(&buf);

    vlt_put_list(&out, NULL);
    vlt_put_int(&out, NULL, 0);
    vlt_put_int(&out, NULL, -1);
    vlt_put_int(&out, NULL, INT64_C(1) << 53);
    vlt_put_int(&out, NULL, -(INT64_C(1) << 53));
    vlt_put_int(&out, NULL, (INT64_C(1) << 53) + 1);
    vlt_put_int(&out, NULL, -(INT64_C(1) << 53) - 1);
    vlt_put_int(&out, NULL, INT64_MIN);
    vlt_put_uint(&out, NULL, UINT64_MAX);
    vlt_put_end(&out);
    must_be(&buf, "[0,-1,9007199254740992,-9007199254740992,"
                  "\"9007199254740993\",\"-9007199254740993\","
                  "\"-9223372036854775808\",\"18446744073709551615\"]");
}

static void
doubles_read_back_and_what_is_no_number_is_null(void **state)
{
    struct vlt_buf buf = { 0 };
    struct vlt_json_out out = vlt_json_out(&buf);

    vlt_put_list(&out, NULL);
    vlt_put_double(&out, NULL, 21.5);
    vlt_put_double(&out, NULL, 21);
    vlt_put_double(&out, NULL, -0.0);
    vlt_put_double(&out, NULL, 1e-7);
    vlt_put_double(&out, NULL, NAN);
    vlt_put_double(&out, NULL, INFINITY);
    vlt_put_double(&out, NULL, -INFINITY);
    vlt_put_end(&out);
    must_be(&buf, "[21.5,21,-0.0,1e-7,null,null,null]");
}

static void
a_double_is_the_same_when_jansson_reads_it(void **state)
{
    static const double values[] = { 0.1,     -0.0,      1e17, 1e22,
                                     DBL_MAX, 0x1p-1074, 1e16, 123456789.125 };
    struct vlt_buf buf = { 0 };
    struct vlt_json_out out = vlt_json_out(&buf);
    struct vlt_json *json = NULL;

    vlt_put_list(&out, NULL);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        vlt_put_double(&out, NULL, values[i]);
    }
    vlt_put_end(&out);
    assert_int_equal(vlt_json_parse(vlt_buf_slice(&buf), 1000, 4, NULL, &json),
                     VLT_OK);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        double again = vlt_json_number_of(vlt_json_item(json, i));

        assert_memory_equal(&again, &values[i], sizeof again);
    }
    vlt_json_free(json);
    vlt_buf_free(&buf);
}

static void
texts_are_escaped_and_bad_bytes_replaced(void **state)
{
    struct vlt_buf buf = { 0 };
    struct vlt_json_out out = vlt_json_out(&buf);

    vlt_put_object(&out, NULL);
    vlt_put_text(&out, "q\"\n", "a\"b\\c\x01\t/é😀");
    vlt_put_text(&out, "none", NULL);
    vlt_put_slice(&out, "bad", vlt_slice_text("x\xE9y\xED\xA0\x80"));
    vlt_put_slice(&out, "nul", vlt_slice_of("a\0b", 3));
    vlt_put_slice(&out, "empty", (struct vlt_slice){ 0 });
    vlt_put_end(&out);
    /* A NUL cannot be read back by the strict parser, so only compare. */
    assert_string_equal(vlt_buf_text(&buf),
                        "{\"q\\\"\\n\":\"a\\\"b\\\\c\\u0001\\t/é😀\","
                        "\"none\":null,\"bad\":\"x\xEF\xBF\xBDy\xEF\xBF\xBD"
                        "\xEF\xBF\xBD\xEF\xBF\xBD\","
                        "\"nul\":\"a\\u0000b\",\"empty\":\"\"}");
    vlt_buf_free(&buf);
}

static void
every_ascii_character_is_read_back(void **state)
{
    for (uint8_t c = 1; c < 0x80; c++) {
        struct vlt_buf buf = { 0 };
        struct vlt_json_out out = vlt_json_out(&buf);
        struct vlt_json *json = NULL;

        vlt_put_slice(&out, NULL, vlt_slice_of(&c, 1));
        assert_int_equal(vlt_json_parse(vlt_buf_slice(&buf), 8, 0, NULL, &json),
                         VLT_OK);
        assert_true(
            vlt_slice_equal(vlt_json_text_of(json), vlt_slice_of(&c, 1)));
        vlt_json_free(json);
        vlt_buf_free(&buf);
    }
}

static void
bytes_and_times_have_their_forms(void **state)
{
    const uint8_t id[16] = { 0x01, 0x56, 0x3D, 0xF3, 0x64, 0x81 };
    struct vlt_buf buf = { 0 };
    struct vlt_json_out out = vlt_json_out(&buf);

    vlt_put_object(&out, NULL);
    vlt_put_time(&out, "t", -1);
    vlt_put_hex(&out, "h", id, 6);
    vlt_put_base64(&out, "b", vlt_slice_of(id, 4));
    vlt_put_ulid(&out, "u", id);
    vlt_put_raw(&out, "r", vlt_slice_text("{\"x\":[1]}"));
    vlt_put_end(&out);
    must_be(&buf, "{\"t\":\"1969-12-31T23:59:59.999999999Z\","
                  "\"h\":\"01563df36481\",\"b\":\"AVY98w==\","
                  "\"u\":\"01ARYZ6S410000000000000000\",\"r\":{\"x\":[1]}}");
}

static void
as_deep_as_is_promised(void **state)
{
    struct vlt_buf buf = { 0 };
    struct vlt_json_out out = vlt_json_out(&buf);
    struct vlt_json *json = NULL;

    for (int i = 0; i < VLT_JSON_DEPTH; i++) {
        vlt_put_list(&out, NULL);
    }
    for (int i = 0; i < VLT_JSON_DEPTH; i++) {
        vlt_put_end(&out);
    }
    assert_int_equal(
        vlt_json_parse(vlt_buf_slice(&buf), 1000, VLT_JSON_DEPTH, NULL, &json),
        VLT_OK);
    vlt_json_free(json);
    vlt_buf_free(&buf);
}

static void
a_full_buffer_fails_and_no_more(void **state)
{
    struct vlt_buf buf;
    struct vlt_json_out out;

    vlt_buf_init(&buf, 10);
    out = vlt_json_out(&buf);
    vlt_put_object(&out, NULL);
    vlt_put_text(&out, "name", "a longer text");
    vlt_put_end(&out);
    assert_int_equal(vlt_buf_status(&buf), VLT_E_LIMIT);
    vlt_buf_free(&buf);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_come_by_themselves),
        cmocka_unit_test(a_value_stands_behind_what_was_there),
        cmocka_unit_test(integers_beyond_2_to_the_53_are_text),
        cmocka_unit_test(doubles_read_back_and_what_is_no_number_is_null),
        cmocka_unit_test(a_double_is_the_same_when_jansson_reads_it),
        cmocka_unit_test(texts_are_escaped_and_bad_bytes_replaced),
        cmocka_unit_test(every_ascii_character_is_read_back),
        cmocka_unit_test(bytes_and_times_have_their_forms),
        cmocka_unit_test(as_deep_as_is_promised),
        cmocka_unit_test(a_full_buffer_fails_and_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
