/*
 * policy_asked: what a firm asked for and was given, in a line, and where that
 * is less.
 */
#include "base/text.h"
#include "service/policy_internal.h"
#include "terms/value.h"

/* ---- who asked for what ---- */

/* ", ", " and ", by what is left. */
static const char *
between(size_t at, size_t count)
{
    return at == 0 ? "" : at + 1 == count ? " and " : ", ";
}

static void
put_firm(struct vlt_buf *out, const struct firm *firm)
{
    if (firm != NULL) {
        vlt_text_put_escaped(out, vlt_slice_text(firm->name));
    } else {
        vlt_buf_put_text(out, "a firm that is not known any more");
    }
}

/* "email and phone" */
static void
put_channels(struct vlt_buf *out, int64_t channels)
{
    size_t count = (size_t)__builtin_popcountll((uint64_t)channels);
    size_t at = 0;

    for (int64_t bit = 1; bit <= channels; bit <<= 1) {
        if ((channels & bit) != 0) {
            vlt_buf_put_text(out, between(at++, count));
            vlt_buf_put_text(out, vocab_value(VOCAB_CHANNEL, bit)->id);
        }
    }
}

static void
put_item(struct vlt_buf *out, const struct terms_item *item)
{
    vlt_buf_printf(out, "%s ", vocab_category(item->data)->id);
    terms_put_detail(out, item->stats, item->bucket_s);
    vlt_buf_put_text(out, item->needed ? " (which it needs)" : "");
}

/* "energy.electricity mean/15min and energy.heat mean/15min"; or what it wants
 * instead of data. */
static void
put_items(struct vlt_buf *out, const struct terms_item *items, size_t count,
          const struct terms_common *common)
{
    for (size_t i = 0; i < count; i++) {
        vlt_buf_put_text(out, between(i, count));
        put_item(out, &items[i]);
    }
    if (count == 0) {
        vlt_buf_put_text(out, "leave to contact you by ");
        put_channels(out, common->channels);
    }
}

/* Are the same items for these two purposes? */
static bool
terms_alike(const struct terms_request *terms, size_t a, size_t b)
{
    bool alike = true;

    for (size_t i = 0; i < terms->item_count; i++) {
        unsigned purposes = terms->items[i].purposes;

        alike = alike &&
                (purposes == 0 || (purposes >> a & 1U) == (purposes >> b & 1U));
    }
    return alike;
}

void
policy_say_asked(struct vlt_buf *out, const struct firm *firm,
                 const struct consent_request *request)
{
    const struct terms_request *terms = request->terms;

    put_firm(out, firm);
    vlt_buf_put_text(out, " asked on ");
    policy_put_time(out, request->received);
    vlt_buf_put_text(out, " for ");
    for (size_t i = 0; i < request->parts; i++) {
        struct terms part;

        terms_part(terms, i, &part);
        vlt_buf_put_text(out, i > 0 ? "; and for " : "");
        put_items(out, part.items, part.item_count, &part.common);
        vlt_buf_put_text(out, ", for ");
        for (; i + 1 < request->parts && terms_alike(terms, i, i + 1); i++) {
            vlt_buf_printf(out, "%s and ",
                           vocab_purpose(request->part[i].purpose)->id);
        }
        vlt_buf_put_text(out, vocab_purpose(request->part[i].purpose)->id);
    }
    vlt_buf_put_text(out, "\n");
}

void
policy_say_given(struct vlt_buf *out, const struct firm *firm,
                 const struct grant *grant)
{
    const struct terms *terms = &grant->terms;

    put_firm(out, firm);
    vlt_buf_put_text(out, " was given on ");
    policy_put_time(out, grant->nbf);
    vlt_buf_put_text(out,
                     grant->terms_version > 1 ? ", and has by now, " : " ");
    put_items(out, terms->items, terms->item_count, &terms->common);
    vlt_buf_printf(out, ", for %s\n", vocab_purpose(terms->purpose)->id);
}

/* ---- less ---- */

/* Does it have less of the item on this axis?  The end is not asked for, and
 * recipients are left out or not. */
static bool
has_less(const struct terms_limits *has, const struct terms_limits *asked,
         int axis)
{
    if (axis == TERMS_ONWARDS) {
        return has->onward_count < asked->onward_count;
    }
    return axis != TERMS_UNTIL &&
           (terms_failed_axes(asked, has) >> axis & 1) != 0;
}

/* "device.state detail mean/1h (asked raw)"; of `contact` item is NULL. */
static void
put_less_of(struct vlt_buf *out, const struct terms_item *item, int axis,
            const struct terms_limits *has, const struct terms_limits *asked)
{
    vlt_buf_printf(out, "%s %s ",
                   item != NULL ? vocab_category(item->data)->id : "contact",
                   terms_axis_key((enum terms_axis)axis)->name);
    terms_put_axis(out, (enum terms_axis)axis, has);
    vlt_buf_put_text(out, " (asked ");
    terms_put_axis(out, (enum terms_axis)axis, asked);
    vlt_buf_put_text(out, ")");
}

/* Of one item, or of `contact` (NULL); before is what stands before the first.
 * True: there is some. */
static bool
put_less_item(struct vlt_buf *out, const struct terms *asked,
              const struct terms_item *wanted, const struct terms *given,
              const char *before)
{
    const struct terms_item *item =
        wanted != NULL ? terms_item_of(given, wanted->n) : NULL;
    struct terms_limits has;
    struct terms_limits limits;
    bool any = false;

    if (item == NULL && wanted != NULL) {
        vlt_buf_printf(out, "%snothing of %s", before,
                       vocab_category(wanted->data)->id);
        return true;
    }
    terms_atom(given, item, 0, &has);
    terms_atom(asked, wanted, 0, &limits);
    for (int axis = 0; axis < TERMS_AXES; axis++) {
        if (has_less(&has, &limits, axis)) {
            vlt_buf_put_text(out, any ? "; " : before);
            put_less_of(out, item, axis, &has, &limits);
            any = true;
        }
    }
    return any;
}

bool
policy_put_less(struct vlt_buf *out, const struct terms_request *request,
                size_t part, const struct terms *given)
{
    struct terms asked;
    bool any = false;

    terms_part(request, part, &asked);
    for (size_t i = 0; i < asked.item_count; i++) {
        any = put_less_item(out, &asked, &asked.items[i], given,
                            any ? "; " : "") ||
              any;
    }
    return asked.item_count > 0 ? any
                                : put_less_item(out, &asked, NULL, given, "");
}
