/*
 * arrival: a stream appears, or has another category, and what grants make of
 * it (commit thread).
 */
#include "service/arrival.h"

#include <stdio.h>
#include <string.h>

#include "consent/lifecycle.h"
#include "service/noun_internal.h"
#include "vocab/vocab.h"

/* The stream as consent sees it. */
static struct consent_stream
stream_of(const struct stream *stream)
{
    struct consent_stream what = { .name = vlt_slice_text(stream->name) };

    memcpy(what.id, stream->id, sizeof what.id);
    what.category = noun_category(stream);
    return what;
}

/* What consent made of it; held: so many grants have it wait.  Frees the
 * changes. */
static enum vlt_status
carry(struct turn *turn, const struct stream *stream, enum vlt_status st,
      size_t held, struct consent_changes *changes, struct after **after)
{
    if (st == VLT_OK) {
        st = guard_carry(turn, changes, after);
    }
    consent_changes_free(changes);
    if (st == VLT_OK && held > 0) {
        struct guard_notice notice = {
            .kind = "held",
            .subject = stream->id,
            .says = "A new stream waits: grants of its category give it when "
                    "you admit it.",
        };

        guard_notice(turn, after, &notice);
    }
    return st;
}

enum vlt_status
arrival_carry(struct turn *turn, const struct stream *stream,
              struct after **after)
{
    struct consent_stream what = stream_of(stream);
    struct consent_facts facts = noun_facts(turn);
    struct consent_arrival arrival = { .stream = &what, .facts = &facts };
    struct consent_changes changes = { .count = 0 };
    struct store_txn *txn;
    size_t held = 0;
    enum vlt_status st = guard_now(turn, &arrival.now);

    if (st == VLT_OK) {
        st = guard_txn(turn, &txn);
    }
    if (st == VLT_OK) {
        st = consent_stream_new(turn->service->consent, txn, &arrival, &held,
                                &changes);
    }
    return carry(turn, stream, st, held, &changes, after);
}

struct losing {
    struct turn *turn;
    struct vlt_json_out *json;
    struct after **after;
    bool failed;
};

static bool
cut(void *ctx, const struct grant *grant)
{
    struct losing *losing = ctx;

    vlt_put_ulid(losing->json, NULL, grant->id);
    losing->failed =
        losing->failed ||
        after_add(losing->turn, losing->after, AFTER_BREAK, grant->id) == NULL;
    return true;
}

enum vlt_status
arrival_moved(struct turn *turn, const struct stream *stream,
              struct vlt_json_out *lost, struct after **after)
{
    struct consent_stream what = stream_of(stream);
    struct consent_facts facts = noun_facts(turn);
    struct consent_arrival arrival = { .stream = &what, .facts = &facts };
    struct losing losing = { .turn = turn, .json = lost, .after = after };
    struct consent_losing lose = { cut, &losing };
    struct consent_changes changes = { .count = 0 };
    struct store_txn *txn;
    size_t held = 0;
    enum vlt_status st = guard_now(turn, &arrival.now);

    if (st == VLT_OK) {
        st = guard_txn(turn, &txn);
    }
    if (st == VLT_OK) {
        st = consent_stream_moved(turn->service->consent, txn, &arrival, &lose,
                                  &held, &changes);
    }
    if (st == VLT_OK && losing.failed) {
        st = VLT_E_NOMEM;
    }
    return carry(turn, stream, st, held, &changes, after);
}
