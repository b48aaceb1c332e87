/*
 * What can be said against a stream before it is made.
 */
#include <string.h>

#include "vaultctl/streams.h"
#include "vocab/vocab.h"

/* As the vault sees it: a node that is no group, or one that no firm ever
 * gets. */
static bool
category_valid(const char *category, size_t len)
{
    const struct vocab_node *node =
        vocab_category(vocab_category_find(category, len));

    return (node != NULL && (node->flags & VOCAB_GROUP) == 0) ||
           vocab_never(category, len);
}

static int
tell_category(struct run *run, const struct stream *stream)
{
    const char *category = stream->category;
    size_t len = strlen(category);
    int bit = vocab_category_find(category, len);
    const char *near = vocab_category_near(category, len);

    if (bit != VOCAB_NONE) {
        return run_says(run, RUN_USAGE,
                        "the stream %s cannot be made: the category %s is a "
                        "group, and a stream has one of those below it",
                        stream->name, category);
    }
    return run_says(run, RUN_USAGE,
                    "the stream %s cannot be made: there is no category "
                    "\"%s\"%s%s%s",
                    stream->name, category,
                    near != NULL ? "; did you mean " : "",
                    near != NULL ? near : "", near != NULL ? "?" : "");
}

int
streams_check(struct run *run, const struct streams *streams)
{
    for (size_t i = 0; i < streams->count; i++) {
        const struct stream *stream = streams->at[i];

        if (!stream->exists && stream->category != NULL &&
            !category_valid(stream->category, strlen(stream->category))) {
            return tell_category(run, stream);
        }
    }
    return RUN_DONE;
}

void
streams_suppose(struct run *run, struct streams *streams, size_t *made)
{
    for (size_t i = 0; i < streams->count; i++) {
        struct stream *stream = streams->at[i];

        if (!stream->exists && stream->unit != NULL) {
            streams_put_unit(run, run_params(run, false), stream->name,
                             stream->unit);
        }
        *made += stream->exists ? 0 : 1;
        stream->exists = true;
    }
}
