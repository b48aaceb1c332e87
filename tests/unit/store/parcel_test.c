#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "store/parcel.h"

enum { TEXT = 2 * PARCEL_TEXT + 1000 /* three pieces */ };

static struct {
    struct parcel_about about;
    struct vlt_secret *key;
    uint8_t *text;
    struct vlt_buf sealed;
} whole;

static enum vlt_status
gather(void *ctx, struct vlt_slice bytes)
{
    vlt_buf_put_slice(ctx, bytes);
    return vlt_buf_status(ctx);
}

static void
pack(struct vlt_slice text, size_t step, struct vlt_buf *out)
{
    struct packer *packer;

    assert_int_equal(packer_new(&whole.about, gather, out, &packer), VLT_OK);
    for (size_t at = 0; at < text.len; at += step) {
        size_t some = text.len - at < step ? text.len - at : step;

        assert_int_equal(packer_put(packer, vlt_slice_of(text.at + at, some)),
                         VLT_OK);
    }
    assert_int_equal(packer_end(packer), VLT_OK);
    packer_free(packer);
}

static enum vlt_status
unpack(struct vlt_slice sealed, size_t step, struct vlt_buf *out)
{
    struct unpacker *unpacker;
    enum vlt_status st = VLT_OK;

    assert_int_equal(unpacker_new(&whole.about, gather, out, &unpacker),
                     VLT_OK);
    for (size_t at = 0; st == VLT_OK && at < sealed.len; at += step) {
        size_t some = sealed.len - at < step ? sealed.len - at : step;

        st = unpacker_put(unpacker, vlt_slice_of(sealed.at + at, some));
    }
    if (st == VLT_OK) {
        st = unpacker_end(unpacker);
    }
    unpacker_free(unpacker);
    return st;
}

static int
set_up(void **state)
{
    if (vlt_secret_init() != VLT_OK ||
        vlt_secret_random(32, &whole.key) != VLT_OK) {
        return -1;
    }
    whole.about.key = whole.key;
    whole.text = malloc(TEXT);
    for (size_t i = 0; i < TEXT; i++) {
        whole.text[i] = (uint8_t)(i * 31 + (i >> 9));
    }
    pack(vlt_slice_of(whole.text, TEXT), 10000, &whole.sealed);
    return 0;
}

static int
tear_down(void **state)
{
    vlt_secret_free(whole.key);
    vlt_buf_free(&whole.sealed);
    free(whole.text);
    return 0;
}

/* What a parcel that is not whole gives: an error, and no byte that was not
 * in it. */
static void
must_not_unpack(struct vlt_slice sealed)
{
    struct vlt_buf out = { 0 };

    assert_int_equal(unpack(sealed, PARCEL_SEALED, &out), VLT_E_AUTH);
    assert_true(out.len < TEXT && out.len % PARCEL_TEXT == 0);
    if (out.len > 0) {
        assert_memory_equal(out.at, whole.text, out.len);
    }
    vlt_buf_free(&out);
}

static void
a_parcel_has_pieces_of_64_kib(void **state)
{
    assert_int_equal(whole.sealed.len, TEXT + 3 * VLT_TAG_LEN);
}

static void
text_of_any_length_comes_back(void **state)
{
    const size_t lengths[] = {
        0,   1, PARCEL_TEXT - 1, PARCEL_TEXT, PARCEL_TEXT + 1, 2 * PARCEL_TEXT,
        TEXT
    };

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct vlt_slice text = vlt_slice_of(whole.text, lengths[i]);
        struct vlt_buf sealed = { 0 };
        struct vlt_buf out = { 0 };

        pack(text, 30001, &sealed);
        assert_int_equal(unpack(vlt_buf_slice(&sealed), 4096, &out), VLT_OK);
        assert_int_equal(out.len, text.len);
        assert_true(vlt_slice_equal(vlt_buf_slice(&out), text));
        vlt_buf_free(&sealed);
        vlt_buf_free(&out);
    }
}

static void
slices_of_any_size_make_the_same_parcel(void **state)
{
    const size_t steps[] = { 1000, PARCEL_TEXT, PARCEL_SEALED, TEXT };

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct vlt_buf sealed = { 0 };
        struct vlt_buf out = { 0 };

        pack(vlt_slice_of(whole.text, TEXT), steps[i], &sealed);
        assert_true(vlt_slice_equal(vlt_buf_slice(&sealed),
                                    vlt_buf_slice(&whole.sealed)));
        assert_int_equal(unpack(vlt_buf_slice(&sealed), steps[i], &out),
                         VLT_OK);
        assert_int_equal(out.len, TEXT);
        vlt_buf_free(&sealed);
        vlt_buf_free(&out);
    }
}

static void
a_parcel_that_is_cut_is_refused(void **state)
{
    const size_t around[] = { 0, PARCEL_SEALED, 2 * PARCEL_SEALED,
                              whole.sealed.len };

    for (size_t i = 0; i < sizeof around / sizeof *around; i++) {
        for (size_t back = 0; back < 40; back++) {
            size_t len = around[i] + 20 > back ? around[i] + 20 - back : 0;

            if (len < whole.sealed.len) {
                must_not_unpack(vlt_slice_of(whole.sealed.at, len));
            }
        }
    }
    for (size_t len = 0; len < whole.sealed.len; len += 997) {
        must_not_unpack(vlt_slice_of(whole.sealed.at, len));
    }
}

static void
a_changed_byte_is_found(void **state)
{
    for (size_t at = 0; at < whole.sealed.len; at += 1009) {
        whole.sealed.at[at] ^= 0x10;
        must_not_unpack(vlt_buf_slice(&whole.sealed));
        whole.sealed.at[at] ^= 0x10;
    }
}

