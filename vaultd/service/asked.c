/*
 * asked: the parameters of data.query, data.latest and data.subscribe (loop),
 * and what a preview asks for in their place (worker).
 */
#include <stdlib.h>
#include <string.h>

#include "base/name.h"
#include "base/time.h"
#include "crypto/hash.h"
#include "service/reading_internal.h"

/* The vocabulary's names of statistics, in the order of SERIES_MEAN on. */
static const char *const stat_words[] = { "mean",  "min",   "max",  "sum",
                                          "count", "first", "last", NULL };

static const char *const compare_words[] = { "<",  "<=", "=", "!=",
                                             ">=", ">",  NULL };

static void
copy_text(char *to, size_t size, struct vlt_slice from)
{
    size_t len = from.len < size - 1 ? from.len : size - 1;

    if (len > 0) {
        memcpy(to, from.at, len);
    }
    to[len] = '\0';
}

/* Room for those that are named, which are few: a subscription keeps it. */
static enum vlt_status
room_for_patterns(struct asked *out, size_t count)
{
    out->pattern = calloc(count, sizeof *out->pattern);
    return out->pattern != NULL ? VLT_OK : VLT_E_NOMEM;
}

static enum vlt_status
room_for_columns(struct asked *out, size_t count)
{
    out->column = calloc(count, sizeof *out->column);
    return out->column != NULL ? VLT_OK : VLT_E_NOMEM;
}

enum vlt_status
asked_all(struct asked *out)
{
    enum vlt_status st = room_for_patterns(out, 1);

    if (st == VLT_OK) {
        copy_text(out->pattern[0], sizeof out->pattern[0],
                  vlt_slice_text("**"));
        out->patterns = 1;
    }
    return st;
}

void
asked_free(struct asked *asked)
{
    free(asked->pattern);
    free(asked->column);
    free(asked->position);
    asked->pattern = NULL;
    asked->patterns = 0;
    asked->column = NULL;
    asked->columns = 0;
    asked->position = NULL;
    asked->positions = 0;
}

static enum vlt_status
read_patterns(struct vlt_walk *params, struct asked *out)
{
    const struct vlt_json *list =
        vlt_walk_list(params, "streams", 1, READING_PATTERNS);
    size_t count = vlt_json_count(list);
    enum vlt_status st = count > 0 ? room_for_patterns(out, count) : VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < count; i++) {
        struct vlt_slice text = vlt_json_text_of(vlt_json_item(list, i));

        if (!vlt_pattern_valid(text)) {
            vlt_walk_fault(params, "streams",
                           "has a pattern at %zu that is none, must be as "
                           "home/*/temperature",
                           i);
            return VLT_OK;
        }
        copy_text(out->pattern[i], sizeof out->pattern[i], text);
        out->patterns++;
    }
    return st;
}

static enum vlt_status
read_columns(struct vlt_walk *params, struct asked *out)
{
    const struct vlt_json *list =
        vlt_walk_has(params, "columns")
            ? vlt_walk_list(params, "columns", 1, SERIES_COLUMNS_MAX)
            : NULL;
    size_t count = vlt_json_count(list);
    enum vlt_status st = count > 0 ? room_for_columns(out, count) : VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < count; i++) {
        struct vlt_slice text = vlt_json_text_of(vlt_json_item(list, i));

        if (text.len == 0 || text.len > SERIES_COLUMN_NAME) {
            vlt_walk_fault(params, "columns",
                           "must hold names of 1 to %d bytes",
                           SERIES_COLUMN_NAME);
            return VLT_OK;
        }
        copy_text(out->column[i], sizeof out->column[i], text);
        out->columns++;
    }
    return st;
}

