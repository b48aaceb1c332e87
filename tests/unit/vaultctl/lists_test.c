/*
 * What vaultctl grant list and request list say of what is over, of what waits
 * in part, and of lists that are empty.
 */
#include "screen.h"

#define ONE "01M8AA8V8W7BKR7TPZ45Y658ZA"
#define FAR "2999-01-01T00:00:00Z"

#define GRANTS                                                                 \
    "{\"grants\":[{\"id\":\"" ONE "\",\"firm\":\"bright\",\"state\":"          \
    "\"%.*s\",\"purpose\":\"service\",\"action\":\"read\",\"streams\":[],"     \
    "\"exp\":\"" FAR "\",\"last_use\":null}]}"

#define REQUESTS                                                               \
    "{\"requests\":[{\"id\":\"" ONE "\",\"firm\":\"bright\",\"state\":"        \
    "\"granted\",\"received\":\"" FAR "\",\"reply_by\":\"" FAR "\","           \
    "\"data\":[],\"purposes\":[],\"parts\":[{\"purpose\":\"improve\","         \
    "\"state\":\"granted\"},{\"purpose\":\"service\",\"state\":"               \
    "\"%s\"}]}]}"

/* Of `half` a part waits, `quiet` has nothing. */
static bool
answer(struct fake *fake, const struct vlt_rpc *rpc)
{
    struct vlt_slice firm = vlt_json_text_of(vlt_json_get(rpc->params, "firm"));
    struct vlt_slice said =
        vlt_json_text_of(vlt_json_get(rpc->params, "state"));
    bool of_grants = vlt_slice_is(rpc->method, "grant.list");
    char text[1024];

    if (vlt_slice_is(firm, "quiet")) {
        snprintf(text, sizeof text, "{\"%s\":[]}",
                 of_grants ? "grants" : "requests");
    } else if (of_grants) {
        snprintf(text, sizeof text, GRANTS, (int)said.len,
                 (const char *)said.at);
    } else {
        snprintf(text, sizeof text, REQUESTS,
                 vlt_slice_is(firm, "half") ? "pending" : "granted");
    }
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
what_is_over_has_no_end_to_come(void **state)
{
    screen_run(&screen, "grant list --state withdrawn");
    assert_int_equal(screen.code, RUN_DONE);
    assert_non_null(strstr(screen.out, ONE));
    assert_null(strstr(screen.out, "2999-01-01"));
    screen_run(&screen, "grant list --state active");
    assert_non_null(strstr(screen.out, "2999-01-01"));
    screen_run(&screen, "request list --state granted --firm bright");
    assert_non_null(strstr(screen.out, ONE));
    assert_int_equal(screen.code, RUN_DONE);
    assert_null(strstr(screen.out, "other parts wait"));
}

static void
of_a_request_that_waits_in_part_both_is_told(void **state)
{
    screen_run(&screen, "request list --firm half --state granted");
    assert_int_equal(screen.code, RUN_DONE);
    assert_non_null(strstr(screen.out, "granted, other parts wait"));
}

static void
an_empty_list_names_what_was_looked_for(void **state)
{
    screen_run(&screen, "grant list --firm quiet --state withdrawn");
    assert_string_equal(screen.out, "no grant of quiet is withdrawn\n");
    screen_run(&screen, "grant list --firm quiet");
    assert_string_equal(screen.out, "no grants in force of quiet\n");
    screen_run(&screen, "request list --firm quiet --state denied");
    assert_string_equal(screen.out, "no request of quiet is denied\n");
}

static void
the_help_says_what_each_state_means(void **state)
{
    screen_run(&screen, "grant list -h");
    assert_int_equal(screen.code, RUN_DONE);
    assert_non_null(strstr(screen.out, "withdrawn  you ended it"));
    assert_non_null(strstr(screen.out, "revoked    the vault ended it"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_over_has_no_end_to_come),
        cmocka_unit_test(of_a_request_that_waits_in_part_both_is_told),
        cmocka_unit_test(an_empty_list_names_what_was_looked_for),
        cmocka_unit_test(the_help_says_what_each_state_means),
    };

    return cmocka_run_group_tests(tests, open_screen, close_screen);
}
