#include "wire/block.h"

#include <stdio.h>
#include <stdlib.h>

#include "hex_file.h"
#include "unit.h"

#include "base/time.h"

#define VECTORS VAULT_SOURCE "/tests/vectors/block/"

enum { CAP = 4096 };

/* A block spelled out in hex; blanks do not count. */
static size_t
bytes_of(const char *hex, uint8_t *out)
{
    size_t digits = 0;

    for (; *hex != 0; hex++) {
        if (!isxdigit(*hex)) {
            continue;
        }
        assert_true(digits / 2 < CAP);
        int high = digits % 2 == 0 ? 0 : out[digits / 2] << 4;

        out[digits / 2] = (uint8_t)(high | hex_digit(*hex));
        digits++;
    }
    return digits / 2;
}

static enum vlt_status
decode(const uint8_t *bytes, size_t len, enum vlt_block_mode mode,
       const char **why)
{
    struct vlt_rows *rows = NULL;
    enum vlt_status st;

    /* On the heap and no longer than it is, so that a read past it shows. */
    uint8_t *copy = malloc(len > 0 ? len : 1);

    assert_non_null(copy);
    memcpy(copy, bytes, len);
    st = vlt_block_decode(vlt_slice_of(copy, len), mode, NULL, why, &rows);
    free(copy);
    vlt_rows_free(rows);
    return st;
}

/* One byte, changed in a vector, and what it must lead to. */
static const struct {
    const char *says;
    const char *vector;
    size_t at;
    uint8_t value;
} changed[] = {
    { "another first byte", "one_row.hex", 0, 0xb0 },
    { "a flag", "one_row.hex", 1, 1 },
    { "a column more", "one_row.hex", 2, 2 },
    { "a column less", "one_row.hex", 2, 0 },
    { "a time coding for more rows", "one_row.hex", 3, 1 },
    { "an unknown time coding", "four_rows.hex", 3, 0x94 },
    { "a time unit without use", "one_row.hex", 3, 0x10 },
    { "two rows without times", "one_row.hex", 4, 2 },
    { "a first time without rows", "one_row.hex", 4, 0 },
    { "a first time out of range", "one_row.hex", 15, 0x40 },
    { "a longer time payload", "one_row.hex", 16, 1 },
    { "an id over 63", "one_row.hex", 24, 64 },
    { "the arrival column as f64", "one_row.hex", 24, 255 },
    { "an unknown type", "one_row.hex", 25, 0x50 },
    { "an unknown coding", "one_row.hex", 25, 0x05 },
    { "a scale where there is none", "one_row.hex", 26, 1 },
    { "a scale over 15", "late_stamp.hex", 26, 16 },
    { "an unknown column flag", "one_row.hex", 27, 4 },
    { "patches where there are none", "one_row.hex", 27, 2 },
    { "no patches where there are", "late_stamp.hex", 27, 0 },
    { "nulls where there are none", "one_row.hex", 27, 1 },
    { "a shorter payload", "one_row.hex", 28, 7 },
    { "a longer payload", "one_row.hex", 28, 9 },
    { "planes", "four_rows.hex", 25, 0x04 },
    { "times that step back", "four_rows.hex", 39, 0xff },
    { "a step out of range", "four_rows.hex", 36, 0xff },
    { "a width of 57", "late_stamp.hex", 40, 57 },
    { "a width of 65", "late_stamp.hex", 40, 65 },
    { "a wider group", "late_stamp.hex", 40, 4 },
    { "an unused bit in times", "late_stamp.hex", 52, 0x89 },
    { "an unused bit in values", "late_stamp.hex", 73, 0x89 },
    { "a mantissa over 2^53", "late_stamp.hex", 59, 0x21 },
    { "a patch more", "late_stamp.hex", 74, 2 },
    { "a patch less", "late_stamp.hex", 74, 0 },
    { "a patch out of range", "late_stamp.hex", 78, 32 },
};

