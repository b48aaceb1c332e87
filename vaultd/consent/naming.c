/*
 * naming: the patterns by which an owner says which streams are to be given.
 */
#include "base/name.h"
#include "consent/granting_internal.h"

enum {
    TOLD_BYTES = 280, /* of a sentence with the names of those there are */
};

struct naming {
    const struct consent_asked *asked;
    struct vlt_slice pattern;
    bool any;
    size_t told, more;
    struct vlt_buf *why;
};

static bool
is_asked(const struct consent_asked *asked, int category)
{
    for (size_t i = 0; i < asked->items; i++) {
        if (bind_covers(asked->data[i], category)) {
            return true;
        }
    }
    return false;
}

static bool
match_one(void *ctx, const struct consent_stream *stream)
{
    struct naming *naming = ctx;

    naming->any = is_asked(naming->asked, stream->category) &&
                  vlt_pattern_matches(naming->pattern, stream->name);
    return !naming->any;
}

static bool
tell_one(void *ctx, const struct consent_stream *stream)
{
    struct naming *naming = ctx;

    if (!is_asked(naming->asked, stream->category)) {
        return true;
    }
    if (naming->why->len + stream->name.len > TOLD_BYTES) {
        naming->more++;
        return true;
    }
    vlt_buf_put_text(naming->why, naming->told > 0 ? ", " : "; there are: ");
    vlt_buf_put_slice(naming->why, stream->name);
    naming->told++;
    return true;
}

static enum vlt_status
refuse(struct naming *naming, const struct consent_world *world)
{
    struct vlt_buf *why = naming->why;

    vlt_buf_put_text(why, "No stream of what is asked for is named '");
    vlt_buf_put_slice(why, naming->pattern);
    vlt_buf_put_text(why, "'");
    world->each(world->ctx, tell_one, naming);
    if (naming->more > 0) {
        vlt_buf_printf(why,
                       naming->told > 0 ? " and %zu more"
                                        : "; their names (%zu) are too long "
                                          "to be said here",
                       naming->more);
    } else if (naming->told == 0) {
        vlt_buf_put_text(why, "; there is none yet");
    }
    vlt_buf_put_text(why, ".");
    return VLT_E_FORMAT;
}

enum vlt_status
narrow_names(const struct consent_narrow *narrow,
             const struct consent_asked *asked,
             const struct consent_world *world, struct vlt_buf *why)
{
    size_t patterns = narrow != NULL ? narrow->streams : 0;

    for (size_t i = 0; i < patterns; i++) {
        struct naming naming = { .asked = asked,
                                 .pattern = narrow->stream[i],
                                 .why = why };

        world->each(world->ctx, match_one, &naming);
        if (!naming.any) {
            return refuse(&naming, world);
        }
    }
    return VLT_OK;
}
