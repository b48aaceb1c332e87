/*
 * vaultctl firm show: how the person stands with a firm, on one screen.
 */
#include "screen.h"

enum { USES = 7 };

static const char firm[] =
    "{\"firm\":{\"name\":\"fernhill\",\"id\":\"vf1:ilky\",\"fingerprint\":"
    "\"ilky nsyg\",\"state\":\"confirmed\",\"claims\":{\"name\":\"Fernhill "
    "\\u001b[2J Ltd\",\"contact\":\"mailto:p@fernhill.example\"},\"invited\":"
    "null,\"enrolled\":\"2001-02-03T04:05:06Z\",\"confirmed\":"
    "\"2001-02-03T04:05:06Z\",\"last\":null,\"grants\":1,\"pending\":0,"
    "\"overdue\":false},\"grants\":[],\"requests\":[],\"held\":[{\"grant\":"
    "\"01M8AA8V8W7BKR7TPZ45Y658ZA\",\"uses\":7,\"acknowledged\":1,\"delete_"
    "by\":"
    "\"2001-02-03T04:05:06Z\"}]}";

static const char score[] =
    "{\"firm\":\"fernhill\",\"S\":136520,\"L\":772000,\"n\":1,\"class\":"
    "\"better\",\"settled\":false,\"last\":\"2001-02-03T04:05:06Z\","
    "\"contributions\":[{\"id\":\"01M8AA8FJKTVZA051EDF89J0BM\",\"d\":300,"
    "\"weight\":1,\"share_ppm\":200000,\"delta\":136520000000}],"
    "\"not_yet_known_ppb\":800000000,\"excluded\":[],\"version\":\"ix-1\"}";

static const char grants[] =
    "{\"grants\":[{\"id\":\"01M8AA8V8W7BKR7TPZ45Y658ZA\",\"firm\":"
    "\"fernhill\",\"state\":\"active\",\"purpose\":\"service.repair\","
    "\"action\":\"live\",\"streams\":[\"home/host/load\"],\"exp\":"
    "\"2001-02-03T04:05:06Z\",\"last_use\":\"2001-02-03T04:05:06Z\"}]}";

/* Entries two at a time, from behind `after` on, as a vault may part them. */
static void
answer_uses(struct fake *fake, const struct vlt_rpc *rpc)
{
    const struct vlt_json *after = vlt_json_get(rpc->params, "after");
    int64_t first = after != NULL ? vlt_json_int_of(after) + 1 : 0;
    struct vlt_buf text = { 0 };

    vlt_buf_put_text(&text, "{\"origin\":\"o\",\"size\":7,\"entries\":[");
    for (int64_t i = first; i < first + 2 && i < USES; i++) {
        vlt_buf_printf(
            &text,
            "%s{\"index\":%lld,\"type\":\"use\",\"time\":\"2001-02-0%lldT04:05:"
            "06Z\",\"subject\":null,\"seq\":1,\"entry\":\"\",\"salt\":null,"
            "\"detail\":\"{\\\"rows\\\":%lld,\\\"streams\\\":[{\\\"name\\\":"
            "\\\"home/host/load\\\"}]}\"}",
            i > first ? "," : "", (long long)i, (long long)i + 1,
            (long long)(10 * i));
    }
    vlt_buf_put_text(&text, "]}");
    fake_result(fake, rpc->id.number, vlt_buf_text(&text));
    vlt_buf_free(&text);
}

static bool
answer(struct fake *fake, const struct vlt_rpc *rpc)
{
    static const struct {
        const char *method, *result;
    } results[] = {
        { "firm.show", firm },
        { "interaction.score", score },
        { "grant.list", grants },
    };

    for (size_t i = 0; i < sizeof results / sizeof *results; i++) {
        if (vlt_slice_is(rpc->method, results[i].method)) {
            fake_result(fake, rpc->id.number, results[i].result);
            return true;
        }
    }
    answer_uses(fake, rpc);
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
one_screen_shows_score_grants_and_what_was_read(void **state)
{
    screen_run(&screen, "firm show fernhill");
    assert_int_equal(screen.code, RUN_DONE);
    assert_string_equal(
        screen.out,
        "fernhill\n"
        "state           confirmed\n"
        "says of itself  » Fernhill \\x1B[2J Ltd\n"
        "contact         » mailto:p@fernhill.example\n"
        "id              vf1:ilky\n"
        "fingerprint     ilky nsyg\n"
        "enrolled        2001-02-03\n"
        "confirmed       2001-02-03\n"
        "\n"
        "score      +137, better than expected\n"
        "level      772 of 1000\n"
        "n          1, not settled yet\n"
        "last       2001-02-03, better\n"
        "constants  ix-1\n"
        "\n"
        "interaction                 against expected  weight  adds\n"
        "01M8AA8FJKTVZA051EDF89J0BM              +300       1  +137\n"
        "\n"
        "grant                       state   purpose         action  streams   "
        "      ends        last read\n"
        "01M8AA8V8W7BKR7TPZ45Y658ZA  active  service.repair  live    home/host/"
        "load  2001-02-03  2001-02-03\n"
        "\n"
        "read  7 times, the last:\n"
        "  2001-02-03  20 rows  of home/host/load\n"
        "  2001-02-04  30 rows  of home/host/load\n"
        "  2001-02-05  40 rows  of home/host/load\n"
        "  2001-02-06  50 rows  of home/host/load\n"
        "  2001-02-07  60 rows  of home/host/load\n"
        "\n"
        "it still holds, from grant  uses  signed for  to be deleted\n"
        "01M8AA8V8W7BKR7TPZ45Y658ZA     7           1  2001-02-03\n"
        "\n"
        "stop  vaultctl grant revoke --firm fernhill | firm block fernhill\n");
}

static void
as_json_it_has_all_that_was_read(void **state)
{
    struct vlt_json *all = NULL;

    screen_run(&screen, "firm show fernhill --json");
    assert_int_equal(
        vlt_json_parse(vlt_slice_text(screen.out), SCREEN_TEXT, 40, NULL, &all),
        VLT_OK);
    assert_int_equal(vlt_json_count(view_member(all, "reads.entries")), USES);
    assert_int_equal(vlt_json_int_of(view_member(all, "score.S")), 136520);
    assert_int_equal(vlt_json_count(view_member(all, "grants.grants")), 1);
    assert_non_null(view_member(all, "firm.firm"));
    vlt_json_free(all);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_screen_shows_score_grants_and_what_was_read),
        cmocka_unit_test(as_json_it_has_all_that_was_read),
    };

    return cmocka_run_group_tests(tests, open_screen, close_screen);
}
