#include <string.h>

#include "unit.h"

#include "service/principal.h"

static struct principal
somebody(enum role role, uint64_t session, int id)
{
    struct principal who = { .role = role, .session = session };

    memset(who.id, id, sizeof who.id);
    return who;
}

static void
sessions_of_a_firm_are_one_waiter(void **state)
{
    static const enum role roles[] = { ROLE_FIRM, ROLE_SOURCE };

    (void)state;
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        struct principal first = somebody(roles[i], 1, 7);
        struct principal other = somebody(roles[i], 2, 7);
        struct principal another = somebody(roles[i], 1, 8);

        assert_true(principal_waiter(&first) == principal_waiter(&other));
        assert_true(principal_waiter(&first) != principal_waiter(&another));
    }
}

static void
sessions_of_the_owner_are_one_each(void **state)
{
    struct principal first = somebody(ROLE_OWNER, 1, 0);
    struct principal other = somebody(ROLE_OWNER, 2, 0);
    struct principal firm = somebody(ROLE_FIRM, 1, 0);

    (void)state;
    assert_true(principal_waiter(&first) != principal_waiter(&other));
    assert_true(principal_waiter(&first) != principal_waiter(&firm));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_of_a_firm_are_one_waiter),
        cmocka_unit_test(sessions_of_the_owner_are_one_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
