/*
 * firm_scene: a firm with its folder, and a vault's door (fake_door.h).
 */
#ifndef FIRM_SCENE_H
#define FIRM_SCENE_H

#include <dirent.h>

#include <vault/firm.h>
#include <vault/vault.h>

#include "client/identity.h"
#include "fake_door.h"
#include "unit.h"

enum { WAIT_MS = 20000 };

struct firm_scene {
    char dir[40];
    char folder[48];
    uint8_t vault[VLT_IDENTITY_LEN]; /* ids of vault and other */
    uint8_t other[VLT_IDENTITY_LEN];
    struct vault_identity *identity;
    struct vault_client *client;
    struct door_plan plan;
    struct door door;
    char address[VLT_ADDRESS_TEXT];
};

/* A new key's seed, and its id as a vault. */
static inline void
firm_scene_key(uint8_t seed[VLT_SIGN_SEED], uint8_t id[VLT_IDENTITY_LEN])
{
    vlt_random(seed, VLT_SIGN_SEED);
    struct vlt_signer *signer = door_signer(seed);

    vlt_identity_of(VLT_IDENTITY_VAULT, vlt_signer_pk(signer), id);
    vlt_signer_free(signer);
}

/* A firm without a vault, and a vault whose door is not open yet. */
static inline struct firm_scene *
firm_scene_begin(void)
{
    static struct firm_scene scene;

    assert_int_equal(vlt_secret_init(), VLT_OK);
    memset(&scene, 0, sizeof scene);
    firm_scene_key(scene.plan.vault, scene.vault);
    firm_scene_key(scene.plan.other, scene.other);
    snprintf(scene.dir, sizeof scene.dir, "/tmp/firm-test-XXXXXX");
    assert_non_null(mkdtemp(scene.dir));
    snprintf(scene.folder, sizeof scene.folder, "%s/firm", scene.dir);
    assert_int_equal(vault_identity_make(scene.folder, "acme"), VAULT_OK);
    assert_int_equal(
        vault_identity_open(scene.folder, &scene.identity, NULL, 0), VAULT_OK);
    return &scene;
}

/* Open the door with this fault, and answer calls so. */
static inline void
firm_scene_open(struct firm_scene *scene, enum door_fault fault, fake_fn *fn)
{
    struct vlt_address at = { .host = "127.0.0.1" };

    scene->plan.fault = fault;
    scene->plan.fn = fn;
    scene->door = door_open(&scene->plan);
    at.port = scene->door.port;
    memcpy(at.vault, scene->vault, sizeof at.vault);
    vlt_address_print(&at, scene->address);
}

static inline void
firm_scene_close(struct firm_scene *scene)
{
    vault_client_free(scene->client);
    scene->client = NULL;
    fake_stop(scene->door.child);
}

/* A session of a new client: how it came about. */
static inline enum vault_status
firm_scene_connect(struct firm_scene *scene)
{
    vault_client_free(scene->client);
    assert_int_equal(vault_client_new(NULL, &scene->client), VAULT_OK);
    assert_int_equal(
        vault_connect(scene->client, scene->address, scene->identity),
        VAULT_OK);
    return vault_ready_wait(scene->client, WAIT_MS);
}

static inline void
firm_scene_clear(const char *dir)
{
    DIR *list = opendir(dir);
    char path[512];

    for (struct dirent *at = readdir(list); at != NULL; at = readdir(list)) {
        if (at->d_name[0] == '.') {
            continue;
        }
        int len = snprintf(path, sizeof path, "%s/%s", dir, at->d_name);

        assert_in_range(len, 1, sizeof path - 1);
        if (unlink(path) != 0) {
            firm_scene_clear(path);
        }
    }
    closedir(list);
    rmdir(dir);
}

static inline void
firm_scene_end(struct firm_scene *scene)
{
    vault_identity_free(scene->identity);
    firm_scene_clear(scene->dir);
}

#endif
