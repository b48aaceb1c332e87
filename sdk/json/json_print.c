#include "json/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "json/json_internal.h"

struct member {
    const char *name;
    const struct vlt_json *value;
};

/* An object's members on the way to the buffer. */
struct members {
    struct vlt_buf *out;
    bool sorted;
    size_t count;
    struct member *all; /* NULL: printed as they come */
};

static void
put_member(struct members *members, const char *name,
           const struct vlt_json *value)
{
    if (members->count > 0) {
        vlt_buf_put_u8(members->out, ',');
    }
    members->count++;
    vlt_json_put_string(members->out, vlt_slice_text(name));
    vlt_buf_put_u8(members->out, ':');
    vlt_json_print(value, members->sorted, members->out);
}

static bool
on_member(void *ctx, const char *name, const struct vlt_json *value)
{
    put_member(ctx, name, value);
    return true;
}

static bool
collect(void *ctx, const char *name, const struct vlt_json *value)
{
    struct members *members = ctx;

    members->all[members->count] = (struct member){ name, value };
    members->count++;
    return true;
}

static int
by_name(const void *a, const void *b)
{
    const struct member *one = a;
    const struct member *other = b;

    return strcmp(one->name, other->name);
}

static void
put_sorted(struct members *members, const struct vlt_json *object)
{
    size_t count = vlt_json_count(object);

    if (count == 0) {
        return;
    }
    members->all = calloc(count, sizeof *members->all);
    if (members->all == NULL) {
        members->out->failed = true;
        return;
    }
    vlt_json_each(object, collect, members);
    qsort(members->all, count, sizeof *members->all, by_name);
    members->count = 0;
    for (size_t i = 0; i < count; i++) {
        put_member(members, members->all[i].name, members->all[i].value);
    }
    free(members->all);
}

static void
put_object(const struct vlt_json *object, bool sorted, struct vlt_buf *out)
{
    struct members members = { .out = out, .sorted = sorted };

    vlt_buf_put_u8(out, '{');
    if (sorted) {
        put_sorted(&members, object);
    } else {
        vlt_json_each(object, on_member, &members);
    }
    vlt_buf_put_u8(out, '}');
}

static void
put_list(const struct vlt_json *list, bool sorted, struct vlt_buf *out)
{
    size_t count = vlt_json_count(list);

    vlt_buf_put_u8(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            vlt_buf_put_u8(out, ',');
        }
        vlt_json_print(vlt_json_item(list, i), sorted, out);
    }
    vlt_buf_put_u8(out, ']');
}

static void
put_int(int64_t value, struct vlt_buf *out)
{
    uint64_t size = value < 0 ? ~(uint64_t)value + 1 : (uint64_t)value;

    vlt_json_put_digits(out, value < 0, size);
}

/* With a point or an exponent, so that it stays a real when read again. */
static void
put_real(double value, struct vlt_buf *out)
{
    char text[VLT_DOUBLE_TEXT];

    vlt_buf_put_text(out, vlt_double_print(value, text));
    if (strpbrk(text, ".e") == NULL) {
        vlt_buf_put_text(out, ".0");
    }
}

/* As deep as the document, whose depth was limited when it was parsed. */
void
vlt_json_print(const struct vlt_json *node, bool sorted, struct vlt_buf *out)
{
    switch (vlt_json_kind(node)) {
    case VLT_JSON_NULL:
        vlt_buf_put_text(out, "null");
        break;
    case VLT_JSON_BOOL:
        vlt_buf_put_text(out, vlt_json_bool_of(node) ? "true" : "false");
        break;
    case VLT_JSON_INT:
        put_int(vlt_json_int_of(node), out);
        break;
    case VLT_JSON_REAL:
        put_real(vlt_json_number_of(node), out);
        break;
    case VLT_JSON_TEXT:
        vlt_json_put_string(out, vlt_json_text_of(node));
        break;
    case VLT_JSON_LIST:
        put_list(node, sorted, out);
        break;
    case VLT_JSON_OBJECT:
        put_object(node, sorted, out);
        break;
    }
}
