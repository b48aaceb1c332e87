/*
 * Requests as the owner sees them: the list, and one in the vault's own words.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "consent/deletion.h"
#include "service/page_internal.h"
#include "service/request_internal.h"
#include "terms/say.h"
#include "wire/limits.h"
#include "json/json_write.h"

/* ---- list ---- */

static const char *const state_words[] = { "pending", "countered", "granted",
                                           "denied",  "lapsed",    "dropped",
                                           NULL };

struct list {
    int state; /* of state_words; -1: those that wait */
    char firm[NOUN_FIRM];
    const struct firm *found; /* held; NULL: all */
    bool after;               /* there is a cursor */
    bool begun;               /* it was passed */
    uint8_t cursor[VLT_ID_LEN];
    struct service *service;
    const struct store_view *view;
    struct vlt_json_out json;
    size_t count;
    bool more;
    enum vlt_status st;
};

void
request_list_clear(void *state)
{
    struct list *list = state;

    firm_release(list->found);
    free(list);
}

enum vlt_status
request_list_check(struct call *call, struct vlt_walk *params)
{
    struct list *list = call_state(call, sizeof *list);

    if (list == NULL) {
        return VLT_E_NOMEM;
    }
    list->state = vlt_walk_word_or(params, "state", state_words, -1);
    noun_read_firm(params, false, list->firm);
    list->after = noun_ulid(params, "cursor", list->cursor);
    return VLT_OK;
}

static bool
wanted(const struct list *list, const struct consent_request *request)
{
    const char *state = noun_request_state(request);

    if (list->found != NULL &&
        memcmp(request->firm, list->found->id, VLT_ID_LEN) != 0) {
        return false;
    }
    /* Of what waits other parts may be granted already. */
    return list->state >= 0
               ? strcmp(state, state_words[list->state]) == 0
               : consent_request_has(request, CONSENT_PENDING_STATE) ||
                     consent_request_has(request, CONSENT_COUNTERED);
}

static bool
list_one(void *ctx, const struct consent_request *request)
{
    struct list *list = ctx;

    if (list->after && !list->begun) {
        list->begun = memcmp(request->id, list->cursor, VLT_ID_LEN) == 0;
        return true;
    }
    if (!wanted(list, request)) {
        return true;
    }
    if (list->count == VLT_LIMIT_LIST || list->json.buf->len > NOUN_ROOM) {
        list->more = true;
        return false;
    }
    list->st =
        noun_put_request(&list->json, NULL, list->service, list->view, request);
    memcpy(list->cursor, request->id, sizeof list->cursor);
    list->count++;
    return list->st == VLT_OK;
}

enum vlt_status
request_list_prepare(struct call *call)
{
    struct list *list = call->state;
    struct service *service = call->service;
    struct store_read *read = NULL;
    enum vlt_status st = VLT_OK;

    if (list->firm[0] != '\0') {
        st = noun_need_firm(call, list->firm, &list->found);
    }
    if (st == VLT_OK) {
        st = store_read_begin(service->store, &read);
    }
    if (st != VLT_OK) {
        return st;
    }
    list->service = service;
    list->view = store_read_view(read);
    list->json = call_result(call);
    vlt_put_list(&list->json, "requests");
    consent_requests(service->consent, list_one, list);
    vlt_put_end(&list->json);
    if (list->more) {
        vlt_put_ulid(&list->json, "cursor", list->cursor);
    }
    if (list->state < 0 && !list->after) {
        request_put_uses(&list->json, service, list->found);
    }
    vlt_put_end(&list->json);
    store_read_end(read);
    return list->st != VLT_OK ? list->st : vlt_buf_status(&call->result);
}

/* ---- show ---- */

struct show {
    uint8_t request[VLT_ID_LEN];
    struct service *service;
    const struct store_view *view;
    struct vlt_json_out json;
    const struct consent_request *kept; /* borrowed */
    const struct firm *firm;            /* held */
    int64_t now;
    bool overdue; /* the firm has not said that it deleted what it had to */
    enum vlt_status st;
};

enum vlt_status
request_show_check(struct call *call, struct vlt_walk *params)
{
    struct show *show = call_state(call, sizeof *show);

    if (show == NULL) {
        return VLT_E_NOMEM;
    }
    vlt_walk_ulid(params, "request", show->request);
    return VLT_OK;
}

