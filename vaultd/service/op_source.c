#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "crypto/secret.h"
#include "service/nouns.h"
#include "service/source_internal.h"
#include "vocab/vocab.h"
#include "wire/limits.h"
#include "json/json_write.h"

/* As source.list and source.add say them, by enum way + 1.  WAY_SOCKET is none
 * of a source. */
static const char *const ways[] = {
    NULL, NULL, "key", "bearer", "mac", "sealed"
};

enum { WAYS = sizeof ways / sizeof ways[0] };

void
source_read_patterns(struct vlt_walk *params, struct source_asked *add)
{
    const struct vlt_json *list =
        vlt_walk_list(params, "streams", 1, IDENTITY_PATTERNS_MAX);

    for (size_t i = 0; i < vlt_json_count(list); i++) {
        struct vlt_slice text = vlt_json_text_of(vlt_json_item(list, i));

        if (!vlt_pattern_valid(text)) {
            vlt_walk_fault(params, "streams",
                           "has a pattern at %zu that is none, must be as "
                           "home/energy/**",
                           i);
            return;
        }
        if (source_quarantine(text)) {
            vlt_walk_fault(params, "streams",
                           "has a pattern at %zu under quarantine/, which is "
                           "the vault's own",
                           i);
            return;
        }
        noun_copy(add->pattern[i], sizeof add->pattern[i], text);
        add->list[i] = add->pattern[i];
        add->patterns++;
    }
}

void
source_read_window(struct vlt_walk *params, struct source_asked *add)
{
    struct vlt_slice text =
        vlt_walk_text_or(params, "window", 2, 32, vlt_slice_text("48h"));

    if (vlt_slice_is(text, "all")) {
        add->window = INT64_MAX;
    } else if (!vlt_walk_failed(params) &&
               (vlt_duration_parse(text, &add->window) != VLT_OK ||
                add->window < VLT_MINUTE || add->window > 365 * VLT_DAY)) {
        vlt_walk_fault(params, "window", "must be 1min to 1y, or all");
    }
}

/* The ways that a source can be made for. */
void
source_read_way(struct vlt_walk *params, struct source_asked *add)
{
    static const char *const words[] = { "any",    "bearer", "mac",
                                         "sealed", "key",    NULL };
    static const unsigned meant[] = { 0, WAY_BEARER + 1, WAY_MAC + 1,
                                      WAY_SEALED + 1, WAY_KEY + 1 };
    int word = vlt_walk_word_or(params, "way", words, 0);

    if (!vlt_walk_failed(params)) {
        add->way = meant[word];
    }
}

enum vlt_status
source_check_category(struct call *call, const struct source_asked *asked)
{
    const char *category = asked->category;
    size_t len = strlen(category);
    const struct vocab_node *node =
        vocab_category(vocab_category_find(category, len));

    if (len == 0 || (node != NULL && (node->flags & VOCAB_GROUP) == 0) ||
        vocab_never(category, len)) {
        return VLT_OK;
    }
    return call_refuse_at(call, "category",
                          "No data category '%s' that a stream can have.",
                          category);
}

/* What it may bring, where that is not what all may. */
void
source_read_quota(struct vlt_walk *params, struct source_quota *out)
{
    struct source_quota said = { .rows = 0 };
    struct vlt_walk quota;

    if (!vlt_walk_has(params, "quota")) {
        return;
    }
    vlt_walk_into(&quota, params, "quota");
    said.rows =
        (uint64_t)vlt_walk_int_or(&quota, "rows", 1, IDENTITY_QUOTA_ROWS, 0);
    said.bytes = (uint64_t)vlt_walk_int_or(
        &quota, "bytes", IDENTITY_QUOTA_LEAST, IDENTITY_QUOTA_BYTES, 0);
    said.streams = (unsigned)vlt_walk_int_or(&quota, "streams", 1,
                                             IDENTITY_QUOTA_STREAMS, 0);
    if (vlt_walk_end(&quota) == VLT_OK) {
        *out = said;
    }
}

