#include "json/json.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "json/json_memory_internal.h"

/* A node is jansson's json_t under another name, so that its header stays in
 * this room. */
static const struct vlt_json *
from_jansson(const json_t *node)
{
    return (const struct vlt_json *)(const void *)node;
}

static const json_t *
to_jansson(const struct vlt_json *node)
{
    return (const json_t *)(const void *)node;
}

/* Where a byte stands, as an editor counts. */
static void
place(struct vlt_slice text, size_t byte, struct vlt_json_fault *out)
{
    out->byte = byte < text.len ? byte : text.len;
    out->line = 1;
    out->column = 1;
    for (size_t i = 0; i < out->byte; i++) {
        if (text.at[i] == '\n') {
            out->line++;
            out->column = 1;
        } else if ((text.at[i] & 0xC0) != 0x80) {
            out->column++; /* not within a character */
        }
    }
}

/* Keep a sentence of jansson's, which may quote the input. */
static void
say(struct vlt_json_fault *out, const char *says)
{
    struct vlt_buf shown;

    vlt_buf_init(&shown, 0);
    vlt_text_put_escaped(&shown, vlt_slice_text(says));
    const char *text = vlt_buf_text(&shown);
    size_t len = text != NULL ? strlen(text) : 0;

    if (len >= sizeof out->says) {
        len = sizeof out->says - 1;
        /* Never a part of a character. */
        while (len > 0 && ((uint8_t)text[len] & 0xC0) == 0x80) {
            len--;
        }
    }
    if (len > 0) {
        memcpy(out->says, text, len);
    }
    out->says[len] = 0;
    vlt_buf_free(&shown);
}

static enum vlt_status
refuse(enum vlt_status st, struct vlt_slice text, size_t byte, const char *says,
       struct vlt_json_fault *out)
{
    if (out != NULL) {
        place(text, byte, out);
        say(out, says);
    }
    return st;
}

/*
 * The first byte that is nested too deep; text.len when none is.  jansson has
 * a limit of its own, 2048, which costs its stack.  What is between quotes is
 * stepped over; whether the brackets pair is jansson's to say.
 */
static size_t
too_deep(struct vlt_slice text, unsigned max)
{
    unsigned depth = 0;
    bool quoted = false;

    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];

        if (quoted) {
            i += c == '\\';
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '[' || c == '{') {
            depth++;
            if (depth > max) {
                return i;
            }
        } else if ((c == ']' || c == '}') && depth > 0) {
            depth--;
        }
    }
    return text.len;
}

static enum vlt_status
status_of(const json_error_t *error)
{
    switch (json_error_code(error)) {
    case json_error_out_of_memory:
        return VLT_E_NOMEM;
    case json_error_stack_overflow:
        return VLT_E_LIMIT;
    default:
        return VLT_E_FORMAT;
    }
}

/* In jansson's words, but for the one that speaks of its flags. */
static const char *
words_of(const json_error_t *error)
{
    if (json_error_code(error) == json_error_null_character) {
        return "U+0000 is not allowed";
    }
    return error->text;
}

/* The root; NULL with VLT_OK: *error says why. */
static enum vlt_status
load(struct vlt_slice text, json_error_t *error, json_t **root)
{
    size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY;

    if (vlt_json_memory_is_own()) {
        return vlt_json_memory_load(text, flags, error, root);
    }
    *root = json_loadb((const char *)text.at, text.len, flags, error);
    return VLT_OK;
}

enum vlt_status
vlt_json_parse(struct vlt_slice text, size_t max, unsigned depth,
               struct vlt_json_fault *fault, struct vlt_json **out)
{
    json_error_t error;

    if (text.len > max) {
        return refuse(VLT_E_LIMIT, text, max, "the text is too large", fault);
    }
    size_t deep = too_deep(text, depth);

    if (deep < text.len) {
        return refuse(VLT_E_LIMIT, text, deep, "nested too deep", fault);
    }
    if (text.len == 0) {
        return refuse(VLT_E_FORMAT, text, 0, "the text is empty", fault);
    }
    json_t *root = NULL;

    if (load(text, &error, &root) != VLT_OK) {
        return refuse(VLT_E_NOMEM, text, 0, "no memory", fault);
    }
    if (root == NULL) {
        return refuse(status_of(&error), text, (size_t)error.position,
                      words_of(&error), fault);
    }
    *out = (struct vlt_json *)(void *)root;
    return VLT_OK;
}

void
vlt_json_free(struct vlt_json *document)
{
    json_t *root = (json_t *)(void *)document;

    if (root != NULL && root->refcount == 1 && vlt_json_memory_is_own()) {
        vlt_json_memory_free(root);
    } else {
        json_decref(root);
    }
}

struct vlt_json *
vlt_json_hold(struct vlt_json *document)
{
    json_incref((json_t *)(void *)document);
    return document;
}

enum vlt_json_kind
vlt_json_kind(const struct vlt_json *node)
{
    if (node == NULL) {
        return VLT_JSON_NULL;
    }
    switch (json_typeof(to_jansson(node))) {
    case JSON_OBJECT:
        return VLT_JSON_OBJECT;
    case JSON_ARRAY:
        return VLT_JSON_LIST;
    case JSON_STRING:
        return VLT_JSON_TEXT;
    case JSON_INTEGER:
        return VLT_JSON_INT;
    case JSON_REAL:
        return VLT_JSON_REAL;
    case JSON_TRUE:
    case JSON_FALSE:
        return VLT_JSON_BOOL;
    case JSON_NULL:
        break;
    }
    return VLT_JSON_NULL;
}

const struct vlt_json *
vlt_json_get(const struct vlt_json *node, const char *name)
{
    return from_jansson(json_object_get(to_jansson(node), name));
}

size_t
vlt_json_count(const struct vlt_json *node)
{
    const json_t *json = to_jansson(node);

    return json_is_array(json) ? json_array_size(json) : json_object_size(json);
}

const struct vlt_json *
vlt_json_item(const struct vlt_json *list, size_t i)
{
    return from_jansson(json_array_get(to_jansson(list), i));
}

void
vlt_json_each(const struct vlt_json *object, vlt_json_member_fn *fn, void *ctx)
{
    /* jansson's iterators want a json_t that is not const, and change nothing
     * in it. */
    json_t *json = (json_t *)(uintptr_t)object;
    void *iter = json_object_iter(json);

    while (iter != NULL && fn(ctx, json_object_iter_key(iter),
                              from_jansson(json_object_iter_value(iter)))) {
        iter = json_object_iter_next(json, iter);
    }
}

struct vlt_slice
vlt_json_text_of(const struct vlt_json *node)
{
    const json_t *json = to_jansson(node);

    return vlt_slice_of(json_string_value(json), json_string_length(json));
}

int64_t
vlt_json_int_of(const struct vlt_json *node)
{
    return json_integer_value(to_jansson(node));
}

double
vlt_json_number_of(const struct vlt_json *node)
{
    return json_number_value(to_jansson(node));
}

bool
vlt_json_bool_of(const struct vlt_json *node)
{
    return json_is_true(to_jansson(node));
}
