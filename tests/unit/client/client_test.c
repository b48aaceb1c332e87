/*
 * The whole client against a vault of a few lines (fake_vault.h), over the
 * owner's socket.
 */
#include "unit.h"

#include <poll.h>

#include <vault/owner.h>
#include <vault/vault.h>

#include "fake_vault.h"

enum { WAIT_MS = 20000 };

static const char series[] =
    "{\"pages\":true,\"columns\":[\"value\"],\"series\":[{\"ordinal\":0,"
    "\"stream\":\"home/meter\",\"columns\":[{\"name\":\"value\",\"type\":"
    "\"f64\",\"id\":0}]}],\"scope\":{},\"cursor\":\"c0\"}";

/* ---- the vault's side ---- */

static void
page(struct fake *fake, const struct vlt_rpc *rpc, uint64_t seq, uint16_t flags)
{
    fake_page(fake,
              (struct vlt_frame){ .kind = VLT_FRAME_PAGE,
                                  .flags = flags,
                                  .ref = (uint64_t)rpc->id.number,
                                  .seq = seq },
              (int64_t)seq * 100, (flags & VLT_FRAME_FINAL) != 0 ? 0 : 3);
}

static const char *
first_stream(const struct vlt_rpc *rpc)
{
    static char name[64];
    struct vlt_slice text = vlt_json_text_of(
        vlt_json_item(vlt_json_get(rpc->params, "streams"), 0));

    snprintf(name, sizeof name, "%.*s", (int)text.len, (const char *)text.at);
    return name;
}

static void
error_text(struct fake *fake, int64_t id, const char *error)
{
    char text[1024];

    snprintf(text, sizeof text,
             "{\"jsonrpc\":\"2.0\",\"id\":%lld,\"error\":%s}", (long long)id,
             error);
    fake_text(fake, text);
}

static const char scope_error[] =
    "{\"code\":4,\"message\":\"Ask for less.\",\"data\":{\"reason\":\"scope\","
    "\"exceeds\":[\"every\",\"stats\"]}}";

/* What a query for a stream of this name gets. */
static bool
answer_query(struct fake *fake, const struct vlt_rpc *rpc)
{
    const char *stream = first_stream(rpc);
    int64_t id = rpc->id.number;

    if (strcmp(stream, "scope") == 0) {
        error_text(fake, id, scope_error);
        return true;
    }
    fake_result(fake, id, series);
    page(fake, rpc, 1, 0);
    if (strcmp(stream, "cut") == 0) {
        return false;
    }
    if (strcmp(stream, "broken") == 0) {
        error_text(fake, id, scope_error);
        return true;
    }
    if (strcmp(stream, "skips") == 0) {
        page(fake, rpc, 3, VLT_FRAME_FINAL);
        return true;
    }
    if (strcmp(stream, "json") == 0) {
        char text[512];

        snprintf(text, sizeof text,
                 "{\"jsonrpc\":\"2.0\",\"method\":\"data.page\",\"params\":{"
                 "\"ref\":%lld,\"seq\":2,\"ordinal\":0,\"rows\":[[9,2.5],"
                 "[8,null]],\"final\":true}}",
                 (long long)id);
        fake_text(fake, text);
        return true;
    }
    page(fake, rpc, 2, VLT_FRAME_GAP);
    page(fake, rpc, 3, VLT_FRAME_FINAL);
    return true;
}

static int64_t held_id;

/* The first of two is answered behind the second. */
static bool
answer_swapped(struct fake *fake, const struct vlt_rpc *rpc)
{
    if (held_id == 0) {
        held_id = rpc->id.number;
        return true;
    }
    fake_result(fake, rpc->id.number, "\"second\"");
    fake_result(fake, held_id, "\"first\"");
    held_id = 0;
    return true;
}

