/*
 * Nine real time series, imported whole and in pieces,
 * against what is known of them.  VAULT_TEST_DATA names the folder of the data
 * sets; without them this is skipped.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "import/import.h"
#include "import/mapping.h"
#include "unit.h"

enum { SKIPPED = 77, FILE_MAX = 1 << 20 };

static const char yaml[] =
    "time: {from: timestamp, format: \"%Y-%m-%d %H:%M:%S\", zone: UTC}\n"
    "streams: [{name: nab, from: value}]\n";

/* Rows, sum or mean (0: not known), least and greatest (NaN: not known),
 * gaps over four median steps and the longest, in seconds (-1: not known). */
static const struct known {
    const char *name;
    unsigned rows;
    double sum, mean, least, greatest;
    int64_t longest;
} known[] = {
    { "ambient_temperature_system_failure", 7267, 0, 71.2424, 57.45840559,
      86.22321261, 626400 },
    { "nyc_taxi", 10320, 156219716, 15137.5694, NAN, NAN, 1800 },
    { "rogue_agent_key_hold", 1882, 0, 0, NAN, 0.8950121529999999, 164100 },
    { "TravelTime_387", 2500, 812734, 0, 9, 5059, -1 },
    { "speed_7578", 1127, 72183, 0, 1, 90, -1 },
    { "occupancy_6005", 2380, 0, 0, NAN, 22.28, -1 },
    { "Twitter_volume_AMZN", 15831, 843768, 53.2985, NAN, NAN, 300 },
    { "Twitter_volume_FB", 15833, 282006, 17.8113, NAN, NAN, -1 },
    { "Twitter_volume_UPS", 15866, 86570, 5.4563, NAN, NAN, -1 },
};

struct tally {
    unsigned rows, faults;
    double sum, least, greatest;
    int64_t last, longest;
};

static enum vlt_status
on_row(void *ctx, const struct import_row *row)
{
    struct tally *tally = ctx;
    double value = row->cells[0].real;

    if (tally->rows > 0 && row->time - tally->last > tally->longest) {
        tally->longest = row->time - tally->last;
    }
    tally->least = value < tally->least ? value : tally->least;
    tally->greatest = value > tally->greatest ? value : tally->greatest;
    tally->sum += value;
    tally->last = row->time;
    tally->rows++;
    return VLT_OK;
}

static enum vlt_status
on_fault(void *ctx, const struct import_fault *fault)
{
    struct tally *tally = ctx;

    print_message("%s\n", fault->says);
    tally->faults++;
    return VLT_OK;
}

static const char *
folder(void)
{
    const char *named = getenv("VAULT_TEST_DATA");

    return named != NULL ? named : VAULT_SOURCE "/../shared/data";
}

/* The file's bytes in a buffer that lasts until the next; 0: not there. */
static struct vlt_slice
read_file(const char *name)
{
    static uint8_t bytes[FILE_MAX];
    char path[4096];
    FILE *file;
    size_t len;

    snprintf(path, sizeof path, "%s/timeseries-nab/%s.csv", folder(), name);
    file = fopen(path, "rb");
    if (file == NULL) {
        return vlt_slice_of(NULL, 0);
    }
    len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    return vlt_slice_of(bytes, len);
}

static struct tally
import(struct vlt_slice file, size_t piece)
{
    struct tally tally = { .least = INFINITY, .greatest = -INFINITY };
    struct import_sink sink = { &tally, on_row, on_fault };
    struct import_options options = { 0 };
    struct mapping_fault fault;
    struct mapping *mapping = NULL;
    struct import *import = NULL;

    assert_int_equal(mapping_read(vlt_slice_text(yaml), NULL, &fault, &mapping),
                     VLT_OK);
    options.mapping = mapping;
    assert_int_equal(import_new("csv", &options, &sink, &import), VLT_OK);
    for (size_t at = 0; at < file.len; at += piece) {
        size_t len = file.len - at < piece ? file.len - at : piece;

        assert_int_equal(import_feed(import, vlt_slice_of(file.at + at, len)),
                         VLT_OK);
    }
    assert_int_equal(import_end(import), VLT_OK);
    import_free(import);
    mapping_free(mapping);
    return tally;
}

static void
check(const struct known *one, const struct tally *tally)
{
    assert_int_equal(tally->faults, 0);
    assert_int_equal(tally->rows, one->rows);
    if (one->sum != 0) {
        assert_true(tally->sum == one->sum);
    }
    if (one->mean != 0) {
        assert_true(fabs(tally->sum / tally->rows - one->mean) < 5e-5);
    }
    if (!isnan(one->least)) {
        assert_true(tally->least == one->least);
    }
    if (!isnan(one->greatest)) {
        assert_true(tally->greatest == one->greatest);
    }
    if (one->longest >= 0) {
        assert_int_equal(tally->longest, one->longest * VLT_SECOND);
    }
}

static void
each_series_is_what_is_known_of_it(void **state)
{
    static const size_t pieces[] = { 1, 7, 4096, FILE_MAX };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct vlt_slice file = read_file(known[i].name);

        print_message("%s\n", known[i].name);
        assert_true(file.len > 0);
        for (size_t k = 0; k < sizeof pieces / sizeof pieces[0]; k++) {
            struct tally tally = import(file, pieces[k]);

            check(&known[i], &tally);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_series_is_what_is_known_of_it),
    };

    if (read_file(known[0].name).len == 0) {
        printf("SKIP no timeseries-nab in %s (VAULT_TEST_DATA)\n", folder());
        return SKIPPED;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
