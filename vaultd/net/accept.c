#define _GNU_SOURCE /* accept4(), struct ucred, SO_PEERGROUPS */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net_internal.h"
#include "util/log.h"

enum {
    ACCEPTS_A_TURN = 64,
    GROUPS_MAX = 65536,    /* as Linux has it */
    UNSENT_MAX = 65536,    /* bytes that the kernel may hold unsent */
    PAUSE_US = 100 * 1000, /* when the process has no descriptor left */
};

void
accept_options(int fd, int unsent)
{
    int on = 1;

    /* A turn is written at once; to wait for more would only delay it. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    /* What the kernel has not sent yet would still leave after a revoke. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent,
                     sizeof unsent);
}

/* ---- the owner's socket ---- */

/* Is this group among the peer's supplementary ones? */
static bool
in_groups(int fd, gid_t gid)
{
    socklen_t len = 0;
    bool found = false;

    /* It fails with ERANGE and tells the size. */
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &len) == 0 ||
        errno != ERANGE || len == 0 || len > GROUPS_MAX * sizeof(gid_t)) {
        return false;
    }
    gid_t *groups = malloc(len);

    if (groups != NULL &&
        getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) == 0) {
        for (size_t i = 0; i < len / sizeof *groups; i++) {
            found = found || groups[i] == gid;
        }
    }
    free(groups);
    return found;
}

/* The uid of the vault's directory, root, or a member of its group. */
static bool
is_owner(const struct net *net, int fd)
{
    struct ucred peer;
    socklen_t len = sizeof peer;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 ||
        len != sizeof peer) {
        return false;
    }
    return peer.uid == 0 || peer.uid == net->config.owner_uid ||
           peer.gid == net->config.owner_gid ||
           in_groups(fd, (gid_t)net->config.owner_gid);
}

/* ---- addresses ---- */

/* An address as a Host header has it; with a port as the log has it. */
static void
print_address(const struct sockaddr_storage *at, char *out, size_t size,
              bool with_port)
{
    char host[INET6_ADDRSTRLEN] = "";
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    bool six = at->ss_family == AF_INET6;
    unsigned port = 0;

    if (six) {
        memcpy(&in6, at, sizeof in6);
        (void)inet_ntop(AF_INET6, &in6.sin6_addr, host, sizeof host);
        port = ntohs(in6.sin6_port);
    } else {
        memcpy(&in, at, sizeof in);
        (void)inet_ntop(AF_INET, &in.sin_addr, host, sizeof host);
        port = ntohs(in.sin_port);
    }
    int len =
        snprintf(out, size, "%s%s%s", six ? "[" : "", host, six ? "]" : "");

    if (with_port && len > 0 && (size_t)len < size) {
        (void)snprintf(out + len, size - (size_t)len, ":%u", port);
    }
}

/* What is known of a TCP peer. */
static void
describe(int fd, enum place place, const struct sockaddr_storage *from,
         struct conn_peer *peer)
{
    struct sockaddr_storage local = { 0 };
    socklen_t len = sizeof local;

    if (place == PLACE_TLS || place == PLACE_PLAIN) {
        peer->address = gate_address_of(from);
    }
    print_address(from, peer->text, sizeof peer->text, true);
    if (getsockname(fd, (struct sockaddr *)&local, &len) == 0) {
        print_address(&local, peer->local, sizeof peer->local, false);
    }
    accept_options(fd, UNSENT_MAX);
}

/* ---- accept ---- */

/* Of which half-open connections one is to go. */
struct sought {
    enum gate_kind kind;
    const struct gate_address *address; /* of this one; NULL: of any */
    unsigned held; /* of addresses that hold so many; 0: whatever they hold */
};

static bool
is_sought(const struct net *net, const struct conn *conn,
          const struct sought *sought)
{
    const struct gate_address *address = &conn->peer.address;

    if (conn->peer.kind != sought->kind || !conn_half_open(conn)) {
        return false;
    }
    if (sought->address != NULL) {
        return gate_same(address, sought->address);
    }
    return sought->held == 0 ||
           gate_held(net->gate, sought->kind, address) == sought->held;
}

