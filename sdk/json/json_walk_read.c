#include "json/json_walk_internal.h"

#include <string.h>

#include "base/id.h"
#include "base/text.h"
#include "base/time.h"

/* Larger integers are written as text, since not every reader holds them. */
#define EXACT_MAX (INT64_C(1) << 53)

/* Ask for a member that may be absent: null is as good. */
static const struct vlt_json *
ask_optional(struct vlt_walk *walk, const char *name)
{
    const struct vlt_json *value = vlt_walk_ask(walk, name);

    return vlt_json_kind(value) == VLT_JSON_NULL ? NULL : value;
}

/* Ask for a member that must be there. */
static const struct vlt_json *
ask_required(struct vlt_walk *walk, const char *name)
{
    const struct vlt_json *value = vlt_walk_ask(walk, name);

    if (value == NULL && !vlt_walk_failed(walk)) {
        vlt_walk_fault(walk, name, "is missing");
    }
    return value;
}

static void
refuse_kind(struct vlt_walk *walk, const char *name,
            const struct vlt_json *value, const char *must_be)
{
    vlt_walk_fault(walk, name, "is %s, must be %s", vlt_walk_kind_word(value),
                   must_be);
}

static struct vlt_slice
read_text(struct vlt_walk *walk, const char *name, const struct vlt_json *value,
          size_t min, size_t max)
{
    struct vlt_slice text = vlt_json_text_of(value);

    if (vlt_json_kind(value) != VLT_JSON_TEXT) {
        refuse_kind(walk, name, value, "text");
    } else if (text.len < min || text.len > max) {
        vlt_walk_fault(walk, name, "is %zu bytes long, must be %zu to %zu",
                       text.len, min, max);
    } else {
        return text;
    }
    return (struct vlt_slice){ 0 };
}

struct vlt_slice
vlt_walk_text(struct vlt_walk *walk, const char *name, size_t min, size_t max)
{
    const struct vlt_json *value = ask_required(walk, name);

    return value != NULL ? read_text(walk, name, value, min, max)
                         : (struct vlt_slice){ 0 };
}

struct vlt_slice
vlt_walk_text_or(struct vlt_walk *walk, const char *name, size_t min,
                 size_t max, struct vlt_slice other)
{
    const struct vlt_json *value = ask_optional(walk, name);

    return value != NULL ? read_text(walk, name, value, min, max) : other;
}

/* An integer, as a number or as text that is beyond what a number holds. */
static bool
integer_of(const struct vlt_json *value, int64_t *out)
{
    int64_t read;

    if (vlt_json_kind(value) == VLT_JSON_INT) {
        *out = vlt_json_int_of(value);
        return true;
    }
    if (vlt_json_kind(value) != VLT_JSON_TEXT ||
        vlt_int_parse(vlt_json_text_of(value), &read) != VLT_OK ||
        (read >= -EXACT_MAX && read <= EXACT_MAX)) {
        return false;
    }
    *out = read;
    return true;
}

static int64_t
read_int(struct vlt_walk *walk, const char *name, const struct vlt_json *value,
         int64_t min, int64_t max)
{
    int64_t read;

    if (!integer_of(value, &read)) {
        refuse_kind(walk, name, value, "a whole number");
    } else if (read < min || read > max) {
        vlt_walk_fault(walk, name, "is %lld, must be %lld to %lld",
                       (long long)read, (long long)min, (long long)max);
    } else {
        return read;
    }
    return 0;
}

int64_t
vlt_walk_int(struct vlt_walk *walk, const char *name, int64_t min, int64_t max)
{
    const struct vlt_json *value = ask_required(walk, name);

    return value != NULL ? read_int(walk, name, value, min, max) : 0;
}

int64_t
vlt_walk_int_or(struct vlt_walk *walk, const char *name, int64_t min,
                int64_t max, int64_t other)
{
    const struct vlt_json *value = ask_optional(walk, name);

    return value != NULL ? read_int(walk, name, value, min, max) : other;
}

static bool
read_bool(struct vlt_walk *walk, const char *name, const struct vlt_json *value)
{
    if (vlt_json_kind(value) != VLT_JSON_BOOL) {
        refuse_kind(walk, name, value, "true or false");
        return false;
    }
    return vlt_json_bool_of(value);
}

bool
vlt_walk_bool(struct vlt_walk *walk, const char *name)
{
    const struct vlt_json *value = ask_required(walk, name);

    return value != NULL && read_bool(walk, name, value);
}