/* "confirmed 3 days ago": how the vault knows the firm. */
static void
say_standing(const struct show *show, struct vlt_buf *out)
{
    const struct firm *firm = show->firm;
    int64_t days = vlt_floor_div(show->now - firm->changed, VLT_DAY);

    vlt_buf_put_text(out, firm->state == IDENTITY_CONFIRMED   ? "confirmed "
                          : firm->state == IDENTITY_BLOCKED   ? "blocked "
                          : firm->state == IDENTITY_FORGOTTEN ? "forgotten "
                                                              : "enrolled ");
    if (days <= 0) {
        vlt_buf_put_text(out, "today");
    } else {
        terms_say_duration(out, days * 86400);
        vlt_buf_put_text(out, " ago");
    }
    vlt_buf_put_text(out, show->overdue ? ", a statement of deletion overdue"
                                        : ", nothing overdue");
}

static void
put_sentences(struct show *show)
{
    const struct terms_request *terms = show->kept->terms;
    struct terms_asker asker = { .legal_name = terms->controller_name,
                                 .name = vlt_slice_text(show->firm->name),
                                 .behalf_country = terms->behalf_country };
    struct vlt_buf standing;
    struct vlt_buf words;

    vlt_buf_init(&standing, 0);
    vlt_buf_init(&words, 0);
    say_standing(show, &standing);
    asker.standing = vlt_buf_slice(&standing);
    if (terms->has_behalf) {
        asker.behalf = terms->behalf_name;
    }
    for (size_t i = 0; i < show->kept->parts; i++) {
        struct terms part;

        terms_part(terms, i, &part);
        vlt_buf_put_text(&words, i > 0 ? " " : "");
        terms_say(&words, &part, &asker);
    }
    vlt_put_slice(&show->json, "words", vlt_buf_slice(&words));
    vlt_buf_free(&standing);
    vlt_buf_free(&words);
}

/* The firm's own words, marked by where they stand. */
static void
put_claims(struct show *show)
{
    const struct terms_request *terms = show->kept->terms;

    vlt_put_list(&show->json, "claims");
    for (size_t i = 0; i < terms->purpose_count; i++) {
        const struct terms_purpose *purpose = &terms->purposes[i];

        vlt_put_object(&show->json, NULL);
        vlt_put_text(&show->json, "purpose", vocab_purpose(purpose->id)->id);
        vlt_put_slice(&show->json, "text", purpose->text);
        vlt_put_slice(&show->json, "if_denied", purpose->if_denied);
        vlt_put_slice(&show->json, "lang", purpose->lang);
        vlt_put_end(&show->json);
    }
    vlt_put_end(&show->json);
}

/* Each risk once over all parts: their words are constants. */
enum { RISKS = 32 };

struct risks {
    size_t count;
    const char *words[RISKS];
};

static void
take_risk(void *ctx, const char *words)
{
    struct risks *risks = ctx;

    for (size_t i = 0; i < risks->count; i++) {
        if (strcmp(risks->words[i], words) == 0) {
            return;
        }
    }
    if (risks->count < RISKS) {
        risks->words[risks->count++] = words;
    }
}

static void
put_risks(struct show *show)
{
    struct risks risks = { .count = 0 };

    for (size_t i = 0; i < show->kept->parts; i++) {
        struct terms part;

        terms_part(show->kept->terms, i, &part);
        terms_risks(&part, take_risk, &risks);
    }
    vlt_put_list(&show->json, "risks");
    for (size_t i = 0; i < risks.count; i++) {
        vlt_put_text(&show->json, NULL, risks.words[i]);
    }
    vlt_put_end(&show->json);
}

static void
put_atom(struct vlt_json_out *json, int purpose, int n)
{
    vlt_put_object(json, NULL);
    vlt_put_text(json, "purpose", vocab_purpose(purpose)->id);
    if (n > 0) {
        vlt_put_int(json, "n", n);
    }
    vlt_put_end(json);
}

/* What the owner has to name: a yes to all is none to these. */
static void
put_explicit(struct show *show)
{
    const struct terms_request *terms = show->kept->terms;

    vlt_put_list(&show->json, "explicit");
    for (size_t p = 0; p < terms->purpose_count; p++) {
        int purpose = terms->purposes[p].id;

        if (terms->item_count == 0 && terms_explicit(purpose, VOCAB_NONE)) {
            put_atom(&show->json, purpose, 0);
        }
        for (size_t i = 0; i < terms->item_count; i++) {
            if (terms_item_for(terms, i, p) &&
                terms_explicit(purpose, terms->items[i].data)) {
                put_atom(&show->json, purpose, terms->items[i].n);
            }
        }
    }
    vlt_put_end(&show->json);
}

/* ---- which rules speak ---- */

struct speaking {
    struct vlt_json_out *json;
    bool said[POLICY_RULES + POLICY_BUILTINS];
};

