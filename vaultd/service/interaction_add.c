/*
 * interaction.add: a record of the person's own.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/random.h"
#include "service/interaction_internal.h"
#include "wire/limits.h"

enum {
    GIVEN_MAX = 32 << 10,
};

/* The members of a call but those of the protocol, with `firm` as a slug: what
 * the record reader takes. */
struct copying {
    struct vlt_json_out json;
    const char *slug;
    struct vlt_walk *params;
};

static bool
copy_member(void *ctx, const char *name, const struct vlt_json *value)
{
    struct copying *copying = ctx;
    struct vlt_buf text;

    (void)vlt_walk_any(copying->params, name);
    if (strcmp(name, "idem") == 0) {
        return true;
    }
    if (strcmp(name, "firm") == 0) {
        vlt_put_text(&copying->json, "firm", copying->slug);
        return true;
    }
    vlt_buf_init(&text, GIVEN_MAX);
    vlt_json_print(value, false, &text);
    vlt_put_raw(&copying->json, name, vlt_buf_slice(&text));
    vlt_buf_free(&text);
    return true;
}

static enum vlt_status
copy_given(struct vlt_walk *params, const char *slug, struct vlt_json **out)
{
    struct copying copying = { .slug = slug, .params = params };
    struct vlt_buf text;
    enum vlt_status st;

    vlt_buf_init(&text, GIVEN_MAX);
    copying.json = vlt_json_out(&text);
    vlt_put_object(&copying.json, NULL);
    vlt_json_each(params->object, copy_member, &copying);
    vlt_put_end(&copying.json);
    st = vlt_buf_status(&text);
    if (st == VLT_OK) {
        st = vlt_json_parse(vlt_buf_slice(&text), GIVEN_MAX, RECORD_DEPTH, NULL,
                            out);
    }
    vlt_buf_free(&text);
    return st;
}

struct add {
    char slug[SLUG_MAX + 1];
    struct vlt_json *given; /* owned */
};

void
interaction_add_clear(void *state)
{
    struct add *add = state;

    if (add != NULL) {
        vlt_json_free(add->given);
        free(add);
    }
}

enum vlt_status
interaction_add_check(struct call *call, struct vlt_walk *params)
{
    struct add *add = call_state(call, sizeof *add);
    struct vlt_slice firm;

    if (add == NULL) {
        return VLT_E_NOMEM;
    }
    firm = vlt_walk_text(params, "firm", 1, VLT_LIMIT_NAME);
    if (vlt_walk_failed(params)) {
        return VLT_E_FORMAT;
    }
    if (!interaction_slug(firm, add->slug)) {
        return call_refuse_at(call, "firm",
                              "A firm's name has letters, digits, full stops "
                              "and hyphens only.");
    }
    return copy_given(params, add->slug, &add->given);
}

enum vlt_status
interaction_add_commit(struct call *call, struct turn *turn)
{
    struct add *add = call->state;
    struct record_stamp stamp = { .by = RECORD_BY_PERSON,
                                  .source = RECORD_FROM_SELF };
    struct record_fault fault;
    struct record record;
    enum vlt_status st = guard_now(turn, &stamp.now);

    if (st != VLT_OK) {
        return st;
    }
    vlt_ulid_new(stamp.now, stamp.id);
    st = record_take(add->given, &stamp, &fault, &record);
    if (st == VLT_E_FORMAT) {
        return interaction_refuse(call, &fault);
    }
    if (st == VLT_OK) {
        st = interact_put(turn, &record);
    }
    if (st != VLT_OK) {
        return st;
    }
    struct vlt_json_out json = call_result(call);

    vlt_put_ulid(&json, "id", record.id);
    vlt_put_int(&json, "rev", record.rev);
    interaction_put(&json, "record", &record);
    vlt_put_end(&json);
    return VLT_OK;
}
