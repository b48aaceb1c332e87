#include "net.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "crypto/random.h"
#include "net_internal.h"
#include "seeds.h"
#include "tls.h"
#include "util/log.h"
#include "wire/limits.h"

enum {
    CONNECTIONS = 1024,
    CONNECTIONS_MOST = 8192,
    VERIFICATIONS = 200, /* a second, where VLT_LIMIT_STRANGERS may wait */
    VERIFICATIONS_ADDRESS = 5,
    DESCRIPTORS = 64, /* kept for the owner, the store, and the loop */
    MS = 1000000,     /* ns */
};

static int64_t
ms(int64_t count)
{
    return count * MS;
}

/* Strangers, of TLS and of HTTP, have half of all places at most: who is known
 * finds one, and a stranger who comes can take that of another. */
static void
hold_strangers(struct net_config *config)
{
    unsigned most = config->max_connections / 4 + 1;

    if (config->max_handshaking > most) {
        config->max_handshaking = most;
    }
}

/* What is not said, and limits that follow from others. */
static bool
complete(struct net_config *config)
{
    if (config->max_connections == 0) {
        config->max_connections = CONNECTIONS;
    }
    if (config->max_handshaking == 0) {
        config->max_handshaking = VLT_LIMIT_STRANGERS;
    }
    if (config->max_per_address == 0) {
        config->max_per_address = VLT_LIMIT_STRANGERS_ADDRESS;
    }
    if (config->max_memory == 0) {
        config->max_memory = (size_t)VLT_LIMIT_MEMORY_MIB << 20;
    }
    hold_strangers(config);
    return config->max_connections <= CONNECTIONS_MOST &&
           config->max_handshaking <= CONNECTIONS_MOST &&
           config->max_per_address <= CONNECTIONS_MOST &&
           config->socket != NULL;
}

/* Each connection is a descriptor.  Where there are fewer of them than
 * connections may be, the last would go to whoever comes first, and the owner
 * and the store would go without. */
static void
hold_to_descriptors(struct net_config *config)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0 ||
        files.rlim_cur == RLIM_INFINITY ||
        files.rlim_cur >= config->max_connections + DESCRIPTORS) {
        return;
    }
    unsigned most = files.rlim_cur > DESCRIPTORS
                        ? (unsigned)(files.rlim_cur - DESCRIPTORS)
                        : 1;

    log_warning("net",
                "%u descriptors: max_connections is %u in place of %u (see "
                "ulimit -n, LimitNOFILE)",
                (unsigned)files.rlim_cur, most, config->max_connections);
    config->max_connections = most;
    hold_strangers(config);
}

static struct net_times
usual_times(void)
{
    return (struct net_times){
        .step_ns = ms(VLT_LIMIT_STEP_MS),
        .refused_ns = ms(VLT_LIMIT_REFUSED_MS),
        .body_ns = 2 * ms(VLT_LIMIT_STEP_MS),
        .ping_ns = ms(VLT_LIMIT_PING_MS),
        .silence_ns = ms(VLT_LIMIT_SILENCE_MS),
        .stall_ns = ms(VLT_LIMIT_STALL_MS),
        .linger_ns = ms(2000),
        .close_ns = ms(VLT_LIMIT_STEP_MS),
        .stop_ns = ms(5000),
        .minute_ns = ms(seed_audit_per_stranger() ? 1 : 60000),
    };
}

/* ---- making ---- */

