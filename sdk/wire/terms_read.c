#include "wire/terms_internal.h"

#include <string.h>

#include "base/id.h"
#include "terms/value.h"

enum {
    SECONDS_MOST = INT32_MAX, /* the lint knows the real ranges */
};

const struct vlt_json *
vlt_read_nullable(struct vlt_walk *walk, const char *name)
{
    const struct vlt_json *node = vlt_walk_any(walk, name);

    if (node == NULL) {
        vlt_walk_fault(walk, name, "is missing");
        return NULL;
    }
    return vlt_json_kind(node) == VLT_JSON_NULL ? NULL : node;
}

void
vlt_read_end(struct vlt_walk *part)
{
    enum vlt_status st = vlt_walk_end(part);

    (void)st;
}

struct vlt_slice
vlt_read_text(struct vlt_walk *walk, const char *name)
{
    return vlt_walk_text(walk, name, 1, VLT_TERMS_TEXT);
}

int
vlt_read_country(struct vlt_walk *walk, const char *name)
{
    struct vlt_slice code = vlt_walk_text(walk, name, 2, 2);
    int country = VOCAB_NONE;

    if (vlt_walk_failed(walk)) {
        return VOCAB_NONE;
    }
    country = vocab_country_find((const char *)code.at, code.len);
    if (country == VOCAB_NONE) {
        vlt_walk_fault(walk, name,
                       "must be a country of ISO 3166-1 such as GB");
    }
    return country;
}

void
vlt_read_sha256(struct vlt_walk *walk, const char *name,
                uint8_t out[TERMS_SHA256])
{
    struct vlt_slice text =
        vlt_walk_text(walk, name, 2 * TERMS_SHA256, 2 * TERMS_SHA256);
    char again[2 * TERMS_SHA256 + 1];

    if (vlt_walk_failed(walk)) {
        return;
    }
    if (vlt_hex_parse(text, out, TERMS_SHA256) != VLT_OK ||
        !vlt_slice_is(text, vlt_hex_print(out, TERMS_SHA256, again))) {
        vlt_walk_fault(walk, name, "must be 64 lower-case hex digits");
    }
}

static void
fault_unknown(struct vlt_walk *walk, const char *name, const char *what)
{
    vlt_walk_fault(walk, name, "is no %s that is known here", what);
}

int64_t
vlt_read_value(struct vlt_walk *walk, const char *name, enum vocab_kind kind)
{
    struct vlt_slice word = vlt_walk_text(walk, name, 1, VOCAB_ID_MAX);
    const struct vocab_value *value;

    if (vlt_walk_failed(walk)) {
        return 0;
    }
    value = vocab_value_find(kind, (const char *)word.at, word.len);
    if (value == NULL) {
        fault_unknown(walk, name, "word");
        return 0;
    }
    return value->value;
}

int64_t
vlt_read_bits_of(struct vlt_walk *walk, const char *name,
                 const struct vlt_json *list, enum vocab_kind kind)
{
    int64_t bits = 0;

    for (size_t i = 0; i < vlt_json_count(list); i++) {
        struct vlt_slice word = vlt_json_text_of(vlt_json_item(list, i));
        const struct vocab_value *value =
            word.len == 0
                ? NULL
                : vocab_value_find(kind, (const char *)word.at, word.len);

        if (value == NULL) {
            fault_unknown(walk, name, "list of words");
            return 0;
        }
        if ((bits & value->value) != 0) {
            vlt_walk_fault(walk, name, "has '%s' twice", value->id);
            return 0;
        }
        bits |= value->value;
    }
    return bits;
}

int64_t
vlt_read_bits(struct vlt_walk *walk, const char *name, enum vocab_kind kind,
              size_t min, size_t max)
{
    const struct vlt_json *list = vlt_walk_list(walk, name, min, max);

    return list == NULL ? 0 : vlt_read_bits_of(walk, name, list, kind);
}

int
vlt_read_purpose(struct vlt_walk *walk, const char *name)
{
    struct vlt_slice id = vlt_walk_text(walk, name, 1, VOCAB_ID_MAX);
    int bit = VOCAB_NONE;

    if (!vlt_walk_failed(walk)) {
        bit = vocab_purpose_find((const char *)id.at, id.len);
        if (bit == VOCAB_NONE) {
            fault_unknown(walk, name, "purpose");
        }
    }
    return bit;
}

int
vlt_read_category(struct vlt_walk *walk, const char *name)
{
    struct vlt_slice id = vlt_walk_text(walk, name, 1, VOCAB_ID_MAX);
    int bit = VOCAB_NONE;

    if (!vlt_walk_failed(walk)) {
        bit = vocab_category_find((const char *)id.at, id.len);
        if (bit == VOCAB_NONE) {
            fault_unknown(walk, name, "data category");
        }
    }
    return bit;
}

/* A member that a full form has as null and a short one leaves out. */
static const struct vlt_json *
optional(struct vlt_walk *walk, bool full, const char *name)
{
    if (full) {
        return vlt_read_nullable(walk, name);
    }
    const struct vlt_json *node = vlt_walk_any(walk, name);

    return node != NULL && vlt_json_kind(node) == VLT_JSON_NULL ? NULL : node;
}

/* A whole number of 0 to SECONDS_MOST in a node that is there. */
static int64_t
seconds_of(struct vlt_walk *walk, const char *name, const struct vlt_json *node)
{
    int64_t value = vlt_json_int_of(node);

    if (vlt_json_kind(node) != VLT_JSON_INT || value < 0 ||
        value > SECONDS_MOST) {
        vlt_walk_fault(walk, name, "must be a whole number of seconds");
        return 0;
    }
    return value;
}

