#include "http_head.h"

#include <string.h>

#include "base/text.h"

/* Names as they are compared, and whether a second line is refused. */
static const struct {
    const char *name;
    bool list;
} known[HTTP_FIELDS] = {
    [HTTP_HOST] = { "host", false },
    [HTTP_ORIGIN] = { "origin", false },
    [HTTP_AUTHORIZATION] = { "authorization", false },
    [HTTP_CONTENT_TYPE] = { "content-type", false },
    [HTTP_CONTENT_ENCODING] = { "content-encoding", false },
    [HTTP_CONTENT_LENGTH] = { "content-length", false },
    [HTTP_TRANSFER_ENCODING] = { "transfer-encoding", false },
    [HTTP_EXPECT] = { "expect", false },
    [HTTP_CONNECTION] = { "connection", true },
    [HTTP_UPGRADE] = { "upgrade", true },
    [HTTP_WS_KEY] = { "sec-websocket-key", false },
    [HTTP_WS_VERSION] = { "sec-websocket-version", false },
    [HTTP_WS_PROTOCOL] = { "sec-websocket-protocol", true },
    [HTTP_DEVICE] = { "vd1-device", false },
};

static const struct {
    const char *name;
    enum http_method method;
} methods[] = {
    { "GET", HTTP_GET },
    { "HEAD", HTTP_HEAD },
    { "POST", HTTP_POST },
};

static uint8_t
lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

bool
http_same(struct vlt_slice text, const char *other)
{
    if (text.len != strlen(other)) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (lower(text.at[i]) != lower((uint8_t)other[i])) {
            return false;
        }
    }
    return true;
}

/* The character at i; 0 behind the end. */
static uint8_t
at(struct vlt_slice text, size_t i)
{
    return i < text.len ? text.at[i] : 0;
}

static struct vlt_slice
part(struct vlt_slice text, size_t from, size_t to)
{
    return (struct vlt_slice){ .at = text.at + from, .len = to - from };
}

/* Where c stands from i on; text.len: nowhere. */
static size_t
find(struct vlt_slice text, size_t i, uint8_t c)
{
    while (i < text.len && text.at[i] != c) {
        i++;
    }
    return i;
}

static struct vlt_slice
trimmed(struct vlt_slice text)
{
    size_t from = 0;
    size_t to = text.len;

    while (from < to && (text.at[from] == ' ' || text.at[from] == '\t')) {
        from++;
    }
    while (to > from && (text.at[to - 1] == ' ' || text.at[to - 1] == '\t')) {
        to--;
    }
    return part(text, from, to);
}

bool
http_list_has(struct vlt_slice list, const char *token, bool fold)
{
    size_t from = 0;

    while (from <= list.len && list.len > 0) {
        size_t to = find(list, from, ',');
        struct vlt_slice item = trimmed(part(list, from, to));

        if (fold ? http_same(item, token) : vlt_slice_is(item, token)) {
            return true;
        }
        from = to + 1;
    }
    return false;
}

/* Letters of RFC 9110's token. */
static bool
token_ok(struct vlt_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      (c >= '0' && c <= '9');

        if (!letter && (c == 0 || strchr("!#$%&'*+-.^_`|~", c) == NULL)) {
            return false;
        }
    }
    return text.len > 0;
}

static bool
value_ok(struct vlt_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];

        if ((c < ' ' && c != '\t') || c == 0x7f) {
            return false;
        }
    }
    return true;
}

/* Visible ASCII from a / on, without the # that no client sends. */
static bool
target_ok(struct vlt_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] <= ' ' || text.at[i] >= 0x7f || text.at[i] == '#') {
            return false;
        }
    }
    return at(text, 0) == '/';
}

size_t
http_head_find(struct vlt_slice bytes)
{
    for (size_t i = find(bytes, 0, '\r'); i < bytes.len;
         i = find(bytes, i + 1, '\r')) {
        if (at(bytes, i + 1) == '\n' && at(bytes, i + 2) == '\r' &&
            at(bytes, i + 3) == '\n') {
            return i + 4;
        }
    }
    return 0;
}

static int
minor_of(struct vlt_slice version)
{
    if (vlt_slice_is(version, "HTTP/1.1")) {
        return 1;
    }
    return vlt_slice_is(version, "HTTP/1.0") ? 0 : -1;
}

