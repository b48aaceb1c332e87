#include "wire/batch_scan.h"

#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "base/name.h"
#include "wire/batch_scan_internal.h"
#include "wire/limits.h"

/* ---- tokens ---- */

/* A text; *out is what is between the quotes, as it stands. */
static bool
take_text(struct scan_cursor *c, struct vlt_slice *out)
{
    if (!scan_take(c, '"')) {
        return false;
    }
    const uint8_t *from = c->at;

    while (c->at < c->end && *c->at != '"') {
        c->at += *c->at == '\\' && c->end - c->at > 1 ? 2 : 1;
    }
    if (c->at == c->end) {
        return false;
    }
    *out = vlt_slice_of(from, (size_t)(c->at - from));
    c->at++;
    return true;
}

/* One value of any kind, up to the comma or bracket behind it.  Whether it is
 * one is for the reader of the rest to say. */
static bool
skip_value(struct scan_cursor *c)
{
    struct vlt_slice text;
    size_t depth = 0;

    for (int now = scan_next(c); now >= 0; now = scan_peek(c)) {
        if (depth == 0 && (now == ',' || now == '}' || now == ']')) {
            return true;
        }
        if (now == '"') {
            if (!take_text(c, &text)) {
                return false;
            }
            continue;
        }
        depth += now == '{' || now == '[';
        depth -= now == '}' || now == ']';
        c->at++;
    }
    return false;
}

/* ---- objects ---- */

/* What reads the value of a member; false: it is not plain. */
typedef bool take_fn(struct scan_cursor *c);

struct member {
    const char *name;
    take_fn *take;
    bool decides; /* nothing is gained where it is not plain */
    bool needed;  /* the message is not plain without it */
};

static const struct member *
member_named(const struct member *members, size_t count, struct vlt_slice name)
{
    for (size_t i = 0; i < count; i++) {
        if (vlt_slice_is(name, members[i].name)) {
            return &members[i];
        }
    }
    return NULL;
}

/* The value of a member.  One that is unknown or not plain is skipped, and the
 * message is not plain; false: nothing is gained. */
static bool
take_value(struct scan_cursor *c, const struct member *member)
{
    const uint8_t *from;

    (void)scan_next(c);
    from = c->at;
    if (member != NULL && member->take(c)) {
        return true;
    }
    c->scan->plain = false;
    c->at = from;
    return !c->all_or_none && (member == NULL || !member->decides) &&
           skip_value(c);
}

static bool
take_object(struct scan_cursor *c, const struct member *members, size_t count)
{
    const struct member *member;
    struct vlt_slice name;
    unsigned seen = 0;

    if (!scan_take(c, '{')) {
        return false;
    }
    do {
        if (!take_text(c, &name) || !scan_take(c, ':')) {
            return false;
        }
        member = member_named(members, count, name);
        if (member != NULL) {
            unsigned bit = 1U << (member - members);

            c->scan->plain = c->scan->plain && (seen & bit) == 0;
            seen |= bit;
        }
        if (!take_value(c, member)) {
            return false;
        }
    } while (scan_take(c, ','));
    for (size_t i = 0; i < count; i++) {
        c->scan->plain =
            c->scan->plain && (!members[i].needed || (seen & 1U << i) != 0);
    }
    return scan_take(c, '}');
}

#define TAKE_OBJECT(c, members)                                                \
    take_object(c, members, sizeof(members) / sizeof(members)[0])

/* ---- the members of a message ---- */

static bool
take_this_text(struct scan_cursor *c, const char *word)
{
    struct vlt_slice text;

    return take_text(c, &text) && vlt_slice_is(text, word);
}

static bool
take_version(struct scan_cursor *c)
{
    return take_this_text(c, "2.0");
}

static bool
take_method(struct scan_cursor *c)
{
    return take_this_text(c, "data.append");
}

/* A whole number from least to 2^53, which a double holds as well. */
static bool
take_integer(struct scan_cursor *c, uint64_t least, uint64_t *out)
{
    return scan_take_whole(c, out) && *out >= least &&
           *out <= (uint64_t)VLT_LIMIT_ID;
}

static bool
take_id(struct scan_cursor *c)
{
    return take_integer(c, 0, &c->scan->id);
}

static bool
take_seq(struct scan_cursor *c)
{
    return take_integer(c, 1, &c->scan->seq);
}

