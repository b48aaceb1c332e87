#include "import/mapping_internal.h"

#include <stdio.h>

#include "base/text.h"
#include "import/node.h"

enum { DEPTH = 5 };

static void
read_format(struct node_reading *r, node *at)
{
    static const char *const words[] = { "csv", NULL };

    (void)node_word(r, at, words);
}

static void
read_delimiter(struct node_reading *r, node *at)
{
    struct vlt_slice text = { 0 };

    if (!node_text(r, at, &text)) {
        return;
    }
    bool tab = vlt_slice_is(text, "\\t") || vlt_slice_is(text, "\t");

    if (tab) {
        r->mapping->delimiter = '\t';
    } else if (text.len == 1 && text.at[0] > ' ' && text.at[0] < 0x7f &&
               text.at[0] != '"') {
        r->mapping->delimiter = text.at[0];
    } else {
        node_refuse(r, at,
                    "must be one ASCII character, but no quotation mark");
    }
}

static void
read_encoding(struct node_reading *r, node *at)
{
    static const char *const words[] = { "utf-8", "latin-1", "windows-1252",
                                         NULL };
    int i = node_word(r, at, words);

    if (i >= 0) {
        r->mapping->encoding = (enum cells_encoding)i;
    }
}

static void
read_header(struct node_reading *r, node *at)
{
    static const char *const words[] = { "false", "true", NULL };

    r->mapping->header = node_word(r, at, words) == 1;
}

static void
read_skip(struct node_reading *r, node *at)
{
    struct vlt_slice text = { 0 };

    if (node_text(r, at, &text) &&
        (vlt_int_parse(text, &r->mapping->skip) != VLT_OK ||
         r->mapping->skip < 0 || r->mapping->skip > MAPPING_SKIP)) {
        node_refuse(r, at, "must be 0 to %d", MAPPING_SKIP);
    }
}

static void
read_decimal(struct node_reading *r, node *at)
{
    static const char *const words[] = { ".", ",", NULL };

    r->mapping->decimal = node_word(r, at, words) == 1 ? ',' : '.';
}

static void
read_columns(struct node_reading *r, node *at)
{
    node_words(r, at, &r->mapping->columns, false);
}

static void
read_missing(struct node_reading *r, node *at)
{
    node_words(r, at, &r->mapping->missing, false);
}

static void
read_ignore(struct node_reading *r, node *at)
{
    node_words(r, at, &r->mapping->ignore, true);
}

static void
read_zone(struct node_reading *r, node *time, bool offset)
{
    node *at = vlt_yaml_get(time, "zone");
    struct vlt_slice name =
        r->zone != NULL ? vlt_slice_text(r->zone) : vlt_slice_text("");

    if (at != NULL && !node_text(r, at, &name)) {
        return;
    }
    if (offset) {
        if (at != NULL) {
            node_refuse(r, at, "these times carry their offset");
        }
        return;
    }
    if (name.len == 0) {
        node_refuse(r, time, "local times need a `zone`");
        return;
    }
    node_settle(r, at != NULL ? at : time, zone_load(name, &r->mapping->zone),
                "there is no such zone");
    r->mapping->time.zone = r->mapping->zone;
}

static void
read_pattern(struct node_reading *r, node *time, node *at)
{
    bool offset = false;

    r->mapping->time.kind = TIMEFMT_PATTERN;
    r->mapping->time_pattern = vlt_text_copy(at->text);
    if (r->mapping->time_pattern == NULL) {
        node_settle(r, at, VLT_E_NOMEM, "");
        return;
    }
    r->mapping->time.pattern = r->mapping->time_pattern;
    if (!timefmt_pattern_valid(r->mapping->time_pattern, &offset)) {
        node_refuse(r, at,
                    "must be epoch-s, epoch-ms, rfc3339, or %%Y %%m %%d and of "
                    "%%H %%M %%S %%f %%z %%b what there is, once each");
        return;
    }
    read_zone(r, time, offset);
}

