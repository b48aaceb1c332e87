/*
 * vaultctl grant revoke of several grants: one that cannot be ended is named,
 * and keeps no other in force.
 */
#include "screen.h"

#define ONE "01M8AA8V8W7BKR7TPZ45Y658ZA"
#define OVER "01M8AA8WV8QXMVC3ZS7RCYX309"
#define LAST "01M8AA8FJKTVZA051EDF89J0BM"

static bool
answer(struct fake *fake, const struct vlt_rpc *rpc)
{
    struct vlt_slice grant =
        vlt_json_text_of(vlt_json_get(rpc->params, "grant"));
    char text[256];

    if (vlt_slice_is(grant, OVER)) {
        fake_error(fake, rpc->id.number,
                   "{\"code\":8,\"message\":\"It has ended already.\","
                   "\"data\":{\"reason\":\"conflict\"}}");
        return true;
    }
    snprintf(text, sizeof text,
             "{\"grant\":\"%.*s\",\"state\":\"withdrawn\",\"ended_at\":"
             "\"2001-02-03T04:05:06Z\",\"last_use\":null,\"last_seq\":0,"
             "\"rows\":0,\"silence_ms\":1,\"durable\":true}",
             (int)grant.len, (const char *)grant.at);
    fake_result(fake, rpc->id.number, text);
    return true;
}

static struct screen screen;

static int
open_screen(void **state)
{
    screen_open(&screen, answer);
    return 0;
}

static int
close_screen(void **state)
{
    screen_close(&screen);
    return 0;
}

static void
one_that_has_ended_keeps_no_other_in_force(void **state)
{
    screen_run(&screen, "grant revoke " ONE " " OVER " " LAST " --yes");
    assert_int_not_equal(screen.code, RUN_DONE);
    assert_non_null(strstr(screen.out, ONE));
    assert_non_null(strstr(screen.out, LAST));
    assert_non_null(strstr(screen.err, "grant " OVER " was not ended"));
    assert_null(strstr(screen.err, LAST));
}

static void
all_that_could_be_ended_is_a_success(void **state)
{
    screen_run(&screen, "grant revoke " ONE " " LAST " --yes");
    assert_int_equal(screen.code, RUN_DONE);
    assert_string_equal(screen.err, "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_has_ended_keeps_no_other_in_force),
        cmocka_unit_test(all_that_could_be_ended_is_a_success),
    };

    return cmocka_run_group_tests(tests, open_screen, close_screen);
}
