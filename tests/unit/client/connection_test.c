/*
 * How a connection ends, and what is told when none comes about.
 */
#include "scene.h"

#include <poll.h>

enum { FLOOD = 3, FLOOD_LEN = 60000 };

/* Notices that are more than a client takes at a time. */
static void
flood(struct fake *fake)
{
    static char text[FLOOD_LEN + 128];
    static char pad[FLOOD_LEN + 1];

    memset(pad, 'x', FLOOD_LEN);
    snprintf(text, sizeof text,
             "{\"jsonrpc\":\"2.0\",\"method\":\"grant.changed\",\"params\":{"
             "\"pad\":\"%s\"}}",
             pad);
    for (int i = 0; i < FLOOD; i++) {
        fake_text(fake, text);
    }
}

static bool
answer(struct fake *fake, const struct vlt_rpc *rpc)
{
    if (vlt_slice_is(rpc->method, "flood")) {
        flood(fake);
        return false;
    }
    if (vlt_slice_is(rpc->method, "rude")) {
        fake_text(fake, "no JSON");
    }
    return true;
}

static void
what_came_is_read_though_nothing_can_be_sent(void **state)
{
    struct scene *scene = scene_ready(answer, 0);
    struct vault_client *client = scene->client;
    struct pollfd at = { .fd = vault_client_fd(client), .events = 0 };
    enum vault_status status;

    assert_int_equal(vault_call(client, "flood", NULL, NULL, NULL, NULL),
                     VAULT_OK);
    assert_int_equal(vault_client_process(client), VAULT_OK);
    assert_int_equal(poll(&at, 1, WAIT_MS), 1); /* it hung up */
    assert_int_equal(vault_call(client, "echo", NULL, NULL, NULL, NULL),
                     VAULT_OK);
    do {
        status = vault_client_process(client);
    } while (status == VAULT_OK);
    assert_int_equal(status, VAULT_E_CONNECT);
    assert_int_equal(scene->notices, FLOOD);
    scene_end(scene);
}

static void
what_is_no_message_closes_the_client(void **state)
{
    struct scene *scene = scene_ready(answer, 0);

    assert_int_equal(
        vault_call_wait(scene->client, "rude", NULL, WAIT_MS, NULL),
        VAULT_E_PROTOCOL);
    assert_int_equal(vault_client_state(scene->client), VAULT_CLOSED);
    assert_int_equal(
        vault_call_wait(scene->client, "echo", NULL, WAIT_MS, NULL),
        VAULT_E_CONNECT);
    scene_end(scene);
}

static void
a_door_of_a_locked_vault_says_so(void **state)
{
    struct scene *scene = scene_begin("503 Service Unavailable", answer, 0);

    assert_int_equal(vault_ready_wait(scene->client, WAIT_MS), VAULT_E_LOCKED);
    assert_int_equal(vault_client_retry_ms(scene->client), 7000);
    scene_end(scene);
}

static void
nobody_at_the_socket_is_told_at_once(void **state)
{
    struct vault_client *client = NULL;

    assert_int_equal(vault_client_new(NULL, &client), VAULT_OK);
    assert_int_equal(vault_connect_socket(client, "/tmp/no/such/socket"),
                     VAULT_OK);
    assert_int_equal(vault_ready_wait(client, WAIT_MS), VAULT_E_CONNECT);
    assert_true(vault_client_detail(client)[0] != '\0');
    vault_client_free(client);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_came_is_read_though_nothing_can_be_sent),
        cmocka_unit_test(what_is_no_message_closes_the_client),
        cmocka_unit_test(a_door_of_a_locked_vault_says_so),
        cmocka_unit_test(nobody_at_the_socket_is_told_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
