#include "identity/record_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/name.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "wire/enrol.h"
#include "json/json.h"
#include "json/json_write.h"

enum {
    RECORD_DEPTH = 4,
};

/* Where a secret is printed later. */
static const uint8_t no_secret[VLT_KEY_LEN];

static const char *const states[] = { "pending", "confirmed", "blocked",
                                      "forgotten", NULL };

static const char *
state_word(enum identity_state state)
{
    return states[state - IDENTITY_PENDING];
}

void
record_put_firm(struct vlt_buf *out, const struct firm *firm)
{
    struct vlt_json_out json = vlt_json_out(out);

    vlt_put_object(&json, NULL);
    if (firm->has_next) {
        vlt_put_time(&json, "asked", firm->asked);
    }
    vlt_put_time(&json, "changed", firm->changed);
    vlt_put_time(&json, "enrolled", firm->enrolled);
    vlt_put_hex(&json, "key", firm->key, sizeof firm->key);
    vlt_put_hex(&json, "kid", firm->kid, sizeof firm->kid);
    vlt_put_text(&json, "name", firm->name);
    if (firm->has_next) {
        vlt_put_hex(&json, "next", firm->next, sizeof firm->next);
    }
    vlt_put_int(&json, "receipt_n", firm->receipt_n);
    vlt_put_text(&json, "state", state_word(firm->state));
    vlt_put_hex(&json, "subject", firm->subject, sizeof firm->subject);
    vlt_put_int(&json, "v", 1);
    vlt_put_end(&json);
}

/* Only what was said; a record without it is one of before there were any. */
static void
put_quota(struct vlt_json_out *json, const struct source_quota *quota)
{
    if (quota->rows == 0 && quota->bytes == 0 && quota->streams == 0) {
        return;
    }
    vlt_put_object(json, "quota");
    vlt_put_uint(json, "bytes", quota->bytes);
    vlt_put_uint(json, "rows", quota->rows);
    vlt_put_uint(json, "streams", quota->streams);
    vlt_put_end(json);
}

void
record_put_source(struct vlt_buf *out, const struct source *source,
                  const struct vlt_secret *secret)
{
    struct vlt_json_out json = vlt_json_out(out);

    vlt_put_object(&json, NULL);
    vlt_put_time(&json, "added", source->added);
    vlt_put_bool(&json, "auto", source->automatic);
    vlt_put_text(&json, "category", source->category);
    if (source->has_key) {
        vlt_put_hex(&json, "key", source->key, sizeof source->key);
    }
    vlt_put_text(&json, "name", source->name);
    vlt_put_int(&json, "number", source->number);
    vlt_put_int(&json, "over", source->over);
    vlt_put_list(&json, "patterns");
    for (size_t i = 0; i < source->patterns; i++) {
        vlt_put_text(&json, NULL, source->pattern[i]);
    }
    vlt_put_end(&json);
    put_quota(&json, &source->quota);
    vlt_put_hex(&json, "secret", no_secret, VLT_KEY_LEN);
    vlt_put_text(&json, "state", state_word(source->state));
    vlt_put_hex(&json, "token_id", source->token_id, sizeof source->token_id);
    vlt_put_int(&json, "v", 1);
    vlt_put_int(&json, "way", source->way);
    if (source->window == INT64_MAX) {
        vlt_put_null(&json, "window");
    } else {
        vlt_put_int(&json, "window", source->window);
    }
    vlt_put_end(&json);
    record_fill(out, "secret", secret);
}

void
record_put_invitation(struct vlt_buf *out, const struct invitation *invitation,
                      const struct vlt_secret *token)
{
    struct vlt_json_out json = vlt_json_out(out);

    vlt_put_object(&json, NULL);
    vlt_put_time(&json, "expires", invitation->expires);
    vlt_put_text(&json, "name", invitation->name);
    vlt_put_hex(&json, "token", no_secret, VLT_INVITE_TOKEN);
    vlt_put_int(&json, "v", 1);
    vlt_put_end(&json);
    record_fill(out, "token", token);
}

/* Hex of exactly len bytes. */
static void
walk_hex(struct vlt_walk *walk, const char *name, void *out, size_t len)
{
    struct vlt_slice text = vlt_walk_text(walk, name, 2 * len, 2 * len);

    if (!vlt_walk_failed(walk) && vlt_hex_parse(text, out, len) != VLT_OK) {
        vlt_walk_fault(walk, name, "is not hex");
    }
}

static void
walk_name(struct vlt_walk *walk, char out[IDENTITY_NAME_MAX + 1])
{
    struct vlt_slice text = vlt_walk_text(walk, "name", 1, IDENTITY_NAME_MAX);

    memset(out, 0, IDENTITY_NAME_MAX + 1);
    if (text.len > 0) {
        memcpy(out, text.at, text.len);
    }
}

