#include "identity/identity.h"

#include <string.h>

#include "identity/roster_internal.h"

static bool
holds(const struct kept_signer *at, const uint8_t id[VLT_ID_LEN], uint32_t n)
{
    return at->signer != NULL && at->n == n &&
           memcmp(at->id, id, VLT_ID_LEN) == 0;
}

/* The one of this key, else the one that was of use longest ago. */
static struct kept_signer *
place_of(struct identity *identity, const uint8_t id[VLT_ID_LEN], uint32_t n)
{
    struct kept_signer *oldest = &identity->kept[0];

    for (size_t i = 0; i < IDENTITY_KEPT; i++) {
        struct kept_signer *at = &identity->kept[i];

        if (holds(at, id, n)) {
            return at;
        }
        if (at->used < oldest->used) {
            oldest = at;
        }
    }
    return oldest;
}

enum vlt_status
identity_kept_signer(struct identity *identity, const uint8_t id[VLT_ID_LEN],
                     uint32_t n, const struct vlt_signer **out)
{
    struct kept_signer *at = place_of(identity, id, n);

    if (!holds(at, id, n)) {
        struct vlt_signer *signer = NULL;
        enum vlt_status st = identity_receipt_signer(identity, id, n, &signer);

        if (st != VLT_OK) {
            return st;
        }
        vlt_signer_free(at->signer);
        *at = (struct kept_signer){ .n = n, .signer = signer };
        memcpy(at->id, id, sizeof at->id);
    }
    at->used = ++identity->kept_uses;
    *out = at->signer;
    return VLT_OK;
}

void
identity_drop_kept(struct identity *identity)
{
    for (size_t i = 0; i < IDENTITY_KEPT; i++) {
        vlt_signer_free(identity->kept[i].signer);
        identity->kept[i] = (struct kept_signer){ .signer = NULL };
    }
}