/* "15min", or seconds. */
static void
read_every(struct vlt_walk *params, struct asked *out)
{
    const struct vlt_json *node;

    if (!vlt_walk_has(params, "every")) {
        return;
    }
    node = vlt_walk_any(params, "every");
    if (vlt_json_kind(node) == VLT_JSON_INT) {
        int64_t seconds = vlt_json_int_of(node);

        if (seconds >= 1 && seconds <= 28 * 86400) {
            out->every = seconds * VLT_SECOND;
        }
    } else if (vlt_duration_parse(vlt_json_text_of(node), &out->every) !=
               VLT_OK) {
        out->every = 0;
    }
    if (out->every < VLT_SECOND || out->every > 28 * VLT_DAY) {
        vlt_walk_fault(params, "every", "must be 1s to 4w, as 15min");
    }
}

static void
read_stats(struct vlt_walk *params, struct asked *out)
{
    const struct vlt_json *list;

    if (!vlt_walk_has(params, "stats")) {
        out->stats = out->every != 0 ? SERIES_MEAN : 0;
        return;
    }
    list = vlt_walk_list(params, "stats", 1, 7);
    for (size_t i = 0; i < vlt_json_count(list); i++) {
        struct vlt_slice text = vlt_json_text_of(vlt_json_item(list, i));
        unsigned bit = 0;

        while (stat_words[bit] != NULL &&
               !vlt_slice_is(text, stat_words[bit])) {
            bit++;
        }
        if (stat_words[bit] == NULL) {
            vlt_walk_fault(params, "stats",
                           "must hold mean, sum, min, max, count, first, last");
            return;
        }
        out->stats |= 1U << bit;
    }
    if (out->every == 0) {
        vlt_walk_fault(params, "stats", "goes with every only");
    }
}

static void
read_where(struct vlt_walk *params, struct asked *out)
{
    const struct vlt_json *list;

    if (!vlt_walk_has(params, "where")) {
        return;
    }
    list = vlt_walk_list(params, "where", 1, READING_WHERE);
    for (size_t i = 0; i < vlt_json_count(list); i++) {
        struct reading_where *where = &out->where[i];
        struct vlt_walk item;

        vlt_walk_item(&item, params, "where", list, i);
        copy_text(where->column, sizeof where->column,
                  vlt_walk_text(&item, "column", 1, SERIES_COLUMN_NAME));
        where->compare =
            (enum series_compare)vlt_walk_word(&item, "op", compare_words);

        const struct vlt_json *value = vlt_walk_any(&item, "value");

        switch (value != NULL ? vlt_json_kind(value) : VLT_JSON_NULL) {
        case VLT_JSON_INT:
        case VLT_JSON_REAL:
            where->value = vlt_json_number_of(value);
            break;
        case VLT_JSON_BOOL:
            where->value = vlt_json_bool_of(value) ? 1 : 0;
            break;
        default:
            vlt_walk_fault(&item, "value", "must be a number or a bool");
        }
        if (vlt_walk_end(&item) != VLT_OK) {
            return;
        }
        out->wheres++;
    }
}

static void
check_grid(struct vlt_walk *params, const struct asked *out)
{
    static const char says[] =
        "must be on the grid of every: whole multiples from 1970-01-05";

    if (out->every == 0) {
        return;
    }
    if (out->has_from && !resolve_on_grid(out->from, out->every)) {
        vlt_walk_fault(params, "from", says);
    }
    if (out->has_to && !resolve_on_grid(out->to, out->every)) {
        vlt_walk_fault(params, "to", says);
    }
}

static void
read_from(struct vlt_walk *params, struct asked *out)
{
    if (vlt_walk_has(params, "from")) {
        out->has_from = true;
        out->from = vlt_walk_time(params, "from");
    }
}

static void
read_to(struct vlt_walk *params, struct asked *out)
{
    if (vlt_walk_has(params, "to")) {
        out->has_to = true;
        out->to = vlt_walk_time(params, "to");
    }
    if (out->has_from && out->has_to && out->from >= out->to) {
        vlt_walk_fault(params, "to", "must be after from");
    }
}

