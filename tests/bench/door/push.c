/*
 * What comes to subscribers: one row a frame, and as many as a page has.
 *
 * A grant's every_s is 1 at least, so a burst gives every stream one frame, or
 * one page of many rows, and the next has to wait.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../bench.h"
#include "../limits/meter.h"
#include "base/id.h"
#include "base/time.h"
#include "crypto/random.h"
#include "rpc.h"
#include "watch.h"

enum {
    TEXT = 198,        /* that make a frame of DOOR_FRAME bytes */
    FLOW_STREAMS = 16, /* of DOOR_STREAMS */
    FLOW_ROWS = 4000,  /* at once */
    FLOW_WINDOW = 8,   /* calls that a session may have under way */
    NAME = 32,
    CALL = 64,
};

/* One row to each stream, in one batch. */
static void
append_texts(struct watch *watch)
{
    struct vlt_buf text = { 0 };
    char word[TEXT + 1];

    memset(word, 'x', TEXT);
    word[TEXT] = '\0';
    vlt_buf_put_text(&text, "\"streams\":[");
    for (int i = 0; i < DOOR_STREAMS; i++) {
        vlt_buf_printf(&text,
                       "%s{\"stream\":\"push/%03d\",\"rows\":[[%" PRId64
                       ",\"%s\"]]}",
                       i > 0 ? "," : "", i, bench_utc() - 1, word);
    }
    vlt_buf_put_text(&text, "]");
    (void)rpc_call(&watch->owner, "data.append", true, vlt_buf_text(&text));
    vlt_buf_free(&text);
}

/* Ask a bare server for as many frames on each line. */
static void
ask_bare(struct watch *watch)
{
    char text[CALL];
    int len =
        snprintf(text, sizeof text, "push %d %d", DOOR_STREAMS, DOOR_FRAME);

    for (size_t i = 0; i < watch->lines; i++) {
        line_send(&watch->line[i], LINE_TEXT, vlt_slice_of(text, (size_t)len));
    }
}

void
door_push(const struct house *house, char **args)
{
    int64_t most = bench_number(args, 0, 1, BENCH_MS_MAX) * BENCH_MS;
    int64_t begun = bench_now();
    int64_t spent = 0;
    struct watch watch;

    watch_open(&watch, house, DOOR_SUBSCRIBERS, args[1], "push/**");
    uint64_t burst = DOOR_STREAMS * watch.lines;

    do {
        int64_t from = bench_now();

        if (house->bare) {
            ask_bare(&watch);
        } else {
            append_texts(&watch);
        }
        watch_frames(&watch, watch.frames + burst);
        spent += bench_now() - from;
        watch_rest(&watch, DOOR_STREAMS);
    } while (bench_now() - begun < most);
    bench_rate("frames", (double)watch.frames, spent);
    watch_close(&watch);
}

/* ---- many rows at once ---- */

static void
fill(struct vlt_rows *rows, int64_t until)
{
    vlt_rows_clear(rows);
    for (uint64_t i = 0; i < FLOW_ROWS; i++) {
        int64_t before = (int64_t)(FLOW_ROWS - i);

        if (vlt_rows_add(rows, until - before * (VLT_SECOND / 1000000)) !=
            VLT_OK) {
            bench_die("out of memory", 0);
        }
        vlt_rows_set(rows, 0, vlt_bits_of(meter_power(i)));
    }
}

void
door_flow(const struct house *house, char **args)
{
    int64_t most = bench_number(args, 0, 1, BENCH_MS_MAX) * BENCH_MS;
    struct vlt_rows *rows = meter_rows();
    int64_t begun = bench_now();
    int64_t spent = 0;
    struct watch watch;

    watch_open(&watch, house, DOOR_SUBSCRIBERS, args[1], "flow/**");
    uint64_t burst = (uint64_t)FLOW_STREAMS * FLOW_ROWS * watch.lines;

    do {
        fill(rows, bench_utc());
        int64_t from = bench_now();

        for (int i = 0; i < FLOW_STREAMS; i++) {
            char name[NAME];

            (void)snprintf(name, sizeof name, "flow/%03d", i);
            if (i >= FLOW_WINDOW) {
                watch_answers(&watch, 1);
            }
            watch_append(&watch, name, rows);
        }
        watch_rows(&watch, watch.rows + burst);
        spent += bench_now() - from;
        watch_answers(&watch, FLOW_WINDOW);
        watch_rest(&watch, FLOW_STREAMS);
    } while (bench_now() - begun < most);
    bench_rate("rows", (double)watch.rows, spent);
    watch_close(&watch);
    vlt_rows_free(rows);
}
