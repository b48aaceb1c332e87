/*
 * What vaultctl says of a word that is no ID, and of an ID that is unknown.
 */
#include "screen.h"

#define UNKNOWN "01M8AA8V8W7BKR7TPZ45Y658ZA"

/* It knows none: the first member's value is looked at, as the vault does. */
static bool
answer(struct fake *fake, const struct vlt_rpc *rpc)
{
    const char *at =
        vlt_json_get(rpc->params, "grant") != NULL ? "grant" : "request";
    struct vlt_slice id = vlt_json_text_of(vlt_json_get(rpc->params, at));
    char text[256];

    if (id.len == strlen(UNKNOWN)) {
        snprintf(text, sizeof text,
                 "{\"code\":-32602,\"message\":\"There is no %s '%.*s'.\","
                 "\"data\":{\"reason\":\"params\",\"at\":\"%s\","
                 "\"detail\":\"not_found\"}}",
                 at, (int)id.len, (const char *)id.at, at);
    } else {
        snprintf(text, sizeof text,
                 "{\"code\":-32602,\"message\":\"%s is no ULID, must be 26 "
                 "characters of it\",\"data\":{\"reason\":\"params\","
                 "\"at\":\"%s\"}}",
                 at, at);
    }
    fake_error(fake, rpc->id.number, text);
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
a_word_that_is_no_id_is_told_with_what_lists_them(void **state)
{
    screen_run(&screen, "policy explain bill");
    assert_int_equal(screen.code, RUN_USAGE);
    assert_string_equal(screen.err,
                        "vaultctl policy explain: \"bill\" is no ID: an ID has "
                        "26 characters; vaultctl request list shows them\n");
}

static void
an_unknown_id_is_told_with_what_lists_them(void **state)
{
    screen_run(&screen, "grant show " UNKNOWN);
    assert_int_equal(screen.code, RUN_NOT_FOUND);
    assert_string_equal(screen.err,
                        "vaultctl grant show: There is no grant '" UNKNOWN
                        "'; vaultctl grant list shows them\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_that_is_no_id_is_told_with_what_lists_them),
        cmocka_unit_test(an_unknown_id_is_told_with_what_lists_them),
    };

    return cmocka_run_group_tests(tests, open_screen, close_screen);
}
