/*
 * Calls of a client, their answers and errors.
 */
#include "scene.h"

#include <poll.h>

static int64_t held_id;

/* The first of two is answered behind the second. */
static void
answer_swapped(struct fake *fake, const struct vlt_rpc *rpc)
{
    if (held_id == 0) {
        held_id = rpc->id.number;
        return;
    }
    fake_result(fake, rpc->id.number, "\"second\"");
    fake_result(fake, held_id, "\"first\"");
    held_id = 0;
}

static bool
answer(struct fake *fake, const struct vlt_rpc *rpc)
{
    if (vlt_slice_is(rpc->method, "swap")) {
        answer_swapped(fake, rpc);
    } else if (vlt_slice_is(rpc->method, "echo")) {
        struct vlt_buf text = { 0 };

        vlt_json_print(rpc->params, false, &text);
        fake_result(fake, rpc->id.number, vlt_buf_text(&text));
        vlt_buf_free(&text);
    } else if (vlt_slice_is(rpc->method, "notify")) {
        fake_text(fake, "{\"jsonrpc\":\"2.0\",\"method\":\"grant.changed\","
                        "\"params\":{\"state\":\"ended\"}}");
        fake_frame(fake, 9, "ping", 4);
        fake_result(fake, rpc->id.number, "{}");
    } else if (vlt_slice_is(rpc->method, "vault.unlock")) {
        fake_error(fake, rpc->id.number,
                   "{\"code\":7,\"message\":\"Wrong.\",\"data\":{\"reason\":"
                   "\"reauth\",\"retry_after_ms\":500}}");
    } else if (vlt_slice_is(rpc->method, "find")) {
        fake_error(fake, rpc->id.number,
                   "{\"code\":-32602,\"message\":\"No such firm.\",\"data\":{"
                   "\"reason\":\"params\",\"detail\":\"not_found\",\"at\":"
                   "\"firm\"}}");
    } else if (vlt_slice_is(rpc->method, "once")) {
        fake_error(fake, rpc->id.number,
                   "{\"code\":8,\"message\":\"It does not wait.\",\"data\":{"
                   "\"reason\":\"conflict\"}}");
    } else if (vlt_slice_is(rpc->method, "twice")) {
        fake_error(fake, rpc->id.number,
                   "{\"code\":8,\"message\":\"It does not wait.\",\"data\":{"
                   "\"reason\":\"conflict\",\"detail\":\"It does not "
                   "wait\"}}");
    } else if (vlt_slice_is(rpc->method, "both")) {
        fake_error(fake, rpc->id.number,
                   "{\"code\":8,\"message\":\"Denied.\",\"data\":{\"reason\":"
                   "\"conflict\",\"detail\":\"No grant covers this.\"}}");
    }
    return true;
}

static void
a_call_brings_its_result(void **state)
{
    struct scene *scene = scene_ready(answer, 0);
    char *result = NULL;

    assert_int_equal(vault_call_wait(scene->client, "echo", "{\"a\":[1,\"x\"]}",
                                     WAIT_MS, &result),
                     VAULT_OK);
    assert_string_equal(result, "{\"a\":[1,\"x\"]}");
    vault_free(result);
    scene_end(scene);
}

static void
parameters_that_are_no_json_are_not_sent(void **state)
{
    struct scene *scene = scene_ready(answer, 0);
    char *result = NULL;

    assert_int_equal(
        vault_call_wait(scene->client, "echo", "{", WAIT_MS, &result),
        VAULT_E_USAGE);
    assert_int_equal(
        vault_call_wait(scene->client, "echo", "[]", WAIT_MS, &result),
        VAULT_E_USAGE);
    scene_end(scene);
}

static char order[32];

static void
on_reply(void *ctx, enum vault_status status, const char *result)
{
    const char *name = ctx;

    assert_int_equal(status, VAULT_OK);
    strncat(order, name, sizeof order - strlen(order) - 1);
    strncat(order, result, sizeof order - strlen(order) - 1);
}

