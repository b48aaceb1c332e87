#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "terms/lint_internal.h"

enum {
    LANG_LEAST = 2,
    LANG_MOST = 35,
};

/* What a text must begin with. */
enum scheme {
    ANY_TEXT,
    HTTPS,
    MAIL_OR_HTTPS,
};

static bool
begins(struct vlt_slice text, const char *with)
{
    size_t len = strlen(with);

    return text.len > len && memcmp(text.at, with, len) == 0;
}

/* Least and most characters, none of them a control character. */
static void
check_text(struct lint *lint, const char *code, struct lint_place at,
           struct vlt_slice text, const size_t range[2])
{
    if (text.len == 0) {
        if (range[0] > 0) {
            lint_fail(lint, code, at, "is missing");
        }
        return;
    }
    if (!vlt_text_printable(text)) {
        lint_fail(lint, code, at, "has control characters or is not UTF-8");
        return;
    }
    size_t count = vlt_utf8_count(text);

    if (count < range[0] || count > range[1]) {
        lint_fail(lint, code, at, "has %zu characters, at most %zu are taken",
                  count, range[1]);
    }
}

static void
check_scheme(struct lint *lint, struct lint_place at, struct vlt_slice text,
             enum scheme scheme)
{
    bool https = begins(text, "https:");
    bool mail = begins(text, "mailto:");

    if (scheme == HTTPS && !https) {
        lint_fail(lint, "", at, "must begin with https:");
    }
    if (scheme == MAIL_OR_HTTPS && !https && !mail) {
        lint_fail(lint, "", at, "must begin with mailto: or https:");
    }
}

/* A language tag, by its letters alone (RFC 5646). */
static bool
language(struct vlt_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (!letter && (i == 0 || (c != '-' && (c < '0' || c > '9')))) {
            return false;
        }
    }
    return text.len >= LANG_LEAST && text.len <= LANG_MOST;
}

static void
check_language(struct lint *lint, const char *code, struct lint_place at,
               struct vlt_slice text)
{
    if (text.len == 0) {
        lint_fail(lint, code, at, "is missing");
    } else if (!language(text)) {
        lint_fail(lint, code, at, "is no language tag such as en or de-AT");
    }
}

static void
check_country(struct lint *lint, struct lint_place at, int country)
{
    if (vocab_country(country) == NULL) {
        lint_fail(lint, "", at, "is no country of ISO 3166-1");
    }
}

/* The texts of a request's head, in the order of WIRE.md, 8.2. */
static const struct head_text {
    const char *list;
    const char *member;
    size_t offset;
    size_t range[2];
    enum scheme scheme;
} before_notice[] = {
    { "controller",
      "name",
      offsetof(struct terms_request, controller_name),
      { 1, 120 },
      ANY_TEXT },
    { "controller",
      "contact",
      offsetof(struct terms_request, controller_contact),
      { 1, 200 },
      MAIL_OR_HTTPS },
    { "controller",
      "address",
      offsetof(struct terms_request, controller_address),
      { 1, 200 },
      ANY_TEXT },
};

static const struct head_text from_notice[] = {
    { "notice",
      "uri",
      offsetof(struct terms_request, notice_uri),
      { 1, 500 },
      HTTPS },
    { NULL,
      "authority",
      offsetof(struct terms_request, authority),
      { 1, 120 },
      ANY_TEXT },
    { NULL,
      "rights",
      offsetof(struct terms_request, rights),
      { 1, 200 },
      MAIL_OR_HTTPS },
};

static void
check_head(struct lint *lint, const struct head_text *row)
{
    struct vlt_slice text;
    struct lint_place at = { row->list, LINT_NONE, row->member };

    memcpy(&text, (const char *)lint->request + row->offset, sizeof text);
    check_text(lint, "", at, text, row->range);
    check_scheme(lint, at, text, row->scheme);
}

void
lint_head_texts(struct lint *lint)
{
    static const size_t behalf[2] = { 1, 120 };
    const struct terms_request *request = lint->request;

    for (size_t i = 0; i < sizeof before_notice / sizeof before_notice[0];
         i++) {
        check_head(lint, &before_notice[i]);
    }
    check_country(lint,
                  (struct lint_place){ "controller", LINT_NONE, "country" },
                  request->controller_country);
    if (request->has_behalf) {
        check_text(lint, "",
                   (struct lint_place){ "on_behalf_of", LINT_NONE, "name" },
                   request->behalf_name, behalf);
        check_country(
            lint, (struct lint_place){ "on_behalf_of", LINT_NONE, "country" },
            request->behalf_country);
    }
    check_head(lint, &from_notice[0]);
    check_language(lint, "", (struct lint_place){ "notice", LINT_NONE, "lang" },
                   request->notice_lang);
    check_head(lint, &from_notice[1]);
    check_head(lint, &from_notice[2]);
}

void
lint_purpose_texts(struct lint *lint, size_t p)
{
    static const size_t said[2] = { 1, 300 };
    static const size_t benefit[2] = { 0, 140 };
    const struct terms_purpose *purpose = &lint->request->purposes[p];
    int at = (int)p;

    check_text(lint, "R11", (struct lint_place){ "purposes", at, "text" },
               purpose->text, said);
    check_language(lint, "R11", (struct lint_place){ "purposes", at, "lang" },
                   purpose->lang);
    check_text(lint, "", (struct lint_place){ "purposes", at, "if_denied" },
               purpose->if_denied, said);
    check_text(lint, "", (struct lint_place){ "purposes", at, "benefit" },
               purpose->benefit, benefit);
}

void
lint_item_texts(struct lint *lint, size_t i)
{
    static const size_t why[2] = { 0, 300 };

    check_text(lint, "R10",
               (struct lint_place){ "items", (int)i, "needed_why" },
               lint->request->items[i].needed_why, why);
}

void
lint_onward_texts(struct lint *lint, size_t i)
{
    static const size_t name[2] = { 1, 120 };
    const struct terms_recipient *one = &lint->request->common.onward[i];

    check_text(lint, "", (struct lint_place){ "onward", (int)i, "name" },
               one->name, name);
    check_country(lint, (struct lint_place){ "onward", (int)i, "country" },
                  one->country);
}
