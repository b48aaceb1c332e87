/*
 * net_client: TLS, upgrade and handshake of a firm; then a pipe.
 *
 *     net_client PORT VAULT SEED [role=N] [break=BYTE] [only=hello] [host=H]
 *
 * VAULT is 64 hex digits, SEED one byte in hex, of which the key's seed is 32.
 * break flips a byte of M3 (behind what is signed or in it); only=hello stops
 * behind M2.  It prints "m2 HEX" and "m4 HEX" on one line each, then copies
 * the raw bytes of the WebSocket from standard input and to standard output
 * until either ends.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "base/id.h"
#include "crypto/random.h"
#include "wire/handshake.h"

enum {
    HEAD = 4096,
    PIPE = 65536,
    SMALL = 4096, /* receive buffer with small=1 */
};

struct options {
    unsigned port;
    uint8_t vault[VLT_IDENTITY_LEN];
    uint8_t seed;
    int role;
    int broken; /* -1: none */
    bool hello_only;
    bool small;
};

static void
die(const char *what)
{
    fprintf(stderr, "net_client: %s\n", what);
    exit(1);
}

static SSL *
dial(const struct options *options)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)options->port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct sockaddr_storage to = { 0 };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int small = SMALL;

    memcpy(&to, &at, sizeof at);
    if (options->small) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    }
    if (connect(fd, (struct sockaddr *)&to, sizeof at) != 0) {
        die("connect");
    }
    SSL *ssl = SSL_new(context);

    SSL_set_fd(ssl, fd);
    if (SSL_connect(ssl) != 1) {
        die("TLS");
    }
    return ssl;
}

static void
read_all(SSL *ssl, uint8_t *out, size_t len)
{
    for (size_t at = 0; at < len;) {
        int got = SSL_read(ssl, out + at, (int)(len - at));

        if (got <= 0) {
            die("closed");
        }
        at += (size_t)got;
    }
}

static void
upgrade(SSL *ssl, unsigned port)
{
    char text[HEAD];
    size_t len = (size_t)snprintf(
        text, sizeof text,
        "GET / HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        "Sec-WebSocket-Protocol: vault.v1\r\n\r\n",
        port);

    SSL_write(ssl, text, (int)len);
    for (len = 0; len + 1 < sizeof text;) {
        read_all(ssl, (uint8_t *)text + len++, 1);
        text[len] = '\0';
        if (len > 4 && strcmp(text + len - 4, "\r\n\r\n") == 0) {
            break;
        }
    }
    if (strncmp(text, "HTTP/1.1 101", 12) != 0) {
        fputs(text, stderr);
        die("no upgrade");
    }
}

/* A masked binary frame, with a mask of zeros. */
static void
send_frame(SSL *ssl, const uint8_t *at, size_t len)
{
    uint8_t frame[8 + VLT_AUTH_MAX];
    size_t head = len < 126 ? 2 : 4;

    memset(frame, 0, sizeof frame);
    frame[0] = 0x82;
    frame[1] = (uint8_t)(0x80 | (len < 126 ? len : 126));
    if (len >= 126) {
        frame[2] = (uint8_t)(len >> 8);
        frame[3] = (uint8_t)len;
    }
    memcpy(frame + head + 4, at, len);
    SSL_write(ssl, frame, (int)(head + 4 + len));
}

/* A binary frame of this length; what else comes is printed, and the end. */
static void
recv_frame(SSL *ssl, const char *name, uint8_t *out, size_t len)
{
    uint8_t head[4];
    char hex[2 * VLT_AUTH_MAX + 1];

    read_all(ssl, head, 4);
    if (head[0] != 0x82 || head[1] != 126 ||
        (size_t)(head[2] << 8 | head[3]) != len) {
        printf("%s other %02x%02x%02x%02x\n", name, head[0], head[1], head[2],
               head[3]);
        fflush(stdout);
        exit(0);
    }
    read_all(ssl, out, len);
    printf("%s %s\n", name, vlt_hex_print(out, len, hex));
    fflush(stdout);
}

static struct vlt_signer *
signer_of(uint8_t byte)
{
    struct vlt_secret *seed = NULL;
    struct vlt_signer *signer = NULL;

    if (vlt_secret_new(VLT_SIGN_SEED, &seed) != VLT_OK) {
        die("seed");
    }
    memset(vlt_secret_bytes(seed), byte, VLT_SIGN_SEED);
    if (vlt_signer_new(vlt_key_of(seed), &signer) != VLT_OK) {
        die("signer");
    }
    vlt_secret_free(seed);
    return signer;
}

