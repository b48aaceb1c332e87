/*
 * interaction.list and interaction.score: what is on record, and what it adds
 * up to.
 */
#include <stdio.h>

#include "service/interaction_internal.h"
#include "wire/limits.h"

struct look {
    char slug[SLUG_MAX + 1]; /* "" is all */
    char name[VLT_LIMIT_NAME + 1];
    int64_t from, to;
};

static enum vlt_status
look_check(struct call *call, struct vlt_walk *params, bool need_firm)
{
    struct look *look = call_state(call, sizeof *look);
    struct vlt_slice firm;

    if (look == NULL) {
        return VLT_E_NOMEM;
    }
    firm = need_firm ? vlt_walk_text(params, "firm", 1, VLT_LIMIT_NAME)
                     : vlt_walk_text_or(params, "firm", 1, VLT_LIMIT_NAME,
                                        vlt_slice_text(""));
    look->from = vlt_walk_time_or(params, "from", VLT_TIME_MIN);
    look->to = vlt_walk_time_or(params, "to", VLT_TIME_MAX);
    if (vlt_walk_failed(params)) {
        return VLT_E_FORMAT;
    }
    (void)snprintf(look->name, sizeof look->name, "%.*s", (int)firm.len,
                   firm.len > 0 ? (const char *)firm.at : "");
    if (firm.len > 0 && !interaction_slug(firm, look->slug)) {
        return call_refuse_at(call, "firm", "That is no name of a firm.");
    }
    return VLT_OK;
}

enum vlt_status
interaction_list_check(struct call *call, struct vlt_walk *params)
{
    return look_check(call, params, false);
}

enum vlt_status
interaction_score_check(struct call *call, struct vlt_walk *params)
{
    return look_check(call, params, true);
}

static enum vlt_status
load(struct call *call, struct interactions *out)
{
    const struct look *look = call->state;
    struct interact_scope scope = { .slug = look->slug,
                                    .from = look->from,
                                    .to = look->to };
    struct store_read *read = NULL;
    enum vlt_status st = store_read_begin(call->service->store, &read);

    if (st == VLT_OK) {
        st = interact_load(call->service, store_read_view(read), &scope, out);
        store_read_end(read);
    }
    return st;
}

enum vlt_status
interaction_list_prepare(struct call *call)
{
    struct interactions list;
    enum vlt_status st = load(call, &list);

    if (st != VLT_OK) {
        return st;
    }
    struct vlt_json_out json = call_result(call);

    vlt_put_list(&json, "interactions");
    for (size_t i = 0; i < list.count; i++) {
        interaction_put(&json, NULL, &list.at[i]);
    }
    vlt_put_end(&json);
    vlt_put_end(&json);
    interactions_free(&list);
    return vlt_buf_status(&call->result);
}

static void
put_lines(struct vlt_json_out *json, const struct summing *summing)
{
    struct constants constants = constants_default();

    vlt_put_list(json, "contributions");
    for (size_t i = 0; i < summing->count; i++) {
        const struct record *record = summing->record[i];

        vlt_put_object(json, NULL);
        vlt_put_ulid(json, "id", record->id);
        vlt_put_int(json, "d", summing->lines[i].gap);
        vlt_put_int(json, "weight", record->weight);
        vlt_put_int(json, "share_ppm",
                    formula_share(record->weight, constants.newest));
        vlt_put_int(json, "delta", summing->lines[i].contribution);
        vlt_put_end(json);
    }
    vlt_put_end(json);
}

enum vlt_status
interaction_score_prepare(struct call *call)
{
    const struct look *look = call->state;
    struct formula_wish none = { FORMULA_NONE, FORMULA_NONE };
    struct constants constants = constants_default();
    struct interactions list;
    struct summing summing;
    enum vlt_status st = load(call, &list);

    if (st != VLT_OK) {
        return st;
    }
    st = summing_run(&list, &summing);
    if (st != VLT_OK) {
        interactions_free(&list);
        return st;
    }
    struct vlt_json_out json = call_result(call);

    vlt_put_text(&json, "firm", look->name);
    vlt_put_int(&json, "S", summing.sum.score);
    vlt_put_int(&json, "L", summing.sum.level);
    vlt_put_uint(&json, "n", summing.sum.count);
    if (summing.count > 0) {
        const struct formula_line *last = &summing.lines[summing.count - 1];
        const struct formula_event *event = &summing.events[summing.count - 1];

        vlt_put_text(&json, "class",
                     formula_class_word(formula_class(
                         event->perceived, last->expected, none, &constants)));
    } else {
        vlt_put_null(&json, "class");
    }
    vlt_put_bool(&json, "settled", summing.sum.settled);
    put_lines(&json, &summing);
    vlt_put_int(&json, "not_yet_known_ppb", summing.sum.unknown);
    vlt_put_list(&json, "excluded");
    for (size_t i = 0; i < list.count; i++) {
        if (!list.at[i].rated) {
            vlt_put_object(&json, NULL);
            vlt_put_ulid(&json, "id", list.at[i].id);
            vlt_put_text(&json, "why", "not rated");
            vlt_put_end(&json);
        }
    }
    vlt_put_end(&json);
    vlt_put_text(&json, "version", constants.version);
    vlt_put_end(&json);
    summing_free(&summing);
    interactions_free(&list);
    return vlt_buf_status(&call->result);
}
