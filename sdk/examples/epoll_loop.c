/*
 * epoll_loop: a client in a loop of its program's own, by epoll: print what the
 * owner's streams measure, as it comes.
 *
 *     epoll_loop SOCKET PATTERN ROWS       ends after so many rows
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/epoll.h>

#include <vault/vault.h>

static long left;

static int
print_page(void *ctx, const struct vault_page *page)
{
    (void)ctx;
    for (size_t row = 0; row < page->rows && left > 0; row++, left--) {
        printf("%s %lld\n", page->stream, (long long)page->time[row]);
    }
    fflush(stdout);
    return left == 0;
}

/* After each step it may be another, or none. */
static void
watch(int loop, const struct vault_client *client, int *watched)
{
    struct epoll_event event = { .events = 0 };
    int fd = vault_client_fd(client);
    short wants = vault_client_events(client); /* POLLIN is EPOLLIN, … */

    if (*watched >= 0 && *watched != fd) {
        epoll_ctl(loop, EPOLL_CTL_DEL, *watched, NULL);
    }
    event.events = (unsigned)wants;
    if (fd >= 0 && epoll_ctl(loop, EPOLL_CTL_MOD, fd, &event) != 0) {
        epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event);
    }
    *watched = fd;
}

int
main(int argc, char **argv)
{
    struct vault_options options = { .size = sizeof options, .reconnect = 1 };
    struct vault_client *client = NULL;
    struct vault_subscription *subscription;
    struct epoll_event event;
    int loop = epoll_create1(EPOLL_CLOEXEC);
    int watched = -1;

    if (argc != 4 || loop < 0 ||
        vault_client_new(&options, &client) != VAULT_OK) {
        return 2;
    }
    const char *streams[] = { argv[2], NULL };
    struct vault_subscribe ask = { .size = sizeof ask, .streams = streams };
    enum vault_status status = vault_connect_socket(client, argv[1]);

    for (const char *c = argv[3]; *c >= '0' && *c <= '9'; c++) {
        left = 10 * left + (*c - '0');
    }
    if (status == VAULT_OK) { /* it is asked when the client is ready */
        status = vault_subscribe_begin(client, &ask, print_page, NULL, NULL,
                                       &subscription);
    }
    while (status == VAULT_OK && left > 0) {
        watch(loop, client, &watched);
        epoll_wait(loop, &event, 1, vault_client_timeout_ms(client));
        status = vault_client_process(client);
    }
    if (status != VAULT_OK) {
        fprintf(stderr, "epoll_loop: %s\n", vault_client_detail(client));
    }
    vault_client_free(client);
    return status == VAULT_OK ? 0 : 1;
}
