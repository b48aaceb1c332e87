/*
 * vaultctl grant revoke of several grants: one that cannot be ended is named,
 * and keeps no other in force.  Of all of a firm, what is not there is told
 * before anything is asked.
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
    struct vlt_slice firm = vlt_json_text_of(vlt_json_get(rpc->params, "firm"));
    char text[256];

    if (vlt_slice_is(firm, "nobody")) {
        fake_error(fake, rpc->id.number,
                   "{\"code\":-32602,\"message\":\"There is no firm "
                   "'nobody'.\",\"data\":{\"reason\":\"params\",\"at\":"
                   "\"firm\",\"detail\":\"not_found\"}}");
        return true;
    }
    if (vlt_slice_is(firm, "quiet")) {
        fake_result(fake, rpc->id.number, "{\"grants\":[],\"silence_ms\":0}");
        return true;
    }
    if (firm.len > 0) {
        fake_result(fake, rpc->id.number,
                    "{\"grants\":[{\"grant\":\"" ONE "\",\"state\":"
                    "\"withdrawn\",\"rows\":3}],\"silence_ms\":1}");
        return true;
    }
    if (vlt_slice_is(grant, OVER)) {
        fake_error(fake, rpc->id.number,
                   "{\"code\":8,\"message\":\"It has ended already.\","
                   "\"data\":{\"reason\":\"conflict\"}}");
        return true;
    }
    snprintf(text, sizeof text,
             "{\"grant\":\"%.*s\",\"state\":\"withdrawn\",\"ended_at\":"
             "\"2001-02-03T04:05:06Z\",\"last_use\":null,\"last_seq\":0,"
             "\"rows\":0,\"silence_ms\":0.467547,\"durable\":true}",
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

static void
what_the_numbers_are_is_said_in_plain_words(void **state)
{
    screen_run(&screen, "grant revoke " ONE);
    assert_int_equal(screen.code, RUN_DONE);
    assert_non_null(strstr(screen.out, "rows sent by open answers  0"));
    assert_non_null(strstr(screen.out, "sending stopped after      0.5 ms"));
    assert_null(strstr(screen.out, "last message"));
    screen_run(&screen, "grant revoke --firm bright --yes");
    assert_int_equal(screen.code, RUN_DONE);
    assert_non_null(strstr(screen.out, "rows sent by open answers"));
    assert_null(strstr(screen.out, "rows given"));
}

static void
that_there_is_no_such_firm_is_told_before_asking(void **state)
{
    screen_run(&screen, "grant revoke --firm nobody");
    assert_int_equal(screen.code, RUN_NOT_FOUND);
    assert_non_null(strstr(screen.err, "nobody"));
    assert_null(strstr(screen.err, "--yes"));
}

static void
of_a_firm_without_grants_nothing_is_revoked_and_nothing_asked(void **state)
{
    screen_run(&screen, "grant revoke --firm quiet");
    assert_int_equal(screen.code, RUN_DONE);
    assert_string_equal(screen.out, "there was no grant to revoke\n");
    screen_run(&screen, "grant revoke --firm quiet --yes");
    assert_int_equal(screen.code, RUN_DONE);
    assert_string_equal(screen.out, "there was no grant to revoke\n");
}

static void
where_there_is_one_it_still_asks(void **state)
{
    screen_run(&screen, "grant revoke --firm bright");
    assert_int_equal(screen.code, RUN_USAGE);
    assert_non_null(strstr(screen.err, "--yes"));
    assert_string_equal(screen.out, "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_has_ended_keeps_no_other_in_force),
        cmocka_unit_test(all_that_could_be_ended_is_a_success),
        cmocka_unit_test(what_the_numbers_are_is_said_in_plain_words),
        cmocka_unit_test(that_there_is_no_such_firm_is_told_before_asking),
        cmocka_unit_test(
            of_a_firm_without_grants_nothing_is_revoked_and_nothing_asked),
        cmocka_unit_test(where_there_is_one_it_still_asks),
    };

    return cmocka_run_group_tests(tests, open_screen, close_screen);
}
