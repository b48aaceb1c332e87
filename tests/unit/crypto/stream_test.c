#include "unit.h"

#include <string.h>

#include "crypto/stream.h"

enum {
    TEXT = 40,
    SEALED = TEXT + VLT_TAG_LEN,
    PIECES = 3,
};

static const uint8_t random_bytes[VLT_STREAM_RANDOM] = "sixteen of them";

struct sealed {
    struct vlt_secret *key;
    uint8_t piece[PIECES][SEALED]; /* the last is sealed as the last */
};

static int
set_up(void **state)
{
    static struct sealed s;
    struct vlt_stream stream = vlt_stream_of(random_bytes);
    uint8_t text[TEXT];

    if (vlt_secret_init() != VLT_OK || vlt_secret_new(32, &s.key) != VLT_OK) {
        return -1;
    }
    for (int i = 0; i < PIECES; i++) {
        memset(text, 'a' + i, sizeof text);
        if (vlt_stream_seal(&stream, vlt_key_of(s.key),
                            vlt_slice_of(text, sizeof text), i == PIECES - 1,
                            s.piece[i]) != VLT_OK) {
            return -1;
        }
    }
    *state = &s;
    return 0;
}

static int
tear_down(void **state)
{
    struct sealed *s = *state;

    vlt_secret_free(s->key);
    return 0;
}

static enum vlt_status
open_next(struct vlt_stream *stream, const struct sealed *s, int piece,
          bool last)
{
    uint8_t text[TEXT];
    uint8_t expected[TEXT];
    enum vlt_status st =
        vlt_stream_open(stream, vlt_key_of(s->key),
                        vlt_slice_of(s->piece[piece], SEALED), last, text);

    if (st == VLT_OK) {
        memset(expected, 'a' + piece, sizeof expected);
        assert_memory_equal(text, expected, sizeof text);
    }
    return st;
}

static void
pieces_open_in_their_order(void **state)
{
    struct vlt_stream stream = vlt_stream_of(random_bytes);

    for (int i = 0; i < PIECES; i++) {
        assert_int_equal(open_next(&stream, *state, i, i == PIECES - 1),
                         VLT_OK);
    }
}

static void
a_piece_does_not_open_in_anothers_place(void **state)
{
    for (int place = 0; place < PIECES; place++) {
        for (int piece = 0; piece < PIECES; piece++) {
            struct vlt_stream stream = vlt_stream_of(random_bytes);

            stream.number = (uint64_t)place;
            assert_int_equal(
                open_next(&stream, *state, piece, piece == PIECES - 1),
                piece == place ? VLT_OK : VLT_E_AUTH);
        }
    }
}

static void
the_last_opens_as_the_last_alone_and_no_other_does(void **state)
{
    struct vlt_stream stream = vlt_stream_of(random_bytes);

    assert_int_equal(open_next(&stream, *state, 0, true), VLT_E_AUTH);
    assert_int_equal(open_next(&stream, *state, 0, false), VLT_OK);
    stream.number = PIECES - 1;
    assert_int_equal(open_next(&stream, *state, PIECES - 1, false), VLT_E_AUTH);
    assert_int_equal(open_next(&stream, *state, PIECES - 1, true), VLT_OK);
}

static void
nothing_follows_the_last(void **state)
{
    const struct sealed *s = *state;
    struct vlt_stream stream = vlt_stream_of(random_bytes);
    uint8_t out[SEALED];

    stream.number = PIECES - 1;
    assert_int_equal(open_next(&stream, s, PIECES - 1, true), VLT_OK);
    assert_int_equal(open_next(&stream, s, PIECES - 1, true), VLT_E_AUTH);
    assert_int_equal(vlt_stream_seal(&stream, vlt_key_of(s->key),
                                     vlt_slice_text("more"), false, out),
                     VLT_E_LIMIT);
}

static void
another_streams_piece_does_not_open(void **state)
{
    const uint8_t other[VLT_STREAM_RANDOM] = "sixteen of then";
    struct vlt_stream stream = vlt_stream_of(other);

    assert_int_equal(open_next(&stream, *state, 0, false), VLT_E_AUTH);
}

static void
every_byte_counts(void **state)
{
    struct sealed s = *(struct sealed *)*state;

    for (size_t i = 0; i < SEALED; i++) {
        struct vlt_stream stream = vlt_stream_of(random_bytes);

        s.piece[0][i] ^= 1;
        assert_int_equal(open_next(&stream, &s, 0, false), VLT_E_AUTH);
        s.piece[0][i] ^= 1;
        assert_int_equal(open_next(&stream, &s, 0, false), VLT_OK);
    }
}

static void
the_counter_ends_and_does_not_begin_anew(void **state)
{
    const struct sealed *s = *state;
    struct vlt_stream stream = vlt_stream_of(random_bytes);
    uint8_t out[SEALED];
    uint8_t again[SEALED];
    struct vlt_slice text = vlt_slice_text("text");

    stream.number = (UINT64_C(1) << 56) - 1;
    assert_int_equal(
        vlt_stream_seal(&stream, vlt_key_of(s->key), text, false, out), VLT_OK);
    assert_int_equal(
        vlt_stream_seal(&stream, vlt_key_of(s->key), text, false, again),
        VLT_E_LIMIT);
    assert_int_equal(vlt_stream_open(&stream, vlt_key_of(s->key),
                                     vlt_slice_of(out, 20), false, again),
                     VLT_E_AUTH);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_open_in_their_order),
        cmocka_unit_test(a_piece_does_not_open_in_anothers_place),
        cmocka_unit_test(the_last_opens_as_the_last_alone_and_no_other_does),
        cmocka_unit_test(nothing_follows_the_last),
        cmocka_unit_test(another_streams_piece_does_not_open),
        cmocka_unit_test(every_byte_counts),
        cmocka_unit_test(the_counter_ends_and_does_not_begin_anew),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