static enum vlt_status
read_request_line(struct vlt_slice line, struct http_head *out)
{
    size_t one = find(line, 0, ' ');
    size_t two = find(line, one + 1, ' ');

    if (one >= line.len || two >= line.len) {
        return VLT_E_FORMAT;
    }
    struct vlt_slice target = part(line, one + 1, two);
    struct vlt_slice version = part(line, two + 1, line.len);
    size_t query = find(target, 0, '?');

    out->verb = part(line, 0, one);
    if (!token_ok(out->verb) || !value_ok(version) ||
        find(version, 0, ' ') != version.len || !target_ok(target)) {
        return VLT_E_FORMAT;
    }
    if (target.len > HTTP_TARGET_MAX) {
        return VLT_E_LIMIT;
    }
    out->minor = minor_of(version);
    out->path = part(target, 0, query);
    if (query < target.len) {
        out->query = part(target, query + 1, target.len);
    }
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (vlt_slice_is(out->verb, methods[i].name)) {
            out->method = methods[i].method;
        }
    }
    return VLT_OK;
}

/* Digits only: no sign, no list, no blank inside. */
static enum vlt_status
read_length(struct vlt_slice value, uint64_t *out)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] < '0' || value.at[i] > '9') {
            return VLT_E_FORMAT;
        }
    }
    enum vlt_status st = vlt_uint_parse(value, out);

    if (st == VLT_E_LIMIT) {
        *out = UINT64_MAX;
        return VLT_OK;
    }
    return st;
}

/* What a field tells beside its value. */
static enum vlt_status
note_field(enum http_field field, struct vlt_slice value, struct http_head *out)
{
    if (field == HTTP_CONTENT_LENGTH) {
        return read_length(value, &out->length);
    }
    if (field == HTTP_CONNECTION && http_list_has(value, "upgrade", true)) {
        out->connection_upgrade = true;
    }
    if (field == HTTP_UPGRADE) {
        bool websocket = http_same(value, "websocket");

        out->upgrade_websocket = out->upgrade_websocket || websocket;
        out->upgrade_other = out->upgrade_other || !websocket;
    }
    if (field == HTTP_WS_PROTOCOL && http_list_has(value, "vault.v1", false)) {
        out->offers_vault = true;
    }
    return VLT_OK;
}

static enum vlt_status
read_field(struct vlt_slice line, struct http_head *out)
{
    size_t colon = find(line, 0, ':');
    struct vlt_slice name = part(line, 0, colon);

    if (colon >= line.len || !token_ok(name)) {
        return VLT_E_FORMAT;
    }
    struct vlt_slice value = trimmed(part(line, colon + 1, line.len));

    if (!value_ok(value)) {
        return VLT_E_FORMAT;
    }
    for (int i = 0; i < HTTP_FIELDS; i++) {
        if (!http_same(name, known[i].name)) {
            continue;
        }
        if (out->field[i].at != NULL && !known[i].list) {
            return VLT_E_FORMAT;
        }
        if (out->field[i].at == NULL) {
            out->field[i] = value;
        }
        return note_field((enum http_field)i, value, out);
    }
    return VLT_OK;
}

/* The next line, without its CRLF; a CR or LF elsewhere fails. */
static enum vlt_status
next_line(struct vlt_slice *rest, struct vlt_slice *out)
{
    size_t end = find(*rest, 0, '\r');

    if (at(*rest, end + 1) != '\n') {
        return VLT_E_FORMAT;
    }
    *out = part(*rest, 0, end);
    *rest = part(*rest, end + 2, rest->len);
    return find(*out, 0, '\n') == out->len ? VLT_OK : VLT_E_FORMAT;
}

enum vlt_status
http_head_parse(struct vlt_slice bytes, struct http_head *out)
{
    struct http_head head = { .method = HTTP_OTHER };
    struct vlt_slice line;
    enum vlt_status st;

    if (bytes.len > HTTP_HEAD_MAX) {
        return VLT_E_LIMIT;
    }
    st = next_line(&bytes, &line);
    if (st == VLT_OK) {
        st = read_request_line(line, &head);
    }
    for (int fields = 0; st == VLT_OK; fields++) {
        st = next_line(&bytes, &line);
        if (st != VLT_OK || line.len == 0) {
            break;
        }
        st = fields < HTTP_FIELDS_MAX ? read_field(line, &head) : VLT_E_LIMIT;
    }
    if (st != VLT_OK) {
        return st;
    }
    if (bytes.len != 0) {
        return VLT_E_FORMAT;
    }
    *out = head;
    return VLT_OK;
}
