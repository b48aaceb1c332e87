#include "wire/terms_internal.h"

#include "terms/value.h"

enum {
    STEP_TEXT = 64, /* characters of a step at most */
};

void
vlt_put_words(struct vlt_json_out *json, const char *name, enum vocab_kind kind,
              int64_t bits)
{
    const struct vocab_value *value;

    vlt_put_list(json, name);
    for (size_t i = 0; (value = vocab_value_at(kind, i)) != NULL; i++) {
        if ((bits & value->value) != 0) {
            vlt_put_text(json, NULL, value->id);
        }
    }
    vlt_put_end(json);
}

void
vlt_put_word(struct vlt_json_out *json, const char *name, enum vocab_kind kind,
             int64_t value)
{
    const struct vocab_value *word = vocab_value(kind, value);

    vlt_put_text(json, name, word == NULL ? NULL : word->id);
}

void
vlt_put_country(struct vlt_json_out *json, const char *name, int country)
{
    vlt_put_text(json, name, vocab_country(country));
}

static void
put_round(struct vlt_json_out *json, bool full, struct terms_step step)
{
    struct vlt_buf text = { 0 };

    if (step.nano == 0) {
        if (full) {
            vlt_put_null(json, "round");
        }
        return;
    }
    vlt_buf_init(&text, STEP_TEXT);
    terms_put_step(&text, step);
    vlt_put_slice(json, "round", vlt_buf_slice(&text));
    if (vlt_buf_failed(&text)) {
        json->buf->failed = true;
    }
    vlt_buf_free(&text);
}

void
vlt_put_detail(struct vlt_json_out *json, bool full,
               const struct terms_item *item)
{
    if (item->raw) {
        vlt_put_text(json, "stats", "raw");
    } else {
        vlt_put_words(json, "stats", VOCAB_STAT, (int64_t)item->stats);
    }
    if (!item->raw) {
        vlt_put_int(json, "bucket_s", item->bucket_s);
    } else if (full) {
        vlt_put_null(json, "bucket_s");
    }
    put_round(json, full, item->round);
    if (item->window_s == TERMS_WINDOW_NEW) {
        vlt_put_text(json, "window_s", "new");
    } else {
        vlt_put_int(json, "window_s", item->window_s);
    }
    vlt_put_int(json, "delay_s", item->delay_s);
    if (item->every_s != 0) {
        vlt_put_int(json, "every_s", item->every_s);
    } else if (full) {
        vlt_put_null(json, "every_s");
    }
}

void
vlt_put_rate_uses(struct vlt_json_out *json, const struct terms_common *common)
{
    if (common->rate.n == 0) {
        vlt_put_null(json, "rate");
    } else {
        vlt_put_object(json, "rate");
        vlt_put_int(json, "n", common->rate.n);
        vlt_put_int(json, "per_s", common->rate.per_s);
        vlt_put_end(json);
    }
    if (common->uses == TERMS_UNLIMITED) {
        vlt_put_null(json, "uses");
    } else {
        vlt_put_int(json, "uses", common->uses);
    }
}

void
vlt_put_promises(struct vlt_json_out *json, const struct terms_common *common)
{
    vlt_put_list(json, "onward");
    for (size_t i = 0; i < common->onward_count; i++) {
        vlt_put_object(json, NULL);
        vlt_put_slice(json, "name", common->onward[i].name);
        vlt_put_country(json, "country", common->onward[i].country);
        vlt_put_word(json, "role", VOCAB_ROLE,
                     common->onward[i].controller ? 1 : 0);
        vlt_put_end(json);
    }
    vlt_put_end(json);
    vlt_put_list(json, "where");
    for (size_t i = 0; i < common->where_count; i++) {
        vlt_put_country(json, NULL, common->where[i]);
    }
    vlt_put_end(json);
    vlt_put_word(json, "profiling", VOCAB_PROFILING, common->profiling);
    vlt_put_bool(json, "automated", common->automated);
    vlt_put_bool(json, "training", common->training);
    vlt_put_bool(json, "gatekeeper", common->gatekeeper);
}
