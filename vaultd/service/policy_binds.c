/*
 * policy_binds: why a grant that is in force has no stream to give of an item.
 */
#include <string.h>

#include "base/name.h"
#include "service/policy_internal.h"

/* A pattern (empty: any name) that is looked for among streams of a category.
 */
struct seeking {
    const struct vocab_node *data;
    struct vlt_slice pattern;
    bool found;
};

static bool
seek_one(void *ctx, const struct stream *stream)
{
    struct seeking *seeking = ctx;
    const struct vocab_node *node = vocab_category(noun_category(stream));

    seeking->found =
        node != NULL && vocab_mask_has(node->within, seeking->data->bit) &&
        (seeking->pattern.len == 0 ||
         vlt_pattern_matches(seeking->pattern, vlt_slice_text(stream->name)));
    return !seeking->found;
}

static bool
any_stream(struct service *service, const struct vocab_node *data,
           struct vlt_slice pattern)
{
    struct seeking seeking = { .data = data, .pattern = pattern };

    series_each(service->series, seek_one, &seeking);
    return seeking.found;
}

/* Of the rules that gave it, as they are now, the patterns that no stream of
 * the category matches.  False: there is none. */
static bool
put_patterns(struct vlt_buf *out, struct service *service,
             const struct policy_set *set, const struct grant *grant,
             const struct vocab_node *data)
{
    const char *between = "no stream matches ";

    for (size_t i = 0; i < grant->rule_count; i++) {
        const struct policy_rule *rule =
            policy_rule_named(set, grant->rule[i].name);

        for (size_t j = 0; rule != NULL && j < rule->pattern_count; j++) {
            if (!any_stream(service, data, rule->patterns[j])) {
                vlt_buf_put_text(out, between);
                vlt_buf_put_slice(out, rule->patterns[j]);
                vlt_buf_printf(out, " (%s)", rule->name);
                between = " or ";
            }
        }
    }
    return strcmp(between, " or ") == 0;
}

/* Of an item whose streams nothing binds, why not. */
static void
put_item(struct vlt_buf *out, struct service *service,
         const struct policy_set *set, const struct grant *grant,
         const struct terms_item *item)
{
    const struct vocab_node *data = vocab_category(item->data);
    bool any = any_stream(service, data, (struct vlt_slice){ .len = 0 });

    vlt_buf_printf(out, "  but it gives nothing of %s: ", data->id);
    if (!any) {
        vlt_buf_put_text(out, "there is no such stream");
    } else if (!put_patterns(out, service, set, grant, data)) {
        vlt_buf_put_text(out, "rules withheld all such streams when it was "
                              "given (the list below names them)");
    }
    vlt_buf_put_text(out, "\n");
}

static size_t
count_of(const struct grant_bound *list, size_t count, int n)
{
    size_t of_item = 0;

    for (size_t i = 0; i < count; i++) {
        of_item += list[i].n == n;
    }
    return of_item;
}

void
policy_say_binds(struct vlt_buf *out, struct service *service,
                 const struct grant *grant)
{
    const struct consent_set *set = consent_set_hold(service->consent);

    for (size_t i = 0; set != NULL && i < grant->terms.item_count; i++) {
        const struct terms_item *item = &grant->terms.items[i];
        size_t held = count_of(grant->held, grant->held_count, item->n);

        if (count_of(grant->bound, grant->bound_count, item->n) > 0) {
            continue;
        }
        if (held > 0) {
            vlt_buf_printf(out,
                           "  but it gives nothing of %s: its streams (%zu) "
                           "wait for you to admit them\n",
                           vocab_category(item->data)->id, held);
        } else {
            put_item(out, service, set->set, grant, item);
        }
    }
    consent_set_release(set);
}
