/*
 * bench_influx PORT write CONNECTIONS MS ROWS NAME: batches of ROWS lines a
 * second, on so many connections that wait; each writes a series of its own,
 * NAME,n=…, of the meter's rows from its first on.
 * bench_influx PORT fill CONNECTIONS TOTAL ROWS NAME: the same, until each
 * series has at least TOTAL rows; rows a second.
 * bench_influx PORT query CONNECTIONS MS TEXT: answers a second to a query,
 * which is percent-encoded.
 *
 * What is written for a time is made before the clock runs.
 *
 * InfluxDB 1's HTTP API, as raw as line.h is: a request is written, an answer
 * is read up to its end and not looked at but for its status.
 */
#define _GNU_SOURCE /* memmem() */

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "bench.h"
#include "limits/meter.h"
#include "stock.h"

enum {
    CONNECTIONS_MAX = 64,
    ROWS_MAX = 8192,
    ANSWER_MAX = 256 << 20,
    PIECE = 1 << 16,
    HEAD = 512,
    GUARD_MS = 60000,
    TOTAL_MAX = 1000000000,
    ARGS_QUERY = 6,
    ARGS_WRITE = 7,
};

struct load;

struct client {
    const struct load *load;
    int fd;
    unsigned number;
    uint64_t row;
    struct stock stock; /* of lines */
    struct vlt_buf out; /* of queries */
    struct vlt_buf in;
};

struct load {
    const char *name; /* of the series; NULL: query */
    const char *query;
    size_t rows;
    size_t count;
    struct client at[CONNECTIONS_MAX];
    struct pollfd polled[CONNECTIONS_MAX];
    uint64_t answered;
};

static void
dial(struct client *client, unsigned number, uint16_t port)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons(port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int on = 1;

    client->number = number;
    client->fd = socket(AF_INET, SOCK_STREAM, 0);
    vlt_buf_init(&client->in, ANSWER_MAX);
    (void)setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (client->fd < 0 ||
        connect(client->fd, (const struct sockaddr *)&at, sizeof at) != 0) {
        bench_die("cannot connect", errno);
    }
}

/* Lines of a batch; tenths are printed as the vault's client prints them. */
static void
make_lines(void *ctx, struct vlt_buf *out)
{
    struct client *client = ctx;
    const struct load *load = client->load;

    for (size_t i = 0; i < load->rows; i++, client->row++) {
        uint64_t tenths = (uint64_t)(meter_power(client->row) * 10 + 0.5);

        vlt_buf_printf(out,
                       "%s,n=%u value=%" PRIu64 ".%" PRIu64 " %" PRId64 "\n",
                       load->name, client->number, tenths / 10, tenths % 10,
                       meter_time(client->row));
    }
}

static void
send_all(const struct client *client, const uint8_t *bytes, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t sent = send(client->fd, bytes + at, len - at, MSG_NOSIGNAL);

        if (sent < 0) {
            bench_die("cannot send", errno);
        }
        at += (size_t)sent;
    }
}

/* Lines behind the head of their request. */
static void
write_lines(struct client *client)
{
    char head[STOCK_FRONT];
    size_t len;
    uint8_t *lines = stock_take(&client->stock, make_lines, client, &len);
    size_t front =
        (size_t)snprintf(head, sizeof head,
                         "POST /write?db=bench&precision=ns HTTP/1.1\r\n"
                         "Host: localhost\r\nContent-Length: %zu\r\n\r\n",
                         len);

    memcpy(lines - front, head, front);
    send_all(client, lines - front, front + len);
}

static void
query(const struct load *load, struct client *client)
{
    struct vlt_buf *out = &client->out;

    vlt_buf_clear(out);
    vlt_buf_printf(out,
                   "GET /query?db=bench&epoch=ns&q=%s HTTP/1.1\r\n"
                   "Host: localhost\r\n\r\n",
                   load->query);
    send_all(client, out->at, out->len);
}

static void
ask(const struct load *load, struct client *client)
{
    vlt_buf_clear(&client->in);
    if (load->name != NULL) {
        write_lines(client);
    } else {
        query(load, client);
    }
}

