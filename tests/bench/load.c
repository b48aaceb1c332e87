/*
 * load: connections that each send a message, wait for its answer, and so on.
 *
 * usage: load WHERE KIND CONNECTIONS SECONDS
 *   WHERE  path of vaultd's unix socket, or port of lws_echo on loopback
 *   KIND   append   one row a batch, each connection to bench/<its number>
 *          query    the stream bench/hour, whole, as blocks
 *          latest   the newest row of bench/hour
 * Prints the answers a second.  Frames are masked with zeros, so that the load
 * costs less than what it measures.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNECTIONS = 256,
    ROOM = 1 << 21, /* bytes of frames read and not used yet */
    TEXT = 512,     /* bytes of a message sent */
    WS_TEXT = 1,
    WS_BINARY = 2,
    FINAL_AT = 2, /* byte of a block frame whose bit 0 is FINAL */
};

struct link {
    int fd;
    unsigned number;
    uint64_t sent;
    uint8_t *in;
    size_t len;
};

struct load {
    const char *kind;
    struct link link[CONNECTIONS];
    unsigned count;
    uint64_t answers;
    int64_t first; /* time of the first row, ns */
};

static double
now(void)
{
    struct timespec at;

    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void
fail(const char *what)
{
    (void)fprintf(stderr, "load: %s\n", what);
    exit(1);
}

static int
dial(const char *where)
{
    struct sockaddr_un local = { .sun_family = AF_UNIX };
    struct sockaddr_in net = { .sin_family = AF_INET };
    bool path = strchr(where, '/') != NULL;
    int fd = socket(path ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
    int st;

    if (path) {
        (void)snprintf(local.sun_path, sizeof local.sun_path, "%s", where);
        st = connect(fd, (const void *)&local, sizeof local);
    } else {
        net.sin_port = htons((uint16_t)strtoul(where, NULL, 10));
        net.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        st = connect(fd, (const void *)&net, sizeof net);
    }
    if (fd < 0 || st != 0) {
        fail("cannot connect");
    }
    return fd;
}

static void
send_all(int fd, const void *data, size_t len)
{
    const uint8_t *at = data;

    while (len > 0) {
        ssize_t done = write(fd, at, len);

        if (done <= 0) {
            fail("the connection ended");
        }
        at += done;
        len -= (size_t)done;
    }
}

static void
open_link(struct link *link, const char *where)
{
    static const char ask[] =
        "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Protocol: vault.v1\r\n\r\n";
    char head[4096] = { 0 };
    size_t len = 0;

    link->fd = dial(where);
    link->in = malloc(ROOM);
    if (link->in == NULL) {
        fail("no memory");
    }
    send_all(link->fd, ask, sizeof ask - 1);
    while (strstr(head, "\r\n\r\n") == NULL) {
        if (len == sizeof head - 1 || read(link->fd, head + len, 1) != 1) {
            fail("no WebSocket there");
        }
        len++;
    }
}

/* A ULID of this process, connection and message. */
static void
print_idem(char out[27], const struct link *link)
{
    (void)snprintf(out, 27, "01%08u%04u%012llu", (unsigned)getpid() % 100000000,
                   link->number, (unsigned long long)link->sent);
}

static int
print_message(const struct load *load, const struct link *link, char *out)
{
    char idem[27];
    long long time = (long long)(load->first + (int64_t)link->sent * 1000000);

    print_idem(idem, link);
    if (strcmp(load->kind, "append") == 0) {
        return snprintf(
            out, TEXT,
            "{\"jsonrpc\":\"2.0\",\"id\":%llu,\"method\":\"data.append\","
            "\"params\":{\"idem\":\"%s\",\"streams\":[{\"stream\":\"bench/%u\","
            "\"rows\":[[%lld,%llu.5]]}]}}",
            (unsigned long long)link->sent, idem, link->number, time,
            (unsigned long long)(link->sent % 1000));
    }
    return snprintf(out, TEXT,
                    "{\"jsonrpc\":\"2.0\",\"id\":%llu,\"method\":\"data.%s\","
                    "\"params\":{\"streams\":[\"bench/hour\"]}}",
                    (unsigned long long)link->sent, load->kind);
}

static void
ask(const struct load *load, struct link *link)
{
    uint8_t frame[8 + TEXT] = { 0x80 | WS_TEXT, 0x80 | 126 };

    link->sent++;

    int len = print_message(load, link, (char *)frame + 8);

    if (len < 126 || len >= TEXT) {
        /* Short ones get blanks: one form of frame is enough. */
        memset(frame + 8 + len, ' ', 126);
        len += 126;
    }
    frame[2] = (uint8_t)(len >> 8);
    frame[3] = (uint8_t)len;
    send_all(link->fd, frame, 8 + (size_t)len);
}

/* Length of the frame at the front with its head, 0: not whole.  *head: of the
 * head alone. */
static size_t
frame_len(const struct link *link, size_t *head)
{
    const uint8_t *in = link->in;
    uint64_t len = link->len >= 2 ? in[1] : 0;
    size_t more = len == 126 ? 2 : len == 127 ? 8 : 0;

    *head = 2 + more;
    if (link->len < *head) {
        return 0;
    }
    if (more > 0) {
        len = 0;
    }
    for (size_t i = 0; i < more; i++) {
        len = len << 8 | in[2 + i];
    }
    if (len > ROOM - 16) {
        fail("a frame too large");
    }
    return link->len >= *head + len ? *head + (size_t)len : 0;
}

static bool
contains(const uint8_t *at, size_t len, const char *word)
{
    size_t count = strlen(word);

    for (size_t i = 0; i + count <= len; i++) {
        if (memcmp(at + i, word, count) == 0) {
            return true;
        }
    }
    return false;
}

/* Is this frame the end of an answer? */
static bool
ends_answer(const struct load *load, const uint8_t *frame, size_t head,
            size_t len)
{
    bool query = strcmp(load->kind, "query") == 0;
    int opcode = frame[0] & 15;

    if (opcode == WS_TEXT &&
        contains(frame + head, len - head < 80 ? len - head : 80,
                 "\"error\"")) {
        (void)fprintf(stderr, "%.*s\n", (int)(len - head),
                      (const char *)frame + head);
        fail("refused");
    }
    if (opcode == WS_BINARY) {
        return query && (frame[head + FINAL_AT] & 1) != 0;
    }
    return opcode == WS_TEXT && !query;
}

static void
take(struct load *load, struct link *link)
{
    ssize_t got = read(link->fd, link->in + link->len, ROOM - link->len);
    size_t head;
    size_t len;

    if (got <= 0) {
        fail("the connection ended");
    }
    link->len += (size_t)got;
    while ((len = frame_len(link, &head)) > 0) {
        bool end = ends_answer(load, link->in, head, len);

        link->len -= len;
        memmove(link->in, link->in + len, link->len);
        if (end) {
            load->answers++;
            ask(load, link);
        }
    }
}

static void
run(struct load *load, double seconds)
{
    struct pollfd fds[CONNECTIONS];
    double begin = now();

    for (unsigned i = 0; i < load->count; i++) {
        fds[i] = (struct pollfd){ load->link[i].fd, POLLIN, 0 };
        ask(load, &load->link[i]);
    }
    while (now() < begin + seconds) {
        if (poll(fds, load->count, 1000) <= 0) {
            fail("no answer for a second");
        }
        for (unsigned i = 0; i < load->count; i++) {
            if (fds[i].revents != 0) {
                take(load, &load->link[i]);
            }
        }
    }
    (void)printf("%.1f\n", (double)load->answers / (now() - begin));
}

int
main(int argc, char **argv)
{
    static struct load load;

    if (argc != 5 || strtoul(argv[3], NULL, 10) > CONNECTIONS) {
        (void)fprintf(stderr, "usage: load WHERE KIND CONNECTIONS SECONDS\n");
        return 2;
    }
    load.kind = argv[2];
    load.count = (unsigned)strtoul(argv[3], NULL, 10);
    load.first = (int64_t)time(NULL) * 1000000000;
    for (unsigned i = 0; i < load.count; i++) {
        load.link[i].number = i;
        open_link(&load.link[i], argv[1]);
    }
    run(&load, strtod(argv[4], NULL));
    return 0;
}
