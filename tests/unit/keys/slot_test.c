/* A slot opens with its key, in its vault, untouched; else not. */
#include "unit.h"

#include <string.h>

#include "base/writer.h"
#include "keys/slot.h"

static const uint8_t here[SLOT_VAULT] =
    "vaultd1\0\1\0\0\0\1\0\0\0here-here-here";
static const uint8_t elsewhere[SLOT_VAULT] =
    "vaultd1\0\1\0\0\0\1\0\0\0elsewhere-else";
static const char horse[] = "horse-horse-horse-horse-horse-ho";
static const char mouse[] = "mouse-mouse-mouse-mouse-mouse-mo";
static const char root[] = "root-root-root-root-root-root-ro";

static struct vlt_secret *
key_of(const char *text)
{
    struct vlt_secret *key;

    assert_int_equal(vlt_secret_copy(vlt_slice_of(text, 32), &key), VLT_OK);
    return key;
}

static struct slot_about
passphrase_slot(void)
{
    return (struct slot_about){ .type = SLOT_PASSPHRASE,
                                .number = 3,
                                .cost = { .t = 3, .m_kib = KEK_M_MIN },
                                .salt = "salt-salt-salt-" };
}

static enum vlt_status
seal(const struct slot_about *about, uint8_t record[SLOT_LEN])
{
    struct vlt_secret *kek = key_of(horse);
    struct vlt_secret *rk = key_of(root);
    enum vlt_status st = slot_seal(here, about, kek, rk, record);

    vlt_secret_free(kek);
    vlt_secret_free(rk);
    return st;
}

static void
seal_under_horse(uint8_t record[SLOT_LEN])
{
    struct slot_about about = passphrase_slot();

    assert_int_equal(seal(&about, record), VLT_OK);
}

static enum vlt_status
open_in(const uint8_t *vault, const uint8_t *record, size_t len,
        const char *with)
{
    struct vlt_secret *kek = key_of(with);
    struct vlt_secret *rk = NULL;
    enum vlt_status st = slot_open(vault, vlt_slice_of(record, len), kek, &rk);

    if (st == VLT_OK) {
        assert_memory_equal(vlt_secret_peek(rk), root, SLOT_KEY_LEN);
    } else {
        assert_null(rk);
    }
    vlt_secret_free(kek);
    vlt_secret_free(rk);
    return st;
}

static enum vlt_status
open_with_horse(const uint8_t *record, size_t len)
{
    return open_in(here, record, len, horse);
}

static void
the_right_key_opens_it(void **state)
{
    uint8_t record[SLOT_LEN];

    seal_under_horse(record);
    assert_int_equal(open_with_horse(record, sizeof record), VLT_OK);
}

static void
a_wrong_key_does_not(void **state)
{
    uint8_t record[SLOT_LEN];

    seal_under_horse(record);
    assert_int_equal(open_in(here, record, sizeof record, mouse), VLT_E_AUTH);
}

/* Tamper with every byte in turn: none may go unnoticed. */
static void
every_byte_of_the_record_counts(void **state)
{
    uint8_t record[SLOT_LEN];

    seal_under_horse(record);
    for (size_t i = 0; i < sizeof record; i++) {
        for (int bit = 1; bit < 256; bit <<= 1) {
            record[i] ^= (uint8_t)bit;
            assert_int_not_equal(open_with_horse(record, sizeof record),
                                 VLT_OK);
            record[i] ^= (uint8_t)bit;
        }
    }
}

static void
no_other_length_is_a_slot(void **state)
{
    uint8_t record[SLOT_LEN + 1] = { 0 };

    seal_under_horse(record);
    for (size_t len = 0; len < SLOT_LEN; len++) {
        assert_int_equal(open_with_horse(record, len), VLT_E_FORMAT);
    }
    assert_int_equal(open_with_horse(record, SLOT_LEN + 1), VLT_E_FORMAT);
}

static void
a_slot_of_another_vault_does_not_open(void **state)
{
    uint8_t record[SLOT_LEN];

    seal_under_horse(record);
    assert_int_equal(open_in(elsewhere, record, sizeof record, horse),
                     VLT_E_AUTH);
}

static void
two_slots_of_one_key_differ(void **state)
{
    uint8_t one[SLOT_LEN];
    uint8_t two[SLOT_LEN];

    seal_under_horse(one);
    seal_under_horse(two);
    assert_memory_equal(one, two, 80); /* head and commit */
    assert_memory_not_equal(one + 80, two + 80, 24);
    assert_memory_not_equal(one + 104, two + 104, 48);
}

