#include "engine/corner.h"

#include "base/time.h"

/* To whom a request passes it on that asks exactly the cap. */
static void
corner_onward(const struct terms_limits *caps,
              struct terms_recipient recipients[TERMS_NAMES],
              struct terms_limits *out)
{
    out->onward = recipients;
    out->onward_count = 0;
    out->name_count = 0;
    if (caps->at[TERMS_ONWARDS] == TERMS_ONWARD_PROCESSORS) {
        recipients[out->onward_count++] =
            (struct terms_recipient){ .country = 0 };
    }
    for (size_t i = 0; i < caps->name_count; i++) {
        recipients[out->onward_count++] =
            (struct terms_recipient){ .name = caps->names[i],
                                      .controller = true };
    }
}

bool
policy_corner(const struct terms_limits *caps,
              const struct policy_corner *corner,
              struct terms_recipient recipients[TERMS_NAMES],
              struct terms_limits *out)
{
    int64_t start = vlt_floor_div(corner->now, VLT_SECOND) * VLT_SECOND;
    int64_t until = caps->at[TERMS_UNTIL];
    int64_t from = caps->at[TERMS_FROM];

    *out = *caps;
    corner_onward(caps, recipients, out);
    out->at[TERMS_ACTION] = corner->action;
    out->at[TERMS_BASIS] = corner->basis;
    /* It begins now, or when the rule does. */
    out->at[TERMS_FROM] = from > corner->now ? from : corner->now;
    start = from > start ? from : start;
    if (until != INT64_MAX &&
        (until - start) / VLT_SECOND < caps->at[TERMS_LIFE]) {
        out->at[TERMS_LIFE] = (until - start) / VLT_SECOND;
    }
    out->at[TERMS_UNTIL] = start + out->at[TERMS_LIFE] * VLT_SECOND;
    if (corner->action == VOCAB_CONTACT) {
        out->at[TERMS_DETAIL] = TERMS_UNLIMITED;
        out->at[TERMS_ROUND] = 0;
        out->at[TERMS_WINDOW] = TERMS_WINDOW_NEW;
        out->at[TERMS_DELAY] = TERMS_UNLIMITED;
    } else {
        out->at[TERMS_CHANNELS] = 0;
    }
    if (corner->action != VOCAB_LIVE) {
        out->at[TERMS_EVERY] = TERMS_UNLIMITED;
    }
    return out->at[TERMS_LIFE] > 0;
}

int64_t
policy_greatest(int64_t actions)
{
    return (actions & VOCAB_LIVE) != 0   ? VOCAB_LIVE
           : (actions & VOCAB_READ) != 0 ? VOCAB_READ
                                         : actions & VOCAB_ONCE;
}

bool
policy_names(bool has, struct vocab_mask mask, const struct vocab_node *node)
{
    return (node->flags & VOCAB_GROUP) == 0 &&
           (!has || vocab_mask_meets(node->within, mask));
}
