#include "client/upgrade.h"

#include <string.h>
#include <strings.h>

#include <openssl/evp.h>

#include "base/id.h"
#include "base/text.h"

enum {
    SHA1_LEN = 20,
    STATUS_AT = 9, /* behind "HTTP/1.1 " */
    STATUS_LEN = 3,
};

static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

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
vlt_upgrade_put(const char *host, const uint8_t nonce[VLT_UPGRADE_NONCE],
                struct vlt_buf *out)
{
    vlt_buf_put_text(out, "GET / HTTP/1.1\r\nHost: ");
    vlt_buf_put_text(out, host);
    vlt_buf_put_text(out, "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Protocol: vault.v1\r\n"
                          "Sec-WebSocket-Key: ");
    vlt_base64_put(out, vlt_slice_of(nonce, VLT_UPGRADE_NONCE));
    vlt_buf_put_text(out, "\r\n\r\n");
}

enum vlt_status
vlt_upgrade_accept(const uint8_t nonce[VLT_UPGRADE_NONCE],
                   char out[VLT_UPGRADE_ACCEPT])
{
    struct vlt_buf text = { 0 };
    uint8_t digest[SHA1_LEN];
    enum vlt_status st = VLT_OK;

    vlt_base64_put(&text, vlt_slice_of(nonce, VLT_UPGRADE_NONCE));
    vlt_buf_put_text(&text, guid);
    if (vlt_buf_failed(&text) ||
        EVP_Digest(text.at, text.len, digest, NULL, EVP_sha1(), NULL) != 1) {
        st = VLT_E_NOMEM;
        goto done;
    }
    vlt_buf_clear(&text);
    vlt_base64_put(&text, vlt_slice_of(digest, sizeof digest));
    if (vlt_buf_failed(&text) || text.len != VLT_UPGRADE_ACCEPT - 1) {
        st = VLT_E_NOMEM;
        goto done;
    }
    memcpy(out, text.at, text.len);
    out[text.len] = '\0';

done:
    vlt_buf_free(&text);
    return st;
}

static bool
same_word(struct vlt_slice a, const char *word)
{
    return a.len == strlen(word) &&
           strncasecmp((const char *)a.at, word, a.len) == 0;
}

static struct vlt_slice
trimmed(struct vlt_slice text)
{
    while (text.len > 0 && (text.at[0] == ' ' || text.at[0] == '\t')) {
        text = vlt_slice_of(text.at + 1, text.len - 1);
    }
    while (text.len > 0 &&
           (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\t')) {
        text.len--;
    }
    return text;
}

/* Does a list between commas hold this word? */
static bool
list_holds(struct vlt_slice list, const char *word)
{
    size_t from = 0;

    for (size_t i = 0; i <= list.len; i++) {
        if (i < list.len && list.at[i] != ',') {
            continue;
        }
        if (same_word(trimmed(vlt_slice_of(list.at + from, i - from)), word)) {
            return true;
        }
        from = i + 1;
    }
    return false;
}

static bool
upgrade_good(struct answer *answer, struct vlt_slice value)
{
    (void)answer;
    return same_word(value, "websocket");
}

static bool
connection_good(struct answer *answer, struct vlt_slice value)
{
    (void)answer;
    return list_holds(value, "upgrade");
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

/* A character of a field's name (RFC 9110, 5.6.2). */
static bool
token(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool
printable(struct vlt_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((text.at[i] < 0x20 && text.at[i] != '\t') || text.at[i] == 0x7f) {
            return false;
        }
    }
    return true;
}

/* NAME: VALUE */
static enum vlt_status
read_field(struct vlt_slice line, struct answer *answer)
{
    size_t colon = 0;

    while (colon < line.len && token(line.at[colon])) {
        colon++;
    }
    if (colon == 0 || colon == line.len || line.at[colon] != ':' ||
        !printable(line)) {
        return VLT_E_FORMAT;
    }
    struct vlt_slice name = vlt_slice_of(line.at, colon);
    struct vlt_slice value =
        trimmed(vlt_slice_of(line.at + colon + 1, line.len - colon - 1));

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (!same_word(name, fields[i].name)) {
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
        memcmp(line.at, version, STATUS_AT) != 0 || !printable(line) ||
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

/* The next line without its CRLF, from *at on, which goes behind it.  False:
 * no whole line is there. */
static bool
next_line(struct vlt_slice bytes, size_t *at, struct vlt_slice *line)
{
    for (size_t i = *at; i + 1 < bytes.len; i++) {
        if (bytes.at[i] == '\r' && bytes.at[i + 1] == '\n') {
            *line = vlt_slice_of(bytes.at + *at, i - *at);
            *at = i + 2;
            return true;
        }
    }
    return false;
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
    for (bool first = true; next_line(bytes, &at, &line); first = false) {
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
