#include "service/after.h"

#include <stdlib.h>
#include <string.h>

#include "exec/seeds.h"
#include "service/guard_internal.h"
#include "service/notices.h"
#include "wire/limits.h"

struct after *
after_add(struct turn *turn, struct after **list, enum after_kind kind,
          const uint8_t id[VLT_ID_LEN])
{
    struct after *after = calloc(1, sizeof *after);

    if (after == NULL) {
        return NULL;
    }
    after->kind = kind;
    if (id != NULL) {
        memcpy(after->id, id, sizeof after->id);
    }
    while (*list != NULL) {
        list = &(*list)->next;
    }
    *list = after;
    if (seed_ack_before_commit()) {
        /* Its job is done, and it is free, before the turn ends. */
        after->durable = true;
        after->committed = service_boot(turn->service);
        return after;
    }
    after->of_turn = turn->afters;
    turn->afters = after;
    return after;
}

void
after_durable(struct turn *turn)
{
    int64_t now = service_boot(turn->service);

    for (struct after *at = turn->afters; at != NULL; at = at->of_turn) {
        at->durable = true;
        at->committed = now;
    }
}

void
after_free(struct after *list)
{
    while (list != NULL) {
        struct after *next = list->next;

        vlt_buf_free(&list->text);
        vlt_buf_free(&list->kept);
        free(list);
        list = next;
    }
}

const struct after_cut *
after_find_cut(const struct after *list, const uint8_t grant[VLT_ID_LEN])
{
    for (; list != NULL; list = list->next) {
        if (list->kind == AFTER_SILENCE && list->durable &&
            memcmp(list->id, grant, VLT_ID_LEN) == 0) {
            return &list->cut;
        }
    }
    return NULL;
}

static void
silence(struct service *service, struct after *after)
{
    const struct service_sink *sink = &service->config.sink;
    struct silence found = { 0 };

    subscribe_cut(service, after->id, after->kind == AFTER_BREAK, &after->cut);
    sink->silence(sink->ctx, after->id, &found);
    after->cut.done = true;
    after->cut.silence_ms =
        (double)(service_boot(service) - after->committed) / 1e6;
}

void
after_silence_now(struct service *service, struct after **list,
                  const uint8_t grant[VLT_ID_LEN])
{
    struct after *after = calloc(1, sizeof *after);
    struct after none = { .kind = AFTER_SILENCE };
    struct after *at = after != NULL ? after : &none;

    at->kind = AFTER_SILENCE;
    at->durable = true;
    at->committed = service_boot(service);
    memcpy(at->id, grant, sizeof at->id);
    silence(service, at);
    if (after != NULL) {
        after->next = *list;
        *list = after;
    }
}

struct telling {
    struct service *service;
    const struct after *after;
    bool owner;
};

static void
tell(void *ctx, struct session *session)
{
    const struct telling *telling = ctx;
    struct vlt_buf copy;
    bool owner = session->who.role == ROLE_OWNER;

    if (owner != telling->owner ||
        (!owner && memcmp(session->who.id, telling->after->id, VLT_ID_LEN))) {
        return;
    }
    vlt_buf_init(&copy, 0);
    vlt_buf_put_slice(&copy, vlt_buf_slice(&telling->after->text));
    reply_text(telling->service, session->who.session, &copy);
    vlt_buf_free(&copy);
}

static void
close_one(void *ctx, struct session *session)
{
    const struct telling *telling = ctx;
    const struct service_sink *sink = &telling->service->config.sink;

    if (session->who.role != ROLE_OWNER &&
        memcmp(session->who.id, telling->after->id, VLT_ID_LEN) == 0) {
        sink->close(sink->ctx, session->who.session, VLT_CLOSE_POLICY, "ended",
                    true);
    }
}

void
after_run(struct service *service, struct after *list)
{
    for (struct after *after = list; after != NULL; after = after->next) {
        struct telling telling = {
            .service = service,
            .after = after,
            .owner = after->kind == AFTER_NOTIFY_OWNER,
        };

        if (!after->durable) {
            continue;
        }

        switch (after->kind) {
        case AFTER_SILENCE:
        case AFTER_BREAK:
            silence(service, after);
            break;
        case AFTER_NOTIFY_OWNER:
            if (after->kept.len > 0) {
                notices_add(service->notices, after->asks ? after->id : NULL,
                            vlt_buf_slice(&after->kept));
            }
            session_each(service, tell, &telling);
            break;
        case AFTER_NOTIFY_FIRM:
            session_each(service, tell, &telling);
            break;
        case AFTER_CLOSE_FIRM:
            session_each(service, close_one, &telling);
            break;
        }
    }
}
