/*
 * Interactions: the person's record of dealings with firms, first form.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/random.h"
#include "service/interact_internal.h"
#include "service/nouns.h"
#include "wire/limits.h"
#include "json/json_write.h"

enum {
    GIVEN_MAX = 32 << 10,
};

/* ---- parameters ---- */

/* Slugs are made of the short name alone in this release: relationships, which
 * would keep two names of one slug apart, come later. */
static bool
never_taken(void *ctx, const char *slug)
{
    (void)ctx;
    (void)slug;
    return false;
}

static bool
read_slug(struct vlt_slice name, char out[SLUG_MAX + 1])
{
    return slug_make(name, never_taken, NULL, out) == VLT_OK;
}

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

static enum vlt_status
refuse_record(struct call *call, const struct record_fault *fault)
{
    return call_refuse_at(call, fault->at, "%s %s.",
                          fault->at[0] != '\0' ? fault->at : "The record",
                          fault->says);
}

/* ---- add ---- */

struct add {
    char slug[SLUG_MAX + 1];
    struct vlt_json *given; /* owned */
};

static void
add_clear(void *state)
{
    struct add *add = state;

    if (add != NULL) {
        vlt_json_free(add->given);
        free(add);
    }
}

static enum vlt_status
add_check(struct call *call, struct vlt_walk *params)
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
    if (!read_slug(firm, add->slug)) {
        return call_refuse_at(call, "firm",
                              "A firm's name has letters, digits, full stops "
                              "and hyphens only.");
    }
    return copy_given(params, add->slug, &add->given);
}

static void
put_record(struct vlt_json_out *json, const char *name,
           const struct record *record)
{
    struct vlt_buf rec;

    vlt_buf_init(&rec, RECORD_MAX);
    record_print(record, &rec);
    vlt_put_raw(json, name, vlt_buf_slice(&rec));
    vlt_buf_free(&rec);
}

static enum vlt_status
add_commit(struct call *call, struct turn *turn)
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
        return refuse_record(call, &fault);
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
    put_record(&json, "record", &record);
    vlt_put_end(&json);
    return VLT_OK;
}

/* ---- what it adds up to ---- */

struct summing {
    struct formula_sum sum;
    size_t count;
    struct formula_event *events; /* owned */
    struct formula_line *lines;   /* owned */
    const struct record **record; /* owned: the rated ones, in order */
};

static void
summing_free(struct summing *summing)
{
    free(summing->events);
    free(summing->lines);
    free((void *)(uintptr_t)summing->record);
}

static enum vlt_status
sum_up(const struct interactions *list, struct summing *out)
{
    *out = (struct summing){ .count = 0 };
    out->events = calloc(list->count + 1, sizeof *out->events);
    out->lines = calloc(list->count + 1, sizeof *out->lines);
    out->record = calloc(list->count + 1, sizeof *out->record);
    if (out->events == NULL || out->lines == NULL || out->record == NULL) {
        summing_free(out);
        return VLT_E_NOMEM;
    }
    /* The list is in the order of (t_event, id), as formula_run() wants it. */
    for (size_t i = 0; i < list->count; i++) {
        if (list->at[i].rated) {
            out->record[out->count] = &list->at[i];
            out->events[out->count++] = record_event(&list->at[i]);
        }
    }
    struct constants constants = constants_default();

    out->sum = formula_run(out->events, out->count, &constants, out->lines);
    return VLT_OK;
}

/* ---- rate ---- */

struct rate {
    uint8_t id[VLT_ID_LEN];
    struct vlt_json *given; /* owned: {"perceived":{scale, raw}} */
};

static void
rate_clear(void *state)
{
    struct rate *rate = state;

    if (rate != NULL) {
        vlt_json_free(rate->given);
        free(rate);
    }
}

static enum vlt_status
rate_check(struct call *call, struct vlt_walk *params)
{
    struct rate *rate = call_state(call, sizeof *rate);
    struct vlt_json_out json;
    struct vlt_slice scale;
    struct vlt_buf text;
    int64_t raw;
    enum vlt_status st;

    if (rate == NULL) {
        return VLT_E_NOMEM;
    }
    vlt_walk_ulid(params, "id", rate->id);
    raw = vlt_walk_int(params, "raw", 0, 1000);
    scale = vlt_walk_text_or(params, "scale", 1, FORMULA_WORD - 1,
                             vlt_slice_text("nps"));
    if (vlt_walk_failed(params)) {
        return VLT_E_FORMAT;
    }
    vlt_buf_init(&text, 256);
    json = vlt_json_out(&text);
    vlt_put_object(&json, NULL);
    vlt_put_object(&json, "perceived");
    vlt_put_slice(&json, "scale", scale);
    vlt_put_int(&json, "raw", raw);
    vlt_put_end(&json);
    vlt_put_end(&json);
    st = vlt_buf_status(&text);
    if (st == VLT_OK) {
        st = vlt_json_parse(vlt_buf_slice(&text), 256, 4, NULL, &rate->given);
    }
    vlt_buf_free(&text);
    return st;
}

