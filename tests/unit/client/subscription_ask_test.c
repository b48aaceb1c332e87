/*
 * Subscriptions that are asked for more than once: what a vault refuses for a
 * while ends none.
 */
#include "scene.h"

enum { MANY = 20 };

static const char ours[] = "01M8AA8V8W7BKR7TPZ45Y658ZA";
static const char denied[] =
    "{\"code\":1,\"message\":\"No.\",\"data\":{\"reason\":\"denied\"}}";

/* ---- the vault ---- */

static void
give(struct fake *fake, int64_t id, int64_t first)
{
    struct vlt_frame frame = { .kind = VLT_FRAME_LIVE, .seq = 1 };
    char text[512];

    frame.ref = (uint64_t)id;
    snprintf(text, sizeof text, "{\"subscription\":%lld,%s", (long long)id,
             scene_series + 1);
    fake_result(fake, id, text);
    fake_page(fake, frame, first, 3);
}

static void
say_changed(struct fake *fake, const char *state, const char *reason)
{
    char text[256];

    snprintf(text, sizeof text,
             "{\"jsonrpc\":\"2.0\",\"method\":\"grant.changed\",\"params\":{"
             "\"grant\":\"%s\",\"state\":\"%s\",\"reason\":\"%s\"}}",
             ours, state, reason);
    fake_text(fake, text);
}

/* A page for each; the first connection breaks behind the last. */
static bool
answer_many(struct fake *fake, const struct vlt_rpc *rpc)
{
    static int given;

    if (!vlt_slice_is(rpc->method, "data.subscribe")) {
        fake_result(fake, rpc->id.number, "{}"); /* data.ack */
        return true;
    }
    give(fake, rpc->id.number, 100);
    given++;
    return given != MANY;
}

/* Given, and the connection breaks; then it is suspended until `tell`. */
static bool
answer_suspended(struct fake *fake, const struct vlt_rpc *rpc)
{
    static bool resumed;

    if (vlt_slice_is(rpc->method, "tell")) {
        resumed = true;
        say_changed(fake, "active", "resumed");
        fake_result(fake, rpc->id.number, "{}");
    } else if (vlt_slice_is(rpc->method, "grant.show")) {
        fake_result(fake, rpc->id.number,
                    "{\"grant\":{\"state\":\"suspended\"}}");
    } else if (vlt_slice_is(rpc->method, "data.subscribe") &&
               fake->connection > 0 && !resumed) {
        fake_error(fake, rpc->id.number, denied);
    } else if (vlt_slice_is(rpc->method, "data.subscribe")) {
        give(fake, rpc->id.number, 100);
    }
    return fake->connection > 0;
}

/* Given, and the connection breaks; then the vault is on hold for a while,
 * which nobody tells. */
static bool
answer_on_hold(struct fake *fake, const struct vlt_rpc *rpc)
{
    static int asked;

    if (vlt_slice_is(rpc->method, "grant.show")) {
        fake_error(fake, rpc->id.number, denied);
    } else if (vlt_slice_is(rpc->method, "data.subscribe")) {
        asked++;
        if (asked == 2) {
            fake_error(fake, rpc->id.number, denied);
        } else {
            give(fake, rpc->id.number, 100);
        }
    }
    return fake->connection > 0;
}

/* The rate is spent, twice. */
static bool
answer_rate(struct fake *fake, const struct vlt_rpc *rpc)
{
    static int asked;

    if (!vlt_slice_is(rpc->method, "data.subscribe")) {
        return true;
    }
    if (asked++ < 2) {
        fake_error(fake, rpc->id.number,
                   "{\"code\":5,\"message\":\"Wait.\",\"data\":{\"reason\":"
                   "\"rate\",\"retry_after_ms\":1}}");
    } else {
        give(fake, rpc->id.number, 100);
    }
    return true;
}

/* It is locked, whoever asks. */
static bool
answer_locked(struct fake *fake, const struct vlt_rpc *rpc)
{
    fake_error(fake, rpc->id.number,
               "{\"code\":6,\"message\":\"Locked.\",\"data\":{\"reason\":"
               "\"locked\"}}");
    return true;
}

