/* http_answer: what is said over HTTP. */
#include "unit.h"

#include <string.h>

#include "net/http_answer.h"

static void
a_body_has_its_length_and_the_connection_its_end(void **state)
{
    struct vlt_buf out = { 0 };
    struct http_reply reply = { .status = 200,
                                .content_type = "application/json",
                                .body = vlt_slice_text("[]") };

    http_reply_put(&out, &reply);
    assert_string_equal(vlt_buf_text(&out),
                        "HTTP/1.1 200 OK\r\n"
                        "Content-Type: application/json\r\n"
                        "Content-Length: 2\r\n"
                        "Connection: close\r\n"
                        "Cache-Control: no-store\r\n"
                        "X-Content-Type-Options: nosniff\r\n\r\n[]");
    vlt_buf_free(&out);
}

static void
nothing_has_no_length(void **state)
{
    struct vlt_buf out = { 0 };
    struct http_reply reply = { .status = 204 };

    http_reply_put(&out, &reply);
    assert_null(strstr(vlt_buf_text(&out), "\r\nContent-"));
    vlt_buf_free(&out);
}

static void
to_head_the_length_is_told_and_nothing_sent(void **state)
{
    struct vlt_buf out = { 0 };
    struct http_reply reply = { .status = 200,
                                .content_type = "text/plain",
                                .head_only = true,
                                .body = vlt_slice_text("abc") };

    http_reply_put(&out, &reply);
    assert_non_null(strstr(vlt_buf_text(&out), "Content-Length: 3\r\n"));
    assert_null(strstr(vlt_buf_text(&out), "abc"));
    vlt_buf_free(&out);
}

static void
demanded_headers_are_there(void **state)
{
    static const struct {
        struct http_reply reply;
        const char *wanted;
    } cases[] = {
        { { .status = 401, .challenge = true },
          "WWW-Authenticate: Basic realm=\"vault\"\r\n" },
        { { .status = 503, .retry_after_s = 5 }, "Retry-After: 5\r\n" },
        { { .status = 405 }, "Allow: GET, HEAD, POST\r\n" },
        { { .status = 426 }, "Sec-WebSocket-Version: 13\r\n" },
        { { .status = 426 }, "Upgrade: websocket\r\n" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct vlt_buf out = { 0 };

        http_reply_put(&out, &cases[i].reply);
        assert_non_null(strstr(vlt_buf_text(&out), cases[i].wanted));
        vlt_buf_free(&out);
    }
}

/* The example of RFC 6455, section 1.3. */
static void
the_accept_value_is_that_of_the_rfc(void **state)
{
    struct vlt_buf out = { 0 };

    http_upgrade_put(&out, vlt_slice_text("dGhlIHNhbXBsZSBub25jZQ=="));
    assert_non_null(strstr(vlt_buf_text(&out),
                           "Sec-WebSocket-Accept: "
                           "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"));
    vlt_buf_free(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_has_its_length_and_the_connection_its_end),
        cmocka_unit_test(nothing_has_no_length),
        cmocka_unit_test(to_head_the_length_is_told_and_nothing_sent),
        cmocka_unit_test(demanded_headers_are_there),
        cmocka_unit_test(the_accept_value_is_that_of_the_rfc),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
