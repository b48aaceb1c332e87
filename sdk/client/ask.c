#include "client/ask.h"

#include <stdio.h>

#include "client/where.h"
#include "wire/limits.h"
#include "json/json_write.h"

static const struct {
    unsigned bit;
    const char *word;
} stats[] = {
    { VAULT_MEAN, "mean" }, { VAULT_SUM, "sum" },     { VAULT_MIN, "min" },
    { VAULT_MAX, "max" },   { VAULT_COUNT, "count" }, { VAULT_FIRST, "first" },
    { VAULT_LAST, "last" },
};

static enum vlt_status
wrong(char *says, const char *what)
{
    snprintf(says, VLT_ASK_SAYS, "%s", what);
    return VLT_E_FORMAT;
}

static size_t
count_of(const char *const *list)
{
    size_t count = 0;

    while (list != NULL && list[count] != NULL) {
        count++;
    }
    return count;
}

static void
put_words(struct vlt_json_out *json, const char *name, const char *const *words)
{
    if (words == NULL) {
        return;
    }
    vlt_put_list(json, name);
    for (size_t i = 0; words[i] != NULL; i++) {
        vlt_put_text(json, NULL, words[i]);
    }
    vlt_put_end(json);
}

static void
put_stats(struct vlt_json_out *json, unsigned bits)
{
    vlt_put_list(json, "stats");
    for (size_t i = 0; i < sizeof stats / sizeof *stats; i++) {
        if ((bits & stats[i].bit) != 0) {
            vlt_put_text(json, NULL, stats[i].word);
        }
    }
    vlt_put_end(json);
}

static void
put_optional(struct vlt_json_out *json, const char *name, const char *text)
{
    if (text != NULL) {
        vlt_put_text(json, name, text);
    }
}

static enum vlt_status
check_lists(const char *const *streams, const char *const *columns, char *says)
{
    size_t count = count_of(streams);

    if (count == 0 || count > VLT_LIMIT_PATTERNS) {
        return wrong(says, "1 to 64 streams must be named");
    }
    if (columns != NULL &&
        (count_of(columns) == 0 || count_of(columns) > VLT_LIMIT_COLUMNS)) {
        return wrong(says, "1 to 64 columns may be named, or none at all");
    }
    return VLT_OK;
}

static enum vlt_status
check_query(const struct vault_query *query, char *says)
{
    unsigned known = 0;

    for (size_t i = 0; i < sizeof stats / sizeof *stats; i++) {
        known |= stats[i].bit;
    }
    if (query->size != sizeof *query) {
        return wrong(says, "size is not that of struct vault_query");
    }
    if (query->every_s < 0) {
        return wrong(says, "every_s is negative");
    }
    if ((query->stats & ~known) != 0) {
        return wrong(says, "stats has a bit that means nothing");
    }
    if (query->stats != 0 && query->every_s == 0) {
        return wrong(says, "stats need every_s");
    }
    return check_lists(query->streams, query->columns, says);
}

enum vlt_status
vlt_ask_query(const struct vault_query *query, struct vlt_buf *out, char *says)
{
    struct vlt_json_out json = vlt_json_out(out);
    enum vlt_status st = check_query(query, says);

    if (st != VLT_OK) {
        return st;
    }
    vlt_put_object(&json, NULL);
    put_optional(&json, "grant", query->grant);
    put_words(&json, "streams", query->streams);
    put_words(&json, "columns", query->columns);
    put_optional(&json, "from", query->from);
    put_optional(&json, "to", query->to);
    if (query->every_s > 0) {
        vlt_put_int(&json, "every", query->every_s);
    }
    if (query->stats != 0) {
        put_stats(&json, query->stats);
    }
    if (query->where != NULL) {
        st = vlt_where_put(&json, "where", query->where, says);
        if (st != VLT_OK) {
            return st;
        }
    }
    if (query->limit > 0) {
        vlt_put_uint(&json, "limit", query->limit);
    }
    if (query->descending != 0) {
        vlt_put_text(&json, "order", "desc");
        vlt_put_text(&json, "form", "json"); /* blocks only ascend */
    }
    vlt_put_int(&json, "credit", VLT_ASK_CREDIT);
    vlt_put_end(&json);
    return vlt_buf_status(out);
}

enum vlt_status
vlt_ask_subscribe(const struct vault_subscribe *subscribe, const char *cursor,
                  struct vlt_buf *out, char *says)
{
    struct vlt_json_out json = vlt_json_out(out);
    enum vlt_status st;

    if (subscribe->size != sizeof *subscribe) {
        return wrong(says, "size is not that of struct vault_subscribe");
    }
    st = check_lists(subscribe->streams, subscribe->columns, says);
    if (st != VLT_OK) {
        return st;
    }
    vlt_put_object(&json, NULL);
    put_optional(&json, "grant", subscribe->grant);
    put_words(&json, "streams", subscribe->streams);
    put_words(&json, "columns", subscribe->columns);
    put_optional(&json, "cursor", cursor != NULL ? cursor : subscribe->cursor);
    vlt_put_int(&json, "credit", VLT_ASK_CREDIT);
    vlt_put_end(&json);
    return vlt_buf_status(out);
}
