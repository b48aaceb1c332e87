/* http_rules: what is done with a request. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "net/http_rules.h"

static const char *const hosts[] = { "vault.example", NULL };
static const char *const origins[] = { "https://good.example", NULL };

static const struct http_site tls = { .place = PLACE_TLS,
                                      .bound = "192.0.2.7",
                                      .local = "[2001:db8::7]",
                                      .hosts = hosts,
                                      .origins = origins };
static const struct http_site loopback = { .place = PLACE_LOOPBACK };
static const struct http_site plain = { .place = PLACE_PLAIN };
static const struct http_site owner = { .place = PLACE_OWNER };

#define UPGRADE                                                                \
    "Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"         \
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: vault.v1\r\n"        \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

static struct http_ruling
rule(const struct http_site *site, const char *line, const char *fields)
{
    char text[2000];
    struct http_head head;

    snprintf(text, sizeof text, "%s HTTP/1.1\r\n%s\r\n", line, fields);
    assert_int_equal(http_head_parse(vlt_slice_text(text), &head), VLT_OK);
    return http_rule(&head, site);
}

static void
a_request_goes_to_the_service(void **state)
{
    const char *fields = "Host: localhost\r\nContent-Length: 1048576\r\n";

    assert_int_equal(rule(&loopback, "POST /", fields).course, HTTP_TO_SERVICE);
    assert_int_equal(rule(&tls, "POST /", fields).course, HTTP_TO_SERVICE);
    assert_int_equal(rule(&tls, "GET /", "Host: localhost\r\n").course,
                     HTTP_TO_SERVICE);
}

static void
an_upgrade_goes_to_the_socket(void **state)
{
    assert_int_equal(rule(&tls, "GET /", UPGRADE).course, HTTP_TO_SOCKET);
    assert_int_equal(rule(&owner, "GET /", UPGRADE).course, HTTP_TO_SOCKET);
}

static void
locked_only_the_upgrade_over_tls_waits(void **state)
{
    struct http_site locked_tls = tls;
    struct http_site locked_owner = owner;

    locked_tls.locked = true;
    locked_owner.locked = true;
    struct http_ruling ruling = rule(&locked_tls, "GET /", UPGRADE);

    assert_int_equal(ruling.status, 503);
    assert_true(ruling.retry_after_s > 0);
    assert_int_equal(rule(&locked_owner, "GET /", UPGRADE).course,
                     HTTP_TO_SOCKET);
    assert_int_equal(
        rule(&locked_tls, "POST /", "Host: localhost\r\nContent-Length: 0\r\n")
            .course,
        HTTP_TO_SERVICE);
}

static const struct {
    const struct http_site *site;
    const char *line;
    const char *fields;
    int status;
} refused[] = {
    { &tls, "GET /", "", 400 },
    { &tls, "GET /", "Host: evil.example\r\n", 403 },
    { &tls, "GET /", "Host: localhost\r\nOrigin: https://evil.example\r\n",
      403 },
    { &tls, "GET /", "Host: localhost\r\nOrigin:\r\n", 403 },
    { &loopback, "GET /", "Host: localhost\r\nOrigin: https://good.example\r\n",
      403 },
    { &tls, "PUT /", "Host: localhost\r\n", 405 },
    { &tls, "POST /", "Host: localhost\r\nTransfer-Encoding: chunked\r\n",
      501 },
    { &tls, "GET /", "Host: localhost\r\nUpgrade: h2c\r\n", 400 },
    { &tls, "GET /", UPGRADE "Upgrade: h2c\r\n", 400 },
    { &loopback, "GET /", UPGRADE, 403 },
    { &plain, "GET /", UPGRADE, 403 },
    { &plain, "POST /", "Host: evil.example\r\nContent-Length: 1\r\n", 403 },
    { &owner, "GET /", "Host: localhost\r\n", 426 },
    { &tls, "POST /", UPGRADE, 400 },
    { &tls, "GET /", UPGRADE "Content-Length: 1\r\n", 400 },
    { &tls, "POST /", "Host: localhost\r\n", 411 },
    { &tls, "POST /", "Host: localhost\r\nContent-Length: 1048577\r\n", 413 },
    { &tls, "GET /", "Host: localhost\r\nContent-Length: 1\r\n", 400 },
    { &tls, "POST /",
      "Host: localhost\r\nContent-Length: 1\r\nContent-Encoding: br\r\n", 415 },
    { &tls, "POST /", "Host: localhost\r\nContent-Length: 1\r\nExpect: a\r\n",
      417 },
};

static void
each_rule_answers_for_itself(void **state)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct http_ruling ruling =
            rule(refused[i].site, refused[i].line, refused[i].fields);

        print_message("%s %s\n", refused[i].line, refused[i].fields);
        assert_int_equal(ruling.course, HTTP_REFUSE);
        assert_int_equal(ruling.status, refused[i].status);
        assert_non_null(ruling.says);
        assert_null(strpbrk(ruling.says, "\"\\<>"));
    }
}

static void
every_part_of_an_upgrade_is_needed(void **state)
{
    static const char *const lines[] = {
        "Connection: Upgrade\r\n", "Sec-WebSocket-Version: 13\r\n",
        "Sec-WebSocket-Protocol: vault.v1\r\n",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    };

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char fields[500] = UPGRADE;
        char *at = strstr(fields, lines[i]);
        size_t len = strlen(lines[i]);

        assert_non_null(at);
        memmove(at, at + len, strlen(at + len) + 1);
        assert_int_equal(rule(&tls, "GET /", fields).course, HTTP_REFUSE);
    }
}

static void
hosts_are_known_by_name_with_any_port(void **state)
{
    static const char *const known[] = { "localhost",       "Localhost:1",
                                         "127.0.0.1:65535", "[::1]",
                                         "[::1]:443",       "vault.example:8",
                                         "192.0.2.7:7",     "[2001:DB8::7]:7" };
    static const char *const unknown[] = { "",
                                           "localhost:",
                                           "localhost:1:1",
                                           "localhost.",
                                           "[::1",
                                           "::1",
                                           "192.0.2.8",
                                           "vault.example.evil",
                                           "localhost:999999",
                                           ":80",
                                           "localhost:8a",
                                           "evil@localhost" };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        print_message("%s\n", known[i]);
        assert_true(http_host_known(vlt_slice_text(known[i]), &tls));
    }
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        print_message("%s\n", unknown[i]);
        assert_false(http_host_known(vlt_slice_text(unknown[i]), &tls));
    }
    assert_false(http_host_known(vlt_slice_text("192.0.2.7"), &loopback));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_goes_to_the_service),
        cmocka_unit_test(an_upgrade_goes_to_the_socket),
        cmocka_unit_test(locked_only_the_upgrade_over_tls_waits),
        cmocka_unit_test(each_rule_answers_for_itself),
        cmocka_unit_test(every_part_of_an_upgrade_is_needed),
        cmocka_unit_test(hosts_are_known_by_name_with_any_port),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
