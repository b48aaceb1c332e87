#include "engine/policy.h"

const char *
policy_notify_word(enum policy_notify notify)
{
    switch (notify) {
    case POLICY_NOTIFY_EACH:
        return "each";
    case POLICY_NOTIFY_FIRST:
        return "first";
    case POLICY_NOTIFY_DAILY:
        return "daily";
    case POLICY_NOTIFY_WEEKLY:
        return "weekly";
    }
    return "each";
}

struct policy_duties
policy_duties_unsaid(void)
{
    return (struct policy_duties){ .notify = POLICY_NOTIFY_WEEKLY,
                                   .ask_each = false,
                                   .min_readings = 2,
                                   .show_names = false,
                                   .join_new_streams = false };
}

struct policy_duties
policy_duties_none(void)
{
    return (struct policy_duties){ .notify = POLICY_NOTIFY_WEEKLY,
                                   .ask_each = false,
                                   .min_readings = 1,
                                   .show_names = true,
                                   .join_new_streams = true };
}

struct policy_duties
policy_duties_both(struct policy_duties a, struct policy_duties b)
{
    return (struct policy_duties){
        .notify = a.notify < b.notify ? a.notify : b.notify,
        .ask_each = a.ask_each || b.ask_each,
        .min_readings =
            a.min_readings > b.min_readings ? a.min_readings : b.min_readings,
        .show_names = a.show_names && b.show_names,
        .join_new_streams = a.join_new_streams && b.join_new_streams,
    };
}