static enum identity_state
walk_state(struct vlt_walk *walk)
{
    int word = vlt_walk_word(walk, "state", states);

    return (enum identity_state)(word + IDENTITY_PENDING);
}

/* Parse and begin to walk; every record has v = 1. */
static enum vlt_status
begin(struct vlt_slice json, struct vlt_json **document, struct vlt_walk *walk)
{
    enum vlt_status st =
        vlt_json_parse(json, RECORD_MAX, RECORD_DEPTH, NULL, document);

    if (st == VLT_OK) {
        vlt_walk_begin(walk, *document);
        (void)vlt_walk_int(walk, "v", 1, 1);
    }
    return st;
}

enum vlt_status
record_get_firm(const uint8_t id[VLT_ID_LEN], struct vlt_slice json,
                const struct firm **out)
{
    struct vlt_json *document = NULL;
    struct vlt_walk walk;
    struct firm_box *box = calloc(1, sizeof *box);
    enum vlt_status st;

    if (box == NULL) {
        return VLT_E_NOMEM;
    }
    st = begin(json, &document, &walk);
    if (st != VLT_OK) {
        goto done;
    }
    struct firm *firm = &box->firm;

    memcpy(firm->id, id, VLT_ID_LEN);
    firm->changed = vlt_walk_time(&walk, "changed");
    firm->enrolled = vlt_walk_time(&walk, "enrolled");
    walk_hex(&walk, "key", firm->key, sizeof firm->key);
    walk_hex(&walk, "kid", firm->kid, sizeof firm->kid);
    walk_name(&walk, firm->name);
    firm->has_next = vlt_walk_has(&walk, "next");
    if (firm->has_next) {
        walk_hex(&walk, "next", firm->next, sizeof firm->next);
        firm->asked = vlt_walk_time(&walk, "asked");
    }
    firm->receipt_n = (uint32_t)vlt_walk_int(&walk, "receipt_n", 0, UINT32_MAX);
    firm->state = walk_state(&walk);
    walk_hex(&walk, "subject", firm->subject, sizeof firm->subject);
    st = vlt_walk_end(&walk);
    if (st != VLT_OK) {
        goto done;
    }
    ref_init(&box->ref);
    *out = firm;
    box = NULL;

done:
    free(box);
    vlt_json_free(document);
    return st;
}

/* The patterns and category of a source, copied. */
static enum vlt_status
copy_texts(struct vlt_walk *walk, struct source_box *box)
{
    struct vlt_slice category =
        vlt_walk_text(walk, "category", 0, VLT_NAME_MAX);
    const struct vlt_json *list =
        vlt_walk_list(walk, "patterns", 1, IDENTITY_PATTERNS_MAX);

    if (vlt_walk_failed(walk)) {
        return VLT_E_FORMAT;
    }
    box->category = vlt_text_copy(category);
    box->pattern = calloc(IDENTITY_PATTERNS_MAX, sizeof *box->pattern);
    if (box->category == NULL || box->pattern == NULL) {
        return VLT_E_NOMEM;
    }
    box->source.category = box->category;
    box->source.pattern = (const char *const *)box->pattern;
    for (size_t i = 0; i < vlt_json_count(list); i++) {
        struct vlt_slice text = vlt_json_text_of(vlt_json_item(list, i));

        if (!vlt_pattern_valid(text)) {
            return VLT_E_FORMAT;
        }
        box->pattern[i] = vlt_text_copy(text);
        if (box->pattern[i] == NULL) {
            return VLT_E_NOMEM;
        }
        box->source.patterns++;
    }
    return VLT_OK;
}

/* What is left where a secret was taken out of the record. */
static void
walk_no_secret(struct vlt_walk *walk, const char *name, size_t len)
{
    uint8_t zeros[VLT_KEY_LEN];

    walk_hex(walk, name, zeros, len);
}

static void
walk_quota(struct vlt_walk *walk, struct source_quota *out)
{
    struct source_quota said = { .rows = 0 };
    struct vlt_walk quota;

    if (!vlt_walk_has(walk, "quota")) {
        return;
    }
    vlt_walk_into(&quota, walk, "quota");
    said.bytes =
        (uint64_t)vlt_walk_int(&quota, "bytes", 0, IDENTITY_QUOTA_BYTES);
    said.rows = (uint64_t)vlt_walk_int(&quota, "rows", 0, IDENTITY_QUOTA_ROWS);
    said.streams =
        (unsigned)vlt_walk_int(&quota, "streams", 0, IDENTITY_QUOTA_STREAMS);
    if (vlt_walk_end(&quota) == VLT_OK) {
        *out = said;
    }
}

