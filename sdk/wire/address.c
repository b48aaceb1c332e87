#include "wire/address.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "base/text.h"
#include "crypto/hash.h"

enum {
    BASE32_32 = 52, /* characters of 32 bytes */
    BASE32_16 = 26,
    BASE32_8 = 13,
    PREFIX = 4, /* "vf1:" */
    GROUPS = 5, /* of a fingerprint */
    GROUP = 4,  /* characters of one */
    LABEL = 63, /* bytes between two full stops of a DNS name */
};

/* Prefix of the text and label of the hash, in the order of the enum. */
static const struct {
    const char *prefix;
    const char *label;
} kinds[] = {
    { "vd1:", "vd1 vault id" },   { "vf1:", "vd1 firm id" },
    { "vs1:", "vd1 source id" },  { "vo1:", "vd1 owner id" },
    { "vr1:", "vd1 receipt id" },
};

void
vlt_identity_of(enum vlt_identity_kind kind, const uint8_t pk[VLT_SIGN_PK],
                uint8_t out[VLT_IDENTITY_LEN])
{
    struct vlt_slice parts[] = { vlt_slice_text(kinds[kind].label),
                                 vlt_slice_of(pk, VLT_SIGN_PK) };

    vlt_sha256(parts, 2, out);
}

const char *
vlt_identity_print(enum vlt_identity_kind kind,
                   const uint8_t id[VLT_IDENTITY_LEN],
                   char out[VLT_IDENTITY_TEXT])
{
    memcpy(out, kinds[kind].prefix, PREFIX);
    vlt_base32_print(id, VLT_IDENTITY_LEN, out + PREFIX);
    return out;
}

/* Does text begin so?  Then step over it. */
static bool
skip(struct vlt_slice *text, const char *prefix)
{
    struct vlt_slice want = vlt_slice_text(prefix);

    if (text->len < want.len ||
        !vlt_slice_equal(vlt_slice_of(text->at, want.len), want)) {
        return false;
    }
    *text = vlt_slice_of(text->at + want.len, text->len - want.len);
    return true;
}

/* The first len bytes of text, which is stepped over them; all of it when it
 * is shorter. */
static struct vlt_slice
take(struct vlt_slice *text, size_t len)
{
    struct vlt_slice first = *text;

    if (first.len > len) {
        first.len = len;
    }
    *text = vlt_slice_of(text->at + first.len, text->len - first.len);
    return first;
}

enum vlt_status
vlt_identity_parse(enum vlt_identity_kind kind, struct vlt_slice text,
                   uint8_t out[VLT_IDENTITY_LEN])
{
    uint8_t id[VLT_IDENTITY_LEN];

    if (!skip(&text, kinds[kind].prefix) || text.len != BASE32_32 ||
        vlt_base32_parse(text, id, sizeof id) != VLT_OK) {
        return VLT_E_FORMAT;
    }
    memcpy(out, id, sizeof id);
    return VLT_OK;
}

const char *
vlt_fingerprint_print(const uint8_t id[VLT_IDENTITY_LEN],
                      char out[VLT_FINGERPRINT_TEXT])
{
    char text[BASE32_32 + 1];
    char *to = out;

    vlt_base32_print(id, VLT_IDENTITY_LEN, text);
    for (size_t i = 0; i < GROUPS; i++) {
        memcpy(to, text + i * GROUP, GROUP);
        to += GROUP;
        *to++ = i + 1 < GROUPS ? ' ' : '\0';
    }
    return out;
}

static bool
is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool
is_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Labels of 1 to 63 letters, digits and inner hyphens between full stops;
 * IPv4 is of that form too. */
static bool
name_valid(struct vlt_slice host)
{
    size_t label = 0;

    for (size_t i = 0; i < host.len; i++) {
        uint8_t c = host.at[i];

        if (c == '.') {
            if (label == 0 || host.at[i - 1] == '-') {
                return false;
            }
            label = 0;
            continue;
        }
        if (!is_digit(c) && !is_letter(c) && (c != '-' || label == 0)) {
            return false;
        }
        if (++label > LABEL) {
            return false;
        }
    }
    return label > 0 && host.at[host.len - 1] != '-';
}

/* Hex digits, colons and full stops, with two colons at least: the rest is
 * for the resolver. */
static bool
ipv6_valid(struct vlt_slice host)
{
    size_t colons = 0;

    for (size_t i = 0; i < host.len; i++) {
        uint8_t c = host.at[i];
        bool hex =
            is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');

        if (!hex && c != ':' && c != '.') {
            return false;
        }
        colons += c == ':';
    }
    return colons >= 2 && host.len >= 2 && host.len <= 45;
}

