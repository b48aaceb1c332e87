/*
 * Any bytes as a stored record, and as what a caller gives.  What is taken
 * prints and loads as itself.
 */
#include "interaction/record.h"

#include <stdlib.h>

#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Print, load, print again: the same bytes. */
static void
round_trip(const struct record *record)
{
    struct record_fault fault;
    struct record loaded;
    struct vlt_buf first = { 0 };
    struct vlt_buf second = { 0 };

    record_print(record, &first);
    must(record_load(vlt_buf_slice(&first), &fault, &loaded) == VLT_OK);
    record_print(&loaded, &second);
    must(vlt_slice_equal(vlt_buf_slice(&first), vlt_buf_slice(&second)));
    vlt_buf_free(&first);
    vlt_buf_free(&second);
}

static void
try_given(const struct vlt_json *json)
{
    struct record_stamp stamp = { .id = { 1 }, .now = 1795630842000000000 };
    struct record_fault fault;
    struct record record;
    struct record next;

    if (record_take(json, &stamp, &fault, &record) != VLT_OK) {
        return;
    }
    round_trip(&record);
    if (record_amend(&record, json, &stamp, &fault, &next) == VLT_OK) {
        must(next.rev == 2);
        round_trip(&next);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_slice text = vlt_slice_of(bytes, len);
    struct record_fault fault;
    struct record record;
    struct vlt_json *json = NULL;

    if (record_load(text, &fault, &record) == VLT_OK) {
        round_trip(&record);
    }
    if (vlt_json_parse(text, RECORD_MAX, RECORD_DEPTH, NULL, &json) == VLT_OK) {
        try_given(json);
        vlt_json_free(json);
    }
    return 0;
}
