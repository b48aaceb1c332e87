/* A header is read whole and believed only under its MAC. */
#include "unit.h"

#include <string.h>

#include "base/writer.h"
#include "crypto/random.h"
#include "keys/header.h"

struct made {
    struct vlt_secret *rk;
    struct header header;
    uint8_t bytes[HEADER_LEN];
};

static void
make(struct made *made)
{
    struct slot_about about = { .type = SLOT_CREDENTIAL, .number = 2 };
    struct vlt_secret *kek;
    uint8_t vault[SLOT_VAULT];

    memset(&made->header, 0, sizeof made->header);
    vlt_random(made->header.vault_id, VLT_ID_LEN);
    vlt_random(made->header.instance_id, VLT_ID_LEN);
    vlt_random(made->header.inbox_pk, VLT_BOX_PK);
    header_vault(&made->header, vault);
    assert_int_equal(vlt_secret_random(SLOT_KEY_LEN, &made->rk), VLT_OK);
    assert_int_equal(vlt_secret_random(VLT_KEY_LEN, &kek), VLT_OK);
    assert_int_equal(
        slot_seal(vault, &about, kek, made->rk, made->header.slot[2]), VLT_OK);
    assert_int_equal(header_encode(&made->header, made->rk, made->bytes),
                     VLT_OK);
    vlt_secret_free(kek);
}

static struct vlt_slice
bytes_of(const struct made *made)
{
    return vlt_slice_of(made->bytes, sizeof made->bytes);
}

static void
what_was_written_is_read(void **state)
{
    struct made made;
    struct header read;

    make(&made);
    assert_int_equal(header_decode(bytes_of(&made), &read), VLT_OK);
    assert_memory_equal(&read, &made.header, sizeof read);
    assert_int_equal(header_check(bytes_of(&made), made.rk), VLT_OK);
    vlt_secret_free(made.rk);
}

static void
fields_stand_where_the_format_says(void **state)
{
    struct made made;

    make(&made);
    assert_memory_equal(made.bytes, "vaultd1\0\1\0\0\0\1\0\0\0", 16);
    assert_memory_equal(made.bytes + 16, made.header.vault_id, 16);
    assert_memory_equal(made.bytes + 32, made.header.instance_id, 16);
    assert_memory_equal(made.bytes + 48, made.header.inbox_pk, 32);
    assert_memory_equal(made.bytes + 96 + 2 * 224, made.header.slot[2], 224);
    vlt_secret_free(made.rk);
}

/* Either reading it or checking its MAC must say no. */
static void
every_byte_of_the_header_counts(void **state)
{
    struct made made;
    struct header read;

    make(&made);
    for (size_t i = 0; i < sizeof made.bytes; i++) {
        made.bytes[i] ^= 0x40;
        assert_false(header_decode(bytes_of(&made), &read) == VLT_OK &&
                     header_check(bytes_of(&made), made.rk) == VLT_OK);
        made.bytes[i] ^= 0x40;
    }
    vlt_secret_free(made.rk);
}

static void
no_other_length_is_a_header(void **state)
{
    struct made made;
    struct header read;

    make(&made);
    for (size_t len = 0; len < sizeof made.bytes; len++) {
        struct vlt_slice cut = vlt_slice_of(made.bytes, len);

        assert_int_equal(header_decode(cut, &read), VLT_E_FORMAT);
        assert_int_equal(header_check(cut, made.rk), VLT_E_AUTH);
    }
    vlt_secret_free(made.rk);
}

static void
another_root_key_does_not_check(void **state)
{
    struct made made;
    struct vlt_secret *other;

    make(&made);
    assert_int_equal(vlt_secret_random(SLOT_KEY_LEN, &other), VLT_OK);
    assert_int_equal(header_check(bytes_of(&made), other), VLT_E_AUTH);
    vlt_secret_free(other);
    vlt_secret_free(made.rk);
}

static void
a_newer_format_is_refused_as_such(void **state)
{
    struct made made;
    struct header read;

    make(&made);
    assert_false(header_newer(bytes_of(&made)));
    vlt_store_u32(made.bytes + 8, HEADER_FORMAT + 1);
    assert_int_equal(header_decode(bytes_of(&made), &read), VLT_E_LIMIT);
    assert_true(header_newer(bytes_of(&made)));
    vlt_store_u32(made.bytes + 8, 0);
    assert_int_equal(header_decode(bytes_of(&made), &read), VLT_E_FORMAT);
    vlt_secret_free(made.rk);
}

static void
a_slot_stands_at_its_number(void **state)
{
    struct made made;
    struct header read;

    make(&made);
    memcpy(made.header.slot[5], made.header.slot[2], SLOT_LEN);
    assert_int_equal(header_encode(&made.header, made.rk, made.bytes), VLT_OK);
    assert_int_equal(header_decode(bytes_of(&made), &read), VLT_E_FORMAT);
    vlt_secret_free(made.rk);
}

static void
a_backups_header_is_none_of_a_vault(void **state)
{
    struct made made;
    struct header read;
    uint8_t as_vault[HEADER_LEN];

    make(&made);
    memcpy(as_vault, made.bytes, sizeof as_vault);
    made.header.of = HEADER_OF_BACKUP;
    vlt_random(made.header.stream, sizeof made.header.stream);
    assert_int_equal(header_encode(&made.header, made.rk, made.bytes), VLT_OK);
    assert_memory_equal(made.bytes, "vaultbk1\1\0\0\0\1\0\0\0", 16);
    assert_memory_equal(made.bytes + 80, made.header.stream, HEADER_STREAM);
    assert_int_equal(header_decode_backup(bytes_of(&made), &read), VLT_OK);
    assert_memory_equal(&read, &made.header, sizeof read);
    assert_int_equal(header_check(bytes_of(&made), made.rk), VLT_OK);
    assert_int_equal(header_decode(bytes_of(&made), &read), VLT_E_FORMAT);
    assert_int_equal(
        header_decode_backup(vlt_slice_of(as_vault, sizeof as_vault), &read),
        VLT_E_FORMAT);
    /* Nor does it become one by its name: the MAC is of another key. */
    memcpy(made.bytes, "vaultd1", 8);
    assert_int_equal(header_check(bytes_of(&made), made.rk), VLT_E_AUTH);
    memcpy(made.bytes, "vaultbk1\2", 9);
    assert_int_equal(header_decode_backup(bytes_of(&made), &read), VLT_E_LIMIT);
    assert_true(header_newer(bytes_of(&made)));
    vlt_secret_free(made.rk);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(fields_stand_where_the_format_says),
        cmocka_unit_test(every_byte_of_the_header_counts),
        cmocka_unit_test(no_other_length_is_a_header),
        cmocka_unit_test(another_root_key_does_not_check),
        cmocka_unit_test(a_newer_format_is_refused_as_such),
        cmocka_unit_test(a_slot_stands_at_its_number),
        cmocka_unit_test(a_backups_header_is_none_of_a_vault),
    };

    if (vlt_secret_init() != VLT_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
