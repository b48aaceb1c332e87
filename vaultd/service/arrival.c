/*
 * arrival: a stream appears, and what grants make of it (commit thread).
 */
#include "service/arrival.h"

#include <stdio.h>
#include <string.h>

#include "consent/lifecycle.h"
#include "service/noun_internal.h"
#include "vocab/vocab.h"

enum vlt_status
arrival_carry(struct turn *turn, const struct stream *stream,
              struct after **after)
{
    struct consent_stream what = { .name = vlt_slice_text(stream->name) };
    struct consent_facts facts = noun_facts(turn);
    struct consent_arrival arrival = { .stream = &what, .facts = &facts };
    struct consent_changes changes = { .count = 0 };
    struct store_txn *txn;
    size_t held = 0;
    enum vlt_status st = guard_now(turn, &arrival.now);

    memcpy(what.id, stream->id, sizeof what.id);
    what.category =
        vocab_category_find(stream->category, strlen(stream->category));
    if (st == VLT_OK) {
        st = guard_txn(turn, &txn);
    }
    if (st == VLT_OK) {
        st = consent_stream_new(turn->service->consent, txn, &arrival, &held,
                                &changes);
    }
    if (st == VLT_OK) {
        st = guard_carry(turn, &changes, after);
    }
    consent_changes_free(&changes);
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
