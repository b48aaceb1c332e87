#include "terms/terms.h"

#include "base/time.h"

void
terms_request_init(struct terms_request *request)
{
    *request = (struct terms_request){
        .reply_by_s = 7 * 86400,
        .controller_country = VOCAB_NONE,
        .behalf_country = VOCAB_NONE,
        .common.uses = TERMS_UNLIMITED,
        .common.life_s = TERMS_LIFE_UNSAID,
    };
    for (size_t i = 0; i < TERMS_PURPOSES; i++) {
        request->purposes[i].id = VOCAB_NONE;
    }
    for (size_t i = 0; i < TERMS_ITEMS; i++) {
        request->items[i].data = VOCAB_NONE;
    }
}

const struct terms_item *
terms_item_of(const struct terms *terms, int n)
{
    for (size_t i = 0; i < terms->item_count; i++) {
        if (terms->items[i].n == n) {
            return &terms->items[i];
        }
    }
    return NULL;
}

bool
terms_item_for(const struct terms_request *request, size_t i, size_t p)
{
    unsigned purposes = request->items[i].purposes;

    return purposes == 0 || (purposes >> p & 1) != 0;
}

bool
terms_explicit(int purpose, int data)
{
    const struct vocab_node *why = vocab_purpose(purpose);
    const struct vocab_node *what = vocab_category(data);

    return (why != NULL && (why->flags & VOCAB_EXPLICIT) != 0) ||
           (what != NULL && (what->flags & VOCAB_EXPLICIT) != 0);
}

bool
terms_request_explicit(const struct terms_request *request)
{
    for (size_t p = 0; p < request->purpose_count; p++) {
        if (terms_explicit(request->purposes[p].id, VOCAB_NONE)) {
            return true;
        }
    }
    for (size_t i = 0; i < request->item_count; i++) {
        if (terms_explicit(VOCAB_NONE, request->items[i].data)) {
            return true;
        }
    }
    return false;
}

int64_t
terms_request_life(const struct terms_request *request)
{
    if (request->common.life_s != TERMS_LIFE_UNSAID) {
        return request->common.life_s;
    }
    return terms_request_explicit(request) ? VOCAB_LIFE_EXPLICIT_UNSAID
                                           : VOCAB_LIFE_UNSAID;
}

void
terms_part(const struct terms_request *request, size_t p, struct terms *out)
{
    *out = (struct terms){ .purpose = request->purposes[p].id,
                           .basis = request->purposes[p].basis,
                           .common = request->common };
    out->common.life_s = terms_request_life(request);
    for (size_t i = 0; i < request->item_count; i++) {
        if (terms_item_for(request, i, p)) {
            out->items[out->item_count] = request->items[i];
            out->items[out->item_count].purposes = 0;
            out->item_count++;
        }
    }
}

/* What the whole request says of an atom. */
static void
fill_common(const struct terms *terms, struct terms_limits *out)
{
    const struct terms_common *common = &terms->common;

    out->at[TERMS_ACTION] = common->action;
    out->at[TERMS_CHANNELS] = common->channels;
    out->at[TERMS_RATE] = common->rate.n;
    out->per_s = common->rate.per_s;
    out->at[TERMS_USES] = common->uses;
    out->at[TERMS_LIFE] = common->life_s;
    out->at[TERMS_KEEP] = common->keep_s;
    out->onward = common->onward;
    out->onward_count = common->onward_count;
    for (size_t i = 0; i < common->where_count; i++) {
        terms_places_add(&out->where, common->where[i]);
    }
    out->at[TERMS_BASIS] = terms->basis;
    out->at[TERMS_PROFILING] = common->profiling;
    out->at[TERMS_AUTOMATED] = common->automated;
    out->at[TERMS_TRAINING] = common->training;
    out->at[TERMS_GATEKEEPER] = common->gatekeeper;
}

static void
fill_item(const struct terms_item *item, bool live, struct terms_limits *out)
{
    out->at[TERMS_DETAIL] = item->raw ? 0 : item->bucket_s;
    out->stats = item->raw ? 0 : item->stats;
    out->at[TERMS_ROUND] = item->round.nano;
    out->length = item->round.length;
    out->at[TERMS_WINDOW] = item->window_s;
    out->at[TERMS_DELAY] = item->delay_s;
    out->at[TERMS_EVERY] = live ? item->every_s : TERMS_UNLIMITED;
}

/* An offer on a channel gives no data: the least on each axis of data.  The
 * step is none, as the axis has no place for data that is not there. */
static void
fill_contact(struct terms_limits *out)
{
    out->at[TERMS_DETAIL] = TERMS_UNLIMITED;
    out->at[TERMS_WINDOW] = TERMS_WINDOW_NEW;
    out->at[TERMS_DELAY] = TERMS_UNLIMITED;
    out->at[TERMS_EVERY] = TERMS_UNLIMITED;
}

void
terms_atom(const struct terms *terms, const struct terms_item *item,
           int64_t now, struct terms_limits *out)
{
    int64_t start = vlt_floor_div(now, VLT_SECOND) * VLT_SECOND;

    *out = (struct terms_limits){ 0 };
    fill_common(terms, out);
    if (item != NULL) {
        fill_item(item, terms->common.action == VOCAB_LIVE, out);
    } else {
        fill_contact(out);
    }
    out->at[TERMS_FROM] = now;
    out->at[TERMS_UNTIL] = start + terms->common.life_s * VLT_SECOND;
}
