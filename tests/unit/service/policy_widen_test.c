#include <string.h>

#include "unit.h"

#include "base/time.h"
#include "service/policy_internal.h"
#include "text/policy_text.h"

static const int64_t now = INT64_C(1796083200) * VLT_SECOND; /* 2026-12-01 */

#define PERMIT                                                                 \
    "version: 1\nrules:\n  - name: bill\n    effect: permit\n"                 \
    "    firm: brightgrid\n    purpose: service.billing\n"

static struct policy_set *
set_of(const char *text)
{
    struct policy_text_file file = { .name = "main.yaml",
                                     .text = vlt_slice_text(text) };
    struct policy_text_input input = { .files = &file,
                                       .count = 1,
                                       .home = vocab_country_find("GB", 2) };
    struct policy_set *set = NULL;

    assert_int_equal(policy_text_parse(&input, NULL, NULL, &set), VLT_OK);
    return set;
}

struct told {
    size_t count;
    char last[256];
};

static void
take(void *ctx, const char *says)
{
    struct told *told = ctx;

    told->count++;
    (void)strncpy(told->last, says, sizeof told->last - 1);
}

/* How many corners the second permits that the first does not. */
static size_t
widens(const char *from, const char *to, struct told *told)
{
    struct policy_set *old = set_of(from);
    struct policy_set *new = set_of(to);

    *told = (struct told){ .count = 0 };
    assert_int_equal(policy_widens(old, new, now, take, told), VLT_OK);
    policy_set_free(old);
    policy_set_free(new);
    return told->count;
}

static void
a_set_permits_no_more_than_itself(void **state)
{
    struct told told;

    (void)state;
    assert_int_equal(widens(PERMIT, PERMIT, &told), 0);
    assert_int_equal(widens("version: 1\n", "version: 1\n", &told), 0);
}

static void
a_first_permit_widens_what_it_names(void **state)
{
    struct told told;

    (void)state;
    assert_int_equal(
        widens("version: 1\n", PERMIT "    data: energy.electricity\n", &told),
        1);
    assert_non_null(strstr(told.last, "bill: vf1:"));
    assert_non_null(
        strstr(told.last, "gets energy.electricity for service.billing"));
}

static void
taking_a_permit_away_does_not_widen(void **state)
{
    struct told told;

    (void)state;
    assert_int_equal(widens(PERMIT, "version: 1\n", &told), 0);
}

static void
a_higher_cap_widens_and_a_lower_one_does_not(void **state)
{
    static const char narrow[] =
        PERMIT "    data: energy.electricity\n    window: 30d\n";
    static const char wide[] =
        PERMIT "    data: energy.electricity\n    window: 60d\n";
    static const char raw[] =
        PERMIT "    data: energy.electricity\n    window: 30d\n"
               "    detail: raw\n";
    struct told told;

    (void)state;
    assert_int_equal(widens(narrow, wide, &told), 1);
    assert_int_equal(widens(wide, narrow, &told), 0);
    assert_int_equal(widens(narrow, raw, &told), 1);
    assert_int_equal(widens(raw, narrow, &told), 0);
}

static void
a_later_end_widens(void **state)
{
    static const char early[] =
        PERMIT "    data: energy.electricity\n    until: 2026-12-20\n";
    static const char late[] =
        PERMIT "    data: energy.electricity\n    until: 2027-01-20\n";
    struct told told;

    (void)state;
    assert_int_equal(widens(early, late, &told), 1);
    assert_int_equal(widens(late, early, &told), 0);
}

static void
taking_a_deny_away_widens(void **state)
{
    static const char deny[] =
        PERMIT "    data: energy.electricity\n"
               "  - name: never\n    effect: deny\n    data: energy\n";
    static const char without[] = PERMIT "    data: energy.electricity\n";
    struct told told;

    (void)state;
    assert_int_equal(widens(deny, without, &told), 1);
    assert_int_equal(widens(without, deny, &told), 0);
}

static void
a_permit_for_everyone_widens_for_firms_that_no_rule_names(void **state)
{
    static const char one[] = PERMIT "    data: energy.electricity\n";
    static const char all[] =
        "version: 1\nrules:\n  - name: all\n    effect: permit\n"
        "    purpose: service.billing\n    data: energy.electricity\n";
    struct told told;

    (void)state;
    assert_int_equal(widens(one, all, &told), 1);
    assert_non_null(strstr(told.last, "any other firm"));
    assert_int_equal(widens(all, one, &told), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_set_permits_no_more_than_itself),
        cmocka_unit_test(a_first_permit_widens_what_it_names),
        cmocka_unit_test(taking_a_permit_away_does_not_widen),
        cmocka_unit_test(a_higher_cap_widens_and_a_lower_one_does_not),
        cmocka_unit_test(a_later_end_widens),
        cmocka_unit_test(taking_a_deny_away_widens),
        cmocka_unit_test(
            a_permit_for_everyone_widens_for_firms_that_no_rule_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
