#include "base/id.h"

#include <string.h>

#include "unit.h"

static const uint8_t counting[VLT_ID_LEN] = { 0x01, 0x23, 0x45, 0x67,
                                              0x89, 0xAB, 0xCD, 0xEF,
                                              0x10, 0x32, 0x54, 0x76,
                                              0x98, 0xBA, 0xDC, 0xFE };

static void
a_ulid_is_26_characters_from_the_highest_bit_on(void **state)
{
    uint8_t id[VLT_ID_LEN] = { 0 };
    char text[VLT_ULID_TEXT];

    assert_string_equal(vlt_ulid_print(id, text), "00000000000000000000000000");
    id[VLT_ID_LEN - 1] = 31;
    assert_string_equal(vlt_ulid_print(id, text), "0000000000000000000000000Z");
    memset(id, 0xFF, sizeof id);
    assert_string_equal(vlt_ulid_print(id, text), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
    /* The specification's example is of 1469918176385 ms. */
    const uint8_t time[VLT_ID_LEN] = { 0x01, 0x56, 0x3D, 0xF3, 0x64, 0x81 };

    assert_memory_equal(vlt_ulid_print(time, text), "01ARYZ6S41", 10);
}

static void
a_ulid_of_either_case_reads_back(void **state)
{
    char text[VLT_ULID_TEXT];
    char lower[VLT_ULID_TEXT];
    uint8_t id[VLT_ID_LEN];

    vlt_ulid_print(counting, text);
    assert_int_equal(vlt_ulid_parse(vlt_slice_text(text), id), VLT_OK);
    assert_memory_equal(id, counting, sizeof id);
    for (size_t i = 0; i < sizeof text; i++) {
        bool letter = text[i] >= 'A' && text[i] <= 'Z';

        lower[i] = letter ? (char)(text[i] + 32) : text[i];
    }
    memset(id, 0, sizeof id);
    assert_int_equal(vlt_ulid_parse(vlt_slice_text(lower), id), VLT_OK);
    assert_memory_equal(id, counting, sizeof id);
}

static const char *const no_ulids[] = {
    "",
    "0123456789ABCDEFGHJKMNPQR",
    "0123456789ABCDEFGHJKMNPQRST",
    "8ZZZZZZZZZZZZZZZZZZZZZZZZZ", /* 129 bits */
    "0123456789ABCDEFGHJKMNPQRI",
    "0123456789ABCDEFGHJKMNPQRL",
    "0123456789ABCDEFGHJKMNPQRO",
    "0123456789ABCDEFGHJKMNPQRU",
    "0123456789ABCDEFGHJKMNPQR-",
    "0123456789ABCDEFGHJKMNPQR ",
};

static void
what_is_no_ulid_is_refused(void **state)
{
    uint8_t id[VLT_ID_LEN] = { 42 };

    for (size_t i = 0; i < sizeof no_ulids / sizeof no_ulids[0]; i++) {
        print_message("%s\n", no_ulids[i]);
        assert_int_equal(vlt_ulid_parse(vlt_slice_text(no_ulids[i]), id),
                         VLT_E_FORMAT);
        assert_int_equal(id[0], 42);
    }
}

static void
hex_is_lower_case_and_reads_either(void **state)
{
    uint8_t bytes[4] = { 0 };
    char text[2 * VLT_ID_LEN + 1];

    assert_string_equal(vlt_hex_print(counting, VLT_ID_LEN, text),
                        "0123456789abcdef1032547698badcfe");
    assert_string_equal(vlt_hex_print(NULL, 0, text), "");
    assert_int_equal(vlt_hex_parse(vlt_slice_text("deADBEef"), bytes, 4),
                     VLT_OK);
    assert_memory_equal(bytes, "\xDE\xAD\xBE\xEF", 4);
}

static void
hex_of_another_length_or_digit_is_refused(void **state)
{
    uint8_t bytes[4] = { 42, 42, 42, 42 };

    assert_int_equal(vlt_hex_parse(vlt_slice_text("deadbee"), bytes, 4),
                     VLT_E_FORMAT);
    assert_int_equal(vlt_hex_parse(vlt_slice_text("deadbeef0"), bytes, 4),
                     VLT_E_FORMAT);
    assert_int_equal(vlt_hex_parse(vlt_slice_text("deadbeef00"), bytes, 4),
                     VLT_E_FORMAT);
    assert_int_equal(vlt_hex_parse(vlt_slice_text("deadbeeg"), bytes, 4),
                     VLT_E_FORMAT);
    assert_int_equal(vlt_hex_parse(vlt_slice_text("0xdeadbe"), bytes, 4),
                     VLT_E_FORMAT);
    assert_memory_equal(bytes, "****", 4);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ulid_is_26_characters_from_the_highest_bit_on),
        cmocka_unit_test(a_ulid_of_either_case_reads_back),
        cmocka_unit_test(what_is_no_ulid_is_refused),
        cmocka_unit_test(hex_is_lower_case_and_reads_either),
        cmocka_unit_test(hex_of_another_length_or_digit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