static enum vlt_status
read_port(struct vlt_slice text, uint16_t *out)
{
    uint64_t port;

    if (text.len == 0 || text.len > 5 || text.at[0] == '0' ||
        vlt_uint_parse(text, &port) != VLT_OK || port > UINT16_MAX) {
        return VLT_E_FORMAT;
    }
    *out = (uint16_t)port;
    return VLT_OK;
}

/* "host:port" or "[ipv6]:port", the whole text. */
static enum vlt_status
read_place(struct vlt_slice text, struct vlt_address *out)
{
    struct vlt_slice host = text;
    size_t colon = text.len;

    while (colon > 0 && text.at[colon - 1] != ':') {
        colon--;
    }
    if (colon < 2) {
        return VLT_E_FORMAT;
    }
    host.len = colon - 1;
    bool v6 = host.at[0] == '[';

    if (v6) {
        if (host.len < 2 || host.at[host.len - 1] != ']') {
            return VLT_E_FORMAT;
        }
        host = vlt_slice_of(host.at + 1, host.len - 2);
    }
    if (host.len >= VLT_HOST_TEXT ||
        !(v6 ? ipv6_valid(host) : name_valid(host))) {
        return VLT_E_FORMAT;
    }
    memcpy(out->host, host.at, host.len);
    out->host[host.len] = '\0';
    return read_port(vlt_slice_of(text.at + colon, text.len - colon),
                     &out->port);
}

/* Print "host:port" at to, which has room for it. */
static char *
put_place(const struct vlt_address *address, char *to, size_t room)
{
    bool v6 = strchr(address->host, ':') != NULL;
    int len = snprintf(to, room, "%s%s%s:%u", v6 ? "[" : "", address->host,
                       v6 ? "]" : "", (unsigned)address->port);

    assert(len > 0 && (size_t)len < room);
    return to + len;
}

enum vlt_status
vlt_address_parse(struct vlt_slice text, struct vlt_address *out)
{
    struct vlt_address address = { .port = 0 };
    struct vlt_slice id = take(&text, PREFIX + BASE32_32);

    if (vlt_identity_parse(VLT_IDENTITY_VAULT, id, address.vault) != VLT_OK ||
        !skip(&text, "@") || read_place(text, &address) != VLT_OK) {
        return VLT_E_FORMAT;
    }
    *out = address;
    return VLT_OK;
}

const char *
vlt_address_print(const struct vlt_address *address, char out[VLT_ADDRESS_TEXT])
{
    char *at = out + PREFIX + BASE32_32;

    vlt_identity_print(VLT_IDENTITY_VAULT, address->vault, out);
    *at++ = '@';
    put_place(address, at, (size_t)(out + VLT_ADDRESS_TEXT - at));
    return out;
}

/* len bytes of base32 straight into a new secret. */
static enum vlt_status
read_secret(struct vlt_slice text, size_t chars, size_t len,
            struct vlt_secret **out)
{
    struct vlt_secret *secret = NULL;
    enum vlt_status st;

    if (text.len != chars) {
        return VLT_E_FORMAT;
    }
    st = vlt_secret_new(len, &secret);
    if (st != VLT_OK) {
        return st;
    }
    if (vlt_base32_parse(text, vlt_secret_bytes(secret), len) != VLT_OK) {
        vlt_secret_free(secret);
        return VLT_E_FORMAT;
    }
    *out = secret;
    return VLT_OK;
}

enum vlt_status
vlt_invite_parse(struct vlt_slice text, struct vlt_address *out,
                 struct vlt_secret **token)
{
    struct vlt_address address = { .port = 0 };
    enum vlt_status st;

    if (!skip(&text, "vault://")) {
        return VLT_E_FORMAT;
    }
    size_t slash = 0;

    while (slash < text.len && text.at[slash] != '/') {
        slash++;
    }
    struct vlt_slice place = take(&text, slash);

    if (read_place(place, &address) != VLT_OK || !skip(&text, "/")) {
        return VLT_E_FORMAT;
    }
    struct vlt_slice id = take(&text, BASE32_32);

    if (id.len != BASE32_32 ||
        vlt_base32_parse(id, address.vault, sizeof address.vault) != VLT_OK ||
        !skip(&text, "#")) {
        return VLT_E_FORMAT;
    }
    st = read_secret(text, BASE32_16, VLT_INVITE_TOKEN, token);
    if (st == VLT_OK) {
        *out = address;
    }
    return st;
}

