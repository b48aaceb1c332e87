/*
 * The event face: nothing waits, everything comes from
 * vault_client_process(), by poll() on what the client names.
 */
#include <poll.h>

#include "scene.h"

/* Two pages, or a refusal. */
static bool
answer_query(struct fake *fake, const struct vlt_rpc *rpc)
{
    struct vlt_frame frame = { .kind = VLT_FRAME_PAGE, .seq = 1 };

    if (vlt_json_get(rpc->params, "limit") != NULL) {
        fake_error(fake, rpc->id.number,
                   "{\"code\":1,\"message\":\"No.\",\"data\":{\"reason\":"
                   "\"denied\"}}");
        return true;
    }
    if (!vlt_slice_is(rpc->method, "data.query")) {
        return true;
    }
    fake_result(fake, rpc->id.number, scene_series);
    frame.ref = (uint64_t)rpc->id.number;
    fake_page(fake, frame, 100, 3);
    frame.seq = 2;
    frame.flags = VLT_FRAME_FINAL;
    fake_page(fake, frame, 103, 2);
    return true;
}

/* A page at once, then one for each acknowledgement, whose cursor names it. */
static bool
answer_live(struct fake *fake, const struct vlt_rpc *rpc)
{
    struct vlt_frame frame = { .kind = VLT_FRAME_LIVE, .ref = 5, .seq = 1 };
    char text[512];

    if (vlt_slice_is(rpc->method, "data.subscribe")) {
        snprintf(text, sizeof text, "{\"subscription\":5,%s", scene_series + 1);
        fake_result(fake, rpc->id.number, text);
        for (; frame.seq <= 3; frame.seq++) {
            fake_page(fake, frame, (int64_t)frame.seq * 10, 2);
        }
    } else if (vlt_slice_is(rpc->method, "data.ack")) {
        int64_t seq = vlt_json_int_of(vlt_json_get(rpc->params, "seq"));

        snprintf(text, sizeof text,
                 "{\"subscription\":5,\"seq\":%lld,\"cursor\":\"c%lld\"}",
                 (long long)seq, (long long)seq);
        fake_result(fake, rpc->id.number, text);
    } else {
        fake_result(fake, rpc->id.number, "{}");
    }
    return true;
}

static int ends;
static enum vault_status last_end;

static void
on_end(void *ctx, enum vault_status status)
{
    (void)ctx;
    ends++;
    last_end = status;
}

/* One turn of a loop of somebody's own. */
static void
turn(struct vault_client *client)
{
    struct pollfd at = { .fd = vault_client_fd(client),
                         .events = vault_client_events(client) };
    int ms = vault_client_timeout_ms(client);

    assert_true(poll(&at, 1, ms < 0 || ms > WAIT_MS ? WAIT_MS : ms) > 0 ||
                ms >= 0);
    assert_int_equal(vault_client_process(client), VAULT_OK);
}

static void
a_query_ends_once_and_has_all_its_pages(void **state)
{
    struct scene *scene = scene_ready(answer_query, 0);
    const char *streams[] = { "home/meter", NULL };
    struct vault_query query = { .size = sizeof query,
                                 .streams = streams,
                                 .from = "2026-01-01",
                                 .to = "2026-01-02" };
    struct taken taken = { 0 };

    ends = 0;
    assert_int_equal(
        vault_query_begin(scene->client, &query, scene_take, on_end, &taken),
        VAULT_OK);
    assert_int_equal(taken.pages, 0); /* nothing came before it was looked */
    assert_true((vault_client_events(scene->client) & POLLOUT) != 0);
    while (ends == 0) {
        turn(scene->client);
    }
    assert_int_equal(ends, 1);
    assert_int_equal(last_end, VAULT_OK);
    assert_int_equal(taken.pages, 2);
    assert_int_equal(taken.rows, 5);
    scene_end(scene);
}

static void
a_refused_query_ends_with_its_reason(void **state)
{
    struct scene *scene = scene_ready(answer_query, 0);
    const char *streams[] = { "home/meter", NULL };
    struct vault_query query = { .size = sizeof query,
                                 .streams = streams,
                                 .from = "2026-01-01",
                                 .to = "2026-01-02",
                                 .limit = 1 };
    struct taken taken = { 0 };

    ends = 0;
    assert_int_equal(
        vault_query_begin(scene->client, &query, scene_take, on_end, &taken),
        VAULT_OK);
    while (ends == 0) {
        turn(scene->client);
    }
    assert_int_equal(last_end, VAULT_E_DENIED);
    assert_string_equal(vault_client_reason(scene->client), "denied");
    /* One that is never answered is freed with its client. */
    assert_int_equal(
        vault_query_begin(scene->client, &query, scene_take, on_end, &taken),
        VAULT_OK);
    scene_end(scene);
    assert_int_equal(ends, 1);
}

static void
a_subscription_may_be_asked_before_the_client_is_ready(void **state)
{
    struct scene *scene = scene_begin(NULL, answer_live, 0);
    const char *streams[] = { "home/*", NULL };
    struct vault_subscribe ask = { .size = sizeof ask, .streams = streams };
    struct vault_subscription *subscription = NULL;
    struct taken taken = { 0 };

    assert_int_equal(vault_subscribe_begin(scene->client, &ask, scene_take,
                                           NULL, &taken, &subscription),
                     VAULT_OK);
    assert_int_equal(vault_subscription_lag_ms(subscription), -1);
    while (taken.pages < 3) {
        turn(scene->client);
    }
    assert_int_equal(taken.rows, 6);
    assert_true(vault_subscription_lag_ms(subscription) > 0);
    while (vault_subscription_unacked(subscription) > 0) {
        turn(scene->client);
    }
    assert_string_equal(vault_subscription_cursor(subscription), "c3");
    vault_unsubscribe(subscription);
    scene_end(scene);
}