static void
one_changed_byte_is_refused(void **state)
{
    for (size_t i = 0; i < sizeof changed / sizeof *changed; i++) {
        uint8_t bytes[CAP];
        char path[256];
        const char *why = NULL;

        snprintf(path, sizeof path, "%s%s", VECTORS, changed[i].vector);
        size_t len = hex_file(path, bytes, sizeof bytes);

        bytes[changed[i].at] = changed[i].value;
        enum vlt_status st = decode(bytes, len, VLT_BLOCK_WIRE, &why);

        print_message("%s: %s\n", changed[i].says, why != NULL ? why : "-");
        assert_int_equal(st, VLT_E_FORMAT);
        assert_non_null(why);
    }
}

/* Whole blocks: what each must lead to, in both modes. */
static const struct {
    const char *says;
    enum vlt_status wire;
    enum vlt_status disk;
    const char *hex;
} blocks[] = {
    { "no rows, no columns", VLT_OK, VLT_E_FORMAT,
      "b1000000 00000000 0000000000000000 00000000 00000000" },
    { "one row without columns", VLT_OK, VLT_OK,
      "b1000000 01000000 0000000000000000 00000000 00000000" },
    { "no rows, one column", VLT_OK, VLT_E_FORMAT,
      "b1000100 00000000 0000000000000000 00000000 00000000"
      "00000000 00000000" },
    { "the arrival column", VLT_E_FORMAT, VLT_OK,
      "b1000100 01000000 0000000000000000 00000000 00000000"
      "ff100000 08000000 0000000000000000" },
    { "the same id twice", VLT_E_FORMAT, VLT_E_FORMAT,
      "b1000200 01000000 0000000000000000 00000000 00000000"
      "00100000 08000000 00100000 08000000"
      "0000000000000000 0000000000000000" },
    { "a zero behind it", VLT_E_FORMAT, VLT_OK,
      "b1000000 01000000 0000000000000000 00000000 00000000 00" },
    { "a one behind it", VLT_E_FORMAT, VLT_E_FORMAT,
      "b1000000 01000000 0000000000000000 00000000 00000000 0001" },
    { "over 65,536 rows", VLT_E_LIMIT, VLT_E_LIMIT,
      "b1000001 01000100 0000000000000000 08000000 00000000"
      "0000000000000000" },
    { "65,536 rows", VLT_OK, VLT_OK,
      "b1000001 00000100 0000000000000000 08000000 00000000"
      "0000000000000000" },
    { "over 65 columns", VLT_E_LIMIT, VLT_E_LIMIT,
      "b1004200 01000000 0000000000000000 00000000 00000000" },
    { "over 8 MiB of cells", VLT_E_LIMIT, VLT_E_LIMIT,
      "b1001101 00000100 0000000000000000 08000000 00000000" },
    { "a block over its limit", VLT_E_LIMIT, VLT_E_LIMIT,
      "b1000100 01000000 0000000000000000 00000000 00000000"
      "00310000 00001000" },
    { "times that pass the end", VLT_E_FORMAT, VLT_E_FORMAT,
      "b1000001 03000000 ffffffffffffff3f 08000000 00000000"
      "0100000000000000" },
    { "times that reach the end", VLT_OK, VLT_OK,
      "b1000001 02000000 feffffffffffff3f 08000000 00000000"
      "0100000000000000" },
    { "a product that wraps", VLT_E_FORMAT, VLT_E_FORMAT,
      "b10000f1 02000000 0000000000000000 08000000 00000000"
      "0000000000000080" },
    { "steps of which the sum wraps", VLT_E_FORMAT, VLT_E_FORMAT,
      "b1000001 03000000 0000000000000000 08000000 00000000"
      "0000000000000080" },
    { "bitmap and value", VLT_OK, VLT_OK,
      "b1000101 02000000 0000000000000000 08000000 00000000"
      "00100001 09000000 0100000000000000 02 0000000000000000" },
    { "an unused bit of the bitmap", VLT_E_FORMAT, VLT_E_FORMAT,
      "b1000101 02000000 0000000000000000 08000000 00000000"
      "00100001 09000000 0100000000000000 06 0000000000000000" },
    { "a bitmap without a bit", VLT_OK, VLT_OK,
      "b1000101 02000000 0000000000000000 08000000 00000000"
      "00100001 01000000 0100000000000000 00" },
    { "a coding without a value", VLT_E_FORMAT, VLT_E_FORMAT,
      "b1000101 02000000 0000000000000000 08000000 00000000"
      "00130001 01000000 0100000000000000 00" },
    { "a bool of two", VLT_E_FORMAT, VLT_E_FORMAT,
      "b1000100 01000000 0000000000000000 00000000 00000000"
      "00200000 01000000 02" },
    { "an unused bit of bools", VLT_E_FORMAT, VLT_E_FORMAT,
      "b1000100 01000000 0000000000000000 00000000 00000000"
      "00210000 01000000 02" },
    { "two patches", VLT_OK, VLT_OK,
      "b1000101 02000000 0000000000000000 08000000 00000000"
      "00010002 25000000 0000000000000000 0000000000000000 00"
      "02000000 00000000 0000000000000000 01000000 0000000000000000" },
    { "two patches of one value", VLT_E_FORMAT, VLT_E_FORMAT,
      "b1000101 02000000 0000000000000000 08000000 00000000"
      "00010002 25000000 0000000000000000 0000000000000000 00"
      "02000000 00000000 0000000000000000 00000000 0000000000000000" },
    { "a text", VLT_OK, VLT_OK,
      "b1000100 01000000 0000000000000000 00000000 00000000"
      "00310000 04000000 02 02 6869" },
    { "a text without a coding", VLT_E_FORMAT, VLT_E_FORMAT,
      "b1000100 01000000 0000000000000000 00000000 00000000"
      "00300000 04000000 02 02 6869" },
    { "a text that needs zstd", VLT_E_FORMAT, VLT_E_FORMAT,
      "b1000100 01000000 0000000000000000 00000000 00000000"
      "00320000 04000000 02 02 6869" },
    { "a text with a zero", VLT_E_FORMAT, VLT_E_FORMAT,
      "b1000100 01000000 0000000000000000 00000000 00000000"
      "00310000 04000000 02 02 6800" },
    { "a text that is not UTF-8", VLT_E_FORMAT, VLT_E_FORMAT,
      "b1000100 01000000 0000000000000000 00000000 00000000"
      "00310000 04000000 02 02 68ff" },
    { "a character cut in two texts", VLT_E_FORMAT, VLT_E_FORMAT,
      "b1000101 02000000 0000000000000000 08000000 00000000"
      "00310000 04000000 0000000000000000 01 03 c3bc" },
    { "a text over its limit", VLT_E_LIMIT, VLT_E_LIMIT,
      "b1000100 01000000 0000000000000000 00000000 00000000"
      "00310000 04000000 13 010004" },
    { "json", VLT_OK, VLT_OK,
      "b1000100 01000000 0000000000000000 00000000 00000000"
      "00410000 04000000 02 02 7b7d" },
    { "json that is none", VLT_E_FORMAT, VLT_OK,
      "b1000100 01000000 0000000000000000 00000000 00000000"
      "00410000 04000000 02 02 7b5d" },
    { "empty json", VLT_E_FORMAT, VLT_OK,
      "b1000100 01000000 0000000000000000 00000000 00000000"
      "00410000 01000000 00" },
    { "a dictionary", VLT_OK, VLT_OK,
      "b1000101 02000000 0000000000000000 08000000 00000000"
      "00330000 08000000 0000000000000000 0200 01 03 61 62 01 02" },
    { "an index beyond it", VLT_E_FORMAT, VLT_E_FORMAT,
      "b1000101 02000000 0000000000000000 08000000 00000000"
      "00330000 08000000 0000000000000000 0200 01 03 61 62 02 0a" },
    { "a dictionary of none", VLT_E_FORMAT, VLT_E_FORMAT,
      "b1000101 02000000 0000000000000000 08000000 00000000"
      "00330000 03000000 0000000000000000 0000 00" },
};

