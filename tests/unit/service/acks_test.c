/* What left, until its firm has signed for it. */
#include <string.h>

#include "service/acks.h"
#include "unit.h"

enum { WHEN = 1800000000 };

static const uint8_t firm[VLT_ID_LEN] = { 1 };
static const uint8_t other[VLT_ID_LEN] = { 2 };
static const int one = 1;
static const int two = 2;

static struct acks *
some(void)
{
    struct acks *acks = NULL;

    assert_int_equal(acks_new(&acks), VLT_OK);
    return acks;
}

static struct vlt_ack
use(unsigned mark)
{
    struct vlt_ack what = { .grant = { 7 }, .last_seq = 3, .sha256 = { 9 } };

    memcpy(what.id, &mark, sizeof mark);
    return what;
}

static enum acks_found
claim(struct acks *acks, const struct vlt_ack *what, const int *by)
{
    int64_t when = 0;
    enum acks_found found = acks_claim(acks, firm, what, by, &when);

    assert_int_equal(when, found == ACKS_AGAIN ? WHEN : 0);
    return found;
}

static void
what_left_is_signed_for_once(void **state)
{
    struct acks *acks = some();
    struct vlt_ack what = use(1);

    assert_int_equal(claim(acks, &what, &one), ACKS_NONE);
    acks_left(acks, firm, &what);
    assert_int_equal(claim(acks, &what, &one), ACKS_FRESH);
    assert_int_equal(claim(acks, &what, &one), ACKS_FRESH); /* tried again */
    acks_settle(acks, firm, &one, WHEN);
    assert_int_equal(claim(acks, &what, &two), ACKS_AGAIN);
    acks_left(acks, firm, &what); /* the same answer once more */
    assert_int_equal(claim(acks, &what, &two), ACKS_AGAIN);
    acks_free(acks);
}

static void
of_two_at_once_one_waits(void **state)
{
    struct acks *acks = some();
    struct vlt_ack what = use(1);

    acks_left(acks, firm, &what);
    assert_int_equal(claim(acks, &what, &one), ACKS_FRESH);
    assert_int_equal(claim(acks, &what, &two), ACKS_BUSY);
    acks_settle(acks, firm, &two, WHEN); /* it had claimed nothing */
    assert_int_equal(claim(acks, &what, &two), ACKS_BUSY);
    acks_settle(acks, firm, &one, 0); /* it failed */
    assert_int_equal(claim(acks, &what, &two), ACKS_FRESH);
    acks_free(acks);
}

static void
another_firm_grant_kind_digest_or_seq_is_not_it(void **state)
{
    struct acks *acks = some();
    struct vlt_ack what = use(1);
    struct vlt_ack wrong = what;
    int64_t when = 0;

    acks_left(acks, firm, &what);
    assert_int_equal(acks_claim(acks, other, &what, &one, &when), ACKS_NONE);
    wrong.grant[0]++;
    assert_int_equal(claim(acks, &wrong, &one), ACKS_NONE);
    wrong = what;
    wrong.span = true;
    assert_int_equal(claim(acks, &wrong, &one), ACKS_NONE);
    wrong = what;
    wrong.sha256[31] ^= 1;
    assert_int_equal(claim(acks, &wrong, &one), ACKS_OTHER);
    wrong = what;
    wrong.last_seq++;
    assert_int_equal(claim(acks, &wrong, &one), ACKS_OTHER);
    wrong.last_seq -= 2;
    assert_int_equal(claim(acks, &wrong, &one), ACKS_OTHER);
    acks_free(acks);
}

static void
a_use_of_two_answers_has_each_of_them(void **state)
{
    struct acks *acks = some();
    struct vlt_ack what = use(1);
    struct vlt_ack rest = what;

    rest.last_seq = 1;
    acks_left(acks, firm, &what);
    acks_left(acks, firm, &rest);
    assert_int_equal(claim(acks, &what, &one), ACKS_FRESH);
    acks_settle(acks, firm, &one, WHEN);
    assert_int_equal(claim(acks, &rest, &one), ACKS_FRESH);
    acks_free(acks);
}

static void
the_newest_of_each_firm_are_kept_until_a_lock(void **state)
{
    struct acks *acks = some();
    struct vlt_ack theirs = use(0);
    struct vlt_ack what;
    int64_t when = 0;

    acks_left(acks, other, &theirs);
    for (unsigned i = 0; i <= ACKS_FIRM; i++) {
        what = use(i);
        acks_left(acks, firm, &what);
    }
    what = use(0);
    assert_int_equal(claim(acks, &what, &one), ACKS_NONE);
    what = use(1);
    assert_int_equal(claim(acks, &what, &one), ACKS_FRESH);
    assert_int_equal(acks_claim(acks, other, &theirs, &two, &when), ACKS_FRESH);
    acks_clear(acks);
    assert_int_equal(claim(acks, &what, &one), ACKS_NONE);
    acks_free(acks);
    acks_free(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_left_is_signed_for_once),
        cmocka_unit_test(of_two_at_once_one_waits),
        cmocka_unit_test(another_firm_grant_kind_digest_or_seq_is_not_it),
        cmocka_unit_test(a_use_of_two_answers_has_each_of_them),
        cmocka_unit_test(the_newest_of_each_firm_are_kept_until_a_lock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
