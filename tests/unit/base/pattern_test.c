#include <string.h>

#include "base/name.h"
#include "unit.h"

static const struct {
    const char *pattern, *name;
    bool matches;
} matches[] = {
    { "home/temp", "home/temp", true },
    { "home/temp", "home/temp2", false },
    { "home/temp", "home", false },
    { "home", "home/temp", false },
    { "home/*", "home/temp", true },
    { "home/*", "home", false },
    { "home/*", "home/a/b", false },
    { "*", "home", true },
    { "**", "home", true },
    { "**", "home/a/b", true },
    { "home/**", "home", true },
    { "home/**", "home/a/b/c", true },
    { "home/**", "homes/a", false },
    { "**/temp", "temp", true },
    { "**/temp", "a/temp/b/temp", true },
    { "**/temp", "a/temp/b", false },
    { "a/**/b/**/c", "a/b/c", true },
    { "a/**/b/**/c", "a/x/b/y/z/c", true },
    { "a/**/b/**/c", "a/x/c/y/b", false },
    { "a/**/b/*/c", "a/b/b/b/c", true },
    { "**/a/*/b", "a/a/x/b", true },
    { "*/**", "a", true },
    { "**/*/**", "a", true },
};

static void
a_pattern_matches_whole_names(void **state)
{
    for (size_t i = 0; i < sizeof matches / sizeof matches[0]; i++) {
        print_message("%s %s\n", matches[i].pattern, matches[i].name);
        assert_int_equal(vlt_pattern_matches(vlt_slice_text(matches[i].pattern),
                                             vlt_slice_text(matches[i].name)),
                         matches[i].matches);
    }
}

static const struct {
    const char *outer, *inner;
    bool covers;
} covers[] = {
    { "home/**", "home/bedroom/*", true },
    { "home/*", "home/temp", true },
    { "home/*", "home/**", false },
    { "home/**", "home/**", true },
    { "**", "**/temp", true },
    { "**", "a/*/b", true },
    { "*/**", "**", true },
    { "**", "*/**", true },
    { "*/**", "**/*", true },
    { "**/*/**/*", "*/*/**", true },
    { "*/*/**", "**", false },
    { "*/**", "**/temp", true },
    { "a/*/**", "a/**/temp", true },
    { "a/*/**", "a/**", false },
    { "**/temp", "home/**/temp", true },
    { "**/temp", "home/**", false },
    { "home/temp", "home/*", false },
    { "a/**/b", "a/b", true },
    { "a/**/b", "a/**/c/b", true },
    { "a/**/b/**/c", "a/**/c", false },
    { "a", "b", false },
};

static void
one_pattern_covers_another(void **state)
{
    for (size_t i = 0; i < sizeof covers / sizeof covers[0]; i++) {
        print_message("%s %s\n", covers[i].outer, covers[i].inner);
        assert_int_equal(vlt_pattern_covers(vlt_slice_text(covers[i].outer),
                                            vlt_slice_text(covers[i].inner)),
                         covers[i].covers);
    }
}

/* Word number `which` of a small language, as a path. */
static struct vlt_slice
path(unsigned which, const char *const *words, unsigned base, char out[64])
{
    size_t len = 0;

    do {
        const char *word = words[which % base];

        memcpy(out + len, word, strlen(word));
        len += strlen(word);
        out[len] = '/';
        len++;
        which = which / base;
    } while (which-- > 0);
    return vlt_slice_of(out, len - 1);
}

/* All patterns of up to three segments, held against all names of up to four:
 * where one is said to cover another, no name may fall outside. */
static void
no_name_of_the_covered_falls_outside(void **state)
{
    static const char *const pattern_words[] = { "a", "b", "*", "**" };
    static const char *const name_words[] = { "a", "b", "c" };
    char outer_text[64], inner_text[64], name_text[64];
    unsigned covered = 0;

    for (unsigned i = 0; i < 84 * 84; i++) {
        struct vlt_slice outer = path(i / 84, pattern_words, 4, outer_text);
        struct vlt_slice inner = path(i % 84, pattern_words, 4, inner_text);

        if (!vlt_pattern_covers(outer, inner)) {
            continue;
        }
        covered++;
        for (unsigned n = 0; n < 120; n++) {
            struct vlt_slice name = path(n, name_words, 3, name_text);

            assert_true(!vlt_pattern_matches(inner, name) ||
                        vlt_pattern_matches(outer, name));
        }
    }
    assert_true(covered > 700);
}

static void
the_prefix_ends_before_the_first_star(void **state)
{
    assert_true(vlt_slice_is(
        vlt_pattern_prefix(vlt_slice_text("home/hall/*/temp")), "home/hall/"));
    assert_true(
        vlt_slice_is(vlt_pattern_prefix(vlt_slice_text("home/**")), "home/"));
    assert_true(vlt_slice_is(vlt_pattern_prefix(vlt_slice_text("**")), ""));
    assert_true(
        vlt_slice_is(vlt_pattern_prefix(vlt_slice_text("home/a")), "home/a"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_matches_whole_names),
        cmocka_unit_test(one_pattern_covers_another),
        cmocka_unit_test(no_name_of_the_covered_falls_outside),
        cmocka_unit_test(the_prefix_ends_before_the_first_star),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
