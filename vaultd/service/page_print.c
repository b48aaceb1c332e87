/*
 * page_print: a page's message, as a frame of blocks or as JSON (a worker).
 */
#include "service/page_internal.h"
#include "service/shared.h"

#include "wire/block.h"
#include "wire/frame.h"
#include "wire/limits.h"
#include "wire/page.h"

/* Does the caller have to know that this does not simply follow?  (WIRE.md,
 * data.subscribe) */
static bool
behind_gap(const struct page *page)
{
    return page->lagged || page->withheld || page->reading->withheld;
}

static void
put_head(struct page *page)
{
    const struct reading *reading = page->reading;
    struct vlt_frame frame = {
        .kind = reading->live ? VLT_FRAME_LIVE : VLT_FRAME_PAGE,
        .flags = (uint16_t)((page->final ? VLT_FRAME_FINAL : 0) |
                            (page->late ? VLT_FRAME_LATE : 0) |
                            (behind_gap(page) ? VLT_FRAME_GAP : 0)),
        .ref = reading->ref,
        .seq = page->seq,
    };
    uint8_t head[VLT_FRAME_HEAD];

    vlt_frame_encode_head(&frame, head);
    vlt_buf_put(&page->frame, head, sizeof head);
}

/* Cells in the order of the series' columns, absent ones null. */
static void
put_rows(const struct page *page, const struct vlt_rows *rows,
         struct vlt_json_out *json, const char *name)
{
    const struct reading *reading = page->reading;
    struct stream_column columns[SERIES_COLUMNS_MAX];
    uint8_t ids[SERIES_COLUMNS_MAX];
    struct vlt_page_order order = { .ids = ids };

    if (page->index < reading->count &&
        series_columns(reading->streams[page->index].stream,
                       &reading->streams[page->index].want, &order.count,
                       columns) == VLT_OK) {
        for (size_t i = 0; i < order.count; i++) {
            ids[i] = columns[i].id;
        }
    }
    vlt_page_put(json, name, rows, vlt_rows_all(rows), &order);
}

/* The notification, with its rows where they are sent from: rows, or what was
 * printed of them into the body. */
static enum vlt_status
print_json(struct page *page, const struct vlt_rows *rows)
{
    struct vlt_json_out json =
        vlt_rpc_begin_notification(&page->frame, "data.page");

    vlt_put_object(&json, "params");
    vlt_put_uint(&json, "ref", page->reading->ref);
    vlt_put_uint(&json, "seq", page->seq);
    vlt_put_uint(&json, "ordinal", page->index);
    if (rows != NULL) {
        put_rows(page, rows, &json, "rows");
    } else {
        vlt_put_raw(&json, "rows", vlt_buf_slice(&page->body));
    }
    vlt_put_bool(&json, "final", page->final);
    if (page->late) {
        vlt_put_bool(&json, "late", true);
    }
    if (behind_gap(page)) {
        vlt_put_bool(&json, "gap", true);
    }
    vlt_put_end(&json);
    vlt_put_end(&json);
    return page->frame.len > VLT_LIMIT_TEXT ? VLT_E_LIMIT
                                            : vlt_buf_status(&page->frame);
}

/* A page's rows, as a block or as JSON, into out; what does not fit fails. */
static enum vlt_status
encode(const struct page *page, const struct vlt_rows *rows,
       struct vlt_buf *out)
{
    if (!page->reading->asked.json) {
        return vlt_block_encode(rows, vlt_rows_all(rows), (uint32_t)page->index,
                                out);
    }
    struct vlt_json_out json = vlt_json_out(out);

    put_rows(page, rows, &json, NULL);
    return vlt_buf_status(out);
}

static enum vlt_status
finish(struct page *page, enum vlt_status st)
{
    if (st == VLT_OK) {
        st = vlt_buf_status(&page->frame);
    }
    if (st == VLT_OK) {
        vlt_sha256_of(vlt_buf_slice(&page->frame), page->sha256);
    }
    return st;
}

enum vlt_status
page_print_body(struct page *page)
{
    size_t at = VLT_FRAME_HEAD;

    if (page->reading->asked.json) {
        return finish(page, print_json(page, NULL));
    }
    put_head(page);
    vlt_buf_put_slice(&page->frame, vlt_buf_slice(&page->body));
    if (!vlt_buf_failed(&page->frame)) {
        vlt_block_set_ordinal(page->frame.at + at, (uint32_t)page->index);
    }
    return finish(page, VLT_OK);
}

/* Where they are sent from. */
static enum vlt_status
print_in_place(struct page *page, const struct vlt_rows *rows)
{
    if (page->reading->asked.json) {
        enum vlt_status st = page_room_for(page, rows);

        return st == VLT_OK ? finish(page, print_json(page, rows)) : st;
    }
    put_head(page);
    return finish(page, encode(page, rows, &page->frame));
}

enum vlt_status
page_print(struct page *page, const struct vlt_rows *rows)
{
    bool live = page->reading->live;
    enum vlt_status st;

    if (!live && !page->apart) {
        return print_in_place(page, rows);
    }
    vlt_buf_clear(&page->body);
    st = encode(page, rows, &page->body);
    if (live && page->rows > 0) {
        shared_count(page->reading->service->shared, true);
    }
    return st == VLT_OK ? page_print_body(page) : st;
}
