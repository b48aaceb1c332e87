#define _GNU_SOURCE /* memmem() */

#include "line.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bench.h"

enum {
    FINAL = 0x80,
    OPCODE = 0x0f,
    MASKED = 0x80,
    LEN16 = 126,
    LEN64 = 127,
    PING = 9,
    PONG = 10,
    HEAD = 14,      /* of a masked frame, at most */
    ROOM = 1 << 16, /* that a read is given */
    HOST = 64,
};

static const char upgrade[] = "GET / HTTP/1.1\r\n"
                              "Host: %s\r\n"
                              "Upgrade: websocket\r\n"
                              "Connection: Upgrade\r\n"
                              "Sec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                              "Sec-WebSocket-Protocol: vault.v1\r\n\r\n";

size_t
line_behind(struct vlt_slice bytes, const char *text)
{
    size_t want = strlen(text);
    const uint8_t *found =
        bytes.len > 0 ? memmem(bytes.at, bytes.len, text, want) : NULL;

    return found == NULL ? 0 : (size_t)(found - bytes.at) + want;
}

static void
send_all(struct line *line, const uint8_t *at, size_t len)
{
    if (line->ssl != NULL) {
        if (SSL_write(line->ssl, at, (int)len) != (int)len) {
            bench_die("cannot send by TLS", errno);
        }
        return;
    }
    while (len > 0) {
        ssize_t sent = send(line->fd, at, len, MSG_NOSIGNAL);

        if (sent < 0) {
            bench_die("cannot send", errno);
        }
        at += sent;
        len -= (size_t)sent;
    }
}

/* One read into the room behind what is held; returns bytes. */
static size_t
receive(struct line *line)
{
    struct vlt_buf *in = &line->in;
    size_t had = in->len;
    uint8_t *at = vlt_buf_extend(in, ROOM);

    if (at == NULL) {
        bench_die("a frame is too large", 0);
    }
    ssize_t got = line->ssl != NULL ? SSL_read(line->ssl, at, ROOM)
                                    : recv(line->fd, at, ROOM, 0);

    if (got <= 0) {
        bench_die("the connection ended", got < 0 ? errno : 0);
    }
    in->len = had + (size_t)got;
    return (size_t)got;
}

void
line_read(struct line *line)
{
    struct vlt_buf *in = &line->in;

    if (line->taken > 0) {
        memmove(in->at, in->at + line->taken, in->len - line->taken);
        in->len -= line->taken;
        line->taken = 0;
    }
    (void)receive(line);
    /* What TLS has read ahead is seen by no poll(). */
    while (line->ssl != NULL && SSL_has_pending(line->ssl) != 0 &&
           in->len < LINE_FRAME_MAX / 2) {
        (void)receive(line);
    }
}

static void
be_upgraded(struct line *line, const char *host)
{
    char text[sizeof upgrade + HOST];
    int len = snprintf(text, sizeof text, upgrade, host);
    size_t head = 0;

    send_all(line, (const uint8_t *)text, (size_t)len);
    while (head == 0) {
        line_read(line);
        head = line_behind(vlt_buf_slice(&line->in), "\r\n\r\n");
    }
    if (line_behind(vlt_slice_of(line->in.at, head), "HTTP/1.1 101") == 0) {
        fprintf(stderr, "%.*s", (int)head, (const char *)line->in.at);
        bench_die("no upgrade", 0);
    }
    line->taken = head;
}

static void
begin(struct line *line, int domain)
{
    *line = (struct line){ .fd = socket(domain, SOCK_STREAM, 0) };
    if (line->fd < 0) {
        bench_die("no socket", errno);
    }
    vlt_buf_init(&line->in, LINE_FRAME_MAX + ROOM);
    vlt_buf_init(&line->out, 0);
}

void
line_unix(struct line *line, const char *path)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    int len = snprintf(at.sun_path, sizeof at.sun_path, "%s", path);

    if (len < 0 || (size_t)len >= sizeof at.sun_path) {
        bench_die("the socket's path is too long", 0);
    }
    begin(line, AF_UNIX);
    if (connect(line->fd, (const struct sockaddr *)&at, sizeof at) != 0) {
        bench_die(path, errno);
    }
    be_upgraded(line, "localhost");
}

