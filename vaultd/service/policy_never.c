/*
 * policy_never: part `cli` of the policy set, the rules that answers make:
 * `deny --never` adds one for each part that is denied, policy.forget takes one
 * away, and they go with a firm to another key.  It is one file of the set,
 * with a rule a line.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "service/policy_internal.h"
#include "text/policy_text.h"
#include "wire/address.h"
#include "json/json_write.h"

static const char head[] = "version: 1\nrules:\n";

/* ---- the file's text ---- */

/* What it is now: "" where there is none yet. */
static struct vlt_slice
text_now(const struct consent_set *set)
{
    for (size_t i = 0; i < set->files; i++) {
        if (set->file[i].answers) {
            return set->file[i].text;
        }
    }
    return vlt_slice_text("");
}

static void
put_data(struct vlt_buf *out, const struct terms *part, unsigned items)
{
    const char *between = ", data: [";
    bool some = false;

    for (size_t i = 0; i < part->item_count; i++) {
        if ((items & 1U << (part->items[i].n - 1)) != 0) {
            vlt_buf_put_text(out, between);
            vlt_buf_put_text(out, vocab_category(part->items[i].data)->id);
            between = ", ";
            some = true;
        }
    }
    vlt_buf_put_text(out, some ? "]" : "");
}

struct adding {
    struct vlt_buf *text;
    struct service *service;
    int64_t now;
    size_t rules;
};

/* Two items may be of one category: a value stands once in a list. */
static unsigned
once_each(const struct terms *part, unsigned items)
{
    unsigned out = 0;

    for (size_t i = 0; i < part->item_count; i++) {
        unsigned bit = 1U << (part->items[i].n - 1);
        bool seen = false;

        for (size_t j = 0; j < i; j++) {
            seen = seen || ((out & 1U << (part->items[j].n - 1)) != 0 &&
                            part->items[j].data == part->items[i].data);
        }
        out |= (items & bit) != 0 && !seen ? bit : 0;
    }
    return out;
}

/* A rule of a part that waits: this firm never gets this data for this purpose.
 * Of contact it is all for the purpose, as no rule names contact alone. */
static void
put_rule(struct adding *adding, const struct consent_request *request, size_t i,
         const struct firm *firm)
{
    uint8_t id[VLT_IDENTITY_LEN];
    char vf1[VLT_IDENTITY_TEXT];
    char ulid[VLT_ULID_TEXT];
    struct terms part;

    terms_part(request->terms, i, &part);
    vlt_identity_of(VLT_IDENTITY_FIRM, firm->key, id);
    vlt_ulid_print(request->id, ulid);
    for (char *at = ulid; *at != '\0'; at++) {
        *at = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
    }
    vlt_buf_printf(adding->text,
                   "  - {name: cli-%s-%zu, effect: deny, firm: \"%s\", "
                   "purpose: %s",
                   ulid, i + 1, vlt_identity_print(VLT_IDENTITY_FIRM, id, vf1),
                   vocab_purpose(part.purpose)->id);
    put_data(adding->text, &part,
             once_each(&part, ~request->part[i].ruled_out));
    vlt_buf_put_text(adding->text, "}\n");
    adding->rules++;
}

static bool
waits(const struct consent_request *request, size_t i, int64_t now)
{
    const struct consent_part *part = &request->part[i];

    return (part->state == CONSENT_PENDING_STATE && now < request->reply_by) ||
           (part->state == CONSENT_COUNTERED && now < part->offer_until);
}

static bool
add_rules(void *ctx, const struct consent_request *request)
{
    struct adding *adding = ctx;
    const struct firm *firm =
        identity_firm_by_id(adding->service->identity, request->firm);

    for (size_t i = 0; firm != NULL && i < request->parts; i++) {
        if (waits(request, i, adding->now)) {
            put_rule(adding, request, i, firm);
        }
    }
    firm_release(firm);
    return false;
}

/* ---- the set with it ---- */

static enum vlt_status
read_with(struct service *service, const struct consent_set *set,
          struct vlt_slice text, struct consent_policy **out)
{
    struct policy_text_firms firms = { .ctx = service,
                                       .find = policy_find_firm };
    struct consent_file *file = calloc(set->files + 1, sizeof *file);
    /* The owner's own files are read again, and not applied again: they mean
     * what they meant. */
    struct consent_files files = { .file = file,
                                   .firms = &firms,
                                   .home = policy_settings(set->set)->home,
                                   .before = set };
    enum vlt_status st;

    if (file == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; i < set->files; i++) {
        if (!set->file[i].answers) {
            file[files.count++] = set->file[i];
        }
    }
    file[files.count++] = (struct consent_file){
        .name = vlt_slice_text("cli.yaml"), .text = text, .answers = true
    };
    st = consent_policy_read(&files, NULL, NULL, out);
    free(file);
    return st;
}

