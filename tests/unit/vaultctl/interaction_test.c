/*
 * vaultctl interaction: what it offers, sends and shows.
 */
#include "screen.h"

static const char record[] =
    "{\"type\":\"interaction\",\"v\":1,\"id\":\"01M8AA8FJKTVZA051EDF89J0BM\","
    "\"rev\":2,\"t_event\":\"2001-02-03T04:05:06Z\",\"t_recorded\":"
    "\"2001-02-03T04:05:06Z\",\"firm\":\"fernhill\",\"role\":\"user\","
    "\"source\":{\"kind\":\"self\"},\"asserted_by\":\"person\",\"sens\":"
    "\"normal\",\"channel\":\"phone\",\"direction\":\"firm-person\","
    "\"subject\":\"called back\",\"perceived\":{\"scale\":\"nps\",\"raw\":8,"
    "\"q\":800,\"at\":\"2001-02-03T04:05:06Z\"},\"weight\":2}";

static const char score[] =
    "{\"firm\":\"fernhill\",\"S\":-57180,\"L\":674592,\"n\":2,\"class\":"
    "\"better\",\"settled\":false,\"last\":\"2001-02-03T04:05:06Z\","
    "\"contributions\":[{\"id\":\"01M8AA8FJKTVZA051EDF89J0BM\",\"d\":300,"
    "\"weight\":1,\"share_ppm\":200000,\"delta\":18874368000},{\"id\":"
    "\"01M8AA8TEQ0DNV2EQG2N4SVYQY\",\"d\":-450,\"weight\":2,\"share_ppm\":"
    "360000,\"delta\":-82944000000}],\"not_yet_known_ppb\":167772160,"
    "\"excluded\":[],\"version\":\"ix-1\"}";

static const char nothing[] =
    "{\"firm\":\"fernhill\",\"S\":0,\"L\":0,\"n\":0,\"class\":null,"
    "\"settled\":false,\"last\":null,\"contributions\":[],"
    "\"not_yet_known_ppb\":1000000000,\"excluded\":[],\"version\":\"ix-1\"}";

/* The parameters, less idem, as the answer's detail: so they can be seen. */
static bool
show_params(struct fake *fake, const struct vlt_rpc *rpc)
{
    struct vlt_buf text = { 0 };

    vlt_buf_put_text(&text, "{\"id\":");
    vlt_json_print(rpc->params, false, &text);
    vlt_buf_put_text(&text, "}");
    fake_result(fake, rpc->id.number, vlt_buf_text(&text));
    vlt_buf_free(&text);
    return true;
}

