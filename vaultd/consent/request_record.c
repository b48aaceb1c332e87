#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "consent/consent_internal.h"
#include "crypto/hash.h"
#include "wire/limits.h"
#include "wire/offer.h"
#include "wire/request.h"
#include "json/json_write.h"

enum {
    RECORD_MAX = 256 << 10,
    RECORD_DEPTH = 4,
};

static const char *const states[] = { "pending", "countered", "denied",
                                      "lapsed",  "dropped",   "active",
                                      NULL };

enum vlt_status
jws_payload(struct vlt_slice jws, struct vlt_buf *out)
{
    const uint8_t *first = jws.len > 0 ? memchr(jws.at, '.', jws.len) : NULL;
    const uint8_t *second = NULL;

    if (first != NULL) {
        size_t left = jws.len - (size_t)(first + 1 - jws.at);

        second = memchr(first + 1, '.', left);
    }
    if (second == NULL) {
        return VLT_E_FORMAT;
    }
    return vlt_base64url_get(
        vlt_slice_of(first + 1, (size_t)(second - first - 1)), out);
}

enum vlt_status
request_make(struct vlt_slice jws, struct kept_request **out)
{
    struct kept_request *request = calloc(1, sizeof *request);
    struct terms_fault fault;
    struct vlt_buf payload;
    enum vlt_status st;

    if (request == NULL) {
        return VLT_E_NOMEM;
    }
    ref_init(&request->ref);
    vlt_buf_init(&payload, VLT_LIMIT_REQUEST_JWS);
    request->jws = vlt_text_copy(jws);
    st = request->jws != NULL ? jws_payload(jws, &payload) : VLT_E_NOMEM;
    if (st == VLT_OK) {
        st = vlt_request_read(vlt_buf_slice(&payload), &request->document,
                              &request->terms, &fault);
    }
    if (st == VLT_OK) {
        vlt_sha256_of(vlt_buf_slice(&payload), request->request.sha256);
        request->request.jws = vlt_slice_of(request->jws, jws.len);
        request->request.terms = &request->terms;
        request->request.parts = request->terms.purpose_count;
        memcpy(request->request.id, request->terms.jti, VLT_ID_LEN);
        for (size_t i = 0; i < request->request.parts; i++) {
            request->request.part[i].purpose = request->terms.purposes[i].id;
            request->request.part[i].state = CONSENT_PENDING_STATE;
        }
    }
    vlt_buf_free(&payload);
    if (st != VLT_OK) {
        request_release(request);
        return st;
    }
    *out = request;
    return VLT_OK;
}

static enum vlt_status
copy_offer(struct kept_request *copy, const struct kept_request *from, size_t i)
{
    struct kept_offer *offer = NULL;
    enum vlt_status st;

    if (from->offer[i] == NULL) {
        return VLT_OK;
    }
    st = offer_make(vlt_slice_text(from->offer[i]->jws), &offer);
    if (st == VLT_OK) {
        offer_into(copy, i, offer);
    }
    return st;
}

static enum vlt_status
keep_decided(struct kept_request *request, size_t i, struct vlt_slice words)
{
    request->decided[i] = vlt_text_copy(words);
    if (request->decided[i] == NULL) {
        return VLT_E_NOMEM;
    }
    request->request.part[i].decided = vlt_slice_text(request->decided[i]);
    return VLT_OK;
}

static enum vlt_status
copy_decided(struct kept_request *copy, const struct kept_request *from,
             size_t i)
{
    return from->decided[i] == NULL
               ? VLT_OK
               : keep_decided(copy, i, vlt_slice_text(from->decided[i]));
}

/* Texts of the owner's reasons are copied; the payload is parsed anew, so that
 * a copy owns all that it points to. */
struct kept_request *
request_copy(const struct kept_request *from)
{
    struct kept_request *copy = NULL;

    if (request_make(from->request.jws, &copy) != VLT_OK) {
        return NULL;
    }
    memcpy(copy->kid, from->kid, sizeof copy->kid);
    memcpy(copy->request.firm, from->request.firm, VLT_ID_LEN);
    copy->request.received = from->request.received;
    copy->request.reply_by = from->request.reply_by;
    for (size_t i = 0; i < from->request.parts; i++) {
        copy->request.part[i] = from->request.part[i];
        copy->request.part[i].offer = (struct vlt_slice){ .len = 0 };
        if (copy_offer(copy, from, i) != VLT_OK) {
            request_release(copy);
            return NULL;
        }
        copy->request.part[i].reason = (struct vlt_slice){ .len = 0 };
        copy->request.part[i].decided = (struct vlt_slice){ .len = 0 };
        if (copy_decided(copy, from, i) != VLT_OK) {
            request_release(copy);
            return NULL;
        }
        if (from->reason[i] != NULL) {
            copy->reason[i] = vlt_text_copy(vlt_slice_text(from->reason[i]));
            if (copy->reason[i] == NULL) {
                request_release(copy);
                return NULL;
            }
            copy->request.part[i].reason = vlt_slice_text(copy->reason[i]);
        }
    }
    return copy;
}

