#include <vault/firm.h>
#include <vault/request.h>

#include "base/text.h"
#include "client/client_internal.h"
#include "json/json_write.h"

static const struct {
    unsigned bit;
    const char *word;
} stats[] = {
    { VAULT_MEAN, "mean" }, { VAULT_SUM, "sum" },     { VAULT_MIN, "min" },
    { VAULT_MAX, "max" },   { VAULT_COUNT, "count" }, { VAULT_FIRST, "first" },
    { VAULT_LAST, "last" },
};

/* What is not said is left out. */
static void
put_some(struct vlt_json_out *put, const char *name, const char *value)
{
    if (value != NULL) {
        vlt_put_text(put, name, value);
    }
}

static void
put_words(struct vlt_json_out *put, const char *name, const char *const *words)
{
    if (words == NULL) {
        return;
    }
    vlt_put_list(put, name);
    for (size_t i = 0; words[i] != NULL; i++) {
        vlt_put_text(put, NULL, words[i]);
    }
    vlt_put_end(put);
}

static void
put_party(struct vlt_json_out *put, const char *name,
          const struct vault_party *party)
{
    vlt_put_object(put, name);
    put_some(put, "name", party->name);
    put_some(put, "contact", party->contact);
    put_some(put, "address", party->address);
    put_some(put, "country", party->country);
    put_some(put, "role", party->role);
    vlt_put_end(put);
}

static void
put_people(struct vlt_json_out *put, const struct vault_request *request)
{
    put_party(put, "controller", &request->controller);
    if (request->on_behalf_of != NULL) {
        put_party(put, "on_behalf_of", request->on_behalf_of);
    }
    vlt_put_object(put, "notice");
    put_some(put, "uri", request->notice_uri);
    put_some(put, "sha256", request->notice_sha256);
    put_some(put, "lang", request->notice_lang);
    vlt_put_end(put);
    put_some(put, "authority", request->authority);
    put_some(put, "rights", request->rights);
}

static void
put_purposes(struct vlt_json_out *put, const struct vault_request *request)
{
    vlt_put_list(put, "purposes");
    for (size_t i = 0; i < request->purpose_count; i++) {
        const struct vault_purpose *purpose = &request->purposes[i];

        vlt_put_object(put, NULL);
        put_some(put, "id", purpose->id);
        put_some(put, "text", purpose->text);
        put_some(put, "lang", purpose->lang);
        put_some(put, "basis", purpose->basis);
        put_some(put, "if_denied", purpose->if_denied);
        put_some(put, "benefit", purpose->benefit);
        vlt_put_end(put);
    }
    vlt_put_end(put);
}

static void
put_stats(struct vlt_json_out *put, const struct vault_item *item)
{
    if (item->bucket_s == 0) {
        vlt_put_text(put, "stats", "raw");
        return;
    }
    vlt_put_list(put, "stats");
    for (size_t i = 0; i < sizeof stats / sizeof *stats; i++) {
        if ((item->stats & stats[i].bit) != 0) {
            vlt_put_text(put, NULL, stats[i].word);
        }
    }
    vlt_put_end(put);
    vlt_put_int(put, "bucket_s", item->bucket_s);
}

static void
put_item(struct vlt_json_out *put, const struct vault_item *item, size_t n)
{
    vlt_put_object(put, NULL);
    vlt_put_uint(put, "n", n);
    put_some(put, "data", item->data);
    put_words(put, "for", item->uses);
    put_stats(put, item);
    put_some(put, "round", item->round);
    if (item->window_s < 0) {
        vlt_put_text(put, "window_s", "new");
    } else {
        vlt_put_int(put, "window_s", item->window_s);
    }
    vlt_put_int(put, "delay_s", item->delay_s);
    if (item->every_s != 0) {
        vlt_put_int(put, "every_s", item->every_s);
    }
    if (item->needed_why != NULL) {
        vlt_put_bool(put, "needed", true);
        vlt_put_text(put, "needed_why", item->needed_why);
    }
    vlt_put_end(put);
}

static void
put_items(struct vlt_json_out *put, const struct vault_request *request)
{
    if (request->item_count == 0) {
        return;
    }
    vlt_put_list(put, "items");
    for (size_t i = 0; i < request->item_count; i++) {
        put_item(put, &request->items[i], i + 1);
    }
    vlt_put_end(put);
}

static void
put_bounds(struct vlt_json_out *put, const struct vault_request *request)
{
    if (request->rate_n != 0) {
        vlt_put_object(put, "rate");
        vlt_put_int(put, "n", request->rate_n);
        vlt_put_int(put, "per_s", request->rate_per_s);
        vlt_put_end(put);
    } else {
        vlt_put_null(put, "rate");
    }
    if (request->uses != 0) {
        vlt_put_int(put, "uses", request->uses);
    } else {
        vlt_put_null(put, "uses");
    }
    if (request->life_s != 0) {
        vlt_put_int(put, "life_s", request->life_s);
    }
    if (request->reply_by_s != 0) {
        vlt_put_int(put, "reply_by_s", request->reply_by_s);
    }
    vlt_put_int(put, "keep_s", request->keep_s);
}

static void
put_conduct(struct vlt_json_out *put, const struct vault_request *request)
{
    vlt_put_list(put, "onward");
    for (size_t i = 0; i < request->onward_count; i++) {
        put_party(put, NULL, &request->onward[i]);
    }
    vlt_put_end(put);
    put_words(put, "where", request->where);
    put_some(put, "profiling", request->profiling);
    vlt_put_bool(put, "automated", request->automated != 0);
    vlt_put_bool(put, "training", request->training != 0);
    vlt_put_bool(put, "gatekeeper", request->gatekeeper != 0);
    if (request->agreement_id != NULL) {
        vlt_put_object(put, "agreement");
        vlt_put_text(put, "id", request->agreement_id);
        put_some(put, "sha256", request->agreement_sha256);
        vlt_put_end(put);
    }
    put_some(put, "replaces", request->replaces);
}

enum vault_status
vault_request_build(struct vault_client *client,
                    const struct vault_request *request, char **text)
{
    struct vlt_buf out = { 0 };
    struct vlt_json_out put = vlt_json_out(&out);
    char *copy;
    enum vault_status status;

    if (request->size != sizeof *request) {
        return vlt_client_fault(client, VAULT_E_USAGE,
                                "size of the request is wrong");
    }
    vlt_put_object(&put, NULL);
    put_people(&put, request);
    put_purposes(&put, request);
    put_items(&put, request);
    put_some(&put, "action", request->action);
    put_words(&put, "channels", request->channels);
    put_bounds(&put, request);
    put_conduct(&put, request);
    vlt_put_end(&put);
    copy = vlt_buf_failed(&out) ? NULL : vlt_text_copy(vlt_buf_slice(&out));
    vlt_buf_free(&out);
    if (copy == NULL) {
        return vlt_client_fault(client, VAULT_E_NOMEM, "out of memory");
    }
    status = vault_request_lint(client, copy);
    if (status == VAULT_OK) {
        *text = copy;
    } else {
        vault_free(copy);
    }
    return status;
}
