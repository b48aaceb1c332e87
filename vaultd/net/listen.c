#define _GNU_SOURCE /* accept4's flags for socket() */

#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"

enum {
    BACKLOG = 128,
    SOCKET_MODE = 0660,
    SOCKET_FLAGS = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
};

/* An address of either family. */
struct inet {
    struct sockaddr_storage at;
    socklen_t len;
};

static enum vlt_status
refuse(struct vlt_buf *why, enum vlt_status st, const char *where,
       const char *what)
{
    vlt_buf_printf(why, "%s: %s", where, what);
    return st;
}

static enum vlt_status
refuse_errno(struct vlt_buf *why, const char *where, const char *what)
{
    int error = errno;

    vlt_buf_printf(why, "%s: %s: %s", where, what,
                   error == EADDRINUSE ? "somebody listens there already"
                                       : strerror(error));
    return error == EADDRINUSE ? VLT_E_CONFLICT : VLT_E_STORAGE;
}

/* ---- unix ---- */

static enum vlt_status
unix_address(const char *path, struct sockaddr_un *out)
{
    *out = (struct sockaddr_un){ .sun_family = AF_UNIX };
    if (path[0] == '\0' || strlen(path) >= sizeof out->sun_path) {
        return VLT_E_LIMIT;
    }
    memcpy(out->sun_path, path, strlen(path) + 1);
    return VLT_OK;
}

/* Does somebody answer there? */
static bool
is_served(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCKET_FLAGS, 0);
    struct sockaddr_storage at = { 0 };
    bool served = true;

    if (fd >= 0) {
        memcpy(&at, address, sizeof *address);
        served =
            connect(fd, (const struct sockaddr *)&at, sizeof *address) == 0 ||
            errno != ECONNREFUSED;
        close(fd);
    }
    return served;
}

/* Take away what a dead daemon left. */
static enum vlt_status
clear_place(const char *path, const struct sockaddr_un *address,
            struct vlt_buf *why)
{
    struct stat about;

    if (lstat(path, &about) != 0) {
        return errno == ENOENT ? VLT_OK : refuse_errno(why, path, "lstat");
    }
    if (!S_ISSOCK(about.st_mode)) {
        return refuse(why, VLT_E_CONFLICT, path, "exists and is no socket");
    }
    if (is_served(address)) {
        return refuse(why, VLT_E_CONFLICT, path, "a daemon listens there");
    }
    return unlink(path) == 0 ? VLT_OK : refuse_errno(why, path, "unlink");
}

/* Nobody can connect before listen(), and by then owner and mode are right. */
static enum vlt_status
open_unix(int fd, const struct sockaddr_un *address, unsigned gid,
          struct vlt_buf *why)
{
    struct sockaddr_storage at = { 0 };
    const char *path = address->sun_path;

    memcpy(&at, address, sizeof *address);
    if (fchmod(fd, S_IRUSR | S_IWUSR) != 0 ||
        bind(fd, (const struct sockaddr *)&at, sizeof *address) != 0) {
        return refuse_errno(why, path, "bind");
    }
    if (chown(path, (uid_t)-1, (gid_t)gid) != 0 ||
        chmod(path, SOCKET_MODE) != 0) {
        return refuse_errno(why, path, "owner and mode");
    }
    if (listen(fd, BACKLOG) != 0) {
        return refuse_errno(why, path, "listen");
    }
    return VLT_OK;
}

enum vlt_status
listen_unix(const char *path, unsigned gid, struct vlt_buf *why, int *out)
{
    struct sockaddr_un address;
    enum vlt_status st;

    if (unix_address(path, &address) != VLT_OK) {
        return refuse(why, VLT_E_LIMIT, path, "no path of a socket");
    }
    st = clear_place(path, &address, why);
    if (st != VLT_OK) {
        return st;
    }
    int fd = socket(AF_UNIX, SOCKET_FLAGS, 0);

    if (fd < 0) {
        return refuse_errno(why, path, "socket");
    }
    st = open_unix(fd, &address, gid, why);
    if (st != VLT_OK) {
        close(fd);
        return st;
    }
    *out = fd;
    return VLT_OK;
}

/* ---- TCP ---- */

/* "1.2.3.4" or "[::1]". */
static bool
parse_host(const char *host, uint16_t port, struct inet *out)
{
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
                                .sin6_port = htons(port) };
    size_t len = strlen(host);
    char inner[LISTEN_HOST];

    *out = (struct inet){ 0 };
    if (inet_pton(AF_INET, host, &in.sin_addr) == 1) {
        memcpy(&out->at, &in, sizeof in);
        out->len = sizeof in;
        return true;
    }
    if (len < 2 || len >= sizeof inner || host[0] != '[' ||
        host[len - 1] != ']') {
        return false;
    }
    memcpy(inner, host + 1, len - 2);
    inner[len - 2] = '\0';
    if (inet_pton(AF_INET6, inner, &in6.sin6_addr) != 1) {
        return false;
    }
    memcpy(&out->at, &in6, sizeof in6);
    out->len = sizeof in6;
    return true;
}

