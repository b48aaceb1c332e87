/*
 * The owner's side: a passphrase on its way to the vault.
 */
#include "scene.h"

/* The parameters, back. */
static bool
answer(struct fake *fake, const struct vlt_rpc *rpc)
{
    struct vlt_buf text = { 0 };

    vlt_json_print(rpc->params, false, &text);
    fake_result(fake, rpc->id.number, vlt_buf_text(&text));
    vlt_buf_free(&text);
    return true;
}

static const struct {
    const char *params, *sent;
} given[] = {
    { NULL, "{\"passphrase\":\"a \\\"b\\\"\"}" },
    { "{}", "{\"passphrase\":\"a \\\"b\\\"\"}" },
    { " { } ", "{\"passphrase\":\"a \\\"b\\\"\"}" },
    { "{\"x\":{}}\n", "{\"x\":{},\"passphrase\":\"a \\\"b\\\"\"}" },
    { "{\"x\":\"}\"}", "{\"x\":\"}\",\"passphrase\":\"a \\\"b\\\"\"}" },
};

static void
a_passphrase_becomes_a_member(void **state)
{
    struct scene *scene = scene_ready(answer, 0);

    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        char *result = NULL;

        print_message("%s\n", given[i].sent);
        assert_int_equal(
            vault_call_with_passphrase_wait(scene->client, "x", given[i].params,
                                            "a \"b\"", 5, WAIT_MS, &result),
            VAULT_OK);
        assert_string_equal(result, given[i].sent);
        vault_free(result);
    }
    scene_end(scene);
}

static void
what_is_no_passphrase_is_not_sent(void **state)
{
    static char much[1025];
    struct scene *scene = scene_ready(answer, 0);
    struct vault_client *client = scene->client;

    memset(much, 'a', sizeof much);
    assert_int_equal(vault_call_with_passphrase_wait(client, "x", NULL, "", 0,
                                                     WAIT_MS, NULL),
                     VAULT_E_USAGE);
    assert_int_equal(vault_call_with_passphrase_wait(client, "x", NULL, much,
                                                     1025, WAIT_MS, NULL),
                     VAULT_E_USAGE);
    assert_int_equal(vault_call_with_passphrase_wait(client, "x", NULL, "\xff",
                                                     1, WAIT_MS, NULL),
                     VAULT_E_USAGE);
    assert_int_equal(vault_call_with_passphrase_wait(client, "x", "[]", "a", 1,
                                                     WAIT_MS, NULL),
                     VAULT_E_USAGE);
    assert_int_equal(vault_call_with_passphrase_wait(client, "x", NULL, much,
                                                     1024, WAIT_MS, NULL),
                     VAULT_OK);
    scene_end(scene);
}

static const struct {
    const char *secret, *member;
    int key_file;
} unlocks[] = {
    { "correct horse", "{\"passphrase\":\"correct horse\"}", 0 },
    { "abandon abandon abandon abandon abandon abandon abandon abandon abandon "
      "abandon abandon abandon abandon abandon abandon abandon abandon abandon "
      "abandon abandon abandon abandon abandon art",
      "{\"recovery\":\"abandon abandon ", 0 },
    { "0123456789abcdef0123456789abcdef",
      "{\"key\":\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\"}", 1 },
};

/* The vault's side: which member, of vault.unlock. */
static bool
answer_unlock(struct fake *fake, const struct vlt_rpc *rpc)
{
    struct vlt_buf text = { 0 };

    vlt_json_print(rpc->params, false, &text);
    for (size_t i = 0; i < sizeof unlocks / sizeof *unlocks; i++) {
        if (strncmp(vlt_buf_text(&text), unlocks[i].member,
                    strlen(unlocks[i].member)) == 0) {
            fake_result(fake, rpc->id.number, "{\"state\":\"unlocked\"}");
            vlt_buf_free(&text);
            return true;
        }
    }
    _exit(1);
}

static void
what_unlocks_is_told_by_its_form(void **state)
{
    struct scene *scene = scene_ready(answer_unlock, 0);

    for (size_t i = 0; i < sizeof unlocks / sizeof *unlocks; i++) {
        print_message("%s\n", unlocks[i].member);
        assert_int_equal(vault_unlock_wait(scene->client, unlocks[i].secret,
                                           strlen(unlocks[i].secret),
                                           unlocks[i].key_file, WAIT_MS),
                         VAULT_OK);
    }
    scene_end(scene);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_passphrase_becomes_a_member),
        cmocka_unit_test(what_is_no_passphrase_is_not_sent),
        cmocka_unit_test(what_unlocks_is_told_by_its_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
