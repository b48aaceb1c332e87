#include "unit.h"

#include <string.h>

#include "keys/keyring.h"
#include "store/manifest.h"

static const struct manifest some = {
    .id = { 1, 2, 3 },
    .time_ns = INT64_C(1700000000123456789),
    .commit = 77,
    .keyring_n = 3,
    .keyring_g = 9,
    .page = 4096,
    .entries = 12,
};

static enum vlt_status
decode(const uint8_t *at, size_t len)
{
    struct manifest out;

    return manifest_decode(vlt_slice_of(at, len), &out);
}

static void
a_manifest_is_read_as_it_was_written(void **state)
{
    uint8_t bytes[MANIFEST_LEN];
    struct manifest out;

    manifest_encode(&some, bytes);
    assert_int_equal(manifest_decode(vlt_slice_of(bytes, sizeof bytes), &out),
                     VLT_OK);
    assert_memory_equal(&out, &some, sizeof out);
}

static void
a_manifest_that_is_cut_or_longer_is_none(void **state)
{
    uint8_t bytes[MANIFEST_LEN + 1] = { 0 };

    manifest_encode(&some, bytes);
    for (size_t len = 0; len <= sizeof bytes; len++) {
        assert_int_equal(decode(bytes, len),
                         len == MANIFEST_LEN ? VLT_OK : VLT_E_FORMAT);
    }
}

static void
what_must_be_as_it_is_is_asked(void **state)
{
    uint8_t bytes[MANIFEST_LEN];

    for (size_t at = 0; at < MANIFEST_LEN; at++) {
        bool fixed = at < 12 || at >= 67; /* 67: too many entries */

        manifest_encode(&some, bytes);
        bytes[at] ^= 1;
        assert_int_equal(decode(bytes, sizeof bytes) == VLT_OK, !fixed);
    }
}

static void
a_newer_version_and_too_many_keys_are_over_the_limit(void **state)
{
    struct manifest many = some;
    uint8_t bytes[MANIFEST_LEN];

    manifest_encode(&some, bytes);
    bytes[8] = 2;
    assert_int_equal(decode(bytes, sizeof bytes), VLT_E_LIMIT);
    many.entries = KEYRING_ENTRIES_MAX;
    manifest_encode(&many, bytes);
    assert_int_equal(decode(bytes, sizeof bytes), VLT_OK);
    many.entries++;
    manifest_encode(&many, bytes);
    assert_int_equal(decode(bytes, sizeof bytes), VLT_E_LIMIT);
}

static void
a_tree_is_read_as_it_was_written(void **state)
{
    struct manifest_tree tree = { .size = 5, .head = { 9, 8, 7 } };
    struct manifest_tree out;
    uint8_t bytes[MANIFEST_TREE];

    manifest_encode_tree(&tree, bytes);
    for (size_t len = 0; len < sizeof bytes; len++) {
        assert_int_equal(manifest_decode_tree(vlt_slice_of(bytes, len), &out),
                         VLT_E_FORMAT);
    }
    assert_int_equal(
        manifest_decode_tree(vlt_slice_of(bytes, sizeof bytes), &out), VLT_OK);
    assert_int_equal(out.size, 5);
    assert_memory_equal(out.head, tree.head, sizeof out.head);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_manifest_is_read_as_it_was_written),
        cmocka_unit_test(a_manifest_that_is_cut_or_longer_is_none),
        cmocka_unit_test(what_must_be_as_it_is_is_asked),
        cmocka_unit_test(a_newer_version_and_too_many_keys_are_over_the_limit),
        cmocka_unit_test(a_tree_is_read_as_it_was_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