/* ---- the program ---- */

struct heard {
    size_t pages;
    int ends;
    enum vault_status why;
};

static int
on_page(void *ctx, const struct vault_page *page)
{
    struct heard *heard = ctx;

    assert_int_equal(page->rows, 3);
    heard->pages++;
    return 0;
}

static void
on_end(void *ctx, enum vault_status status)
{
    struct heard *heard = ctx;

    heard->ends++;
    heard->why = status;
}

static void
begin(struct scene *scene, struct heard *heard, const char *grant)
{
    const char *streams[] = { "home/*", NULL };
    struct vault_subscribe ask = { .size = sizeof ask,
                                   .streams = streams,
                                   .grant = grant };
    struct vault_subscription *subscription = NULL;

    assert_int_equal(vault_subscribe_begin(scene->client, &ask, on_page, on_end,
                                           heard, &subscription),
                     VAULT_OK);
}

static void
run_until(struct scene *scene, const struct heard *heard, size_t pages)
{
    for (int i = 0; heard->pages < pages && heard->ends == 0; i++) {
        assert_true(i < WAIT_MS / 20);
        assert_int_equal(vault_run(scene->client, NULL, 20), VAULT_OK);
    }
    assert_int_equal(heard->ends, 0);
    assert_int_equal(heard->pages, pages);
}

static void
more_may_be_asked_for_than_calls_be_under_way(void **state)
{
    struct scene *scene = scene_begin(NULL, answer_many, 1);
    struct heard heard = { 0 };

    for (int i = 0; i < MANY; i++) {
        begin(scene, &heard, NULL);
    }
    run_until(scene, &heard, 2 * MANY); /* of both connections */
    for (int i = 0; i < MANY; i++) {
        begin(scene, &heard, NULL);
    }
    run_until(scene, &heard, 3 * MANY);
    scene_end(scene);
}

static void
what_is_suspended_while_nobody_listens_rests(void **state)
{
    struct scene *scene = scene_begin(NULL, answer_suspended, 1);
    struct heard heard = { 0 };

    begin(scene, &heard, ours);
    run_until(scene, &heard, 1);
    while (vault_call_wait(scene->client, "tell", NULL, WAIT_MS, NULL) !=
           VAULT_OK) {
        assert_int_equal(vault_ready_wait(scene->client, WAIT_MS), VAULT_OK);
    }
    run_until(scene, &heard, 2);
    assert_int_equal(scene->notices, 1);
    scene_end(scene);
}

static void
a_vault_on_hold_is_asked_again(void **state)
{
    struct scene *scene = scene_begin(NULL, answer_on_hold, 1);
    struct heard heard = { 0 };

    begin(scene, &heard, ours);
    run_until(scene, &heard, 2);
    scene_end(scene);
}

static void
where_the_rate_is_spent_it_is_asked_again(void **state)
{
    struct scene *scene = scene_begin(NULL, answer_rate, 0);
    struct heard heard = { 0 };

    begin(scene, &heard, ours);
    run_until(scene, &heard, 1);
    scene_end(scene);
}

static void
what_was_never_given_is_refused_at_once(void **state)
{
    struct scene *scene = scene_begin(NULL, answer_locked, 0);
    struct heard heard = { 0 };

    begin(scene, &heard, NULL);
    for (int i = 0; heard.ends == 0 && i < WAIT_MS / 20; i++) {
        assert_int_equal(vault_run(scene->client, NULL, 20), VAULT_OK);
    }
    assert_int_equal(heard.ends, 1);
    assert_int_equal(heard.why, VAULT_E_LOCKED);
    scene_end(scene);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_may_be_asked_for_than_calls_be_under_way),
        cmocka_unit_test(what_is_suspended_while_nobody_listens_rests),
        cmocka_unit_test(a_vault_on_hold_is_asked_again),
        cmocka_unit_test(where_the_rate_is_spent_it_is_asked_again),
        cmocka_unit_test(what_was_never_given_is_refused_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
