#include <vault/firm.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/time.h"
#include "client/client_internal.h"
#include "json/json_write.h"

enum {
    STREAMS_MAX = 1024,
    ANSWERS_MAX = 1024, /* of one list; each has 1,000 grants, or is the last */
};

static int64_t
time_of(const struct vlt_json *value)
{
    int64_t time;

    return vlt_time_parse(vlt_json_text_of(value), &time) == VLT_OK ? time : 0;
}

/* Texts of a grant, which are owned by the list below. */
struct texts {
    char **list; /* owned */
    size_t count;
};

/* A copy that lives as long as the texts; "" where there is none. */
static const char *
keep(struct texts *texts, const struct vlt_json *value)
{
    char *copy = vlt_text_copy(vlt_json_text_of(value));

    if (copy != NULL) {
        texts->list[texts->count++] = copy;
    }
    return copy;
}

static void
free_texts(struct texts *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        free(texts->list[i]);
    }
    free(texts->list);
}

/* Show one; *stop: the caller has enough. */
static enum vlt_status
show(struct vault_client *client, const struct vlt_json *object,
     vault_grant_fn *fn, void *ctx, bool *stop)
{
    const struct vlt_json *streams = vlt_json_get(object, "streams");
    const struct vlt_json *uses = vlt_json_get(object, "uses_left");
    size_t count = vlt_json_count(streams);
    struct vault_grant grant = { .size = sizeof grant };
    struct texts texts = { NULL, 0 };
    const char **names = NULL;
    enum vlt_status st = VLT_OK;

    if (count > STREAMS_MAX) {
        return VLT_E_LIMIT;
    }
    texts.list = calloc(count + 4, sizeof *texts.list);
    names = calloc(count + 1, sizeof *names);
    if (texts.list == NULL || names == NULL) {
        st = VLT_E_NOMEM;
        goto done;
    }
    for (size_t i = 0; i < count; i++) {
        names[i] = keep(&texts, vlt_json_item(streams, i));
    }
    grant.id = keep(&texts, vlt_json_get(object, "id"));
    grant.state = keep(&texts, vlt_json_get(object, "state"));
    grant.purpose = keep(&texts, vlt_json_get(object, "purpose"));
    grant.action = keep(&texts, vlt_json_get(object, "action"));
    if (texts.count != count + 4) {
        st = VLT_E_NOMEM;
        goto done;
    }
    grant.streams = names;
    grant.uses_left =
        vlt_json_kind(uses) == VLT_JSON_INT ? vlt_json_int_of(uses) : -1;
    grant.from = time_of(vlt_json_get(object, "nbf"));
    grant.until = time_of(vlt_json_get(object, "exp"));
    grant.last_use = time_of(vlt_json_get(object, "last_use"));
    grant.keep_s = vlt_json_int_of(vlt_json_get(object, "keep_s"));
    grant.countersigned =
        vlt_json_bool_of(vlt_json_get(object, "countersigned"));
    client->depth++;
    *stop = fn(ctx, &grant) != 0;
    client->depth--;

done:
    free_texts(&texts);
    free(names);
    return st;
}

static enum vlt_status
show_all(struct vault_client *client, const struct vlt_json *list,
         vault_grant_fn *fn, void *ctx, bool *stop)
{
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; i < vlt_json_count(list) && st == VLT_OK && !*stop;
         i++) {
        st = show(client, vlt_json_item(list, i), fn, ctx, stop);
    }
    return st;
}

/* One call; cursor is where it goes on, and becomes "" behind the last. */
static enum vault_status
ask(struct vault_client *client, const char *state, struct vlt_buf *cursor,
    int timeout_ms, struct vlt_json **out)
{
    struct vlt_buf params = { 0 };
    struct vlt_json_out put = vlt_json_out(&params);
    char *answer = NULL;
    enum vault_status status;

    vlt_put_object(&put, NULL);
    if (state != NULL) {
        vlt_put_text(&put, "state", state);
    }
    if (cursor->len > 0) {
        vlt_put_slice(&put, "cursor", vlt_buf_slice(cursor));
    }
    vlt_put_end(&put);
    const char *text = vlt_buf_text(&params);

    status =
        text != NULL
            ? vault_call_wait(client, "grant.list", text, timeout_ms, &answer)
            : vlt_client_fault(client, VAULT_E_NOMEM, "out of memory");
    if (status == VAULT_OK &&
        vlt_json_parse(vlt_slice_text(answer), VLT_LIMIT_TEXT, VLT_LIMIT_DEPTH,
                       NULL, out) != VLT_OK) {
        status = vlt_client_fault(client, VAULT_E_PROTOCOL,
                                  "the list of grants cannot be read");
    }
    vault_free(answer);
    vlt_buf_free(&params);
    return status;
}

/* Where the list goes on, into *cursor.  Each answer must get further: a vault
 * that leads round in a circle is not followed. */
static enum vault_status
go_on(struct vault_client *client, const struct vlt_json *document,
      struct vlt_buf *cursor)
{
    struct vlt_slice next = vlt_json_text_of(vlt_json_get(document, "cursor"));

    if (next.len > 0 &&
        (vlt_json_count(vlt_json_get(document, "grants")) == 0 ||
         vlt_slice_equal(next, vlt_buf_slice(cursor)))) {
        return vlt_client_fault(client, VAULT_E_PROTOCOL,
                                "the list of grants does not go on");
    }
    vlt_buf_clear(cursor);
    vlt_buf_put_slice(cursor, next);
    return vlt_buf_failed(cursor)
               ? vlt_client_fault(client, VAULT_E_NOMEM, "out of memory")
               : VAULT_OK;
}

enum vault_status
vault_grants_wait(struct vault_client *client, const char *state,
                  vault_grant_fn *fn, void *ctx, int timeout_ms)
{
    struct vlt_buf cursor = { 0 };
    enum vault_status status = VAULT_OK;
    bool stop = false;

    for (int i = 0; status == VAULT_OK && !stop && (i == 0 || cursor.len > 0);
         i++) {
        struct vlt_json *document = NULL;

        status = i < ANSWERS_MAX
                     ? ask(client, state, &cursor, timeout_ms, &document)
                     : vlt_client_fault(client, VAULT_E_PROTOCOL,
                                        "the list of grants does not end");
        if (status == VAULT_OK) {
            status = go_on(client, document, &cursor);
        }
        if (status == VAULT_OK) {
            enum vlt_status st = show_all(
                client, vlt_json_get(document, "grants"), fn, ctx, &stop);

            if (st != VLT_OK) {
                status = vlt_client_fault(client, vlt_client_status(st),
                                          "the list of grants is too long");
            }
        }
        vlt_json_free(document);
    }
    vlt_buf_free(&cursor);
    return status;
}
