#include "load_connection.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/id.h"
#include "bench.h"
#include "crypto/random.h"

enum {
    FIN_TEXT = 0x81,
    FIN_BINARY = 0x82,
    MASKED = 0x80,
    LEN16 = 126,
    LEN64 = 127,
    HEAD = 8,       /* of a masked frame of 126 to 65,535 bytes */
    PAGE_FLAGS = 2, /* where a page of blocks has them */
    PAGE_FINAL = 1,
    ANSWER = 80, /* bytes within which an answer is seen to be an error */
    TENTHS = 100,
};

static const char upgrade[] = "GET / HTTP/1.1\r\n"
                              "Host: localhost\r\n"
                              "Upgrade: websocket\r\n"
                              "Connection: Upgrade\r\n"
                              "Sec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                              "Sec-WebSocket-Protocol: vault.v1\r\n\r\n";

static void
send_all(int fd, const void *at, size_t len)
{
    const char *from = at;

    while (len > 0) {
        ssize_t sent = send(fd, from, len, MSG_NOSIGNAL);

        if (sent < 0) {
            bench_die("cannot send", errno);
        }
        from += sent;
        len -= (size_t)sent;
    }
}

static void
receive(struct load_connection *c)
{
    ssize_t got = recv(c->fd, c->in + c->held, LOAD_IN - c->held, 0);

    if (got <= 0) {
        bench_die("the connection ended", got < 0 ? errno : 0);
    }
    c->held += (size_t)got;
}

static void
drop(struct load_connection *c, size_t len)
{
    c->held -= len;
    memmove(c->in, c->in + len, c->held);
}

/* Where text ends within the first len bytes at `at`; 0: not there. */
static size_t
behind(const uint8_t *at, size_t len, const char *text)
{
    size_t want = strlen(text);

    for (size_t i = 0; i + want <= len; i++) {
        if (memcmp(at + i, text, want) == 0) {
            return i + want;
        }
    }
    return 0;
}

static void
be_upgraded(struct load_connection *c)
{
    size_t head = 0;

    send_all(c->fd, upgrade, sizeof upgrade - 1);
    while (head == 0) {
        receive(c);
        head = behind(c->in, c->held, "\r\n\r\n");
    }
    if (behind(c->in, head, "HTTP/1.1 101") == 0) {
        bench_die("no upgrade", 0);
    }
    drop(c, head);
}

struct load_connection *
load_connect(const char *path, enum load_kind kind, unsigned stream)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    int len = snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    struct load_connection *c = calloc(1, sizeof *c);

    if (c == NULL || len < 0 || (size_t)len >= sizeof at.sun_path) {
        bench_die("no memory, or the socket's path is too long", 0);
    }
    c->fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (c->fd < 0 ||
        connect(c->fd, (const struct sockaddr *)&at, sizeof at) != 0) {
        bench_die(path, errno);
    }
    c->kind = kind;
    c->stream = stream;
    c->row_ns = bench_utc();
    be_upgraded(c);
    return c;
}

void
load_close(struct load_connection *c)
{
    (void)close(c->fd);
    free(c);
}

static int
write_append(struct load_connection *c, char *out)
{
    uint8_t id[VLT_ID_LEN];
    char idem[VLT_ULID_TEXT];
    int64_t now = bench_utc();

    /* Two in one tick of the clock are still two rows. */
    c->row_ns = now > c->row_ns ? now : c->row_ns + 1;
    vlt_ulid_new(now, id);
    return snprintf(
        out, LOAD_TEXT,
        "{\"jsonrpc\":\"2.0\",\"id\":%" PRIu64 ",\"method\":\"data.append\","
        "\"params\":{\"idem\":\"%s\",\"streams\":[{\"stream\":\"bench/%02u\","
        "\"rows\":[[%" PRId64 ",%" PRIu64 ".%" PRIu64 "]]}]}}",
        c->asked, vlt_ulid_print(id, idem), c->stream, c->row_ns,
        c->asked % TENTHS + TENTHS, c->asked % 10);
}

/* The text of one call, of more than LEN16 bytes; returns how many. */
static size_t
write_call(struct load_connection *c, char *out)
{
    int len;

    c->asked++;
    if (c->kind == LOAD_APPEND) {
        len = write_append(c, out);
    } else {
        len = snprintf(out, LOAD_TEXT,
                       "{\"jsonrpc\":\"2.0\",\"id\":%" PRIu64
                       ",\"method\":\"data.%s\",\"params\":{\"streams\":"
                       "[\"bench/hour\"]}}%*s",
                       c->asked, c->kind == LOAD_QUERY ? "query" : "latest",
                       LEN16, "");
    }
    if (len < LEN16 || len >= LOAD_TEXT) {
        bench_die("a call has no such length", 0);
    }
    return (size_t)len;
}

void
load_ask(struct load_connection *c)
{
    char frame[HEAD + LOAD_TEXT] = { 0 };
    size_t len = write_call(c, frame + HEAD);
    const unsigned char head[] = { FIN_TEXT, MASKED | LEN16,
                                   (unsigned char)(len >> 8),
                                   (unsigned char)len };

    memcpy(frame, head, sizeof head);
    send_all(c->fd, frame, HEAD + len);
}

/* Bytes of the frame at the front with its head, which has *head; 0: it is not
 * there as a whole. */
static size_t
frame_len(const struct load_connection *c, size_t *head)
{
    uint64_t len = c->held < 2 ? 0 : c->in[1];
    size_t more = len == LEN16 ? 2 : len == LEN64 ? 8 : 0;

    *head = 2 + more;
    if (c->held < *head) {
        return 0;
    }
    len = more == 0 ? len : 0;
    for (size_t i = 0; i < more; i++) {
        len = len << 8 | c->in[2 + i];
    }
    if (len > LOAD_IN - HEAD - 8) {
        bench_die("a frame is too large", 0);
    }
    return c->held >= *head + len ? *head + (size_t)len : 0;
}

/* Is this frame the end of an answer? */
static bool
ends_answer(const struct load_connection *c, size_t head, size_t len)
{
    size_t seen = len - head < ANSWER ? len - head : ANSWER;

    if (c->in[0] == FIN_BINARY) {
        return (c->in[head + PAGE_FLAGS] & PAGE_FINAL) != 0;
    }
    if (c->in[0] != FIN_TEXT) {
        bench_die("not a whole message", 0);
    }
    if (behind(c->in + head, seen, "\"error\"") != 0) {
        fprintf(stderr, "%.*s\n", (int)(len - head),
                (const char *)c->in + head);
        bench_die("a call was refused", 0);
    }
    return c->kind != LOAD_QUERY;
}

void
load_take(struct load_connection *c)
{
    size_t head;
    size_t len;

    receive(c);
    while ((len = frame_len(c, &head)) > 0) {
        c->answered += ends_answer(c, head, len);
        drop(c, len);
    }
}
