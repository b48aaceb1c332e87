/* Root's 256 bytes, field by field. */
#include "unit.h"

#include <string.h>

#include "base/writer.h"
#include "store/root.h"

static struct root
some_root(void)
{
    struct root root = { .commit = 9,
                         .arrival = 100,
                         .no = 7,
                         .keyring_n = 2,
                         .keyring_g = 5,
                         .set_hash = { 1, 2, 3 },
                         .audit_size = 44,
                         .audit_head = { 4, 5, 6 },
                         .highest_ns = -12,
                         .drained = 3 };

    root.tail[0] = (struct root_tail){ 1, 1, 50, ROOT_TAIL_CLOSED };
    root.tail[1] = (struct root_tail){ 2, 50, 0, ROOT_TAIL_OPEN };
    return root;
}

static enum vlt_status
decode(const uint8_t *bytes, size_t len)
{
    struct root root;

    return root_decode(vlt_slice_of(bytes, len), &root);
}

static void
all_fields_come_back(void **state)
{
    struct root root = some_root();
    struct root again;
    uint8_t bytes[ROOT_LEN];
    uint8_t twice[ROOT_LEN];

    root_encode(&root, bytes);
    assert_int_equal(root_decode(vlt_slice_of(bytes, ROOT_LEN), &again),
                     VLT_OK);
    assert_int_equal(again.highest_ns, -12);
    assert_int_equal(again.tail[1].first, 50);
    root_encode(&again, twice);
    assert_memory_equal(bytes, twice, sizeof bytes);
}

static void
fields_stand_where_the_format_says(void **state)
{
    struct root root = some_root();
    uint8_t bytes[ROOT_LEN];

    root_encode(&root, bytes);
    assert_int_equal(vlt_load_u32(bytes), 1);
    assert_int_equal(vlt_load_u64(bytes + 8), 9);
    assert_int_equal(vlt_load_u64(bytes + 16), 100);
    assert_int_equal(vlt_load_u64(bytes + 24), 7);
    assert_int_equal(vlt_load_u64(bytes + 32), 2);
    assert_int_equal(vlt_load_u64(bytes + 40), 5);
    assert_int_equal(vlt_load_u64(bytes + 48 + 28), 2);
    assert_int_equal(vlt_load_u32(bytes + 48 + 28 + 24), ROOT_TAIL_OPEN);
    assert_memory_equal(bytes + 160, root.set_hash, 32);
    assert_int_equal(vlt_load_u64(bytes + 192), 44);
    assert_memory_equal(bytes + 200, root.audit_head, 32);
    assert_int_equal((int64_t)vlt_load_u64(bytes + 232), -12);
    assert_int_equal(vlt_load_u64(bytes + 240), 3);
}

static const struct {
    const char *says;
    size_t at;
    uint8_t value;
    enum vlt_status st;
} refused[] = {
    { "a newer version", 0, 2, VLT_E_LIMIT },
    { "no version", 0, 0, VLT_E_FORMAT },
    { "a zero that is not", 4, 1, VLT_E_FORMAT },
    { "a zero at the end that is not", 255, 1, VLT_E_FORMAT },
    { "no commit", 8, 0, VLT_E_FORMAT },
    { "no next arrival", 16, 0, VLT_E_FORMAT },
    { "no next number", 24, 0, VLT_E_FORMAT },
    { "a slot in no known state", 48 + 24, 3, VLT_E_FORMAT },
    { "a closed slot that ends before it begins", 48 + 16, 0, VLT_E_FORMAT },
    { "a closed slot that ends after all", 48 + 16, 101, VLT_E_FORMAT },
    { "an open slot with an end", 48 + 28 + 16, 60, VLT_E_FORMAT },
    { "an open slot that begins after all", 48 + 28 + 8, 101, VLT_E_FORMAT },
    { "a free slot that is not empty", 48 + 56, 1, VLT_E_FORMAT },
};

static void
what_contradicts_itself_is_refused(void **state)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct root root = some_root();
        uint8_t bytes[ROOT_LEN];

        print_message("%s\n", refused[i].says);
        root_encode(&root, bytes);
        bytes[refused[i].at] = refused[i].value;
        assert_int_equal(decode(bytes, sizeof bytes), refused[i].st);
    }
}

static void
every_other_length_is_refused(void **state)
{
    struct root root = some_root();
    uint8_t bytes[ROOT_LEN + 16] = { 0 };

    root_encode(&root, bytes);
    for (size_t len = 0; len <= sizeof bytes; len++) {
        assert_int_equal(decode(bytes, len),
                         len == ROOT_LEN ? VLT_OK : VLT_E_FORMAT);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_fields_come_back),
        cmocka_unit_test(fields_stand_where_the_format_says),
        cmocka_unit_test(what_contradicts_itself_is_refused),
        cmocka_unit_test(every_other_length_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
