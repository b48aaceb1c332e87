#include <string.h>

#include "base/id.h"
#include "unit.h"

/* The vectors of RFC 4648, section 10. */
static const struct {
    const char *bytes;
    const char *base64;
    const char *base64url;
    const char *base32;
} vectors[] = {
    { "", "", "", "" },
    { "f", "Zg==", "Zg", "my" },
    { "fo", "Zm8=", "Zm8", "mzxq" },
    { "foo", "Zm9v", "Zm9v", "mzxw6" },
    { "foob", "Zm9vYg==", "Zm9vYg", "mzxw6yq" },
    { "fooba", "Zm9vYmE=", "Zm9vYmE", "mzxw6ytb" },
    { "foobar", "Zm9vYmFy", "Zm9vYmFy", "mzxw6ytboi" },
    { "\xFB\xFF", "+/8=", "-_8", "7p7q" },
};

static void
the_rfc_s_vectors_hold(void **state)
{
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct vlt_slice bytes = vlt_slice_text(vectors[i].bytes);
        struct vlt_buf buf = { 0 };
        char text[32];

        vlt_base64_put(&buf, bytes);
        assert_string_equal(vlt_buf_text(&buf), vectors[i].base64);
        vlt_buf_clear(&buf);
        vlt_base64url_put(&buf, bytes);
        assert_string_equal(vlt_buf_text(&buf), vectors[i].base64url);
        assert_string_equal(vlt_base32_print(bytes.at, bytes.len, text),
                            vectors[i].base32);
        vlt_buf_free(&buf);
    }
}

static void
and_read_back(void **state)
{
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct vlt_slice bytes = vlt_slice_text(vectors[i].bytes);
        struct vlt_buf buf = { 0 };
        uint8_t again[8];

        assert_int_equal(
            vlt_base64_get(vlt_slice_text(vectors[i].base64), &buf), VLT_OK);
        assert_true(vlt_slice_equal(vlt_buf_slice(&buf), bytes));
        vlt_buf_clear(&buf);
        assert_int_equal(
            vlt_base64url_get(vlt_slice_text(vectors[i].base64url), &buf),
            VLT_OK);
        assert_true(vlt_slice_equal(vlt_buf_slice(&buf), bytes));
        assert_int_equal(vlt_base32_parse(vlt_slice_text(vectors[i].base32),
                                          again, bytes.len),
                         VLT_OK);
        assert_true(vlt_slice_equal(vlt_slice_of(again, bytes.len), bytes));
        vlt_buf_free(&buf);
    }
}

static const char *const no_base64[] = {
    "Z",    "Zg",   "Zg=",      "Zg===", "=",      "====", "Zm9v=", "Z===",
    "Zh==", "Zm9=", "Zm8=Zm8=", "Zm 9",  "Zm9v\n", "Zm9-", "Zm_v",  "Zg==Zm9v",
};

static const char *const no_base64url[] = {
    "Z", "Zg==", "Zh", "Zm9", "Zm9vY", "Zm9+", "Zm/v", "Zm9v\n", " Zm9v",
};

static void
base64_that_is_not_strict_is_refused_whole(void **state)
{
    struct vlt_buf buf = { 0 };

    vlt_buf_put_text(&buf, "kept");
    for (size_t i = 0; i < sizeof no_base64 / sizeof no_base64[0]; i++) {
        print_message("%s\n", no_base64[i]);
        assert_int_equal(vlt_base64_get(vlt_slice_text(no_base64[i]), &buf),
                         VLT_E_FORMAT);
        assert_true(vlt_slice_is(vlt_buf_slice(&buf), "kept"));
    }
    for (size_t i = 0; i < sizeof no_base64url / sizeof no_base64url[0]; i++) {
        print_message("%s\n", no_base64url[i]);
        assert_int_equal(
            vlt_base64url_get(vlt_slice_text(no_base64url[i]), &buf),
            VLT_E_FORMAT);
        assert_true(vlt_slice_is(vlt_buf_slice(&buf), "kept"));
    }
    vlt_buf_free(&buf);
}

static const struct {
    const char *says;
    const char *text;
    size_t len;
} no_base32[] = {
    { "upper case", "MZXW6", 3 },  { "padding", "my======", 1 },
    { "a leftover bit", "mz", 1 }, { "a digit that is none", "mzxw1", 3 },
    { "too short", "mzxw", 3 },    { "too long", "mzxw6y", 3 },
    { "one character", "m", 0 },   { "another length", "mzxw6", 2 },
};

static void
base32_that_is_not_strict_is_refused(void **state)
{
    uint8_t bytes[8];

    memset(bytes, '*', sizeof bytes);
    for (size_t i = 0; i < sizeof no_base32 / sizeof no_base32[0]; i++) {
        print_message("%s\n", no_base32[i].says);
        assert_int_equal(vlt_base32_parse(vlt_slice_text(no_base32[i].text),
                                          bytes, no_base32[i].len),
                         VLT_E_FORMAT);
        assert_memory_equal(bytes, "********", sizeof bytes);
    }
}

static void
every_length_comes_back(void **state)
{
    uint8_t bytes[70];
    uint8_t again[70];
    char text[128];

    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 37 + 11);
    }
    for (size_t len = 0; len <= sizeof bytes; len++) {
        struct vlt_buf coded = { 0 };
        struct vlt_buf back = { 0 };

        vlt_base64url_put(&coded, vlt_slice_of(bytes, len));
        assert_int_equal(vlt_base64url_get(vlt_buf_slice(&coded), &back),
                         VLT_OK);
        assert_true(
            vlt_slice_equal(vlt_buf_slice(&back), vlt_slice_of(bytes, len)));
        vlt_base32_print(bytes, len, text);
        assert_int_equal(vlt_base32_parse(vlt_slice_text(text), again, len),
                         VLT_OK);
        assert_int_equal(memcmp(again, bytes, len), 0);
        vlt_buf_free(&coded);
        vlt_buf_free(&back);
    }
    assert_int_equal(strlen(vlt_base32_print(bytes, 32, text)), 52);
    assert_int_equal(strlen(vlt_base32_print(bytes, 16, text)), 26);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rfc_s_vectors_hold),
        cmocka_unit_test(and_read_back),
        cmocka_unit_test(base64_that_is_not_strict_is_refused_whole),
        cmocka_unit_test(base32_that_is_not_strict_is_refused),
        cmocka_unit_test(every_length_comes_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
