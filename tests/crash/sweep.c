#include "sweep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PATIENCE = 60 /* seconds that a child may take */
};

/* ---- in the child that does it ---- */

static bool
fail(struct sweep_report *report, const char *what, enum vlt_status st,
     const struct rig *rig)
{
    char text[JUDGE_WHY];

    (void)snprintf(text, sizeof text, "%s: status %d: %.900s", what, (int)st,
                   rig->why);
    (void)snprintf(report->why, sizeof report->why, "%s", text);
    return false;
}

/* Does the status say what happened? */
static bool
check_status(const struct sweep_point *point, struct sweep_report *report,
             const struct rig *rig)
{
    enum vlt_status st = report->st;
    bool right = st == VLT_E_STORAGE || st == VLT_E_UNKNOWN;

    enum script_kind kind = script_kind(point->op);

    if (report->hits == 0) {
        right = st == VLT_OK;
    } else if (st == VLT_OK) {
        /* The key of backups of a slot that is gone goes with the next commit,
         * if it cannot go at once; what a compaction that broke off left goes
         * when a vault is opened the next time, and one that is given up is no
         * failure. */
        right = point->kind->harmless || kind == SCRIPT_SLOT ||
                kind == SCRIPT_COMPACT ||
                (point->kind->family == SHIM_OPEN &&
                 (kind == SCRIPT_RESTORE || kind == SCRIPT_REOPEN ||
                  kind == SCRIPT_FINISH));
    } else if (point->kind->family == SHIM_MEMORY) {
        /* Inside LMDB it ends the transaction, as any other failed put. */
        right = right || st == VLT_E_NOMEM;
    } else if (point->kind->family == SHIM_SYNC) {
        /* Of a vault that is made nothing is left, one that is opened is as
         * it was, and a copy that is not on the disk takes no place; nor do
         * keys before which the anchor could not be written. */
        right = st == VLT_E_UNKNOWN ||
                (st == VLT_E_STORAGE &&
                 (kind == SCRIPT_CREATE || kind == SCRIPT_REOPEN ||
                  kind == SCRIPT_FINISH || kind == SCRIPT_COMPACT ||
                  kind == SCRIPT_ROTATE || kind == SCRIPT_BACKUP ||
                  kind == SCRIPT_RESTORE));
    }
    return right || fail(report, "it answers", st, rig);
}

/* What an open vault shows, after so many operations. */
static bool
check_shown(struct rig *rig, unsigned done, struct sweep_report *report)
{
    struct judge_marks marks = { .sent = done, .done = done };

    return !rig->loaded || judge_work(rig, &marks, report->why);
}

/* The same process goes on: what was refused is done, and the next. */
static bool
go_on(struct rig *rig, const struct sweep_point *point,
      struct sweep_report *report)
{
    unsigned next = report->st == VLT_OK ? point->op + 1 : point->op;

    if (!check_shown(rig, next, report)) {
        return false;
    }
    for (unsigned i = next; i <= point->op + 1; i++) {
        enum vlt_status st = rig_do(rig, i);

        if (st != VLT_OK) {
            return fail(report, "the next operation", st, rig);
        }
    }
    return true;
}

/* After a commit whose outcome is not known the store itself promises nothing
 * more; after an append of which a part stands in the turn, and after a commit
 * that the anchor does not know, it is the daemon that does not. */
static bool
check_broken(struct rig *rig, const struct sweep_point *point,
             struct sweep_report *report)
{
    struct store_turn turn = { .now_ns = script_now(point->op) };
    struct store_txn *txn = NULL;

    if (!rig->loaded || point->kind->family == SHIM_MEMORY ||
        script_batches(point->op) == 0 ||
        store_txn_begin(rig->store, turn, &txn) != VLT_OK) {
        return true;
    }
    store_txn_abort(txn);
    return fail(report, "after an unknown outcome it goes on", VLT_OK, rig);
}

static void
do_it(const struct sweep_point *point, struct sweep_report *report)
{
    struct shim_fault fault = { .family = point->kind->family,
                                .error = point->kind->error,
                                .at = point->at,
                                .sticky = point->sticky };
    struct rig rig;

    rig_init(&rig, point->folder, point->seed);
    if (script_kind(point->op) != SCRIPT_CREATE) {
        report->st = rig_open(&rig);
        if (report->st != VLT_OK) {
            (void)fail(report, "it does not open at first", report->st, &rig);
            return;
        }
    }
    shim_fault_set(&fault);
    report->st = rig_do(&rig, point->op);
    shim_fault_set(NULL);
    report->hits = shim_fault_hits();
    if (check_status(point, report, &rig) && report->hits > 0) {
        if (report->st == VLT_E_UNKNOWN) {
            (void)check_broken(&rig, point, report);
        } else {
            (void)go_on(&rig, point, report);
        }
    }
    rig_close(&rig);
}

