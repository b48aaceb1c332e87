#include "send.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../bench.h"
#include "../line.h"
#include "net/tls.h"
#include "wire/page.h"
#include "json/json_write.h"

enum { PIECE = 16384 };

struct sender {
    SSL *ssl;
    pid_t reader;
    struct vlt_buf text;
    uint64_t rows;
};

/* ---- the other end ---- */

_Noreturn static void
read_all(uint16_t port)
{
    struct line_place place = { .context = line_context(), .port = port };
    static uint8_t piece[PIECE];
    struct line line;

    line_bare(&line, &place);
    while (SSL_read(line.ssl, piece, sizeof piece) > 0) {
    }
    _exit(0);
}

static int
listen_somewhere(uint16_t *port)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 ||
        listen(fd, 1) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &len) != 0) {
        bench_die("no place to listen", errno);
    }
    *port = ntohs(at.sin_port);
    return fd;
}

static void
begin(struct sender *sender)
{
    struct tls_names names = { .address = NULL };
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    uint16_t port;
    int on = 1;
    int listener = listen_somewhere(&port);

    sender->reader = fork();
    if (sender->reader == 0) {
        read_all(port);
    }
    int fd = accept(listener, NULL, NULL);

    (void)close(listener);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (context == NULL || tls_set_up(context, &names) != VLT_OK) {
        bench_die("no TLS", 0);
    }
    sender->ssl = SSL_new(context);
    SSL_CTX_free(context);
    if (sender->reader < 0 || fd < 0 || sender->ssl == NULL ||
        SSL_set_fd(sender->ssl, fd) != 1 || SSL_accept(sender->ssl) != 1) {
        bench_die("no reader", errno);
    }
}

static void
end(struct sender *sender)
{
    (void)close(SSL_get_fd(sender->ssl));
    SSL_free(sender->ssl);
    (void)waitpid(sender->reader, NULL, 0);
    vlt_buf_free(&sender->text);
}

/* ---- rows ---- */

static void
print_and_send(void *ctx, const struct vlt_rows *rows)
{
    static const uint8_t id = 0; /* of the meter's column */
    struct vlt_page_order order = { .ids = &id, .count = 1 };
    struct sender *sender = ctx;
    struct vlt_json_out json;

    vlt_buf_clear(&sender->text);
    json = vlt_json_out(&sender->text);
    vlt_page_put(&json, NULL, rows, vlt_rows_all(rows), &order);
    if (vlt_buf_failed(&sender->text)) {
        bench_die("out of memory", 0);
    }
    for (size_t at = 0; at < sender->text.len; at += PIECE) {
        size_t left = sender->text.len - at;
        int len = (int)(left < PIECE ? left : PIECE);

        if (SSL_write(sender->ssl, sender->text.at + at, len) != len) {
            bench_die("cannot send", errno);
        }
    }
    sender->rows += vlt_rows_count(rows);
}

double
send_rows(struct pipeline *p, int64_t ms)
{
    struct sender sender = { .rows = 0 };

    begin(&sender);
    int64_t from = bench_now();
    int64_t now = from;

    while (now - from < ms * BENCH_MS) {
        pipeline_each(p, print_and_send, &sender);
        now = bench_now();
    }
    end(&sender);
    return (double)sender.rows * 1e9 / (double)(now - from);
}
