/*
 * guard_facts: firms and streams as consent asks for them.
 */
#include <string.h>

#include "service/noun_internal.h"
#include "vocab/vocab.h"
#include "wire/address.h"

struct consent_firm
guard_firm(const struct firm *firm)
{
    struct consent_firm out = {
        .name = firm->name,
        .confirmed = firm->state == IDENTITY_CONFIRMED,
        .blocked = firm->state == IDENTITY_BLOCKED ||
                   firm->state == IDENTITY_FORGOTTEN,
        .forgotten = firm->state == IDENTITY_FORGOTTEN,
    };

    memcpy(out.id, firm->id, sizeof out.id);
    memcpy(out.key, firm->key, sizeof out.key);
    memcpy(out.kid, firm->kid, sizeof out.kid);
    vlt_identity_of(VLT_IDENTITY_FIRM, firm->key, out.vf1);
    return out;
}

struct passing {
    consent_stream_fn *fn;
    void *ctx;
};

static bool
pass_stream(void *ctx, const struct stream *stream)
{
    const struct passing *passing = ctx;
    struct consent_stream out = { .name = vlt_slice_text(stream->name) };

    memcpy(out.id, stream->id, sizeof out.id);
    out.category = noun_category(stream);
    return passing->fn(passing->ctx, &out);
}

static void
each_stream(void *ctx, consent_stream_fn *fn, void *fn_ctx)
{
    struct passing passing = { .fn = fn, .ctx = fn_ctx };

    series_each(ctx, pass_stream, &passing);
}

struct consent_world
guard_world_of(struct service *service)
{
    return (struct consent_world){ .ctx = service->series,
                                   .each = each_stream };
}

struct consent_world
guard_world(struct turn *turn)
{
    return guard_world_of(turn->service);
}