/* ---- TLS ---- */

SSL_CTX *
line_context(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());

    if (context == NULL ||
        SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
        SSL_CTX_set1_groups_list(context, "X25519:P-256") != 1) {
        bench_die("no TLS 1.3", 0);
    }
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    return context;
}

void
line_bare(struct line *line, const struct line_place *place)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons(place->port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int on = 1;

    begin(line, AF_INET);
    (void)setsockopt(line->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(line->fd, (const struct sockaddr *)&at, sizeof at) != 0) {
        bench_die("cannot connect", errno);
    }
    line->ssl = SSL_new(place->context);
    if (line->ssl == NULL || SSL_set_fd(line->ssl, line->fd) != 1 ||
        SSL_connect(line->ssl) != 1) {
        bench_die("no TLS", errno);
    }
}

void
line_tls(struct line *line, const struct line_place *place)
{
    char host[HOST];

    line_bare(line, place);
    (void)snprintf(host, sizeof host, "127.0.0.1:%u", place->port);
    be_upgraded(line, host);
}

void
line_close(struct line *line)
{
    SSL_free(line->ssl);
    (void)close(line->fd);
    vlt_buf_free(&line->in);
    vlt_buf_free(&line->out);
}

/* ---- frames ---- */

void
line_send(struct line *line, int opcode, struct vlt_slice message)
{
    uint8_t head[HEAD] = { (uint8_t)(FINAL | opcode) };
    size_t len = 2;

    if (message.len < LEN16) {
        head[1] = (uint8_t)(MASKED | message.len);
    } else {
        size_t bytes = message.len <= UINT16_MAX ? 2 : 8;

        head[1] = MASKED | (bytes == 2 ? LEN16 : LEN64);
        for (size_t i = 0; i < bytes; i++) {
            head[len++] =
                (uint8_t)((uint64_t)message.len >> (8 * (bytes - 1 - i)));
        }
    }
    vlt_buf_clear(&line->out);
    vlt_buf_put(&line->out, head, len + 4); /* and a mask of zeros */
    vlt_buf_put_slice(&line->out, message);
    if (vlt_buf_failed(&line->out)) {
        bench_die("out of memory", 0);
    }
    send_all(line, line->out.at, line->out.len);
}

/* A frame with its head at the front of what is left; 0: it is not whole. */
static size_t
frame_len(const uint8_t *at, size_t held, size_t *head)
{
    uint64_t len = held < 2 ? 0 : at[1];
    size_t more = len == LEN16 ? 2 : len == LEN64 ? 8 : 0;

    *head = 2 + more;
    if (held < *head) {
        return 0;
    }
    len = more == 0 ? len : 0;
    for (size_t i = 0; i < more; i++) {
        len = len << 8 | at[2 + i];
    }
    if (len > LINE_FRAME_MAX - HEAD) {
        bench_die("a frame is too large", 0);
    }
    return held >= *head + len ? *head + (size_t)len : 0;
}

bool
line_next(struct line *line, struct line_frame *out)
{
    for (;;) {
        const uint8_t *at = line->in.at + line->taken;
        size_t head;
        size_t len = frame_len(at, line->in.len - line->taken, &head);

        if (len == 0) {
            return false;
        }
        line->taken += len;
        *out = (struct line_frame){ .opcode = at[0] & OPCODE,
                                    .at = at + head,
                                    .len = len - head };
        if (out->opcode == LINE_TEXT || out->opcode == LINE_BINARY) {
            if ((at[0] & FINAL) == 0) {
                bench_die("a message is in pieces", 0);
            }
            return true;
        }
        if (out->opcode != PING) {
            bench_die("the other end closed", 0);
        }
        line_send(line, PONG, vlt_slice_of(out->at, out->len));
    }
}

void
line_wait(struct line *line, struct line_frame *out)
{
    while (!line_next(line, out)) {
        line_read(line);
    }
}