static void
blocks_are_taken_or_refused(void **state)
{
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        uint8_t bytes[CAP];
        size_t len = bytes_of(blocks[i].hex, bytes);
        const char *why = "-";

        print_message("%s", blocks[i].says);
        enum vlt_status wire = decode(bytes, len, VLT_BLOCK_WIRE, &why);
        enum vlt_status disk = decode(bytes, len, VLT_BLOCK_DISK, NULL);

        print_message(": %s\n", why);
        assert_int_equal(wire, blocks[i].wire);
        assert_int_equal(disk, blocks[i].disk);
    }
}

/* A block with a column of each type, gaps, and every coding we write. */
static struct vlt_buf
rich_block(void)
{
    static const struct vlt_field fields[] = {
        { 0, VLT_TYPE_F64 },  { 1, VLT_TYPE_F64 },  { 2, VLT_TYPE_I64 },
        { 3, VLT_TYPE_BOOL }, { 4, VLT_TYPE_TEXT }, { 5, VLT_TYPE_JSON },
    };
    struct vlt_schema schema = { .fields = fields, .count = 6 };
    struct vlt_rows *rows = NULL;
    struct vlt_buf buf = { 0 };
    char words[32];

    assert_int_equal(vlt_rows_new(&schema, &rows), VLT_OK);
    for (int i = 0; i < 40; i++) {
        snprintf(words, sizeof words, "%d", i);
        assert_int_equal(vlt_rows_add(rows, i * VLT_SECOND + i * i % 5),
                         VLT_OK);
        vlt_rows_set(rows, 0, vlt_bits_of(i == 9 ? -0.0 : i / 10.0));
        vlt_rows_set(rows, 1, vlt_bits_of(1.0 / (i + 1)));
        if (i % 3 == 0) {
            vlt_rows_set(rows, 2, (uint64_t)i * (uint64_t)i);
        }
        vlt_rows_set(rows, 3, i & 1);
        assert_int_equal(
            vlt_rows_set_text(rows, 4, vlt_slice_text(i < 20 ? "on" : "off")),
            VLT_OK);
        assert_int_equal(vlt_rows_set_text(rows, 5, vlt_slice_text(words)),
                         VLT_OK);
    }
    assert_int_equal(vlt_block_encode(rows, vlt_rows_all(rows), 0, &buf),
                     VLT_OK);
    vlt_rows_free(rows);
    return buf;
}