static enum vlt_status
fill_source(struct vlt_walk *walk, struct source_box *box)
{
    struct source *source = &box->source;
    enum vlt_status st = copy_texts(walk, box);

    if (st != VLT_OK) {
        return st;
    }
    source->added = vlt_walk_time(walk, "added");
    source->automatic = vlt_walk_bool(walk, "auto");
    walk_name(walk, source->name);
    source->number = (uint32_t)vlt_walk_int(walk, "number", 1, UINT32_MAX);
    walk_no_secret(walk, "secret", VLT_KEY_LEN);
    source->state = walk_state(walk);
    walk_hex(walk, "token_id", source->token_id, sizeof source->token_id);
    source->way = (unsigned)vlt_walk_int(walk, "way", 0, 16);
    source->has_key = vlt_walk_has(walk, "key");
    if (source->has_key) {
        walk_hex(walk, "key", source->key, sizeof source->key);
    }
    walk_quota(walk, &source->quota);
    source->over = source->way != 0 ? SOURCE_OVER_UNSAID : 0;
    if (vlt_walk_has(walk, "over")) {
        source->over = (unsigned)vlt_walk_int(walk, "over", 0, SOURCE_OVER_ALL);
    }
    source->window = INT64_MAX;
    if (vlt_walk_has(walk, "window")) {
        source->window = vlt_walk_int(walk, "window", 0, INT64_MAX);
    } else {
        vlt_walk_null(walk, "window");
    }
    return vlt_walk_end(walk);
}

enum vlt_status
record_get_source(const uint8_t id[VLT_ID_LEN], struct vlt_slice json,
                  const struct source **out)
{
    struct vlt_json *document = NULL;
    struct vlt_secret *secret = NULL;
    struct vlt_buf bare = { 0 };
    struct vlt_walk walk;
    struct source_box *box = calloc(1, sizeof *box);
    enum vlt_status st;

    if (box == NULL) {
        return VLT_E_NOMEM;
    }
    ref_init(&box->ref);
    memcpy(box->source.id, id, VLT_ID_LEN);
    st = vlt_secret_new(VLT_KEY_LEN, &secret);
    if (st == VLT_OK) {
        st = record_part(json, "secret", &bare, secret);
    }
    if (st == VLT_OK) {
        struct vlt_slice part =
            vlt_slice_of(vlt_secret_peek(secret), VLT_KEY_LEN);

        vlt_hash(&part, 1, box->token_hash);
        st = begin(vlt_buf_slice(&bare), &document, &walk);
    }
    if (st == VLT_OK) {
        st = fill_source(&walk, box);
    }
    vlt_json_free(document);
    vlt_buf_free(&bare);
    vlt_secret_free(secret);
    if (st != VLT_OK) {
        source_release(&box->source);
        return st;
    }
    *out = &box->source;
    return VLT_OK;
}

enum vlt_status
record_get_secret(struct vlt_slice json, struct vlt_secret **out)
{
    struct vlt_secret *secret = NULL;
    struct vlt_buf bare = { 0 };
    enum vlt_status st = vlt_secret_new(VLT_KEY_LEN, &secret);

    if (st == VLT_OK) {
        st = record_part(json, "secret", &bare, secret);
    }
    vlt_buf_free(&bare);
    if (st != VLT_OK) {
        vlt_secret_free(secret);
        return st;
    }
    *out = secret;
    return VLT_OK;
}

enum vlt_status
record_get_invitation(const uint8_t id[VLT_ID_LEN], struct vlt_slice json,
                      struct invitation *out, struct vlt_secret **token)
{
    struct vlt_json *document = NULL;
    struct vlt_secret *secret = NULL;
    struct vlt_buf bare = { 0 };
    struct invitation invitation = { .expires = 0 };
    struct vlt_walk walk;
    enum vlt_status st = vlt_secret_new(VLT_INVITE_TOKEN, &secret);

    if (st != VLT_OK) {
        return st;
    }
    st = record_part(json, "token", &bare, secret);
    if (st == VLT_OK) {
        st = begin(vlt_buf_slice(&bare), &document, &walk);
    }
    if (st != VLT_OK) {
        goto done;
    }
    memcpy(invitation.id, id, VLT_ID_LEN);
    invitation.expires = vlt_walk_time(&walk, "expires");
    walk_name(&walk, invitation.name);
    walk_no_secret(&walk, "token", VLT_INVITE_TOKEN);
    st = vlt_walk_end(&walk);
    if (st != VLT_OK) {
        goto done;
    }
    vlt_invite_id(secret, invitation.public_id);
    *out = invitation;
    if (token != NULL) {
        *token = secret;
        secret = NULL;
    }

done:
    vlt_json_free(document);
    vlt_buf_free(&bare);
    vlt_secret_free(secret);
    return st;
}
