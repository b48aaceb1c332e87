/*
 * Subscriptions: over as many sessions as it takes, until somebody ends them.
 */
#include "scene.h"

/* Begin with this cursor. */
static void
begin_at(struct fake *fake, int64_t id, const char *cursor)
{
    char text[512];

    snprintf(text, sizeof text,
             "{\"subscription\":5,\"pages\":true,\"columns\":[\"value\"],"
             "\"series\":[{\"ordinal\":0,\"stream\":\"home/meter\","
             "\"columns\":[{\"name\":\"value\",\"type\":\"f64\",\"id\":0}]}],"
             "\"scope\":{},\"cursor\":\"%s\"}",
             cursor);
    fake_result(fake, id, text);
}

static bool
asks_for(const struct vlt_rpc *rpc, const char *cursor)
{
    return vlt_slice_is(vlt_json_text_of(vlt_json_get(rpc->params, "cursor")),
                        cursor);
}

/* The first connection sends rows 100 to 102 and, acknowledged, 200 to 202,
 * then breaks.  The second goes on behind them, page 2, with what was stored
 * meanwhile: 150, which it no more knows as late, another row at 202, and
 * more. */
static bool
answer_live(struct fake *fake, const struct vlt_rpc *rpc)
{
    struct vlt_frame frame = { .kind = VLT_FRAME_LIVE, .ref = 5, .seq = 1 };

    if (vlt_slice_is(rpc->method, "data.subscribe")) {
        bool first = fake->connection == 0;

        if (!asks_for(rpc, first ? "" : "c0.2")) {
            _exit(1);
        }
        begin_at(fake, rpc->id.number, first ? "c0" : "d0");
        fake_page(fake, frame, first ? 100 : 150, first ? 3 : 1);
        if (!first) {
            frame.seq = 2;
            fake_page(fake, frame, 202, 3);
        }
    } else if (vlt_slice_is(rpc->method, "data.ack") && fake->connection == 0) {
        fake_result(fake, rpc->id.number,
                    "{\"subscription\":5,\"seq\":1,\"cursor\":\"c1\"}");
        frame.seq = 2;
        fake_page(fake, frame, 200, 3);
        return false;
    } else if (vlt_slice_is(rpc->method, "data.unsubscribe")) {
        fake_result(fake, rpc->id.number,
                    "{\"subscription\":5,\"last_seq\":2}");
    }
    return true;
}

/* The same, but the second connection was restarted: it does not know page 2,
 * and goes on behind page 1, which was acknowledged. */
static bool
answer_restarted(struct fake *fake, const struct vlt_rpc *rpc)
{
    struct vlt_frame frame = { .kind = VLT_FRAME_LIVE, .ref = 5, .seq = 1 };

    if (fake->connection == 0) {
        return answer_live(fake, rpc);
    }
    if (vlt_slice_is(rpc->method, "data.subscribe") && asks_for(rpc, "c0.2")) {
        fake_error(fake, rpc->id.number,
                   "{\"code\":-32602,\"message\":\"Unknown.\",\"data\":"
                   "{\"reason\":\"params\",\"at\":\"cursor\"}}");
    } else if (vlt_slice_is(rpc->method, "data.subscribe") &&
               asks_for(rpc, "c1")) {
        begin_at(fake, rpc->id.number, "e0");
        fake_page(fake, frame, 200, 5);
    } else if (vlt_slice_is(rpc->method, "data.subscribe")) {
        _exit(1);
    }
    return true;
}

/* Rows 100 to 102, 200 to 202, and the connection breaks; the second goes on
 * behind them, and acknowledges page 1 when it is asked to. */
static bool
answer_held(struct fake *fake, const struct vlt_rpc *rpc)
{
    struct vlt_frame frame = { .kind = VLT_FRAME_LIVE, .ref = 5, .seq = 1 };

    if (vlt_slice_is(rpc->method, "data.subscribe") && fake->connection == 0) {
        begin_at(fake, rpc->id.number, "c0");
        fake_page(fake, frame, 100, 3);
        frame.seq = 2;
        fake_page(fake, frame, 200, 3);
        return false;
    }
    if (vlt_slice_is(rpc->method, "data.subscribe")) {
        if (!asks_for(rpc, "c0.2")) {
            _exit(1);
        }
        begin_at(fake, rpc->id.number, "d0");
    } else if (vlt_slice_is(rpc->method, "more")) {
        fake_page(fake, frame, 203, 2);
        fake_result(fake, rpc->id.number, "{}");
    } else if (vlt_slice_is(rpc->method, "data.ack")) {
        fake_result(fake, rpc->id.number,
                    "{\"subscription\":5,\"seq\":1,\"cursor\":\"d1\"}");
    } else {
        fake_result(fake, rpc->id.number, "{}");
    }
    return true;
}

static int stop;