void
request_record_put(struct vlt_buf *out, const struct kept_request *request)
{
    struct vlt_json_out json = vlt_json_out(out);

    vlt_put_object(&json, NULL);
    vlt_put_hex(&json, "firm", request->request.firm, VLT_ID_LEN);
    vlt_put_slice(&json, "jws", request->request.jws);
    vlt_put_hex(&json, "kid", request->kid, sizeof request->kid);
    vlt_put_list(&json, "parts");
    for (size_t i = 0; i < request->request.parts; i++) {
        const struct consent_part *part = &request->request.part[i];
        /* A part that became a grant is `active` here for ever: what became of
         * the grant is in its own record. */
        enum consent_state state =
            part->state > CONSENT_ACTIVE ? CONSENT_ACTIVE : part->state;

        vlt_put_object(&json, NULL);
        if (part->decided.len > 0) {
            vlt_put_slice(&json, "decided", part->decided);
        }
        if (part->denied != 0) {
            vlt_put_int(&json, "denied", part->denied);
            vlt_put_uint(&json, "denied_items", part->denied_items);
        }
        if (part->ended != 0) {
            vlt_put_int(&json, "ended", part->ended);
            vlt_put_uint(&json, "ended_by", part->ended_by);
        }
        vlt_put_hex(&json, "grant", part->grant, VLT_ID_LEN);
        vlt_put_uint(&json, "left_out", part->left_out);
        if (request->offer[i] != NULL) {
            vlt_put_text(&json, "offer", request->offer[i]->jws);
        }
        vlt_put_text(&json, "reason", request->reason[i]);
        if (part->ruled_out != part->left_out) {
            vlt_put_uint(&json, "ruled_out", part->ruled_out);
        }
        vlt_put_text(&json, "state", states[state - CONSENT_PENDING_STATE]);
        vlt_put_end(&json);
    }
    vlt_put_end(&json);
    vlt_put_time(&json, "received", request->request.received);
    vlt_put_time(&json, "reply_by", request->request.reply_by);
    vlt_put_int(&json, "v", 1);
    vlt_put_end(&json);
}

static void
walk_hex(struct vlt_walk *walk, const char *name, void *out, size_t len)
{
    struct vlt_slice text = vlt_walk_text(walk, name, 2 * len, 2 * len);

    if (!vlt_walk_failed(walk) && vlt_hex_parse(text, out, len) != VLT_OK) {
        vlt_walk_fault(walk, name, "is not hex");
    }
}

static enum vlt_status
read_parts(struct vlt_walk *walk, struct kept_request *request)
{
    const struct vlt_json *list = vlt_walk_list(
        walk, "parts", request->request.parts, request->request.parts);

    for (size_t i = 0; i < vlt_json_count(list); i++) {
        struct consent_part *part = &request->request.part[i];
        struct vlt_walk item;

        vlt_walk_item(&item, walk, "parts", list, i);
        /* Vaults of before do not have these. */
        if (vlt_walk_has(&item, "decided") &&
            keep_decided(request, i,
                         vlt_walk_text(&item, "decided", 1,
                                       POLICY_TEXT_DECIDED)) != VLT_OK) {
            return VLT_E_NOMEM;
        }
        part->denied = vlt_walk_int_or(&item, "denied", 0, INT64_MAX, 0);
        part->denied_items =
            (unsigned)vlt_walk_int_or(&item, "denied_items", 0, 255, 0);
        part->ended = vlt_walk_int_or(&item, "ended", 0, INT64_MAX, 0);
        part->ended_by = (enum consent_by)vlt_walk_int_or(
            &item, "ended_by", CONSENT_BY_OWNER, CONSENT_BY_CLOCK,
            CONSENT_BY_VAULT);
        walk_hex(&item, "grant", part->grant, VLT_ID_LEN);
        part->left_out = (unsigned)vlt_walk_int(&item, "left_out", 0, 255);
        part->ruled_out = (unsigned)vlt_walk_int_or(&item, "ruled_out", 0, 255,
                                                    part->left_out);
        part->state = (enum consent_state)(
            vlt_walk_word(&item, "state", states) + CONSENT_PENDING_STATE);
        if (vlt_walk_has(&item, "offer")) {
            struct kept_offer *offer = NULL;
            enum vlt_status st = offer_make(
                vlt_walk_text(&item, "offer", 1, VLT_OFFER_JWS), &offer);

            if (st != VLT_OK) {
                return st;
            }
            offer_into(request, i, offer);
        }
        if (vlt_walk_has(&item, "reason")) {
            request->reason[i] = vlt_text_copy(
                vlt_walk_text(&item, "reason", 0, CONSENT_REASON));
            if (request->reason[i] == NULL) {
                return VLT_E_NOMEM;
            }
            part->reason = vlt_slice_text(request->reason[i]);
        } else {
            vlt_walk_null(&item, "reason");
        }
        if (vlt_walk_end(&item) != VLT_OK) {
            return VLT_E_FORMAT;
        }
    }
    return VLT_OK;
}

enum vlt_status
request_record_get(const uint8_t id[VLT_ID_LEN], struct vlt_slice json,
                   struct kept_request **out)
{
    struct kept_request *request = NULL;
    struct vlt_json *document = NULL;
    struct vlt_walk walk;
    enum vlt_status st =
        vlt_json_parse(json, RECORD_MAX, RECORD_DEPTH, NULL, &document);

    if (st != VLT_OK) {
        return st;
    }
    vlt_walk_begin(&walk, document);
    st = request_make(vlt_walk_text(&walk, "jws", 1, VLT_LIMIT_REQUEST_JWS),
                      &request);
    if (st != VLT_OK) {
        goto done;
    }
    (void)vlt_walk_int(&walk, "v", 1, 1);
    walk_hex(&walk, "firm", request->request.firm, VLT_ID_LEN);
    walk_hex(&walk, "kid", request->kid, sizeof request->kid);
    request->request.received = vlt_walk_time(&walk, "received");
    request->request.reply_by = vlt_walk_time(&walk, "reply_by");
    st = read_parts(&walk, request);
    if (st == VLT_OK) {
        st = vlt_walk_end(&walk);
    }
    if (st == VLT_OK && memcmp(request->request.id, id, VLT_ID_LEN) != 0) {
        st = VLT_E_FORMAT;
    }
    if (st == VLT_OK) {
        *out = request;
        request = NULL;
    }

done:
    request_release(request);
    vlt_json_free(document);
    return st;
}
