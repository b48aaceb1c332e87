#include "unit.h"

#include "util/siphash_internal.h"

/* Made with a Python SipHash that gives the published value of SipHash-2-4 and,
 * as SipHash-1-3 without a seed, that of CPython's hash(). */
static const struct {
    size_t len; /* bytes 00 01 02 … */
    uint64_t hash;
} known[] = {
    { 0, UINT64_C(0xabac0158050fc4dc) },  { 1, UINT64_C(0xc9f49bf37d57ca93) },
    { 7, UINT64_C(0xd3927d989bb11140) },  { 8, UINT64_C(0x369095118d299a8e) },
    { 15, UINT64_C(0xd320d86d2a519956) }, { 16, UINT64_C(0xcc4fdd1a7d908b66) },
    { 32, UINT64_C(0x81157b6c16a7b60d) }, { 63, UINT64_C(0x9d199062b7bbb3a8) },
};

static void
hashes_are_those_that_others_compute(void **state)
{
    uint8_t bytes[64];

    for (uint8_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = i;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        assert_true(siphash(bytes, vlt_slice_of(bytes, known[i].len)) ==
                    known[i].hash);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_are_those_that_others_compute),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