static int
take_until_205(void *ctx, const struct vault_page *page_of)
{
    int word = scene_take(ctx, page_of);

    stop = page_of->rows > 0 && page_of->time[page_of->rows - 1] == 204;
    return word;
}

static void
no_end(void *ctx, enum vault_status status)
{
    fail_msg("the subscription ended: %d", (int)status);
}

static void
a_subscription_outlives_its_connection(void **state)
{
    struct scene *scene = scene_begin(NULL, answer_live, 1);
    const char *streams[] = { "home/*", NULL };
    struct vault_subscribe ask = { .size = sizeof ask, .streams = streams };
    struct vault_subscription *subscription = NULL;
    struct taken taken = { 0 };

    assert_int_equal(vault_ready_wait(scene->client, WAIT_MS), VAULT_OK);
    stop = 0;
    assert_int_equal(vault_subscribe_wait(scene->client, &ask, take_until_205,
                                          no_end, &taken, WAIT_MS,
                                          &subscription),
                     VAULT_OK);
    assert_int_equal(vault_run(scene->client, &stop, WAIT_MS), VAULT_OK);
    /* 100 to 102, 200 to 202, 150, 202 to 204: whatever their times are. */
    assert_int_equal(taken.rows, 10);
    assert_false(taken.rising);
    assert_int_equal(taken.last, 204);
    assert_string_equal(vault_subscription_cursor(subscription), "d0");
    vault_unsubscribe(subscription);
    scene_end(scene);
}

static void
what_a_restarted_vault_does_not_know_comes_again(void **state)
{
    struct scene *scene = scene_begin(NULL, answer_restarted, 1);
    const char *streams[] = { "home/*", NULL };
    struct vault_subscribe ask = { .size = sizeof ask, .streams = streams };
    struct vault_subscription *subscription = NULL;
    struct taken taken = { 0 };

    assert_int_equal(vault_ready_wait(scene->client, WAIT_MS), VAULT_OK);
    stop = 0;
    assert_int_equal(vault_subscribe_wait(scene->client, &ask, take_until_205,
                                          no_end, &taken, WAIT_MS,
                                          &subscription),
                     VAULT_OK);
    assert_int_equal(vault_run(scene->client, &stop, WAIT_MS), VAULT_OK);
    /* 100 to 102, 200 to 202, 200 to 204: rather twice than not at all. */
    assert_int_equal(taken.rows, 11);
    assert_int_equal(taken.pages, 3);
    assert_string_equal(vault_subscription_cursor(subscription), "e0");
    scene_end(scene);
}

static void
what_is_held_outlives_its_connection(void **state)
{
    struct scene *scene = scene_begin(NULL, answer_held, 1);
    const char *streams[] = { "home/*", NULL };
    struct vault_subscribe ask = { .size = sizeof ask,
                                   .streams = streams,
                                   .hold = 1 };
    struct vault_subscription *subscription = NULL;
    struct taken taken = { 0 };

    assert_int_equal(vault_ready_wait(scene->client, WAIT_MS), VAULT_OK);
    stop = 0;
    assert_int_equal(vault_subscribe_wait(scene->client, &ask, take_until_205,
                                          no_end, &taken, WAIT_MS,
                                          &subscription),
                     VAULT_OK);
    while (taken.pages < 2) {
        assert_int_equal(vault_run(scene->client, NULL, 20), VAULT_OK);
    }
    /* Its answer comes behind that of the subscription. */
    while (vault_call_wait(scene->client, "tell", NULL, WAIT_MS, NULL) !=
           VAULT_OK) {
        assert_int_equal(vault_ready_wait(scene->client, WAIT_MS), VAULT_OK);
    }
    assert_string_equal(vault_subscription_cursor(subscription), "c0");
    assert_int_equal(vault_subscription_unacked(subscription), 2);
    vault_subscription_ack(subscription);
    assert_string_equal(vault_subscription_cursor(subscription), "d0");
    assert_int_equal(vault_subscription_unacked(subscription), 0);
    assert_int_equal(
        vault_call_wait(scene->client, "more", NULL, WAIT_MS, NULL), VAULT_OK);
    assert_int_equal(taken.rows, 8);
    assert_int_equal(vault_subscription_unacked(subscription), 1);
    vault_subscription_ack(subscription);
    assert_int_equal(
        vault_call_wait(scene->client, "tell", NULL, WAIT_MS, NULL), VAULT_OK);
    assert_string_equal(vault_subscription_cursor(subscription), "d1");
    assert_int_equal(vault_subscription_unacked(subscription), 0);
    scene_end(scene);
}

static enum vault_status how_it_ended;
static char why_it_ended[128];
static const struct vault_client *whose;

