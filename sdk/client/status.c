#include <vault/status.h>

/* By value, which never changes. */
static const char *const sentences[] = {
    [VAULT_OK] = "done",
    [VAULT_E_NOMEM] = "out of memory",
    [VAULT_E_USAGE] = "an argument is out of range",
    [VAULT_E_PARAMS] = "the vault refused a parameter",
    [VAULT_E_NOT_FOUND] = "there is no such thing",
    [VAULT_E_DENIED] = "no grant covers this",
    [VAULT_E_PENDING] = "a yes is still missing",
    [VAULT_E_ENDED] = "the grant has ended",
    [VAULT_E_SCOPE] = "the grant covers only a part",
    [VAULT_E_REAUTH] = "the passphrase is needed",
    [VAULT_E_RATE] = "rate or uses are spent",
    [VAULT_E_BUSY] = "too much is under way",
    [VAULT_E_LOCKED] = "the vault is locked",
    [VAULT_E_CONFLICT] = "it exists already or has changed",
    [VAULT_E_STORAGE] = "the vault's disk is full or failing",
    [VAULT_E_UNKNOWN] = "the outcome is not known",
    [VAULT_E_INTERNAL] = "a fault of the vault",
    [VAULT_E_CONNECT] = "the vault cannot be reached",
    [VAULT_E_TIMEOUT] = "the deadline has passed",
    [VAULT_E_IDENTITY] = "another vault answers, or somebody between",
    [VAULT_E_AUTH] = "refused, or a key or signature does not hold",
    [VAULT_E_PROTOCOL] = "the other end broke the protocol",
    [VAULT_E_FILE] = "a file cannot be read or written",
};

const char *
vault_strerror(enum vault_status status)
{
    return (unsigned)status < sizeof sentences / sizeof *sentences
               ? sentences[status]
               : "no such status";
}

const char *
vault_version(void)
{
    return VAULT_VERSION;
}
