#include "base/status.h"

#include <stddef.h>

static const char *const words[] = {
    [VLT_OK] = "ok",
    [VLT_E_NOMEM] = "nomem",
    [VLT_E_FORMAT] = "format",
    [VLT_E_LIMIT] = "limit",
    [VLT_E_QUOTA] = "quota",
    [VLT_E_BUSY] = "busy",
    [VLT_E_AUTH] = "auth",
    [VLT_E_DENIED] = "denied",
    [VLT_E_NOT_FOUND] = "not_found",
    [VLT_E_CONFLICT] = "conflict",
    [VLT_E_LOCKED] = "locked",
    [VLT_E_STORAGE] = "storage",
    [VLT_E_UNKNOWN] = "unknown",
};

const char *
vlt_status_word(enum vlt_status st)
{
    size_t i = (size_t)st;

    return i < sizeof words / sizeof words[0] ? words[i] : "invalid";
}
