#include "import/node.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "import/expand.h"
#include "import/mapping_internal.h"

void
node_refuse(struct node_reading *r, node *at, const char *format, ...)
{
    va_list args;

    if (r->failed) {
        return;
    }
    r->failed = true;
    r->st = VLT_E_FORMAT;
    r->fault->line = at != NULL ? at->line : 1;
    r->fault->column = at != NULL ? at->column : 1;
    va_start(args, format);
    vsnprintf(r->fault->says, sizeof r->fault->says, format, args);
    va_end(args);
}

void
node_settle(struct node_reading *r, node *at, enum vlt_status st,
            const char *what)
{
    if (st == VLT_E_NOMEM && !r->failed) {
        node_refuse(r, at, "there is no memory");
        r->st = VLT_E_NOMEM;
    } else if (st != VLT_OK) {
        node_refuse(r, at, "%s", what);
    }
}

bool
node_text(struct node_reading *r, node *at, struct vlt_slice *out)
{
    if (at->kind != VLT_YAML_SCALAR) {
        node_refuse(r, at, "must be a text");
        return false;
    }
    *out = at->text;
    return true;
}

static void
refuse_word(struct node_reading *r, node *at, const char *const *words)
{
    struct vlt_buf list = { 0 };

    for (size_t i = 0; words[i] != NULL; i++) {
        vlt_buf_printf(&list, "%s%s", i > 0 ? ", " : "", words[i]);
    }
    const char *all = vlt_buf_text(&list);

    node_refuse(r, at, "must be one of: %s", all != NULL ? all : "");
    vlt_buf_free(&list);
}

int
node_word(struct node_reading *r, node *at, const char *const *words)
{
    struct vlt_slice text = { 0 };

    if (!node_text(r, at, &text)) {
        return -1;
    }
    for (int i = 0; words[i] != NULL; i++) {
        if (vlt_slice_is(text, words[i])) {
            return i;
        }
    }
    refuse_word(r, at, words);
    return -1;
}

void
node_words(struct node_reading *r, node *at, struct mapping_words *out,
           bool spread)
{
    struct vlt_slice text = { 0 };
    struct vlt_buf one = { 0 };

    if (at->kind != VLT_YAML_LIST) {
        node_refuse(r, at, "must be a list");
        return;
    }
    for (node *item = at->first; item != NULL && !r->failed;
         item = item->next) {
        if (!node_text(r, item, &text)) {
            break;
        }
        struct expand range = { .before = text, .count = 1 };

        if (spread && expand_read(text, &range) != VLT_OK) {
            node_refuse(r, item, "a range is {a..b}, a not over b");
        }
        for (int i = 0; i < range.count && !r->failed; i++) {
            vlt_buf_clear(&one);
            expand_put(&range, i, &one);
            node_settle(r, item, mapping_add_word(out, vlt_buf_slice(&one)),
                        "there are more than 1,024");
        }
    }
    vlt_buf_free(&one);
}

node *
node_required(struct node_reading *r, node *map, const char *key)
{
    node *found = vlt_yaml_get(map, key);

    if (found == NULL) {
        node_refuse(r, map, "`%s` is missing", key);
    }
    return found;
}

bool
node_only(struct node_reading *r, node *map, const char *const *keys)
{
    if (map->kind != VLT_YAML_MAP) {
        node_refuse(r, map, "must be a map");
        return false;
    }
    for (node *member = map->first; member != NULL; member = member->next) {
        bool known = false;

        for (size_t i = 0; keys[i] != NULL; i++) {
            known = known || vlt_slice_is(member->key, keys[i]);
        }
        if (!known) {
            node_refuse(r, member, "`%.*s` is not known here",
                        (int)(member->key.len < 40 ? member->key.len : 40),
                        (const char *)member->key.at);
            return false;
        }
    }
    return true;
}