static void
answers_may_come_in_any_order(void **state)
{
    struct scene *scene = scene_ready(answer, 0);
    char first[] = "1";
    char second[] = "2";
    uint64_t ids[2];

    order[0] = '\0';
    assert_int_equal(
        vault_call(scene->client, "swap", NULL, on_reply, first, &ids[0]),
        VAULT_OK);
    assert_int_equal(
        vault_call(scene->client, "swap", NULL, on_reply, second, &ids[1]),
        VAULT_OK);
    assert_int_equal(ids[1], ids[0] + 1);
    while (strlen(order) < 15) {
        struct pollfd at = { .fd = vault_client_fd(scene->client),
                             .events = vault_client_events(scene->client) };

        assert_int_equal(vault_client_process(scene->client), VAULT_OK);
        if (strlen(order) < 15) {
            poll(&at, 1, 1000);
        }
    }
    assert_string_equal(order, "2\"second\"1\"first\"");
    scene_end(scene);
}

static void
as_many_calls_as_the_vault_allows_are_under_way(void **state)
{
    struct scene *scene = scene_ready(answer, 0);

    for (int i = 0; i < 8; i++) {
        assert_int_equal(
            vault_call(scene->client, "silence", NULL, NULL, NULL, NULL),
            VAULT_OK);
    }
    assert_int_equal(
        vault_call(scene->client, "silence", NULL, NULL, NULL, NULL),
        VAULT_E_BUSY);
    scene_end(scene);
}

static void
an_error_is_told_with_all_that_it_says(void **state)
{
    struct scene *scene = scene_ready(answer, 0);

    assert_int_equal(
        vault_call_wait(scene->client, "find", NULL, WAIT_MS, NULL),
        VAULT_E_NOT_FOUND);
    assert_string_equal(vault_client_detail(scene->client), "No such firm.");
    assert_string_equal(vault_client_reason(scene->client), "params");
    assert_string_equal(vault_client_at(scene->client), "firm");
    scene_end(scene);
}

static const struct {
    const char *method, *detail;
} sentences[] = {
    { "once", "It does not wait." },
    { "twice", "It does not wait." },
    { "both", "Denied. No grant covers this." },
};

static void
no_sentence_is_said_twice(void **state)
{
    struct scene *scene = scene_ready(answer, 0);

    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++) {
        print_message("%s\n", sentences[i].method);
        assert_int_equal(vault_call_wait(scene->client, sentences[i].method,
                                         NULL, WAIT_MS, NULL),
                         VAULT_E_CONFLICT);
        assert_string_equal(vault_client_detail(scene->client),
                            sentences[i].detail);
    }
    scene_end(scene);
}

static void
a_wrong_passphrase_is_an_authentication_that_fails(void **state)
{
    struct scene *scene = scene_ready(answer, 0);

    assert_int_equal(vault_unlock_wait(scene->client, "guess", 5, 0, WAIT_MS),
                     VAULT_E_AUTH);
    assert_int_equal(vault_client_retry_ms(scene->client), 500);
    assert_int_equal(vault_unlock_wait(scene->client, "short", 5, 1, WAIT_MS),
                     VAULT_E_USAGE);
    scene_end(scene);
}

static void
a_notification_is_told(void **state)
{
    struct scene *scene = scene_ready(answer, 0);

    assert_int_equal(
        vault_call_wait(scene->client, "notify", NULL, WAIT_MS, NULL),
        VAULT_OK);
    assert_int_equal(scene->notices, 1);
    assert_string_equal(scene->notice, "{\"state\":\"ended\"}");
    scene_end(scene);
}

static void
silence_ends_at_the_deadline_and_the_call_goes_on(void **state)
{
    struct scene *scene = scene_ready(answer, 0);

    assert_int_equal(vault_call_wait(scene->client, "silence", NULL, 30, NULL),
                     VAULT_E_TIMEOUT);
    assert_int_equal(
        vault_call_wait(scene->client, "echo", "{}", WAIT_MS, NULL), VAULT_OK);
    scene_end(scene);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_brings_its_result),
        cmocka_unit_test(parameters_that_are_no_json_are_not_sent),
        cmocka_unit_test(answers_may_come_in_any_order),
        cmocka_unit_test(as_many_calls_as_the_vault_allows_are_under_way),
        cmocka_unit_test(an_error_is_told_with_all_that_it_says),
        cmocka_unit_test(no_sentence_is_said_twice),
        cmocka_unit_test(a_wrong_passphrase_is_an_authentication_that_fails),
        cmocka_unit_test(a_notification_is_told),
        cmocka_unit_test(silence_ends_at_the_deadline_and_the_call_goes_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
