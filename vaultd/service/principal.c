#include "service/principal.h"

#include "base/writer.h"

/* Sessions are counted from 1 and never get there. */
#define OF_AN_ID (UINT64_C(1) << 63)

uint64_t
principal_waiter_of(const uint8_t id[VLT_ID_LEN])
{
    /* An id's last 80 bits are random; two that meet would only share turns. */
    return vlt_load_u64(id + VLT_ID_LEN - 8) | OF_AN_ID;
}

uint64_t
principal_waiter(const struct principal *who)
{
    return who->role == ROLE_OWNER ? who->session
                                   : principal_waiter_of(who->id);
}