static bool
answer(struct fake *fake, const struct vlt_rpc *rpc)
{
    struct vlt_slice firm = vlt_json_text_of(vlt_json_get(rpc->params, "firm"));
    char text[1024];

    if (vlt_slice_is(rpc->method, "interaction.list")) {
        snprintf(text, sizeof text, "{\"interactions\":[%s]}", record);
        fake_result(fake, rpc->id.number, text);
        return true;
    }
    if (vlt_slice_is(rpc->method, "interaction.score")) {
        fake_result(fake, rpc->id.number,
                    vlt_slice_is(firm, "newcomer") ? nothing : score);
        return true;
    }
    if (vlt_slice_is(rpc->method, "interaction.rate") &&
        vlt_json_int_of(vlt_json_get(rpc->params, "raw")) == 8) {
        fake_result(fake, rpc->id.number,
                    "{\"id\":\"01M8AA8FJKTVZA051EDF89J0BM\",\"rev\":2,\"q\":"
                    "800,\"d\":300,\"score\":60000}");
        return true;
    }
    return show_params(fake, rpc);
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

/* Options of interactions that this release does not have. */
static const struct {
    const char *verb, *option, *given;
} to_come[] = {
    { "add", "practice", "add fernhill --practice informing" },
    { "add", "kind", "add fernhill --kind critical" },
    { "add", "words", "add fernhill --words hm" },
    { "add", "minutes", "add fernhill --minutes 5" },
    { "add", "contacts", "add fernhill --contacts 2" },
    { "add", "expect", "add fernhill --expect 7" },
    { "list", "role", "list --role payer" },
    { "list", "kind", "list --kind critical" },
    { "list", "practice", "list --practice informing" },
    { "rate", "words", "rate 01M8AA8FJKTVZA051EDF89J0BM 8 --words hm" },
    { "score", "role", "score fernhill --role payer" },
    { "score", "at", "score fernhill --at 2d" },
    { "score", "with-retrospective", "score fernhill --with-retrospective" },
};

static void
what_the_daemon_refuses_is_not_offered(void **state)
{
    for (size_t i = 0; i < sizeof to_come / sizeof *to_come; i++) {
        char line[128];
        char option[32];

        print_message("%s --%s\n", to_come[i].verb, to_come[i].option);
        snprintf(line, sizeof line, "interaction %s -h", to_come[i].verb);
        snprintf(option, sizeof option, "--%s", to_come[i].option);
        screen_run(&screen, line);
        assert_int_equal(screen.code, RUN_DONE);
        assert_null(strstr(screen.out, option));
        snprintf(line, sizeof line, "interaction %s", to_come[i].given);
        screen_run(&screen, line);
        assert_int_equal(screen.code, RUN_USAGE);
        assert_non_null(strstr(screen.err, option));
        assert_non_null(strstr(screen.err, "does not have it yet"));
    }
    screen_run(&screen, "interaction score -h");
    assert_null(strstr(screen.out, "[options]"));
    screen_run(&screen, "interaction -h");
    assert_null(strstr(screen.out, "--practice"));
    screen_run(&screen, "-h");
    assert_null(strstr(screen.out, "--practice"));
}

static void
what_is_noted_is_sent(void **state)
{
    screen_run(&screen,
               "interaction add fernhill --at 2001-02-03T04:05:06Z --channel "
               "phone --direction firm-person --role payer --subject late "
               "--weight 2 --rate 3 --scale likert-5 --json");
    assert_int_equal(screen.code, RUN_DONE);
    assert_non_null(
        strstr(screen.out,
               ",\"t_event\":\"2001-02-03T04:05:06Z\",\"firm\":\"fernhill\","
               "\"channel\":\"phone\",\"direction\":\"firm-person\",\"role\":"
               "\"payer\",\"subject\":\"late\",\"weight\":2,\"perceived\":{"
               "\"scale\":\"likert-5\",\"raw\":3}}}"));
}

static void
a_list_shows_what_a_record_has(void **state)
{
    screen_run(&screen, "interaction list");
    assert_string_equal(
        screen.out,
        "interaction                 firm      when        by     way          "
        "what         of 1000  weight\n"
        "01M8AA8FJKTVZA051EDF89J0BM  fernhill  2001-02-03  phone  firm-person  "
        "called back      800       2\n");
}

static void
a_rating_is_shown_in_points(void **state)
{
    screen_run(&screen, "interaction rate 01M8AA8FJKTVZA051EDF89J0BM 8");
    assert_string_equal(screen.out,
                        "interaction       01M8AA8FJKTVZA051EDF89J0BM\n"
                        "quality           800 of 1000\n"
                        "against expected  +300\n"
                        "score             +60, better than expected\n");
}

static void
a_score_is_shown_in_points_and_words(void **state)
{
    screen_run(&screen, "interaction score fernhill");
    assert_string_equal(
        screen.out,
        "score      -57, worse than expected\n"
        "level      675 of 1000\n"
        "n          2, not settled yet\n"
        "last       2001-02-03, better\n"
        "constants  ix-1\n"
        "\n"
        "interaction                 against expected  weight  adds\n"
        "01M8AA8FJKTVZA051EDF89J0BM              +300       1   +19\n"
        "01M8AA8TEQ0DNV2EQG2N4SVYQY              -450       2   -83\n");
}

static void
without_a_rating_there_is_no_score(void **state)
{
    screen_run(&screen, "interaction score newcomer");
    assert_string_equal(screen.out,
                        "score  none yet; type: vaultctl interaction add "
                        "newcomer --rate N\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_daemon_refuses_is_not_offered),
        cmocka_unit_test(what_is_noted_is_sent),
        cmocka_unit_test(a_list_shows_what_a_record_has),
        cmocka_unit_test(a_rating_is_shown_in_points),
        cmocka_unit_test(a_score_is_shown_in_points_and_words),
        cmocka_unit_test(without_a_rating_there_is_no_score),
    };

    return cmocka_run_group_tests(tests, open_screen, close_screen);
}
