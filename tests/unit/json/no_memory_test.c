/* Memory may be missing at any point of a text: then it is refused, and nothing
 * stays behind.  Documents have memory of their own. */
#include <string.h>

#include "unit.h"

#include "no_memory.h"
#include "json/json.h"

enum { TEXT_MAX = 1 << 20, DEPTH = 64 };

/* A word, and a list of words of so many bytes: chunks of every kind. */
static void
put_words(struct vlt_buf *out, size_t count, size_t len)
{
    vlt_buf_put_text(out, "{\"a-name-of-some-length\":[\"first\"");
    for (size_t i = 0; i < count; i++) {
        vlt_buf_put_text(out, ",\"");
        for (size_t k = 0; k < len; k++) {
            vlt_buf_put_u8(out, 'x');
        }
        vlt_buf_put_text(out, "\"");
    }
    vlt_buf_put_text(out, "]}");
}

/* With one allocation more each time, until it is read: is it whole? */
static size_t
read_at_last(struct vlt_slice text, bool once)
{
    enum vlt_status st = VLT_E_NOMEM;
    struct vlt_json *json = NULL;
    size_t n = 0;

    for (; st != VLT_OK; n++) {
        memory_take(n, once);
        st = vlt_json_parse(text, TEXT_MAX, DEPTH, NULL, &json);
        assert_int_equal(st == VLT_OK, !memory_give());
        if (st != VLT_OK) {
            assert_int_equal(st, VLT_E_NOMEM);
            assert_null(json);
        }
    }
    struct vlt_buf out = { 0 };

    vlt_json_print(json, false, &out);
    assert_int_equal(out.len, text.len);
    assert_memory_equal(out.at, text.at, text.len);
    vlt_buf_free(&out);
    vlt_json_free(json);
    return n;
}

static const struct {
    size_t count, len;
} texts[] = { { 1, 3 }, { 40, 100 }, { 3000, 5 }, { 3, 100000 }, { 0, 0 } };

static void
a_text_is_read_whole_or_refused(void **state)
{
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct vlt_buf text = { 0 };

        put_words(&text, texts[i].count, texts[i].len);
        size_t once = read_at_last(vlt_buf_slice(&text), true);
        size_t none = read_at_last(vlt_buf_slice(&text), false);

        print_message("%zu bytes: %zu and %zu tries\n", text.len, once, none);
        vlt_buf_free(&text);
    }
}

static void
a_fault_for_want_of_memory_is_told(void **state)
{
    struct vlt_json_fault fault = { .byte = 9 };
    struct vlt_json *json = NULL;
    struct vlt_buf text = { 0 };

    put_words(&text, 1, 100000);
    memory_take(0, true);
    enum vlt_status st =
        vlt_json_parse(vlt_buf_slice(&text), TEXT_MAX, DEPTH, &fault, &json);

    assert_true(memory_give());
    assert_int_equal(st, VLT_E_NOMEM);
    assert_string_equal(fault.says, "no memory");
    assert_int_equal(fault.byte, 0);
    vlt_buf_free(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_read_whole_or_refused),
        cmocka_unit_test(a_fault_for_want_of_memory_is_told),
    };

    vlt_json_own_memory();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