static enum vlt_status
make_gates(struct net *net)
{
    const struct net_config *config = &net->config;
    struct gate_limits limits = { .total = config->max_connections,
                                  .strangers = config->max_handshaking,
                                  .per_address = config->max_per_address };
    struct verify_limits rations = {
        .total =
            1 + config->max_handshaking * VERIFICATIONS / VLT_LIMIT_STRANGERS,
        .per_address = 1 + config->max_per_address * VERIFICATIONS_ADDRESS /
                               VLT_LIMIT_STRANGERS_ADDRESS,
    };
    enum vlt_status st;

    if (seed_no_accept_limit()) {
        limits.strangers = limits.per_address = limits.total;
    }
    vlt_random(&rations.seed, sizeof rations.seed);
    st = gate_new(&limits, &net->gate);
    if (st != VLT_OK) {
        return st;
    }
    st = verify_new(&rations, &net->verify);
    if (st != VLT_OK) {
        return st;
    }
    net->slot_count = config->max_connections + GATE_OWNER_PLACES;
    /* Those that wait to be freed have a place too. */
    net->slot_count *= 2;
    if (net->slot_count > (1U << SLOT_BITS)) {
        net->slot_count = 1U << SLOT_BITS;
    }
    net->slots = calloc(net->slot_count, sizeof *net->slots);
    return net->slots != NULL ? VLT_OK : VLT_E_NOMEM;
}

static enum vlt_status
make_timers(struct net *net)
{
    net->due = loop_timer_new(net->loop, net_due_fired, net);
    net->tick = loop_timer_new(net->loop, net_tick_fired, net);
    net->minute = loop_timer_new(net->loop, net_minute_fired, net);
    net->stop_timer = loop_timer_new(net->loop, net_stop_fired, net);
    net->due_ns = INT64_MAX;
    if (net->due == NULL || net->tick == NULL || net->minute == NULL ||
        net->stop_timer == NULL) {
        return VLT_E_NOMEM;
    }
    return VLT_OK;
}

/* Make one listening socket; its descriptor is the caller's. */
static enum vlt_status
open_listener(struct net *net, enum place place, struct vlt_buf *why, int *fd)
{
    struct listen_at *at = &net->listeners[place].at;

    if (place == PLACE_TLS) {
        return listen_tcp(net->config.listen, false, why, at, fd);
    }
    if (place == PLACE_LOOPBACK) {
        return listen_tcp(net->config.http, true, why, at, fd);
    }
    if (place == PLACE_PLAIN) {
        return listen_tcp(net->config.sealed, false, why, at, fd);
    }
    return listen_unix(net->config.socket, net->config.owner_gid, why, fd);
}

/* Which sockets are wanted. */
static bool
wanted(const struct net *net, enum place place)
{
    const struct net_config *config = &net->config;

    return place == PLACE_OWNER ||
           (place == PLACE_TLS && config->listen != NULL) ||
           (place == PLACE_LOOPBACK && config->http != NULL) ||
           (place == PLACE_PLAIN && config->sealed != NULL);
}

static enum vlt_status
open_listeners(struct net *net, struct vlt_buf *why)
{
    for (enum place place = PLACE_OWNER; place < PLACES; place++) {
        struct listener *listener = &net->listeners[place];
        enum vlt_status st = VLT_OK;

        listener->net = net;
        listener->place = place;
        listener->fd = -1;
        if (wanted(net, place)) {
            st = open_listener(net, place, why, &listener->fd);
        }
        if (st != VLT_OK) {
            return st;
        }
    }
    return VLT_OK;
}

/* Give the sockets to the loop. */
static enum vlt_status
watch_listeners(struct net *net)
{
    for (enum place i = 0; i < PLACES; i++) {
        struct listener *listener = &net->listeners[i];

        if (listener->fd < 0) {
            continue;
        }
        listener->again = loop_timer_new(net->loop, accept_again, listener);
        listener->watch =
            loop_watch_new(net->loop, listener->fd, accept_ready, listener);
        if (listener->watch == NULL) {
            listener->fd = -1; /* taken all the same */
            return VLT_E_STORAGE;
        }
        if (listener->again == NULL) {
            return VLT_E_NOMEM;
        }
    }
    return VLT_OK;
}

