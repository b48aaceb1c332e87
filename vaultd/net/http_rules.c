#include "http_rules.h"

#include <string.h>

#include "base/buf.h"
#include "base/id.h"

static const char *const loopback[] = { "localhost", "127.0.0.1", "[::1]",
                                        NULL };

enum {
    WS_KEY_LEN = 16, /* bytes of Sec-WebSocket-Key once decoded */
};

static bool
listed(struct vlt_slice name, const char *const *list)
{
    for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
        if (http_same(name, list[i])) {
            return true;
        }
    }
    return false;
}

/* The host of host[:port]; empty when it is not of that form. */
static struct vlt_slice
without_port(struct vlt_slice host)
{
    size_t end = host.len;
    size_t digits = 0;

    while (end > 0 && host.at[end - 1] >= '0' && host.at[end - 1] <= '9') {
        end--;
        digits++;
    }
    if (end > 0 && host.at[end - 1] == ':' && digits > 0 && digits <= 5) {
        host.len = end - 1;
    }
    return host;
}

bool
http_host_known(struct vlt_slice host, const struct http_site *site)
{
    struct vlt_slice name = without_port(host);

    return name.len > 0 &&
           (listed(name, loopback) || listed(name, site->hosts) ||
            (site->bound != NULL && http_same(name, site->bound)) ||
            (site->local != NULL && http_same(name, site->local)));
}

static bool
present(const struct http_head *head, enum http_field field)
{
    return head->field[field].at != NULL;
}

static bool
upgrades(const struct http_head *head)
{
    return present(head, HTTP_UPGRADE);
}

/* ---- the rules: each says whether it is broken ---- */

typedef bool broken(const struct http_head *head, const struct http_site *site);

static bool
version_unknown(const struct http_head *head, const struct http_site *site)
{
    (void)site;
    return head->minor < 0;
}

static bool
host_missing(const struct http_head *head, const struct http_site *site)
{
    (void)site;
    return !present(head, HTTP_HOST);
}

static bool
host_foreign(const struct http_head *head, const struct http_site *site)
{
    return !http_host_known(head->field[HTTP_HOST], site);
}

static bool
origin_foreign(const struct http_head *head, const struct http_site *site)
{
    return present(head, HTTP_ORIGIN) &&
           !listed(head->field[HTTP_ORIGIN], site->origins);
}

static bool
method_unknown(const struct http_head *head, const struct http_site *site)
{
    (void)site;
    return head->method == HTTP_OTHER;
}

static bool
coded_for_transfer(const struct http_head *head, const struct http_site *site)
{
    (void)site;
    return present(head, HTTP_TRANSFER_ENCODING);
}

static bool
upgrade_foreign(const struct http_head *head, const struct http_site *site)
{
    (void)site;
    return upgrades(head) && (head->upgrade_other || !head->upgrade_websocket);
}

static bool
upgrade_misplaced(const struct http_head *head, const struct http_site *site)
{
    return upgrades(head) &&
           (site->place == PLACE_LOOPBACK || site->place == PLACE_PLAIN);
}

static bool
upgrade_wanted(const struct http_head *head, const struct http_site *site)
{
    return !upgrades(head) && site->place == PLACE_OWNER;
}

static bool
ws_version_other(const struct http_head *head, const struct http_site *site)
{
    (void)site;
    return upgrades(head) && !vlt_slice_is(head->field[HTTP_WS_VERSION], "13");
}

static bool
ws_key_bad(const struct http_head *head)
{
    struct vlt_buf key;

    vlt_buf_init(&key, WS_KEY_LEN + 1);
    bool good = vlt_base64_get(head->field[HTTP_WS_KEY], &key) == VLT_OK &&
                key.len == WS_KEY_LEN;

    vlt_buf_free(&key);
    return !good;
}

static bool
ws_malformed(const struct http_head *head, const struct http_site *site)
{
    (void)site;
    return upgrades(head) &&
           (head->method != HTTP_GET || head->minor != 1 ||
            !head->connection_upgrade || head->length != 0 || ws_key_bad(head));
}

static bool
ws_protocol_other(const struct http_head *head, const struct http_site *site)
{
    (void)site;
    return upgrades(head) && !head->offers_vault;
}

static bool
ws_locked(const struct http_head *head, const struct http_site *site)
{
    return upgrades(head) && site->place == PLACE_TLS && site->locked;
}

static bool
length_missing(const struct http_head *head, const struct http_site *site)
{
    (void)site;
    return head->method == HTTP_POST && !present(head, HTTP_CONTENT_LENGTH);
}

static bool
body_too_large(const struct http_head *head, const struct http_site *site)
{
    (void)site;
    return head->length > HTTP_BODY_MAX;
}

static bool
body_misplaced(const struct http_head *head, const struct http_site *site)
{
    (void)site;
    return head->method != HTTP_POST && head->length != 0;
}

static bool
coding_unknown(const struct http_head *head, const struct http_site *site)
{
    struct vlt_slice coding = head->field[HTTP_CONTENT_ENCODING];

    (void)site;
    return coding.len > 0 && !http_same(coding, "gzip") &&
           !http_same(coding, "identity");
}

static bool
expects_other(const struct http_head *head, const struct http_site *site)
{
    (void)site;
    return present(head, HTTP_EXPECT) &&
           !http_same(head->field[HTTP_EXPECT], "100-continue");
}

/* clang-format off */
static const struct rule {
    broken *broken;
    int status;
    int retry_after_s;
    const char *says;
} rules[] = {
    { version_unknown,    505, 0, "Speak HTTP/1.1." },
    { host_missing,       400, 0, "A Host header is required." },
    { host_foreign,       403, 0, "This Host is not served here." },
    { origin_foreign,     403, 0, "This Origin may not ask." },
    { method_unknown,     405, 0, "Only GET, HEAD and POST are understood." },
    { coded_for_transfer, 501, 0,
      "Transfer-Encoding is not understood; send a Content-Length." },
    { upgrade_foreign,    400, 0, "Only an upgrade to websocket is possible." },
    { upgrade_misplaced,  403, 0,
      "WebSocket is spoken on the owner's socket and over TLS." },
    { upgrade_wanted,     426, 0, "Only WebSocket is spoken here." },
    { ws_version_other,   426, 0, "Speak WebSocket version 13." },
    { ws_malformed,       400, 0, "This is no WebSocket upgrade." },
    { ws_protocol_other,  400, 0, "The subprotocol vault.v1 is required." },
    { ws_locked,          503, HTTP_RETRY_LOCKED_S, "The vault is locked." },
    { length_missing,     411, 0, "A Content-Length is required." },
    { body_too_large,     413, 0, "A body has at most 1 MiB." },
    { body_misplaced,     400, 0, "Only POST may have a body." },
    { coding_unknown,     415, 0, "Of content encodings only gzip is known." },
    { expects_other,      417, 0, "Only 100-continue can be expected." },
};
/* clang-format on */

struct http_ruling
http_rule(const struct http_head *head, const struct http_site *site)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (rules[i].broken(head, site)) {
            return (struct http_ruling){
                .course = HTTP_REFUSE,
                .status = rules[i].status,
                .retry_after_s = rules[i].retry_after_s,
                .says = rules[i].says,
            };
        }
    }
    return (struct http_ruling){ .course = upgrades(head) ? HTTP_TO_SOCKET
                                                          : HTTP_TO_SERVICE };
}
