/*
 * run: wiring.  Start and stop are tables of contents, one line a room.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "main/confine.h"
#include "main/main_internal.h"
#include "main/process.h"
#include "main/seeds.h"
#include "net/net.h"
#include "service/service.h"
#include "store/store.h"
#include "util/clock.h"
#include "util/heap.h"
#include "util/log.h"

/* What a signal stops: the one variable of the program that is not passed in,
 * since a handler gets nothing. */
static struct net *stopping;

struct daemon {
    const char *dir; /* as it was given */
    struct config config;
    struct clock clock;
    struct store *store;
    struct net *net;
    struct service *service;
    struct opener opener; /* of the unlock file; handed over as it is tried */
    struct warden warden;
    int ready_fd; /* -1: none */
    int manager;  /* socket of the service manager; -1: none */
    struct service_process process;
    int code; /* exit code */
};

static void
on_signal(int number)
{
    (void)number;
    net_stop_soon(stopping);
}

/* ---- the process ---- */

static void
catch_signals(struct net *net)
{
    struct sigaction stop = { .sa_handler = on_signal };
    struct sigaction ignore = { .sa_handler = SIG_IGN };

    stopping = net;
    (void)sigaction(SIGTERM, &stop, NULL);
    (void)sigaction(SIGINT, &stop, NULL);
    (void)sigaction(SIGPIPE, &ignore, NULL);
    (void)sigaction(SIGHUP, &ignore, NULL);
}

static void
fatal(void *ctx)
{
    struct daemon *daemon = ctx;

    log_error("main", "a commit's outcome is unknown; ending");
    daemon->code = EXIT_FAILED;
    net_stop_soon(daemon->net);
}

/* ---- unlocking at start ---- */

static void
say_ready(struct daemon *daemon)
{
    if (daemon->ready_fd >= 0) {
        (void)!write(daemon->ready_fd, "READY\n", 6);
        (void)close(daemon->ready_fd);
        daemon->ready_fd = -1;
    }
    process_notify(daemon->manager, "READY=1");
}

static void on_unlocked(void *ctx, enum vlt_status st);

/* Try the key, then the passphrase; each is handed over. */
static void
unlock(struct daemon *daemon)
{
    struct opener *opener = &daemon->opener;
    bool key = opener->key != NULL;
    struct vlt_secret *secret = key ? opener->key : opener->passphrase;

    if (key) {
        opener->key = NULL;
    } else {
        opener->passphrase = NULL;
    }
    service_unlock(daemon->service, secret, key, on_unlocked, daemon);
}

/* The secret is blamed only for what it did. */
static void
complain_locked(const struct daemon *daemon, enum vlt_status st)
{
    if (st == VLT_E_AUTH) {
        complain("run: %s does not open the vault", daemon->config.unlock_file);
    } else if (st == VLT_E_STORAGE || st == VLT_E_FORMAT) {
        complain("run: the vault's data is damaged or cannot be read: run "
                 "vaultd check --dir %s",
                 daemon->dir);
    } else {
        complain("run: the vault does not unlock: %s", vlt_status_word(st));
    }
}

static void
on_unlocked(void *ctx, enum vlt_status st)
{
    struct daemon *daemon = ctx;

    if (st == VLT_E_AUTH && daemon->opener.passphrase != NULL) {
        unlock(daemon);
        return;
    }
    opener_fini(&daemon->opener);
    if (st != VLT_OK) {
        complain_locked(daemon, st);
        daemon->code = st == VLT_E_AUTH ? EXIT_LOCKED : EXIT_FAILED;
        net_stop_soon(daemon->net);
        return;
    }
    say_ready(daemon);
}

/* ---- start ---- */

#define ANCHORS "/var/lib/vaultd-anchor"

/* The anchor that the configuration names; without one, where packages make
 * room for it, if that is there. */