static void
note_end(void *ctx, enum vault_status status)
{
    if (whose != NULL) {
        snprintf(why_it_ended, sizeof why_it_ended, "%s",
                 vault_client_detail(whose));
    }
    how_it_ended = status;
    stop = 1;
}

static void
without_reconnect_a_subscription_ends_with_its_connection(void **state)
{
    struct scene *scene = scene_begin(NULL, answer_live, 0);
    const char *streams[] = { "home/*", NULL };
    struct vault_subscribe ask = { .size = sizeof ask, .streams = streams };
    struct vault_subscription *subscription = NULL;
    struct taken taken = { 0 };

    assert_int_equal(vault_ready_wait(scene->client, WAIT_MS), VAULT_OK);
    stop = 0;
    how_it_ended = VAULT_OK;
    assert_int_equal(vault_subscribe_wait(scene->client, &ask, scene_take,
                                          note_end, &taken, WAIT_MS,
                                          &subscription),
                     VAULT_OK);
    /* All may have come already while the answer was waited for. */
    enum vault_status status = vault_run(scene->client, &stop, WAIT_MS);

    assert_true(status == VAULT_E_CONNECT || (status == VAULT_OK && stop != 0));
    assert_int_equal(how_it_ended, VAULT_E_CONNECT);
    assert_int_equal(taken.rows, 6);
    assert_string_equal(vault_subscription_cursor(subscription), "c1");
    scene_end(scene);
}

static void
the_caller_ends_a_subscription_by_a_word(void **state)
{
    struct scene *scene = scene_begin(NULL, answer_live, 0);
    const char *streams[] = { "home/*", NULL };
    struct vault_subscribe ask = { .size = sizeof ask, .streams = streams };
    struct vault_subscription *subscription = NULL;
    struct taken taken = { .stop_at = 1 };

    assert_int_equal(vault_ready_wait(scene->client, WAIT_MS), VAULT_OK);
    stop = 0;
    how_it_ended = VAULT_E_INTERNAL;
    assert_int_equal(vault_subscribe_wait(scene->client, &ask, scene_take,
                                          note_end, &taken, WAIT_MS,
                                          &subscription),
                     VAULT_OK);
    assert_int_equal(vault_run(scene->client, &stop, WAIT_MS), VAULT_OK);
    assert_int_equal(how_it_ended, VAULT_OK);
    assert_int_equal(taken.pages, 1);
    vault_unsubscribe(subscription);
    scene_end(scene);
}

/* ---- the grant's end ---- */

static const char ours[] = "01M8AA8V8W7BKR7TPZ45Y658ZA";
static const char other[] = "01M8AA8WV8QXMVC3ZS7RCYX309";

static void
say_changed(struct fake *fake, const char *grant, const char *state,
            const char *reason)
{
    char text[256];

    snprintf(text, sizeof text,
             "{\"jsonrpc\":\"2.0\",\"method\":\"grant.changed\",\"params\":{"
             "\"grant\":\"%s\",\"state\":\"%s\",\"reason\":\"%s\"}}",
             grant, state, reason);
    fake_text(fake, text);
}

static bool by_grant;
static bool again;

/* A page; the grant is suspended, and what comes behind that a vault does not
 * send; resumed it is asked for anew behind page 1, and gives page 1 of another
 * number. */
static bool
answer_suspended(struct fake *fake, const struct vlt_rpc *rpc)
{
    struct vlt_frame frame = { .kind = VLT_FRAME_LIVE, .ref = 5, .seq = 1 };
    char text[512];

    if (vlt_slice_is(rpc->method, "data.subscribe") && !again) {
        again = true;
        snprintf(text, sizeof text, "{\"subscription\":5,%s", scene_series + 1);
        fake_result(fake, rpc->id.number, text);
        fake_page(fake, frame, 100, 3);
        say_changed(fake, ours, "suspended", "suspended");
        frame.seq = 2;
        fake_page(fake, frame, 200, 3);
        say_changed(fake, ours, "active", "resumed");
    } else if (vlt_slice_is(rpc->method, "data.subscribe")) {
        frame.ref = 6;
        snprintf(text, sizeof text, "{\"subscription\":6,%s", scene_series + 1);
        fake_result(fake, rpc->id.number, text);
        fake_page(fake, frame, 300, 3);
        say_changed(fake, ours, "withdrawn", "withdrawn");
    } else if (vlt_slice_is(rpc->method, "data.unsubscribe")) {
        _exit(1); /* the vault has ended it by itself */
    }
    return true;
}

/* A page, changes of other grants, a page, and on its acknowledgement the end;
 * page 3 behind it a vault does not send. */
