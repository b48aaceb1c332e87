#include "service/warnings.h"

#include "engine/policy.h"
#include "service/hold.h"
#include "service/quota.h"
#include "service/service_internal.h"
#include "store/slots.h"

/* The country that `home` means is settled when policies are applied. */
static bool
home_moved(struct service *service)
{
    const struct consent_set *set = consent_set_hold(service->consent);
    bool moved = set != NULL && policy_rule_count(set->set) > 0 &&
                 policy_settings(set->set)->home != service->home;

    consent_set_release(set);
    return moved;
}

static void
anchor_warnings(const struct service *service, warning_fn *tell, void *ctx)
{
    if (!store_anchor_kept(service->store)) {
        tell(ctx, "anchor",
             "No anchor is kept: that an earlier copy was put back will not be "
             "noticed (configuration: anchor).");
    } else if (atomic_get(&service->anchor_failed) != 0) {
        tell(ctx, "anchor", "The anchor cannot be written; see the log.");
    }
}

void
warnings_each(struct service *service, bool locked, uint64_t used,
              warning_fn *tell, void *ctx)
{
    if (store_destroyed(service->store)) {
        tell(ctx, "destroyed",
             "The keys of this vault were destroyed (vaultctl panic): only a "
             "backup brings it back.");
    }
    if (hold_has(service, HOLD_CLOCK)) {
        tell(ctx, "clock",
             "The clock jumped: firms get nothing until you confirm the time "
             "(vaultctl confirm clock), or the kernel says that it is "
             "synchronised.");
    }
    if (hold_has(service, HOLD_ROLLBACK)) {
        tell(ctx, "rollback",
             "An earlier copy of this vault was put back, it was restored from "
             "a backup, or its anchor is gone: grants may be in force that "
             "you revoked since, so firms get nothing until you confirm it "
             "(vaultctl confirm rollback).");
    }
    anchor_warnings(service, tell, ctx);
    if (!locked && home_moved(service)) {
        tell(ctx, "home",
             "The policies in force were applied under another `home` than the "
             "configuration has now; apply them again for it to count.");
    }
    quota_warnings(service, used, tell, ctx);
}
