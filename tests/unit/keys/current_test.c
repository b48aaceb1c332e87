/* CURRENT says one number, or is refused. */
#include "unit.h"

#include "keys/current.h"

static void
the_number_comes_back(void **state)
{
    uint64_t numbers[] = { 0, 1, 7, UINT32_MAX, UINT64_MAX };

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        uint8_t bytes[CURRENT_LEN];
        uint64_t n = 99;

        current_encode(numbers[i], bytes);
        assert_memory_equal(bytes, "vdCURR01", 8);
        assert_int_equal(current_decode(vlt_slice_of(bytes, CURRENT_LEN), &n),
                         VLT_OK);
        assert_int_equal(n, numbers[i]);
    }
}

static void
every_byte_and_the_length_count(void **state)
{
    uint8_t bytes[CURRENT_LEN + 1] = { 0 };
    uint64_t n = 99;

    current_encode(7, bytes);
    for (size_t i = 0; i < CURRENT_LEN; i++) {
        bytes[i] ^= 1;
        assert_int_equal(current_decode(vlt_slice_of(bytes, CURRENT_LEN), &n),
                         VLT_E_FORMAT);
        bytes[i] ^= 1;
        assert_int_equal(current_decode(vlt_slice_of(bytes, i), &n),
                         VLT_E_FORMAT);
    }
    assert_int_equal(current_decode(vlt_slice_of(bytes, sizeof bytes), &n),
                     VLT_E_FORMAT);
    assert_int_equal(n, 99);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_number_comes_back),
        cmocka_unit_test(every_byte_and_the_length_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
