/*
 * A house's energy and climate, 26 streams of one file,
 * against what is known of it.  VAULT_TEST_DATA names the folder of the data
 * sets; without them this is skipped.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/import.h"
#include "import/mapping.h"
#include "unit.h"

enum {
    SKIPPED = 77,
    STREAMS = 26,
    ROWS = 4932,
};

static const char yaml[] =
    "time: {from: date, format: \"%Y-%m-%d %H:%M:%S\", zone: UTC}\n"
    "streams:\n"
    "  - {name: appliances, from: Appliances, type: i64, unit: W.h}\n"
    "  - {name: lights, from: lights, type: i64, unit: W.h}\n"
    "  - {name: \"T{1..9}\", from: \"T{1..9}\", unit: Cel}\n"
    "  - {name: \"RH_{1..9}\", from: \"RH_{1..9}\", unit: \"%\"}\n"
    "  - {name: T_out, from: T_out, unit: Cel}\n"
    "  - {name: pressure, from: Press_mm_hg, unit: \"mm[Hg]\"}\n"
    "  - {name: RH_out, from: RH_out, unit: \"%\"}\n"
    "  - {name: wind, from: Windspeed, unit: m/s}\n"
    "  - {name: visibility, from: Visibility, unit: km}\n"
    "  - {name: dewpoint, from: Tdewpoint, unit: Cel}\n"
    "ignore: [rv1, rv2, NSM, WeekStatus, Day_of_week]\n";

struct tally {
    unsigned rows, faults;
    int64_t appliances, lights;
    double least_t1, greatest_t1, greatest_rh1;
};

static enum vlt_status
on_row(void *ctx, const struct import_row *row)
{
    struct tally *tally = ctx;
    double value = row->cells[0].real;

    tally->rows++;
    if (vlt_slice_is(row->stream, "appliances")) {
        tally->appliances += row->cells[0].whole;
    } else if (vlt_slice_is(row->stream, "lights")) {
        tally->lights += row->cells[0].whole;
    } else if (vlt_slice_is(row->stream, "T1")) {
        tally->least_t1 = value < tally->least_t1 ? value : tally->least_t1;
        tally->greatest_t1 =
            value > tally->greatest_t1 ? value : tally->greatest_t1;
    } else if (vlt_slice_is(row->stream, "RH_1")) {
        tally->greatest_rh1 =
            value > tally->greatest_rh1 ? value : tally->greatest_rh1;
    }
    return VLT_OK;
}

static enum vlt_status
on_fault(void *ctx, const struct import_fault *fault)
{
    struct tally *tally = ctx;

    print_message("%s: %s\n", fault->field, fault->says);
    tally->faults++;
    return VLT_OK;
}

static FILE *
open_file(void)
{
    const char *named = getenv("VAULT_TEST_DATA");
    char path[4096];

    snprintf(path, sizeof path, "%s/home-energy/appliances_energy_testing.csv",
             named != NULL ? named : VAULT_SOURCE "/../shared/data");
    return fopen(path, "rb");
}

/* Import the file by a mapping; returns how that ended. */
static enum vlt_status
import(const char *text, struct tally *tally)
{
    struct import_sink sink = { tally, on_row, on_fault };
    struct import_options options = { 0 };
    struct mapping_fault fault;
    struct mapping *mapping = NULL;
    struct import *import = NULL;
    FILE *file = open_file();
    enum vlt_status st = VLT_OK;
    uint8_t piece[4096];

    assert_non_null(file);
    assert_int_equal(mapping_read(vlt_slice_text(text), NULL, &fault, &mapping),
                     VLT_OK);
    options.mapping = mapping;
    assert_int_equal(import_new("csv", &options, &sink, &import), VLT_OK);
    while (st == VLT_OK && !feof(file)) {
        size_t len = fread(piece, 1, sizeof piece, file);

        st = import_feed(import, vlt_slice_of(piece, len));
    }
    if (st == VLT_OK) {
        st = import_end(import);
    }
    import_free(import);
    mapping_free(mapping);
    fclose(file);
    return st;
}

static void
a_house_is_what_is_known_of_it(void **state)
{
    struct tally tally = { .least_t1 = 1000 };

    assert_int_equal(import(yaml, &tally), VLT_OK);
    assert_int_equal(tally.faults, 0);
    assert_int_equal(tally.rows, STREAMS * ROWS);
    assert_int_equal(tally.appliances, 477150);
    assert_int_equal(tally.lights, 18740);
    assert_true(tally.least_t1 == 16.79 && tally.greatest_t1 == 26.26);
    assert_true(tally.greatest_rh1 == 56.3933333333333);
}

static void
a_column_that_is_forgotten_is_named(void **state)
{
    char text[sizeof yaml];
    struct tally tally = { 0 };

    memcpy(text, yaml, sizeof yaml);
    memcpy(strstr(text, "NSM"), "rv1", 3);
    assert_int_equal(import(text, &tally), VLT_E_FORMAT);
    assert_int_equal(tally.faults, 1);
    assert_int_equal(tally.rows, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_house_is_what_is_known_of_it),
        cmocka_unit_test(a_column_that_is_forgotten_is_named),
    };
    FILE *file = open_file();

    if (file == NULL) {
        printf("SKIP no home-energy (VAULT_TEST_DATA)\n");
        return SKIPPED;
    }
    fclose(file);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
