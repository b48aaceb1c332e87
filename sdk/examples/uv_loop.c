/*
 * uv_loop: a client in libuv's loop: ask once, count the rows of each page.
 *
 *     uv_loop SOCKET STREAM FROM TO
 */
#include <poll.h>
#include <stdio.h>
#include <uv.h>

#include <vault/vault.h>

static struct vault_client *client;
static uv_poll_t poller;
static uv_timer_t timer;
static int ended;

static int
print_page(void *ctx, const struct vault_page *page)
{
    (void)ctx;
    printf("%s %zu rows\n", page->rows > 0 ? page->stream : "-", page->rows);
    return 0;
}

static void
on_end(void *ctx, enum vault_status status)
{
    *(int *)ctx = status == VAULT_OK ? 1 : -1;
}

static void on_timer(uv_timer_t *handle);

static void
on_poll(uv_poll_t *handle, int status, int events)
{
    (void)status, (void)events;
    if (vault_client_process(client) != VAULT_OK || ended != 0) {
        uv_stop(handle->loop);
        return;
    }
    int wants = vault_client_events(client) & POLLOUT ? UV_WRITABLE : 0;
    int ms = vault_client_timeout_ms(client);

    uv_poll_start(handle, UV_READABLE | wants, on_poll);
    uv_timer_start(&timer, on_timer, ms < 0 ? 60000 : (uint64_t)ms, 0);
}

static void
on_timer(uv_timer_t *handle)
{
    (void)handle;
    on_poll(&poller, 0, 0);
}

int
main(int argc, char **argv)
{
    uv_loop_t *loop = uv_default_loop();

    if (argc != 5 || vault_client_new(NULL, &client) != VAULT_OK ||
        vault_connect_socket(client, argv[1]) != VAULT_OK ||
        vault_ready_wait(client, 15000) != VAULT_OK) {
        return 2; /* see above for what it takes */
    }
    const char *streams[] = { argv[2], NULL };
    struct vault_query query = {
        .size = sizeof query, .streams = streams, .from = argv[3], .to = argv[4]
    };

    uv_timer_init(loop, &timer);
    uv_poll_init(loop, &poller, vault_client_fd(client));
    if (vault_query_begin(client, &query, print_page, on_end, &ended) ==
        VAULT_OK) {
        on_poll(&poller, 0, 0);
        uv_run(loop, UV_RUN_DEFAULT);
    }
    vault_client_free(client);
    return ended == 1 ? 0 : 1;
}
