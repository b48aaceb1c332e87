/* Memory may be missing anywhere while rows are rounded: then there are none,
 * and that is said. */
#include "unit.h"

#include "no_memory.h"
#include "service/page_internal.h"
#include "vocab/vocab.h"

static const struct stream_column columns[] = {
    { 0, VLT_TYPE_F64, "value" },
    { 1, VLT_TYPE_TEXT, "note" },
};

static const struct stream stream = {
    .name = "a", .unit = "1", .keep = INT64_MAX, .columns = 2, .column = columns
};

/* Never rows that are none, and never such as were not rounded. */
static void
without_memory_it_fails_and_gives_nothing(void **state)
{
    struct read_stream at = { .stream = &stream };
    struct terms_step step = { .nano = INT64_C(500000000) };
    bool failed = true;

    (void)state;
    at.want.columns = 2;
    at.want.column[1] = 1;
    for (size_t n = 0; failed; n++) {
        struct vlt_rows *rows = NULL;
        struct vlt_rows *out = NULL;

        assert_int_equal(page_new_rows(&at, &rows), VLT_OK);
        assert_int_equal(vlt_rows_add(rows, 7), VLT_OK);
        vlt_rows_set(rows, 0, vlt_bits_of(1.7));
        memory_take(n, true);
        enum vlt_status st = oblige_round(&stream, &at.want, step, rows, &out);

        failed = memory_give();
        assert_int_equal(st, failed ? VLT_E_NOMEM : VLT_OK);
        assert_int_equal(out != NULL, !failed);
        vlt_rows_free(out);
        vlt_rows_free(rows);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_memory_it_fails_and_gives_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
