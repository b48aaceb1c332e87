/*
 * net_daemon: the door with an echo behind it, for flow tests.
 *
 *     net_daemon FOLDER [option=value ...]
 *
 * It listens on FOLDER/sock, on TLS and on HTTP at loopback, writes FOLDER/up
 * once it does (two lines: TLS address, HTTP address), and ends by SIGTERM.
 * Options are numbers: step_ms body_ms ping_ms silence_ms stall_ms close_ms
 * stop_ms minute_ms handshaking address connections locked origins sndbuf
 * memory tls uid gid.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/secret.h"
#include "echo_service.h"
#include "net/net.h"
#include "net/net_internal.h"
#include "util/clock.h"

enum { PATH = 200 };

struct options {
    long step_ms, body_ms, ping_ms, silence_ms, stall_ms, close_ms, stop_ms,
        minute_ms;
    long handshaking, address, connections, locked, origins, uid, gid, tls,
        sndbuf, memory;
};

static const struct {
    const char *name;
    size_t at;
} known[] = {
    { "step_ms", offsetof(struct options, step_ms) },
    { "body_ms", offsetof(struct options, body_ms) },
    { "ping_ms", offsetof(struct options, ping_ms) },
    { "silence_ms", offsetof(struct options, silence_ms) },
    { "stall_ms", offsetof(struct options, stall_ms) },
    { "close_ms", offsetof(struct options, close_ms) },
    { "stop_ms", offsetof(struct options, stop_ms) },
    { "minute_ms", offsetof(struct options, minute_ms) },
    { "handshaking", offsetof(struct options, handshaking) },
    { "address", offsetof(struct options, address) },
    { "connections", offsetof(struct options, connections) },
    { "locked", offsetof(struct options, locked) },
    { "origins", offsetof(struct options, origins) },
    { "uid", offsetof(struct options, uid) },
    { "gid", offsetof(struct options, gid) },
    { "tls", offsetof(struct options, tls) },
    { "sndbuf", offsetof(struct options, sndbuf) },
    { "memory", offsetof(struct options, memory) },
};

/* A signal handler reaches nothing else. */
static struct net *the_net;

static void
on_signal(int number)
{
    (void)number;
    net_stop_soon(the_net);
}

static void
read_option(struct options *options, const char *text)
{
    const char *equals = strchr(text, '=');

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t len = strlen(known[i].name);

        if (equals != NULL && (size_t)(equals - text) == len &&
            strncmp(text, known[i].name, len) == 0) {
            long value = strtol(equals + 1, NULL, 10);

            memcpy((char *)options + known[i].at, &value, sizeof value);
            return;
        }
    }
    fprintf(stderr, "unknown option %s\n", text);
    exit(2);
}

static void
override(int64_t *time_ns, long value_ms)
{
    if (value_ms > 0) {
        *time_ns = (int64_t)value_ms * 1000000;
    }
}

static void
set_times(struct net *net, const struct options *options)
{
    override(&net->times.step_ns, options->step_ms);
    override(&net->times.body_ns, options->body_ms);
    override(&net->times.ping_ns, options->ping_ms);
    override(&net->times.silence_ns, options->silence_ms);
    override(&net->times.stall_ns, options->stall_ms);
    override(&net->times.close_ns, options->close_ms);
    override(&net->times.stop_ns, options->stop_ms);
    override(&net->times.minute_ns, options->minute_ms);
}

/* Accepted sockets inherit it: so small that a write is taken in part. */
static void
shrink(struct net *net, const struct options *options)
{
    int size = (int)options->sndbuf;

    for (enum place i = 0; i < PLACES && size > 0; i++) {
        setsockopt(net->listeners[i].fd, SOL_SOCKET, SO_SNDBUF, &size,
                   sizeof size);
    }
}

static struct net *
make_net(const char *folder, const struct options *options,
         const struct clock *clock)
{
    static const char *const origins[] = { "https://good.example", NULL };
    static const char *const hosts[] = { "vault.example", NULL };
    char path[PATH];
    struct vlt_buf why = { 0 };
    struct net *net = NULL;
    struct net_config config = {
        .socket = path,
        .listen = options->tls ? "127.0.0.1:0" : NULL,
        .http = "127.0.0.1:0",
        .owner_uid = options->uid >= 0 ? (unsigned)options->uid : getuid(),
        .owner_gid = options->gid >= 0 ? (unsigned)options->gid : getgid(),
        .max_connections = (unsigned)options->connections,
        .max_handshaking = (unsigned)options->handshaking,
        .max_per_address = (unsigned)options->address,
        .max_memory = (size_t)options->memory,
        .origins = options->origins ? origins : NULL,
        .hosts = hosts,
        .clock = clock,
    };

    snprintf(path, sizeof path, "%s/sock", folder);
    if (net_new(&config, &why, &net) != VLT_OK) {
        fprintf(stderr, "%s\n", vlt_buf_text(&why));
        exit(1);
    }
    vlt_buf_free(&why);
    set_times(net, options);
    shrink(net, options);
    return net;
}

static void
tell_up(const char *folder, const struct net *net)
{
    char path[PATH];
    char part[PATH];

    snprintf(path, sizeof path, "%s/up", folder);
    snprintf(part, sizeof part, "%s/up.part", folder);
    FILE *file = fopen(part, "w");

    if (file == NULL) {
        exit(1);
    }
    fprintf(file, "%s\n%s\n", net_listen(net) != NULL ? net_listen(net) : "-",
            net_http(net));
    fclose(file);
    if (rename(part, path) != 0) {
        exit(1);
    }
}

int
main(int argc, char **argv)
{
    struct options options = { .uid = -1, .gid = -1, .tls = 1 };
    struct clock clock = clock_system();

    for (int i = 2; i < argc; i++) {
        read_option(&options, argv[i]);
    }
    if (argc < 2 || vlt_secret_init() != VLT_OK) {
        return 2;
    }
    struct sigaction on_term = { .sa_handler = on_signal };
    struct sigaction ignore = { .sa_handler = SIG_IGN };

    sigaction(SIGPIPE, &ignore, NULL);
    struct net *net = make_net(argv[1], &options, &clock);
    struct echo_config config = { .sink = net_sink(net),
                                  .wake = net_wake,
                                  .wake_ctx = net,
                                  .clock = &clock,
                                  .locked = options.locked != 0 };
    struct service *service = echo_service_new(&config);

    if (service == NULL) {
        return 1;
    }
    the_net = net;
    sigaction(SIGTERM, &on_term, NULL);
    net_serve(net, service);
    tell_up(argv[1], net);
    net_run(net);
    /* A late signal must not reach what is about to be freed. */
    sigaction(SIGTERM, &ignore, NULL);
    service_stop(service);
    service_free(service);
    net_free(net);
    return 0;
}
