/*
 * stream.erasures.
 */
#include <string.h>

#include "service/erase.h"
#include "service/noun_internal.h"
#include "wire/limits.h"
#include "json/json_write.h"

struct list {
    uint64_t limit;
    bool after; /* there is a cursor: only those with smaller ids */
    uint8_t cursor[VLT_ID_LEN];
    struct vlt_json_out json;
    uint64_t count;
    bool more;
};

enum vlt_status
erasures_check(struct call *call, struct vlt_walk *params)
{
    struct list *list = call_state(call, sizeof *list);

    if (list == NULL) {
        return VLT_E_NOMEM;
    }
    list->limit = (uint64_t)vlt_walk_int_or(params, "limit", 1, VLT_LIMIT_LIST,
                                            VLT_LIMIT_LIST);
    list->after = noun_ulid(params, "cursor", list->cursor);
    return VLT_OK;
}

static bool
list_one(void *ctx, const struct series_erased *erased, const char *stream)
{
    struct list *list = ctx;

    if (list->after &&
        memcmp(erased->id, list->cursor, sizeof list->cursor) >= 0) {
        return true;
    }
    if (list->count == list->limit || list->json.buf->len > NOUN_ROOM) {
        list->more = true;
        return false;
    }
    vlt_put_object(&list->json, NULL);
    erase_put(&list->json, erased);
    if (stream != NULL) {
        vlt_put_text(&list->json, "stream", stream);
    } else {
        vlt_put_null(&list->json, "stream");
    }
    vlt_put_end(&list->json);
    memcpy(list->cursor, erased->id, sizeof list->cursor);
    list->count++;
    return true;
}

enum vlt_status
erasures_prepare(struct call *call)
{
    struct list *list = call->state;

    list->json = call_result(call);
    vlt_put_list(&list->json, "erasures");
    series_erasures(call->service->series, list_one, list);
    vlt_put_end(&list->json);
    if (list->more) {
        vlt_put_ulid(&list->json, "cursor", list->cursor);
    }
    vlt_put_end(&list->json);
    return vlt_buf_status(&call->result);
}
