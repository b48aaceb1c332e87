#include "wire/entry.h"

#include "unit.h"
#include "with_keys.h"

/* Entry 3 of the vectors, with what opens it. */
struct vector {
    uint8_t entry[VLT_ENTRY_LEN];
    uint8_t salt[VLT_ENTRY_SALT];
    struct vlt_buf detail;
};

static void
load(struct vector *vector)
{
    struct vlt_buf entry = file_of("vectors/receipt/entry.hex");
    struct vlt_buf salt = file_of("vectors/receipt/salt.hex");

    assert_int_equal(vlt_hex_parse(vlt_slice_of(entry.at, 160), vector->entry,
                                   VLT_ENTRY_LEN),
                     VLT_OK);
    assert_int_equal(
        vlt_hex_parse(vlt_slice_of(salt.at, 64), vector->salt, VLT_ENTRY_SALT),
        VLT_OK);
    vector->detail = file_of("vectors/receipt/detail.json");
    vlt_buf_free(&entry);
    vlt_buf_free(&salt);
}

static void
the_entry_of_the_vector_is_read_and_written(void **state)
{
    static const uint8_t grant[VLT_ID_LEN] = { 0x01, 0xa2, 0x01, 0xd7, 0x0b };
    struct vector vector;
    struct vlt_entry entry;
    uint8_t again[VLT_ENTRY_MASTER];

    load(&vector);
    assert_int_equal(
        vlt_entry_decode(vlt_slice_of(vector.entry, VLT_ENTRY_LEN), &entry),
        VLT_OK);
    assert_string_equal(vlt_entry_word(entry.type), "grant");
    assert_int_equal(entry.instance, 1);
    assert_int_equal(entry.index, 3);
    assert_int_equal(entry.time, INT64_C(1795327200) * 1000000000);
    assert_memory_equal(entry.subject, grant, 5);
    assert_int_equal(entry.seq, 1);
    assert_false(entry.master);
    assert_int_equal(vlt_entry_encode(&entry, again), VLT_ENTRY_LEN);
    assert_memory_equal(again, vector.entry, VLT_ENTRY_LEN);
    vlt_buf_free(&vector.detail);
}

static void
a_commitment_opens_to_one_detail_only(void **state)
{
    struct vector vector;
    struct vlt_entry entry;

    load(&vector);
    assert_int_equal(
        vlt_entry_decode(vlt_slice_of(vector.entry, VLT_ENTRY_LEN), &entry),
        VLT_OK);
    struct vlt_slice salt = vlt_slice_of(vector.salt, VLT_ENTRY_SALT);
    struct vlt_slice detail = vlt_buf_slice(&vector.detail);

    assert_true(vlt_entry_opens(&entry, salt, detail));
    for (size_t i = 0; i < vector.detail.len; i++) {
        vector.detail.at[i] ^= 1;
        assert_false(vlt_entry_opens(&entry, salt, detail));
        vector.detail.at[i] ^= 1;
        assert_false(
            vlt_entry_opens(&entry, salt, vlt_slice_of(vector.detail.at, i)));
    }
    for (size_t i = 0; i < VLT_ENTRY_SALT; i++) {
        vector.salt[i] ^= 1;
        assert_false(vlt_entry_opens(&entry, salt, detail));
        vector.salt[i] ^= 1;
        assert_false(
            vlt_entry_opens(&entry, vlt_slice_of(vector.salt, i), detail));
    }
    vlt_buf_free(&vector.detail);
}

static void
a_master_entry_also_names_the_firms_head(void **state)
{
    struct vlt_entry entry = { .type = VLT_ENTRY_TYPES,
                               .instance = 0x01020304,
                               .index = UINT64_MAX,
                               .time = -1,
                               .seq = 7,
                               .master = true,
                               .tree_size = 9 };
    struct vlt_entry again;
    uint8_t bytes[VLT_ENTRY_MASTER];

    memset(entry.tree, 0xAA, sizeof entry.tree);
    memset(entry.tree_root, 0xBB, sizeof entry.tree_root);
    assert_int_equal(vlt_entry_encode(&entry, bytes), VLT_ENTRY_MASTER);
    assert_int_equal(bytes[4], 1); /* big-endian */
    assert_int_equal(bytes[103], 9);
    assert_int_equal(
        vlt_entry_decode(vlt_slice_of(bytes, sizeof bytes), &again), VLT_OK);
    assert_true(again.master);
    assert_int_equal(again.time, -1);
    assert_int_equal(again.tree_size, 9);
    assert_memory_equal(again.tree, entry.tree, sizeof entry.tree);
    assert_memory_equal(again.tree_root, entry.tree_root, 32);
}

static void
other_lengths_versions_and_types_are_refused(void **state)
{
    static const struct {
        const char *says;
        size_t at;
        uint8_t value;
    } changed[] = { { "version 0", 0, 0 }, { "version 2", 0, 2 },
                    { "type 0", 1, 0 },    { "type 24", 1, 24 },
                    { "not zero", 2, 1 },  { "not zero", 3, 128 } };
    struct vlt_entry entry = { .type = 1 };
    uint8_t bytes[VLT_ENTRY_MASTER + 1] = { 0 };

    vlt_entry_encode(&entry, bytes);
    for (size_t len = 0; len <= sizeof bytes; len++) {
        assert_int_equal(vlt_entry_decode(vlt_slice_of(bytes, len), &entry),
                         len == VLT_ENTRY_LEN || len == VLT_ENTRY_MASTER
                             ? VLT_OK
                             : VLT_E_FORMAT);
    }
    for (size_t i = 0; i < sizeof changed / sizeof changed[0]; i++) {
        uint8_t was = bytes[changed[i].at];

        print_message("%s\n", changed[i].says);
        bytes[changed[i].at] = changed[i].value;
        assert_int_equal(
            vlt_entry_decode(vlt_slice_of(bytes, VLT_ENTRY_LEN), &entry),
            VLT_E_FORMAT);
        bytes[changed[i].at] = was;
    }
}

static void
each_type_has_one_word(void **state)
{
    for (int type = 1; type <= VLT_ENTRY_TYPES; type++) {
        const char *word = vlt_entry_word(type);

        assert_non_null(word);
        assert_int_equal(vlt_entry_type(vlt_slice_text(word)), type);
    }
    assert_null(vlt_entry_word(0));
    assert_null(vlt_entry_word(VLT_ENTRY_TYPES + 1));
    assert_int_equal(vlt_entry_type(vlt_slice_text("nothing")), 0);
    assert_string_equal(vlt_entry_word(7), "span.close");
    assert_string_equal(vlt_entry_word(22), "request.bad");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_entry_of_the_vector_is_read_and_written),
        cmocka_unit_test(a_commitment_opens_to_one_detail_only),
        cmocka_unit_test(a_master_entry_also_names_the_firms_head),
        cmocka_unit_test(other_lengths_versions_and_types_are_refused),
        cmocka_unit_test(each_type_has_one_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
