/*
 * Records of vaults, where more than one client of a firm keeps them.
 */
#include "client/checkpoints.h"
#include "client/client_internal.h"
#include "client/record.h"
#include "firm_scene.h"

#include <vault/listener.h>

/* A client as it stands in a session: what it keeps is what it has loaded. */
static struct vault_client *
client_of(struct firm_scene *scene)
{
    struct vault_client *client = NULL;

    assert_int_equal(vault_client_new(NULL, &client), VAULT_OK);
    memcpy(client->target.address.vault, scene->vault, VLT_IDENTITY_LEN);
    snprintf(client->target.address.host, sizeof client->target.address.host,
             "127.0.0.1");
    client->target.address.port = 7443;
    client->target.identity = scene->identity;
    if (vlt_record_find(scene->folder, scene->vault, &client->record) !=
        VLT_OK) {
        vlt_record_name(scene->vault, client->record.name);
        client->record.address = client->target.address;
        memcpy(client->record.firm, scene->identity->id, VLT_IDENTITY_LEN);
        assert_int_equal(vlt_checkpoints_store(client), VAULT_OK);
        assert_int_equal(vlt_identity_refresh(scene->identity), VLT_OK);
    }
    return client;
}

static struct vlt_checkpoint
head_of(uint64_t size, uint8_t root)
{
    struct vlt_checkpoint head = { .size = size };

    memset(head.root, root, sizeof head.root);
    return head;
}

static uint64_t
kept_size(struct firm_scene *scene)
{
    struct vlt_record record;
    struct vlt_checkpoint head;

    assert_int_equal(vlt_record_find(scene->folder, scene->vault, &record),
                     VLT_OK);
    assert_int_equal(
        vlt_checkpoint_parse(vlt_slice_text(record.checkpoint), &head), VLT_OK);
    return head.size;
}

static enum vault_status
keep(struct vault_client *client, uint64_t size, uint8_t root)
{
    struct vlt_checkpoint head = head_of(size, root);

    return vlt_checkpoints_keep(client, &head);
}

static void
a_rendezvous_outlives_what_a_client_keeps(void **state)
{
    struct firm_scene *scene = firm_scene_begin();
    struct vault_client *client = client_of(scene);
    char drawn[VLT_RENDEZVOUS_TEXT];
    char again[VLT_RENDEZVOUS_TEXT];

    assert_int_equal(vault_rendezvous_of(scene->identity, NULL, drawn),
                     VAULT_OK);
    assert_int_equal(keep(client, 5, 1), VAULT_OK);
    assert_int_equal(vault_rendezvous_of(scene->identity, NULL, again),
                     VAULT_OK);
    assert_string_equal(again, drawn);
    assert_int_equal(kept_size(scene), 5);
    vault_client_free(client);
    firm_scene_end(scene);
}

static void
the_larger_of_two_clients_heads_is_kept(void **state)
{
    struct firm_scene *scene = firm_scene_begin();
    struct vault_client *one = client_of(scene);
    struct vault_client *other = client_of(scene);

    assert_int_equal(keep(one, 9, 9), VAULT_OK);
    assert_int_equal(keep(other, 7, 7), VAULT_OK);
    assert_int_equal(kept_size(scene), 9);
    assert_int_equal(keep(other, 11, 11), VAULT_OK);
    assert_int_equal(kept_size(scene), 11);
    vault_client_free(one);
    vault_client_free(other);
    firm_scene_end(scene);
}

static void
two_heads_of_one_size_are_told(void **state)
{
    struct firm_scene *scene = firm_scene_begin();
    struct vault_client *one = client_of(scene);
    struct vault_client *other = client_of(scene);

    assert_int_equal(keep(one, 9, 9), VAULT_OK);
    assert_int_equal(keep(other, 9, 9), VAULT_OK);
    vault_client_free(other);
    other = client_of(scene);
    assert_int_equal(keep(one, 12, 1), VAULT_OK);
    assert_int_equal(keep(other, 12, 2), VAULT_E_PROTOCOL);
    vault_client_free(one);
    vault_client_free(other);
    firm_scene_end(scene);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rendezvous_outlives_what_a_client_keeps),
        cmocka_unit_test(the_larger_of_two_clients_heads_is_kept),
        cmocka_unit_test(two_heads_of_one_size_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
