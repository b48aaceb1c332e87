#include "wire/upgrade.h"

#include <string.h>

#include "base/id.h"
#include "wire/upgrade_internal.h"

/* What of a request has been seen; each once. */
enum {
    SEEN_HOST = 1,
    SEEN_UPGRADE = 2,
    SEEN_CONNECTION = 4,
    SEEN_VERSION = 8,
    SEEN_KEY = 16,
    SEEN_PROTOCOL = 32,
    SEEN_ALL = 63,
};

static bool
host_good(struct vlt_slice value, struct vlt_knock *out)
{
    (void)out;
    return value.len > 0;
}

static bool
upgrade_good(struct vlt_slice value, struct vlt_knock *out)
{
    (void)out;
    return vlt_http_same(value, "websocket");
}

static bool
connection_good(struct vlt_slice value, struct vlt_knock *out)
{
    (void)out;
    return vlt_http_list_holds(value, "upgrade");
}

static bool
version_good(struct vlt_slice value, struct vlt_knock *out)
{
    (void)out;
    return vlt_slice_is(value, "13");
}

static bool
key_good(struct vlt_slice value, struct vlt_knock *out)
{
    struct vlt_buf key = { 0 };
    bool good =
        vlt_base64_get(value, &key) == VLT_OK && key.len == sizeof out->nonce;

    if (good) {
        memcpy(out->nonce, key.at, sizeof out->nonce);
    }
    vlt_buf_free(&key);
    return good;
}

static bool
protocol_good(struct vlt_slice value, struct vlt_knock *out)
{
    (void)out;
    return vlt_http_list_holds(value, "vault.v1");
}

/* A vault is no web page, sends no body, and is not spoken for by a proxy that
 * frames otherwise. */
static bool
never_good(struct vlt_slice value, struct vlt_knock *out)
{
    (void)value;
    (void)out;
    return false;
}

static const struct {
    const char *name;
    unsigned bit;
    bool (*good)(struct vlt_slice value, struct vlt_knock *out);
} fields[] = {
    { "Host", SEEN_HOST, host_good },
    { "Upgrade", SEEN_UPGRADE, upgrade_good },
    { "Connection", SEEN_CONNECTION, connection_good },
    { "Sec-WebSocket-Version", SEEN_VERSION, version_good },
    { "Sec-WebSocket-Key", SEEN_KEY, key_good },
    { "Sec-WebSocket-Protocol", SEEN_PROTOCOL, protocol_good },
    { "Origin", 0, never_good },
    { "Content-Length", 0, never_good },
    { "Transfer-Encoding", 0, never_good },
};

static enum vlt_status
read_request(struct vlt_slice line, struct vlt_knock *out)
{
    static const char before[] = "GET /v/";
    static const char behind[] = " HTTP/1.1";
    size_t from = sizeof before - 1;
    size_t len = VLT_RENDEZVOUS_TEXT - 1;

    if (line.len != from + len + sizeof behind - 1 ||
        memcmp(line.at, before, from) != 0 ||
        memcmp(line.at + from + len, behind, sizeof behind - 1) != 0) {
        return VLT_E_FORMAT;
    }
    return vlt_rendezvous_parse(vlt_slice_of(line.at + from, len),
                                out->rendezvous);
}

static enum vlt_status
read_field(struct vlt_slice line, unsigned *seen, struct vlt_knock *out)
{
    struct vlt_slice name;
    struct vlt_slice value;

    if (!vlt_http_field(line, &name, &value)) {
        return VLT_E_FORMAT;
    }
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (!vlt_http_same(name, fields[i].name)) {
            continue;
        }
        if ((*seen & fields[i].bit) != 0 || !fields[i].good(value, out)) {
            return VLT_E_FORMAT;
        }
        *seen |= fields[i].bit;
    }
    return VLT_OK;
}

enum vlt_status
vlt_knock_read(struct vlt_slice bytes, struct vlt_knock *out)
{
    struct vlt_knock knock = { .used = 0 };
    bool over = bytes.len > VLT_UPGRADE_MAX;
    struct vlt_slice line;
    unsigned seen = 0;

    bytes.len = over ? VLT_UPGRADE_MAX : bytes.len;
    for (bool first = true; vlt_http_line(bytes, &knock.used, &line);
         first = false) {
        enum vlt_status st = VLT_OK;

        if (first) {
            st = read_request(line, &knock);
        } else if (line.len > 0) {
            st = read_field(line, &seen, &knock);
        } else if (seen != SEEN_ALL) {
            st = VLT_E_FORMAT;
        } else {
            *out = knock;
            return VLT_OK;
        }
        if (st != VLT_OK) {
            return st;
        }
    }
    return over ? VLT_E_LIMIT : VLT_E_BUSY;
}

void
vlt_knock_answer(const char *accept, struct vlt_buf *out)
{
    vlt_buf_put_text(out, "HTTP/1.1 101 Switching Protocols\r\n"
                          "Upgrade: websocket\r\n"
                          "Connection: Upgrade\r\n"
                          "Sec-WebSocket-Protocol: vault.v1\r\n"
                          "Sec-WebSocket-Accept: ");
    vlt_buf_put_text(out, accept);
    vlt_buf_put_text(out, "\r\n\r\n");
}
