#include "rpc.h"

#include <stdio.h>
#include <string.h>

#include "../bench.h"
#include "base/id.h"
#include "crypto/random.h"

enum {
    FRONT = 80, /* bytes within which a message is known */
    MEMBER = 64,
};

bool
rpc_answers(const struct line_frame *frame)
{
    struct vlt_slice front =
        vlt_slice_of(frame->at, frame->len < FRONT ? frame->len : FRONT);

    if (frame->opcode != LINE_TEXT) {
        return false;
    }
    if (line_behind(front, "\"error\":") != 0) {
        fprintf(stderr, "%.*s\n", (int)frame->len, (const char *)frame->at);
        bench_die("a call was refused", 0);
    }
    return line_behind(front, "\"id\":") != 0 &&
           line_behind(front, "\"result\":") != 0;
}

struct vlt_slice
rpc_call(struct line *line, const char *method, bool changes,
         const char *params)
{
    struct vlt_buf text = { 0 };
    struct line_frame frame;
    uint8_t id[VLT_ID_LEN];
    char idem[VLT_ULID_TEXT];

    vlt_buf_printf(&text, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",",
                   method);
    vlt_buf_put_text(&text, "\"params\":{");
    vlt_buf_put_text(&text, params);
    if (changes) {
        vlt_ulid_new(bench_utc(), id);
        vlt_buf_printf(&text, "%s\"idem\":\"%s\"", params[0] != '\0' ? "," : "",
                       vlt_ulid_print(id, idem));
    }
    vlt_buf_put_text(&text, "}}");
    line_send(line, LINE_TEXT, vlt_buf_slice(&text));
    vlt_buf_free(&text);
    do {
        line_wait(line, &frame);
    } while (!rpc_answers(&frame));
    return vlt_slice_of(frame.at, frame.len);
}

struct vlt_slice
rpc_text(struct vlt_slice answer, const char *member)
{
    char front[MEMBER];

    (void)snprintf(front, sizeof front, "\"%s\":\"", member);
    size_t from = line_behind(answer, front);
    const uint8_t *at = answer.at + from;
    const uint8_t *end = from > 0 ? memchr(at, '"', answer.len - from) : NULL;

    if (end == NULL) {
        fprintf(stderr, "%.*s\n", (int)answer.len, (const char *)answer.at);
        bench_die("an answer lacks a member", 0);
    }
    return vlt_slice_of(at, (size_t)(end - at));
}