/* ---- in the parent ---- */

/* Wait for a child; true: it ended well, or why says how it ended. */
static bool
ended_well(pid_t child, char why[JUDGE_WHY])
{
    int status = 0;

    if (child < 0 || waitpid(child, &status, 0) != child) {
        (void)snprintf(why, JUDGE_WHY, "no child: %s", strerror(errno));
        return false;
    }
    if (WIFSIGNALED(status)) {
        (void)snprintf(why, JUDGE_WHY, "it died of signal %d",
                       WTERMSIG(status));
    } else if (WEXITSTATUS(status) != 0) {
        (void)snprintf(why, JUDGE_WHY, "it ended with %d", WEXITSTATUS(status));
    }
    return status == 0;
}

static bool
try_apart(const struct sweep_point *point, struct sweep_report *report)
{
    char how[JUDGE_WHY];
    int ends[2];

    *report = (struct sweep_report){ .hits = 0 };
    if (pipe(ends) != 0) {
        return false;
    }
    pid_t child = fork();

    if (child == 0) {
        (void)alarm(PATIENCE);
        do_it(point, report);
        (void)!write(ends[1], report, sizeof *report);
        (void)close(ends[0]);
        (void)close(ends[1]);
        exit(0); /* where LSan looks */
    }
    (void)close(ends[1]);
    bool told = read(ends[0], report, sizeof *report) == sizeof *report;

    (void)close(ends[0]);
    if (!ended_well(child, how) || !told) {
        report->hits = 1; /* it did not live to say so */
        (void)snprintf(report->why, sizeof report->why, "%s", how);
    }
    return true;
}

/* What it left, in a new process, which goes on if the old one did not. */
static bool
judge_apart(const struct sweep_point *point, struct sweep_report *report)
{
    struct judge_case what = { .folder = point->folder };
    int ends[2];
    char how[JUDGE_WHY];

    what.marks =
        (struct judge_marks){ .sent = point->op + 2, .done = point->op + 2 };
    if (report->st == VLT_E_UNKNOWN) {
        what.use = true; /* it is still to be done */
        what.marks =
            (struct judge_marks){ .sent = point->op + 1, .done = point->op };
    }
    if (pipe(ends) != 0) {
        return false;
    }
    pid_t child = fork();

    if (child == 0) {
        (void)alarm(PATIENCE);
        if (!judge(&what, report->why)) {
            (void)!write(ends[1], report->why, strlen(report->why));
        }
        _exit(0);
    }
    (void)close(ends[1]);
    ssize_t len = read(ends[0], report->why, sizeof report->why - 1);

    (void)close(ends[0]);
    report->why[len > 0 ? len : 0] = '\0';
    if (!ended_well(child, how)) {
        (void)snprintf(report->why, sizeof report->why, "opened again, %.900s",
                       how);
    }
    return true;
}

enum sweep_found
sweep_try(const struct sweep_point *point, struct sweep_report *report)
{
    if (!sweep_copy(point->base, point->folder)) {
        (void)snprintf(report->why, sizeof report->why, "cannot copy: %s",
                       strerror(errno));
        return SWEEP_BROKEN;
    }
    if (!try_apart(point, report)) {
        return SWEEP_BROKEN;
    }
    if (report->why[0] != '\0') {
        return SWEEP_BAD;
    }
    if (report->hits == 0) {
        return SWEEP_OVER;
    }
    if (!judge_apart(point, report)) {
        return SWEEP_BROKEN;
    }
    return report->why[0] != '\0' ? SWEEP_BAD : SWEEP_GOOD;
}

bool
sweep_prepare(const char *folder, uint64_t seed, unsigned op)
{
    char how[JUDGE_WHY];
    pid_t child = fork();

    if (child == 0) {
        struct rig rig;

        rig_init(&rig, folder, seed);
        for (unsigned i = 0; i < op; i++) {
            if (rig_do(&rig, i) != VLT_OK) {
                _exit(1);
            }
        }
        rig_close(&rig);
        _exit(0);
    }
    return ended_well(child, how);
}