static void
what_is_held_is_acknowledged_by_the_caller_alone(void **state)
{
    struct scene *scene = scene_ready(answer_live, 0);
    const char *streams[] = { "home/*", NULL };
    struct vault_subscribe ask = { .size = sizeof ask,
                                   .streams = streams,
                                   .hold = 1 };
    struct vault_subscription *subscription = NULL;
    struct taken taken = { 0 };

    assert_int_equal(vault_subscribe_begin(scene->client, &ask, scene_take,
                                           NULL, &taken, &subscription),
                     VAULT_OK);
    while (taken.pages < 3) {
        turn(scene->client);
    }
    /* A call and its answer go by: an acknowledgement would have, too. */
    assert_int_equal(
        vault_call_wait(scene->client, "tell", NULL, WAIT_MS, NULL), VAULT_OK);
    assert_int_equal(vault_subscription_unacked(subscription), 3);
    assert_string_equal(vault_subscription_cursor(subscription), "c0");
    vault_subscription_ack(subscription);
    while (vault_subscription_unacked(subscription) > 0) {
        turn(scene->client);
    }
    assert_string_equal(vault_subscription_cursor(subscription), "c3");
    scene_end(scene);
}

/* ---- states ---- */

static enum vault_client_state states[16];
static size_t state_count;

static void
note_state(void *ctx, enum vault_client_state state, enum vault_status why)
{
    (void)ctx;
    assert_true((state == VAULT_WAITING || state == VAULT_CLOSED) ==
                (why != VAULT_OK));
    if (state_count < sizeof states / sizeof *states) {
        states[state_count++] = state;
    }
}

/* The first call ends its connection, the next are answered. */
static bool
answer_no_more(struct fake *fake, const struct vlt_rpc *rpc)
{
    static bool broken;
    bool first = !broken;

    broken = true;
    if (!first) {
        fake_result(fake, rpc->id.number, "{}");
    }
    return !first;
}

static void
each_state_is_told(void **state)
{
    struct scene *scene = scene_begin(NULL, answer_no_more, 0);
    struct vault_options options = { .size = sizeof options,
                                     .reconnect = 1,
                                     .changed = note_state };
    struct vault_client *client = NULL;
    const enum vault_client_state wanted[] = { VAULT_CONNECTING, VAULT_READY,
                                               VAULT_WAITING, VAULT_CONNECTING,
                                               VAULT_READY };

    /* The scene's own client would keep the fake to itself. */
    vault_client_free(scene->client);
    scene->client = NULL;
    state_count = 0;
    assert_int_equal(vault_client_new(&options, &client), VAULT_OK);
    assert_int_equal(vault_connect_socket(client, scene->path), VAULT_OK);
    assert_int_equal(vault_ready_wait(client, WAIT_MS), VAULT_OK);
    assert_int_equal(vault_call_wait(client, "tell", NULL, WAIT_MS, NULL),
                     VAULT_E_CONNECT);
    assert_int_equal(vault_ready_wait(client, WAIT_MS), VAULT_OK);
    assert_int_equal(state_count, sizeof wanted / sizeof *wanted);
    assert_memory_equal(states, wanted, sizeof wanted);
    vault_client_free(client);
    scene_end(scene);
}

/* ---- connecting anew ---- */

/* The first connection answers nothing. */
static bool
answer_later(struct fake *fake, const struct vlt_rpc *rpc)
{
    if (fake->connection == 0 && !vlt_slice_is(rpc->method, "data.subscribe")) {
        return true;
    }
    return answer_live(fake, rpc);
}

struct replies {
    int count;
    enum vault_status status;
};

static void
note_reply(void *ctx, enum vault_status status, const char *result)
{
    struct replies *replies = ctx;

    (void)result;
    replies->count++;
    replies->status = status;
}

static void
whoever_connects_anew_ends_what_was_under_way(void **state)
{
    struct scene *scene = scene_ready(answer_later, 0);
    const char *streams[] = { "home/*", NULL };
    struct vault_subscribe ask = { .size = sizeof ask,
                                   .streams = streams,
                                   .hold = 1 };
    struct vault_subscription *subscription = NULL;
    struct replies replies = { 0 };
    struct taken taken = { 0 };
    int calls = 0;

    assert_int_equal(vault_subscribe_begin(scene->client, &ask, scene_take,
                                           NULL, &taken, &subscription),
                     VAULT_OK);
    while (taken.pages < 3) {
        turn(scene->client);
    }
    while (vault_call(scene->client, "tell", NULL, note_reply, &replies,
                      NULL) == VAULT_OK) {
        calls++;
    }
    assert_true(calls > 0);
    assert_int_equal(vault_connect_socket(scene->client, scene->path),
                     VAULT_OK);
    assert_int_equal(replies.count, calls);
    assert_int_equal(replies.status, VAULT_E_CONNECT);
    assert_int_equal(vault_ready_wait(scene->client, WAIT_MS), VAULT_OK);
    assert_int_equal(
        vault_call_wait(scene->client, "tell", NULL, WAIT_MS, NULL), VAULT_OK);
    while (taken.pages < 6) {
        turn(scene->client);
    }
    scene_end(scene);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_ends_once_and_has_all_its_pages),
        cmocka_unit_test(a_refused_query_ends_with_its_reason),
        cmocka_unit_test(
            a_subscription_may_be_asked_before_the_client_is_ready),
        cmocka_unit_test(what_is_held_is_acknowledged_by_the_caller_alone),
        cmocka_unit_test(each_state_is_told),
        cmocka_unit_test(whoever_connects_anew_ends_what_was_under_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