static void
read_cursor(struct call *call, struct vlt_walk *params, struct asked *out)
{
    struct vlt_slice text;

    if (!vlt_walk_has(params, "cursor")) {
        return;
    }
    text = vlt_walk_text(params, "cursor", 1, VLT_LIMIT_CURSOR);
    if (!vlt_walk_failed(params) &&
        cursor_get(call->service, &call->who, out, text) != VLT_OK) {
        vlt_walk_fault(params, "cursor",
                       "is none of this vault's, or of another caller, or no "
                       "longer known");
    }
}

static void
read_form(struct vlt_walk *params, struct asked *out)
{
    static const char *const forms[] = { "blocks", "json", NULL };

    out->json = vlt_walk_word_or(params, "form", forms, 0) == 1;
    out->credit = vlt_walk_int_or(params, "credit", 1, VLT_LIMIT_CREDIT, 8);
}

static void
read_order(struct vlt_walk *params, struct asked *out)
{
    static const char *const orders[] = { "asc", "desc", NULL };

    out->descending = vlt_walk_word_or(params, "order", orders, 0) == 1;
    out->limit = vlt_walk_int_or(params, "limit", 1, 1000000000, INT64_MAX);
    if (out->descending && !out->json) {
        vlt_walk_fault(params, "order",
                       "can be desc with form json only: blocks are in order "
                       "of time");
    }
}

/* What makes it the same question when it is asked again. */
static void
digest_of(struct asked *out)
{
    struct vlt_sha256 hash;
    uint8_t digest[VLT_HASH_LEN];
    int64_t numbers[] = {
        out->from,
        out->to,
        out->every,
        out->stats,
        out->limit,
        out->descending,
        out->json,
        out->has_from,
        out->has_to,
        (int64_t)out->patterns,
        (int64_t)out->columns,
    };

    vlt_sha256_begin(&hash);
    vlt_sha256_add(&hash, vlt_slice_of(numbers, sizeof numbers));
    for (size_t i = 0; i < out->patterns; i++) {
        vlt_sha256_add(
            &hash, vlt_slice_of(out->pattern[i], strlen(out->pattern[i]) + 1));
    }
    for (size_t i = 0; i < out->columns; i++) {
        vlt_sha256_add(
            &hash, vlt_slice_of(out->column[i], strlen(out->column[i]) + 1));
    }
    for (size_t i = 0; i < out->wheres; i++) {
        const struct reading_where *where = &out->where[i];
        uint64_t test[] = { where->compare, vlt_bits_of(where->value) };

        vlt_sha256_add(&hash, vlt_slice_text(where->column));
        vlt_sha256_add(&hash, vlt_slice_of(test, sizeof test));
    }
    vlt_sha256_end(&hash, digest);
    memcpy(out->digest, digest, sizeof out->digest);
}

enum vlt_status
asked_read(struct call *call, struct vlt_walk *params, enum asked_kind kind,
           struct asked *out)
{
    out->kind = (int)kind;
    out->from = INT64_MIN;
    out->to = INT64_MAX;
    out->limit = INT64_MAX;
    if (call->who.role == ROLE_FIRM) {
        out->has_grant = true;
        vlt_walk_ulid(params, "grant", out->grant);
    } else if (vlt_walk_has(params, "grant")) {
        vlt_walk_fault(params, "grant", "is for firms");
    }
    enum vlt_status st = read_patterns(params, out);

    if (st == VLT_OK) {
        st = read_columns(params, out);
    }
    if (st != VLT_OK) {
        return st;
    }
    read_every(params, out);
    read_stats(params, out);
    if (kind != ASKED_LATEST) {
        read_form(params, out);
        read_from(params, out);
    }
    if (kind == ASKED_QUERY) {
        read_to(params, out);
        read_where(params, out);
        read_order(params, out);
    }
    check_grid(params, out);
    digest_of(out);
    if (kind != ASKED_LATEST) {
        read_cursor(call, params, out);
    }
    return vlt_walk_failed(params) ? VLT_E_FORMAT : VLT_OK;
}