static void
every_cut_is_refused(void **state)
{
    struct vlt_buf buf = rich_block();

    for (size_t len = 0; len < buf.len; len++) {
        assert_int_equal(decode(buf.at, len, VLT_BLOCK_WIRE, NULL),
                         VLT_E_FORMAT);
        assert_int_equal(decode(buf.at, len, VLT_BLOCK_DISK, NULL),
                         VLT_E_FORMAT);
    }
    assert_int_equal(decode(buf.at, buf.len, VLT_BLOCK_WIRE, NULL), VLT_OK);
    vlt_buf_free(&buf);
}

/* A changed byte is refused, or gives rows that are valid: which can be packed
 * and read again. */
static void
every_changed_byte_leaves_valid_rows_or_none(void **state)
{
    struct vlt_buf buf = rich_block();

    for (size_t i = 0; i < buf.len * 8; i++) {
        struct vlt_rows *rows = NULL;
        struct vlt_rows *again = NULL;
        struct vlt_buf packed = { 0 };

        buf.at[i / 8] = (uint8_t)(buf.at[i / 8] ^ 1 << (i % 8));
        if (vlt_block_decode(vlt_buf_slice(&buf), VLT_BLOCK_WIRE, NULL, NULL,
                             &rows) == VLT_OK) {
            assert_int_equal(
                vlt_block_encode(rows, vlt_rows_all(rows), 0, &packed), VLT_OK);
            assert_int_equal(vlt_block_decode(vlt_buf_slice(&packed),
                                              VLT_BLOCK_WIRE, NULL, NULL,
                                              &again),
                             VLT_OK);
            assert_true(vlt_rows_same(rows, again));
        }
        buf.at[i / 8] = (uint8_t)(buf.at[i / 8] ^ 1 << (i % 8));
        vlt_rows_free(rows);
        vlt_rows_free(again);
        vlt_buf_free(&packed);
    }
    vlt_buf_free(&buf);
}

