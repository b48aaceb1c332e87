/*
 * fake_vault: a vault of a few lines in a child process, on a unix socket.
 *
 * It takes connections one after the other and gives each text message to a
 * function of the test's, until that says that the connection ends.  Whatever
 * breaks the WebSocket's rules ends the child with status 1.
 */
#ifndef FAKE_VAULT_H
#define FAKE_VAULT_H

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/id.h"
#include "client/accept.h"
#include "wire/block.h"
#include "wire/frame.h"
#include "wire/rpc.h"

enum { FAKE_MAX = 1 << 20 };

struct fake;

/* Bytes from and to the client: as recv() and send(). */
typedef ssize_t fake_get_fn(struct fake *fake, void *out, size_t len);
typedef ssize_t fake_put_fn(struct fake *fake, const void *bytes, size_t len);

struct fake {
    int fd;
    void *tls;        /* what get and put need */
    fake_get_fn *get; /* NULL: the socket itself */
    fake_put_fn *put;
    jmp_buf gone;   /* where to go on when the client has gone */
    int connection; /* counted from 0 */
    uint8_t *in;    /* one message */
};

/* False: the connection is closed. */
typedef bool fake_fn(struct fake *fake, const struct vlt_rpc *rpc);

static inline void
fake_read(struct fake *fake, void *out, size_t len)
{
    uint8_t *at = out;

    while (len > 0) {
        ssize_t got = fake->get != NULL ? fake->get(fake, at, len)
                                        : recv(fake->fd, at, len, 0);

        if (got <= 0) {
            longjmp(fake->gone, 1);
        }
        at += got;
        len -= (size_t)got;
    }
}

static inline void
fake_write(struct fake *fake, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;

    while (len > 0) {
        ssize_t put = fake->put != NULL ? fake->put(fake, at, len)
                                        : send(fake->fd, at, len, MSG_NOSIGNAL);

        if (put <= 0) {
            longjmp(fake->gone, 1);
        }
        at += put;
        len -= (size_t)put;
    }
}

/* A frame from the vault, which is not masked. */
static inline void
fake_frame(struct fake *fake, uint8_t opcode, const void *bytes, size_t len)
{
    uint8_t head[10] = { (uint8_t)(0x80 | opcode) };
    size_t head_len = 2;

    if (len < 126) {
        head[1] = (uint8_t)len;
    } else if (len < 65536) {
        head[1] = 126;
        head[2] = (uint8_t)(len >> 8);
        head[3] = (uint8_t)len;
        head_len = 4;
    } else {
        head[1] = 127;
        for (int i = 0; i < 8; i++) {
            head[2 + i] = (uint8_t)((uint64_t)len >> (56 - 8 * i));
        }
        head_len = 10;
    }
    fake_write(fake, head, head_len);
    fake_write(fake, bytes, len);
}

static inline void
fake_text(struct fake *fake, const char *text)
{
    fake_frame(fake, 1, text, strlen(text));
}

static inline void
fake_result(struct fake *fake, int64_t id, const char *result)
{
    static char text[FAKE_MAX];

    snprintf(text, sizeof text,
             "{\"jsonrpc\":\"2.0\",\"id\":%lld,\"result\":%s}", (long long)id,
             result);
    fake_text(fake, text);
}

/* error: the whole object. */
static inline void
fake_error(struct fake *fake, int64_t id, const char *error)
{
    char text[1024];

    snprintf(text, sizeof text,
             "{\"jsonrpc\":\"2.0\",\"id\":%lld,\"error\":%s}", (long long)id,
             error);
    fake_text(fake, text);
}

/* A page of one column of doubles, id 0: time and value of row i are
 * first + i.  Appended as the message that carries it. */
static inline void
fake_page_bytes(struct vlt_frame frame, int64_t first, size_t count,
                struct vlt_buf *message)
{
    struct vlt_field field = { .id = 0, .type = VLT_TYPE_F64 };
    struct vlt_schema schema = { &field, 1 };
    struct vlt_rows *rows = NULL;
    struct vlt_buf block = { 0 };
    enum vlt_status st = vlt_rows_new(&schema, &rows);

    for (size_t i = 0; i < count && st == VLT_OK; i++) {
        st = vlt_rows_add(rows, first + (int64_t)i);
        if (st == VLT_OK) {
            vlt_rows_set(rows, 0, vlt_bits_of((double)(first + (int64_t)i)));
        }
    }
    if (st == VLT_OK) {
        st = vlt_block_encode(rows, vlt_rows_all(rows), 0, &block);
    }
    frame.block = vlt_buf_slice(&block);
    if (st != VLT_OK || vlt_frame_encode(&frame, message) != VLT_OK) {
        _exit(1);
    }
    vlt_buf_free(&block);
    vlt_rows_free(rows);
}

