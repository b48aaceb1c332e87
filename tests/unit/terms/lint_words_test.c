#include <stdio.h>
#include <string.h>

#include "unit.h"

#include "base/time.h"
#include "requests.h"
#include "terms/lint.h"

/* ---- members that no request has ---- */

static const struct {
    const char *name;
    const char *code;
    const char *says;
} members[] = {
    { "preselected", "R1", "cannot be asked: nothing is preselected" },
    { "default_yes", "R1", "cannot be asked: nothing defaults to yes" },
    { "opt_out", "R1", "cannot be asked: consent is never presumed" },
    { "consentImplied", "R1", "cannot be asked: consent is never presumed" },
    { "auto_renew", "R5", "cannot be asked: no grant renews by itself" },
    { "renewal", "R5", "cannot be asked: no grant renews by itself" },
    { "colour", "", "is no member of a request" },
};

static void
a_member_that_presumes_is_told_so(void **state)
{
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        struct terms_fault fault;
        bool rule = terms_lint_member(vlt_slice_text(members[i].name), &fault);

        print_message("%s\n", members[i].name);
        assert_int_equal(rule, members[i].code[0] != '\0');
        assert_string_equal(fault.code, members[i].code);
        assert_string_equal(fault.at, members[i].name);
        assert_string_equal(fault.says, members[i].says);
    }
}

/* ---- replacing ---- */

static void
a_replacement_comes_late_or_asks_no_more(void **state)
{
    struct terms_request r = brightgrid_request();
    struct terms_fault fault;
    struct terms held;
    struct terms part;
    int64_t end = 1000 * VLT_DAY;

    terms_part(&r, 0, &held);
    part = held;
    assert_int_equal(
        terms_lint_replaces(&part, &held, end - 90 * VLT_DAY, end, &fault),
        VLT_OK);
    part.items[0].window_s++;
    assert_int_equal(
        terms_lint_replaces(&part, &held, end - 14 * VLT_DAY, end, &fault),
        VLT_OK);
    assert_int_equal(
        terms_lint_replaces(&part, &held, end - 14 * VLT_DAY - 1, end, &fault),
        VLT_E_FORMAT);
    assert_string_equal(fault.code, "R5");
    assert_string_equal(fault.at, "replaces");
    assert_string_equal(fault.says,
                        "comes earlier than 14 days before the grant's end "
                        "and asks more than it (window)");
    assert_int_equal(
        terms_lint_replaces(NULL, &held, end - 90 * VLT_DAY, end, &fault),
        VLT_E_FORMAT);
}

/* ---- remarks ---- */

struct heard {
    size_t count;
    char lines[8][320];
};

static void
hear(void *ctx, const struct terms_fault *remark)
{
    struct heard *heard = ctx;

    if (heard->count < 8) {
        snprintf(heard->lines[heard->count++], sizeof heard->lines[0],
                 "%s %.60s: %.200s", remark->code, remark->at, remark->says);
    }
}

static struct heard
remarks_on(const char *text, const char *benefit)
{
    struct terms_request r = brightgrid_request();
    struct heard heard = { .count = 0 };

    r.purposes[0].text = vlt_slice_text(text);
    r.purposes[0].benefit = vlt_slice_text(benefit);
    terms_remarks(&r, hear, &heard);
    return heard;
}

static void
a_text_that_says_what_is_asked_is_not_marked(void **state)
{
    struct terms_request r = brightgrid_request();
    struct heard heard = { .count = 0 };

    terms_remarks(&r, hear, &heard);
    assert_int_equal(heard.count, 0);
}

static void
a_text_that_says_more_is_marked(void **state)
{
    struct heard heard =
        remarks_on("Your electricity bill, and a look at your sleep.", "");

    assert_int_equal(heard.count, 1);
    assert_string_equal(heard.lines[0],
                        "R11 purposes[0].text: the text speaks of 'sleep', "
                        "which is not asked");
}

static void
a_text_that_says_less_is_marked(void **state)
{
    struct heard heard = remarks_on("We make things nicer.", "");

    assert_int_equal(heard.count, 2);
    assert_string_equal(heard.lines[0],
                        "R11 purposes[0].text: the text does not speak of "
                        "'work out my bill', which is the purpose");
    assert_string_equal(heard.lines[1],
                        "R11 purposes[0].text: the text does not speak of "
                        "'electricity used and fed in', which is asked");
}

static void
a_benefit_that_punishes_is_marked(void **state)
{
    struct heard heard =
        remarks_on("We work out your electricity bill.",
                   "5 % off; revoke and you forfeit all of it.");

    assert_int_equal(heard.count, 1);
    assert_string_equal(heard.lines[0],
                        "R14 purposes[0].text: says 'forfeit': revoking "
                        "forfeits at most the part of the benefit that is not "
                        "yet earned");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_that_presumes_is_told_so),
        cmocka_unit_test(a_replacement_comes_late_or_asks_no_more),
        cmocka_unit_test(a_text_that_says_what_is_asked_is_not_marked),
        cmocka_unit_test(a_text_that_says_more_is_marked),
        cmocka_unit_test(a_text_that_says_less_is_marked),
        cmocka_unit_test(a_benefit_that_punishes_is_marked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
