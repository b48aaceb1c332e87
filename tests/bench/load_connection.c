#include "load_connection.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "bench.h"
#include "crypto/random.h"
#include "wire/block.h"
#include "wire/frame.h"

enum {
    ANSWER = 80, /* bytes within which an answer is seen to be an error */
    PAD = 126,   /* of a call: all have a frame's head of one length */
    TENTHS = 100,
    DIGITS = 20,
};

struct load_connection *
load_connect(const char *path, const struct load_ask *ask, unsigned stream)
{
    struct load_connection *c = calloc(1, sizeof *c);

    if (c == NULL) {
        bench_die("out of memory", 0);
    }
    line_unix(&c->line, path);
    c->ask = ask;
    c->stream = stream;
    c->row_ns = bench_utc();
    c->rows = meter_rows();
    return c;
}

void
load_close(struct load_connection *c)
{
    line_close(&c->line);
    vlt_rows_free(c->rows);
    vlt_buf_free(&c->text);
    stock_free(&c->stock);
    free(c);
}

/* ---- calls ---- */

/* What is to be sent now, as text. */
static struct vlt_slice
text_of(const struct load_connection *c)
{
    if (vlt_buf_failed(&c->text)) {
        bench_die("out of memory", 0);
    }
    return vlt_buf_slice(&c->text);
}

/* The front of an append, up to what is appended. */
static void
put_append(struct load_connection *c)
{
    vlt_buf_printf(&c->text,
                   "{\"jsonrpc\":\"2.0\",\"id\":%" PRIu64
                   ",\"method\":\"data.append\",\"params\":{\"boot\":"
                   "\"%016" PRIx64 "\",\"seq\":%" PRIu64 ",",
                   c->asked, c->ask->boot, ++*c->ask->seq);
}

static void
put_stream(const struct load_connection *c, struct vlt_buf *out)
{
    vlt_buf_printf(out, "\"streams\":[{\"stream\":\"%s/%02u\",\"rows\":[",
                   c->ask->streams, c->stream);
}

/* One row of now; two in one tick of the clock are still two. */
static void
ask_append(struct load_connection *c)
{
    int64_t now = bench_utc();

    c->row_ns = now > c->row_ns ? now : c->row_ns + 1;
    put_append(c);
    put_stream(c, &c->text);
    vlt_buf_printf(&c->text, "[%" PRId64 ",%" PRIu64 ".%" PRIu64 "]]}]}}",
                   c->row_ns, c->asked % TENTHS + TENTHS, c->asked % 10);
}

