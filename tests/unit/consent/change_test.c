/* The words of states, and the one of a request over its parts. */
#include "bench.h"

static void
a_request_is_what_the_first_of_its_parts_is(void **state)
{
    static const struct {
        enum consent_state part[3];
        enum consent_state is;
    } cases[] = {
        { { CONSENT_DROPPED, CONSENT_DROPPED, CONSENT_DROPPED },
          CONSENT_DROPPED },
        { { CONSENT_DROPPED, CONSENT_LAPSED, CONSENT_DROPPED },
          CONSENT_LAPSED },
        { { CONSENT_LAPSED, CONSENT_DROPPED, CONSENT_DENIED }, CONSENT_DENIED },
        { { CONSENT_PENDING_STATE, CONSENT_DENIED, CONSENT_LAPSED },
          CONSENT_PENDING_STATE },
        { { CONSENT_PENDING_STATE, CONSENT_COUNTERED, CONSENT_DENIED },
          CONSENT_COUNTERED },
        { { CONSENT_COUNTERED, CONSENT_DENIED, CONSENT_ACTIVE },
          CONSENT_ACTIVE },
        /* Whatever became of the grant. */
        { { CONSENT_COUNTERED, CONSENT_REPLACED, CONSENT_DENIED },
          CONSENT_ACTIVE },
        { { CONSENT_SUSPENDED, CONSENT_PENDING_STATE, CONSENT_DENIED },
          CONSENT_ACTIVE },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct consent_request request = { .parts = 3 };

        for (size_t j = 0; j < 3; j++) {
            request.part[j].state = cases[i].part[j];
        }
        assert_int_equal(consent_request_state(&request), cases[i].is);
        assert_true(consent_request_has(&request, cases[i].part[2]));
        assert_false(consent_request_has(&request, CONSENT_INVALID));
    }
}

static void
states_and_events_have_the_words_of_the_wire(void **state)
{
    assert_string_equal(consent_state_word(CONSENT_PENDING_STATE), "pending");
    assert_string_equal(consent_state_word(CONSENT_ACTIVE), "active");
    assert_string_equal(consent_state_word(CONSENT_REPLACED), "replaced");
    assert_string_equal(consent_event_word(CONSENT_NO_RECEIPT), "");
    assert_string_equal(consent_event_word(CONSENT_GIVEN), "given");
    assert_string_equal(consent_event_word(CONSENT_EV_RENEWED), "renewed");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_what_the_first_of_its_parts_is),
        cmocka_unit_test(states_and_events_have_the_words_of_the_wire),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
