#include "client/status_map.h"

static const struct {
    enum vlt_rpc_code code;
    enum vault_status status;
} codes[] = {
    { VLT_RPC_PARSE, VAULT_E_PROTOCOL },
    { VLT_RPC_INVALID, VAULT_E_PROTOCOL },
    { VLT_RPC_METHOD, VAULT_E_USAGE },
    { VLT_RPC_PARAMS, VAULT_E_PARAMS },
    { VLT_RPC_DENIED, VAULT_E_DENIED },
    { VLT_RPC_PENDING, VAULT_E_PENDING },
    { VLT_RPC_ENDED, VAULT_E_ENDED },
    { VLT_RPC_SCOPE, VAULT_E_SCOPE },
    { VLT_RPC_RATE, VAULT_E_RATE },
    { VLT_RPC_LOCKED, VAULT_E_LOCKED },
    { VLT_RPC_REAUTH, VAULT_E_REAUTH },
    { VLT_RPC_CONFLICT, VAULT_E_CONFLICT },
    { VLT_RPC_STORAGE, VAULT_E_STORAGE },
    { VLT_RPC_UNKNOWN, VAULT_E_UNKNOWN },
    { VLT_RPC_BUSY, VAULT_E_BUSY },
    { VLT_RPC_INTERNAL, VAULT_E_INTERNAL },
};

enum vault_status
vlt_status_of_error(const struct vlt_rpc_error *error)
{
    if (error->code == VLT_RPC_PARAMS &&
        vlt_slice_is(error->detail, "not_found")) {
        return VAULT_E_NOT_FOUND;
    }
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if ((int)codes[i].code == error->code) {
            return codes[i].status;
        }
    }
    return VAULT_E_PROTOCOL;
}

enum vault_status
vlt_status_outside(enum vlt_status st)
{
    switch (st) {
    case VLT_OK:
        return VAULT_OK;
    case VLT_E_NOMEM:
        return VAULT_E_NOMEM;
    case VLT_E_FORMAT:
    case VLT_E_LIMIT:
        return VAULT_E_PROTOCOL;
    case VLT_E_QUOTA:
        return VAULT_E_RATE;
    case VLT_E_BUSY:
        return VAULT_E_BUSY;
    case VLT_E_AUTH:
        return VAULT_E_AUTH;
    case VLT_E_DENIED:
        return VAULT_E_DENIED;
    case VLT_E_NOT_FOUND:
        return VAULT_E_NOT_FOUND;
    case VLT_E_CONFLICT:
        return VAULT_E_CONFLICT;
    case VLT_E_LOCKED:
        return VAULT_E_LOCKED;
    case VLT_E_STORAGE:
        return VAULT_E_FILE;
    case VLT_E_UNKNOWN:
        return VAULT_E_UNKNOWN;
    }
    return VAULT_E_INTERNAL;
}