/* The oldest of those that are sought; NULL: there is none. */
static struct conn *
oldest_open(const struct net *net, const struct sought *sought)
{
    struct conn *oldest = NULL;

    for (size_t i = 0; i < net->slot_count; i++) {
        struct conn *conn = net->slots[i];

        /* Ids begin with a serial number.  To be sought takes longer. */
        if (conn != NULL &&
            (oldest == NULL ||
             conn->id >> SLOT_BITS < oldest->id >> SLOT_BITS) &&
            is_sought(net, conn, sought)) {
            oldest = conn;
        }
    }
    return oldest;
}

/* Who has to go for a newcomer: where his address has its share, the oldest of
 * that, so that a neighbour who only holds its places shuts out nobody behind
 * the same router.  Where all places are taken, one of the addresses that hold
 * the most, so that a flood from a few drives out itself; of these the oldest,
 * so that of a flood from many, who hold one place each, whoever came last has
 * the longest to come through. */
static struct conn *
who_makes_room(const struct net *net, const struct conn_peer *peer,
               enum gate_verdict verdict)
{
    struct sought sought = { .kind = peer->kind };

    if (verdict == GATE_ADDRESS) {
        sought.address = &peer->address;
        return oldest_open(net, &sought);
    }
    sought.held = gate_most(net->gate, peer->kind);
    struct conn *conn = oldest_open(net, &sought);

    sought.held = 0;
    return conn != NULL ? conn : oldest_open(net, &sought);
}

enum gate_verdict
net_enter(struct net *net, const struct conn_peer *peer)
{
    enum gate_verdict verdict =
        gate_enter(net->gate, peer->kind, &peer->address);

    if (verdict == GATE_IN) {
        return verdict;
    }
    /* Whoever goes, it or another, is one who was refused. */
    net->refused[verdict]++;
    struct conn *conn =
        verdict != GATE_FULL ? who_makes_room(net, peer, verdict) : NULL;

    if (conn == NULL) {
        return verdict;
    }
    conn_end(conn, false);
    return gate_enter(net->gate, peer->kind, &peer->address);
}

static void
admit(struct listener *listener, int fd, const struct sockaddr_storage *from)
{
    static const enum gate_kind kinds[PLACES] = {
        [PLACE_OWNER] = GATE_OWNER,
        [PLACE_TLS] = GATE_STRANGER,
        [PLACE_LOOPBACK] = GATE_LOCAL,
        [PLACE_PLAIN] = GATE_STRANGER,
    };
    struct net *net = listener->net;
    struct conn_peer peer = { .kind = kinds[listener->place] };

    if (peer.kind == GATE_OWNER && !is_owner(net, fd)) {
        net->strangers_refused++;
        close(fd);
        return;
    }
    if (peer.kind != GATE_OWNER) {
        describe(fd, listener->place, from, &peer);
    }
    enum gate_verdict verdict = net_enter(net, &peer);

    if (verdict != GATE_IN) {
        close(fd);
        return;
    }
    if (conn_new(net, listener->place, fd, &peer) == NULL) {
        gate_leave(net->gate, peer.kind, &peer.address);
    }
}

/* No descriptors or memory: the listener would be told for ever that somebody
 * waits. */
static void
pause_listener(struct listener *listener)
{
    log_warning("net", "accept: errno %d", errno);
    loop_watch_pause(listener->watch, true);
    loop_timer_set(listener->again, PAUSE_US);
}

void
accept_again(void *ctx)
{
    struct listener *listener = ctx;

    if (listener->watch != NULL) {
        loop_watch_pause(listener->watch, false);
    }
}

/* Errors of one peer, which is gone already. */
static bool
only_peer(int error)
{
    return error == ECONNABORTED || error == EINTR || error == EPROTO ||
           error == ENETDOWN || error == EHOSTUNREACH || error == ENETUNREACH;
}

void
accept_ready(void *ctx)
{
    struct listener *listener = ctx;

    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        struct sockaddr_storage from = { 0 };
        socklen_t len = sizeof from;
        int fd = accept4(listener->fd, (struct sockaddr *)&from, &len,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd >= 0) {
            admit(listener, fd, &from);
        } else if (errno == EAGAIN) {
            return;
        } else if (!only_peer(errno)) {
            pause_listener(listener);
            return;
        }
    }
}
