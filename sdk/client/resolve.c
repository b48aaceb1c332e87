#include "client/resolve.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire/address.h"

struct vlt_resolve {
    pthread_mutex_t lock;
    int holders; /* 2, 1: under lock */
    bool done;   /* under lock */
    int error;
    struct addrinfo *list;
    int wake[2]; /* [0] the caller's, [1] the thread's */
    char host[VLT_HOST_TEXT];
    char port[8];
};

static void
release(struct vlt_resolve *resolve)
{
    pthread_mutex_lock(&resolve->lock);
    bool last = --resolve->holders == 0;

    pthread_mutex_unlock(&resolve->lock);
    if (!last) {
        return;
    }
    if (resolve->list != NULL) {
        freeaddrinfo(resolve->list);
    }
    pthread_mutex_destroy(&resolve->lock);
    close(resolve->wake[0]);
    close(resolve->wake[1]);
    free(resolve);
}

static void *
look_up(void *ctx)
{
    struct vlt_resolve *resolve = ctx;
    struct addrinfo hints = { .ai_family = AF_UNSPEC,
                              .ai_socktype = SOCK_STREAM,
                              .ai_flags = AI_NUMERICSERV };
    struct addrinfo *list = NULL;
    int error = getaddrinfo(resolve->host, resolve->port, &hints, &list);

    pthread_mutex_lock(&resolve->lock);
    resolve->error = error;
    resolve->list = error == 0 ? list : NULL;
    resolve->done = true;
    pthread_mutex_unlock(&resolve->lock);
    (void)send(resolve->wake[1], "", 1, MSG_NOSIGNAL);
    release(resolve);
    return NULL;
}

/* A thread that takes no signal of the program's. */
static int
start(struct vlt_resolve *resolve)
{
    pthread_attr_t attr;
    pthread_t thread;
    sigset_t all;
    sigset_t before;

    if (pthread_attr_init(&attr) != 0) {
        return -1;
    }
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);

    if (error == 0) {
        error = pthread_create(&thread, &attr, look_up, resolve);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return error;
}

enum vlt_status
vlt_resolve_new(const char *host, uint16_t port, struct vlt_resolve **out)
{
    struct vlt_resolve *resolve = calloc(1, sizeof *resolve);

    if (resolve == NULL) {
        return VLT_E_NOMEM;
    }
    snprintf(resolve->host, sizeof resolve->host, "%s", host);
    snprintf(resolve->port, sizeof resolve->port, "%u", port);
    resolve->holders = 2;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, resolve->wake) !=
        0) {
        free(resolve);
        return VLT_E_NOMEM;
    }
    pthread_mutex_init(&resolve->lock, NULL);
    if (start(resolve) != 0) {
        resolve->holders = 1;
        release(resolve);
        return VLT_E_NOMEM;
    }
    *out = resolve;
    return VLT_OK;
}

int
vlt_resolve_fd(const struct vlt_resolve *resolve)
{
    return resolve->wake[0];
}

bool
vlt_resolve_done(struct vlt_resolve *resolve, int *error, struct addrinfo **out)
{
    pthread_mutex_lock(&resolve->lock);
    bool done = resolve->done;

    if (done) {
        *error = resolve->error;
        *out = resolve->list;
        resolve->list = NULL;
    }
    pthread_mutex_unlock(&resolve->lock);
    return done;
}

void
vlt_resolve_end(struct vlt_resolve *resolve)
{
    if (resolve != NULL) {
        release(resolve);
    }
}
