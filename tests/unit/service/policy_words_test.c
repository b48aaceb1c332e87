/* The same rules decide, wherever they stand by now. */
#include "service/policy_internal.h"

#include "unit.h"

static bool
same(const char *a, const char *b)
{
    return policy_same_words(vlt_slice_text(a), vlt_slice_text(b));
}

static void
a_rule_that_moved_is_the_same(void **state)
{
    assert_true(same("your rule bill (home.yaml:4:5)",
                     "your rule bill (home.yaml:12:5)"));
    assert_true(same("your rule a (h.yaml:4:5) and your rule b (h.yaml:9:5)",
                     "your rule a (i.yaml:4:5) and your rule b (i.yaml:10:5)"));
    assert_true(same("your default, ask (home.yaml:2:1)",
                     "your default, ask (built in; no file says one)"));
}

static void
another_rule_is_not(void **state)
{
    assert_false(same("your rule bill (home.yaml:4:5)",
                      "your rule bills (home.yaml:4:5)"));
    assert_false(same("your rule a (h.yaml:4:5) and your rule b (h.yaml:9:5)",
                      "your rule a (h.yaml:4:5) and your rule c (h.yaml:9:5)"));
    assert_false(same("your rule bill (home.yaml:4:5)", "your rule bill"));
}

static void
a_file_may_have_a_bracket_in_its_name(void **state)
{
    assert_true(same("your rule bill (home (copy).yaml:4:5)",
                     "your rule bill (home (copy).yaml:5:5)"));
    assert_false(same("your rule a (b).yaml:4:5) and your rule b (c:9:5)",
                      "your rule a (b).yaml:5:5) and your rule c (c:9:5)"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_that_moved_is_the_same),
        cmocka_unit_test(another_rule_is_not),
        cmocka_unit_test(a_file_may_have_a_bracket_in_its_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
