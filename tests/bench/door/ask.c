#include "ask.h"

#include <string.h>

#include "../bench.h"
#include "base/writer.h"
#include "rpc.h"
#include "wire/block.h"
#include "wire/frame.h"

enum {
    FRONT = 48,       /* within which a page of JSON says that it is one */
    BACK = 32,        /* and within which it says that it is the last */
    SUBSCRIPTION = 1, /* the only one of a session */
};

void
ask_send(struct line *line, const struct ask *ask)
{
    struct vlt_buf text = { 0 };

    vlt_buf_printf(&text,
                   "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":"
                   "{\"grant\":\"%s\",\"streams\":[\"%s\"]%s}}",
                   ask->method, ask->grant, ask->streams, ask->more);
    line_send(line, LINE_TEXT, vlt_buf_slice(&text));
    vlt_buf_free(&text);
}

void
ask_credit(struct line *line, unsigned pages)
{
    struct vlt_buf text = { 0 };

    vlt_buf_printf(&text,
                   "{\"jsonrpc\":\"2.0\",\"method\":\"flow.credit\","
                   "\"params\":{\"ref\":%d,\"pages\":%u}}",
                   SUBSCRIPTION, pages);
    line_send(line, LINE_TEXT, vlt_buf_slice(&text));
    vlt_buf_free(&text);
}

/* Rows are lists within one list; a number holds no bracket. */
static uint64_t
rows_of_json(const struct line_frame *frame)
{
    uint64_t lists = 0;

    for (size_t i = 0; i < frame->len; i++) {
        lists += frame->at[i] == '[';
    }
    return lists - 1;
}

static bool
json_page(const struct line_frame *frame, struct ask_page *out)
{
    size_t front = frame->len < FRONT ? frame->len : FRONT;
    size_t back = frame->len < BACK ? frame->len : BACK;

    if (line_behind(vlt_slice_of(frame->at, front), "\"data.page\"") == 0) {
        return false;
    }
    *out = (struct ask_page){
        .rows = rows_of_json(frame),
        .final = line_behind(vlt_slice_of(frame->at + frame->len - back, back),
                             "\"final\":true") != 0,
    };
    return true;
}

bool
ask_page(const struct line_frame *frame, struct ask_page *out)
{
    struct vlt_frame page;
    struct vlt_block_head head;

    if (frame->opcode == LINE_TEXT) {
        return json_page(frame, out) || (rpc_answers(frame) && false);
    }
    if (vlt_frame_decode(vlt_slice_of(frame->at, frame->len), &page) !=
            VLT_OK ||
        vlt_block_peek(page.block, NULL, &head) != VLT_OK) {
        bench_die("no page", 0);
    }
    *out = (struct ask_page){ .ordinal = head.ordinal,
                              .rows = head.rows,
                              .final = (page.flags & VLT_FRAME_FINAL) != 0 };
    return true;
}

uint64_t
ask_pages(struct line *line)
{
    struct ask_page page = { .final = false };
    struct line_frame frame;
    uint64_t rows = 0;

    while (!page.final) {
        line_wait(line, &frame);
        if (ask_page(&frame, &page)) {
            rows += page.rows;
        }
    }
    return rows;
}
