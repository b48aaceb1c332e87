#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "service/arrival.h"
#include "service/erase.h"
#include "service/guard_internal.h"
#include "service/nouns.h"
#include "service/stream_internal.h"
#include "vocab/vocab.h"
#include "wire/limits.h"
#include "json/json_write.h"

static const char *const type_words[] = { "f64",  "i64",  "bool",
                                          "text", "json", NULL };

/* ---- a stream as an object ---- */

static void
put_columns(struct vlt_json_out *json, const struct stream *stream)
{
    vlt_put_list(json, "columns");
    for (size_t i = 0; i < stream->columns; i++) {
        vlt_put_object(json, NULL);
        vlt_put_text(json, "name", stream->column[i].name);
        vlt_put_text(json, "type", type_words[stream->column[i].type]);
        vlt_put_int(json, "id", stream->column[i].id);
        vlt_put_end(json);
    }
    vlt_put_end(json);
}

/* What a source is told, too: what it has to know to write. */
static void
put_form(struct vlt_json_out *json, const struct stream *stream)
{
    vlt_put_text(json, "name", stream->name);
    vlt_put_hex(json, "id", stream->id, sizeof stream->id);
    put_columns(json, stream);
    vlt_put_text(json, "unit", stream->unit);
    vlt_put_text(json, "category", stream->category);
}

void
stream_put(struct vlt_json_out *json, const char *name, struct series *series,
           const struct stream *stream)
{
    uint64_t rows = 0;
    int64_t first = 0;
    int64_t last = 0;
    bool some = series_extent(series, stream->id, &rows, &first, &last);

    vlt_put_object(json, name);
    put_form(json, stream);
    if (stream->keep == INT64_MAX) {
        vlt_put_null(json, "keep");
    } else {
        char keep[32];

        (void)snprintf(keep, sizeof keep, "%lldd",
                       (long long)(stream->keep / VLT_DAY));
        vlt_put_text(json, "keep", keep);
    }
    vlt_put_uint(json, "samples", rows);
    if (some) {
        vlt_put_time(json, "first", first);
        vlt_put_time(json, "last", last);
    } else {
        vlt_put_null(json, "first");
        vlt_put_null(json, "last");
    }
    vlt_put_time(json, "created", stream->created);
    vlt_put_end(json);
}

/* ---- create ---- */

struct create {
    struct stream wish; /* first; its columns lie behind */
    struct stream_column column[SERIES_COLUMNS_MAX];
};

static void
read_columns(struct vlt_walk *params, struct create *create)
{
    const struct vlt_json *list =
        vlt_walk_list(params, "columns", 1, SERIES_COLUMNS_MAX);

    for (size_t i = 0; i < vlt_json_count(list); i++) {
        struct stream_column *column = &create->column[i];
        struct vlt_walk item;

        vlt_walk_item(&item, params, "columns", list, i);
        noun_copy(column->name, sizeof column->name,
                  vlt_walk_text(&item, "name", 1, SERIES_COLUMN_NAME));
        column->type = (uint8_t)vlt_walk_word(&item, "type", type_words);
        column->id = (uint8_t)i;
        if (vlt_walk_end(&item) != VLT_OK) {
            return;
        }
        create->wish.columns++;
    }
}

/* A category that a stream may have: a node that is no group, or one that no
 * firm ever gets. */
static bool
category_valid(const char *category)
{
    size_t len = strlen(category);
    int bit = vocab_category_find(category, len);
    const struct vocab_node *node = vocab_category(bit);

    return (node != NULL && (node->flags & VOCAB_GROUP) == 0) ||
           vocab_never(category, len);
}

enum vlt_status
stream_check_category(struct call *call, const char *category)
{
    const char *near;

    if (category_valid(category)) {
        return VLT_OK;
    }
    near = vocab_category_near(category, strlen(category));
    return call_refuse_at(call, "category",
                          "No data category '%s' that a stream can have%s%s%s.",
                          category, near != NULL ? "; did you mean '" : "",
                          near != NULL ? near : "", near != NULL ? "'?" : "");
}