static enum vlt_status
make_loop(struct net *net, struct vlt_buf *why)
{
    const struct listen_at *at = &net->listeners[PLACE_TLS].at;
    char address[LISTEN_HOST] = "";
    struct tls_names names = { .hosts = net->config.hosts };
    struct loop_config config = { .events = &conn_events,
                                  .tls = net->config.listen != NULL,
                                  .names = &names,
                                  .woken = net_woken,
                                  .ctx = net };

    if (config.tls && !at->any) {
        size_t skip = at->host[0] == '[' ? 1 : 0;

        memcpy(address, at->host + skip, strlen(at->host) - 2 * skip);
        names.address = address;
    }
    return loop_new(&config, why, &net->loop);
}

/* Remember which file is our socket. */
static void
note_socket(struct net *net)
{
    struct stat about;

    if (stat(net->socket_path, &about) == 0) {
        net->socket_inode = about.st_ino;
    }
}

static enum vlt_status
make(struct net *net, struct vlt_buf *why)
{
    enum vlt_status st = make_gates(net);

    if (st == VLT_OK) {
        st = open_listeners(net, why);
    }
    if (st == VLT_OK) {
        note_socket(net);
        st = make_loop(net, why);
    }
    if (st == VLT_OK) {
        st = make_timers(net);
    }
    if (st == VLT_OK) {
        st = watch_listeners(net);
    }
    if (st == VLT_OK) {
        st = dials_new(net, net->config.dial, why, &net->dials);
    }
    return st;
}

enum vlt_status
net_new(const struct net_config *config, struct vlt_buf *why, struct net **out)
{
    struct net *net = calloc(1, sizeof *net);
    enum vlt_status st;

    if (net == NULL) {
        return VLT_E_NOMEM;
    }
    net->config = *config;
    if (!complete(&net->config)) {
        vlt_buf_put_text(why, "a limit of the door is out of range");
        st = VLT_E_LIMIT;
        goto done;
    }
    hold_to_descriptors(&net->config);
    net->times = usual_times();
    net->socket_path = vlt_text_copy(vlt_slice_text(config->socket));
    st = net->socket_path != NULL ? make(net, why) : VLT_E_NOMEM;
    if (st == VLT_OK) {
        *out = net;
        net = NULL;
    }

done:
    net_free(net);
    return st;
}

/* Watches own their descriptors; what has no watch yet is closed here. */
static void
close_listeners(struct net *net)
{
    struct stat about;

    for (enum place i = 0; i < PLACES; i++) {
        struct listener *listener = &net->listeners[i];

        loop_timer_free(listener->again);
        if (listener->watch != NULL) {
            loop_watch_free(listener->watch);
        } else if (listener->net != NULL && listener->fd >= 0 &&
                   !net->stopping) {
            close(listener->fd);
        }
    }
    if (net->socket_inode != 0 && lstat(net->socket_path, &about) == 0 &&
        about.st_ino == net->socket_inode) {
        (void)unlink(net->socket_path);
    }
}

void
net_free(struct net *net)
{
    if (net == NULL) {
        return;
    }
    /* The service may be gone by now: nobody is told any more. */
    net->service = NULL;
    close_listeners(net);
    net->stopping = true;
    dials_free(net->dials);
    loop_timer_free(net->due);
    loop_timer_free(net->tick);
    loop_timer_free(net->minute);
    loop_timer_free(net->stop_timer);
    loop_free(net->loop);
    net_bury(net);
    verify_free(net->verify);
    gate_free(net->gate);
    free(net->slots);
    free(net->socket_path);
    free(net);
}

const char *
net_socket(const struct net *net)
{
    return net->socket_path;
}

const char *
net_listen(const struct net *net)
{
    return net->config.listen != NULL ? net->listeners[PLACE_TLS].at.text
                                      : NULL;
}

const char *
net_sealed(const struct net *net)
{
    return net->config.sealed != NULL ? net->listeners[PLACE_PLAIN].at.text
                                      : NULL;
}

const char *
net_http(const struct net *net)
{
    return net->config.http != NULL ? net->listeners[PLACE_LOOPBACK].at.text
                                    : NULL;
}