static int
keep_anchor(struct daemon *daemon)
{
    const char *named = daemon->config.anchor;
    struct vlt_buf why;
    int code = EXIT_DONE;

    vlt_buf_init(&why, 4096);

    enum vlt_status st =
        store_anchor_keep(daemon->store, named != NULL ? named : ANCHORS, &why);

    if (st != VLT_OK && (named != NULL || st != VLT_E_NOT_FOUND)) {
        complain("run: %s",
                 why.len > 0 ? vlt_buf_text(&why) : vlt_status_word(st));
        code = st == VLT_E_STORAGE ? EXIT_FAILED : EXIT_USAGE;
    }
    vlt_buf_free(&why);
    return code;
}

/* Where it writes, as far as the configuration tells. */
static struct confine_places
places_of(const struct daemon *daemon)
{
    const struct config *config = &daemon->config;

    return (struct confine_places){
        .vault = daemon->dir,
        .anchor = config->anchor != NULL ? config->anchor : ANCHORS,
        .socket = config->socket,
        .backups = (const char *const *)config->backups,
        .dial = (const char *const *)config->dial,
    };
}

static int
open_store(struct daemon *daemon, const char *dir)
{
    struct vlt_buf why;
    int code = EXIT_DONE;

    vlt_buf_init(&why, 4096);

    enum vlt_status st = store_open(dir, NULL, &why, &daemon->store);

    if (st != VLT_OK) {
        complain("run: %s",
                 why.len > 0 ? vlt_buf_text(&why) : vlt_status_word(st));
        code = st == VLT_E_CONFLICT ? EXIT_CONFLICT : EXIT_FAILED;
    }
    vlt_buf_free(&why);
    return code == EXIT_DONE ? keep_anchor(daemon) : code;
}

static int
open_door(struct daemon *daemon, const char *dir)
{
    const struct config *config = &daemon->config;
    struct net_config net = {
        .socket = config->socket,
        .listen = config->listen,
        .http = config->http,
        .sealed = config->sealed,
        .max_connections = (unsigned)config->max_connections,
        .max_handshaking = (unsigned)config->max_handshaking,
        .max_per_address = (unsigned)config->max_per_address,
        .max_memory = (size_t)config->max_memory,
        .origins = (const char *const *)config->origins,
        .hosts = (const char *const *)config->hosts,
        .dial = (const char *const *)config->dial,
        .clock = &daemon->clock,
    };
    struct stat about;
    struct vlt_buf why;
    int code = EXIT_DONE;

    if (stat(dir, &about) != 0) {
        complain("run: %s: %s", dir, strerror(errno));
        return EXIT_FAILED;
    }
    net.owner_uid = about.st_uid;
    net.owner_gid = about.st_gid;
    vlt_buf_init(&why, 4096);

    enum vlt_status st = net_new(&net, &why, &daemon->net);

    if (st != VLT_OK) {
        complain("run: %s",
                 why.len > 0 ? vlt_buf_text(&why) : vlt_status_word(st));
        code =
            st == VLT_E_LIMIT || st == VLT_E_FORMAT ? EXIT_USAGE : EXIT_FAILED;
    }
    vlt_buf_free(&why);
    return code;
}

static int
start_service(struct daemon *daemon)
{
    struct service_config config = {
        .store = daemon->store,
        .clock = &daemon->clock,
        .sink = net_sink(daemon->net),
        .wake = net_wake,
        .wake_ctx = daemon->net,
        .fatal = fatal,
        .fatal_ctx = daemon,
        .workers = (unsigned)daemon->config.workers,
        .linger_ms = (unsigned)daemon->config.linger_ms,
        .version = VAULT_VERSION,
        .home = daemon->config.home,
        .quota = daemon->config.quota,
        .firm_hourly = daemon->config.firm_hourly,
        .firm_chunks = (unsigned)daemon->config.firm_chunks,
        .source_daily = daemon->config.source_daily,
        .verify = warden_verify,
        .verify_ctx = &daemon->warden,
        .process = daemon->process,
    };
    enum vlt_status st = service_new(&config, &daemon->service);

    if (st == VLT_E_FORMAT) {
        complain("run: home: '%s' is no country code, as GB", config.home);
        return EXIT_USAGE;
    }
    if (st != VLT_OK) {
        complain("run: the service does not start: %s", vlt_status_word(st));
        return EXIT_FAILED;
    }
    net_serve(daemon->net, daemon->service);
    service_places(daemon->service, net_socket(daemon->net),
                   net_listen(daemon->net), net_http(daemon->net),
                   net_sealed(daemon->net));
    return EXIT_DONE;
}