static bool
answer_other(struct fake *fake, const struct vlt_rpc *rpc)
{
    if (vlt_slice_is(rpc->method, "echo")) {
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
        error_text(fake, rpc->id.number,
                   "{\"code\":7,\"message\":\"Wrong.\",\"data\":{\"reason\":"
                   "\"reauth\",\"retry_after_ms\":500}}");
    } else if (vlt_slice_is(rpc->method, "find")) {
        error_text(fake, rpc->id.number,
                   "{\"code\":-32602,\"message\":\"No such firm.\",\"data\":{"
                   "\"reason\":\"params\",\"detail\":\"not_found\",\"at\":"
                   "\"firm\"}}");
    } else if (vlt_slice_is(rpc->method, "once")) {
        error_text(fake, rpc->id.number,
                   "{\"code\":8,\"message\":\"It does not wait.\",\"data\":{"
                   "\"reason\":\"conflict\"}}");
    } else if (vlt_slice_is(rpc->method, "twice")) {
        error_text(fake, rpc->id.number,
                   "{\"code\":8,\"message\":\"It does not wait.\",\"data\":{"
                   "\"reason\":\"conflict\",\"detail\":\"It does not "
                   "wait\"}}");
    } else if (vlt_slice_is(rpc->method, "both")) {
        error_text(fake, rpc->id.number,
                   "{\"code\":8,\"message\":\"Denied.\",\"data\":{\"reason\":"
                   "\"conflict\",\"detail\":\"No grant covers this.\"}}");
    } else if (vlt_slice_is(rpc->method, "rude")) {
        fake_text(fake, "no JSON");
    }
    return true;
}

static bool
answer(struct fake *fake, const struct vlt_rpc *rpc)
{
    if (vlt_slice_is(rpc->method, "data.query")) {
        return answer_query(fake, rpc);
    }
    return vlt_slice_is(rpc->method, "swap") ? answer_swapped(fake, rpc)
                                             : answer_other(fake, rpc);
}

/* The first connection sends rows 100 to 102 and, acknowledged, 200 to 202,
 * then breaks; the second must ask with the cursor of the acknowledgement, and
 * repeats what was not acknowledged. */