enum vlt_status
policy_never_add(struct service *service, const uint8_t request[VLT_ID_LEN],
                 struct policy_never *out)
{
    const struct consent_set *set = consent_set_hold(service->consent);
    struct vlt_buf text;
    struct adding adding = { .text = &text,
                             .service = service,
                             .now = service_effective(service) };
    struct vlt_slice old;
    enum vlt_status st;

    if (set == NULL) {
        return VLT_E_LOCKED;
    }
    vlt_buf_init(&text, POLICY_TEXT_MAX);
    old = text_now(set);
    /* A file of no rules has no key for them either. */
    vlt_buf_put_slice(&text,
                      old.len >= sizeof head - 1 ? old : vlt_slice_text(head));
    st = consent_request_find(service->consent, request, add_rules, &adding);
    if (st == VLT_OK) {
        st = vlt_buf_status(&text);
    }
    if (st == VLT_OK && adding.rules > 0) {
        st = read_with(service, set, vlt_buf_slice(&text), &out->policy);
    }
    out->version = set->version;
    vlt_buf_free(&text);
    consent_set_release(set);
    return st;
}

/* The line that begins with the rule of this name; an empty slice: none. */
static struct vlt_slice
line_of(struct vlt_slice text, const char *name)
{
    struct vlt_buf begins = { 0 };
    const uint8_t *at = text.at;
    size_t left = text.len;
    struct vlt_slice found = { .len = 0 };

    vlt_buf_printf(&begins, "  - {name: %s,", name);
    while (left > 0 && !vlt_buf_failed(&begins) && found.len == 0) {
        const uint8_t *end = memchr(at, '\n', left);
        size_t len = end != NULL ? (size_t)(end - at) + 1 : left;

        if (len > begins.len && memcmp(at, begins.at, begins.len) == 0) {
            found = vlt_slice_of(at, len);
        }
        at += len;
        left -= len;
    }
    vlt_buf_free(&begins);
    return found;
}

enum vlt_status
policy_never_drop(struct service *service, const char *name,
                  struct policy_never *out)
{
    const struct consent_set *set = consent_set_hold(service->consent);
    struct vlt_slice text;
    struct vlt_slice line;
    struct vlt_buf rest;
    enum vlt_status st = VLT_E_NOT_FOUND;

    if (set == NULL) {
        return VLT_E_LOCKED;
    }
    text = text_now(set);
    line = line_of(text, name);
    vlt_buf_init(&rest, POLICY_TEXT_MAX);
    if (line.len > 0) {
        size_t before = (size_t)(line.at - text.at);

        vlt_buf_put(&rest, text.at, before);
        vlt_buf_put(&rest, line.at + line.len, text.len - before - line.len);
        st = vlt_buf_status(&rest);
    }
    if (st == VLT_OK) {
        /* A key without a value is none; a file of no rules is. */
        st = read_with(service, set,
                       rest.len > sizeof head - 1
                           ? vlt_buf_slice(&rest)
                           : vlt_slice_text("version: 1\n"),
                       &out->policy);
    }
    out->version = set->version;
    vlt_buf_free(&rest);
    consent_set_release(set);
    return st;
}

/* ---- another key ---- */

static void
print_id(const uint8_t key[VLT_SIGN_PK], char out[VLT_IDENTITY_TEXT])
{
    uint8_t id[VLT_IDENTITY_LEN];

    vlt_identity_of(VLT_IDENTITY_FIRM, key, id);
    (void)vlt_identity_print(VLT_IDENTITY_FIRM, id, out);
}

/* The text with one id in the place of the other, which is as long; how many
 * there were. */
static size_t
put_moved(struct vlt_buf *out, struct vlt_slice text, const char *from,
          const char *to)
{
    size_t len = strlen(from);
    size_t count = 0;
    size_t at = 0;

    while (at < text.len) {
        bool found =
            text.len - at >= len && memcmp(text.at + at, from, len) == 0;

        if (found) {
            vlt_buf_put_text(out, to);
            count++;
        } else {
            vlt_buf_put(out, text.at + at, 1);
        }
        at += found ? len : 1;
    }
    return count;
}

enum vlt_status
policy_never_move(struct service *service, const uint8_t from[VLT_SIGN_PK],
                  const uint8_t to[VLT_SIGN_PK], struct policy_never *out)
{
    const struct consent_set *set = consent_set_hold(service->consent);
    char old[VLT_IDENTITY_TEXT];
    char new[VLT_IDENTITY_TEXT];
    struct vlt_buf text;
    enum vlt_status st = VLT_OK;
    size_t moved;

    if (set == NULL) {
        return VLT_E_LOCKED;
    }
    print_id(from, old);
    print_id(to, new);
    vlt_buf_init(&text, POLICY_TEXT_MAX);
    moved = put_moved(&text, text_now(set), old, new);
    if (moved > 0) {
        st = vlt_buf_status(&text);
    }
    if (st == VLT_OK && moved > 0) {
        st = read_with(service, set, vlt_buf_slice(&text), &out->policy);
    }
    out->version = set->version;
    vlt_buf_free(&text);
    consent_set_release(set);
    return st;
}
