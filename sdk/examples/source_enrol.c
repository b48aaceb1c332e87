/*
 * source_enrol: make a key for a source, and have a vault know it, by the token
 * on stdin; sensor_push then goes by FOLDER:
 *     source_enrol FOLDER NAME vd1:...@HOST:PORT < TOKEN
 */
#include <stdio.h>
#include <string.h>

#include <vault/owner.h> /* vault_wipe() */
#include <vault/vault.h>

static enum vault_status
enrol(struct vault_client *client, struct vault_identity *identity,
      const char *address)
{
    enum vault_status status = VAULT_E_FILE;
    char token[128];

    setvbuf(stdin, NULL, _IONBF, 0); /* no other copy of it */
    if (fgets(token, sizeof token, stdin) != NULL) {
        token[strcspn(token, "\n")] = '\0';
        status =
            vault_source_enrol_wait(client, identity, address, token, 15000);
    }
    vault_wipe(token, sizeof token);
    return status;
}

int
main(int argc, char **argv)
{
    struct vault_client *client = NULL;
    struct vault_identity *identity = NULL;
    char detail[256] = "";

    if (argc != 4 || vault_client_new(NULL, &client) != VAULT_OK) {
        return 2;
    }
    enum vault_status status = vault_source_make(argv[1], argv[2]);

    /* One that an earlier try has made serves as well. */
    if (status == VAULT_OK || status == VAULT_E_CONFLICT) {
        status = vault_identity_open(argv[1], &identity, detail, sizeof detail);
    }
    if (status == VAULT_OK) {
        status = enrol(client, identity, argv[3]);
        snprintf(detail, sizeof detail, "%s", vault_client_detail(client));
    }
    if (status == VAULT_OK) {
        printf("%s\n", vault_identity_id(identity));
    } else {
        fprintf(stderr, "source_enrol: %s: %s\n", vault_strerror(status),
                detail);
    }
    vault_client_free(client);
    vault_identity_free(identity);
    return status == VAULT_OK ? 0 : 1;
}
