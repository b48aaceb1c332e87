/*
 * bind: which streams a grant gives, settled when it is born (WIRE.md, 6.6).
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "consent/granting_internal.h"

struct binding {
    struct grant_box *box;
    const struct granting *granting;
    const struct policy_set *set;
    struct policy_firm firm;
    const struct policy_atom *atom; /* of the item */
    const struct terms_item *item;
    size_t of_item; /* bound so far */
    size_t aliases; /* of the category, over all items */
    enum vlt_status st;
};

bool
bind_covers(int item, int category)
{
    const struct vocab_node *node = vocab_category(category);

    return node != NULL && vocab_mask_has(node->within, item);
}

size_t
alias_number(const char *alias)
{
    const char *slash = strrchr(alias, '/');
    int64_t number;

    return slash != NULL &&
                   vlt_int_parse(vlt_slice_text(slash + 1), &number) ==
                       VLT_OK &&
                   number > 0
               ? (size_t)number
               : 0;
}

enum vlt_status
bind_add(struct grant_bound **list, size_t *count,
         const struct grant_bound *bound)
{
    struct grant_bound *more = realloc(*list, (*count + 1) * sizeof **list);

    if (more == NULL) {
        return VLT_E_NOMEM;
    }
    *list = more;
    more[(*count)++] = *bound;
    return VLT_OK;
}

static enum policy_fate
fate_of(const struct binding *binding, const struct consent_stream *stream)
{
    return policy_stream_fate(binding->set, &binding->firm, binding->atom,
                              binding->granting->by_rule, stream->name);
}

/* Aliases count the streams of a category in a grant; those held have theirs
 * too, so that one admitted later does not take another's. */
static bool
bind_one(void *ctx, const struct consent_stream *stream)
{
    struct binding *binding = ctx;
    struct grant_box *box = binding->box;
    struct grant_bound bound = { .n = binding->item->n };

    if (!bind_covers(binding->item->data, stream->category) ||
        !narrow_lets(binding->granting->narrow, stream->name)) {
        return true;
    }
    enum policy_fate fate = fate_of(binding, stream);

    if (fate == POLICY_WITHHOLD) {
        return true;
    }
    memcpy(bound.stream, stream->id, VLT_ID_LEN);
    binding->aliases++;
    (void)snprintf(bound.alias, sizeof bound.alias, "%s/%zu",
                   vocab_category(binding->item->data)->id, binding->aliases);
    if (binding->aliases > box->aliases) {
        box->aliases = binding->aliases;
    }
    binding->of_item += fate == POLICY_GIVE;
    if (fate == POLICY_GIVE && binding->of_item <= CONSENT_BOUND) {
        binding->st = bind_add(&box->bound, &box->grant.bound_count, &bound);
    } else if (box->grant.held_count < HELD_MAX) {
        binding->st = bind_add(&box->held, &box->grant.held_count, &bound);
    } /* beyond that a record could not name them all */
    return binding->st == VLT_OK;
}

/* Of a list, the streams of earlier items of the same category. */
static size_t
count_before(const struct terms *terms, size_t item,
             const struct grant_bound *bound, size_t bounds)
{
    size_t count = 0;

    for (size_t i = 0; i < bounds; i++) {
        for (size_t j = 0; j < item; j++) {
            count += terms->items[j].n == bound[i].n &&
                     terms->items[j].data == terms->items[item].data;
        }
    }
    return count;
}

/* Aliases of a category go on where an earlier item of it ended. */
static size_t
aliases_before(const struct terms *terms, size_t item,
               const struct grant_box *box)
{
    return count_before(terms, item, box->bound, box->grant.bound_count) +
           count_before(terms, item, box->held, box->grant.held_count);
}

/* What was decided of an item: that was asked, so there is one. */
static const struct policy_atom *
atom_of(const struct policy_decision *decision, int n)
{
    for (size_t i = 0;; i++) {
        assert(i < decision->atom_count);
        if (decision->atoms[i].n == n) {
            return &decision->atoms[i];
        }
    }
}

enum vlt_status
bind_streams(struct grant_box *box, const struct granting *granting)
{
    const struct consent_world *world = granting->world;
    const struct terms *terms = &box->grant.terms;

    for (size_t i = 0; i < terms->item_count; i++) {
        struct binding binding = {
            .box = box,
            .granting = granting,
            .set = granting->set->owned,
            .firm = firm_facts(granting->firm),
            .atom = atom_of(granting->decision, terms->items[i].n),
            .item = &terms->items[i],
            .aliases = aliases_before(terms, i, box),
            .st = VLT_OK,
        };

        world->each(world->ctx, bind_one, &binding);
        if (binding.st != VLT_OK) {
            return binding.st;
        }
    }
    box->grant.bound = box->bound;
    box->grant.held = box->held;
    return VLT_OK;
}
