#include "json/json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum {
    TEXT_MAX = 4096,
    DEPTH_MAX = 16,
};

static void
must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static struct vlt_json *
parsed(struct vlt_slice text)
{
    struct vlt_json_fault fault;
    struct vlt_json *json = NULL;

    if (vlt_json_parse(text, TEXT_MAX, DEPTH_MAX, &fault, &json) != VLT_OK) {
        must(json == NULL && fault.line >= 1 && fault.column >= 1);
        must(fault.byte <= text.len && strlen(fault.says) > 0);
    }
    return json;
}

/* What prints must parse to what prints the same. */
static void
try_print(const struct vlt_json *json, bool sorted)
{
    struct vlt_buf once = { 0 };
    struct vlt_buf twice = { 0 };
    struct vlt_json *again = NULL;

    vlt_json_print(json, sorted, &once);
    must(vlt_json_parse(vlt_buf_slice(&once), 16 * TEXT_MAX, DEPTH_MAX, NULL,
                        &again) == VLT_OK);
    vlt_json_print(again, sorted, &twice);
    must(vlt_slice_equal(vlt_buf_slice(&once), vlt_buf_slice(&twice)));
    vlt_json_free(again);
    vlt_buf_free(&once);
    vlt_buf_free(&twice);
}

static void
read_item(struct vlt_walk *outer, const struct vlt_json *list, size_t i)
{
    struct vlt_walk walk;
    uint8_t id[16];

    vlt_walk_item(&walk, outer, "items", list, i);
    vlt_walk_time_or(&walk, "at", 0);
    vlt_walk_bool_or(&walk, "live", false);
    if (vlt_walk_has(&walk, "id")) {
        vlt_walk_ulid(&walk, "id", id);
    }
    (void)!vlt_walk_end(&walk);
}

static void
try_walk(const struct vlt_json *json)
{
    static const char *const words[] = { "asc", "desc", NULL };
    struct vlt_slice none = { 0 };
    struct vlt_walk walk;
    struct vlt_walk inner;

    vlt_walk_begin(&walk, json);
    must(vlt_walk_text_or(&walk, "name", 1, 8, none).len <= 8);
    int64_t count = vlt_walk_int_or(&walk, "count", -5, 5, 0);

    must(count >= -5 && count <= 5);
    must(vlt_walk_word_or(&walk, "order", words, 0) <= 1);
    if (vlt_walk_has(&walk, "scope")) {
        vlt_walk_into(&inner, &walk, "scope");
        vlt_walk_text(&inner, "unit", 0, 4);
        (void)!vlt_walk_end(&inner);
    }
    if (vlt_walk_has(&walk, "items")) {
        const struct vlt_json *list = vlt_walk_list(&walk, "items", 0, 4);

        for (size_t i = 0; i < vlt_json_count(list); i++) {
            read_item(&walk, list, i);
        }
    }
    must((vlt_walk_end(&walk) == VLT_OK) == (walk.says[0] == 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    vlt_json_own_memory(); /* as the daemon reads what is sent to it */
    struct vlt_json *json = parsed(vlt_slice_of(bytes, len));

    if (json == NULL) {
        return 0;
    }
    try_walk(json);
    try_print(json, false);
    try_print(json, true);
    vlt_json_free(json);
    return 0;
}
