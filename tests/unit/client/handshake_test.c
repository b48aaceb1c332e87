/*
 * A firm at a vault's door: who is let in, and what is told of everybody else.
 */
#include "firm_scene.h"

static const struct {
    const char *says;
    enum door_fault fault;
    enum vault_status status;
    const char *detail; /* a part of it */
} doors[] = {
    { "TLS 1.2", DOOR_OLD_TLS, VAULT_E_PROTOCOL, "TLS 1.3" },
    { "hangs up", DOOR_HANGS_UP, VAULT_E_CONNECT, "perhaps another vault" },
    { "turns away", DOOR_TURNS_AWAY, VAULT_E_IDENTITY, "is not vd1:" },
    { "another key", DOOR_OTHER_KEY, VAULT_E_IDENTITY,
      " was wanted, but vd1:" },
    { "a forged signature", DOOR_FORGES, VAULT_E_IDENTITY,
      "somebody stands between" },
    { "a cut CHALLENGE", DOOR_CUTS, VAULT_E_PROTOCOL, "CHALLENGE" },
    { "drops who shows a key", DOOR_DROPS, VAULT_E_CONNECT,
      "many came from this address" },
    { "a text too early", DOOR_TALKS, VAULT_E_PROTOCOL, "before READY" },
    { "a refusal", DOOR_REFUSES, VAULT_E_AUTH, "refused this key" },
    { "a head that is not signed", DOOR_MISHEADS, VAULT_E_AUTH,
      "does not hold" },
};

static void
whoever_is_not_the_vault_is_told_apart(void **state)
{
    for (size_t i = 0; i < sizeof doors / sizeof *doors; i++) {
        struct firm_scene *scene = firm_scene_begin();

        print_message("%s\n", doors[i].says);
        firm_scene_open(scene, doors[i].fault, NULL);
        enum vault_status status = firm_scene_connect(scene);

        print_message("  %s\n", vault_client_detail(scene->client));
        assert_int_equal(status, doors[i].status);
        assert_non_null(
            strstr(vault_client_detail(scene->client), doors[i].detail));
        assert_int_equal(vault_client_state(scene->client), VAULT_CLOSED);
        firm_scene_close(scene);
        firm_scene_end(scene);
    }
}

static void
both_ids_are_told_where_another_vault_answers(void **state)
{
    struct firm_scene *scene = firm_scene_begin();
    char text[VLT_IDENTITY_TEXT];

    firm_scene_open(scene, DOOR_OTHER_KEY, NULL);
    assert_int_equal(firm_scene_connect(scene), VAULT_E_IDENTITY);
    vlt_identity_print(VLT_IDENTITY_VAULT, scene->other, text);
    assert_non_null(strstr(vault_client_detail(scene->client), text));
    vlt_identity_print(VLT_IDENTITY_VAULT, scene->vault, text);
    assert_non_null(strstr(vault_client_detail(scene->client), text));
    firm_scene_close(scene);
    firm_scene_end(scene);
}

/* What failed at the door leaves nothing in the firm's folder. */
static void
a_door_that_is_wrong_is_not_remembered(void **state)
{
    struct firm_scene *scene = firm_scene_begin();

    firm_scene_open(scene, DOOR_FORGES, NULL);
    assert_int_equal(firm_scene_connect(scene), VAULT_E_IDENTITY);
    assert_null(vault_identity_vault(scene->identity, NULL));
    assert_int_equal(vlt_identity_refresh(scene->identity), VLT_OK);
    assert_null(vault_identity_vault(scene->identity, NULL));
    firm_scene_close(scene);
    firm_scene_end(scene);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_is_not_the_vault_is_told_apart),
        cmocka_unit_test(both_ids_are_told_where_another_vault_answers),
        cmocka_unit_test(a_door_that_is_wrong_is_not_remembered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