/* Files and sockets are open, and threads are not there yet. */
static int
confine(struct daemon *daemon)
{
    struct confine_places places = places_of(daemon);

    struct confined confined = { .why = NULL };

    if (confine_daemon(&places, &confined) != VLT_OK) {
        return EXIT_FAILED;
    }
    daemon->process.unconfined = confined.why;
    return EXIT_DONE;
}

static int
start(struct daemon *daemon, const char *dir)
{
    int code = open_store(daemon, dir);

    if (code == EXIT_DONE) {
        code = open_door(daemon, dir);
    }
    if (code == EXIT_DONE) {
        code = confine(daemon);
    }
    if (code == EXIT_DONE) {
        code = start_service(daemon);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    seeds_forbidden();
    catch_signals(daemon->net);
    if (daemon->opener.passphrase != NULL) {
        unlock(daemon);
        service_flush(daemon->service);
    } else {
        say_ready(daemon);
    }
    return EXIT_DONE;
}

/* ---- stop: the same backwards ---- */

static void
stop(struct daemon *daemon)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN };

    /* A second signal would call into what is being freed. */
    (void)sigaction(SIGTERM, &ignore, NULL);
    (void)sigaction(SIGINT, &ignore, NULL);
    process_notify(daemon->manager, "STOPPING=1");
    warden_cancel(&daemon->warden);
    if (daemon->service != NULL) {
        service_stop(daemon->service);
    }
    service_free(daemon->service);
    net_free(daemon->net);
    store_close(daemon->store);
    opener_fini(&daemon->opener);
    config_free(&daemon->config);
    warden_stop(&daemon->warden);
    if (daemon->manager >= 0) {
        (void)close(daemon->manager);
    }
}

/* ---- arguments ---- */

struct arguments {
    const char *dir, *config, *socket, *listen, *http, *unlock, *anchor;
    const char *dial, *ready;
};

/* Without another file the credential of this name, which systemd puts into a
 * directory for this service alone (LoadCredential=vaultd.key). */
static enum vlt_status
use_credential(struct config *config)
{
    const char *dir = getenv("CREDENTIALS_DIRECTORY");
    struct vlt_buf path = { 0 };
    enum vlt_status st = VLT_OK;

    if (dir == NULL || config->unlock_file != NULL) {
        return VLT_OK;
    }
    vlt_buf_printf(&path, "%s/vaultd.key", dir);
    const char *text = vlt_buf_text(&path);

    if (text == NULL) {
        st = VLT_E_NOMEM;
    } else if (access(text, F_OK) == 0) {
        st = config_set(&config->unlock_file, text);
    }
    vlt_buf_free(&path);
    return st;
}

