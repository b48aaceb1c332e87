/*
 * interaction.rate: a revision of a record, with a perception.
 */
#include <stdlib.h>
#include <string.h>

#include "service/interaction_internal.h"

struct rate {
    uint8_t id[VLT_ID_LEN];
    struct vlt_json *given; /* owned: {"perceived":{scale, raw}} */
};

void
interaction_rate_clear(void *state)
{
    struct rate *rate = state;

    if (rate != NULL) {
        vlt_json_free(rate->given);
        free(rate);
    }
}

enum vlt_status
interaction_rate_check(struct call *call, struct vlt_walk *params)
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
    st = summing_run(&of_firm, false, &summing);
    for (size_t i = 0; st == VLT_OK && i < summing.count; i++) {
        if (memcmp(summing.record[i]->id, record->id, VLT_ID_LEN) == 0) {
            vlt_put_int(json, "d", summing_gap(&summing, i));
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
        return interaction_refuse(call, &fault);
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

enum vlt_status
interaction_rate_commit(struct call *call, struct turn *turn)
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
