/*
 * The knock of a vault that dials, and where it goes.
 */
#include "unit.h"

#include <string.h>

#include "wire/upgrade.h"

#define RENDEZVOUS "aaaqeayeaudaocajbifqydiob4"
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define FIRST "GET /v/" RENDEZVOUS " HTTP/1.1\r\n"
#define HOST "Host: firm.example:7444\r\n"
#define UP "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"
#define KEYED "Sec-WebSocket-Key: " KEY "\r\n"
#define PROTOCOL "Sec-WebSocket-Protocol: vault.v1\r\n"
#define REST UP VERSION KEYED PROTOCOL "\r\n"

static const char good[] = FIRST HOST REST "next";

static enum vlt_status
read_text(const char *text, struct vlt_knock *out)
{
    return vlt_knock_read(vlt_slice_text(text), out);
}

static void
what_is_sent_is_heard(void **state)
{
    struct vlt_knock knock;
    uint8_t nonce[VLT_UPGRADE_NONCE];
    struct vlt_buf out = { 0 };

    for (size_t i = 0; i < sizeof nonce; i++) {
        nonce[i] = (uint8_t)(i * 7);
    }
    vlt_upgrade_put("/v/" RENDEZVOUS, "firm.example:7444", nonce, &out);
    assert_int_equal(vlt_knock_read(vlt_buf_slice(&out), &knock), VLT_OK);
    assert_int_equal(knock.used, out.len);
    assert_memory_equal(knock.nonce, nonce, sizeof nonce);
    for (size_t i = 0; i < VLT_RENDEZVOUS; i++) {
        assert_int_equal(knock.rendezvous[i], i);
    }
    vlt_buf_free(&out);
}

static void
what_follows_is_left(void **state)
{
    struct vlt_knock knock;

    assert_int_equal(read_text(good, &knock), VLT_OK);
    assert_string_equal(good + knock.used, "next");
}

static void
it_is_whole_at_its_end_and_not_before(void **state)
{
    struct vlt_knock knock;
    size_t whole = sizeof good - 1 - strlen("next");

    for (size_t len = 0; len < whole; len++) {
        assert_int_equal(vlt_knock_read(vlt_slice_of(good, len), &knock),
                         VLT_E_BUSY);
    }
    assert_int_equal(vlt_knock_read(vlt_slice_of(good, whole), &knock), VLT_OK);
}

static void
what_has_no_end_is_refused(void **state)
{
    static char text[VLT_UPGRADE_MAX + 2];
    struct vlt_knock knock;

    memset(text, 'a', sizeof text);
    memcpy(text, FIRST "X: ", strlen(FIRST "X: "));
    assert_int_equal(vlt_knock_read(vlt_slice_of(text, sizeof text), &knock),
                     VLT_E_LIMIT);
}

static const struct {
    const char *says;
    const char *text;
} refused[] = {
    { "another method", "POST /v/" RENDEZVOUS " HTTP/1.1\r\n" HOST REST },
    { "another version", "GET /v/" RENDEZVOUS " HTTP/1.0\r\n" HOST REST },
    { "another place", "GET / HTTP/1.1\r\n" HOST REST },
    { "a rendezvous cut short",
      "GET /v/aaaqeayeaudaocajbifqydiob HTTP/1.1\r\n" HOST REST },
    { "leftover bits",
      "GET /v/aaaqeayeaudaocajbifqydiob5 HTTP/1.1\r\n" HOST REST },
    { "upper case",
      "GET /v/AAAQEAYEAUDAOCAJBIFQYDIOB4 HTTP/1.1\r\n" HOST REST },
    { "no Host", FIRST REST },
    { "two Hosts", FIRST HOST HOST REST },
    { "an Origin", FIRST HOST "Origin: https://web.example\r\n" REST },
    { "a body", FIRST HOST "Content-Length: 1\r\n" REST },
    { "chunks", FIRST HOST "Transfer-Encoding: chunked\r\n" REST },
    { "no upgrade", FIRST HOST VERSION KEYED PROTOCOL "\r\n" },
    { "no version", FIRST HOST UP KEYED PROTOCOL "\r\n" },
    { "no key", FIRST HOST UP VERSION PROTOCOL "\r\n" },
    { "a short key",
      FIRST HOST UP VERSION "Sec-WebSocket-Key: AAAA\r\n" PROTOCOL "\r\n" },
    { "another protocol",
      FIRST HOST UP VERSION KEYED "Sec-WebSocket-Protocol: chat\r\n\r\n" },
    { "a line that is no field", FIRST HOST "what\r\n" REST },
    { "a folded line", FIRST HOST "X: a\r\n b\r\n" REST },
};

static void
anything_else_is_refused(void **state)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct vlt_knock knock;

        print_message("%s\n", refused[i].says);
        assert_int_equal(read_text(refused[i].text, &knock), VLT_E_FORMAT);
    }
}

/* ---- where ---- */

static const char *const meetings[] = {
    "wss://firm.example:7444/v/" RENDEZVOUS,
    "wss://127.0.0.1:1/v/" RENDEZVOUS,
    "wss://[2001:db8::1]:65535/v/" RENDEZVOUS,
};

static void
a_meeting_is_read_and_printed_alike(void **state)
{
    for (size_t i = 0; i < sizeof meetings / sizeof *meetings; i++) {
        struct vlt_meeting meeting;
        char text[VLT_MEETING_TEXT];

        assert_int_equal(
            vlt_meeting_parse(vlt_slice_text(meetings[i]), &meeting), VLT_OK);
        assert_string_equal(vlt_meeting_print(&meeting, text), meetings[i]);
    }
}

static const char *const nowhere[] = {
    "",
    "wss://",
    "wss://a:1/v/",
    "https://firm.example:7444/v/" RENDEZVOUS,
    "wss://firm.example/v/" RENDEZVOUS,
    "wss://firm.example:0/v/" RENDEZVOUS,
    "wss://firm.example:65536/v/" RENDEZVOUS,
    "wss://firm.example:7444/w/" RENDEZVOUS,
    "wss://firm.example:7444/v/" RENDEZVOUS "/",
    "wss://firm.example:7444/x/v/" RENDEZVOUS,
    "wss://user@firm.example:7444/v/" RENDEZVOUS,
    "wss://:7444/v/" RENDEZVOUS,
};

static void
what_is_no_meeting_is_refused(void **state)
{
    for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++) {
        struct vlt_meeting meeting;

        print_message("%s\n", nowhere[i]);
        assert_int_equal(
            vlt_meeting_parse(vlt_slice_text(nowhere[i]), &meeting),
            VLT_E_FORMAT);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sent_is_heard),
        cmocka_unit_test(what_follows_is_left),
        cmocka_unit_test(it_is_whole_at_its_end_and_not_before),
        cmocka_unit_test(what_has_no_end_is_refused),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(a_meeting_is_read_and_printed_alike),
        cmocka_unit_test(what_is_no_meeting_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
