/*
 * consumer: libvault as somebody else meets it: a version, an identity, and a
 * vault that is not there.
 */
#include <stdio.h>
#include <string.h>

#include <vault/owner.h>
#include <vault/vault.h>

/* Names that the library uses inside, too: they must not meet. */
int vlt_secret_init(void);
int terms_read(void);

int
vlt_secret_init(void)
{
    return 7;
}

int
terms_read(void)
{
    return 7;
}

int
main(void)
{
    struct vault_client *client = NULL;
    enum vault_status status = vault_client_new(NULL, &client);

    if (status == VAULT_OK) {
        status = vault_connect_socket(client, "/nowhere/vault.sock");
    }
    if (status == VAULT_OK) {
        status = vault_ready_wait(client, 5000);
    }
    printf("%s %s\n", vault_version(), vault_strerror(status));
    vault_client_free(client);
    return status == VAULT_E_CONNECT && vlt_secret_init() == terms_read() ? 0
                                                                          : 1;
}
