#include "service/notices.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "util/lock.h"

struct kept {
    char *text; /* owned; NULL: none yet */
    bool asks;  /* for this request */
    uint8_t request[VLT_ID_LEN];
};

struct notices {
    struct lock *lock;
    size_t next; /* in the ring */
    struct kept at[NOTICES_KEPT];
};

enum vlt_status
notices_new(struct notices **out)
{
    struct notices *notices = calloc(1, sizeof *notices);
    enum vlt_status st =
        notices == NULL ? VLT_E_NOMEM : lock_new(&notices->lock);

    if (st != VLT_OK) {
        free(notices);
        return st;
    }
    *out = notices;
    return VLT_OK;
}

static void
forget(struct notices *notices)
{
    for (size_t i = 0; i < NOTICES_KEPT; i++) {
        free(notices->at[i].text);
        notices->at[i] = (struct kept){ .text = NULL };
    }
    notices->next = 0;
}

void
notices_free(struct notices *notices)
{
    if (notices != NULL) {
        forget(notices);
        lock_free(notices->lock);
        free(notices);
    }
}

void
notices_clear(struct notices *notices)
{
    lock_take(notices->lock);
    forget(notices);
    lock_drop(notices->lock);
}

void
notices_put(const struct guard_notice *notice, int64_t now, struct vlt_buf *out)
{
    struct vlt_json_out json = vlt_json_out(out);

    vlt_put_object(&json, NULL);
    vlt_put_time(&json, "time", now);
    vlt_put_text(&json, "kind", notice->kind);
    if (notice->subject != NULL) {
        vlt_put_ulid(&json, "subject", notice->subject);
    } else {
        vlt_put_null(&json, "subject");
    }
    vlt_put_text(&json, "says", notice->says);
    vlt_put_end(&json);
}

void
notices_add(struct notices *notices, const uint8_t request[VLT_ID_LEN],
            struct vlt_slice kept)
{
    struct kept one = { .text = vlt_text_copy(kept), .asks = request != NULL };

    if (one.text == NULL) {
        return;
    }
    if (request != NULL) {
        memcpy(one.request, request, sizeof one.request);
    }
    lock_take(notices->lock);
    free(notices->at[notices->next].text);
    notices->at[notices->next] = one;
    notices->next = (notices->next + 1) % NOTICES_KEPT;
    lock_drop(notices->lock);
}

void
notices_list(struct notices *notices, notices_waits_fn *waits, void *ctx,
             struct vlt_json_out *json)
{
    vlt_put_list(json, "notices");
    lock_take(notices->lock);
    for (size_t i = 1; i <= NOTICES_KEPT; i++) {
        const struct kept *one =
            &notices->at[(notices->next + NOTICES_KEPT - i) % NOTICES_KEPT];

        if (one->text != NULL && (!one->asks || waits(ctx, one->request))) {
            vlt_put_raw(json, NULL, vlt_slice_text(one->text));
        }
    }
    lock_drop(notices->lock);
    vlt_put_end(json);
}
