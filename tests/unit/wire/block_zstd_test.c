#include "wire/block_internal.h"

#include <stdlib.h>

#include "block_rows.h"
#include "hex_file.h"

#define VECTORS VAULT_SOURCE "/tests/vectors/block/"

enum {
    CAP = 512,
    PLANES = 4,
    SQUEEZED = 2,
    DICTIONARY = 3,
    PLAIN = 1,
    RAW = 3,
};

/* ---- frames ---- */

/* A frame in hex, and whether it is one of two bytes, "hi", as a block may have
 * it; and if so, whether it unpacks. */
static const struct {
    const char *says;
    bool holds;
    bool unpacks;
    const char *hex;
} frames[] = {
    { "a raw block", true, true, "28b52ffd 20 02 110000 6869" },
    { "a size of four bytes", true, true, "28b52ffd a0 02000000 110000 6869" },
    { "a size of eight bytes", true, true,
      "28b52ffd e0 0200000000000000 110000 6869" },
    { "a window of 1 KiB", true, true, "28b52ffd 80 00 02000000 110000 6869" },
    { "a window of 8 MiB", true, true, "28b52ffd 80 68 02000000 110000 6869" },
    { "a window of 9 MiB", false, false,
      "28b52ffd 80 69 02000000 110000 6869" },
    { "the greatest window", false, false,
      "28b52ffd 80 ff 02000000 110000 6869" },
    { "two raw blocks", true, true, "28b52ffd 20 02 080000 68 090000 69" },
    { "no frame", false, false, "28b52ffe 20 02 110000 6869" },
    { "nothing", false, false, "" },
    { "a mark alone", false, false, "28b52ffd" },
    { "a frame to skip", false, false, "502a4d18 02000000 6869" },
    { "a frame to skip in front", false, false,
      "502a4d18 00000000 28b52ffd 20 02 110000 6869" },
    { "a frame to skip behind", false, false,
      "28b52ffd 20 02 110000 6869 502a4d18 00000000" },
    { "a byte behind", false, false, "28b52ffd 20 02 110000 6869 00" },
    { "an empty frame behind", false, false,
      "28b52ffd 20 02 110000 6869 28b52ffd 20 00 010000" },
    { "a byte less", false, false, "28b52ffd 20 02 110000 68" },
    { "no size", false, false, "28b52ffd 00 00 110000 6869" },
    { "another size", false, false, "28b52ffd 20 03 110000 6869" },
    { "a size beyond all", false, false,
      "28b52ffd e0 ffffffffffffffff 110000 6869" },
    { "a checksum", false, false, "28b52ffd 24 02 110000 6869 fa3826ea" },
    { "a dictionary", false, false, "28b52ffd 21 07 02 110000 6869" },
    { "a dictionary of zero", false, false, "28b52ffd 21 00 02 110000 6869" },
    { "a dictionary of four bytes", false, false,
      "28b52ffd 23 07000000 02 110000 6869" },
    { "a reserved bit", false, false, "28b52ffd 28 02 110000 6869" },
    { "a block of less than it says", true, false, "28b52ffd 20 02 090000 68" },
    { "a block of more than it says", true, false,
      "28b52ffd 20 02 190000 686921" },
    { "a block that is broken", true, false, "28b52ffd 20 02 150000 ffff" },
};

static size_t
bytes_of(const char *hex, uint8_t *out)
{
    size_t digits = 0;

    for (; *hex != 0; hex++) {
        if (!isxdigit(*hex)) {
            continue;
        }
        int high = digits % 2 == 0 ? 0 : out[digits / 2] << 4;

        out[digits / 2] = (uint8_t)(high | hex_digit(*hex));
        digits++;
    }
    return digits / 2;
}

/* A block with the text "hi" in a frame; it lies on the heap, no longer than it
 * is, so that a read past it shows. */
static enum vlt_status
decode_around(const uint8_t *frame, size_t len)
{
    struct vlt_buf block = { 0 };
    struct vlt_rows *rows = NULL;
    uint8_t head[CAP];

    vlt_buf_put(&block, head,
                bytes_of("b1000100 01000000 0000000000000000 00000000 00000000"
                         "00320000 00000000 02 02",
                         head));
    vlt_buf_put(&block, frame, len);
    block.at[28] = (uint8_t)(2 + len);
    uint8_t *copy = malloc(block.len);

    assert_non_null(copy);
    memcpy(copy, block.at, block.len);
    enum vlt_status st = vlt_block_decode(vlt_slice_of(copy, block.len),
                                          VLT_BLOCK_WIRE, NULL, NULL, &rows);

    if (st == VLT_OK) {
        assert_true(
            vlt_slice_equal(vlt_rows_text(rows, 0, 0), vlt_slice_text("hi")));
    }
    free(copy);
    vlt_rows_free(rows);
    vlt_buf_free(&block);
    return st;
}

