#include "http_answer.h"

#include <openssl/evp.h>

#include "base/id.h"

enum { SHA1_LEN = 20 };

/* What RFC 6455 hashes behind the key. */
static const char websocket_guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

static const struct {
    int status;
    const char *reason;
} reasons[] = {
    { 200, "OK" },
    { 204, "No Content" },
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 411, "Length Required" },
    { 413, "Content Too Large" },
    { 415, "Unsupported Media Type" },
    { 417, "Expectation Failed" },
    { 426, "Upgrade Required" },
    { 429, "Too Many Requests" },
    { 431, "Request Header Fields Too Large" },
    { 500, "Internal Server Error" },
    { 501, "Not Implemented" },
    { 503, "Service Unavailable" },
    { 505, "HTTP Version Not Supported" },
};

static const char *
reason_of(int status)
{
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].status == status) {
            return reasons[i].reason;
        }
    }
    return "Unknown";
}

/* Headers that a status demands. */
static void
put_demanded(struct vlt_buf *out, int status)
{
    if (status == 405) {
        vlt_buf_put_text(out, "Allow: GET, HEAD, POST\r\n");
    }
    if (status == 426) {
        vlt_buf_put_text(out, "Upgrade: websocket\r\n"
                              "Sec-WebSocket-Version: 13\r\n");
    }
}

void
http_reply_put(struct vlt_buf *out, const struct http_reply *reply)
{
    bool bodied = reply->content_type != NULL && reply->status != 204;

    vlt_buf_printf(out, "HTTP/1.1 %d %s\r\n", reply->status,
                   reason_of(reply->status));
    put_demanded(out, reply->status);
    if (reply->challenge) {
        vlt_buf_put_text(out, "WWW-Authenticate: Basic realm=\"vault\"\r\n");
    }
    if (reply->retry_after_s > 0) {
        vlt_buf_printf(out, "Retry-After: %d\r\n", reply->retry_after_s);
    }
    if (bodied) {
        vlt_buf_printf(out, "Content-Type: %s\r\n", reply->content_type);
    }
    if (reply->status != 204) {
        vlt_buf_printf(out, "Content-Length: %zu\r\n",
                       bodied ? reply->body.len : 0);
    }
    vlt_buf_put_text(out, reply->status == 426
                              ? "Connection: upgrade, close\r\n"
                              : "Connection: close\r\n");
    vlt_buf_put_text(out, "Cache-Control: no-store\r\n"
                          "X-Content-Type-Options: nosniff\r\n\r\n");
    if (bodied && !reply->head_only) {
        vlt_buf_put_slice(out, reply->body);
    }
}

void
http_refusal_put(struct vlt_buf *out, struct http_reply reply, const char *says)
{
    struct vlt_buf body = { 0 };

    /* says is one of our own sentences: it has nothing to escape. */
    vlt_buf_printf(&body, "{\"code\":\"invalid\",\"message\":\"%s\"}", says);
    reply.content_type = "application/json";
    reply.body = vlt_buf_slice(&body);
    http_reply_put(out, &reply);
    vlt_buf_free(&body);
}

void
http_continue_put(struct vlt_buf *out)
{
    vlt_buf_put_text(out, "HTTP/1.1 100 Continue\r\n\r\n");
}

void
http_accept_put(struct vlt_buf *out, struct vlt_slice key)
{
    struct vlt_buf text = { 0 };
    uint8_t hash[SHA1_LEN] = { 0 };

    vlt_buf_put_slice(&text, key);
    vlt_buf_put_text(&text, websocket_guid);
    if (vlt_buf_failed(&text) ||
        EVP_Digest(text.at, text.len, hash, NULL, EVP_sha1(), NULL) != 1) {
        out->failed = true;
    }
    vlt_buf_free(&text);
    vlt_base64_put(out, vlt_slice_of(hash, sizeof hash));
}

void
http_upgrade_put(struct vlt_buf *out, struct vlt_slice key)
{
    vlt_buf_put_text(out, "HTTP/1.1 101 Switching Protocols\r\n"
                          "Upgrade: websocket\r\n"
                          "Connection: Upgrade\r\n"
                          "Sec-WebSocket-Protocol: vault.v1\r\n"
                          "Sec-WebSocket-Accept: ");
    http_accept_put(out, key);
    vlt_buf_put_text(out, "\r\n\r\n");
}