static bool
answer_revoked(struct fake *fake, const struct vlt_rpc *rpc)
{
    struct vlt_frame frame = { .kind = VLT_FRAME_LIVE, .ref = 5, .seq = 1 };
    char text[512];

    if (vlt_slice_is(rpc->method, "data.subscribe")) {
        snprintf(text, sizeof text, "{\"subscription\":5,%s", scene_series + 1);
        fake_result(fake, rpc->id.number, text);
        fake_page(fake, frame, 100, 3);
        say_changed(fake, other, "suspended", "suspended");
        say_changed(fake, other, "active", "resumed");
        say_changed(fake, other, "withdrawn", "withdrawn");
        frame.seq = 2;
        fake_page(fake, frame, 200, 3);
        say_changed(fake, ours, "withdrawn", "withdrawn");
        frame.seq = 3;
        fake_page(fake, frame, 300, 3);
        by_grant = vlt_json_get(rpc->params, "grant") != NULL;
    } else if (vlt_slice_is(rpc->method, "data.unsubscribe") && by_grant) {
        _exit(1); /* the vault has ended it by itself */
    } else if (vlt_slice_is(rpc->method, "echo")) {
        fake_result(fake, rpc->id.number, "{}");
    }
    return true;
}

static void
a_subscription_ends_with_its_grant(void **state)
{
    struct scene *scene = scene_ready(answer_revoked, 1);
    const char *streams[] = { "home/*", NULL };
    struct vault_subscribe ask = { .size = sizeof ask,
                                   .streams = streams,
                                   .grant = ours };
    struct vault_subscription *subscription = NULL;
    struct taken taken = { 0 };

    stop = 0;
    how_it_ended = VAULT_OK;
    whose = scene->client;
    assert_int_equal(vault_subscribe_wait(scene->client, &ask, scene_take,
                                          note_end, &taken, WAIT_MS,
                                          &subscription),
                     VAULT_OK);
    assert_int_equal(vault_run(scene->client, &stop, WAIT_MS), VAULT_OK);
    whose = NULL;
    assert_int_equal(how_it_ended, VAULT_E_ENDED);
    assert_string_equal(why_it_ended, "the grant has ended: withdrawn");
    assert_string_equal(vault_client_reason(scene->client), "withdrawn");
    assert_int_equal(scene->notices, 4);
    assert_int_equal(taken.rows, 6);
    vault_unsubscribe(subscription);
    assert_int_equal(
        vault_call_wait(scene->client, "echo", NULL, WAIT_MS, NULL), VAULT_OK);
    scene_end(scene);
}

static void
a_subscription_rests_while_its_grant_is_suspended(void **state)
{
    struct scene *scene = scene_ready(answer_suspended, 1);
    const char *streams[] = { "home/*", NULL };
    struct vault_subscribe ask = { .size = sizeof ask,
                                   .streams = streams,
                                   .grant = ours };
    struct vault_subscription *subscription = NULL;
    struct taken taken = { 0 };

    stop = 0;
    how_it_ended = VAULT_OK;
    whose = scene->client;
    assert_int_equal(vault_subscribe_wait(scene->client, &ask, scene_take,
                                          note_end, &taken, WAIT_MS,
                                          &subscription),
                     VAULT_OK);
    assert_int_equal(vault_run(scene->client, &stop, WAIT_MS), VAULT_OK);
    whose = NULL;
    assert_int_equal(how_it_ended, VAULT_E_ENDED);
    assert_string_equal(vault_client_reason(scene->client), "withdrawn");
    assert_int_equal(taken.rows, 6);
    vault_unsubscribe(subscription);
    scene_end(scene);
}

static void
the_owners_subscription_ends_with_no_grant(void **state)
{
    struct scene *scene = scene_ready(answer_revoked, 0);
    const char *streams[] = { "home/*", NULL };
    struct vault_subscribe ask = { .size = sizeof ask, .streams = streams };
    struct vault_subscription *subscription = NULL;
    struct taken taken = { .stop_at = 3 };

    stop = 0;
    how_it_ended = VAULT_E_INTERNAL;
    assert_int_equal(vault_subscribe_wait(scene->client, &ask, scene_take,
                                          note_end, &taken, WAIT_MS,
                                          &subscription),
                     VAULT_OK);
    assert_int_equal(vault_run(scene->client, &stop, WAIT_MS), VAULT_OK);
    assert_int_equal(how_it_ended, VAULT_OK);
    assert_int_equal(taken.pages, 3);
    scene_end(scene);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_subscription_outlives_its_connection),
        cmocka_unit_test(what_a_restarted_vault_does_not_know_comes_again),
        cmocka_unit_test(what_is_held_outlives_its_connection),
        cmocka_unit_test(
            without_reconnect_a_subscription_ends_with_its_connection),
        cmocka_unit_test(the_caller_ends_a_subscription_by_a_word),
        cmocka_unit_test(a_subscription_ends_with_its_grant),
        cmocka_unit_test(a_subscription_rests_while_its_grant_is_suspended),
        cmocka_unit_test(the_owners_subscription_ends_with_no_grant),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
