#include "json/json_walk_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static struct vlt_walk *
outermost(struct vlt_walk *walk)
{
    while (walk->up != NULL) {
        walk = walk->up;
    }
    return walk;
}

bool
vlt_walk_failed(const struct vlt_walk *walk)
{
    while (walk->up != NULL) {
        walk = walk->up;
    }
    return walk->failed;
}

/* Append, as far as there is room; never a part of a character. */
static void
append(char *text, size_t cap, const char *more)
{
    size_t have = strlen(text);
    size_t len = strlen(more);

    if (len >= cap - have) {
        len = cap - have - 1;
        while (len > 0 && ((uint8_t)more[len] & 0xC0) == 0x80) {
            len--;
        }
    }
    memcpy(text + have, more, len);
    text[have + len] = 0;
}

static void
append_step(char at[VLT_WALK_AT], const char *name)
{
    if (at[0] != 0 && name[0] != 0) {
        append(at, VLT_WALK_AT, ".");
    }
    append(at, VLT_WALK_AT, name);
}

/* The way from the outermost object to this one. */
static void
append_way(char at[VLT_WALK_AT], const struct vlt_walk *walk)
{
    char index[32];

    if (walk->up == NULL) {
        return;
    }
    append_way(at, walk->up);
    append_step(at, walk->name);
    if (walk->index != SIZE_MAX) {
        snprintf(index, sizeof index, "[%zu]", walk->index);
        append(at, VLT_WALK_AT, index);
    }
}

void
vlt_walk_fault(struct vlt_walk *walk, const char *name, const char *format, ...)
{
    struct vlt_walk *out = outermost(walk);
    char says[2 * VLT_WALK_SAYS];
    va_list args;

    if (out->failed) {
        return;
    }
    out->failed = true;
    append_way(out->at, walk);
    append_step(out->at, name);
    va_start(args, format);
    vsnprintf(says, sizeof says, format, args);
    va_end(args);
    append(out->says, sizeof out->says, says);
}

const char *
vlt_walk_kind_word(const struct vlt_json *node)
{
    static const char *const words[] = {
        [VLT_JSON_NULL] = "null",        [VLT_JSON_BOOL] = "true or false",
        [VLT_JSON_INT] = "a number",     [VLT_JSON_REAL] = "a number",
        [VLT_JSON_TEXT] = "text",        [VLT_JSON_LIST] = "a list",
        [VLT_JSON_OBJECT] = "an object",
    };

    return words[vlt_json_kind(node)];
}

static void
begin(struct vlt_walk *walk, const struct vlt_json *object)
{
    if (vlt_walk_failed(walk)) {
        return;
    }
    if (object == NULL) {
        vlt_walk_fault(walk, "", "is missing");
    } else if (vlt_json_kind(object) != VLT_JSON_OBJECT) {
        vlt_walk_fault(walk, "", "is %s, must be an object",
                       vlt_walk_kind_word(object));
    } else {
        walk->object = object;
    }
}

void
vlt_walk_begin(struct vlt_walk *walk, const struct vlt_json *object)
{
    *walk = (struct vlt_walk){ .index = SIZE_MAX };
    begin(walk, object);
}

void
vlt_walk_into(struct vlt_walk *inner, struct vlt_walk *outer, const char *name)
{
    *inner = (struct vlt_walk){ .up = outer, .index = SIZE_MAX };
    append(inner->name, sizeof inner->name, name);
    begin(inner, vlt_walk_ask(outer, name));
}

void
vlt_walk_item(struct vlt_walk *inner, struct vlt_walk *outer, const char *name,
              const struct vlt_json *list, size_t i)
{
    *inner = (struct vlt_walk){ .up = outer, .index = i };
    append(inner->name, sizeof inner->name, name);
    begin(inner, vlt_json_item(list, i));
}

/* A search for a member's place in the text. */
struct search {
    const char *name;
    size_t place;
};

static bool
pass_by(void *ctx, const char *name, const struct vlt_json *value)
{
    struct search *search = ctx;

    /* By name: true, false and null are one value for all who have them. */
    (void)value;
    if (strcmp(name, search->name) == 0 || search->place == VLT_WALK_MEMBERS) {
        return false;
    }
    search->place++;
    return true;
}

const struct vlt_json *
vlt_walk_ask(struct vlt_walk *walk, const char *name)
{
    struct search search = { .name = name };
    const struct vlt_json *value;

    if (walk->object == NULL || vlt_walk_failed(walk)) {
        return NULL;
    }
    value = vlt_json_get(walk->object, name);
    if (value == NULL) {
        return NULL;
    }
    vlt_json_each(walk->object, pass_by, &search);
    /* Behind that many members one is unknown in any case. */
    if (search.place < VLT_WALK_MEMBERS) {
        walk->asked |= UINT64_C(1) << search.place;
    }
    return value;
}

bool
vlt_walk_has(const struct vlt_walk *walk, const char *name)
{
    return walk->object != NULL && !vlt_walk_failed(walk) &&
           vlt_json_kind(vlt_json_get(walk->object, name)) != VLT_JSON_NULL;
}

/* The first member that nobody asked for. */
struct unasked {
    const struct vlt_walk *walk;
    size_t place;
    const char *name; /* NULL: none */
};

static bool
look_for_unasked(void *ctx, const char *name, const struct vlt_json *value)
{
    struct unasked *unasked = ctx;

    (void)value;
    if (unasked->place == VLT_WALK_MEMBERS ||
        (unasked->walk->asked >> unasked->place & 1) == 0) {
        unasked->name = name;
        return false;
    }
    unasked->place++;
    return true;
}

static void
refuse_unasked(struct vlt_walk *walk)
{
    struct unasked unasked = { .walk = walk };
    struct vlt_buf shown = { 0 };

    vlt_json_each(walk->object, look_for_unasked, &unasked);
    if (unasked.name == NULL) {
        return;
    }
    vlt_text_put_escaped(&shown, vlt_slice_text(unasked.name));
    const char *name = vlt_buf_text(&shown);

    vlt_walk_fault(walk, name != NULL ? name : "", "is not known here");
    vlt_buf_free(&shown);
}

enum vlt_status
vlt_walk_end(struct vlt_walk *walk)
{
    if (!vlt_walk_failed(walk) && walk->object != NULL) {
        refuse_unasked(walk);
    }
    return vlt_walk_failed(walk) ? VLT_E_FORMAT : VLT_OK;
}