static void
put_rules_of(void *ctx, const struct policy_set *set,
             const struct policy_asking *asking,
             const struct policy_decision *decision)
{
    struct speaking *speaking = ctx;

    (void)asking;
    for (size_t i = 0; i < decision->atom_count; i++) {
        const struct policy_atom *atom = &decision->atoms[i];

        for (size_t j = 0; j < atom->rule_count; j++) {
            const struct policy_rule *rule =
                policy_rule_at(set, atom->rules[j]);

            if (speaking->said[atom->rules[j]]) {
                continue;
            }
            speaking->said[atom->rules[j]] = true;
            vlt_put_object(speaking->json, NULL);
            vlt_put_text(speaking->json, "name", rule->name);
            vlt_put_text(speaking->json, "file", rule->file);
            vlt_put_int(speaking->json, "line", rule->line);
            vlt_put_int(speaking->json, "column", rule->column);
            vlt_put_text(speaking->json, "effect",
                         policy_effect_word(rule->effect));
            vlt_put_end(speaking->json);
        }
    }
}

static enum vlt_status
put_rules(struct show *show)
{
    struct consent_firm facts = guard_firm(show->firm);
    struct consent_anew anew = { .request = show->kept->id,
                                 .firm = &facts,
                                 .now = show->now };
    struct speaking *speaking = calloc(1, sizeof *speaking);
    enum vlt_status st;

    if (speaking == NULL) {
        return VLT_E_NOMEM;
    }
    speaking->json = &show->json;
    vlt_put_list(&show->json, "rules");
    st = consent_explain(show->service->consent, &anew, put_rules_of, speaking);
    vlt_put_end(&show->json);
    free(speaking);
    return st;
}

static enum vlt_status
put_binds(struct show *show)
{
    struct request_binding binding = {
        .service = show->service,
        .view = show->view,
        .kept = show->kept,
        .firm = show->firm,
        .now = show->now,
    };

    return request_put_binds(&binding, &show->json);
}

/* The payload as it was signed. */
static enum vlt_status
put_payload(struct show *show)
{
    struct vlt_slice jws = show->kept->jws;
    const uint8_t *first = memchr(jws.at, '.', jws.len);
    const uint8_t *second;
    struct vlt_buf payload;
    enum vlt_status st;

    if (first == NULL) {
        return VLT_E_STORAGE;
    }
    first++;
    second = memchr(first, '.', jws.len - (size_t)(first - jws.at));
    if (second == NULL) {
        return VLT_E_STORAGE;
    }
    vlt_buf_init(&payload, VLT_LIMIT_REQUEST_JWS);
    st = vlt_base64url_get(vlt_slice_of(first, (size_t)(second - first)),
                           &payload);
    if (st == VLT_OK) {
        vlt_put_raw(&show->json, "terms", vlt_buf_slice(&payload));
    }
    vlt_buf_free(&payload);
    return st;
}

static bool
show_one(void *ctx, const struct consent_request *request)
{
    struct show *show = ctx;

    show->kept = request;
    show->firm = identity_firm_by_id(show->service->identity, request->firm);
    if (show->firm == NULL) {
        show->st = VLT_E_STORAGE;
        return false;
    }
    show->st = noun_put_request(&show->json, "request", show->service,
                                show->view, request);
    if (show->st == VLT_OK) {
        show->st = consent_firm_overdue(show->service->consent, request->firm,
                                        show->now, &show->overdue);
    }
    put_sentences(show);
    put_claims(show);
    put_risks(show);
    put_explicit(show);
    if (show->st == VLT_OK) {
        show->st = put_rules(show);
    }
    if (show->st == VLT_OK) {
        show->st = put_binds(show);
    }
    if (show->st == VLT_OK) {
        show->st = put_payload(show);
    }
    firm_release(show->firm);
    return false;
}

enum vlt_status
request_show_prepare(struct call *call)
{
    struct show *show = call->state;
    struct service *service = call->service;
    struct store_read *read = NULL;
    char text[VLT_ULID_TEXT];
    enum vlt_status st = store_read_begin(service->store, &read);

    if (st != VLT_OK) {
        return st;
    }
    show->service = service;
    show->view = store_read_view(read);
    show->now = service_effective(service);
    show->json = call_result(call);
    st = consent_request_find(service->consent, show->request, show_one, show);
    vlt_put_end(&show->json);
    store_read_end(read);
    if (st == VLT_E_NOT_FOUND) {
        return call_not_found(call, "request", "request",
                              vlt_ulid_print(show->request, text));
    }
    return st == VLT_OK ? show->st : st;
}