static bool
take_boot(struct scan_cursor *c)
{
    struct vlt_scan *scan = c->scan;
    struct vlt_slice text;

    scan->has_boot =
        take_text(c, &text) &&
        vlt_hex_parse(text, scan->boot, sizeof scan->boot) == VLT_OK;
    return scan->has_boot;
}

static bool
take_name(struct scan_cursor *c)
{
    return take_text(c, &c->name) && vlt_name_valid(c->name);
}

static const struct member of_stream[] = {
    { .name = "stream", .take = take_name, .needed = true },
    { .name = "rows", .take = scan_take_rows, .decides = true, .needed = true },
};

/* One stream, with one list of rows. */
static bool
take_stream(struct scan_cursor *c)
{
    struct vlt_scan *scan = c->scan;
    size_t before = vlt_scan_parts(scan);
    struct scan_cut *cut;

    c->name = (struct vlt_slice){ .len = 0 };
    if (!TAKE_OBJECT(c, of_stream) || vlt_scan_parts(scan) != before + 1 ||
        vlt_buf_failed(&scan->cuts)) {
        return false;
    }
    cut = (struct scan_cut *)(void *)scan->cuts.at + before;
    cut->name = c->name;
    return true;
}

static bool
take_streams(struct scan_cursor *c)
{
    if (!scan_take(c, '[')) {
        return false;
    }
    do {
        if (!take_stream(c)) {
            return false;
        }
    } while (scan_take(c, ','));
    return scan_take(c, ']');
}

static const struct member of_params[] = {
    { .name = "boot", .take = take_boot },
    { .name = "seq", .take = take_seq },
    { .name = "streams",
      .take = take_streams,
      .decides = true,
      .needed = true },
};

static bool
take_params(struct scan_cursor *c)
{
    return TAKE_OBJECT(c, of_params);
}

static const struct member of_message[] = {
    { .name = "jsonrpc", .take = take_version, .needed = true },
    { .name = "id", .take = take_id, .needed = true },
    { .name = "method", .take = take_method, .decides = true, .needed = true },
    { .name = "params", .take = take_params, .decides = true, .needed = true },
};

/* The message with the index of each part in its place. */
static bool
put_rest(struct vlt_slice text, struct vlt_scan *scan)
{
    const struct scan_cut *cut = (const void *)scan->cuts.at;
    const uint8_t *kept = text.at;
    char index[24];

    for (size_t i = 0; i < vlt_scan_parts(scan); i++) {
        int len = snprintf(index, sizeof index, "%zu", i);

        vlt_buf_put(&scan->rest, kept, (size_t)(cut[i].begin - kept));
        vlt_buf_put(&scan->rest, index, (size_t)len);
        kept = cut[i].end;
    }
    vlt_buf_put(&scan->rest, kept, (size_t)(text.at + text.len - kept));
    return !vlt_buf_failed(&scan->rest);
}

bool
vlt_scan_begin(struct vlt_slice text, struct vlt_scan *out)
{
    struct scan_cursor c = { .at = text.at,
                             .end = text.at + text.len,
                             .scan = out,
                             .all_or_none = text.len < VLT_SCAN_LEAST };

    *out = (struct vlt_scan){ .plain = true };
    if (!TAKE_OBJECT(&c, of_message) || vlt_scan_parts(out) == 0) {
        return false;
    }
    out->plain = out->plain && scan_next(&c) < 0;
    return out->plain || (!c.all_or_none && put_rest(text, out));
}

void
vlt_scan_free(struct vlt_scan *scan)
{
    vlt_buf_free(&scan->rest);
    vlt_buf_free(&scan->bits);
    vlt_buf_free(&scan->kinds);
    vlt_buf_free(&scan->parts);
    vlt_buf_free(&scan->cuts);
}

/* ---- reading ---- */

size_t
vlt_scan_parts(const struct vlt_scan *scan)
{
    return scan->parts.len / sizeof(struct vlt_scan_part);
}

struct vlt_scan_part
vlt_scan_part(const struct vlt_scan *scan, size_t i)
{
    struct vlt_scan_part part;

    memcpy(&part, scan->parts.at + i * sizeof part, sizeof part);
    return part;
}

struct vlt_slice
vlt_scan_name(const struct vlt_scan *scan, size_t i)
{
    const struct scan_cut *cut = (const void *)scan->cuts.at;

    return cut[i].name;
}

const uint64_t *
vlt_scan_bits(const struct vlt_scan *scan)
{
    return (const uint64_t *)(const void *)scan->bits.at;
}

const uint8_t *
vlt_scan_kinds(const struct vlt_scan *scan)
{
    return scan->kinds.at;
}