static enum vlt_status
add_check(struct call *call, struct vlt_walk *params)
{
    struct source_asked *add = call_state(call, sizeof *add);

    if (add == NULL) {
        return VLT_E_NOMEM;
    }
    noun_copy(add->name, sizeof add->name,
              vlt_walk_text(params, "name", 1, IDENTITY_NAME_MAX));
    source_read_patterns(params, add);
    add->automatic = vlt_walk_bool_or(params, "auto", false);
    noun_copy(add->category, sizeof add->category,
              vlt_walk_text_or(params, "category", 1, SERIES_CATEGORY_MAX,
                               vlt_slice_text("")));
    source_read_window(params, add);
    source_read_way(params, add);
    source_read_quota(params, &add->quota);
    return vlt_walk_failed(params) ? VLT_E_FORMAT
                                   : source_check_category(call, add);
}

static enum vlt_status
add_commit(struct call *call, struct turn *turn)
{
    const struct source_asked *add = call->state;
    struct source_wish wish = { .name = add->name,
                                .patterns = add->patterns,
                                .pattern = add->list,
                                .automatic = add->automatic > 0,
                                .category = add->category,
                                .window = add->window,
                                .way = add->way,
                                .quota = add->quota };
    char token[IDENTITY_TOKEN_TEXT];
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st != VLT_OK) {
        return st;
    }
    st = identity_source_add(call->service->identity, txn, &wish, token);
    if (st == VLT_E_CONFLICT) {
        return call_refuse(call, st, "There is a source '%s' already.",
                           add->name);
    }
    if (st == VLT_E_FORMAT) {
        return call_refuse_at(call, "name",
                              "'%s' is no name; use a-z, 0-9, full stops and "
                              "hyphens.",
                              add->name);
    }
    if (st == VLT_E_LIMIT) { /* its patterns were counted when it was read */
        return call_refuse(call, st,
                           "There may be %d sources; remove one that sends no "
                           "more.",
                           IDENTITY_SOURCES_MAX);
    }
    if (st != VLT_OK) {
        return st;
    }
    struct vlt_json_out json = call_result(call);

    vlt_put_text(&json, "source", add->name);
    vlt_put_text(&json, "token", token);
    vlt_put_end(&json);
    vlt_wipe(token, sizeof token);
    return VLT_OK;
}

/* ---- list ---- */

struct listing {
    struct vlt_json_out json;
    const char *member; /* of the one that is shown; NULL: a list */
    struct series *series;
    uint32_t most; /* the greatest number */
    struct series_source *counted;
};

static bool
note_number(void *ctx, const struct source *source)
{
    struct listing *listing = ctx;

    if (source->number > listing->most) {
        listing->most = source->number;
    }
    return true;
}

/* What it brought: good rows, and bad parts that were kept aside. */
static void
put_counts(struct listing *listing, const struct source *source)
{
    char name[VLT_NAME_MAX + 1];
    const struct series_source *all = &listing->counted[source->number];
    const struct stream *quarantine;
    uint64_t bad = 0;
    int64_t first;
    int64_t last;

    (void)snprintf(name, sizeof name, "quarantine/%s", source->name);
    quarantine = series_by_name(listing->series, vlt_slice_text(name));
    if (quarantine != NULL &&
        !series_extent(listing->series, quarantine->id, &bad, &first, &last)) {
        bad = 0;
    }
    stream_release(quarantine);
    vlt_put_uint(&listing->json, "rows", all->rows > bad ? all->rows - bad : 0);
    if (all->rows > 0) {
        vlt_put_time(&listing->json, "last", all->last);
    } else {
        vlt_put_null(&listing->json, "last");
    }
    vlt_put_uint(&listing->json, "quarantine", bad);
}

static void
put_over(struct vlt_json_out *json, unsigned over)
{
    static const char *const words[] = { "loopback", "tls", "plain", "unsaid" };

    vlt_put_list(json, "over");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if ((over >> i & 1U) != 0) {
            vlt_put_text(json, NULL, words[i]);
        }
    }
    vlt_put_end(json);
}

static void
put_key(struct vlt_json_out *json, const struct source *source)
{
    uint8_t id[VLT_IDENTITY_LEN];
    char text[VLT_IDENTITY_TEXT];

    if (!source->has_key) {
        vlt_put_null(json, "id");
        return;
    }
    vlt_identity_of(VLT_IDENTITY_SOURCE, source->key, id);
    vlt_put_text(json, "id", vlt_identity_print(VLT_IDENTITY_SOURCE, id, text));
}

