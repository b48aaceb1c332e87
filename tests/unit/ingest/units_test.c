#include "ingest/units.h"

#include "unit.h"

static void
a_unit_tells_a_category_where_it_can(void **state)
{
    assert_string_equal(units_category("Cel"), "home.climate");
    assert_string_equal(units_category("kW.h"), "energy.electricity");
    assert_null(units_category("%"));
    assert_null(units_category("pcs"));
}

static void
a_quantity_tells_a_category(void **state)
{
    assert_string_equal(units_quantity_category(vlt_slice_text("battery")),
                        "device.state");
    assert_string_equal(units_quantity_category(vlt_slice_text("lock")),
                        "home.presence");
    assert_null(units_quantity_category(vlt_slice_text("sensor")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_unit_tells_a_category_where_it_can),
        cmocka_unit_test(a_quantity_tells_a_category),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
