#include <string.h>

#include "unit.h"

#include "base/time.h"
#include "requests.h"
#include "terms/terms.h"

static void
an_empty_request_names_nothing(void **state)
{
    struct terms_request r;

    terms_request_init(&r);
    assert_int_equal(r.reply_by_s, 604800);
    assert_true(r.common.uses == TERMS_UNLIMITED);
    assert_int_equal(r.purposes[0].id, VOCAB_NONE);
    assert_int_equal(r.items[7].data, VOCAB_NONE);
    assert_int_equal(r.controller_country, VOCAB_NONE);
}

static void
life_unsaid_is_shorter_with_explicit_data(void **state)
{
    struct terms_request r = brightgrid_request();

    r.common.life_s = TERMS_LIFE_UNSAID;
    assert_int_equal(terms_request_life(&r), 90 * 86400);
    r.items[0].data = vocab_category_find("health.heart", 12);
    assert_int_equal(terms_request_life(&r), 30 * 86400);
    r.items[0].data = vocab_category_find("energy.gas", 10);
    r.purposes[0].id = vocab_purpose_find("marketing", 9);
    assert_int_equal(terms_request_life(&r), 30 * 86400);
    r.common.life_s = 77;
    assert_int_equal(terms_request_life(&r), 77);
}

static void
a_part_has_the_items_of_its_purpose(void **state)
{
    struct terms_request r = brightgrid_request();
    struct terms part;

    r.purpose_count = 2;
    r.purposes[1] = r.purposes[0];
    r.purposes[1].id = vocab_purpose_find("service.advice", 14);
    r.item_count = 3;
    r.items[1] = r.items[0];
    r.items[2] = r.items[0];
    r.items[1].n = 2;
    r.items[2].n = 3;
    r.items[0].purposes = 1;
    r.items[1].purposes = 2;
    terms_part(&r, 1, &part);
    assert_int_equal(part.purpose, r.purposes[1].id);
    assert_int_equal(part.item_count, 2);
    assert_int_equal(part.items[0].n, 2);
    assert_int_equal(part.items[1].n, 3);
    assert_int_equal(part.items[0].purposes, 0);
}

static void
an_atom_ends_on_a_whole_second(void **state)
{
    struct terms_request r = brightgrid_request();
    struct terms_limits atom;
    struct terms part;
    int64_t now = 1000 * VLT_SECOND + 999;

    terms_part(&r, 0, &part);
    terms_atom(&part, &part.items[0], now, &atom);
    assert_true(atom.at[TERMS_FROM] == now);
    assert_true(atom.at[TERMS_UNTIL] ==
                (1000 + part.common.life_s) * VLT_SECOND);
    assert_int_equal(atom.at[TERMS_DETAIL], 900);
    assert_true(atom.at[TERMS_EVERY] == TERMS_UNLIMITED);
    terms_atom(&part, NULL, now, &atom);
    assert_int_equal(atom.at[TERMS_WINDOW], TERMS_WINDOW_NEW);
}

static void
explicit_is_either_of_purpose_and_category(void **state)
{
    int bill = vocab_purpose_find("service.billing", 15);
    int ads = vocab_purpose_find("marketing", 9);
    int gas = vocab_category_find("energy.gas", 10);
    int heart = vocab_category_find("health.heart", 12);

    assert_false(terms_explicit(bill, gas));
    assert_true(terms_explicit(ads, gas));
    assert_true(terms_explicit(bill, heart));
    assert_true(terms_explicit(ads, VOCAB_NONE));
    assert_false(terms_explicit(bill, VOCAB_NONE));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_request_names_nothing),
        cmocka_unit_test(life_unsaid_is_shorter_with_explicit_data),
        cmocka_unit_test(a_part_has_the_items_of_its_purpose),
        cmocka_unit_test(an_atom_ends_on_a_whole_second),
        cmocka_unit_test(explicit_is_either_of_purpose_and_category),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
