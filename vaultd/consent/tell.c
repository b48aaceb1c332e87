/*
 * tell: when the owner hears of uses (LANGUAGE.md, 3).
 *
 * Of each use, of the first, or of all since the last time at most once a day
 * or a week; what is not told with a use is told by the clock.
 */
#include <string.h>

#include "base/time.h"
#include "consent/consent_internal.h"

static int64_t
period_of(enum policy_notify how)
{
    return how == POLICY_NOTIFY_DAILY ? VLT_DAY : 7 * VLT_DAY;
}

bool
tell_due(const struct grant *grant, enum policy_notify how, int64_t now)
{
    /* The first digest comes a period after the grant was born. */
    int64_t since = grant->told != 0 ? grant->told : grant->nbf;

    if (grant->use_seq <= grant->told_seq) {
        return false;
    }
    switch (how) {
    case POLICY_NOTIFY_EACH:
        return true;
    case POLICY_NOTIFY_FIRST:
        return grant->told_seq == 0;
    case POLICY_NOTIFY_DAILY:
    case POLICY_NOTIFY_WEEKLY:
        return now - since >= period_of(how);
    }
    return true;
}

enum vlt_status
tell_uses(struct grant_box *copy, int64_t now, struct consent_changes *changes)
{
    struct consent_change change = {
        .row = ROW_TOLD,
        .event = CONSENT_NO_RECEIPT,
        .by = CONSENT_BY_VAULT,
        .part = copy->part,
        .state = copy->grant.state,
        .grant = &copy->grant,
        .uses = copy->grant.use_seq - copy->grant.told_seq,
    };

    memcpy(change.request, copy->grant.request, VLT_ID_LEN);
    copy->grant.told_seq = copy->grant.use_seq;
    copy->grant.told = now;
    return change_add(changes, &change);
}
