#define _GNU_SOURCE

#include <vault/listener.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "client/client_internal.h"
#include "client/listener_internal.h"
#include "crypto/random.h"

enum { BACKLOG = 64, PORT_MAX = 65535, HOST_TEXT = 48, DETAIL = 160 };

/* ---- making ---- */

/* "1.2.3.4:80" or "[::1]:80", numeric.  False: it is none. */
static bool
read_place(const char *text, struct sockaddr_storage *out, socklen_t *len)
{
    struct sockaddr_in in = { .sin_family = AF_INET };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
    const char *colon = strrchr(text, ':');
    bool six = text[0] == '[';
    char host[HOST_TEXT];
    int64_t port;

    if (colon == NULL ||
        vlt_int_parse(vlt_slice_text(colon + 1), &port) != VLT_OK || port < 0 ||
        port > PORT_MAX) {
        return false;
    }
    size_t host_len = (size_t)(colon - text);

    if (six && (host_len < 2 || text[host_len - 1] != ']')) {
        return false;
    }
    host_len -= six ? 2 : 0;
    if (host_len >= sizeof host) {
        return false;
    }
    memcpy(host, text + (six ? 1 : 0), host_len);
    host[host_len] = '\0';
    memset(out, 0, sizeof *out);
    if (six) {
        in6.sin6_port = htons((uint16_t)port);
        memcpy(out, &in6, sizeof in6);
        *len = sizeof in6;
        return inet_pton(AF_INET6, host,
                         &((struct sockaddr_in6 *)out)->sin6_addr) == 1;
    }
    in.sin_port = htons((uint16_t)port);
    memcpy(out, &in, sizeof in);
    *len = sizeof in;
    return inet_pton(AF_INET, host, &((struct sockaddr_in *)out)->sin_addr) ==
           1;
}

static void
note_place(struct vault_listener *listener)
{
    struct sockaddr_storage at = { 0 };
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    socklen_t len = sizeof at;
    char host[INET6_ADDRSTRLEN] = "";

    (void)getsockname(listener->fd, (struct sockaddr *)&at, &len);
    memcpy(&in, &at, sizeof in);
    memcpy(&in6, &at, sizeof in6);
    bool six = at.ss_family == AF_INET6;
    const void *bytes = &in.sin_addr;

    if (six) {
        bytes = &in6.sin6_addr;
    }
    (void)inet_ntop(at.ss_family, bytes, host, sizeof host);
    snprintf(listener->place, sizeof listener->place, six ? "[%s]:%u" : "%s:%u",
             host, ntohs(six ? in6.sin6_port : in.sin_port));
}

static int
open_socket(const struct sockaddr_storage *at, socklen_t len)
{
    int on = 1;
    int fd =
        socket(at->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return -1;
    }
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (const struct sockaddr *)at, len) != 0 ||
        listen(fd, BACKLOG) != 0) {
        int error = errno;

        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

/* Everything that is waited for in one. */
static bool
gather(struct vault_listener *listener)
{
    struct epoll_event event = { .events = EPOLLIN };

    listener->poll = epoll_create1(EPOLL_CLOEXEC);
    return listener->poll >= 0 &&
           epoll_ctl(listener->poll, EPOLL_CTL_ADD, listener->fd, &event) == 0;
}

static enum vault_status
make(struct vault_listener *listener, const char *at, char *why)
{
    struct sockaddr_storage place;
    socklen_t len;

    if (!read_place(at, &place, &len)) {
        snprintf(why, DETAIL, "\"%.60s\" is no numeric ADDR:PORT", at);
        return VAULT_E_USAGE;
    }
    listener->fd = open_socket(&place, len);
    if (listener->fd < 0) {
        bool taken = errno == EADDRINUSE;

        snprintf(why, DETAIL, "%.60s: %s", at, strerror(errno));
        return taken ? VAULT_E_CONFLICT : VAULT_E_USAGE;
    }
    note_place(listener);
    if (!gather(listener) || vlt_tls_host_new(&listener->host) != VLT_OK) {
        snprintf(why, DETAIL, "out of memory or descriptors");
        return VAULT_E_NOMEM;
    }
    return VAULT_OK;
}

enum vault_status
vault_listen(const char *at, struct vault_listener **out, char *detail,
             size_t size)
{
    struct vault_listener *listener = calloc(1, sizeof *listener);
    char why[DETAIL] = "out of memory";
    enum vault_status status = VAULT_E_NOMEM;

    if (listener != NULL) {
        listener->fd = listener->poll = -1;
        status = make(listener, at, why);
    }
    if (status == VAULT_OK) {
        *out = listener;
        return VAULT_OK;
    }
    vault_listener_free(listener);
    if (detail != NULL && size > 0) {
        snprintf(detail, size, "%s", why);
    }
    return status;
}

void
vault_listener_free(struct vault_listener *listener)
{
    int *fds[] = { NULL, NULL };

    if (listener == NULL) {
        return;
    }
    while (listener->guests != NULL) {
        struct vlt_guest *next = listener->guests->next;

        vlt_guest_free(listener->guests);
        listener->guests = next;
    }
    fds[0] = &listener->fd;
    fds[1] = &listener->poll;
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
        if (*fds[i] >= 0) {
            close(*fds[i]);
        }
    }
    vlt_tls_host_free(listener->host);
    free(listener);
}

const char *
vault_listener_place(const struct vault_listener *listener)
{
    return listener->place;
}

/* ---- rendezvous ---- */

enum vault_status
vault_rendezvous_new(char out[VLT_RENDEZVOUS_TEXT])
{
    uint8_t bytes[VLT_RENDEZVOUS];

    if (vlt_secret_init() != VLT_OK) {
        return VAULT_E_NOMEM;
    }
    vlt_random(bytes, sizeof bytes);
    (void)vlt_rendezvous_print(bytes, out);
    return VAULT_OK;
}

/* That which is kept, or a new one. */
static enum vlt_status
keep_rendezvous(const struct vlt_record *kept, struct vlt_record *record)
{
    if (kept != NULL) {
        *record = *kept;
    }
    if (!record->has_rendezvous) {
        vlt_random(record->rendezvous, sizeof record->rendezvous);
        record->has_rendezvous = true;
    }
    return VLT_OK;
}

enum vault_status
vault_rendezvous_of(const struct vault_identity *identity, const char *vault,
                    char out[VLT_RENDEZVOUS_TEXT])
{
    const char *address = vault_identity_vault(identity, vault);
    struct vlt_address at;
    struct vlt_record record;

    if (address == NULL ||
        vlt_address_parse(vlt_slice_text(address), &at) != VLT_OK ||
        vlt_record_find(identity->folder, at.vault, &record) != VLT_OK) {
        return VAULT_E_NOT_FOUND;
    }
    if (!record.has_rendezvous && vlt_record_merge(identity->folder, &record,
                                                   keep_rendezvous) != VLT_OK) {
        return VAULT_E_FILE;
    }
    (void)vlt_rendezvous_print(record.rendezvous, out);
    return VAULT_OK;
}
