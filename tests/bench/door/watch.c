#include "watch.h"

#include <errno.h>
#include <inttypes.h>

#include "../bench.h"
#include "ask.h"
#include "base/id.h"
#include "crypto/random.h"
#include "rpc.h"
#include "wire/block.h"
#include "wire/frame.h"

enum {
    GUARD_MS = 60000,
    REST_MS = 1100, /* a grant has every_s 1 */
};

struct vlt_slice
watch_subscribe(const struct house *house, size_t firm, struct line *line,
                const char *streams)
{
    struct ask ask = { .method = "data.subscribe",
                       .grant = house->grants[firm].live,
                       .streams = streams,
                       .more = ",\"credit\":1024" };
    struct line_frame frame;

    ask_send(line, &ask);
    do {
        line_wait(line, &frame);
    } while (!rpc_answers(&frame));
    return vlt_slice_of(frame.at, frame.len);
}

void
watch_open(struct watch *watch, const struct house *house, size_t lines,
           const char *socket, const char *streams)
{
    *watch = (struct watch){ .house = house, .lines = lines };
    for (size_t i = 0; i < lines; i++) {
        firm_connect(house, i / FIRM_LINES, &watch->line[i]);
        if (!house->bare) {
            (void)watch_subscribe(house, i / FIRM_LINES, &watch->line[i],
                                  streams);
        }
        watch->polled[i] =
            (struct pollfd){ .fd = watch->line[i].fd, .events = POLLIN };
    }
    if (!house->bare) {
        line_unix(&watch->owner, socket);
    }
}

void
watch_close(struct watch *watch)
{
    for (size_t i = 0; i < watch->lines; i++) {
        line_close(&watch->line[i]);
    }
    if (!watch->house->bare) {
        line_close(&watch->owner);
    }
}

static void
take(struct watch *watch, struct line *line)
{
    struct line_frame frame;
    struct ask_page page;

    line_read(line);
    while (line_next(line, &frame)) {
        if (watch->house->bare) {
            watch->frames++;
        } else if (ask_page(&frame, &page)) {
            watch->frames++;
            watch->rows += page.rows;
        }
    }
}

static void
turn(struct watch *watch)
{
    if (poll(watch->polled, (nfds_t)watch->lines, GUARD_MS) <= 0) {
        bench_die("no page came", errno);
    }
    for (size_t i = 0; i < watch->lines; i++) {
        if (watch->polled[i].revents != 0) {
            take(watch, &watch->line[i]);
        }
    }
}

void
watch_frames(struct watch *watch, uint64_t frames)
{
    while (watch->frames < frames) {
        turn(watch);
    }
}

void
watch_rows(struct watch *watch, uint64_t rows)
{
    while (watch->rows < rows) {
        turn(watch);
    }
}

void
watch_append(struct watch *watch, const char *stream,
             const struct vlt_rows *rows)
{
    struct vlt_frame frame = { .kind = VLT_FRAME_APPEND,
                               .flags = VLT_FRAME_FINAL,
                               .ref = ++watch->calls,
                               .seq = 1 };
    struct vlt_buf text = { 0 };
    uint8_t head[VLT_FRAME_HEAD];
    uint8_t id[VLT_ID_LEN];
    char idem[VLT_ULID_TEXT];

    vlt_ulid_new(bench_utc(), id);
    vlt_buf_printf(&text,
                   "{\"jsonrpc\":\"2.0\",\"id\":%" PRIu64
                   ",\"method\":\"data.append\",\"params\":{\"idem\":\"%s\","
                   "\"block\":\"%s\"}}",
                   frame.ref, vlt_ulid_print(id, idem), stream);
    line_send(&watch->owner, LINE_TEXT, vlt_buf_slice(&text));
    vlt_buf_clear(&text);
    vlt_frame_encode_head(&frame, head);
    vlt_buf_put(&text, head, sizeof head);
    if (vlt_block_encode(rows, vlt_rows_all(rows), 0, &text) != VLT_OK) {
        bench_die("a block cannot be made", 0);
    }
    line_send(&watch->owner, LINE_BINARY, vlt_buf_slice(&text));
    vlt_buf_free(&text);
}

void
watch_answers(struct watch *watch, size_t count)
{
    struct line_frame frame;

    while (count > 0) {
        line_wait(&watch->owner, &frame);
        count -= rpc_answers(&frame);
    }
}

void
watch_rest(struct watch *watch, unsigned pages)
{
    if (watch->house->bare) {
        return;
    }
    for (size_t i = 0; i < watch->lines; i++) {
        ask_credit(&watch->line[i], pages);
    }
    (void)poll(NULL, 0, REST_MS);
}