static void
put_amount(struct vlt_json_out *json, const char *name, uint64_t amount)
{
    if (amount != 0) {
        vlt_put_uint(json, name, amount);
    }
}

/* What is its own of it; null: nothing. */
static void
put_quota(struct vlt_json_out *json, const struct source_quota *quota)
{
    if (quota->rows == 0 && quota->bytes == 0 && quota->streams == 0) {
        vlt_put_null(json, "quota");
        return;
    }
    vlt_put_object(json, "quota");
    put_amount(json, "rows", quota->rows);
    put_amount(json, "bytes", quota->bytes);
    put_amount(json, "streams", quota->streams);
    vlt_put_end(json);
}

static bool
put_source(void *ctx, const struct source *source)
{
    struct listing *listing = ctx;
    struct vlt_json_out *json = &listing->json;

    if (source->number > listing->most) {
        return true; /* it came since they were counted */
    }
    vlt_put_object(json, listing->member);
    vlt_put_text(json, "name", source->name);
    vlt_put_text(json, "way", source->way < WAYS ? ways[source->way] : NULL);
    put_key(json, source);
    put_over(json, source->over);
    vlt_put_hex(json, "device", source->token_id, sizeof source->token_id);
    vlt_put_text(json, "state",
                 source->state == IDENTITY_BLOCKED ? "blocked"
                 : source->over == 0               ? "new"
                                                   : "active");
    vlt_put_list(json, "streams");
    for (size_t i = 0; i < source->patterns; i++) {
        vlt_put_text(json, NULL, source->pattern[i]);
    }
    vlt_put_end(json);
    vlt_put_bool(json, "auto", source->automatic);
    vlt_put_text(json, "category",
                 source->category[0] != '\0' ? source->category : NULL);
    if (source->window == INT64_MAX) {
        vlt_put_text(json, "window", "all");
    } else {
        vlt_put_int(json, "window", source->window / VLT_SECOND);
    }
    put_quota(json, &source->quota);
    vlt_put_time(json, "added", source->added);
    put_counts(listing, source);
    vlt_put_end(json);
    return true;
}

/* Count what all of them brought, and put them, or the one. */
static enum vlt_status
put_counted(struct service *service, struct listing *listing,
            const struct source *one)
{
    listing->series = service->series;
    if (one != NULL) {
        listing->most = one->number;
    } else {
        identity_sources(service->identity, note_number, listing);
    }
    listing->counted =
        calloc((size_t)listing->most + 1, sizeof *listing->counted);
    if (listing->counted == NULL) {
        return VLT_E_NOMEM;
    }
    series_sources(service->series, listing->counted,
                   (size_t)listing->most + 1);
    if (one != NULL) {
        (void)put_source(listing, one);
    } else {
        identity_sources(service->identity, put_source, listing);
    }
    free(listing->counted);
    return VLT_OK;
}

enum vlt_status
source_put_one(struct call *call, const struct source *source)
{
    struct listing listing = { .json = call_result(call), .member = "source" };
    enum vlt_status st = put_counted(call->service, &listing, source);

    vlt_put_end(&listing.json);
    return st;
}

static enum vlt_status
list_prepare(struct call *call)
{
    struct listing listing = { .json = call_result(call) };
    enum vlt_status st;

    vlt_put_list(&listing.json, "sources");
    st = put_counted(call->service, &listing, NULL);
    vlt_put_end(&listing.json);
    vlt_put_end(&listing.json);
    return st;
}

const struct method op_source[] = {
    { .name = "source.add",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES,
      .check = add_check,
      .commit = add_commit },
    { .name = "source.list", .roles = ROLE_OWNER, .prepare = list_prepare },
    { .name = "source.show",
      .roles = ROLE_OWNER,
      .check = source_name_check,
      .prepare = source_show_prepare },
    { .name = "source.set",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES,
      .check = source_set_check,
      .commit = source_set_commit },
    { .name = "source.token",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES,
      .check = source_token_check,
      .commit = source_token_commit },
    { .name = "source.block",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES,
      .check = source_name_check,
      .commit = source_block_commit },
    { .name = "source.replay",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES | METHOD_ALONE,
      .check = source_replay_check,
      .prepare = source_replay_prepare,
      .commit = source_replay_commit,
      .done = source_replay_done,
      .clear = source_replay_clear },
    { .name = NULL },
};
