/*
 * A real time series as line protocol, gzipped, 100 lines a
 * body, in seconds.  VAULT_TEST_DATA names the folder of the data sets;
 * without them this is skipped.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "base/time.h"
#include "ingest/adapter.h"
#include "ingest/gunzip.h"
#include "unit.h"

enum {
    SKIPPED = 77,
    LINES = 100, /* of a body */
};

struct tally {
    unsigned samples, faults;
    double sum;
    size_t line; /* of the last fault */
};

static enum vlt_status
on_sample(void *ctx, const struct sample *sample)
{
    struct tally *tally = ctx;

    tally->samples++;
    tally->sum += sample->cells[0].real;
    return VLT_OK;
}

static enum vlt_status
on_fact(void *ctx, const struct sample_fact *fact)
{
    return VLT_OK;
}

static enum vlt_status
on_fault(void *ctx, const struct sample_fault *fault)
{
    struct tally *tally = ctx;

    tally->faults++;
    tally->line = fault->place.line;
    return VLT_OK;
}

static FILE *
open_file(void)
{
    const char *named = getenv("VAULT_TEST_DATA");
    char path[4096];

    snprintf(path, sizeof path, "%s/timeseries-nab/nyc_taxi.csv",
             named != NULL ? named : VAULT_SOURCE "/../shared/data");
    return fopen(path, "rb");
}

/* As a writer does: gzip the body, post it; as the door does: inflate it,
 * give it to the adapter of its path. */
static void
post(const struct vlt_buf *body, struct tally *tally)
{
    const struct adapter *adapter =
        adapter_by_path(vlt_slice_text("/api/v2/write"));
    struct sample_sink sink = { tally, on_sample, on_fact, on_fault };
    struct adapter_input input = { .received = 0 };
    struct vlt_buf inflated = { 0 };
    uint8_t packed[65536];
    z_stream stream = { 0 };

    assert_int_equal(
        deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY),
        Z_OK);
    stream.next_in = body->at;
    stream.avail_in = (unsigned)body->len;
    stream.next_out = packed;
    stream.avail_out = sizeof packed;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    struct vlt_slice sent =
        vlt_slice_of(packed, sizeof packed - stream.avail_out);

    deflateEnd(&stream);
    assert_int_equal(gunzip(sent, ADAPTER_INFLATED, &inflated), VLT_OK);
    assert_int_equal(adapter_precision(vlt_slice_text("s"), &input.precision),
                     VLT_OK);
    input.body = vlt_buf_slice(&inflated);
    assert_int_equal(adapter->parse(&input, &sink), VLT_OK);
    vlt_buf_free(&inflated);
}

/* 2014-07-01 00:00:00,10844 as a line with its time in seconds. */
static void
put_line(char *row, struct vlt_buf *body)
{
    int64_t ns = 0;

    row[10] = 'T';
    row[19] = 'Z';
    assert_int_equal(vlt_time_parse(vlt_slice_of(row, 20), &ns), VLT_OK);
    vlt_buf_printf(body, "taxi,city=nyc passengers=%s %" PRId64 "\n", row + 20,
                   ns / VLT_SECOND);
}

/* Post the file; line `bad` of the first body (0: none) is spoilt. */
static struct tally
post_all(size_t bad)
{
    FILE *file = open_file();
    struct tally tally = { 0 };
    struct vlt_buf body = { 0 };
    size_t lines = 0;
    char row[128];

    assert_non_null(file);
    assert_non_null(fgets(row, sizeof row, file)); /* the header */
    while (fgets(row, sizeof row, file) != NULL) {
        row[strcspn(row, "\r\n")] = '\0';
        lines++;
        if (lines == bad) {
            vlt_buf_put_text(&body, "taxi,city=nyc passengers=21,5 1\n");
        } else {
            put_line(row, &body);
        }
        if (lines % LINES == 0) {
            post(&body, &tally);
            vlt_buf_clear(&body);
        }
    }
    post(&body, &tally);
    vlt_buf_free(&body);
    fclose(file);
    return tally;
}

static void
half_a_year_of_taxis_arrives_whole(void **state)
{
    struct tally tally = post_all(0);

    assert_int_equal(tally.samples, 10320);
    assert_int_equal(tally.faults, 0);
    assert_true(tally.sum == 156219716);
}

static void
a_bad_line_costs_itself(void **state)
{
    struct tally tally = post_all(7);

    assert_int_equal(tally.samples, 10319);
    assert_int_equal(tally.faults, 1);
    assert_int_equal(tally.line, 7);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_a_year_of_taxis_arrives_whole),
        cmocka_unit_test(a_bad_line_costs_itself),
    };
    FILE *file = open_file();

    if (file == NULL) {
        printf("SKIP no timeseries-nab (VAULT_TEST_DATA)\n");
        return SKIPPED;
    }
    fclose(file);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
