/* Amounts of bytes as people write them. */
#include "unit.h"

#include "main/size.h"

static const struct {
    const char *text;
    enum vlt_status st;
    uint64_t bytes;
} cases[] = {
    { "1MiB", VLT_OK, UINT64_C(1) << 20 },
    { "512MiB", VLT_OK, UINT64_C(512) << 20 },
    { "40GiB", VLT_OK, UINT64_C(40) << 30 },
    { "1TiB", VLT_OK, UINT64_C(1) << 40 },
    { "0MiB", VLT_OK, 0 },
    { "8388607TiB", VLT_OK, UINT64_C(8388607) << 40 },
    { "8388608TiB", VLT_E_LIMIT, 0 },
    { "9223372036854775807MiB", VLT_E_LIMIT, 0 },
    { "9223372036854775808MiB", VLT_E_FORMAT, 0 },
    { "", VLT_E_FORMAT, 0 },
    { "MiB", VLT_E_FORMAT, 0 },
    { "40", VLT_E_FORMAT, 0 },
    { "40 GiB", VLT_E_FORMAT, 0 },
    { "40GB", VLT_E_FORMAT, 0 },
    { "40gib", VLT_E_FORMAT, 0 },
    { "40GiB ", VLT_E_FORMAT, 0 },
    { "-1GiB", VLT_E_FORMAT, 0 },
    { "+1GiB", VLT_E_FORMAT, 0 },
    { "1.5GiB", VLT_E_FORMAT, 0 },
    { "0x10GiB", VLT_E_FORMAT, 0 },
};

static void
a_size_is_a_whole_number_and_its_unit(void **state)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t bytes = 7;

        print_message("\"%s\"\n", cases[i].text);
        assert_int_equal(size_parse(vlt_slice_text(cases[i].text), &bytes),
                         cases[i].st);
        assert_int_equal(bytes, cases[i].st == VLT_OK ? cases[i].bytes : 7);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_size_is_a_whole_number_and_its_unit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
