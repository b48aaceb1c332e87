/* http_head: the head of a request, read strictly. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/http_head.h"

#define HEAD "POST /api/v2/write?org=a&bucket=b HTTP/1.1\r\n"
#define HOST "Host: localhost:8086\r\n"

static enum vlt_status
parse(const char *text, struct http_head *out)
{
    return http_head_parse(vlt_slice_text(text), out);
}

static void
the_parts_of_a_head_are_found(void **state)
{
    struct http_head head;

    assert_int_equal(parse(HEAD HOST "Content-Length:  42\t\r\n"
                                     "AUTHORIZATION: Token abc def\r\n"
                                     "x-other: \xc3\xa9\r\n\r\n",
                           &head),
                     VLT_OK);
    assert_int_equal(head.method, HTTP_POST);
    assert_int_equal(head.minor, 1);
    assert_true(vlt_slice_is(head.verb, "POST"));
    assert_true(vlt_slice_is(head.path, "/api/v2/write"));
    assert_true(vlt_slice_is(head.query, "org=a&bucket=b"));
    assert_true(vlt_slice_is(head.field[HTTP_HOST], "localhost:8086"));
    assert_true(vlt_slice_is(head.field[HTTP_AUTHORIZATION], "Token abc def"));
    assert_null(head.field[HTTP_ORIGIN].at);
    assert_int_equal(head.length, 42);
}

static void
no_query_and_an_empty_one_differ(void **state)
{
    struct http_head head;

    assert_int_equal(parse("GET /a HTTP/1.1\r\n\r\n", &head), VLT_OK);
    assert_null(head.query.at);
    assert_int_equal(parse("GET /a? HTTP/1.1\r\n\r\n", &head), VLT_OK);
    assert_non_null(head.query.at);
    assert_int_equal(head.query.len, 0);
}

static void
a_field_without_value_is_present(void **state)
{
    struct http_head head;

    assert_int_equal(parse("GET / HTTP/1.1\r\nHost:\r\n\r\n", &head), VLT_OK);
    assert_non_null(head.field[HTTP_HOST].at);
    assert_int_equal(head.field[HTTP_HOST].len, 0);
}

static void
versions_and_methods_are_told_apart(void **state)
{
    struct http_head head;

    assert_int_equal(parse("GET / HTTP/1.0\r\n\r\n", &head), VLT_OK);
    assert_int_equal(head.minor, 0);
    assert_int_equal(parse("GET / HTTP/2.0\r\n\r\n", &head), VLT_OK);
    assert_int_equal(head.minor, -1);
    assert_int_equal(parse("GET / http/1.1\r\n\r\n", &head), VLT_OK);
    assert_int_equal(head.minor, -1);
    assert_int_equal(parse("get / HTTP/1.1\r\n\r\n", &head), VLT_OK);
    assert_int_equal(head.method, HTTP_OTHER);
}

static void
an_upgrade_is_seen_in_its_lists(void **state)
{
    struct http_head head;

    assert_int_equal(parse("GET / HTTP/1.1\r\n"
                           "Connection: keep-alive, Upgrade\r\n"
                           "Upgrade: WebSocket\r\n"
                           "Sec-WebSocket-Protocol: chat\r\n"
                           "Sec-WebSocket-Protocol: other,vault.v1\r\n\r\n",
                           &head),
                     VLT_OK);
    assert_true(head.connection_upgrade);
    assert_true(head.upgrade_websocket);
    assert_false(head.upgrade_other);
    assert_true(head.offers_vault);
    assert_int_equal(parse("GET / HTTP/1.1\r\nUpgrade: websocket\r\n"
                           "Upgrade: h2c\r\n\r\n",
                           &head),
                     VLT_OK);
    assert_true(head.upgrade_other);
    assert_int_equal(parse("GET / HTTP/1.1\r\nUpgrade: h2c, websocket\r\n"
                           "Sec-WebSocket-Protocol: vault.v12\r\n"
                           "Connection: upgraded\r\n\r\n",
                           &head),
                     VLT_OK);
    assert_true(head.upgrade_other);
    assert_false(head.offers_vault);
    assert_false(head.connection_upgrade);
}

static const struct {
    const char *says;
    const char *text;
} malformed[] = {
    { "no blank", "GET/HTTP/1.1\r\n\r\n" },
    { "one blank", "GET /\r\n\r\n" },
    { "two blanks", "GET  / HTTP/1.1\r\n\r\n" },
    { "a blank behind", "GET / HTTP/1.1 \r\n\r\n" },
    { "no method", " / HTTP/1.1\r\n\r\n" },
    { "no token", "G(T / HTTP/1.1\r\n\r\n" },
    { "another form", "GET http://a/ HTTP/1.1\r\n\r\n" },
    { "an asterisk", "OPTIONS * HTTP/1.1\r\n\r\n" },
    { "a fragment", "GET /a#b HTTP/1.1\r\n\r\n" },
    { "beyond ASCII", "GET /\xc3\xa9 HTTP/1.1\r\n\r\n" },
    { "a tab", "GET\t/ HTTP/1.1\r\n\r\n" },
    { "a bare LF", "GET / HTTP/1.1\nHost: a\r\n\r\n" },
    { "a bare CR", "GET / HTTP/1.1\rHost: a\r\n\r\n" },
    { "folding", "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n" },
    { "a blank before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n" },
    { "no name", "GET / HTTP/1.1\r\n: a\r\n\r\n" },
    { "no colon", "GET / HTTP/1.1\r\nHost\r\n\r\n" },
    { "a control character", "GET / HTTP/1.1\r\nHost: a\x01\r\n\r\n" },
    { "DEL", "GET / HTTP/1.1\r\nHost: a\x7f\r\n\r\n" },
    { "two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n" },
    { "two lengths",
      "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n" },
    { "a list of lengths", "GET / HTTP/1.1\r\nContent-Length: 1,1\r\n\r\n" },
    { "a negative length", "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n" },
    { "a sign", "GET / HTTP/1.1\r\nContent-Length: +1\r\n\r\n" },
    { "hex", "GET / HTTP/1.1\r\nContent-Length: 0x1\r\n\r\n" },
    { "no length", "GET / HTTP/1.1\r\nContent-Length:\r\n\r\n" },
    { "no end", "GET / HTTP/1.1\r\nHost: a\r\n" },
    { "an empty line first", "\r\nGET / HTTP/1.1\r\n\r\n" },
    { "nothing", "" },
};

static void
what_is_malformed_is_refused(void **state)
{
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        struct http_head head = { .minor = 77 };

        print_message("%s\n", malformed[i].says);
        assert_int_equal(parse(malformed[i].text, &head), VLT_E_FORMAT);
        assert_int_equal(head.minor, 77);
    }
}

static void
what_is_too_large_is_refused(void **state)
{
    struct http_head head;
    char text[2 * HTTP_HEAD_MAX];
    size_t len = 0;

    len = (size_t)snprintf(text, sizeof text, "GET /%0*d HTTP/1.1\r\n\r\n",
                           HTTP_TARGET_MAX, 0);
    assert_int_equal(http_head_parse(vlt_slice_of(text, len), &head),
                     VLT_E_LIMIT);
    len = (size_t)snprintf(text, sizeof text, "GET /%0*d HTTP/1.1\r\n\r\n",
                           HTTP_TARGET_MAX - 1, 0);
    assert_int_equal(http_head_parse(vlt_slice_of(text, len), &head), VLT_OK);
    len =
        (size_t)snprintf(text, sizeof text, "GET / HTTP/1.1\r\na: %0*d\r\n\r\n",
                         HTTP_HEAD_MAX, 0);
    assert_int_equal(http_head_parse(vlt_slice_of(text, len), &head),
                     VLT_E_LIMIT);
    strcpy(text, "GET / HTTP/1.1\r\n");
    for (int i = 0; i < HTTP_FIELDS_MAX; i++) {
        strcat(text, "a: 1\r\n");
    }
    strcat(text, "\r\n");
    assert_int_equal(parse(text, &head), VLT_OK);
    strcpy(text + strlen(text) - 2, "a: 1\r\n\r\n");
    assert_int_equal(parse(text, &head), VLT_E_LIMIT);
}

static void
a_length_over_64_bits_is_larger_than_all(void **state)
{
    struct http_head head;

    assert_int_equal(
        parse("GET / HTTP/1.1\r\nContent-Length: 18446744073709551616\r\n\r\n",
              &head),
        VLT_OK);
    assert_true(head.length == UINT64_MAX);
}

static void
the_end_is_found_wherever_it_is_cut(void **state)
{
    static const char text[] = HEAD HOST "\r\n\r\rbody\r\n\r\n";
    size_t end = strlen(HEAD HOST) + 2;

    for (size_t len = 0; len < sizeof text; len++) {
        size_t found = http_head_find(vlt_slice_of(text, len));

        assert_int_equal(found, len < end ? 0 : end);
    }
    assert_int_equal(http_head_find(vlt_slice_text("\r\r\n\r\r\n\r\n")), 8);
}

/* Exactly as much memory as the head, so that a read beyond is seen. */
static void
cut_at_every_length_nothing_is_read_beyond(void **state)
{
    static const char text[] = HEAD HOST "Upgrade: a, b\r\n\r\n";

    for (size_t len = 0; len < sizeof text - 1; len++) {
        char *copy = malloc(len > 0 ? len : 1);
        struct http_head head;

        assert_non_null(copy);
        memcpy(copy, text, len);
        assert_int_not_equal(http_head_parse(vlt_slice_of(copy, len), &head),
                             VLT_OK);
        free(copy);
    }
}