static void
a_column_that_the_stream_has_not_is_refused(void **state)
{
    static const struct vlt_field known[] = {
        { 0, VLT_TYPE_F64 },  { 1, VLT_TYPE_F64 },  { 2, VLT_TYPE_I64 },
        { 3, VLT_TYPE_BOOL }, { 4, VLT_TYPE_TEXT }, { 5, VLT_TYPE_JSON },
        { 6, VLT_TYPE_F64 },
    };
    struct vlt_field fields[7];
    struct vlt_buf buf = rich_block();
    struct vlt_rows *rows = NULL;

    for (size_t i = 0; i < 7; i++) {
        struct vlt_schema schema = { .fields = fields, .count = 7 };
        bool used = i < 6;

        memcpy(fields, known, sizeof known);
        assert_int_equal(vlt_block_decode(vlt_buf_slice(&buf), VLT_BLOCK_WIRE,
                                          &schema, NULL, &rows),
                         VLT_OK);
        vlt_rows_free(rows);
        fields[i].type = VLT_TYPE_TEXT + (fields[i].type == VLT_TYPE_TEXT);
        assert_int_equal(vlt_block_decode(vlt_buf_slice(&buf), VLT_BLOCK_WIRE,
                                          &schema, NULL, &rows),
                         used ? VLT_E_FORMAT : VLT_OK);
        if (!used) {
            vlt_rows_free(rows);
        }
        fields[i] = known[i];
        fields[i].id = 40;
        assert_int_equal(vlt_block_decode(vlt_buf_slice(&buf), VLT_BLOCK_WIRE,
                                          &schema, NULL, &rows),
                         used ? VLT_E_FORMAT : VLT_OK);
        if (!used) {
            vlt_rows_free(rows);
        }
    }
    vlt_buf_free(&buf);
}

/* One dictionary string, named by every row, must not become 64 MiB. */
static void
a_dictionary_that_unfolds_over_the_limit_is_refused(void **state)
{
    static uint8_t bytes[24 + 8 + 8 + 2 + 1 + 2 + 1024 + 512];
    struct vlt_slice block = vlt_slice_of(bytes, sizeof bytes);
    size_t at = bytes_of("b1000101 00000100 0000000000000000 08000000 00000000"
                         "00330000 03060000 0000000000000000 0100 0b 0004",
                         bytes);
    struct vlt_rows *rows = NULL;
    const char *why = NULL;

    memset(bytes + at, 'x', 1024); /* 65,536 of them: 64 MiB */
    assert_int_equal(at + 1024 + 512, sizeof bytes);
    bytes[28] = (uint8_t)((sizeof bytes - 40) & 255);
    bytes[29] = (uint8_t)((sizeof bytes - 40) >> 8);
    assert_int_equal(vlt_block_decode(block, VLT_BLOCK_WIRE, NULL, &why, &rows),
                     VLT_E_LIMIT);
    assert_string_equal(why, "over 8 MiB decoded");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_changed_byte_is_refused),
        cmocka_unit_test(blocks_are_taken_or_refused),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(every_changed_byte_leaves_valid_rows_or_none),
        cmocka_unit_test(a_column_that_the_stream_has_not_is_refused),
        cmocka_unit_test(a_dictionary_that_unfolds_over_the_limit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
