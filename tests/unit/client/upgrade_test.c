#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/accept.h"

/* The nonce and answer of RFC 6455, section 1.3. */
static const uint8_t nonce[VLT_UPGRADE_NONCE] = "the sample nonce";
static const char accept_text[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

static const char yes[] =
    "HTTP/1.1 101 Switching Protocols\r\n"
    "upgrade: WebSocket\r\n"
    "Connection: keep-alive, Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
    "Sec-WebSocket-Protocol: vault.v1\r\n"
    "\r\n";

static enum vlt_status
read_text(const char *text, struct vlt_upgrade *out)
{
    return vlt_upgrade_read(vlt_slice_text(text), accept_text, out);
}

static void
the_accept_is_that_of_the_rfc(void **state)
{
    char out[VLT_UPGRADE_ACCEPT];

    assert_int_equal(vlt_upgrade_accept(nonce, out), VLT_OK);
    assert_string_equal(out, accept_text);
}

static void
the_request_names_what_it_must(void **state)
{
    struct vlt_buf out = { 0 };

    vlt_upgrade_put("/", "vault.example:7443", nonce, &out);
    assert_string_equal(vlt_buf_text(&out),
                        "GET / HTTP/1.1\r\n"
                        "Host: vault.example:7443\r\n"
                        "Upgrade: websocket\r\n"
                        "Connection: Upgrade\r\n"
                        "Sec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Protocol: vault.v1\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                        "\r\n");
    vlt_buf_free(&out);
}

static void
a_yes_is_read_and_what_follows_is_left(void **state)
{
    struct vlt_upgrade out;
    char text[sizeof yes + 2];

    snprintf(text, sizeof text, "%s\x01", yes);
    assert_int_equal(read_text(text, &out), VLT_OK);
    assert_int_equal(out.status, VLT_UPGRADE_SWITCHED);
    assert_int_equal(out.used, sizeof yes - 1);
}

static void
a_yes_cut_anywhere_is_not_all_here(void **state)
{
    for (size_t len = 0; len < sizeof yes - 1; len++) {
        struct vlt_upgrade out;
        uint8_t *copy = malloc(len > 0 ? len : 1);

        assert_non_null(copy);
        memcpy(copy, yes, len);
        assert_int_equal(
            vlt_upgrade_read(vlt_slice_of(copy, len), accept_text, &out),
            VLT_E_BUSY);
        free(copy);
    }
}

static void
a_locked_vault_says_when_to_come_again(void **state)
{
    struct vlt_upgrade out;

    assert_int_equal(read_text("HTTP/1.1 503 Service Unavailable\r\n"
                               "Retry-After: 30\r\n\r\n",
                               &out),
                     VLT_OK);
    assert_int_equal(out.status, VLT_UPGRADE_UNAVAILABLE);
    assert_int_equal(out.retry_s, 30);
}

static void
a_retry_after_beyond_a_day_is_a_day(void **state)
{
    struct vlt_upgrade out;

    assert_int_equal(
        read_text("HTTP/1.1 503 x\r\nRetry-After: 9999999\r\n\r\n", &out),
        VLT_OK);
    assert_int_equal(out.retry_s, VLT_UPGRADE_RETRY_MAX);
}

static void
a_date_in_retry_after_is_left_out(void **state)
{
    struct vlt_upgrade out;

    assert_int_equal(read_text("HTTP/1.1 503 x\r\nRetry-After: Wed, 21 Oct "
                               "2026 07:28:00 GMT\r\n\r\n",
                               &out),
                     VLT_OK);
    assert_int_equal(out.retry_s, 0);
}

#define REST                                                                   \
    "Connection: Upgrade\r\n"                                                  \
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"                   \
    "Sec-WebSocket-Protocol: vault.v1\r\n"

static const struct {
    const char *says;
    const char *text;
} refused[] = {
    { "another version", "HTTP/1.0 200 OK\r\n\r\n" },
    { "no status", "HTTP/1.1 abc\r\n\r\n" },
    { "a status with a sign", "HTTP/1.1 -10\r\n\r\n" },
    { "a status of four digits", "HTTP/1.1 1011 x\r\n\r\n" },
    { "a status below 100", "HTTP/1.1 099 x\r\n\r\n" },
    { "a field without a colon", "HTTP/1.1 403 x\r\nServer\r\n\r\n" },
    { "a field without a name", "HTTP/1.1 403 x\r\n: x\r\n\r\n" },
    { "a folded line", "HTTP/1.1 403 x\r\nA: b\r\n c\r\n\r\n" },
    { "a blank before the colon", "HTTP/1.1 403 x\r\nA : b\r\n\r\n" },
    { "a control character", "HTTP/1.1 403 x\r\nA: \x02\r\n\r\n" },
    { "a bare newline", "HTTP/1.1 403 x\nA: b\n\n\r\n\r\n" },
    { "no fields", "HTTP/1.1 101 x\r\n\r\n" },
    { "no upgrade", "HTTP/1.1 101 x\r\n" REST "\r\n" },
    { "an upgrade to something else",
      "HTTP/1.1 101 x\r\nUpgrade: h2c\r\n" REST "\r\n" },
    { "an upgrade twice", "HTTP/1.1 101 x\r\nUpgrade: websocket\r\n"
                          "Upgrade: websocket\r\n" REST "\r\n" },
    { "an extension", "HTTP/1.1 101 x\r\nUpgrade: websocket\r\n"
                      "Sec-WebSocket-Extensions: x\r\n" REST "\r\n" },
    { "another accept",
      "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: t3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
      "Sec-WebSocket-Protocol: vault.v1\r\n\r\n" },
    { "another protocol",
      "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
      "Sec-WebSocket-Protocol: vault.v2\r\n\r\n" },
    { "a connection that stays",
      "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: keep-alive\r\n"
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
      "Sec-WebSocket-Protocol: vault.v1\r\n\r\n" },
};

static void
what_is_no_such_answer_is_refused(void **state)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct vlt_upgrade out;

        print_message("%s\n", refused[i].says);
        assert_int_equal(read_text(refused[i].text, &out), VLT_E_FORMAT);
    }
}

static void
a_head_without_end_is_over_the_limit(void **state)
{
    static char text[VLT_UPGRADE_MAX + 2];
    struct vlt_upgrade out;
    size_t len = (size_t)snprintf(text, sizeof text, "HTTP/1.1 403 x\r\nA: ");

    memset(text + len, 'x', sizeof text - len - 1);
    assert_int_equal(read_text(text, &out), VLT_E_LIMIT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_accept_is_that_of_the_rfc),
        cmocka_unit_test(the_request_names_what_it_must),
        cmocka_unit_test(a_yes_is_read_and_what_follows_is_left),
        cmocka_unit_test(a_yes_cut_anywhere_is_not_all_here),
        cmocka_unit_test(a_locked_vault_says_when_to_come_again),
        cmocka_unit_test(a_retry_after_beyond_a_day_is_a_day),
        cmocka_unit_test(a_date_in_retry_after_is_left_out),
        cmocka_unit_test(what_is_no_such_answer_is_refused),
        cmocka_unit_test(a_head_without_end_is_over_the_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
