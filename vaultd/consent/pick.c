/*
 * pick: which atoms of a request the owner says yes to (WIRE.md, 6.5).
 */
#include "consent/granting_internal.h"

bool
is_pending(const struct kept_request *request, size_t part)
{
    return request->request.part[part].state == CONSENT_PENDING_STATE;
}

bool
is_picked(const struct picked *picked, size_t part)
{
    return picked->items[part] != 0 || picked->contact[part];
}

static size_t
atoms_of(const struct kept_request *request)
{
    size_t atoms = 0;

    for (size_t i = 0; i < request->request.parts; i++) {
        struct terms terms;

        terms_part(&request->terms, i, &terms);
        atoms += terms.item_count > 0 ? terms.item_count : 1;
    }
    return atoms;
}

/* ---- all ---- */

static enum vlt_status
must_be_named(const struct terms *terms, const struct terms_item *item,
              struct vlt_buf *why)
{
    const char *purpose = vocab_purpose(terms->purpose)->id;

    if (item == NULL) {
        vlt_buf_printf(why, "Contact for %s must be named: --only %s.", purpose,
                       purpose);
    } else {
        vlt_buf_printf(why, "%s for %s must be named: --only %s:%d.",
                       vocab_category(item->data)->id, purpose, purpose,
                       item->n);
    }
    return VLT_E_LIMIT;
}

/* All atoms of a part that no rule denied. */
static void
pick_part_whole(const struct kept_request *request, size_t part,
                struct picked *out)
{
    struct terms terms;

    terms_part(&request->terms, part, &terms);
    out->items[part] = items_of(&terms) & ~request->request.part[part].left_out;
    out->contact[part] = terms.item_count == 0;
}

/* The same; explicit-only ones must be named. */
static enum vlt_status
pick_whole(const struct kept_request *request, size_t part, struct picked *out,
           struct vlt_buf *why)
{
    unsigned left_out = request->request.part[part].left_out;
    struct terms terms;

    terms_part(&request->terms, part, &terms);
    for (size_t i = 0; i < terms.item_count; i++) {
        const struct terms_item *item = &terms.items[i];

        if ((left_out & 1U << (item->n - 1)) == 0 &&
            terms_explicit(terms.purpose, item->data)) {
            return must_be_named(&terms, item, why);
        }
    }
    if (terms.item_count == 0 && terms_explicit(terms.purpose, VOCAB_NONE)) {
        return must_be_named(&terms, NULL, why);
    }
    pick_part_whole(request, part, out);
    return VLT_OK;
}

static enum vlt_status
pick_all(const struct kept_request *request, struct picked *out,
         struct vlt_buf *why)
{
    bool any = false;
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < request->request.parts; i++) {
        if (is_pending(request, i)) {
            any = true;
            st = pick_whole(request, i, out, why);
        }
    }
    if (!any) {
        vlt_buf_printf(why, "Nothing of it waits for an answer.");
        return VLT_E_CONFLICT;
    }
    return st;
}

/* ---- by name ---- */

/* What was named must be there, wait, and not be denied by a rule. */
static enum vlt_status
pick_part(const struct kept_request *request, size_t part, unsigned named,
          struct picked *out, struct vlt_buf *why)
{
    const unsigned contact = 1U << 31;
    unsigned items = named & ~contact;
    struct terms terms;

    if (part >= request->request.parts || !is_pending(request, part)) {
        vlt_buf_printf(why, "That part does not wait for an answer.");
        return VLT_E_CONFLICT;
    }
    terms_part(&request->terms, part, &terms);
    if ((items & ~items_of(&terms)) != 0 ||
        ((named & contact) != 0 && terms.item_count > 0)) {
        vlt_buf_printf(why, "%s has no such item.",
                       vocab_purpose(terms.purpose)->id);
        return VLT_E_FORMAT;
    }
    if ((items & request->request.part[part].left_out) != 0) {
        vlt_buf_printf(why, "A deny rule forbids that item.");
        return VLT_E_CONFLICT;
    }
    out->items[part] = items;
    out->contact[part] = (named & contact) != 0;
    return VLT_OK;
}

static enum vlt_status
pick_named(const struct kept_request *request, const struct consent_pick *pick,
           struct picked *out, struct vlt_buf *why)
{
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < TERMS_PURPOSES; i++) {
        if (pick->items[i] != 0) {
            st = pick_part(request, i, pick->items[i], out, why);
        }
    }
    return st;
}

static bool
picks_nothing(const struct consent_pick *pick)
{
    for (size_t i = 0; i < TERMS_PURPOSES; i++) {
        if (pick->items[i] != 0) {
            return false;
        }
    }
    return !pick->all;
}

/* The one atom is named by the request itself, explicit or not. */
static enum vlt_status
pick_only(const struct kept_request *request, struct picked *out,
          struct vlt_buf *why)
{
    struct terms terms;

    if (atoms_of(request) != 1) {
        vlt_buf_printf(why, "Say what is approved: --only PURPOSE:N or --all.");
        return VLT_E_LIMIT;
    }
    if (!is_pending(request, 0)) {
        vlt_buf_printf(why, "It does not wait for an answer.");
        return VLT_E_CONFLICT;
    }
    terms_part(&request->terms, 0, &terms);
    out->items[0] = items_of(&terms);
    out->contact[0] = terms.item_count == 0;
    return VLT_OK;
}

enum vlt_status
pick_atoms(const struct kept_request *request, const struct consent_pick *pick,
           struct picked *out, struct vlt_buf *why)
{
    *out = (struct picked){ .items = { 0 } };
    if (picks_nothing(pick)) {
        return pick_only(request, out, why);
    }
    return pick->all ? pick_all(request, out, why)
                     : pick_named(request, pick, out, why);
}

enum vlt_status
pick_to_look(const struct kept_request *request,
             const struct consent_pick *pick, struct picked *out,
             struct vlt_buf *why)
{
    bool any = false;

    if (!picks_nothing(pick)) {
        return pick_atoms(request, pick, out, why);
    }
    *out = (struct picked){ .items = { 0 } };
    for (size_t i = 0; i < request->request.parts; i++) {
        if (is_pending(request, i)) {
            any = true;
            pick_part_whole(request, i, out);
        }
    }
    if (!any) {
        vlt_buf_printf(why, "Nothing of it waits for an answer.");
        return VLT_E_CONFLICT;
    }
    return VLT_OK;
}
