/* gate: who is let in. */
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "net/gate.h"

static struct gate *
gate_with(unsigned total, unsigned strangers, unsigned per_address)
{
    struct gate_limits limits = { total, strangers, per_address };
    struct gate *gate = NULL;

    assert_int_equal(gate_new(&limits, &gate), VLT_OK);
    return gate;
}

static struct gate_address
v4(const char *text)
{
    struct sockaddr_in in = { .sin_family = AF_INET };
    struct sockaddr_storage at = { 0 };

    assert_int_equal(inet_pton(AF_INET, text, &in.sin_addr), 1);
    memcpy(&at, &in, sizeof in);
    return gate_address_of(&at);
}

static struct gate_address
v6(const char *text)
{
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
    struct sockaddr_storage at = { 0 };

    assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    memcpy(&at, &in6, sizeof in6);
    return gate_address_of(&at);
}

static bool
same(struct gate_address a, struct gate_address b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static void
an_address_counts_by_its_network(void **state)
{
    assert_false(same(v4("10.0.0.1"), v4("10.0.0.2")));
    assert_true(same(v6("2001:db8:1:2::1"), v6("2001:db8:1:2:ffff::9")));
    assert_false(same(v6("2001:db8:1:2::1"), v6("2001:db8:1:3::1")));
    assert_true(same(v4("10.0.0.1"), v6("::ffff:10.0.0.1")));
    assert_false(same(v4("0.0.0.0"), v6("::")));
}

static void
one_address_has_its_share(void **state)
{
    struct gate *gate = gate_with(100, 50, 3);
    struct gate_address a = v4("10.0.0.1");
    struct gate_address b = v4("10.0.0.2");

    for (int i = 0; i < 3; i++) {
        assert_int_equal(gate_enter(gate, GATE_STRANGER, &a), GATE_IN);
    }
    assert_int_equal(gate_enter(gate, GATE_STRANGER, &a), GATE_ADDRESS);
    assert_int_equal(gate_enter(gate, GATE_STRANGER, &b), GATE_IN);
    gate_leave(gate, GATE_STRANGER, &a);
    assert_int_equal(gate_enter(gate, GATE_STRANGER, &a), GATE_IN);
    gate_free(gate);
}

static void
who_is_known_makes_room_for_strangers(void **state)
{
    struct gate *gate = gate_with(100, 2, 3);
    struct gate_address a = v4("10.0.0.1");

    assert_int_equal(gate_enter(gate, GATE_STRANGER, &a), GATE_IN);
    assert_int_equal(gate_enter(gate, GATE_STRANGER, &a), GATE_IN);
    assert_int_equal(gate_enter(gate, GATE_STRANGER, &a), GATE_CROWDED);
    gate_known(gate, GATE_STRANGER, &a);
    assert_int_equal(gate_enter(gate, GATE_STRANGER, &a), GATE_IN);
    gate_leave(gate, GATE_KNOWN, &a);
    gate_leave(gate, GATE_STRANGER, &a);
    gate_leave(gate, GATE_STRANGER, &a);
    gate_free(gate);
}

static void
the_total_holds_for_all_but_a_few_of_the_owners(void **state)
{
    struct gate *gate = gate_with(2, 2, 2);
    struct gate_address none = { 0 };

    assert_int_equal(gate_enter(gate, GATE_STRANGER, &none), GATE_IN);
    gate_known(gate, GATE_STRANGER, &none);
    assert_int_equal(gate_enter(gate, GATE_STRANGER, &none), GATE_IN);
    assert_int_equal(gate_enter(gate, GATE_STRANGER, &none), GATE_FULL);
    for (int i = 0; i < GATE_OWNER_PLACES; i++) {
        assert_int_equal(gate_enter(gate, GATE_OWNER, &none), GATE_IN);
    }
    assert_int_equal(gate_enter(gate, GATE_OWNER, &none), GATE_FULL);
    gate_free(gate);
}

static void
without_an_address_only_the_total_counts(void **state)
{
    struct gate *gate = gate_with(100, 20, 1);
    struct gate_address none = { 0 };

    for (int i = 0; i < 20; i++) {
        assert_int_equal(gate_enter(gate, GATE_STRANGER, &none), GATE_IN);
    }
    assert_int_equal(gate_enter(gate, GATE_STRANGER, &none), GATE_CROWDED);
    gate_free(gate);
}

static void
requests_of_http_take_no_place_of_the_strangers(void **state)
{
    struct gate *gate = gate_with(100, 2, 2);
    struct gate_address none = { 0 };
    struct gate_address a = v4("10.0.0.1");

    for (int i = 0; i < 2; i++) {
        assert_int_equal(gate_enter(gate, GATE_LOCAL, &none), GATE_IN);
    }
    assert_int_equal(gate_enter(gate, GATE_LOCAL, &none), GATE_CROWDED);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(gate_enter(gate, GATE_STRANGER, &a), GATE_IN);
    }
    gate_leave(gate, GATE_LOCAL, &none);
    assert_int_equal(gate_enter(gate, GATE_STRANGER, &a), GATE_ADDRESS);
    assert_int_equal(gate_enter(gate, GATE_LOCAL, &none), GATE_IN);
    gate_free(gate);
}

static void
who_holds_the_most_places_makes_room(void **state)
{
    struct gate *gate = gate_with(100, 6, 3);
    struct gate_address a = v4("10.0.0.1");
    struct gate_address b = v4("10.0.0.2");
    struct gate_address c = v6("2001:db8:1:2::1");

    assert_int_equal(gate_most(gate, GATE_STRANGER), 0);
    assert_int_equal(gate_enter(gate, GATE_STRANGER, &a), GATE_IN);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(gate_enter(gate, GATE_STRANGER, &b), GATE_IN);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(gate_enter(gate, GATE_STRANGER, &c), GATE_IN);
    }
    assert_int_equal(gate_enter(gate, GATE_STRANGER, &a), GATE_CROWDED);
    assert_int_equal(gate_most(gate, GATE_STRANGER), 3);
    assert_int_equal(gate_most(gate, GATE_LOCAL), 0);
    assert_int_equal(gate_held(gate, GATE_STRANGER, &a), 1);
    assert_int_equal(gate_held(gate, GATE_STRANGER, &b), 3);
    assert_int_equal(gate_held(gate, GATE_LOCAL, &b), 0);
    gate_leave(gate, GATE_STRANGER, &b);
    gate_known(gate, GATE_STRANGER, &b);
    assert_int_equal(gate_held(gate, GATE_STRANGER, &b), 1);
    assert_int_equal(gate_most(gate, GATE_STRANGER), 2);
    gate_leave(gate, GATE_KNOWN, &b);
    gate_free(gate);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_counts_by_its_network),
        cmocka_unit_test(one_address_has_its_share),
        cmocka_unit_test(who_is_known_makes_room_for_strangers),
        cmocka_unit_test(the_total_holds_for_all_but_a_few_of_the_owners),
        cmocka_unit_test(without_an_address_only_the_total_counts),
        cmocka_unit_test(requests_of_http_take_no_place_of_the_strangers),
        cmocka_unit_test(who_holds_the_most_places_makes_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
