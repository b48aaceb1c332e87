#include "ingest/adapter.h"

#include "unit.h"

static void
an_adapter_is_found_by_its_path(void **state)
{
    assert_string_equal(adapter_by_path(vlt_slice_text("/api/v2/write"))->name,
                        "influx");
    assert_string_equal(adapter_by_path(vlt_slice_text("/write"))->name,
                        "influx");
    assert_string_equal(adapter_by_path(vlt_slice_text("/collectd"))->name,
                        "collectd");
    assert_null(adapter_by_path(vlt_slice_text("/")));
    assert_null(adapter_by_path(vlt_slice_text("/write/")));
    assert_null(adapter_by_path(vlt_slice_text("")));
}

static void
an_adapter_is_found_by_its_name(void **state)
{
    assert_int_equal(adapter_by_name(vlt_slice_text("influx"))->done, 204);
    assert_int_equal(adapter_by_name(vlt_slice_text("collectd"))->done, 200);
    assert_null(adapter_by_name(vlt_slice_text("")));
}

static void
precisions_are_those_of_influx(void **state)
{
    int64_t ns = 0;

    assert_int_equal(adapter_precision(vlt_slice_text("µ"), &ns), VLT_OK);
    assert_int_equal(ns, 1000);
    assert_int_equal(adapter_precision(vlt_slice_text("h"), &ns), VLT_OK);
    assert_int_equal(ns, INT64_C(3600000000000));
    assert_int_equal(adapter_precision(vlt_slice_text(""), &ns), VLT_OK);
    assert_int_equal(ns, 1);
    assert_int_equal(adapter_precision(vlt_slice_text("d"), &ns), VLT_E_FORMAT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_adapter_is_found_by_its_path),
        cmocka_unit_test(an_adapter_is_found_by_its_name),
        cmocka_unit_test(precisions_are_those_of_influx),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