static void
frames_are_taken_or_refused(void **state)
{
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        struct block_fault fault = { .st = VLT_OK, .why = "taken" };
        uint8_t bytes[CAP];
        size_t len = bytes_of(frames[i].hex, bytes);
        bool holds = block_frame_holds(vlt_slice_of(bytes, len), 2, &fault);

        print_message("%s: %s\n", frames[i].says, fault.why);
        assert_int_equal(holds, frames[i].holds);
        assert_int_equal(fault.st, holds ? VLT_OK : VLT_E_FORMAT);
        assert_int_equal(decode_around(bytes, len),
                         frames[i].unpacks ? VLT_OK : VLT_E_FORMAT);
    }
}

/* A frame may stand for no bytes, where all texts are empty. */
static void
an_empty_frame_is_a_frame(void **state)
{
    struct block_fault fault = { .st = VLT_OK };
    uint8_t bytes[CAP];
    size_t len = bytes_of("28b52ffd 20 00 010000", bytes);

    assert_true(block_frame_holds(vlt_slice_of(bytes, len), 0, &fault));
    len = bytes_of("502a4d18 00000000", bytes);
    assert_false(block_frame_holds(vlt_slice_of(bytes, len), 0, &fault));
}

static void
decodes_to(const char *path, const struct vlt_rows *rows)
{
    uint8_t bytes[CAP];
    size_t len = hex_file(path, bytes, sizeof bytes);
    struct vlt_rows *again = block_decoded(vlt_slice_of(bytes, len));

    assert_true(vlt_rows_same(rows, again));
    vlt_rows_free(again);
}

static void
the_vectors_decode_as_published(void **state)
{
    static const struct vlt_field field = { 1, VLT_TYPE_TEXT };
    static const struct vlt_schema schema = { &field, 1 };
    static const char *const words[] = { "on", "off", "on" };
    static const int64_t t0 = INT64_C(1700000000) * VLT_SECOND;
    struct vlt_rows *rows = block_rows_of(VLT_TYPE_F64);

    for (int i = 0; i < 2; i++) {
        assert_int_equal(vlt_rows_add(rows, t0 + i * VLT_SECOND), VLT_OK);
        vlt_rows_set(rows, 0, vlt_bits_of((215 + i) / 10.0));
    }
    decodes_to(VECTORS "planes.hex", rows);
    vlt_rows_free(rows);
    assert_int_equal(vlt_rows_new(&schema, &rows), VLT_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(vlt_rows_add(rows, t0 + i * VLT_SECOND), VLT_OK);
        assert_int_equal(vlt_rows_set_text(rows, 0, vlt_slice_text(words[i])),
                         VLT_OK);
    }
    decodes_to(VECTORS "squeezed.hex", rows);
    vlt_rows_free(rows);
}

/* ---- what is packed how ---- */

/* Doubles that are no decimals, near one another. */
static struct vlt_rows *
measured(size_t count)
{
    struct vlt_rows *rows = block_rows_of(VLT_TYPE_F64);
    uint64_t x = 1;

    for (size_t i = 0; i < count; i++) {
        double noise = (double)(block_draw(&x) >> 11) / 0x1p53;

        block_add_bits(rows, vlt_bits_of(20 + noise));
    }
    return rows;
}

static void
doubles_that_are_no_decimals_become_planes(void **state)
{
    size_t len;

    assert_int_equal(block_round(measured(2000), &len), PLANES);
    assert_true(len < 15 * 2000 * 8 / 16 + 40);
}

static void
few_of_them_stay_raw(void **state)
{
    assert_int_equal(block_round(measured(127), NULL), RAW);
    assert_int_equal(block_round(measured(128), NULL), PLANES);
}

static void
noise_stays_raw(void **state)
{
    struct vlt_rows *rows = block_rows_of(VLT_TYPE_F64);
    uint64_t x = 1;
    size_t len;

    for (int i = 0; i < 2000; i++) {
        block_add_bits(rows, block_draw(&x));
    }
    assert_int_equal(block_round(rows, &len), RAW);
    assert_int_equal(len, 24 + 8 + 8 + 2000 * 8);
}