static void
shake_hands(SSL *ssl, const struct options *options)
{
    struct vlt_signer *signer = signer_of(options->seed);
    struct vlt_channel channel = { .vault_dialled = false };
    struct vlt_handshake_client client;
    struct vlt_auth auth = { .role = (enum vlt_role)options->role };
    uint8_t nonce[VLT_HELLO_NONCE];
    uint8_t bytes[VLT_AUTH_MAX];
    size_t len;

    if (SSL_export_keying_material(ssl, channel.ekm, sizeof channel.ekm,
                                   "EXPORTER-Channel-Binding", 24, NULL, 0,
                                   0) != 1) {
        die("exporter");
    }
    vlt_handshake_client_init(&client, &channel, options->vault, signer);
    vlt_random(nonce, sizeof nonce);
    if (vlt_handshake_client_hello(&client, nonce, bytes, &len) != VLT_OK) {
        die("hello");
    }
    send_frame(ssl, bytes, len);
    recv_frame(ssl, "m2", bytes, VLT_CHALLENGE_LEN);
    if (vlt_handshake_client_challenge(
            &client, vlt_slice_of(bytes, VLT_CHALLENGE_LEN)) != VLT_OK) {
        die("challenge");
    }
    if (options->hello_only) {
        vlt_signer_free(signer);
        return;
    }
    if (vlt_handshake_client_auth(&client, &auth, bytes, &len) != VLT_OK) {
        die("auth");
    }
    if (options->broken >= 0 && (size_t)options->broken < len) {
        bytes[options->broken] ^= 1;
    }
    send_frame(ssl, bytes, len);
    recv_frame(ssl, "m4", bytes, VLT_READY_LEN);
    vlt_signer_free(signer);
}

/* Must it be tried again later? */
static bool
not_yet(SSL *ssl, int got)
{
    int error = SSL_get_error(ssl, got);

    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

/* What the vault sent, to standard output.  False: it ended. */
static bool
copy_out(SSL *ssl, uint8_t *bytes)
{
    int got = SSL_read(ssl, bytes, PIPE);

    if (got <= 0) {
        return not_yet(ssl, got);
    }
    return write(1, bytes, (size_t)got) == got;
}

/* What came on standard input, to the vault.  False: it ended. */
static bool
copy_in(SSL *ssl, uint8_t *bytes)
{
    struct pollfd waits = { .fd = SSL_get_fd(ssl), .events = POLLOUT };
    ssize_t len = read(0, bytes, PIPE);

    if (len <= 0) {
        return false;
    }
    for (;;) {
        int put = SSL_write(ssl, bytes, (int)len);

        if (put > 0) {
            return true;
        }
        if (!not_yet(ssl, put) || poll(&waits, 1, -1) < 0) {
            return false;
        }
    }
}

/* Copy both ways until one ends.  Half a record must not keep the other way
 * waiting, so the socket does not block. */
static void
copy(SSL *ssl)
{
    static uint8_t bytes[PIPE];
    int fd = SSL_get_fd(ssl);
    struct pollfd waits[2] = { { .fd = 0, .events = POLLIN },
                               { .fd = fd, .events = POLLIN } };
    bool more = fcntl(fd, F_SETFL, O_NONBLOCK) == 0;

    while (more) {
        if (SSL_pending(ssl) == 0 && poll(waits, 2, -1) < 0) {
            return;
        }
        if (SSL_pending(ssl) > 0 || waits[1].revents != 0) {
            more = copy_out(ssl, bytes);
        }
        if (more && waits[0].revents != 0) {
            more = copy_in(ssl, bytes);
        }
    }
}

static void
read_options(struct options *options, int argc, char **argv)
{
    *options = (struct options){ .role = VLT_ROLE_FIRM, .broken = -1 };
    if (argc < 4 || vlt_hex_parse(vlt_slice_text(argv[2]), options->vault,
                                  sizeof options->vault) != VLT_OK) {
        die("usage");
    }
    options->port = (unsigned)strtoul(argv[1], NULL, 10);
    options->seed = (uint8_t)strtoul(argv[3], NULL, 16);
    for (int i = 4; i < argc; i++) {
        int value = 0;

        if (sscanf(argv[i], "role=%d", &value) == 1) {
            options->role = value;
        } else if (sscanf(argv[i], "break=%d", &value) == 1) {
            options->broken = value;
        } else if (strcmp(argv[i], "only=hello") == 0) {
            options->hello_only = true;
        } else if (strcmp(argv[i], "small=1") == 0) {
            options->small = true;
        } else {
            die("unknown option");
        }
    }
}

int
main(int argc, char **argv)
{
    struct options options;

    if (vlt_secret_init() != VLT_OK) {
        die("no entropy");
    }
    read_options(&options, argc, argv);
    SSL *ssl = dial(&options);

    upgrade(ssl, options.port);
    shake_hands(ssl, &options);
    copy(ssl);
    return 0;
}