static int
read_config(struct daemon *daemon, const struct arguments *args)
{
    struct config *config = &daemon->config;
    enum vlt_status st = VLT_OK;

    if (args->config != NULL) {
        st = config_read(config, args->config);
        if (st != VLT_OK) {
            return st == VLT_E_FORMAT ? EXIT_USAGE : EXIT_FAILED;
        }
    }
    if (config_set(&config->socket, args->socket) != VLT_OK ||
        config_set(&config->listen, args->listen) != VLT_OK ||
        config_set(&config->http, args->http) != VLT_OK ||
        config_set(&config->unlock_file, args->unlock) != VLT_OK ||
        config_set(&config->anchor, args->anchor) != VLT_OK ||
        config_set(&config->dial[0], args->dial) != VLT_OK ||
        (config->socket == NULL &&
         config_set(&config->socket, "/run/vaultd/vault.sock") != VLT_OK)) {
        complain("run: no memory");
        return EXIT_FAILED;
    }
    if (args->ready != NULL) {
        int64_t fd = -1;

        if (vlt_int_parse(vlt_slice_text(args->ready), &fd) != VLT_OK ||
            fd < 0 || fd > 1023) {
            complain("run: --ready-fd %s is no descriptor", args->ready);
            return EXIT_USAGE;
        }
        daemon->ready_fd = (int)fd;
    }
    if (use_credential(config) != VLT_OK) {
        complain("run: no memory");
        return EXIT_FAILED;
    }
    return EXIT_DONE;
}

/* The warden is forked before there is a key. */
static int
prepare(struct daemon *daemon)
{
    struct confine_places places = places_of(daemon);
    const char *file = daemon->config.unlock_file;

    process_raise_limits();
    if (!process_memory(daemon->config.allow_unlocked_memory) ||
        warden_start(&places, &daemon->warden) != VLT_OK ||
        (file != NULL && opener_from_file(file, &daemon->opener) != VLT_OK)) {
        return EXIT_FAILED;
    }
    process_shed(daemon->ready_fd, daemon->warden.fd);
    daemon->manager = process_notify_open();
    daemon->process = (struct service_process){
        .folder = daemon->dir,
        .no_swap = process_swapless(),
        .unlocked = !vlt_secret_locks(),
        .key_beside = process_beside(file, daemon->dir),
    };
    heap_keep();
    faults_catch();
    return EXIT_DONE;
}

static int
run(int argc, char **argv)
{
    struct arguments args = { .dir = NULL };
    const struct option rows[] = {
        { "--dir", "DIR", true, "the vault, made by vaultd init", &args.dir },
        { "--config", "FILE", false, "configuration (vaultd check-config)",
          &args.config },
        { "--socket", "PATH", false, "the owner's unix socket", &args.socket },
        { "--listen", "ADDR:PORT", false, "TLS: firms; port 0 picks one",
          &args.listen },
        { "--http", "ADDR:PORT", false,
          "loopback HTTP: sources that can only POST", &args.http },
        { "--dial", "URL", false, "dial this firm, since it cannot dial here",
          &args.dial },
        { "--unlock-file", "FILE", false,
          "unlock with its passphrase or key at start", &args.unlock },
        { "--anchor", "DIR", false,
          "where the vault's memory of its last head is kept", &args.anchor },
        { "--ready-fd", "N", false, "write a line there when ready",
          &args.ready },
        { .name = NULL },
    };
    struct daemon daemon = { .ready_fd = -1,
                             .manager = -1,
                             .warden = { .fd = -1 },
                             .clock = clock_system() };
    int code = options_read(&cmd_run, rows, NULL, argc, argv);

    if (code >= 0) {
        return code;
    }
    config_init(&daemon.config);
    daemon.dir = args.dir;
    code = read_config(&daemon, &args);
    if (code == EXIT_DONE) {
        code = prepare(&daemon);
    }
    if (code == EXIT_DONE) {
        code = start(&daemon, args.dir);
    }
    if (code == EXIT_DONE) {
        net_run(daemon.net);
        code = daemon.code;
    }
    stop(&daemon);
    return code;
}

const struct command cmd_run = {
    .name = "run",
    .words = "serve a vault in the foreground",
    .examples =
        "  vaultd run --dir /var/lib/vaultd/home --listen 0.0.0.0:7443\n"
        "  vaultd run --dir ./vault --socket ./sock --http 127.0.0.1:0\n",
    .run = run,
};
