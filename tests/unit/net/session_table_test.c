/* session_table: what has no row is refused. */
#include "unit.h"

#include "net/session.h"

/* The handlers are of no matter here. */
#define HANDLER(name)                                                          \
    enum vlt_status name(struct conn *conn, const struct session_input *input) \
    {                                                                          \
        return VLT_OK;                                                         \
    }

HANDLER(on_hello)
HANDLER(on_auth)
HANDLER(on_admitted)
HANDLER(on_text)
HANDLER(on_block)

static void
only_these_five_steps_exist(void **state)
{
    static const struct {
        enum session_state state;
        enum session_event event;
        session_handler *handler;
        enum session_state next;
    } steps[] = {
        { SESSION_NEW, EVENT_BINARY, on_hello, SESSION_CHALLENGED },
        { SESSION_CHALLENGED, EVENT_BINARY, on_auth, SESSION_ADMITTING },
        { SESSION_ADMITTING, EVENT_ADMITTED, on_admitted, SESSION_READY },
        { SESSION_READY, EVENT_TEXT, on_text, SESSION_READY },
        { SESSION_READY, EVENT_BINARY, on_block, SESSION_READY },
    };
    size_t rows = 0;

    for (enum session_state s = SESSION_NEW; s <= SESSION_CLOSING; s++) {
        for (enum session_event e = EVENT_TEXT; e <= EVENT_ADMITTED; e++) {
            rows += session_row_of(s, e) != NULL;
        }
    }
    assert_int_equal(rows, sizeof steps / sizeof steps[0]);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        const struct session_row *row =
            session_row_of(steps[i].state, steps[i].event);

        assert_non_null(row);
        assert_true(row->handler == steps[i].handler);
        assert_int_equal(row->next, steps[i].next);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_these_five_steps_exist),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
