/* However bytes are cut, the same events come; no message is over its limit. */
#include <stdlib.h>
#include <string.h>

#include "net/ws_reader.h"

enum { EVENTS = 64 };

static const struct ws_limits limits = {
    .text = 1000, .binary = 2000, .fragments = 4, .too_large = 1009
};

struct seen {
    enum ws_kind kind;
    int code;
    size_t len;
    uint8_t last;
};

static size_t
read_all(const uint8_t *bytes, size_t len, size_t piece,
         struct seen out[EVENTS])
{
    struct ws_reader reader;
    size_t count = 0;

    ws_reader_init(&reader, &limits);
    for (size_t at = 0; at < len; at += piece) {
        struct vlt_slice left = { .at = bytes + at,
                                  .len = len - at < piece ? len - at : piece };

        while (left.len > 0) {
            struct ws_event event;

            ws_read(&reader, &left, &event);
            if (event.payload.len > limits.binary ||
                (event.kind == WS_TEXT && event.payload.len > limits.text)) {
                abort();
            }
            if (event.kind != WS_MORE && count < EVENTS) {
                struct vlt_slice p = event.payload;

                out[count++] = (struct seen){
                    .kind = event.kind,
                    .code = event.code,
                    .len = p.len,
                    .last = p.len > 0 ? p.at[p.len - 1] : 0,
                };
            }
        }
    }
    ws_reader_fini(&reader);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct seen whole[EVENTS];
    struct seen single[EVENTS];
    size_t count = read_all(bytes, len, len > 0 ? len : 1, whole);

    if (read_all(bytes, len, 1, single) != count) {
        abort();
    }
    for (size_t i = 0; i < count; i++) {
        if (whole[i].kind != single[i].kind ||
            whole[i].code != single[i].code || whole[i].len != single[i].len ||
            whole[i].last != single[i].last) {
            abort();
        }
    }
    return 0;
}