static void
read_time(struct node_reading *r, node *at)
{
    static const char *const keys[] = { "from", "format", "zone", NULL };
    static const char *const kinds[] = {
        [TIMEFMT_RFC3339] = "rfc3339",
        [TIMEFMT_EPOCH_S] = "epoch-s",
        [TIMEFMT_EPOCH_MS] = "epoch-ms",
    };
    struct vlt_slice text = { 0 };

    if (!node_only(r, at, keys)) {
        return;
    }
    node *from = node_required(r, at, "from");
    node *format = node_required(r, at, "format");

    if (r->failed || !node_text(r, from, &text)) {
        return;
    }
    r->mapping->time_from = vlt_text_copy(text);
    if (r->mapping->time_from == NULL) {
        node_settle(r, at, VLT_E_NOMEM, "");
        return;
    }
    if (!node_text(r, format, &text)) {
        return;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (vlt_slice_is(text, kinds[i])) {
            r->mapping->time.kind = (enum timefmt_kind)i;
            read_zone(r, at, true);
            return;
        }
    }
    read_pattern(r, at, format);
}

static const struct {
    const char *key;
    void (*read)(struct node_reading *r, node *at);
} keys[] = {
    { "format", read_format },     { "delimiter", read_delimiter },
    { "encoding", read_encoding }, { "header", read_header },
    { "skip", read_skip },         { "columns", read_columns },
    { "decimal", read_decimal },   { "missing", read_missing },
    { "time", read_time },         { "streams", mapping_read_streams },
    { "ignore", read_ignore },
};

static void
read_root(struct node_reading *r, node *root)
{
    const char *known[sizeof keys / sizeof keys[0] + 1] = { NULL };

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        known[i] = keys[i].key;
    }
    if (root == NULL) {
        node_refuse(r, NULL, "it is empty");
        return;
    }
    if (!node_only(r, root, known)) {
        return;
    }
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        node *at = vlt_yaml_get(root, keys[i].key);

        if (at != NULL && !r->failed) {
            keys[i].read(r, at);
        }
    }
    node_required(r, root, "time");
    node_required(r, root, "streams");
}

/* What must hold between the parts. */
static void
check_whole(struct node_reading *r, node *root)
{
    static const char *const usual[] = { "", "NA", "null" };
    struct mapping *m = r->mapping;

    if (r->failed) {
        return;
    }
    if (m->columns.count > 0 && vlt_yaml_get(root, "header") == NULL) {
        m->header = false;
    }
    if (m->header == (m->columns.count > 0)) {
        node_refuse(r, root, "there is either a `header` or `columns`");
    } else if (m->decimal == m->delimiter) {
        node_refuse(r, root, "`decimal` and `delimiter` are the same");
    }
    if (vlt_yaml_get(root, "missing") != NULL) {
        return;
    }
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        node_settle(r, root,
                    mapping_add_word(&m->missing, vlt_slice_text(usual[i])),
                    "");
    }
}

/* The first fault of the YAML itself. */
static void
on_yaml_fault(void *ctx, const struct vlt_yaml_fault *fault)
{
    struct node_reading *r = ctx;

    if (!r->failed) {
        r->failed = true;
        r->fault->line = fault->line;
        r->fault->column = fault->column;
        snprintf(r->fault->says, sizeof r->fault->says, "%s", fault->says);
    }
}

enum vlt_status
mapping_read(struct vlt_slice yaml, const char *zone,
             struct mapping_fault *fault, struct mapping **out)
{
    struct node_reading r = { .fault = fault, .zone = zone };
    struct vlt_yaml *tree = NULL;
    enum vlt_status st;

    st = vlt_yaml_parse(yaml, MAPPING_MAX, DEPTH, on_yaml_fault, &r, &tree);
    if (st != VLT_OK) {
        return st;
    }
    r.mapping = mapping_new();
    if (r.mapping == NULL) {
        st = VLT_E_NOMEM;
        goto done;
    }
    read_root(&r, vlt_yaml_root(tree));
    check_whole(&r, vlt_yaml_root(tree));
    st = r.failed ? r.st : VLT_OK;
    if (st == VLT_OK) {
        *out = r.mapping;
        r.mapping = NULL; /* the caller's now */
    }

done:
    mapping_free(r.mapping);
    vlt_yaml_free(tree);
    return st;
}
