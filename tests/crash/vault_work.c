/*
 * vault_work: operations on a vault, to record or to kill.
 *
 * usage: vault_work FOLDER JOURNAL SEED OPS [FIRST]
 *
 * The vault is FOLDER/vault; operations FIRST (0 unless said) to OPS - 1 are
 * done.  One that is refused is tried again, up to three times in all; where
 * its outcome is unknown, or it is still refused, it ends as a daemon does,
 * with 3.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "journal.h"
#include "rig.h"

enum { TRIES = 3, GIVEN_UP = 3 };

static enum vlt_status
try(struct rig *rig, unsigned op)
{
    enum vlt_status st = rig_do(rig, op);

    for (int i = 1; i < TRIES && st != VLT_OK && st != VLT_E_UNKNOWN; i++) {
        (void)fprintf(stderr, "operation %u (%s): status %d %s\n", op,
                      script_name(script_kind(op)), (int)st, rig->why);
        st = rig_do(rig, op);
    }
    return st;
}

/* What came of it, so that a run that packs nothing is seen. */
static void
tell(const struct rig *rig, unsigned ops)
{
    struct store_read *read;
    struct store_stat stat;

    if (rig->store == NULL || store_read_begin(rig->store, &read) != VLT_OK) {
        return;
    }
    if (store_view_stat(store_read_view(read), &stat) == VLT_OK) {
        (void)printf("%u operations: %" PRIu64 " tails, %" PRIu64
                     " chunks, %" PRIu64 " heads, %" PRIu64 " rolls, %" PRIu64
                     " lanes, %" PRIu64 " entries, %" PRIu64 " keys, %" PRIu64
                     " KiB\n",
                     ops, stat.tails, stat.chunks, stat.heads, stat.rolls,
                     stat.lanes, stat.audits, stat.keys, stat.file / 1024);
    }
    store_read_end(read);
}

int
main(int count, char **word)
{
    struct rig rig;

    if (count < 5 || vlt_secret_init() != VLT_OK) {
        (void)fprintf(stderr,
                      "usage: vault_work FOLDER JOURNAL SEED OPS [FIRST]\n");
        return 2;
    }
    rig_init(&rig, word[1], strtoull(word[3], NULL, 10));
    int journal = journal_open(word[2]);
    unsigned ops = (unsigned)strtoul(word[4], NULL, 10);

    for (unsigned i = count > 5 ? (unsigned)strtoul(word[5], NULL, 10) : 0;
         i < ops; i++) {
        journal_put(journal, "sent", i);
        enum vlt_status st = try(&rig, i);

        if (st != VLT_OK) {
            (void)fprintf(stderr, "operation %u (%s): status %d %s\n", i,
                          script_name(script_kind(i)), (int)st, rig.why);
            return GIVEN_UP;
        }
        journal_put(journal, "done", i);
    }
    tell(&rig, ops);
    rig_close(&rig);
    return 0;
}