/* Is the whole answer here?  Its body is in chunks, or there is none. */
static bool
is_whole(const struct vlt_buf *in)
{
    static const char end[] = "\r\n0\r\n\r\n";
    size_t seen = in->len < HEAD ? in->len : HEAD;
    const void *head = memmem(in->at, seen, "\r\n\r\n", 4);

    if (head == NULL) {
        return false;
    }
    if (memcmp(in->at, "HTTP/1.1 204", 12) == 0) {
        return true;
    }
    if (memcmp(in->at, "HTTP/1.1 200", 12) != 0) {
        fprintf(stderr, "%.*s\n", (int)seen, (const char *)in->at);
        bench_die("InfluxDB refuses", 0);
    }
    return in->len > sizeof end && memcmp(in->at + in->len - (sizeof end - 1),
                                          end, sizeof end - 1) == 0;
}

static bool
take(struct client *client)
{
    struct vlt_buf *in = &client->in;
    size_t had = in->len;
    uint8_t *at = vlt_buf_extend(in, PIECE);

    if (at == NULL) {
        bench_die("an answer is too large", 0);
    }
    ssize_t got = recv(client->fd, at, PIECE, 0);

    if (got <= 0) {
        bench_die("the connection ended", got < 0 ? errno : 0);
    }
    in->len = had + (size_t)got;
    return is_whole(in);
}

static void
turn(struct load *load)
{
    if (poll(load->polled, load->count, GUARD_MS) <= 0) {
        bench_die("no answer came", errno);
    }
    for (size_t i = 0; i < load->count; i++) {
        if (load->polled[i].revents != 0 && take(&load->at[i])) {
            load->answered++;
            ask(load, &load->at[i]);
        }
    }
}

/* Until this time and the end of an answer, which comes in several pieces;
 * returns when that was. */
static int64_t
turns_until(struct load *load, int64_t until)
{
    int64_t now;
    uint64_t before;

    do {
        before = load->answered;
        turn(load);
        now = bench_now();
    } while (now < until || load->answered == before);
    return now;
}

/* The first tenth warms up. */
static void
measure(struct load *load, int64_t ms)
{
    int64_t begun = bench_now();
    int64_t from = turns_until(load, begun + ms * (BENCH_MS / 10));
    uint64_t before = load->answered;
    int64_t to = turns_until(load, begun + ms * BENCH_MS);

    bench_rate("answers", (double)(load->answered - before), to - from);
}

static void
fill(struct load *load, uint64_t total)
{
    uint64_t batches = (total + load->rows - 1) / load->rows * load->count;
    int64_t begun = bench_now();

    while (load->answered < batches) {
        turn(load);
    }
    bench_rate("rows", (double)(load->answered * load->rows),
               bench_now() - begun);
}

/* share: of lines that each has ready. */
static void
open_all(struct load *load, uint16_t port, struct stock_share share)
{
    for (size_t i = 0; i < load->count; i++) {
        struct client *client = &load->at[i];

        client->load = load;
        dial(client, (unsigned)i, port);
        stock_fill(&client->stock, share, make_lines, client);
        load->polled[i] = (struct pollfd){ .fd = client->fd, .events = POLLIN };
    }
    for (size_t i = 0; i < load->count; i++) {
        ask(load, &load->at[i]);
    }
}

int
main(int argc, char **argv)
{
    static struct load load;
    bool fills = argc == ARGS_WRITE && strcmp(argv[2], "fill") == 0;
    bool write = fills || (argc == ARGS_WRITE && strcmp(argv[2], "write") == 0);

    if (!write && (argc != ARGS_QUERY || strcmp(argv[2], "query") != 0)) {
        bench_die("usage: bench_influx PORT write|fill|query CONNECTIONS …", 0);
    }
    uint16_t port = (uint16_t)bench_number(argv, 1, 1, UINT16_MAX);
    int64_t length = bench_number(argv, 4, 1, fills ? TOTAL_MAX : BENCH_MS_MAX);

    load.count = (size_t)bench_number(argv, 3, 1, CONNECTIONS_MAX);
    if (write) {
        load.rows = (size_t)bench_number(argv, 5, 1, ROWS_MAX);
        load.name = argv[6];
    } else {
        load.query = argv[5];
    }
    struct stock_share none = { .bytes = 0 };

    open_all(&load, port,
             write && !fills ? stock_share(length, load.count, load.rows)
                             : none);
    if (fills) {
        fill(&load, (uint64_t)length);
    } else {
        measure(&load, length);
    }
    for (size_t i = 0; i < load.count; i++) {
        (void)close(load.at[i].fd);
        stock_free(&load.at[i].stock);
        vlt_buf_free(&load.at[i].out);
        vlt_buf_free(&load.at[i].in);
    }
    return 0;
}