static void
read_stats(struct vlt_walk *walk, bool full, struct terms_item *item)
{
    const struct vlt_json *stats = vlt_walk_any(walk, "stats");
    const struct vlt_json *bucket = optional(walk, full, "bucket_s");

    if (stats != NULL && vlt_slice_is(vlt_json_text_of(stats), "raw")) {
        item->raw = true;
        if (bucket != NULL) {
            vlt_walk_fault(walk, "bucket_s", "cannot stand beside raw");
        }
        return;
    }
    if (stats == NULL || vlt_json_kind(stats) != VLT_JSON_LIST ||
        vlt_json_count(stats) == 0) {
        vlt_walk_fault(walk, "stats",
                       "must be \"raw\" or a list of statistics");
        return;
    }
    item->stats = (unsigned)vlt_read_bits_of(walk, "stats", stats, VOCAB_STAT);
    if (bucket == NULL) {
        vlt_walk_fault(walk, "bucket_s", "is missing");
        return;
    }
    item->bucket_s = seconds_of(walk, "bucket_s", bucket);
}

static void
read_round(struct vlt_walk *walk, bool full, struct terms_item *item)
{
    const struct vlt_json *round = optional(walk, full, "round");

    if (round == NULL) {
        return;
    }
    if (terms_parse_step(vlt_json_text_of(round), &item->round) != VLT_OK) {
        vlt_walk_fault(walk, "round", "must be a step such as 0.5 or 1km");
    }
}

static void
read_window(struct vlt_walk *walk, struct terms_item *item)
{
    const struct vlt_json *window = vlt_walk_any(walk, "window_s");

    if (window == NULL) {
        vlt_walk_fault(walk, "window_s", "is missing");
    } else if (vlt_slice_is(vlt_json_text_of(window), "new")) {
        item->window_s = TERMS_WINDOW_NEW;
    } else {
        item->window_s = seconds_of(walk, "window_s", window);
    }
}

void
vlt_read_detail(struct vlt_walk *walk, bool full, struct terms_item *item)
{
    read_stats(walk, full, item);
    read_round(walk, full, item);
    read_window(walk, item);
    item->delay_s = vlt_walk_int(walk, "delay_s", 0, SECONDS_MOST);
    const struct vlt_json *every = optional(walk, full, "every_s");

    if (every != NULL) {
        item->every_s = seconds_of(walk, "every_s", every);
        if (item->every_s == 0) {
            vlt_walk_fault(walk, "every_s", "is 0, must be 1 to 86400");
        }
    }
}

static void
read_rate(struct vlt_walk *walk, struct terms_rate *out)
{
    struct vlt_walk rate;

    *out = (struct terms_rate){ .n = 0 };
    if (vlt_read_nullable(walk, "rate") == NULL) {
        return;
    }
    vlt_walk_into(&rate, walk, "rate");
    out->n = vlt_walk_int(&rate, "n", 1, 1000);
    out->per_s = vlt_walk_int(&rate, "per_s", 60, 604800);
    if (vlt_walk_end(&rate) == VLT_OK && out->per_s != 60 &&
        out->per_s != 3600 && out->per_s != 86400 && out->per_s != 604800) {
        vlt_walk_fault(&rate, "per_s", "must be 60, 3600, 86400 or 604800");
    }
}

static int64_t
read_uses(struct vlt_walk *walk)
{
    if (vlt_read_nullable(walk, "uses") == NULL) {
        return TERMS_UNLIMITED;
    }
    return vlt_walk_int(walk, "uses", 1, 1000000);
}

static void
read_onward(struct vlt_walk *walk, struct terms_common *out)
{
    const struct vlt_json *list =
        vlt_walk_list(walk, "onward", 0, TERMS_ONWARD);

    if (list == NULL) {
        return;
    }
    out->onward_count = (unsigned)vlt_json_count(list);
    for (size_t i = 0; i < out->onward_count; i++) {
        struct vlt_walk one;

        vlt_walk_item(&one, walk, "onward", list, i);
        out->onward[i].name = vlt_read_text(&one, "name");
        out->onward[i].country = vlt_read_country(&one, "country");
        out->onward[i].controller =
            vlt_read_value(&one, "role", VOCAB_ROLE) == 1;
        if (vlt_walk_end(&one) != VLT_OK) {
            return;
        }
    }
}

static void
read_where(struct vlt_walk *walk, struct terms_common *out)
{
    const struct vlt_json *list = vlt_walk_list(walk, "where", 1, TERMS_WHERE);

    out->where_count = list == NULL ? 0 : (unsigned)vlt_json_count(list);
    for (size_t i = 0; i < out->where_count; i++) {
        struct vlt_slice code = vlt_json_text_of(vlt_json_item(list, i));
        int country = code.len == 2
                          ? vocab_country_find((const char *)code.at, 2)
                          : VOCAB_NONE;

        if (country == VOCAB_NONE) {
            vlt_walk_fault(walk, "where", "must list countries such as GB");
            return;
        }
        out->where[i] = country;
    }
}

void
vlt_read_common(struct vlt_walk *walk, struct terms_common *out)
{
    out->action = vlt_read_value(walk, "action", VOCAB_ACTION);
    read_rate(walk, &out->rate);
    out->uses = read_uses(walk);
    out->keep_s = vlt_walk_int(walk, "keep_s", 0, SECONDS_MOST);
    read_onward(walk, out);
    read_where(walk, out);
    out->profiling = vlt_read_value(walk, "profiling", VOCAB_PROFILING);
    out->automated = vlt_walk_bool(walk, "automated");
    out->training = vlt_walk_bool(walk, "training");
    out->gatekeeper = vlt_walk_bool(walk, "gatekeeper");
}