static void
a_list_is_searched_item_by_item(void **state)
{
    assert_true(http_list_has(vlt_slice_text("a"), "a", false));
    assert_true(http_list_has(vlt_slice_text("b , a ,c"), "a", false));
    assert_true(http_list_has(vlt_slice_text("b,A"), "a", true));
    assert_false(http_list_has(vlt_slice_text("b,A"), "a", false));
    assert_false(http_list_has(vlt_slice_text("aa, ab"), "a", true));
    assert_false(http_list_has(vlt_slice_text(""), "a", true));
    assert_false(http_list_has(vlt_slice_text(",,"), "a", true));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_parts_of_a_head_are_found),
        cmocka_unit_test(no_query_and_an_empty_one_differ),
        cmocka_unit_test(a_field_without_value_is_present),
        cmocka_unit_test(versions_and_methods_are_told_apart),
        cmocka_unit_test(an_upgrade_is_seen_in_its_lists),
        cmocka_unit_test(what_is_malformed_is_refused),
        cmocka_unit_test(what_is_too_large_is_refused),
        cmocka_unit_test(a_length_over_64_bits_is_larger_than_all),
        cmocka_unit_test(the_end_is_found_wherever_it_is_cut),
        cmocka_unit_test(cut_at_every_length_nothing_is_read_beyond),
        cmocka_unit_test(a_list_is_searched_item_by_item),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
