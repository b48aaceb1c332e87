#include "keys/kek.h"

#include "crypto/kdf.h"

bool
kek_cost_valid(struct kek_cost cost)
{
    return cost.t >= KEK_T_MIN && cost.t <= KEK_T_MAX &&
           cost.m_kib >= KEK_M_MIN && cost.m_kib <= KEK_M_MAX;
}

struct kek_cost
kek_cost_default(uint64_t ram_bytes)
{
    struct kek_cost cost = { .t = KEK_T_DEFAULT, .m_kib = KEK_M_DEFAULT };
    uint64_t quarter = ram_bytes / 4 / 1024;

    if (ram_bytes > 0 && quarter < KEK_M_DEFAULT) {
        cost.m_kib =
            quarter < KEK_M_MIN ? (uint32_t)KEK_M_MIN : (uint32_t)quarter;
    }
    return cost;
}

enum vlt_status
kek_of_passphrase(const struct vlt_secret *passphrase,
                  const uint8_t salt[KEK_SALT], struct kek_cost cost,
                  struct vlt_secret **out)
{
    if (!kek_cost_valid(cost) ||
        vlt_secret_len(passphrase) > KEK_PASSPHRASE_MAX) {
        return VLT_E_LIMIT;
    }
    return vlt_argon2id(passphrase, salt, cost.t, cost.m_kib, out);
}

static enum vlt_status
derive(const struct vlt_secret *random, const char *label,
       struct vlt_secret **out)
{
    if (vlt_secret_len(random) != KEK_RANDOM_LEN) {
        return VLT_E_LIMIT;
    }
    return vlt_derive(vlt_key_of(random), label, out);
}

enum vlt_status
kek_of_words(const struct vlt_secret *entropy, struct vlt_secret **out)
{
    return derive(entropy, "vd1 recovery", out);
}

enum vlt_status
kek_of_credential(const struct vlt_secret *credential, struct vlt_secret **out)
{
    return derive(credential, "vd1 credential", out);
}