bool
vlt_walk_bool_or(struct vlt_walk *walk, const char *name, bool other)
{
    const struct vlt_json *value = ask_optional(walk, name);

    return value != NULL ? read_bool(walk, name, value) : other;
}

static enum vlt_status
time_of(const struct vlt_json *value, int64_t *out)
{
    int64_t ns;

    if (!integer_of(value, &ns)) {
        return vlt_time_parse(vlt_json_text_of(value), out);
    }
    if (ns < VLT_TIME_MIN || ns >= VLT_TIME_MAX) {
        return VLT_E_LIMIT;
    }
    *out = ns;
    return VLT_OK;
}

static int64_t
read_time(struct vlt_walk *walk, const char *name, const struct vlt_json *value)
{
    int64_t ns = 0;

    switch (time_of(value, &ns)) {
    case VLT_OK:
        return ns;
    case VLT_E_LIMIT:
        vlt_walk_fault(walk, name,
                       "is out of range, must be from 1823-11 to 2116-02");
        return 0;
    default:
        vlt_walk_fault(walk, name,
                       "is no time, must be RFC 3339 text or nanoseconds");
        return 0;
    }
}

int64_t
vlt_walk_time(struct vlt_walk *walk, const char *name)
{
    const struct vlt_json *value = ask_required(walk, name);

    return value != NULL ? read_time(walk, name, value) : 0;
}

int64_t
vlt_walk_time_or(struct vlt_walk *walk, const char *name, int64_t other)
{
    const struct vlt_json *value = ask_optional(walk, name);

    return value != NULL ? read_time(walk, name, value) : other;
}

void
vlt_walk_ulid(struct vlt_walk *walk, const char *name, uint8_t out[16])
{
    const struct vlt_json *value = ask_required(walk, name);

    memset(out, 0, VLT_ID_LEN);
    if (value != NULL &&
        vlt_ulid_parse(vlt_json_text_of(value), out) != VLT_OK) {
        vlt_walk_fault(walk, name, "is no ULID, must be 26 characters of it");
    }
}

/* "is not one of a, b, c", as far as there is room. */
static void
refuse_word(struct vlt_walk *walk, const char *name, const char *const *words)
{
    struct vlt_buf list = { 0 };

    for (size_t i = 0; words[i] != NULL; i++) {
        vlt_buf_put_text(&list, i > 0 ? ", " : "");
        vlt_buf_put_text(&list, words[i]);
    }
    const char *text = vlt_buf_text(&list);

    vlt_walk_fault(walk, name, "is not one of %s", text != NULL ? text : "");
    vlt_buf_free(&list);
}

static int
read_word(struct vlt_walk *walk, const char *name, const struct vlt_json *value,
          const char *const *words)
{
    struct vlt_slice text = vlt_json_text_of(value);

    if (vlt_json_kind(value) != VLT_JSON_TEXT) {
        refuse_kind(walk, name, value, "text");
        return 0;
    }
    for (int i = 0; words[i] != NULL; i++) {
        if (vlt_slice_is(text, words[i])) {
            return i;
        }
    }
    refuse_word(walk, name, words);
    return 0;
}

int
vlt_walk_word(struct vlt_walk *walk, const char *name, const char *const *words)
{
    const struct vlt_json *value = ask_required(walk, name);

    return value != NULL ? read_word(walk, name, value, words) : 0;
}

int
vlt_walk_word_or(struct vlt_walk *walk, const char *name,
                 const char *const *words, int other)
{
    const struct vlt_json *value = ask_optional(walk, name);

    return value != NULL ? read_word(walk, name, value, words) : other;
}

const struct vlt_json *
vlt_walk_list(struct vlt_walk *walk, const char *name, size_t min, size_t max)
{
    const struct vlt_json *value = ask_required(walk, name);
    size_t count = vlt_json_count(value);

    if (value == NULL) {
        return NULL;
    }
    if (vlt_json_kind(value) != VLT_JSON_LIST) {
        refuse_kind(walk, name, value, "a list");
        return NULL;
    }
    if (count < min || count > max) {
        vlt_walk_fault(walk, name, "has %zu items, must be %zu to %zu", count,
                       min, max);
        return NULL;
    }
    return value;
}

const struct vlt_json *
vlt_walk_any(struct vlt_walk *walk, const char *name)
{
    return vlt_walk_ask(walk, name);
}

void
vlt_walk_null(struct vlt_walk *walk, const char *name)
{
    const struct vlt_json *value = vlt_walk_ask(walk, name);

    if (vlt_json_kind(value) != VLT_JSON_NULL) {
        refuse_kind(walk, name, value, "null or absent");
    }
}