/* Four bits of 64 that are zero are not a sixteenth that zstd finds, eight of
 * them are. */
static void
planes_must_save_a_sixteenth(void **state)
{
    for (unsigned bits = 4; bits <= 8; bits += 4) {
        struct vlt_rows *rows = block_rows_of(VLT_TYPE_F64);
        uint64_t x = 1;

        for (int i = 0; i < 4000; i++) {
            block_add_bits(rows, block_draw(&x) >> bits);
        }
        assert_int_equal(block_round(rows, NULL), bits == 4 ? RAW : PLANES);
    }
}

/* Planes are of the values that are there. */
static void
planes_with_gaps_go_round(void **state)
{
    struct vlt_rows *rows = block_rows_of(VLT_TYPE_F64);
    uint64_t x = 1;

    for (int i = 0; i < 3000; i++) {
        block_add(rows);
        if (i % 7 != 3) {
            vlt_rows_set(rows, 0, block_draw(&x) >> 20 | UINT64_C(1) << 62);
        }
    }
    assert_int_equal(block_round(rows, NULL), PLANES);
}

static struct vlt_rows *
events(size_t count, enum vlt_type type)
{
    struct vlt_rows *rows = block_rows_of(type);
    uint64_t x = 1;
    char words[96];

    for (size_t i = 0; i < count; i++) {
        snprintf(words, sizeof words,
                 "{\"temperature\": %d.%d, \"größe\": \"%x\"}",
                 (int)(block_draw(&x) % 9), (int)(block_draw(&x) % 10),
                 (unsigned)(block_draw(&x) & 0xffffff));
        block_add_text(rows, words);
    }
    return rows;
}

static void
texts_that_differ_are_squeezed(void **state)
{
    size_t len;

    assert_int_equal(block_round(events(1000, VLT_TYPE_TEXT), &len), SQUEEZED);
    assert_true(len < 1000 * 20);
    assert_int_equal(block_round(events(1000, VLT_TYPE_JSON), NULL), SQUEEZED);
    assert_int_equal(block_round(events(12000, VLT_TYPE_TEXT), NULL), SQUEEZED);
}

static void
few_texts_stay_plain(void **state)
{
    assert_int_equal(block_round(events(10, VLT_TYPE_TEXT), NULL), PLAIN);
}

/* A dictionary that helps a little, where zstd helps a lot. */
static void
texts_of_which_some_repeat_are_squeezed(void **state)
{
    struct vlt_rows *rows = events(1000, VLT_TYPE_TEXT);
    size_t len;

    for (int i = 0; i < 200; i++) {
        block_add_text(rows, "{\"temperature\": 1.1, \"größe\": \"0\"}");
    }
    assert_int_equal(block_round(rows, &len), SQUEEZED);
    assert_true(len < 1200 * 20);
}

/* What 8 MiB of texts come to may be a small block, and 8 MiB and one byte are
 * refused by their lengths alone. */
static void
texts_up_to_the_limit_go_round(void **state)
{
    struct vlt_rows *rows = block_rows_of(VLT_TYPE_TEXT);
    char *words = malloc(VLT_VALUE_MAX + 1);
    struct vlt_buf buf = { 0 };

    assert_non_null(words);
    memset(words, 'x', VLT_VALUE_MAX);
    words[VLT_VALUE_MAX] = 0;
    for (int i = 0; i < 31; i++) {
        words[i] = 'y';
        block_add_text(rows, words);
    }
    words[VLT_VALUE_MAX - 32 * 8] = 0;
    block_add_text(rows, words);
    assert_int_equal(vlt_rows_size(rows, vlt_rows_all(rows)),
                     VLT_BLOCK_DECODED);
    buf = block_encoded(rows);
    assert_true(buf.len < 8192);
    block_add_text(rows, "x");
    assert_int_equal(vlt_block_encode(rows, vlt_rows_all(rows), 0, &buf),
                     VLT_E_LIMIT);
    vlt_buf_free(&buf);
    vlt_rows_free(rows);
    free(words);
}

/* Lengths of 64 times 256 KiB, and a frame that says so: refused before any of
 * it is unpacked. */