static bool
answer_live(struct fake *fake, const struct vlt_rpc *rpc)
{
    struct vlt_frame frame = { .kind = VLT_FRAME_LIVE, .ref = 5, .seq = 1 };
    char text[512];

    if (vlt_slice_is(rpc->method, "data.subscribe")) {
        struct vlt_slice cursor =
            vlt_json_text_of(vlt_json_get(rpc->params, "cursor"));

        if (!vlt_slice_is(cursor, fake->connection == 0 ? "" : "c1")) {
            _exit(1);
        }
        snprintf(text, sizeof text, "{\"subscription\":5,%s", series + 1);
        fake_result(fake, rpc->id.number, text);
        fake_page(fake, frame, fake->connection == 0 ? 100 : 200, 3);
        if (fake->connection > 0) {
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

/* ---- the test's side ---- */

struct scene {
    char dir[32];
    char path[64];
    pid_t child;
    struct vault_client *client;
    int notices;
};

static void
on_notice(void *ctx, const char *method, const char *params)
{
    struct scene *scene = ctx;

    assert_string_equal(method, "grant.changed");
    assert_string_equal(params, "{\"state\":\"ended\"}");
    scene->notices++;
}

static struct scene *
begin(const char *status, fake_fn *fn, int reconnect)
{
    static struct scene scene;
    struct vault_options options = { .size = sizeof options,
                                     .notice = on_notice,
                                     .notice_ctx = &scene,
                                     .reconnect = reconnect };

    snprintf(scene.dir, sizeof scene.dir, "/tmp/client-test-XXXXXX");
    assert_non_null(mkdtemp(scene.dir));
    snprintf(scene.path, sizeof scene.path, "%s/socket", scene.dir);
    scene.child = fake_start(scene.path, status, fn);
    scene.notices = 0;
    assert_int_equal(vault_client_new(&options, &scene.client), VAULT_OK);
    assert_int_equal(vault_connect_socket(scene.client, scene.path), VAULT_OK);
    return &scene;
}

static void
end(struct scene *scene)
{
    vault_client_free(scene->client);
    fake_stop(scene->child);
    unlink(scene->path);
    rmdir(scene->dir);
}

static struct scene *
ready(void)
{
    struct scene *scene = begin(NULL, answer, 0);

    assert_int_equal(vault_ready_wait(scene->client, WAIT_MS), VAULT_OK);
    assert_int_equal(vault_client_state(scene->client), VAULT_READY);
    return scene;
}

static void
a_call_brings_its_result(void **state)
{
    struct scene *scene = ready();
    char *result = NULL;

    assert_int_equal(vault_call_wait(scene->client, "echo", "{\"a\":[1,\"x\"]}",
                                     WAIT_MS, &result),
                     VAULT_OK);
    assert_string_equal(result, "{\"a\":[1,\"x\"]}");
    vault_free(result);
    end(scene);
}

static void
a_batch_is_sent_with_its_number(void **state)
{
    struct scene *scene = ready();
    char *result = NULL;

    /* No such method here, but the parameters are refused before. */
    assert_int_equal(
        vault_append_wait(scene->client, "[]", 4, WAIT_MS, &result),
        VAULT_E_USAGE);
    assert_int_equal(
        vault_call_wait(scene->client, "echo", "{", WAIT_MS, &result),
        VAULT_E_USAGE);
    end(scene);
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
    struct scene *scene = ready();
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
    end(scene);
}

static void
as_many_calls_as_the_vault_allows_are_under_way(void **state)
{
    struct scene *scene = ready();

    for (int i = 0; i < 8; i++) {
        assert_int_equal(
            vault_call(scene->client, "silence", NULL, NULL, NULL, NULL),
            VAULT_OK);
    }
    assert_int_equal(
        vault_call(scene->client, "silence", NULL, NULL, NULL, NULL),
        VAULT_E_BUSY);
    end(scene);
}

static void
an_error_is_told_with_all_that_it_says(void **state)
{
    struct scene *scene = ready();

    assert_int_equal(
        vault_call_wait(scene->client, "find", NULL, WAIT_MS, NULL),
        VAULT_E_NOT_FOUND);
    assert_string_equal(vault_client_detail(scene->client), "No such firm.");
    assert_string_equal(vault_client_reason(scene->client), "params");
    assert_string_equal(vault_client_at(scene->client), "firm");
    end(scene);
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
    struct scene *scene = ready();

    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++) {
        print_message("%s\n", sentences[i].method);
        assert_int_equal(vault_call_wait(scene->client, sentences[i].method,
                                         NULL, WAIT_MS, NULL),
                         VAULT_E_CONFLICT);
        assert_string_equal(vault_client_detail(scene->client),
                            sentences[i].detail);
    }
    end(scene);
}

static void
a_wrong_passphrase_is_an_authentication_that_fails(void **state)
{
    struct scene *scene = ready();

    assert_int_equal(vault_unlock_wait(scene->client, "guess", 5, 0, WAIT_MS),
                     VAULT_E_AUTH);
    assert_int_equal(vault_client_retry_ms(scene->client), 500);
    assert_int_equal(vault_unlock_wait(scene->client, "short", 5, 1, WAIT_MS),
                     VAULT_E_USAGE);
    end(scene);
}

static void
a_notification_is_told(void **state)
{
    struct scene *scene = ready();

    assert_int_equal(
        vault_call_wait(scene->client, "notify", NULL, WAIT_MS, NULL),
        VAULT_OK);
    assert_int_equal(scene->notices, 1);
    end(scene);
}

static void
silence_ends_at_the_deadline_and_the_call_goes_on(void **state)
{
    struct scene *scene = ready();

    assert_int_equal(vault_call_wait(scene->client, "silence", NULL, 30, NULL),
                     VAULT_E_TIMEOUT);
    assert_int_equal(
        vault_call_wait(scene->client, "echo", "{}", WAIT_MS, NULL), VAULT_OK);
    end(scene);
}

static void
what_is_no_message_closes_the_client(void **state)
{
    struct scene *scene = ready();

    assert_int_equal(
        vault_call_wait(scene->client, "rude", NULL, WAIT_MS, NULL),
        VAULT_E_PROTOCOL);
    assert_int_equal(vault_client_state(scene->client), VAULT_CLOSED);
    assert_int_equal(
        vault_call_wait(scene->client, "echo", NULL, WAIT_MS, NULL),
        VAULT_E_CONNECT);
    end(scene);
}

static void
a_door_of_a_locked_vault_says_so(void **state)
{
    struct scene *scene = begin("503 Service Unavailable", answer, 0);

    assert_int_equal(vault_ready_wait(scene->client, WAIT_MS), VAULT_E_LOCKED);
    assert_int_equal(vault_client_retry_ms(scene->client), 7000);
    end(scene);
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

/* ---- pages ---- */

struct taken {
    size_t pages;
    size_t rows;
    int64_t first;
    int64_t last;
    bool rising;
    unsigned flags; /* of all */
    size_t stop_at; /* pages; 0: never */
};

static int
take(void *ctx, const struct vault_page *page_of)
{
    struct taken *taken = ctx;

    assert_int_equal(page_of->seq, taken->pages + 1);
    for (size_t i = 0; i < page_of->rows; i++) {
        int64_t time = page_of->time[i];

        assert_string_equal(page_of->stream, "home/meter");
        assert_string_equal(page_of->column[0].name, "value");
        if (taken->rows == 0) {
            taken->first = time;
            taken->rising = true;
        } else if (time <= taken->last) {
            taken->rising = false;
        }
        taken->last = time;
        taken->rows++;
    }
    taken->pages++;
    taken->flags |= page_of->flags;
    return taken->pages == taken->stop_at;
}

static enum vault_status
query(struct scene *scene, const char *stream, struct taken *taken)
{
    const char *streams[] = { stream, NULL };
    struct vault_query ask = { .size = sizeof ask, .streams = streams };

    return vault_query_wait(scene->client, &ask, take, taken, WAIT_MS);
}

static void
a_query_takes_pages_until_the_last(void **state)
{
    struct scene *scene = ready();
    struct taken taken = { 0 };

    assert_int_equal(query(scene, "all", &taken), VAULT_OK);
    assert_int_equal(taken.pages, 3);
    assert_int_equal(taken.rows, 6);
    assert_int_equal(taken.first, 100);
    assert_int_equal(taken.last, 202);
    assert_int_equal(taken.flags, VAULT_PAGE_FINAL | VAULT_PAGE_GAP);
    end(scene);
}

static void
a_page_may_come_as_json(void **state)
{
    struct scene *scene = ready();
    struct taken taken = { 0 };

    assert_int_equal(query(scene, "json", &taken), VAULT_OK);
    assert_int_equal(taken.pages, 2);
    assert_int_equal(taken.last, 8);
    end(scene);
}

static const struct {
    const char *stream;
    enum vault_status status;
    size_t pages;
} ends[] = {
    { "scope", VAULT_E_SCOPE, 0 },
    { "broken", VAULT_E_SCOPE, 1 },
    { "skips", VAULT_E_PROTOCOL, 1 },
    { "cut", VAULT_E_CONNECT, 1 },
};

static void
an_answer_that_ends_otherwise_says_how(void **state)
{
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct scene *scene = ready();
        struct taken taken = { 0 };

        print_message("%s\n", ends[i].stream);
        assert_int_equal(query(scene, ends[i].stream, &taken), ends[i].status);
        assert_int_equal(taken.pages, ends[i].pages);
        if (ends[i].status == VAULT_E_SCOPE) {
            assert_string_equal(vault_client_at(scene->client), "every,stats");
        }
        end(scene);
    }
}

static void
the_caller_ends_a_query_by_a_word(void **state)
{
    struct scene *scene = ready();
    struct taken taken = { .stop_at = 1 };

    assert_int_equal(query(scene, "all", &taken), VAULT_OK);
    assert_int_equal(taken.pages, 1);
    assert_int_equal(
        vault_call_wait(scene->client, "echo", "{}", WAIT_MS, NULL), VAULT_OK);
    end(scene);
}

static void
a_query_that_is_wrong_is_not_sent(void **state)
{
    struct scene *scene = ready();
    const char *streams[] = { "a", NULL };
    struct vault_query ask = { .size = sizeof ask,
                               .streams = streams,
                               .where = "value >" };

    assert_int_equal(vault_query_wait(scene->client, &ask, take, NULL, WAIT_MS),
                     VAULT_E_USAGE);
    ask.where = NULL;
    ask.size--;
    assert_int_equal(vault_query_wait(scene->client, &ask, take, NULL, WAIT_MS),
                     VAULT_E_USAGE);
    end(scene);
}

/* ---- subscriptions ---- */

static int stop;

static int
take_until_205(void *ctx, const struct vault_page *page_of)
{
    int word = take(ctx, page_of);

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
    struct scene *scene = begin(NULL, answer_live, 1);
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
    /* 100 to 102, 200 to 202, 203, 204: nothing twice, nothing left out. */
    assert_int_equal(taken.rows, 8);
    assert_true(taken.rising);
    assert_int_equal(taken.last, 204);
    assert_string_equal(vault_subscription_cursor(subscription), "c0");
    vault_unsubscribe(subscription);
    end(scene);
}

static enum vault_status how_it_ended;

static void
note_end(void *ctx, enum vault_status status)
{
    how_it_ended = status;
    stop = 1;
}

static void
without_reconnect_a_subscription_ends_with_its_connection(void **state)
{
    struct scene *scene = begin(NULL, answer_live, 0);
    const char *streams[] = { "home/*", NULL };
    struct vault_subscribe ask = { .size = sizeof ask, .streams = streams };
    struct vault_subscription *subscription = NULL;
    struct taken taken = { 0 };

    assert_int_equal(vault_ready_wait(scene->client, WAIT_MS), VAULT_OK);
    stop = 0;
    how_it_ended = VAULT_OK;
    assert_int_equal(vault_subscribe_wait(scene->client, &ask, take, note_end,
                                          &taken, WAIT_MS, &subscription),
                     VAULT_OK);
    assert_int_equal(vault_run(scene->client, &stop, WAIT_MS), VAULT_E_CONNECT);
    assert_int_equal(how_it_ended, VAULT_E_CONNECT);
    assert_int_equal(taken.rows, 6);
    assert_string_equal(vault_subscription_cursor(subscription), "c1");
    end(scene);
}

static void
the_caller_ends_a_subscription_by_a_word(void **state)
{
    struct scene *scene = begin(NULL, answer_live, 0);
    const char *streams[] = { "home/*", NULL };
    struct vault_subscribe ask = { .size = sizeof ask, .streams = streams };
    struct vault_subscription *subscription = NULL;
    struct taken taken = { .stop_at = 1 };

    assert_int_equal(vault_ready_wait(scene->client, WAIT_MS), VAULT_OK);
    stop = 0;
    how_it_ended = VAULT_E_INTERNAL;
    assert_int_equal(vault_subscribe_wait(scene->client, &ask, take, note_end,
                                          &taken, WAIT_MS, &subscription),
                     VAULT_OK);
    assert_int_equal(vault_run(scene->client, &stop, WAIT_MS), VAULT_OK);
    assert_int_equal(how_it_ended, VAULT_OK);
    assert_int_equal(taken.pages, 1);
    vault_unsubscribe(subscription);
    end(scene);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_brings_its_result),
        cmocka_unit_test(a_batch_is_sent_with_its_number),
        cmocka_unit_test(answers_may_come_in_any_order),
        cmocka_unit_test(as_many_calls_as_the_vault_allows_are_under_way),
        cmocka_unit_test(an_error_is_told_with_all_that_it_says),
        cmocka_unit_test(no_sentence_is_said_twice),
        cmocka_unit_test(a_wrong_passphrase_is_an_authentication_that_fails),
        cmocka_unit_test(a_notification_is_told),
        cmocka_unit_test(silence_ends_at_the_deadline_and_the_call_goes_on),
        cmocka_unit_test(what_is_no_message_closes_the_client),
        cmocka_unit_test(a_door_of_a_locked_vault_says_so),
        cmocka_unit_test(nobody_at_the_socket_is_told_at_once),
        cmocka_unit_test(a_query_takes_pages_until_the_last),
        cmocka_unit_test(a_page_may_come_as_json),
        cmocka_unit_test(an_answer_that_ends_otherwise_says_how),
        cmocka_unit_test(the_caller_ends_a_query_by_a_word),
        cmocka_unit_test(a_query_that_is_wrong_is_not_sent),
        cmocka_unit_test(a_subscription_outlives_its_connection),
        cmocka_unit_test(
            without_reconnect_a_subscription_ends_with_its_connection),
        cmocka_unit_test(the_caller_ends_a_subscription_by_a_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
