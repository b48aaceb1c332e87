/*
 * http_read: who pushes, and what its query says.
 */
#include <string.h>

#include "service/http_internal.h"

struct vlt_slice
http_value_of(struct vlt_slice query, const char *name)
{
    struct vlt_slice none = { .len = 0 };
    size_t len = strlen(name);

    while (query.len > 0) {
        const uint8_t *end = memchr(query.at, '&', query.len);
        size_t all = end != NULL ? (size_t)(end - query.at) : query.len;

        if (all > len && memcmp(query.at, name, len) == 0 &&
            query.at[len] == '=') {
            return vlt_slice_of(query.at + len + 1, all - len - 1);
        }
        all += end != NULL;
        query = vlt_slice_of(query.at + all, query.len - all);
    }
    return none;
}

struct vlt_slice
http_query_value(const char *query, const char *name)
{
    return http_value_of(vlt_slice_text(query != NULL ? query : ""), name);
}

/* A token or password in a URL ends up in logs: refused. */
static bool
has_secret(const char *query)
{
    return http_query_value(query, "p").len > 0 ||
           http_query_value(query, "u").len > 0;
}

/* The token in an Authorization header; empty: none.  Basic's is put into
 * room. */
static struct vlt_slice
token_of(const char *authorization, struct vlt_buf *room)
{
    struct vlt_slice none = { .len = 0 };
    const char *colon;

    if (strncmp(authorization, "Token ", 6) == 0) {
        return vlt_slice_text(authorization + 6);
    }
    if (strncmp(authorization, "Bearer ", 7) == 0) {
        return vlt_slice_text(authorization + 7);
    }
    if (strncmp(authorization, "Basic ", 6) != 0 ||
        vlt_base64_get(vlt_slice_text(authorization + 6), room) != VLT_OK) {
        return none;
    }
    colon = room->len > 0 ? memchr(room->at, ':', room->len) : NULL;
    if (colon == NULL) {
        return none;
    }
    size_t before = (size_t)(colon - (const char *)room->at) + 1;

    return vlt_slice_of(room->at + before, room->len - before);
}

static enum vlt_status
claim_token(const struct http_request *request, struct vlt_buf *room,
            struct http_claim *out)
{
    struct http_claim claim = { .way = WAY_BEARER };

    if (request->over == HTTP_OVER_PLAIN) {
        return VLT_E_DENIED;
    }
    if (request->device != NULL ||
        strlen(request->authorization) > HTTP_AUTHORIZATION_MAX) {
        return VLT_E_AUTH;
    }
    claim.token = token_of(request->authorization, room);
    *out = claim;
    return claim.token.len > 0 ? VLT_OK : VLT_E_AUTH;
}

static enum vlt_status
claim_device(const struct http_request *request, struct http_claim *out)
{
    struct http_claim claim = { .way = WAY_SEALED };
    enum vlt_status st;

    if (request->device != NULL) {
        claim.way = WAY_MAC;
    }
    /* No answer there may invite a token. */
    if (request->over == HTTP_OVER_PLAIN &&
        (claim.way == WAY_MAC || !vlt_envelope_is_sealed(request->body))) {
        return VLT_E_DENIED;
    }
    st =
        claim.way == WAY_MAC
            ? device_read_header(vlt_slice_text(request->device), &claim.device)
            : device_read_sealed(request->body, &claim.device);
    *out = claim;
    return st;
}

enum vlt_status
http_claim_of(const struct http_request *request, struct vlt_buf *room,
              struct http_claim *out)
{
    if (has_secret(request->query)) {
        return VLT_E_AUTH;
    }
    return request->authorization != NULL ? claim_token(request, room, out)
                                          : claim_device(request, out);
}

void
http_put_target(struct vlt_slice path, struct vlt_slice query,
                struct vlt_buf *out)
{
    vlt_buf_put_slice(out, path);
    if (query.len > 0) {
        vlt_buf_put_text(out, "?");
        vlt_buf_put_slice(out, query);
    }
}

/* Telegraf makes its database at start. */
static bool
is_create_database(const struct http_request *request)
{
    static const char *const forms[] = { "q=CREATE+DATABASE",
                                         "q=CREATE%20DATABASE",
                                         "q=CREATE DATABASE" };

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        size_t len = strlen(forms[i]);

        if (request->body.len > len &&
            memcmp(request->body.at, forms[i], len) == 0) {
            return true;
        }
    }
    return false;
}

void
http_answer_query(struct service *service, uint64_t connection,
                  const struct http_request *request)
{
    if (is_create_database(request)) {
        http_answer_json(service, connection,
                         "{\"results\":[{\"statement_id\":0}]}");
    } else {
        http_refuse(service, connection, HTTP_REFUSED_QUERY);
    }
}
