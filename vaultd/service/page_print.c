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
         struct vlt_buf *out)
{
    const struct reading *reading = page->reading;
    struct vlt_json_out json = vlt_json_out(out);
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
    vlt_page_put(&json, NULL, rows, vlt_rows_all(rows), &order);
}

/* The notification around rows that are printed. */
static enum vlt_status
print_json(struct page *page, struct vlt_slice rows)
{
    struct vlt_json_out json;
    struct vlt_buf params;
    enum vlt_status st;

    vlt_buf_init(&params, VLT_LIMIT_TEXT);
    json = vlt_json_out(&params);
    vlt_put_object(&json, NULL);
    vlt_put_uint(&json, "ref", page->reading->ref);
    vlt_put_uint(&json, "seq", page->seq);
    vlt_put_uint(&json, "ordinal", page->index);
    vlt_put_raw(&json, "rows", rows);
    vlt_put_bool(&json, "final", page->final);
    if (page->late) {
        vlt_put_bool(&json, "late", true);
    }
    if (behind_gap(page)) {
        vlt_put_bool(&json, "gap", true);
    }
    vlt_put_end(&json);
    st = vlt_buf_status(&params);
    if (st == VLT_OK) {
        vlt_rpc_put_notification(&page->frame, "data.page",
                                 vlt_buf_slice(&params));
        st = vlt_buf_status(&page->frame);
    }
    vlt_buf_free(&params);
    return st;
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
    put_rows(page, rows, out);
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
        return finish(page, print_json(page, vlt_buf_slice(&page->body)));
    }
    put_head(page);
    vlt_buf_put_slice(&page->frame, vlt_buf_slice(&page->body));
    if (!vlt_buf_failed(&page->frame)) {
        vlt_block_set_ordinal(page->frame.at + at, (uint32_t)page->index);
    }
    return finish(page, VLT_OK);
}

/* Of a query a block is encoded where it goes. */
enum vlt_status
page_print(struct page *page, const struct vlt_rows *rows)
{
    enum vlt_status st;

    if (!page->reading->live && !page->reading->asked.json) {
        put_head(page);
        return finish(page, encode(page, rows, &page->frame));
    }
    vlt_buf_clear(&page->body);
    st = encode(page, rows, &page->body);
    if (page->reading->live && page->rows > 0) {
        shared_count(page->reading->service->shared, true);
    }
    return st == VLT_OK ? page_print_body(page) : st;
}