static void
lengths_over_the_limit_are_refused_unread(void **state)
{
    struct vlt_rows *rows = NULL;
    const char *why = NULL;
    uint8_t bytes[CAP];
    size_t at = bytes_of("b1000101 40000000 0000000000000000 08000000 00000000"
                         "00320000 00000000 0100000000000000 13",
                         bytes);

    memset(bytes + at, 0, 152);
    for (size_t i = 0; i < 64; i++) { /* 2^18 at each 19th bit */
        size_t bit = 19 * i + 18;

        bytes[at + bit / 8] = (uint8_t)(bytes[at + bit / 8] | 1 << bit % 8);
    }
    at += 152;
    at += bytes_of("28b52ffd a0 00000001 010000", bytes + at);
    bytes[28] = (uint8_t)(at - 40);
    assert_int_equal(vlt_block_decode(vlt_slice_of(bytes, at), VLT_BLOCK_WIRE,
                                      NULL, &why, &rows),
                     VLT_E_LIMIT);
    assert_string_equal(why, "over 8 MiB decoded");
}

/* ---- damage ---- */

/* A block with planes and squeezed texts. */
static struct vlt_buf
packed_block(void)
{
    static const struct vlt_field fields[] = { { 0, VLT_TYPE_F64 },
                                               { 1, VLT_TYPE_TEXT } };
    static const struct vlt_schema schema = { fields, 2 };
    struct vlt_rows *rows = NULL;
    uint64_t x = 1;
    char words[64];

    assert_int_equal(vlt_rows_new(&schema, &rows), VLT_OK);
    for (int i = 0; i < 130; i++) {
        snprintf(words, sizeof words, "row %d of the block ü", i);
        block_add(rows);
        vlt_rows_set(rows, 0, block_draw(&x) >> 32 | UINT64_C(1) << 62);
        assert_int_equal(vlt_rows_set_text(rows, 1, vlt_slice_text(words)),
                         VLT_OK);
    }
    struct vlt_buf buf = block_encoded(rows);

    assert_int_equal(buf.at[25], VLT_TYPE_F64 << 4 | PLANES);
    assert_int_equal(buf.at[33], VLT_TYPE_TEXT << 4 | SQUEEZED);
    vlt_rows_free(rows);
    return buf;
}

static void
every_cut_of_frames_is_refused(void **state)
{
    struct vlt_buf buf = packed_block();
    struct vlt_rows *rows = NULL;

    for (size_t len = 0; len < buf.len; len++) {
        assert_int_equal(vlt_block_decode(vlt_slice_of(buf.at, len),
                                          VLT_BLOCK_DISK, NULL, NULL, &rows),
                         VLT_E_FORMAT);
    }
    vlt_buf_free(&buf);
}

/* A frame has no checksum, so other values may come out: but rows that are
 * valid, or none. */
static void
every_changed_byte_of_frames_leaves_valid_rows_or_none(void **state)
{
    struct vlt_buf buf = packed_block();

    for (size_t i = 0; i < buf.len; i++) {
        struct vlt_rows *rows = NULL;
        uint8_t was = buf.at[i];

        buf.at[i] ^= (uint8_t)(1u << (i % 8));
        if (vlt_block_decode(vlt_buf_slice(&buf), VLT_BLOCK_WIRE, NULL, NULL,
                             &rows) == VLT_OK) {
            struct vlt_buf again = block_encoded(rows);

            vlt_buf_free(&again);
        }
        vlt_rows_free(rows);
        buf.at[i] = was;
    }
    vlt_buf_free(&buf);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_taken_or_refused),
        cmocka_unit_test(an_empty_frame_is_a_frame),
        cmocka_unit_test(the_vectors_decode_as_published),
        cmocka_unit_test(doubles_that_are_no_decimals_become_planes),
        cmocka_unit_test(few_of_them_stay_raw),
        cmocka_unit_test(noise_stays_raw),
        cmocka_unit_test(planes_must_save_a_sixteenth),
        cmocka_unit_test(planes_with_gaps_go_round),
        cmocka_unit_test(texts_that_differ_are_squeezed),
        cmocka_unit_test(few_texts_stay_plain),
        cmocka_unit_test(texts_of_which_some_repeat_are_squeezed),
        cmocka_unit_test(texts_up_to_the_limit_go_round),
        cmocka_unit_test(lengths_over_the_limit_are_refused_unread),
        cmocka_unit_test(every_cut_of_frames_is_refused),
        cmocka_unit_test(
            every_changed_byte_of_frames_leaves_valid_rows_or_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