static bool
parse(const char *address, struct inet *out)
{
    const char *colon = strrchr(address, ':');
    char host[LISTEN_HOST];
    uint64_t port;

    if (colon == NULL || (size_t)(colon - address) >= sizeof host) {
        return false;
    }
    memcpy(host, address, (size_t)(colon - address));
    host[colon - address] = '\0';
    if (vlt_uint_parse(vlt_slice_text(colon + 1), &port) != VLT_OK ||
        port > UINT16_MAX) {
        return false;
    }
    return parse_host(host, (uint16_t)port, out);
}

/* Its numbers: address without brackets, port. */
static bool
describe(const struct inet *inet, char host[INET6_ADDRSTRLEN], unsigned *port,
         bool *any)
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    if (inet->at.ss_family == AF_INET) {
        memcpy(&in, &inet->at, sizeof in);
        *port = ntohs(in.sin_port);
        *any = in.sin_addr.s_addr == htonl(INADDR_ANY);
        return inet_ntop(AF_INET, &in.sin_addr, host, INET6_ADDRSTRLEN) != NULL;
    }
    memcpy(&in6, &inet->at, sizeof in6);
    *port = ntohs(in6.sin6_port);
    *any = IN6_IS_ADDR_UNSPECIFIED(&in6.sin6_addr) != 0;
    return inet_ntop(AF_INET6, &in6.sin6_addr, host, INET6_ADDRSTRLEN) != NULL;
}

static bool
is_loopback(const struct inet *inet)
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    if (inet->at.ss_family == AF_INET) {
        memcpy(&in, &inet->at, sizeof in);
        return ntohl(in.sin_addr.s_addr) >> 24 == 127;
    }
    memcpy(&in6, &inet->at, sizeof in6);
    return IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr) != 0;
}

/* Is the socket where it was asked to be, and nowhere else? */
static bool
check(int fd, const struct inet *asked, struct listen_at *out)
{
    struct inet got = { .len = sizeof got.at };
    char asked_host[INET6_ADDRSTRLEN];
    char host[INET6_ADDRSTRLEN];
    unsigned asked_port;
    unsigned port;

    if (getsockname(fd, (struct sockaddr *)&got.at, &got.len) != 0 ||
        got.at.ss_family != asked->at.ss_family ||
        !describe(asked, asked_host, &asked_port, &out->any) ||
        !describe(&got, host, &port, &out->any) ||
        strcmp(asked_host, host) != 0 || port == 0 ||
        (asked_port != 0 && asked_port != port)) {
        return false;
    }
    bool six = got.at.ss_family == AF_INET6;

    (void)snprintf(out->host, sizeof out->host, "%s%s%s", six ? "[" : "", host,
                   six ? "]" : "");
    (void)snprintf(out->text, sizeof out->text, "%s:%u", out->host,
                   port & 0xFFFFU);
    return true;
}

static enum vlt_status
open_tcp(int fd, const char *address, const struct inet *inet,
         struct vlt_buf *why)
{
    int on = 1;

    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        (inet->at.ss_family == AF_INET6 &&
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0)) {
        return refuse_errno(why, address, "setsockopt");
    }
    if (bind(fd, (const struct sockaddr *)&inet->at, inet->len) != 0) {
        return refuse_errno(why, address, "bind");
    }
    if (listen(fd, BACKLOG) != 0) {
        return refuse_errno(why, address, "listen");
    }
    return VLT_OK;
}

enum vlt_status
listen_tcp(const char *address, bool loopback, struct vlt_buf *why,
           struct listen_at *at, int *out)
{
    struct inet inet;
    enum vlt_status st;

    if (!parse(address, &inet)) {
        return refuse(why, VLT_E_LIMIT, address, "no numeric address and port");
    }
    if (loopback && !is_loopback(&inet)) {
        return refuse(why, VLT_E_LIMIT, address,
                      "plain HTTP is served on loopback only");
    }
    int fd = socket(inet.at.ss_family, SOCKET_FLAGS, 0);

    if (fd < 0) {
        return refuse_errno(why, address, "socket");
    }
    st = open_tcp(fd, address, &inet, why);
    if (st == VLT_OK && !check(fd, &inet, at)) {
        st = refuse(why, VLT_E_STORAGE, address,
                    "the socket is bound elsewhere");
    }
    if (st != VLT_OK) {
        close(fd);
        return st;
    }
    *out = fd;
    return VLT_OK;
}
