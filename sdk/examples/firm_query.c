/*
 * firm_query: print the quarter-hour means of a grant.
 *
 *     firm_query IDENTITY GRANT STREAM FROM TO
 */
#include <stdio.h>

#include <vault/vault.h>

static int
print_page(void *ctx, const struct vault_page *page)
{
    (void)ctx;
    for (size_t row = 0; row < page->rows; row++) {
        printf("%s %lld", page->stream, (long long)page->time[row]);
        for (size_t i = 0; i < page->columns; i++) {
            const struct vault_column *column = &page->column[i];

            if (column->f64 != NULL && vault_present(column, row)) {
                printf(" %s=%g", column->name, column->f64[row]);
            }
        }
        printf("\n");
    }
    return 0;
}

int
main(int argc, char **argv)
{
    struct vault_identity *identity = NULL;
    struct vault_client *client = NULL;
    char detail[256] = "";

    if (argc != 6) {
        fprintf(stderr, "firm_query IDENTITY GRANT STREAM FROM TO\n");
        return 2;
    }
    const char *streams[] = { argv[3], NULL };
    struct vault_query query = { .size = sizeof query,
                                 .grant = argv[2],
                                 .streams = streams,
                                 .from = argv[4],
                                 .to = argv[5],
                                 .every_s = 900,
                                 .stats = VAULT_MEAN };
    enum vault_status status =
        vault_identity_open(argv[1], &identity, detail, sizeof detail);

    if (status == VAULT_OK) {
        status = vault_client_new(NULL, &client);
    }
    const char *vault =
        status == VAULT_OK ? vault_identity_vault(identity, NULL) : NULL;

    if (status == VAULT_OK) {
        status = vault != NULL ? vault_connect(client, vault, identity)
                               : VAULT_E_NOT_FOUND;
    }
    if (status == VAULT_OK) {
        status = vault_ready_wait(client, 15000);
    }
    if (status == VAULT_OK) {
        status = vault_query_wait(client, &query, print_page, NULL, 30000);
    }
    if (status != VAULT_OK) {
        fprintf(stderr, "firm_query: %s: %s\n", vault_strerror(status),
                client != NULL ? vault_client_detail(client) : detail);
    }
    vault_client_free(client);
    vault_identity_free(identity);
    return status == VAULT_OK ? 0 : 1;
}
