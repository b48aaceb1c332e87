#include "terms/say.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

/* A list in a sentence: "a", "a and b", "a, b and c". */
static void
put_between(struct vlt_buf *out, size_t i, size_t count)
{
    if (i > 0) {
        vlt_buf_put_text(out, i + 1 == count ? " and " : ", ");
    }
}

/* What closes a quotation, or looks as if it did. */
static bool
is_quote(uint32_t code)
{
    static const uint16_t quotes[] = { 0xAB,   0xBB,   0x2039, 0x203A,
                                       0x226A, 0x226B, 0x27EA, 0x27EB,
                                       0x300A, 0x300B, 0xFF1C, 0xFF1E };

    for (size_t i = 0; i < sizeof quotes / sizeof quotes[0]; i++) {
        if (code == quotes[i]) {
            return true;
        }
    }
    return false;
}

void
terms_put_claim(struct vlt_buf *out, struct vlt_slice text)
{
    size_t len;

    vlt_buf_put_text(out, "«");
    for (size_t at = 0; at < text.len; at += len) {
        uint32_t code = 0;

        len = vlt_utf8_next(text, at, &code);
        if (is_quote(code)) {
            vlt_buf_printf(out, "\\u{%04X}", (unsigned)code);
            continue;
        }
        len = len > 0 ? len : 1;
        vlt_text_put_escaped(out, vlt_slice_of(text.at + at, len));
    }
    vlt_buf_put_text(out, "»");
}

void
terms_say_duration(struct vlt_buf *out, int64_t seconds)
{
    static const struct {
        int64_t seconds;
        const char *one;
        const char *many;
    } units[] = { { 86400, "one day", "days" },
                  { 3600, "one hour", "hours" },
                  { 60, "one minute", "minutes" },
                  { 1, "one second", "seconds" } };

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        int64_t count = seconds / units[i].seconds;

        if (seconds % units[i].seconds != 0 || count == 0) {
            continue;
        }
        if (count == 1) {
            vlt_buf_put_text(out, units[i].one);
        } else {
            vlt_buf_printf(out, "%" PRId64 " %s", count, units[i].many);
        }
        return;
    }
    vlt_buf_put_text(out, "no time");
}

/* "quarter-hour means and highest values" */
static void
say_detail(struct vlt_buf *out, const struct terms_item *item)
{
    const struct vocab_value *bucket =
        vocab_value(VOCAB_BUCKET, item->bucket_s);
    const struct vocab_value *stat;
    size_t count = 0;
    size_t said = 0;

    if (item->raw) {
        vlt_buf_put_text(out, "every single value");
        return;
    }
    for (size_t i = 0; (stat = vocab_value_at(VOCAB_STAT, i)) != NULL; i++) {
        count += (item->stats & (unsigned)stat->value) != 0;
    }
    vlt_buf_printf(out, "%s ", bucket == NULL ? "unknown" : bucket->words);
    for (size_t i = 0; (stat = vocab_value_at(VOCAB_STAT, i)) != NULL; i++) {
        if ((item->stats & (unsigned)stat->value) != 0) {
            put_between(out, said++, count);
            vlt_buf_put_text(out, stat->words);
        }
    }
}

static void
say_step(struct vlt_buf *out, struct terms_step step)
{
    const int64_t nano = INT64_C(1000000000);
    int64_t whole = step.nano / nano;
    int64_t rest = step.nano % nano;

    vlt_buf_put_text(out, ", rounded down to steps of ");
    vlt_buf_printf(out, "%" PRId64, whole);
    if (rest != 0) {
        int decimals = 9;

        while (rest % 10 == 0) {
            rest /= 10;
            decimals--;
        }
        vlt_buf_printf(out, ".%0*" PRId64, decimals, rest);
    }
    vlt_buf_put_text(out, step.length ? " m" : "");
}

static void
say_item(struct vlt_buf *out, const struct terms_item *item, bool live)
{
    const struct vocab_node *node = vocab_category(item->data);

    vlt_buf_put_text(out, node == NULL ? "unknown data" : node->to_owner);
    vlt_buf_put_text(out, ", as ");
    say_detail(out, item);
    if (item->round.nano != 0) {
        say_step(out, item->round);
    }
    if (item->delay_s != 0) {
        vlt_buf_put_text(out, ", ");
        terms_say_duration(out, item->delay_s);
        vlt_buf_put_text(out, " late");
    }
    if (item->window_s == TERMS_WINDOW_NEW) {
        vlt_buf_put_text(out, ", from the start on only");
    } else {
        vlt_buf_put_text(out, ", up to ");
        terms_say_duration(out, item->window_s);
        vlt_buf_put_text(out, " back");
    }
    if (live) {
        vlt_buf_put_text(out, ", as it happens, at most once in ");
        terms_say_duration(out, item->every_s);
    }
}

static void
say_channels(struct vlt_buf *out, int64_t channels)
{
    const struct vocab_value *channel;
    size_t count = 0;
    size_t said = 0;

    for (size_t i = 0; (channel = vocab_value_at(VOCAB_CHANNEL, i)) != NULL;
         i++) {
        count += (channels & channel->value) != 0;
    }
    vlt_buf_put_text(out, "leave to make you offers ");
    for (size_t i = 0; (channel = vocab_value_at(VOCAB_CHANNEL, i)) != NULL;
         i++) {
        if ((channels & channel->value) != 0) {
            put_between(out, said++, count);
            vlt_buf_put_text(out, channel->words);
        }
    }
}

static void
say_times(struct vlt_buf *out, int64_t n)
{
    if (n == 1) {
        vlt_buf_put_text(out, "once");
    } else if (n == 2) {
        vlt_buf_put_text(out, "twice");
    } else {
        vlt_buf_printf(out, "%" PRId64 " times", n);
    }
}

