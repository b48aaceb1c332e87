#include "wire/frame.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static const uint8_t page[VLT_FRAME_HEAD + 3] = {
    1, 2, 1, 0, 0, 0, 0, 0, 7, 0, 0,   0,   0,   0,
    0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 'a', 'b', 'c',
};

static enum vlt_status
decode(const uint8_t *bytes, size_t len, struct vlt_frame *out)
{
    return vlt_frame_decode(vlt_slice_of(bytes, len), out);
}

static void
a_page_is_read(void **state)
{
    struct vlt_frame frame;

    assert_int_equal(decode(page, sizeof page, &frame), VLT_OK);
    assert_int_equal(frame.kind, VLT_FRAME_PAGE);
    assert_int_equal(frame.flags, VLT_FRAME_FINAL);
    assert_int_equal(frame.ref, 7);
    assert_int_equal(frame.seq, 9);
    assert_true(vlt_slice_is(frame.block, "abc"));
}

static void
what_is_written_is_what_was_read(void **state)
{
    struct vlt_frame frame;
    struct vlt_buf buf = { 0 };

    assert_int_equal(decode(page, sizeof page, &frame), VLT_OK);
    assert_int_equal(vlt_frame_encode(&frame, &buf), VLT_OK);
    assert_int_equal(buf.len, sizeof page);
    assert_memory_equal(buf.at, page, sizeof page);
    vlt_buf_free(&buf);
}

/* What one changed byte of the header must lead to. */
static const struct {
    const char *says;
    size_t at;
    uint8_t value;
} refused[] = {
    { "another version", 0, 2 },       { "no kind", 1, 0 },
    { "an unknown kind", 1, 4 },       { "an unknown flag", 2, 8 },
    { "an unknown flag", 3, 1 },       { "a reserved bit", 7, 128 },
    { "a sequence from zero", 16, 0 }, { "a request id over 2^53", 14, 32 },
};

static void
a_header_that_breaks_a_rule_is_refused(void **state)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        uint8_t bytes[sizeof page];
        struct vlt_frame frame = { .seq = 4711 };

        print_message("%s\n", refused[i].says);
        memcpy(bytes, page, sizeof page);
        bytes[refused[i].at] = refused[i].value;
        assert_int_equal(decode(bytes, sizeof bytes, &frame), VLT_E_FORMAT);
        assert_int_equal(frame.seq, 4711);
    }
}

static void
a_subscription_may_have_any_number(void **state)
{
    uint8_t bytes[sizeof page];
    struct vlt_frame frame;

    memcpy(bytes, page, sizeof page);
    bytes[1] = VLT_FRAME_LIVE;
    bytes[15] = 255;
    assert_int_equal(decode(bytes, sizeof bytes, &frame), VLT_OK);
}

static void
the_greatest_request_id_passes(void **state)
{
    struct vlt_frame frame = { .kind = VLT_FRAME_APPEND,
                               .ref = VLT_FRAME_REF_MAX,
                               .seq = UINT64_MAX };
    uint8_t bytes[VLT_FRAME_HEAD];

    vlt_frame_encode_head(&frame, bytes);
    assert_int_equal(decode(bytes, sizeof bytes, &frame), VLT_OK);
    assert_int_equal(frame.seq, UINT64_MAX);
}

static void
a_cut_header_is_refused(void **state)
{
    struct vlt_frame frame;

    for (size_t len = 0; len < VLT_FRAME_HEAD; len++) {
        assert_int_equal(decode(page, len, &frame), VLT_E_FORMAT);
    }
    assert_int_equal(decode(page, VLT_FRAME_HEAD, &frame), VLT_OK);
    assert_int_equal(frame.block.len, 0);
}

static void
a_frame_over_the_limit_is_refused(void **state)
{
    uint8_t *bytes = calloc(1, VLT_FRAME_MAX + 1);
    struct vlt_frame frame;
    struct vlt_buf buf = { 0 };

    assert_non_null(bytes);
    memcpy(bytes, page, sizeof page);
    assert_int_equal(decode(bytes, VLT_FRAME_MAX + 1, &frame), VLT_E_LIMIT);
    assert_int_equal(decode(bytes, VLT_FRAME_MAX, &frame), VLT_OK);
    assert_int_equal(vlt_frame_encode(&frame, &buf), VLT_OK);
    frame.block.len++;
    assert_int_equal(vlt_frame_encode(&frame, &buf), VLT_E_LIMIT);
    vlt_buf_free(&buf);
    free(bytes);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_read),
        cmocka_unit_test(what_is_written_is_what_was_read),
        cmocka_unit_test(a_header_that_breaks_a_rule_is_refused),
        cmocka_unit_test(a_subscription_may_have_any_number),
        cmocka_unit_test(the_greatest_request_id_passes),
        cmocka_unit_test(a_cut_header_is_refused),
        cmocka_unit_test(a_frame_over_the_limit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
