/*
 * sensor_push: store "SECONDS VALUE" lines of stdin (whole numbers), each
 * exactly once, however often the connection breaks.
 *
 *     sensor_push SOCKET STREAM COLUMN
 */
#include <stdio.h>

#include <vault/vault.h>

/* A whole number; *at goes behind it and what ends it. */
static int64_t
whole(const char **at)
{
    int64_t value = 0;

    for (; **at >= '0' && **at <= '9'; ++*at) {
        value = value * 10 + (**at - '0');
    }
    ++*at;
    return value;
}

static void
on_dropped(void *ctx, enum vault_status why, int64_t first, int64_t last,
           size_t rows)
{
    (void)ctx, (void)first, (void)last;
    fprintf(stderr, "sensor_push: %zu rows lost: %s\n", rows,
            vault_strerror(why));
}

int
main(int argc, char **argv)
{
    struct vault_options options = { .size = sizeof options, .reconnect = 1 };
    struct vault_client *client = NULL;
    struct vault_writer *writer = NULL;
    enum vault_status status = VAULT_E_USAGE;
    char line[128];

    if (argc != 4) {
        return 2;
    }
    const char *columns[] = { argv[3], NULL };
    struct vault_write write = { .size = sizeof write,
                                 .stream = argv[2],
                                 .columns = columns,
                                 .batch_rows = 64,
                                 .batch_ms = 250,
                                 .dropped = on_dropped };

    if (vault_client_new(&options, &client) == VAULT_OK &&
        vault_connect_socket(client, argv[1]) == VAULT_OK) {
        status = vault_ready_wait(client, 15000);
    }
    if (status == VAULT_OK) {
        status = vault_writer_open_wait(client, &write, 15000, &writer);
    }
    while (status == VAULT_OK && fgets(line, sizeof line, stdin) != NULL) {
        const char *at = line;
        int64_t time = whole(&at) * 1000000000;
        struct vault_cell cell = { .present = 1, .f64 = (double)whole(&at) };

        status = vault_writer_put(writer, time, &cell);
        if (status == VAULT_OK) {
            status = vault_client_process(client); /* never waits */
        }
    }
    if (status == VAULT_OK) {
        status = vault_writer_flush_wait(writer, 60000);
    }
    if (status != VAULT_OK) {
        fprintf(stderr, "sensor_push: %s\n", vault_strerror(status));
    } else {
        printf("%llu rows\n", (unsigned long long)vault_writer_stored(writer));
    }
    vault_client_free(client);
    return status == VAULT_OK ? 0 : 1;
}
