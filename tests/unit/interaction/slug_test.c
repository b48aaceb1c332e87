#include "interaction/slug.h"

#include <string.h>

#include "unit.h"

/* What of the answers below is taken: a list that ends with NULL. */
static bool
listed(void *ctx, const char *slug)
{
    for (const char *const *one = ctx; *one != NULL; one++) {
        if (strcmp(*one, slug) == 0) {
            return true;
        }
    }
    return false;
}

static bool
always(void *ctx, const char *slug)
{
    return true;
}

static const char *none[] = { NULL };

static void
dots_become_hyphens(void **state)
{
    char slug[SLUG_MAX + 1];

    assert_int_equal(
        slug_make(vlt_slice_text("Bright.Grid-2"), listed, none, slug), VLT_OK);
    assert_string_equal(slug, "bright-grid-2");
}

static void
a_long_name_is_cut(void **state)
{
    char slug[SLUG_MAX + 1];

    assert_int_equal(
        slug_make(vlt_slice_text("abcdefghijklmnopqrstuvwxyz0123456789"),
                  listed, none, slug),
        VLT_OK);
    assert_string_equal(slug, "abcdefghijklmnopqrstuvwxyz012345");
}

static void
a_taken_slug_gets_a_number(void **state)
{
    const char *taken[] = { "acme", "acme-2", NULL };
    char slug[SLUG_MAX + 1];

    assert_int_equal(slug_make(vlt_slice_text("acme"), listed, taken, slug),
                     VLT_OK);
    assert_string_equal(slug, "acme-3");
}

static void
the_number_replaces_the_end_of_a_full_slug(void **state)
{
    const char *taken[] = { "abcdefghijklmnopqrstuvwxyz012345",
                            "abcdefghijklmnopqrstuvwxyz0123-2", NULL };
    char slug[SLUG_MAX + 1];

    assert_int_equal(
        slug_make(vlt_slice_text("abcdefghijklmnopqrstuvwxyz012345"), listed,
                  taken, slug),
        VLT_OK);
    assert_string_equal(slug, "abcdefghijklmnopqrstuvwxyz0123-3");
}

static void
what_is_no_short_name_is_refused(void **state)
{
    static const char *const names[] = { "", "a b", "a/b", "caf\xc3\xa9",
                                         "a_b" };
    char slug[SLUG_MAX + 1] = "untouched";

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(
            slug_make(vlt_slice_text(names[i]), listed, none, slug),
            VLT_E_FORMAT);
    }
    assert_int_equal(slug_make(vlt_slice_text("a"), always, NULL, slug),
                     VLT_E_LIMIT);
    assert_string_equal(slug, "untouched");
}

static void
only_a_slug_is_valid(void **state)
{
    assert_true(slug_valid(vlt_slice_text("a")));
    assert_true(slug_valid(vlt_slice_text("0-z")));
    assert_false(slug_valid(vlt_slice_text("")));
    assert_false(slug_valid(vlt_slice_text("A")));
    assert_false(slug_valid(vlt_slice_text("a.b")));
    assert_false(
        slug_valid(vlt_slice_text("abcdefghijklmnopqrstuvwxyz0123456")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dots_become_hyphens),
        cmocka_unit_test(a_long_name_is_cut),
        cmocka_unit_test(a_taken_slug_gets_a_number),
        cmocka_unit_test(the_number_replaces_the_end_of_a_full_slug),
        cmocka_unit_test(what_is_no_short_name_is_refused),
        cmocka_unit_test(only_a_slug_is_valid),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
