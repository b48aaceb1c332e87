/*
 * interaction.list and interaction.score: what is on record, and what it adds
 * up to.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "service/interaction_internal.h"
#include "service/noun_internal.h"
#include "wire/limits.h"

enum {
    PARTS = 256, /* newest contributions of a score, newest of what is out */
    CURSOR_MAX = 64,
};

/* Where the next page goes on: behind this record. */
struct place {
    int64_t t_event;
    uint8_t id[VLT_ID_LEN];
};

struct look {
    char slug[SLUG_MAX + 1]; /* "" is all */
    char name[VLT_LIMIT_NAME + 1];
    int64_t from, to;
    bool after; /* there is a cursor */
    struct place place;
};

static struct look *
look_begin(struct call *call)
{
    struct look *look = call_state(call, sizeof *look);

    if (look != NULL) {
        look->from = VLT_TIME_MIN;
        look->to = VLT_TIME_MAX;
    }
    return look;
}

/* "" is all firms. */
static enum vlt_status
take_firm(struct call *call, struct look *look, struct vlt_slice firm)
{
    noun_copy(look->name, sizeof look->name, firm);
    if (firm.len > 0 && !interaction_slug(firm, look->slug)) {
        return call_refuse_at(call, "firm", "That is no name of a firm.");
    }
    return VLT_OK;
}

/* ---- list ---- */

/* A cursor is t_event in ns, a full stop, and the id. */
static bool
read_place(struct vlt_slice text, struct place *out)
{
    size_t time = text.len > VLT_ULID_TEXT ? text.len - VLT_ULID_TEXT : 0;

    return time > 0 && text.at[time] == '.' &&
           vlt_int_parse(vlt_slice_of(text.at, time), &out->t_event) ==
               VLT_OK &&
           vlt_ulid_parse(vlt_slice_of(text.at + time + 1, VLT_ULID_TEXT - 1),
                          out->id) == VLT_OK;
}

static void
put_place(struct vlt_json_out *json, const struct record *record)
{
    char id[VLT_ULID_TEXT];
    char text[CURSOR_MAX];

    (void)snprintf(text, sizeof text, "%lld.%s", (long long)record->t_event,
                   vlt_ulid_print(record->id, id));
    vlt_put_text(json, "cursor", text);
}

enum vlt_status
interaction_list_check(struct call *call, struct vlt_walk *params)
{
    struct look *look = look_begin(call);
    struct vlt_slice none = vlt_slice_text("");

    if (look == NULL) {
        return VLT_E_NOMEM;
    }
    struct vlt_slice firm =
        vlt_walk_text_or(params, "firm", 1, VLT_LIMIT_NAME, none);
    struct vlt_slice cursor =
        vlt_walk_text_or(params, "cursor", 1, CURSOR_MAX - 1, none);

    look->from = vlt_walk_time_or(params, "from", look->from);
    look->to = vlt_walk_time_or(params, "to", look->to);
    if (vlt_walk_failed(params)) {
        return VLT_E_FORMAT;
    }
    look->after = cursor.len > 0;
    if (look->after && !read_place(cursor, &look->place)) {
        return call_refuse_at(call, "cursor",
                              "That is no cursor of a list of interactions.");
    }
    return take_firm(call, look, firm);
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

/* The first of the list that this page has. */
static size_t
first_of(const struct look *look, const struct interactions *list)
{
    size_t i = 0;

    while (look->after && i < list->count &&
           (list->at[i].t_event < look->place.t_event ||
            (list->at[i].t_event == look->place.t_event &&
             memcmp(list->at[i].id, look->place.id, VLT_ID_LEN) <= 0))) {
        i++;
    }
    return i;
}

enum vlt_status
interaction_list_prepare(struct call *call)
{
    struct interactions list;
    enum vlt_status st = load(call, &list);

    if (st != VLT_OK) {
        return st;
    }
    size_t first = first_of(call->state, &list);
    size_t i = first;
    struct vlt_json_out json = call_result(call);

    vlt_put_list(&json, "interactions");
    for (; i < list.count && i - first < VLT_LIMIT_LIST &&
           call->result.len < NOUN_ROOM;
         i++) {
        interaction_put(&json, NULL, &list.at[i]);
    }
    vlt_put_end(&json);
    if (i < list.count) {
        put_place(&json, &list.at[i - 1]);
    }
    vlt_put_end(&json);
    interactions_free(&list);
    return vlt_buf_status(&call->result);
}

/* ---- score ---- */

enum vlt_status
interaction_score_check(struct call *call, struct vlt_walk *params)
{
    struct look *look = look_begin(call);

    if (look == NULL) {
        return VLT_E_NOMEM;
    }
    struct vlt_slice firm = vlt_walk_text(params, "firm", 1, VLT_LIMIT_NAME);

    return vlt_walk_failed(params) ? VLT_E_FORMAT : take_firm(call, look, firm);
}

static void
put_lines(struct vlt_json_out *json, const struct summing *summing)
{
    struct constants constants = constants_default();
    size_t first = summing->count > PARTS ? summing->count - PARTS : 0;

    vlt_put_list(json, "contributions");
    for (size_t i = first; i < summing->count; i++) {
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

/* The newest ones that are not rated, the newest last. */
static void
put_excluded(struct vlt_json_out *json, const struct interactions *list,
             size_t rated)
{
    size_t skip = list->count - rated > PARTS ? list->count - rated - PARTS : 0;

    vlt_put_list(json, "excluded");
    for (size_t i = 0; i < list->count; i++) {
        if (list->at[i].rated || skip > 0) {
            skip -= list->at[i].rated ? 0 : 1;
            continue;
        }
        vlt_put_object(json, NULL);
        vlt_put_ulid(json, "id", list->at[i].id);
        vlt_put_text(json, "why", "not rated");
        vlt_put_end(json);
    }
    vlt_put_end(json);
}

/* Of the last rated interaction: its class and time. */
static void
put_last(struct vlt_json_out *json, const struct summing *summing)
{
    struct formula_wish none = { FORMULA_NONE, FORMULA_NONE };
    struct constants constants = constants_default();

    if (summing->count == 0) {
        vlt_put_null(json, "class");
        vlt_put_null(json, "last");
        return;
    }
    const struct formula_line *line = &summing->lines[summing->count - 1];
    enum formula_class class =
        formula_class(summing->events[summing->count - 1].perceived,
                      line->expected, none, &constants);

    vlt_put_text(json, "class", formula_class_word(class));
    vlt_put_time(json, "last", summing->sum.last);
}

enum vlt_status
interaction_score_prepare(struct call *call)
{
    const struct look *look = call->state;
    struct constants constants = constants_default();
    struct interactions list;
    struct summing summing;
    enum vlt_status st = load(call, &list);

    if (st != VLT_OK) {
        return st;
    }
    st = summing_run(&list, true, &summing);
    if (st != VLT_OK) {
        interactions_free(&list);
        return st;
    }
    struct vlt_json_out json = call_result(call);

    vlt_put_text(&json, "firm", look->name);
    vlt_put_int(&json, "S", summing.sum.score);
    vlt_put_int(&json, "L", summing.sum.level);
    vlt_put_uint(&json, "n", summing.sum.count);
    put_last(&json, &summing);
    vlt_put_bool(&json, "settled", summing.sum.settled);
    put_lines(&json, &summing);
    vlt_put_int(&json, "not_yet_known_ppb", summing.sum.unknown);
    put_excluded(&json, &list, summing.count);
    vlt_put_text(&json, "version", constants.version);
    vlt_put_end(&json);
    summing_free(&summing);
    interactions_free(&list);
    return vlt_buf_status(&call->result);
}
