/*
 * Sources with a key of their own: a token binds it, and the vault is
 * remembered.
 */
#include <vault/source.h>

#include "client/client_internal.h"
#include "firm_scene.h"

static char token[VLT_SOURCE_TOKEN_TEXT];

/* A source asks nothing before it is READY. */
static bool
answer(struct fake *fake, const struct vlt_rpc *rpc)
{
    (void)fake;
    (void)rpc;
    _exit(1);
}

/* The scene's firm becomes a source, and the door's plan its token. */
static struct firm_scene *
begin(enum door_fault fault)
{
    struct firm_scene *scene = firm_scene_begin();
    uint8_t id[VLT_SOURCE_TOKEN_ID];
    struct vlt_secret *secret = NULL;

    vault_identity_free(scene->identity);
    firm_scene_clear(scene->folder);
    assert_int_equal(vault_source_make(scene->folder, "meter"), VAULT_OK);
    assert_int_equal(
        vault_identity_open(scene->folder, &scene->identity, NULL, 0),
        VAULT_OK);
    vlt_random(id, sizeof id);
    vlt_random(scene->plan.token, sizeof scene->plan.token);
    assert_int_equal(
        vlt_secret_copy(
            vlt_slice_of(scene->plan.token, sizeof scene->plan.token), &secret),
        VLT_OK);
    vlt_source_token_print(id, secret, token);
    vlt_secret_free(secret);
    scene->plan.source = true;
    scene->plan.invited = true;
    firm_scene_open(scene, fault, answer);
    assert_int_equal(vault_client_new(NULL, &scene->client), VAULT_OK);
    return scene;
}

static void
end(struct firm_scene *scene)
{
    firm_scene_close(scene);
    firm_scene_end(scene);
}

static enum vault_status
enrol(struct firm_scene *scene)
{
    return vault_source_enrol_wait(scene->client, scene->identity,
                                   scene->address, token, WAIT_MS);
}

static void
a_source_has_an_id_of_its_kind(void **state)
{
    struct firm_scene *scene = begin(DOOR_GOOD);

    assert_int_equal(strncmp(vault_identity_id(scene->identity), "vs1:", 4), 0);
    assert_int_equal(vault_source_make(scene->folder, "meter"),
                     VAULT_E_CONFLICT);
    end(scene);
}

static void
its_token_binds_its_key_and_the_vault_is_remembered(void **state)
{
    struct firm_scene *scene = begin(DOOR_GOOD);
    struct vlt_record record;

    assert_null(vault_identity_vault(scene->identity, NULL));
    assert_int_equal(enrol(scene), VAULT_OK);
    assert_int_equal(vault_client_state(scene->client), VAULT_READY);
    assert_string_equal(vault_identity_vault(scene->identity, NULL),
                        scene->address);
    assert_int_equal(vlt_record_find(scene->folder, scene->vault, &record),
                     VLT_OK);
    assert_true(record.is_source);
    assert_memory_equal(record.firm, scene->identity->id, VLT_IDENTITY_LEN);

    /* From now on the key alone. */
    firm_scene_close(scene);
    scene->plan.invited = false;
    firm_scene_open(scene, DOOR_GOOD, answer);
    assert_int_equal(firm_scene_connect(scene), VAULT_OK);
    end(scene);
}

static void
one_that_is_refused_remembers_nothing(void **state)
{
    struct firm_scene *scene = begin(DOOR_REFUSES);

    assert_int_equal(enrol(scene), VAULT_E_AUTH);
    assert_non_null(strstr(vault_client_detail(scene->client), "token"));
    assert_null(vault_identity_vault(scene->identity, NULL));
    assert_int_equal(vault_client_state(scene->client), VAULT_CLOSED);
    end(scene);
}

static void
nobody_takes_it_for_a_firm(void **state)
{
    struct firm_scene *scene = begin(DOOR_GOOD);
    struct vault_identity *firm = NULL;
    char folder[64];
    int waiting;

    assert_int_equal(vault_enrol_wait(scene->client, scene->identity,
                                      "vault://a:1/b#c", WAIT_MS, &waiting),
                     VAULT_E_USAGE);
    snprintf(folder, sizeof folder, "%s/other", scene->dir);
    assert_int_equal(vault_identity_make(folder, "acme"), VAULT_OK);
    assert_int_equal(vault_identity_open(folder, &firm, NULL, 0), VAULT_OK);
    assert_int_equal(vault_source_enrol_wait(scene->client, firm,
                                             scene->address, token, WAIT_MS),
                     VAULT_E_USAGE);
    vault_identity_free(firm);
    assert_int_equal(vault_source_enrol_wait(scene->client, scene->identity,
                                             scene->address, "vt1:nonsense",
                                             WAIT_MS),
                     VAULT_E_USAGE);
    assert_int_equal(vault_connect(scene->client, NULL, scene->identity),
                     VAULT_E_USAGE);
    end(scene);
}

static void
a_folder_of_another_role_is_none(void **state)
{
    struct firm_scene *scene = begin(DOOR_GOOD);
    struct vault_identity *identity = NULL;
    char path[64];
    char detail[128] = "";
    FILE *file;

    snprintf(path, sizeof path, "%s/role", scene->folder);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs("owner\n", file);
    fclose(file);
    assert_int_equal(
        vault_identity_open(scene->folder, &identity, detail, sizeof detail),
        VAULT_E_FILE);
    assert_non_null(strstr(detail, "role"));
    end(scene);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_source_has_an_id_of_its_kind),
        cmocka_unit_test(its_token_binds_its_key_and_the_vault_is_remembered),
        cmocka_unit_test(one_that_is_refused_remembers_nothing),
        cmocka_unit_test(nobody_takes_it_for_a_firm),
        cmocka_unit_test(a_folder_of_another_role_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