/* printf() would be a fifth of what is measured. */
static char *
put_digits(char *end, uint64_t value)
{
    do {
        *--end = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return end;
}

/* [ns,tenths.tenth] and what stands before it. */
static void
put_row(struct vlt_buf *out, char before, int64_t ns, double watts)
{
    char text[2 * DIGITS + 4];
    char *end = text + sizeof text;
    uint64_t tenths = (uint64_t)(watts * 10 + 0.5);

    *--end = ']';
    *--end = (char)('0' + tenths % 10);
    *--end = '.';
    end = put_digits(end, tenths / 10);
    *--end = ',';
    end = put_digits(end, (uint64_t)ns);
    *--end = '[';
    if (before != '\0') {
        *--end = before;
    }
    vlt_buf_put(out, end, (size_t)(text + sizeof text - end));
}

/* What follows the front of an append of rows as JSON. */
static void
make_json(struct load_connection *c, struct vlt_buf *out)
{
    put_stream(c, out);
    for (size_t i = 0; i < c->ask->rows; i++, c->row++) {
        put_row(out, i > 0 ? ',' : '\0', meter_time(c->row),
                meter_power(c->row));
    }
    vlt_buf_put_text(out, "]}]}}");
}

static void
make_block(struct load_connection *c, struct vlt_buf *out)
{
    meter_fill(c->rows, c->row, c->ask->rows);
    c->row += c->ask->rows;
    if (vlt_block_encode(c->rows, vlt_rows_all(c->rows), 0, out) != VLT_OK) {
        bench_die("a block cannot be made", 0);
    }
}

static void
make_batch(void *ctx, struct vlt_buf *out)
{
    struct load_connection *c = ctx;

    if (c->ask->kind == LOAD_JSON) {
        make_json(c, out);
    } else {
        make_block(c, out);
    }
}

static bool
sends_batches(const struct load_connection *c)
{
    return c->ask->kind == LOAD_JSON || c->ask->kind == LOAD_BLOCKS;
}

void
load_stock(struct load_connection *c, struct stock_share share)
{
    if (sends_batches(c)) {
        stock_fill(&c->stock, share, make_batch, c);
    }
}

/* A batch behind the front of its call. */
static void
send_json(struct load_connection *c)
{
    size_t len;
    uint8_t *batch = stock_take(&c->stock, make_batch, c, &len);

    put_append(c);

    struct vlt_slice front = text_of(c);

    if (front.len > STOCK_FRONT) {
        bench_die("a call is too long", 0);
    }
    memcpy(batch - front.len, front.at, front.len);
    line_send(&c->line, LINE_TEXT,
              vlt_slice_of(batch - front.len, front.len + len));
}

/* A call, and the frame that it refers to. */
static void
send_block(struct load_connection *c)
{
    struct vlt_frame frame = { .kind = VLT_FRAME_APPEND,
                               .flags = VLT_FRAME_FINAL,
                               .ref = c->asked,
                               .seq = 1 };
    size_t len;
    uint8_t *block = stock_take(&c->stock, make_batch, c, &len);

    put_append(c);
    vlt_buf_printf(&c->text, "\"block\":\"%s/%02u\"}}", c->ask->streams,
                   c->stream);
    vlt_frame_encode_head(&frame, block - VLT_FRAME_HEAD);
    line_send(&c->line, LINE_TEXT, text_of(c));
    line_send(&c->line, LINE_BINARY,
              vlt_slice_of(block - VLT_FRAME_HEAD, VLT_FRAME_HEAD + len));
}

static void
ask_other(struct load_connection *c, const char *method)
{
    vlt_buf_printf(&c->text,
                   "{\"jsonrpc\":\"2.0\",\"id\":%" PRIu64
                   ",\"method\":\"data.%s\",\"params\":{\"streams\":"
                   "[\"%s/hour\"]}}%*s",
                   c->asked, method, c->ask->streams, PAD, "");
}

static void
send_other(struct load_connection *c)
{
    if (c->ask->kind == LOAD_APPEND) {
        ask_append(c);
    } else {
        ask_other(c, c->ask->kind == LOAD_LATEST ? "latest" : "query");
    }
    line_send(&c->line, LINE_TEXT, text_of(c));
}

void
load_send(struct load_connection *c)
{
    c->asked++;
    vlt_buf_clear(&c->text);
    if (c->ask->kind == LOAD_JSON) {
        send_json(c);
    } else if (c->ask->kind == LOAD_BLOCKS) {
        send_block(c);
    } else {
        send_other(c);
    }
}

/* ---- answers ---- */

/* Is this message the end of an answer? */
static bool
ends_answer(const struct load_connection *c, const struct line_frame *frame)
{
    struct vlt_frame page;
    size_t seen = frame->len < ANSWER ? frame->len : ANSWER;

    if (frame->opcode == LINE_BINARY) {
        if (vlt_frame_decode(vlt_slice_of(frame->at, frame->len), &page) !=
            VLT_OK) {
            bench_die("no page", 0);
        }
        return (page.flags & VLT_FRAME_FINAL) != 0;
    }
    if (line_behind(vlt_slice_of(frame->at, seen), "\"error\"") != 0) {
        fprintf(stderr, "%.*s\n", (int)frame->len, (const char *)frame->at);
        bench_die("a call was refused", 0);
    }
    return c->ask->kind != LOAD_QUERY;
}

void
load_take(struct load_connection *c)
{
    struct line_frame frame;

    line_read(&c->line);
    while (line_next(&c->line, &frame)) {
        c->answered += ends_answer(c, &frame);
    }
}
