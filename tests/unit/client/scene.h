/*
 * scene: a client on the owner's socket of a vault of a few lines
 * (fake_vault.h).
 */
#ifndef SCENE_H
#define SCENE_H

#include <vault/owner.h>
#include <vault/vault.h>

#include "fake_vault.h"
#include "unit.h"

enum { WAIT_MS = 20000 };

static const char scene_series[] =
    "{\"pages\":true,\"columns\":[\"value\"],\"series\":[{\"ordinal\":0,"
    "\"stream\":\"home/meter\",\"columns\":[{\"name\":\"value\",\"type\":"
    "\"f64\",\"id\":0}]}],\"scope\":{},\"cursor\":\"c0\"}";

struct scene {
    char dir[32];
    char path[64];
    pid_t child;
    struct vault_client *client;
    int notices;
    char notice[1024]; /* parameters of the last */
};

static inline void
scene_on_notice(void *ctx, const char *method, const char *params)
{
    struct scene *scene = ctx;

    assert_string_equal(method, "grant.changed");
    snprintf(scene->notice, sizeof scene->notice, "%s", params);
    scene->notices++;
}

/* Connect to a vault that answers an upgrade with status (NULL: takes it) and
 * calls by fn.  End it by scene_end(). */
static inline struct scene *
scene_begin(const char *status, fake_fn *fn, int reconnect)
{
    static struct scene scene;
    struct vault_options options = { .size = sizeof options,
                                     .notice = scene_on_notice,
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

static inline void
scene_end(struct scene *scene)
{
    vault_client_free(scene->client);
    fake_stop(scene->child);
    unlink(scene->path);
    rmdir(scene->dir);
}

static inline struct scene *
scene_ready(fake_fn *fn, int reconnect)
{
    struct scene *scene = scene_begin(NULL, fn, reconnect);

    assert_int_equal(vault_ready_wait(scene->client, WAIT_MS), VAULT_OK);
    assert_int_equal(vault_client_state(scene->client), VAULT_READY);
    return scene;
}

/* ---- pages as they come ---- */

struct taken {
    size_t pages;
    size_t rows;
    int64_t first;
    int64_t last;
    bool rising;
    unsigned flags; /* of all */
    size_t stop_at; /* pages; 0: never */
};

static inline int
scene_take(void *ctx, const struct vault_page *page)
{
    struct taken *taken = ctx;

    assert_int_equal(page->seq, taken->pages + 1);
    for (size_t i = 0; i < page->rows; i++) {
        int64_t time = page->time[i];

        assert_string_equal(page->stream, "home/meter");
        assert_string_equal(page->column[0].name, "value");
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
    taken->flags |= page->flags;
    return taken->pages == taken->stop_at;
}

#endif