static inline void
fake_page(struct fake *fake, struct vlt_frame frame, int64_t first,
          size_t count)
{
    struct vlt_buf message = { 0 };

    fake_page_bytes(frame, first, count, &message);
    fake_frame(fake, 2, message.at, message.len);
    vlt_buf_free(&message);
}

/* The next message; returns its opcode. */
static inline uint8_t
fake_next(struct fake *fake, size_t *len)
{
    uint8_t head[2];
    uint8_t more[8];
    uint8_t mask[4];

    fake_read(fake, head, 2);
    if ((head[0] & 0x80) == 0 || (head[1] & 0x80) == 0) {
        _exit(1); /* fragmented or not masked */
    }
    *len = head[1] & 0x7f;
    if (*len == 126) {
        fake_read(fake, more, 2);
        *len = (size_t)(more[0] << 8 | more[1]);
    } else if (*len == 127) {
        fake_read(fake, more, 8);
        *len = (size_t)more[5] << 16 | (size_t)more[6] << 8 | more[7];
    }
    if (*len > FAKE_MAX) {
        _exit(1);
    }
    fake_read(fake, mask, 4);
    fake_read(fake, fake->in, *len);
    for (size_t i = 0; i < *len; i++) {
        fake->in[i] ^= mask[i % 4];
    }
    return head[0] & 0x0f;
}

static inline void
fake_upgrade(struct fake *fake, const char *status)
{
    static const char key[] = "Sec-WebSocket-Key: ";
    char text[2048] = { 0 };
    char answer[512];
    char accept[VLT_UPGRADE_ACCEPT];
    struct vlt_buf nonce = { 0 };
    size_t len = 0;

    while (strstr(text, "\r\n\r\n") == NULL && len + 1 < sizeof text) {
        fake_read(fake, text + len++, 1);
    }
    char *at = strstr(text, key);

    if (at == NULL ||
        vlt_base64_get(vlt_slice_of(at + strlen(key), 24), &nonce) != VLT_OK ||
        strstr(text, "Sec-WebSocket-Protocol: vault.v1\r\n") == NULL ||
        vlt_upgrade_accept(nonce.at, accept) != VLT_OK) {
        _exit(1);
    }
    vlt_buf_free(&nonce);
    snprintf(answer, sizeof answer,
             status != NULL
                 ? "HTTP/1.1 %s\r\nRetry-After: 7\r\n\r\n%.0s"
                 : "HTTP/1.1 101 x%s\r\nUpgrade: websocket\r\nConnection: "
                   "Upgrade\r\nSec-WebSocket-Accept: %s\r\n"
                   "Sec-WebSocket-Protocol: vault.v1\r\n\r\n",
             status != NULL ? status : "", accept);
    fake_write(fake, answer, strlen(answer));
}

static inline void
fake_talk(struct fake *fake, fake_fn *fn)
{
    bool goes_on = true;

    while (goes_on) {
        struct vlt_json *document = NULL;
        struct vlt_rpc rpc;
        size_t len;
        uint8_t opcode = fake_next(fake, &len);

        if (opcode == 8) {
            return;
        }
        if (opcode != 1) {
            continue; /* a pong */
        }
        if (vlt_rpc_decode(vlt_slice_of(fake->in, len), &document, &rpc) !=
            VLT_OK) {
            _exit(1);
        }
        goes_on = fn(fake, &rpc);
        vlt_json_free(document);
    }
}

/* Begin to listen at path; the child answers every upgrade with status, or
 * takes it when that is NULL.  Returns the child. */
static inline pid_t
fake_start(const char *path, const char *status, fake_fn *fn)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    unlink(path);
    if (bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 ||
        listen(fd, 4) != 0) {
        abort();
    }
    pid_t child = fork();

    if (child != 0) {
        close(fd);
        return child;
    }
    /* A test that fails leaves no vault behind. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct fake *fake = calloc(1, sizeof *fake);

    fake->in = malloc(FAKE_MAX);

    for (;;) {
        fake->fd = accept(fd, NULL, NULL);
        if (setjmp(fake->gone) == 0) {
            fake_upgrade(fake, status);
            if (status == NULL) {
                fake_talk(fake, fn);
            }
        }
        close(fake->fd);
        fake->connection++;
    }
}

static inline void
fake_stop(pid_t child)
{
    kill(child, SIGTERM);
    waitpid(child, NULL, 0);
}

#endif
