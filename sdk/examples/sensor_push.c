/*
 * sensor_push: store "SECONDS VALUE" lines of stdin (whole numbers), each
 * exactly once, however often it breaks; as a source (source_enrol) or as the
 * owner: sensor_push FOLDER|SOCKET STREAM COLUMN
 */
#include <poll.h>
#include <stdio.h>

#include <vault/vault.h>

/* Who is cut off often dials again after 5 min at the most. */
enum { LAST_ROWS_MS = 6 * 60 * 1000 };

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
    *status = *status ? *status : vault_client_process(client); /* no wait */
    return more;
}

int
main(int argc, char **argv)
{
    if (argc != 4) {
        return 2;
    }
    struct vault_options options = { .size = sizeof options, .reconnect = 1 };
    struct vault_client *client = NULL;
    struct vault_identity *source = NULL;
    struct vault_writer *writer = NULL;
    const char *columns[] = { argv[3], NULL };
    struct vault_write write = { sizeof write, argv[2], columns,    0,
                                 250,          0,       on_dropped, NULL };
    enum vault_status st = vault_client_new(&options, &client);

    setvbuf(stdin, NULL, _IONBF, 0); /* poll() sees what is not read yet */
    if (st == VAULT_OK && vault_identity_open(argv[1], &source, NULL, 0) == 0) {
        st = vault_connect(client, vault_identity_vault(source, NULL), source);
    } else if (st == VAULT_OK) {
        st = vault_connect_socket(client, argv[1]);
    }
    st = st ? st : vault_ready_wait(client, 15000);
    st = st ? st : vault_writer_open_wait(client, &write, 15000, &writer);
    while (st == VAULT_OK && push_line(client, writer, &st)) {
    }
    st = st ? st : vault_writer_flush_wait(writer, LAST_ROWS_MS);
    printf("%llu rows\n",
           writer ? (unsigned long long)vault_writer_stored(writer) : 0);
    if (st != VAULT_OK) {
        fprintf(stderr, "sensor_push: %s\n", vault_strerror(st));
    }
    vault_client_free(client);
    vault_identity_free(source);
    return st == VAULT_OK ? 0 : 1;
}
