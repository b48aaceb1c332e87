/*
 * Queries: pages until the last, or until something else ends them.
 */
#include "scene.h"

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

static const char scope_error[] =
    "{\"code\":4,\"message\":\"Ask for less.\",\"data\":{\"reason\":\"scope\","
    "\"exceeds\":[\"every\",\"stats\"]}}";

/* What a query for a stream of this name gets. */
static bool
answer(struct fake *fake, const struct vlt_rpc *rpc)
{
    const char *stream = first_stream(rpc);
    int64_t id = rpc->id.number;

    if (vlt_slice_is(rpc->method, "echo")) {
        fake_result(fake, id, "{}");
        return true;
    }
    if (strcmp(stream, "scope") == 0) {
        fake_error(fake, id, scope_error);
        return true;
    }
    fake_result(fake, id, scene_series);
    page(fake, rpc, 1, 0);
    if (strcmp(stream, "cut") == 0) {
        return false;
    }
    if (strcmp(stream, "broken") == 0) {
        fake_error(fake, id, scope_error);
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

static enum vault_status
query(struct scene *scene, const char *stream, struct taken *taken)
{
    const char *streams[] = { stream, NULL };
    struct vault_query ask = { .size = sizeof ask, .streams = streams };

    return vault_query_wait(scene->client, &ask, scene_take, taken, WAIT_MS);
}

static void
a_query_takes_pages_until_the_last(void **state)
{
    struct scene *scene = scene_ready(answer, 0);
    struct taken taken = { 0 };

    assert_int_equal(query(scene, "all", &taken), VAULT_OK);
    assert_int_equal(taken.pages, 3);
    assert_int_equal(taken.rows, 6);
    assert_int_equal(taken.first, 100);
    assert_int_equal(taken.last, 202);
    assert_int_equal(taken.flags, VAULT_PAGE_FINAL | VAULT_PAGE_GAP);
    scene_end(scene);
}

static void
a_page_may_come_as_json(void **state)
{
    struct scene *scene = scene_ready(answer, 0);
    struct taken taken = { 0 };

    assert_int_equal(query(scene, "json", &taken), VAULT_OK);
    assert_int_equal(taken.pages, 2);
    assert_int_equal(taken.last, 8);
    scene_end(scene);
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
        struct scene *scene = scene_ready(answer, 0);
        struct taken taken = { 0 };

        print_message("%s\n", ends[i].stream);
        assert_int_equal(query(scene, ends[i].stream, &taken), ends[i].status);
        assert_int_equal(taken.pages, ends[i].pages);
        if (ends[i].status == VAULT_E_SCOPE) {
            assert_string_equal(vault_client_at(scene->client), "every,stats");
        }
        scene_end(scene);
    }
}

static void
the_caller_ends_a_query_by_a_word(void **state)
{
    struct scene *scene = scene_ready(answer, 0);
    struct taken taken = { .stop_at = 1 };

    assert_int_equal(query(scene, "all", &taken), VAULT_OK);
    assert_int_equal(taken.pages, 1);
    assert_int_equal(
        vault_call_wait(scene->client, "echo", "{}", WAIT_MS, NULL), VAULT_OK);
    scene_end(scene);
}

static void
a_query_that_is_wrong_is_not_sent(void **state)
{
    struct scene *scene = scene_ready(answer, 0);
    const char *streams[] = { "a", NULL };
    struct vault_query ask = { .size = sizeof ask,
                               .streams = streams,
                               .where = "value >" };

    assert_int_equal(
        vault_query_wait(scene->client, &ask, scene_take, NULL, WAIT_MS),
        VAULT_E_USAGE);
    ask.where = NULL;
    ask.size--;
    assert_int_equal(
        vault_query_wait(scene->client, &ask, scene_take, NULL, WAIT_MS),
        VAULT_E_USAGE);
    scene_end(scene);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_takes_pages_until_the_last),
        cmocka_unit_test(a_page_may_come_as_json),
        cmocka_unit_test(an_answer_that_ends_otherwise_says_how),
        cmocka_unit_test(the_caller_ends_a_query_by_a_word),
        cmocka_unit_test(a_query_that_is_wrong_is_not_sent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
