#include "base/unit.h"

#include "unit.h"

static const char *
stored(const char *spelling, bool known)
{
    static struct vlt_buf out;

    vlt_buf_clear(&out);
    assert_int_equal(vlt_unit_put(&out, vlt_slice_text(spelling)), known);
    return vlt_buf_text(&out);
}

static void
a_spelling_becomes_ucum(void **state)
{
    static const struct {
        const char *spelling;
        const char *ucum;
    } known[] = {
        { "°C", "Cel" },         { "Cel", "Cel" },
        { "kWh", "kW.h" },       { "°F", "[degF]" },
        { "µg/m³", "ug/m3" },    { "μg/m³", "ug/m3" },
        { "mbar", "hPa" },       { "%RH", "%" },
        { "bpm", "/min" },       { "kph", "km/h" },
        { "dBASPL", "dB[SPL]" }, { "", "1" },
        { "none", "1" },         { "mmHg", "mm[Hg]" },
        { "°", "deg" },          { "{EUR/10^2}", "{EUR/10^2}" },
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        assert_string_equal(stored(known[i].spelling, true), known[i].ucum);
    }
}

static void
an_unknown_unit_becomes_an_annotation(void **state)
{
    assert_string_equal(stored("pcs", false), "{pcs}");
    assert_string_equal(stored("a {b} ½", false), "{a__b____}");
    assert_null(vlt_unit_find(vlt_slice_text("pcs")));
    assert_null(vlt_unit_find(vlt_slice_text("")));
    assert_null(vlt_unit_find(vlt_slice_text("cel")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spelling_becomes_ucum),
        cmocka_unit_test(an_unknown_unit_becomes_an_annotation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