static enum vlt_status
create_check(struct call *call, struct vlt_walk *params)
{
    struct create *create = call_state(call, sizeof *create);

    if (create == NULL) {
        return VLT_E_NOMEM;
    }
    create->wish.column = create->column;
    create->wish.keep = INT64_MAX;
    noun_copy(create->wish.name, sizeof create->wish.name,
              vlt_walk_text(params, "name", 1, VLT_NAME_MAX));
    read_columns(params, create);
    noun_copy(create->wish.unit, sizeof create->wish.unit,
              vlt_walk_text_or(params, "unit", 1, SERIES_UNIT_MAX,
                               vlt_slice_text("1")));
    noun_copy(create->wish.category, sizeof create->wish.category,
              vlt_walk_text_or(params, "category", 1, SERIES_CATEGORY_MAX,
                               vlt_slice_text("unsorted")));
    if (vlt_walk_has(params, "keep") &&
        vlt_duration_parse(vlt_walk_text(params, "keep", 2, 32),
                           &create->wish.keep) != VLT_OK) {
        vlt_walk_fault(params, "keep", "must be 1d to 100y, as 2y");
    }
    if (source_quarantine(vlt_slice_text(create->wish.name))) {
        vlt_walk_fault(params, "name",
                       "lies under quarantine/, which is the vault's own");
    }
    if (vlt_walk_failed(params)) {
        return VLT_E_FORMAT;
    }
    return stream_check_category(call, create->wish.category);
}

static enum vlt_status
create_commit(struct call *call, struct turn *turn)
{
    struct service *service = call->service;
    struct create *create = call->state;
    const struct stream *stream = NULL;
    struct store_txn *txn;
    struct vlt_buf why;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st != VLT_OK) {
        return st;
    }
    vlt_buf_init(&why, CALL_MESSAGE);
    st = series_create(service->series, txn, &create->wish, &why, &stream);
    if (st == VLT_E_CONFLICT) {
        st = call_refuse(call, st, "There is a stream '%s' already.",
                         create->wish.name);
    } else if (st == VLT_E_FORMAT) {
        st = call_refuse_at(call, "name", "%s",
                            why.len > 0 ? vlt_buf_text(&why) : "");
    }
    vlt_buf_free(&why);
    if (st != VLT_OK) {
        return st;
    }
    st = noun_log_stream(turn, stream, "created");
    if (st == VLT_OK) {
        st = arrival_carry(turn, stream, &call->after);
    }
    if (st == VLT_OK) {
        struct vlt_json_out json = call_result(call);

        stream_put(&json, "stream", service->series, stream);
        vlt_put_end(&json);
    }
    stream_release(stream);
    return st;
}

/* ---- list, show ---- */

struct list {
    struct vlt_json_out json;
    struct series *series;
    char match[VLT_NAME_MAX + 1];
    int category; /* VOCAB_NONE: all */
    bool unsorted;
    char after[VLT_NAME_MAX + 1]; /* the cursor: names behind this one */
    char last[VLT_NAME_MAX + 1];
    size_t count;
    bool more;
};

static enum vlt_status
list_check(struct call *call, struct vlt_walk *params)
{
    struct list *list = call_state(call, sizeof *list);
    struct vlt_slice category;

    if (list == NULL) {
        return VLT_E_NOMEM;
    }
    noun_copy(list->match, sizeof list->match,
              vlt_walk_text_or(params, "match", 1, VLT_NAME_MAX,
                               vlt_slice_text("**")));
    if (!vlt_pattern_valid(vlt_slice_text(list->match))) {
        vlt_walk_fault(params, "match", "is no pattern, as home/*/power");
    }
    category = vlt_walk_text_or(params, "category", 1, SERIES_CATEGORY_MAX,
                                vlt_slice_text(""));
    list->category =
        vocab_category_find((const char *)category.at, category.len);
    list->unsorted = vlt_slice_is(category, "unsorted");
    if (category.len > 0 && list->category == VOCAB_NONE && !list->unsorted) {
        vlt_walk_fault(params, "category", "is no data category");
    }
    noun_copy(list->after, sizeof list->after,
              vlt_walk_text_or(params, "cursor", 1, VLT_NAME_MAX,
                               vlt_slice_text("")));
    return vlt_walk_failed(params) ? VLT_E_FORMAT : VLT_OK;
}

static bool
in_category(const struct list *list, const struct stream *stream)
{
    const struct vocab_node *node;

    if (list->unsorted) {
        return strcmp(stream->category, "unsorted") == 0;
    }
    if (list->category == VOCAB_NONE) {
        return true;
    }
    node = vocab_category(noun_category(stream));
    return node != NULL && vocab_mask_has(node->within, list->category);
}

