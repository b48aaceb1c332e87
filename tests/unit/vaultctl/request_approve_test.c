/*
 * vaultctl request approve: every grant that came of it is told.
 */
#include "screen.h"

#define ASKED "01M8AA8V8W7BKR7TPZ45Y658ZA"
#define FIRST "01M8AA8WV8QXMVC3ZS7RCYX309"
#define SECOND "01M8AA8FJKTVZA051EDF89J0BM"

static const char *const one =
    "{\"request\":\"" ASKED "\",\"grant\":\"" FIRST "\",\"state\":\"active\","
    "\"grants\":[{\"purpose\":\"service.billing\",\"grant\":\"" FIRST "\"}]}";

static const char *const two =
    "{\"request\":\"" ASKED "\",\"grant\":\"" FIRST "\",\"state\":\"active\","
    "\"grants\":[{\"purpose\":\"service.billing\",\"grant\":\"" FIRST "\"},"
    "{\"purpose\":\"improve\",\"grant\":\"" SECOND "\"}]}";

/* Of one part where it is named, else of two. */
static bool
answer(struct fake *fake, const struct vlt_rpc *rpc)
{
    bool all = vlt_json_bool_of(vlt_json_get(rpc->params, "all"));

    fake_result(fake, rpc->id.number, all ? two : one);
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
each_grant_of_a_request_of_two_parts_is_told(void **state)
{
    screen_run(&screen, "request approve " ASKED " --all");
    assert_int_equal(screen.code, RUN_DONE);
    assert_non_null(strstr(screen.out, "2 grants, one for each purpose"));
    assert_non_null(strstr(screen.out, FIRST "  service.billing"));
    assert_non_null(strstr(screen.out, SECOND "  improve"));
}

static void
a_single_grant_is_told_as_fields(void **state)
{
    screen_run(&screen, "request approve " ASKED " --only service.billing:1");
    assert_int_equal(screen.code, RUN_DONE);
    assert_non_null(strstr(screen.out, "request  " ASKED));
    assert_non_null(strstr(screen.out, "grant    " FIRST));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_grant_of_a_request_of_two_parts_is_told),
        cmocka_unit_test(a_single_grant_is_told_as_fields),
    };

    return cmocka_run_group_tests(tests, open_screen, close_screen);
}
