/* How much may be taken, at each limit. */
#include "unit.h"

#include "store/space.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

static const struct {
    const char *says;
    uint64_t free, quota;
} quotas[] = {
    { "nothing is free", 0, 16 * MIB },
    { "less than twice the least", 32 * MIB - 2, 16 * MIB },
    { "a little more", 32 * MIB + 2, 16 * MIB + 1 },
    { "half of a disk", 70 * GIB, 35 * GIB },
    { "less than twice the most", 120 * GIB - 2, 60 * GIB - 1 },
    { "twice the most", 120 * GIB, 60 * GIB },
    { "a large disk", 4000 * GIB, 60 * GIB },
    { "as much as there can be", UINT64_MAX, 60 * GIB },
};

static void
a_quota_is_half_of_what_is_free_and_60_gib_at_most(void **state)
{
    for (size_t i = 0; i < sizeof quotas / sizeof *quotas; i++) {
        print_message("%s\n", quotas[i].says);
        assert_int_equal(space_quota(quotas[i].free), quotas[i].quota);
    }
}

static const struct {
    const char *says;
    uint64_t size, margin;
} margins[] = {
    { "no disk", 0, 64 * MIB },
    { "64 MiB are 5 % of it", 1280 * MIB, 64 * MIB },
    { "they are less", 1300 * MIB, 1300 * MIB / 100 * 5 },
    { "a large disk", 1000 * GIB, 50 * GIB },
    { "as large as there can be", UINT64_MAX, UINT64_MAX / 100 * 5 },
};

static void
a_disk_keeps_64_mib_and_5_percent_free(void **state)
{
    for (size_t i = 0; i < sizeof margins / sizeof *margins; i++) {
        print_message("%s\n", margins[i].says);
        assert_int_equal(space_margin(margins[i].size), margins[i].margin);
    }
}

/* Of a quota of 1,000 MiB on a disk whose margin is 64 MiB. */
static const struct {
    const char *says;
    uint64_t used, free;
    enum store_stop stop;
} judged[] = {
    { "an empty vault", 0, 500 * MIB, STORE_STOP_NONE },
    { "a byte below nine tenths", 900 * MIB - 1, 500 * MIB, STORE_STOP_NONE },
    { "nine tenths", 900 * MIB, 500 * MIB, STORE_STOP_QUOTA },
    { "all of it", 1000 * MIB, 500 * MIB, STORE_STOP_QUOTA },
    { "more than it", 2000 * MIB, 500 * MIB, STORE_STOP_QUOTA },
    { "the margin is free", 0, 64 * MIB, STORE_STOP_NONE },
    { "a byte less is", 0, 64 * MIB - 1, STORE_STOP_DISK },
    { "nothing is", 0, 0, STORE_STOP_DISK },
    { "both", 900 * MIB, 0, STORE_STOP_QUOTA },
};

static void
rows_stop_at_nine_tenths_of_the_quota_or_at_the_margin(void **state)
{
    for (size_t i = 0; i < sizeof judged / sizeof *judged; i++) {
        struct space space = { .quota = 1000 * MIB,
                               .used = judged[i].used,
                               .free = judged[i].free,
                               .size = 1280 * MIB };

        print_message("%s\n", judged[i].says);
        assert_int_equal(space_judge(&space), judged[i].stop);
    }
}

static void
without_a_quota_the_disk_alone_stops_them(void **state)
{
    struct space space = { .used = 5000 * GIB,
                           .free = 64 * MIB,
                           .size = 1280 * MIB };

    assert_int_equal(space_judge(&space), STORE_STOP_NONE);
    space.free--;
    assert_int_equal(space_judge(&space), STORE_STOP_DISK);
}

static const struct {
    const char *says;
    uint64_t map, most, file, grown;
} maps[] = {
    { "64 MiB are left", 64 * GIB, 1024 * GIB, 64 * GIB - 64 * MIB, 64 * GIB },
    { "a page less is", 64 * GIB, 1024 * GIB, 64 * GIB - 64 * MIB + 4096,
      128 * GIB },
    { "a quarter of a small one is left", 8 * MIB, 64 * MIB, 6 * MIB, 8 * MIB },
    { "a page less is", 8 * MIB, 64 * MIB, 6 * MIB + 4096, 16 * MIB },
    { "a file from a larger map", 64 * GIB, 1024 * GIB, 200 * GIB, 256 * GIB },
    { "it is doubled to the most", 48 * GIB, 64 * GIB, 48 * GIB, 64 * GIB },
    { "at the most", 64 * GIB, 64 * GIB, 64 * GIB, 64 * GIB },
    { "above the most", 64 * GIB, 16 * GIB, 64 * GIB, 64 * GIB },
    { "a map that may not grow", 8 * MIB, 0, 8 * MIB, 8 * MIB },
};

static void
a_map_is_doubled_when_its_end_is_near(void **state)
{
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
        print_message("%s\n", maps[i].says);
        assert_int_equal(
            space_map((size_t)maps[i].map, (size_t)maps[i].most, maps[i].file),
            maps[i].grown);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quota_is_half_of_what_is_free_and_60_gib_at_most),
        cmocka_unit_test(a_disk_keeps_64_mib_and_5_percent_free),
        cmocka_unit_test(
            rows_stop_at_nine_tenths_of_the_quota_or_at_the_margin),
        cmocka_unit_test(without_a_quota_the_disk_alone_stops_them),
        cmocka_unit_test(a_map_is_doubled_when_its_end_is_near),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
