/*
 * firm_watch: print what a grant's stream measures, as it comes, until ^C or
 * the grant's end.
 *
 *     firm_watch IDENTITY GRANT STREAM
 */
#include <signal.h>
#include <stdio.h>

#include <vault/vault.h>

static volatile int stop;

static void
on_signal(int number)
{
    (void)number;
    stop = 1;
}

static int
print_page(void *ctx, const struct vault_page *page)
{
    (void)ctx;
    for (size_t row = 0; row < page->rows; row++) {
        const struct vault_column *column = &page->column[0];

        if (column->f64 != NULL && vault_present(column, row)) {
            printf("%s %lld %s=%g\n", page->stream, (long long)page->time[row],
                   column->name, column->f64[row]);
        }
    }
    fflush(stdout);
    return 0;
}

static void
on_end(void *ctx, enum vault_status status)
{
    const char *detail = vault_client_detail(ctx);

    fprintf(stderr, "firm_watch: %s\n",
            detail[0] != '\0' ? detail : vault_strerror(status));
    stop = 1;
}

int
main(int argc, char **argv)
{
    struct vault_options options = { .size = sizeof options, .reconnect = 1 };
    struct sigaction stopping = { .sa_handler = on_signal };
    struct vault_identity *me = NULL;
    struct vault_client *client = NULL;
    struct vault_subscription *subscription;
    char detail[256] = "";

    if (argc != 4 || sigaction(SIGINT, &stopping, NULL) != 0) {
        fprintf(stderr, "firm_watch IDENTITY GRANT STREAM\n");
        return 2;
    }
    const char *streams[] = { argv[3], NULL };
    struct vault_subscribe ask = { .size = sizeof ask,
                                   .grant = argv[2],
                                   .streams = streams };

    if (vault_identity_open(argv[1], &me, detail, sizeof detail) != VAULT_OK ||
        vault_client_new(&options, &client) != VAULT_OK ||
        vault_identity_vault(me, NULL) == NULL ||
        vault_connect(client, vault_identity_vault(me, NULL), me) != VAULT_OK ||
        vault_ready_wait(client, 15000) != VAULT_OK ||
        vault_subscribe_wait(client, &ask, print_page, on_end, client, 30000,
                             &subscription) != VAULT_OK ||
        vault_run(client, &stop, -1) != VAULT_OK) {
        fprintf(stderr, "firm_watch: %s\n",
                client == NULL ? detail
                : vault_identity_vault(me, NULL) == NULL
                    ? "no vault is known to this identity: vaultfirm enrol URL"
                    : vault_client_detail(client));
    }
    vault_client_free(client);
    vault_identity_free(me);
    return stop ? 0 : 1;
}
