#include "wire/upgrade.h"

#include <string.h>

#include "base/id.h"
#include "base/text.h"
#include "wire/upgrade_internal.h"

enum {
    STATUS_AT = 9, /* behind "HTTP/1.1 " */
    STATUS_LEN = 3,
};

/* Which fields of an answer matter; bits of `seen`. */
enum {
    HAS_UPGRADE = 1,
    HAS_CONNECTION = 2,
    HAS_ACCEPT = 4,
    HAS_PROTOCOL = 8,
    HAS_RETRY = 16,
    HAS_EXTENSIONS = 32,
    HAS_ALL = HAS_UPGRADE | HAS_CONNECTION | HAS_ACCEPT | HAS_PROTOCOL,
};

struct answer {
    unsigned seen; /* fields that were there */
    unsigned good; /* and said what they must */
    int64_t retry_s;
    const char *accept; /* wanted */
};

void
vlt_upgrade_put(const char *path, const char *host,
                const uint8_t nonce[VLT_UPGRADE_NONCE], struct vlt_buf *out)
{
    vlt_buf_put_text(out, "GET ");
    vlt_buf_put_text(out, path);
    vlt_buf_put_text(out, " HTTP/1.1\r\nHost: ");
    vlt_buf_put_text(out, host);
    vlt_buf_put_text(out, "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Protocol: vault.v1\r\n"
                          "Sec-WebSocket-Key: ");
    vlt_base64_put(out, vlt_slice_of(nonce, VLT_UPGRADE_NONCE));
    vlt_buf_put_text(out, "\r\n\r\n");
}

static bool
upgrade_good(struct answer *answer, struct vlt_slice value)
{
    (void)answer;
    return vlt_http_same(value, "websocket");
}

static bool
connection_good(struct answer *answer, struct vlt_slice value)
{
    (void)answer;
    return vlt_http_list_holds(value, "upgrade");
}

static bool
accept_good(struct answer *answer, struct vlt_slice value)
{
    return vlt_slice_is(value, answer->accept);
}

static bool
protocol_good(struct answer *answer, struct vlt_slice value)
{
    (void)answer;
    return vlt_slice_is(value, "vault.v1");
}

/* A date in Retry-After is none that the vault sends; it is left out. */
static bool
retry_good(struct answer *answer, struct vlt_slice value)
{
    int64_t seconds;

    if (vlt_int_parse(value, &seconds) == VLT_OK && seconds >= 0) {
        answer->retry_s =
            seconds < VLT_UPGRADE_RETRY_MAX ? seconds : VLT_UPGRADE_RETRY_MAX;
    }
    return true;
}

/* None was offered, so none may be taken. */
static bool
extensions_good(struct answer *answer, struct vlt_slice value)
{
    (void)answer;
    (void)value;
    return true;
}

static const struct {
    const char *name;
    unsigned bit;
    bool (*good)(struct answer *answer, struct vlt_slice value);
} fields[] = {
    { "Upgrade", HAS_UPGRADE, upgrade_good },
    { "Connection", HAS_CONNECTION, connection_good },
    { "Sec-WebSocket-Accept", HAS_ACCEPT, accept_good },
    { "Sec-WebSocket-Protocol", HAS_PROTOCOL, protocol_good },
    { "Retry-After", HAS_RETRY, retry_good },
    { "Sec-WebSocket-Extensions", HAS_EXTENSIONS, extensions_good },
};

static enum vlt_status
read_field(struct vlt_slice line, struct answer *answer)
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
        if ((answer->seen & fields[i].bit) != 0) {
            return VLT_E_FORMAT;
        }
        answer->seen |= fields[i].bit;
        if (fields[i].good(answer, value)) {
            answer->good |= fields[i].bit;
        }
    }
    return VLT_OK;
}

/* HTTP/1.1 NNN, a blank, perhaps words */
static enum vlt_status
read_status(struct vlt_slice line, int *out)
{
    static const char version[] = "HTTP/1.1 ";
    int64_t status;

    if (line.len < STATUS_AT + STATUS_LEN ||
        memcmp(line.at, version, STATUS_AT) != 0 || !vlt_http_printable(line) ||
        (line.len > STATUS_AT + STATUS_LEN &&
         line.at[STATUS_AT + STATUS_LEN] != ' ') ||
        line.at[STATUS_AT] == '-' ||
        vlt_int_parse(vlt_slice_of(line.at + STATUS_AT, STATUS_LEN), &status) !=
            VLT_OK ||
        status < 100 || status > 599) {
        return VLT_E_FORMAT;
    }
    *out = (int)status;
    return VLT_OK;
}

enum vlt_status
vlt_upgrade_read(struct vlt_slice bytes, const char *accept,
                 struct vlt_upgrade *out)
{
    struct answer answer = { .accept = accept };
    bool over = bytes.len > VLT_UPGRADE_MAX;
    struct vlt_slice line;
    size_t at = 0;
    int status = 0;

    if (over) {
        bytes.len = VLT_UPGRADE_MAX;
    }
    for (bool first = true; vlt_http_line(bytes, &at, &line); first = false) {
        enum vlt_status st = VLT_OK;

        if (first) {
            st = read_status(line, &status);
        } else if (line.len > 0) {
            st = read_field(line, &answer);
        } else if (status == VLT_UPGRADE_SWITCHED &&
                   ((answer.good & HAS_ALL) != HAS_ALL ||
                    (answer.seen & HAS_EXTENSIONS) != 0)) {
            st = VLT_E_FORMAT;
        } else {
            *out = (struct vlt_upgrade){ status, at, answer.retry_s };
            return VLT_OK;
        }
        if (st != VLT_OK) {
            return st;
        }
    }
    return over ? VLT_E_LIMIT : VLT_E_BUSY;
}
