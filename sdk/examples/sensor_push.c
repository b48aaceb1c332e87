/*
 * sensor_push: store "SECONDS VALUE" lines of stdin (whole numbers), each
 * exactly once, however often the connection breaks:
 *     sensor_push SOCKET STREAM COLUMN
 */
#include <poll.h>
#include <stdio.h>

#include <vault/vault.h>

static void
on_dropped(void *ctx, enum vault_status why, int64_t first, int64_t last,
           size_t rows)
{
    (void)ctx, (void)first, (void)last;
    fprintf(stderr, "%zu rows lost: %s\n", rows, vault_strerror(why));
}

/* The next line, once it is there; all else goes on meanwhile.  0: the end. */
static int
push_line(struct vault_client *client, struct vault_writer *writer,
          enum vault_status *status)
{
    char line[128] = "";
    int64_t number[] = { 0, 0 }, *digits = number;
    struct pollfd at[] = { { 0, POLLIN, 0 },
                           { vault_client_fd(client),
                             vault_client_events(client), 0 } };

    poll(at, 2, vault_client_timeout_ms(client));
    int more = at[0].revents == 0 || fgets(line, sizeof line, stdin) != NULL;

    for (const char *c = line; *c >= ' '; c++) {
        digits = *c == ' ' ? number + 1 : digits;
        *digits = *c == ' ' ? 0 : *digits * 10 + (*c - '0');
    }
    struct vault_cell cell = { .present = 1, .f64 = (double)number[1] };

    if (line[0] != '\0') {
        *status = vault_writer_put(writer, number[0] * 1000000000, &cell);
    }
    if (*status == VAULT_OK) {
        *status = vault_client_process(client); /* never waits */
    }
    return more;
}

int
main(int argc, char **argv)
{
    struct vault_options options = { .size = sizeof options, .reconnect = 1 };
    struct vault_client *client;
    struct vault_writer *writer;
    const char *columns[] = { argc == 4 ? argv[3] : NULL, NULL };
    struct vault_write write = { .size = sizeof write,
                                 .columns = columns,
                                 .batch_ms = 250,
                                 .dropped = on_dropped };

    if (argc != 4 || vault_client_new(&options, &client) != VAULT_OK ||
        vault_connect_socket(client, argv[1]) != VAULT_OK) {
        return 2;
    }
    setvbuf(stdin, NULL, _IONBF, 0); /* poll() sees what is not read yet */
    write.stream = argv[2];
    enum vault_status status = vault_ready_wait(client, 15000);

    status = status != VAULT_OK
                 ? status
                 : vault_writer_open_wait(client, &write, 15000, &writer);
    while (status == VAULT_OK && push_line(client, writer, &status)) {
    }
    status =
        status != VAULT_OK ? status : vault_writer_flush_wait(writer, 60000);
    if (status == VAULT_OK) {
        printf("%llu rows\n", (unsigned long long)vault_writer_stored(writer));
    } else {
        fprintf(stderr, "sensor_push: %s\n", vault_strerror(status));
    }
    vault_client_free(client);
    return status == VAULT_OK ? 0 : 1;
}