static void
what_it_says_is_what_was_put(void **state)
{
    struct slot_about about = passphrase_slot();
    uint8_t record[SLOT_LEN];
    struct slot_about read;

    seal_under_horse(record);
    assert_int_equal(slot_read(vlt_slice_of(record, sizeof record), &read),
                     VLT_OK);
    assert_int_equal(read.type, SLOT_PASSPHRASE);
    assert_int_equal(read.number, 3);
    assert_int_equal(read.cost.t, 3);
    assert_int_equal(read.cost.m_kib, KEK_M_MIN);
    assert_memory_equal(read.salt, about.salt, KEK_SALT);
}

/* Where one field leads, when it is changed to a value. */
static const struct {
    const char *says;
    size_t at;
    uint32_t value;
    enum vlt_status st;
} fields[] = {
    { "t below the floor", 4, 2, VLT_E_LIMIT },
    { "t above the ceiling", 4, 17, VLT_E_LIMIT },
    { "m below the floor", 8, KEK_M_MIN - 1, VLT_E_LIMIT },
    { "m above the ceiling", 8, KEK_M_MAX + 1, VLT_E_LIMIT },
    { "m beyond all measure", 8, UINT32_MAX, VLT_E_LIMIT },
    { "two lanes", 12, 2, VLT_E_FORMAT },
    { "no lane", 12, 0, VLT_E_FORMAT },
    { "padding behind the salt", 32, 1, VLT_E_FORMAT },
    { "padding at the end", 220, 1, VLT_E_FORMAT },
    { "an unknown type", 0, 0x01010304, VLT_E_FORMAT },
    { "number 8", 0, 0x01010801, VLT_E_FORMAT },
    { "suite 2", 0, 0x01020301, VLT_E_FORMAT },
    { "an unknown kdf", 0, 0x02010301, VLT_E_FORMAT },
    { "a passphrase without kdf", 0, 0x00010301, VLT_E_FORMAT },
    { "words with a kdf", 0, 0x01010302, VLT_E_FORMAT },
    { "an empty slot that is not empty", 0, 0, VLT_E_FORMAT },
};

static void
costs_and_fields_are_checked_before_any_key(void **state)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        uint8_t record[SLOT_LEN];
        struct slot_about read;

        print_message("%s\n", fields[i].says);
        seal_under_horse(record);
        vlt_store_u32(record + fields[i].at, fields[i].value);
        assert_int_equal(slot_read(vlt_slice_of(record, SLOT_LEN), &read),
                         fields[i].st);
        assert_int_equal(open_with_horse(record, SLOT_LEN), fields[i].st);
    }
}

static void
an_empty_slot_reads_but_never_opens(void **state)
{
    uint8_t record[SLOT_LEN] = { 0 };
    struct slot_about read;

    assert_int_equal(slot_read(vlt_slice_of(record, SLOT_LEN), &read), VLT_OK);
    assert_int_equal(read.type, SLOT_EMPTY);
    assert_int_equal(open_with_horse(record, SLOT_LEN), VLT_E_AUTH);
}

static void
no_slot_is_made_that_would_not_be_read(void **state)
{
    uint8_t record[SLOT_LEN];
    struct slot_about about = passphrase_slot();

    about.cost.t = 1;
    assert_int_equal(seal(&about, record), VLT_E_LIMIT);
    about = passphrase_slot();
    about.number = SLOT_COUNT;
    assert_int_equal(seal(&about, record), VLT_E_LIMIT);
    about = (struct slot_about){ .type = SLOT_EMPTY };
    assert_int_equal(seal(&about, record), VLT_E_LIMIT);
    about = (struct slot_about){ .type = SLOT_RECOVERY };
    assert_int_equal(seal(&about, record), VLT_OK);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_right_key_opens_it),
        cmocka_unit_test(a_wrong_key_does_not),
        cmocka_unit_test(every_byte_of_the_record_counts),
        cmocka_unit_test(no_other_length_is_a_slot),
        cmocka_unit_test(a_slot_of_another_vault_does_not_open),
        cmocka_unit_test(two_slots_of_one_key_differ),
        cmocka_unit_test(what_it_says_is_what_was_put),
        cmocka_unit_test(costs_and_fields_are_checked_before_any_key),
        cmocka_unit_test(an_empty_slot_reads_but_never_opens),
        cmocka_unit_test(no_slot_is_made_that_would_not_be_read),
    };

    if (vlt_secret_init() != VLT_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