static bool
list_one(void *ctx, const struct stream *stream)
{
    struct list *list = ctx;

    if (strcmp(stream->name, list->after) <= 0 ||
        !vlt_pattern_matches(vlt_slice_text(list->match),
                             vlt_slice_text(stream->name)) ||
        !in_category(list, stream)) {
        return true;
    }
    /* Less than a thousand where names and columns are long: an answer is one
     * text message. */
    if (list->count == VLT_LIMIT_LIST ||
        list->json.buf->len > VLT_LIMIT_TEXT - 32768) {
        list->more = true;
        return false;
    }
    stream_put(&list->json, NULL, list->series, stream);
    memcpy(list->last, stream->name, sizeof list->last);
    list->count++;
    return true;
}

static enum vlt_status
list_prepare(struct call *call)
{
    struct list *list = call->state;

    list->json = call_result(call);
    list->series = call->service->series;
    vlt_put_list(&list->json, "streams");
    series_each(list->series, list_one, list);
    vlt_put_end(&list->json);
    if (list->more) {
        vlt_put_text(&list->json, "cursor", list->last);
    }
    vlt_put_end(&list->json);
    return vlt_buf_status(&call->result);
}

struct show {
    char name[VLT_NAME_MAX + 1];
};

static enum vlt_status
show_check(struct call *call, struct vlt_walk *params)
{
    struct show *show = call_state(call, sizeof *show);

    if (show == NULL) {
        return VLT_E_NOMEM;
    }
    noun_copy(show->name, sizeof show->name,
              vlt_walk_text(params, "name", 1, VLT_NAME_MAX));
    return vlt_walk_failed(params) ||
                   noun_may_name(call, vlt_slice_text(show->name))
               ? VLT_OK
               : VLT_E_DENIED;
}

struct binding {
    struct vlt_json_out *json;
    const struct stream *stream;
};

static bool
put_grant(void *ctx, const struct grant *grant)
{
    const struct binding *binding = ctx;

    for (size_t i = 0; !grant_over(grant) && i < grant->bound_count; i++) {
        if (memcmp(grant->bound[i].stream, binding->stream->id, VLT_ID_LEN) ==
            0) {
            vlt_put_ulid(binding->json, NULL, grant->id);
            break;
        }
    }
    return true;
}

static void
put_grants(struct vlt_json_out *json, struct service *service,
           const struct stream *stream)
{
    struct binding binding = { .json = json, .stream = stream };

    vlt_put_list(json, "grants");
    consent_grants(service->consent, put_grant, &binding);
    vlt_put_end(json);
}

static enum vlt_status
show_prepare(struct call *call)
{
    const struct show *show = call->state;
    struct service *service = call->service;
    const struct stream *stream =
        series_by_name(service->series, vlt_slice_text(show->name));

    if (stream == NULL) {
        return call_not_found(call, "name", "stream", show->name);
    }
    struct vlt_json_out json = call_result(call);

    if (call->who.role == ROLE_SOURCE) {
        vlt_put_object(&json, "stream");
        put_form(&json, stream);
        vlt_put_end(&json);
    } else {
        stream_put(&json, "stream", service->series, stream);
        put_grants(&json, service, stream);
    }
    vlt_put_end(&json);
    stream_release(stream);
    return VLT_OK;
}

const struct method op_stream[] = {
    { .name = "stream.create",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES,
      .check = create_check,
      .commit = create_commit },
    { .name = "stream.list",
      .roles = ROLE_OWNER,
      .check = list_check,
      .prepare = list_prepare },
    { .name = "stream.show",
      .roles = ROLE_OWNER | ROLE_SOURCE,
      .check = show_check,
      .prepare = show_prepare },
    { .name = "stream.set",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES,
      .check = stream_set_check,
      .commit = stream_set_commit },
    { .name = "stream.erase",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES | METHOD_ALONE,
      .check = erase_check,
      .commit = erase_commit,
      .done = erase_done,
      .clear = erase_clear },
    { .name = "stream.erasures",
      .roles = ROLE_OWNER,
      .check = erasures_check,
      .prepare = erasures_prepare },
    { .name = NULL },
};