static const struct record *
find_record(const struct interactions *list, const uint8_t id[VLT_ID_LEN])
{
    for (size_t i = 0; i < list->count; i++) {
        if (memcmp(list->at[i].id, id, VLT_ID_LEN) == 0) {
            return &list->at[i];
        }
    }
    return NULL;
}

/* The score of the record's firm with the new revision in it. */
static enum vlt_status
put_score(struct vlt_json_out *json, struct interactions *list,
          const struct record *record)
{
    struct interactions of_firm = { .count = 0 };
    struct summing summing;
    enum vlt_status st = VLT_OK;

    of_firm.at = calloc(list->count + 1, sizeof *of_firm.at);
    if (of_firm.at == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; i < list->count; i++) {
        bool same = memcmp(list->at[i].id, record->id, VLT_ID_LEN) == 0;

        if (strcmp(list->at[i].firm, record->firm) == 0) {
            of_firm.at[of_firm.count++] = same ? *record : list->at[i];
        }
    }
    st = sum_up(&of_firm, &summing);
    for (size_t i = 0; st == VLT_OK && i < summing.count; i++) {
        if (memcmp(summing.record[i]->id, record->id, VLT_ID_LEN) == 0) {
            vlt_put_int(json, "d", summing.lines[i].gap);
        }
    }
    if (st == VLT_OK) {
        vlt_put_int(json, "score", summing.sum.score);
        summing_free(&summing);
    }
    interactions_free(&of_firm);
    return st;
}

static enum vlt_status
rate_found(struct call *call, struct turn *turn, struct interactions *list)
{
    const struct rate *rate = call->state;
    const struct record *old = find_record(list, rate->id);
    struct record_stamp stamp = { .by = RECORD_BY_PERSON,
                                  .source = RECORD_FROM_SELF };
    struct record_fault fault;
    struct record record;
    char text[VLT_ULID_TEXT];
    enum vlt_status st = guard_now(turn, &stamp.now);

    if (st != VLT_OK) {
        return st;
    }
    if (old == NULL) {
        return call_not_found(call, "id", "interaction",
                              vlt_ulid_print(rate->id, text));
    }
    st = record_amend(old, rate->given, &stamp, &fault, &record);
    if (st == VLT_E_FORMAT) {
        return refuse_record(call, &fault);
    }
    if (st == VLT_E_LIMIT) {
        return call_refuse(call, VLT_E_CONFLICT, "It has %d revisions already.",
                           RECORD_REVS);
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
    vlt_put_int(&json, "q", record.perceived.q);
    st = put_score(&json, list, &record);
    vlt_put_end(&json);
    return st;
}

static enum vlt_status
rate_commit(struct call *call, struct turn *turn)
{
    struct interact_scope scope = { .slug = "",
                                    .from = VLT_TIME_MIN,
                                    .to = VLT_TIME_MAX };
    struct interactions list;
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st == VLT_OK) {
        st = interact_load(call->service, store_txn_view(txn), &scope, &list);
    }
    if (st != VLT_OK) {
        return st;
    }
    st = rate_found(call, turn, &list);
    interactions_free(&list);
    return st;
}

/* ---- list, score ---- */

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
    if (firm.len > 0 && !read_slug(firm, look->slug)) {
        return call_refuse_at(call, "firm", "That is no name of a firm.");
    }
    return VLT_OK;
}

static enum vlt_status
list_check(struct call *call, struct vlt_walk *params)
{
    return look_check(call, params, false);
}

static enum vlt_status
score_check(struct call *call, struct vlt_walk *params)
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

static enum vlt_status
list_prepare(struct call *call)
{
    struct interactions list;
    enum vlt_status st = load(call, &list);

    if (st != VLT_OK) {
        return st;
    }
    struct vlt_json_out json = call_result(call);

    vlt_put_list(&json, "interactions");
    for (size_t i = 0; i < list.count; i++) {
        put_record(&json, NULL, &list.at[i]);
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

static enum vlt_status
score_prepare(struct call *call)
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
    st = sum_up(&list, &summing);
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

const struct method op_interaction[] = {
    { .name = "interaction.add",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES,
      .check = add_check,
      .commit = add_commit,
      .clear = add_clear },
    { .name = "interaction.list",
      .roles = ROLE_OWNER,
      .check = list_check,
      .prepare = list_prepare },
    { .name = "interaction.rate",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES,
      .check = rate_check,
      .commit = rate_commit,
      .clear = rate_clear },
    { .name = "interaction.score",
      .roles = ROLE_OWNER,
      .check = score_check,
      .prepare = score_prepare },
    { .name = NULL },
};
