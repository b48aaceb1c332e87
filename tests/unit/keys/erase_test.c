/* The erase secret is in all stripes together, and in none without one. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "keys/erase.h"

static struct vlt_secret *secret;
static uint8_t *stripes;

static int
set_up(void **state)
{
    stripes = malloc(ERASE_LEN);
    if (stripes == NULL || vlt_secret_random(ERASE_STRIPE, &secret) != VLT_OK) {
        return 1;
    }
    erase_split(secret, stripes);
    return 0;
}

static int
tear_down(void **state)
{
    vlt_secret_free(secret);
    free(stripes);
    return 0;
}

static bool
joins(void)
{
    struct vlt_secret *joined;

    assert_int_equal(erase_join(vlt_slice_of(stripes, ERASE_LEN), &joined),
                     VLT_OK);
    bool same = vlt_equal(vlt_secret_peek(joined), vlt_secret_peek(secret),
                          ERASE_STRIPE);

    vlt_secret_free(joined);
    return same;
}

static void
all_stripes_give_it_back(void **state)
{
    assert_true(joins());
}

/* Each takes 2 ms, or 20 under a sanitizer: every 37th and the last. */
static void
one_changed_stripe_loses_it(void **state)
{
    for (size_t i = 0; i < ERASE_STRIPES; i += i < 3996 ? 37 : 1) {
        stripes[i * ERASE_STRIPE + i % ERASE_STRIPE] ^= 1;
        assert_false(joins());
        stripes[i * ERASE_STRIPE + i % ERASE_STRIPE] ^= 1;
    }
    assert_true(joins());
}

static void
two_splits_share_no_stripe(void **state)
{
    uint8_t *again = malloc(ERASE_LEN);

    assert_non_null(again);
    erase_split(secret, again);
    for (size_t at = 0; at < ERASE_LEN; at += ERASE_STRIPE) {
        assert_memory_not_equal(again + at, stripes + at, ERASE_STRIPE);
    }
    free(again);
}

static void
no_other_length_is_taken(void **state)
{
    struct vlt_secret *joined = NULL;

    assert_int_equal(erase_join(vlt_slice_of(stripes, ERASE_LEN - 1), &joined),
                     VLT_E_FORMAT);
    assert_int_equal(erase_join(vlt_slice_of(stripes, 0), &joined),
                     VLT_E_FORMAT);
    assert_null(joined);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_stripes_give_it_back),
        cmocka_unit_test(one_changed_stripe_loses_it),
        cmocka_unit_test(two_splits_share_no_stripe),
        cmocka_unit_test(no_other_length_is_taken),
    };

    if (vlt_secret_init() != VLT_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
