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
#include <stdlib.h>

#include "journal.h"
#include "work.h"

enum { TRIES = 3, GIVEN_UP = 3 };

static enum vlt_status
try(struct work *work, unsigned op)
{
    enum vlt_status st = work_do(work, op);

    for (int i = 1; i < TRIES && st != VLT_OK && st != VLT_E_UNKNOWN; i++) {
        (void)fprintf(stderr, "operation %u (%s): status %d %s\n", op,
                      plan_name(plan_kind(op)), (int)st, work->why);
        st = work_do(work, op);
    }
    return st;
}

int
main(int count, char **word)
{
    struct work work;

    if (count < 5 || vlt_secret_init() != VLT_OK) {
        (void)fprintf(stderr,
                      "usage: vault_work FOLDER JOURNAL SEED OPS [FIRST]\n");
        return 2;
    }
    work_init(&work, word[1], strtoull(word[3], NULL, 10));
    int journal = journal_open(word[2]);
    unsigned ops = (unsigned)strtoul(word[4], NULL, 10);

    for (unsigned i = count > 5 ? (unsigned)strtoul(word[5], NULL, 10) : 0;
         i < ops; i++) {
        journal_put(journal, "sent", i);
        enum vlt_status st = try(&work, i);

        if (st != VLT_OK) {
            (void)fprintf(stderr, "operation %u (%s): status %d %s\n", i,
                          plan_name(plan_kind(i)), (int)st, work.why);
            return GIVEN_UP;
        }
        journal_put(journal, "done", i);
    }
    work_close(&work);
    return 0;
}
