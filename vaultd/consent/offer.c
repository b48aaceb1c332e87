/*
 * offer: a counter-offer, kept with its request.
 */
#include <stdlib.h>

#include "base/text.h"
#include "base/time.h"
#include "consent/counter.h"
#include "consent/granting_internal.h"
#include "wire/offer.h"

void
offer_free(struct kept_offer *offer)
{
    if (offer != NULL) {
        vlt_json_free(offer->document);
        free(offer->jws);
        free(offer);
    }
}

enum vlt_status
offer_make(struct vlt_slice jws, struct kept_offer **out)
{
    struct kept_offer *offer = calloc(1, sizeof *offer);
    struct vlt_offer read;
    struct vlt_buf payload;
    enum vlt_status st;

    if (offer == NULL) {
        return VLT_E_NOMEM;
    }
    vlt_buf_init(&payload, VLT_OFFER_MAX);
    offer->jws = vlt_text_copy(jws);
    st = offer->jws != NULL ? jws_payload(jws, &payload) : VLT_E_NOMEM;
    if (st == VLT_OK) {
        st = vlt_offer_read(vlt_buf_slice(&payload), &offer->document, &read);
    }
    vlt_buf_free(&payload);
    if (st != VLT_OK) {
        offer_free(offer);
        return st;
    }
    offer->terms = read.terms;
    offer->until = read.exp * VLT_SECOND;
    offer->by_hand = read.by_hand;
    *out = offer;
    return VLT_OK;
}

void
offer_into(struct kept_request *request, size_t part, struct kept_offer *offer)
{
    offer_free(request->offer[part]);
    request->offer[part] = offer;
    request->request.part[part].offer = vlt_slice_text(offer->jws);
    request->request.part[part].offer_until = offer->until;
    request->request.part[part].offered = &offer->terms;
    request->request.part[part].offered_by_hand = offer->by_hand;
}

enum vlt_status
consent_offer_put(struct consent *consent, struct store_txn *txn,
                  const uint8_t id[VLT_ID_LEN], int part, struct vlt_slice jws)
{
    struct kept_request *request = NULL;
    struct kept_offer *offer = NULL;
    enum vlt_status st = answer_begin(consent, id, &request);

    if (st != VLT_OK) {
        return st;
    }
    st = offer_make(jws, &offer);
    if (st == VLT_OK) {
        offer_into(request, (size_t)part, offer);
        st = ledger_put_request(consent, txn, request);
    }
    request_release(request);
    return st;
}
