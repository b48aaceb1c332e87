/*
 * verify_receipt: is this receipt genuine, and is its grant in force?  Offline.
 *
 *     verify_receipt IDENTITY FILE
 *
 * FILE is what vaultfirm receipt get gave.  Exit 0: in force; 1: genuine, but
 * not in force; 2: not to be believed.
 */
#include <stdio.h>
#include <time.h>

#include <vault/vault.h>

enum { MOST = 1 << 20, NS = 1000000000 };

static char text[MOST];

int
main(int argc, char **argv)
{
    struct vault_identity *me = NULL;
    struct vault_receipt *receipt = NULL;
    struct timespec now;
    char detail[256] = "";
    FILE *file = argc == 3 ? fopen(argv[2], "rb") : NULL;

    if (file == NULL) {
        fprintf(stderr, "verify_receipt IDENTITY FILE\n");
        return 2;
    }
    size_t len = fread(text, 1, sizeof text, file);

    fclose(file);
    clock_gettime(CLOCK_REALTIME, &now);
    enum vault_status status =
        vault_identity_open(argv[1], &me, detail, sizeof detail);

    if (status == VAULT_OK) {
        status = vault_receipt_verify(
            me, text, len, (int64_t)now.tv_sec * NS + now.tv_nsec, &receipt);
    }
    if (receipt == NULL) {
        fprintf(stderr, "verify_receipt: %s %s\n", vault_strerror(status),
                detail);
        vault_identity_free(me);
        return 2;
    }
    int ok = vault_receipt_ok(receipt);
    int genuine = vault_receipt_genuine(receipt);

    printf("grant %s, %s\n", vault_receipt_grant(receipt),
           vault_receipt_event(receipt));
    if (!ok) {
        printf("%s: %s\n", genuine ? "genuine, not in force" : "does not hold",
               vault_receipt_fault(receipt));
    }
    for (size_t i = 0; vault_receipt_unchecked(receipt, i) != NULL; i++) {
        printf("unchecked: %s\n", vault_receipt_unchecked(receipt, i));
    }
    vault_receipt_free(receipt);
    vault_identity_free(me);
    return ok ? 0 : genuine ? 1 : 2;
}