/* A copy with piece `to` replaced by piece `from`, both whole ones. */
static void
with_piece(size_t to, size_t from, struct vlt_buf *out)
{
    vlt_buf_put_slice(out, vlt_buf_slice(&whole.sealed));
    memcpy(out->at + to * PARCEL_SEALED, whole.sealed.at + from * PARCEL_SEALED,
           PARCEL_SEALED);
}

static void
pieces_that_are_swapped_or_doubled_are_found(void **state)
{
    struct vlt_buf swapped = { 0 };
    struct vlt_buf doubled = { 0 };
    struct vlt_buf longer = { 0 };

    with_piece(0, 1, &swapped);
    memcpy(swapped.at + PARCEL_SEALED, whole.sealed.at, PARCEL_SEALED);
    must_not_unpack(vlt_buf_slice(&swapped));
    with_piece(1, 0, &doubled);
    must_not_unpack(vlt_buf_slice(&doubled));
    vlt_buf_put(&longer, whole.sealed.at, PARCEL_SEALED);
    vlt_buf_put_slice(&longer, vlt_buf_slice(&whole.sealed));
    must_not_unpack(vlt_buf_slice(&longer));
    vlt_buf_free(&swapped);
    vlt_buf_free(&doubled);
    vlt_buf_free(&longer);
}

static void
a_piece_that_is_left_out_is_missed(void **state)
{
    struct vlt_buf shorter = { 0 };

    vlt_buf_put(&shorter, whole.sealed.at, PARCEL_SEALED);
    vlt_buf_put(&shorter, whole.sealed.at + 2 * PARCEL_SEALED,
                whole.sealed.len - 2 * PARCEL_SEALED);
    must_not_unpack(vlt_buf_slice(&shorter));
    vlt_buf_free(&shorter);
}

static void
what_is_put_behind_it_is_found(void **state)
{
    for (size_t more = 1; more < 40; more++) {
        struct vlt_buf longer = { 0 };

        vlt_buf_put_slice(&longer, vlt_buf_slice(&whole.sealed));
        memset(vlt_buf_extend(&longer, more), 0, more);
        must_not_unpack(vlt_buf_slice(&longer));
        vlt_buf_free(&longer);
    }
}

static void
an_empty_piece_behind_whole_ones_is_none(void **state)
{
    struct vlt_stream stream = vlt_stream_of(whole.about.random);
    struct vlt_buf odd = { 0 };

    for (int i = 0; i < 2; i++) {
        uint8_t *at = vlt_buf_extend(&odd, i == 0 ? (size_t)PARCEL_SEALED
                                                  : (size_t)VLT_TAG_LEN);
        struct vlt_slice text =
            vlt_slice_of(whole.text, i == 0 ? PARCEL_TEXT : 0);

        assert_int_equal(
            vlt_stream_seal(&stream, vlt_key_of(whole.key), text, i == 1, at),
            VLT_OK);
    }
    must_not_unpack(vlt_buf_slice(&odd));
    vlt_buf_free(&odd);
}

static enum vlt_status
full(void *ctx, struct vlt_slice bytes)
{
    ++*(int *)ctx;
    return VLT_E_STORAGE;
}

static void
a_function_that_fails_is_not_called_again(void **state)
{
    struct packer *packer;
    struct unpacker *unpacker;
    int calls = 0;

    assert_int_equal(packer_new(&whole.about, full, &calls, &packer), VLT_OK);
    assert_int_equal(packer_put(packer, vlt_slice_of(whole.text, TEXT)),
                     VLT_E_STORAGE);
    assert_int_equal(packer_end(packer), VLT_E_STORAGE);
    assert_int_equal(calls, 1);
    packer_free(packer);
    assert_int_equal(unpacker_new(&whole.about, full, &calls, &unpacker),
                     VLT_OK);
    assert_int_equal(unpacker_put(unpacker, vlt_buf_slice(&whole.sealed)),
                     VLT_E_STORAGE);
    assert_int_equal(unpacker_end(unpacker), VLT_E_STORAGE);
    assert_int_equal(calls, 2);
    unpacker_free(unpacker);
}

static void
the_piece_that_is_bad_is_named(void **state)
{
    struct unpacker *unpacker;
    struct vlt_buf out = { 0 };

    whole.sealed.at[PARCEL_SEALED + 5] ^= 1;
    assert_int_equal(unpacker_new(&whole.about, gather, &out, &unpacker),
                     VLT_OK);
    assert_int_equal(unpacker_put(unpacker, vlt_buf_slice(&whole.sealed)),
                     VLT_E_AUTH);
    assert_int_equal(unpacker_piece(unpacker), 1);
    whole.sealed.at[PARCEL_SEALED + 5] ^= 1;
    unpacker_free(unpacker);
    vlt_buf_free(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_parcel_has_pieces_of_64_kib),
        cmocka_unit_test(text_of_any_length_comes_back),
        cmocka_unit_test(slices_of_any_size_make_the_same_parcel),
        cmocka_unit_test(a_parcel_that_is_cut_is_refused),
        cmocka_unit_test(a_changed_byte_is_found),
        cmocka_unit_test(pieces_that_are_swapped_or_doubled_are_found),
        cmocka_unit_test(a_piece_that_is_left_out_is_missed),
        cmocka_unit_test(what_is_put_behind_it_is_found),
        cmocka_unit_test(an_empty_piece_behind_whole_ones_is_none),
        cmocka_unit_test(a_function_that_fails_is_not_called_again),
        cmocka_unit_test(the_piece_that_is_bad_is_named),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