const char *
vlt_invite_print(const struct vlt_address *address,
                 const struct vlt_secret *token, char out[VLT_INVITE_TEXT])
{
    char *at = out + 8;

    assert(vlt_secret_len(token) == VLT_INVITE_TOKEN);
    memcpy(out, "vault://", 8);
    at = put_place(address, at, (size_t)(out + VLT_HOST_TEXT + 20 - at));
    *at++ = '/';
    vlt_base32_print(address->vault, VLT_IDENTITY_LEN, at);
    at += BASE32_32;
    *at++ = '#';
    vlt_base32_print(vlt_secret_peek(token), VLT_INVITE_TOKEN, at);
    return out;
}

enum vlt_status
vlt_rendezvous_parse(struct vlt_slice text, uint8_t out[VLT_RENDEZVOUS])
{
    return vlt_base32_parse(text, out, VLT_RENDEZVOUS);
}

const char *
vlt_rendezvous_print(const uint8_t rendezvous[VLT_RENDEZVOUS],
                     char out[VLT_RENDEZVOUS_TEXT])
{
    return vlt_base32_print(rendezvous, VLT_RENDEZVOUS, out);
}

enum vlt_status
vlt_meeting_parse(struct vlt_slice text, struct vlt_meeting *out)
{
    static const char way[] = "/v/";
    size_t tail = sizeof way - 1 + VLT_RENDEZVOUS_TEXT - 1;
    struct vlt_meeting meeting = { .port = 0 };
    struct vlt_address place = { .port = 0 };

    if (!skip(&text, "wss://") || text.len <= tail) {
        return VLT_E_FORMAT;
    }
    struct vlt_slice end = vlt_slice_of(text.at + text.len - tail, tail);

    text.len -= tail;
    if (!skip(&end, way) ||
        vlt_rendezvous_parse(end, meeting.rendezvous) != VLT_OK ||
        read_place(text, &place) != VLT_OK || place.port == 0) {
        return VLT_E_FORMAT;
    }
    memcpy(meeting.host, place.host, sizeof meeting.host);
    meeting.port = place.port;
    *out = meeting;
    return VLT_OK;
}

const char *
vlt_meeting_print(const struct vlt_meeting *meeting, char out[VLT_MEETING_TEXT])
{
    struct vlt_address place = { .port = meeting->port };
    char rendezvous[VLT_RENDEZVOUS_TEXT];
    int len = snprintf(out, VLT_MEETING_TEXT, "wss://");

    memcpy(place.host, meeting->host, sizeof place.host);
    char *end = put_place(&place, out + len, VLT_MEETING_TEXT - (size_t)len);

    snprintf(end, VLT_MEETING_TEXT - (size_t)(end - out), "/v/%s",
             vlt_rendezvous_print(meeting->rendezvous, rendezvous));
    return out;
}

enum vlt_status
vlt_source_token_parse(struct vlt_slice text, uint8_t id[VLT_SOURCE_TOKEN_ID],
                       struct vlt_secret **out)
{
    uint8_t got[VLT_SOURCE_TOKEN_ID];
    enum vlt_status st;

    if (!skip(&text, "vt1:")) {
        return VLT_E_FORMAT;
    }
    struct vlt_slice first = take(&text, BASE32_8);

    if (first.len != BASE32_8 ||
        vlt_base32_parse(first, got, sizeof got) != VLT_OK ||
        !skip(&text, ".")) {
        return VLT_E_FORMAT;
    }
    st = read_secret(text, BASE32_32, VLT_KEY_LEN, out);
    if (st == VLT_OK) {
        memcpy(id, got, sizeof got);
    }
    return st;
}

const char *
vlt_source_token_print(const uint8_t id[VLT_SOURCE_TOKEN_ID],
                       const struct vlt_secret *secret,
                       char out[VLT_SOURCE_TOKEN_TEXT])
{
    assert(vlt_secret_len(secret) == VLT_KEY_LEN);
    memcpy(out, "vt1:", PREFIX);
    vlt_base32_print(id, VLT_SOURCE_TOKEN_ID, out + PREFIX);
    out[PREFIX + BASE32_8] = '.';
    vlt_base32_print(vlt_secret_peek(secret), VLT_KEY_LEN,
                     out + PREFIX + BASE32_8 + 1);
    return out;
}
