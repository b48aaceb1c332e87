#include "import/mapping_internal.h"

#include "base/name.h"
#include "base/text.h"
#include "import/expand.h"
#include "import/node.h"

enum {
    CATEGORY_MAX = 63,
    UNIT_MAX = 64,
    FROM_MAX = 256,
};

/* One entry of streams, before its range is spread out. */
struct stream_entry {
    struct mapping_entry entry;
    struct expand name, from;
};

static void
read_text(struct node_reading *r, node *map, const char *key, size_t max,
          struct vlt_slice *out)
{
    node *at = vlt_yaml_get(map, key);

    if (at == NULL || !node_text(r, at, out)) {
        return;
    }
    if (out->len > max || !vlt_text_printable(*out)) {
        node_refuse(r, at, "must be at most %zu printable bytes", max);
    }
}

static void
read_range(struct node_reading *r, node *map, const char *key,
           struct expand *out)
{
    node *at = node_required(r, map, key);
    struct vlt_slice text = { 0 };

    if (at == NULL || !node_text(r, at, &text)) {
        return;
    }
    if (text.len > FROM_MAX || expand_read(text, out) != VLT_OK) {
        node_refuse(r, at, "a range is {a..b}, a not over b, and stands once");
    }
}

static void
read_type(struct node_reading *r, node *map, enum import_type *out)
{
    static const char *const words[] = { "f64",  "i64",  "bool",
                                         "text", "json", NULL };
    node *at = vlt_yaml_get(map, "type");

    if (at != NULL) {
        int i = node_word(r, at, words);

        *out = i >= 0 ? (enum import_type)i : *out;
    }
}

static void
check_entry(struct node_reading *r, node *at, const struct stream_entry *e)
{
    bool splits = vlt_yaml_get(at, "split") != NULL;

    if (r->failed) {
        return;
    }
    if (e->name.count != e->from.count ||
        (e->name.width > 0) != (e->from.width > 0)) {
        node_refuse(r, at, "the ranges of `name` and `from` are not as long");
    } else if (!vlt_column_valid(e->entry.column)) {
        node_refuse(r, at, "`column` cannot be the name of a column");
    } else if (splits && e->entry.type != IMPORT_JSON) {
        node_refuse(r, at, "`split` makes a list: its type is json");
    } else if (splits && e->entry.split.len == 0) {
        node_refuse(r, at, "`split` is empty");
    }
}

static void
add_one(struct node_reading *r, node *at, const struct stream_entry *e, int i)
{
    struct mapping_entry entry = e->entry;
    struct vlt_buf name = { 0 };
    struct vlt_buf from = { 0 };

    expand_put(&e->name, i, &name);
    expand_put(&e->from, i, &from);
    entry.name = vlt_buf_slice(&name);
    entry.from = vlt_buf_slice(&from);
    if (vlt_buf_failed(&name) || vlt_buf_failed(&from)) {
        node_settle(r, at, VLT_E_NOMEM, "");
    } else if (!vlt_name_valid(entry.name)) {
        node_refuse(r, at, "`name` is no name of a stream");
    } else {
        enum vlt_status st = mapping_add(r->mapping, &entry);

        node_settle(r, at, st,
                    st == VLT_E_CONFLICT
                        ? "the stream has this column, or another unit or "
                          "category, already"
                        : "there are more than 1,000 streams, or 64 columns");
    }
    vlt_buf_free(&name);
    vlt_buf_free(&from);
}

static void
read_stream(struct node_reading *r, node *at)
{
    static const char *const keys[] = { "name", "from",     "column", "type",
                                        "unit", "category", "split",  NULL };
    struct stream_entry e = { .entry = { .column = vlt_slice_text("value") } };

    if (!node_only(r, at, keys)) {
        return;
    }
    read_range(r, at, "name", &e.name);
    read_range(r, at, "from", &e.from);
    read_text(r, at, "column", VLT_COLUMN_MAX, &e.entry.column);
    read_text(r, at, "unit", UNIT_MAX, &e.entry.unit);
    read_text(r, at, "category", CATEGORY_MAX, &e.entry.category);
    read_text(r, at, "split", CATEGORY_MAX, &e.entry.split);
    read_type(r, at, &e.entry.type);
    check_entry(r, at, &e);
    for (int i = 0; i < e.name.count && !r->failed; i++) {
        add_one(r, at, &e, i);
    }
}

void
mapping_read_streams(struct node_reading *r, node *at)
{
    if (at->kind != VLT_YAML_LIST || at->first == NULL) {
        node_refuse(r, at, "must be a list of at least one stream");
        return;
    }
    for (node *item = at->first; item != NULL && !r->failed;
         item = item->next) {
        read_stream(r, item);
    }
}