/* Begins with ", ", or behind several items with words for all of them. */
static void
say_rate(struct vlt_buf *out, const struct terms_common *common,
         const char *begin)
{
    const char *period = common->rate.per_s == 60      ? "minute"
                         : common->rate.per_s == 3600  ? "hour"
                         : common->rate.per_s == 86400 ? "day"
                                                       : "week";

    if (common->action == VOCAB_ONCE) {
        vlt_buf_printf(out, "%sone time only", begin);
        return;
    }
    if (common->rate.n == 0) {
        vlt_buf_printf(out, "%sas often as it likes", begin);
    } else {
        vlt_buf_printf(out, "%sat most ", begin);
        say_times(out, common->rate.n);
        vlt_buf_printf(out, " a %s", period);
    }
    if (common->uses != TERMS_UNLIMITED) {
        vlt_buf_put_text(out, ", ");
        say_times(out, common->uses);
        vlt_buf_put_text(out, " in all");
    }
}

void
terms_say_data(struct vlt_buf *out, const struct terms *terms)
{
    const struct terms_common *common = &terms->common;
    const struct vocab_node *purpose = vocab_purpose(terms->purpose);

    if (common->action == VOCAB_CONTACT) {
        say_channels(out, common->channels);
    }
    for (size_t i = 0; i < terms->item_count; i++) {
        vlt_buf_put_text(out, i == 0 ? "" : "; ");
        say_item(out, &terms->items[i], common->action == VOCAB_LIVE);
    }
    say_rate(out, common, terms->item_count > 1 ? "; all of it " : ", ");
    vlt_buf_put_text(out, ", for ");
    terms_say_duration(out, common->life_s);
    vlt_buf_printf(out, ", to %s",
                   purpose == NULL ? "an unknown end" : purpose->to_owner);
}

/* ---- promises ---- */

static void
say_onward(struct vlt_buf *out, const struct terms_common *common)
{
    if (common->onward_count == 0) {
        vlt_buf_put_text(out, ", passes it to nobody");
        return;
    }
    vlt_buf_put_text(out, ", passes it to ");
    for (size_t i = 0; i < common->onward_count; i++) {
        const struct terms_recipient *one = &common->onward[i];
        const char *country = vocab_country(one->country);

        put_between(out, i, common->onward_count);
        terms_put_claim(out, one->name);
        vlt_buf_printf(out, " (%s, %s)", country == NULL ? "??" : country,
                       one->controller ? "which decides for itself"
                                       : "which works for the firm");
    }
    vlt_buf_put_text(out, " and nobody else");
}

static void
say_where(struct vlt_buf *out, const struct terms_common *common)
{
    vlt_buf_put_text(out, ", works on it in ");
    for (size_t i = 0; i < common->where_count; i++) {
        const char *country = vocab_country(common->where[i]);

        put_between(out, i, common->where_count);
        vlt_buf_put_text(out, country == NULL ? "??" : country);
    }
}

void
terms_say_promises(struct vlt_buf *out, const struct terms *terms)
{
    const struct terms_common *common = &terms->common;
    const struct vocab_value *profile =
        vocab_value(VOCAB_PROFILING, common->profiling);

    if (common->keep_s == 0) {
        vlt_buf_put_text(out, "keeps nothing");
    } else {
        vlt_buf_put_text(out, "keeps each delivery ");
        terms_say_duration(out, common->keep_s);
    }
    say_onward(out, common);
    say_where(out, common);
    vlt_buf_printf(out, ", %s", profile == NULL ? "a profile" : profile->words);
    vlt_buf_put_text(out, common->automated ? ", decides about you by machine"
                                            : ", no decisions by machine");
    vlt_buf_put_text(out, common->training ? ", trains a model with it"
                                           : ", no training");
    if (common->gatekeeper) {
        vlt_buf_put_text(out, ", is or serves a gatekeeper under the EU "
                              "Digital Markets Act");
    }
}

static bool
has(struct vlt_slice text)
{
    return text.len > 0;
}

/* What the firm says of itself. */
static void
say_claims(struct vlt_buf *out, const struct terms_asker *asker)
{
    if (has(asker->legal_name)) {
        vlt_buf_put_text(out, "it calls itself ");
        terms_put_claim(out, asker->legal_name);
    }
    if (has(asker->behalf)) {
        const char *country = vocab_country(asker->behalf_country);

        vlt_buf_put_text(out, has(asker->legal_name)
                                  ? " and says that it asks on behalf of "
                                  : "it says that it asks on behalf of ");
        terms_put_claim(out, asker->behalf);
        vlt_buf_printf(out, ", %s", country == NULL ? "??" : country);
    }
}

static void
say_asker(struct vlt_buf *out, const struct terms_asker *asker)
{
    bool claims = has(asker->legal_name) || has(asker->behalf);

    if (has(asker->name)) {
        vlt_text_put_escaped(out, asker->name);
    } else {
        vlt_buf_put_text(out, "A firm");
    }
    if (!has(asker->standing) && !claims) {
        return;
    }
    vlt_buf_put_text(out, " (");
    vlt_buf_put_slice(out, asker->standing);
    vlt_buf_put_text(out, has(asker->standing) && claims ? "; " : "");
    say_claims(out, asker);
    vlt_buf_put_text(out, ")");
}

void
terms_say(struct vlt_buf *out, const struct terms *terms,
          const struct terms_asker *asker)
{
    say_asker(out, asker);
    vlt_buf_put_text(out, " asks for ");
    terms_say_data(out, terms);
    vlt_buf_put_text(out,
                     ". The vault makes sure of that. The firm promises: ");
    terms_say_promises(out, terms);
    vlt_buf_put_text(out, ".");
}
