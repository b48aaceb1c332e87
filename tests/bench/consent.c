/*
 * bench_consent: what a decision costs with many grants, and with its entries
 * in the log.
 *
 *     bench_consent FOLDER GRANTS MS ROUNDS
 *
 * Two vaults in FOLDER, one with some 10 grants and one with GRANTS (10 to
 * 10000), all born of one rule, of as many firms as that takes.  Figures are
 * decisions (or events) a second, of ROUNDS (1 to 100) rounds, behind each name
 * its round; the sides take turns in slices of MS / 20:
 *
 *     decide.few decide.many  may this grant be used now, of grants in no order
 *     most                    a decision of the few, and then a look at a bare
 *                             table of GRANTS: what memory leaves of them
 *     audited                 a decision with the use's entry in the firm's
 *                             tree and the master tree, in one transaction that
 *                             is not committed: nothing waits for a disk
 *     leaves                  the same entries' hashes alone: two RFC 9162
 *                             trees by their frontiers, in memory
 *     trees                   the same by the vault's own trees, with the heads
 *                             that each use makes
 *     sealed                  these hashes, and both records sealed and put by
 *                             bare LMDB in one transaction, likewise
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/time.h"
#include "bench.h"
#include "consent_side.h"
#include "limits/bare_log.h"
#include "limits/bare_table.h"

enum {
    SLICES = 20,
    AT_ONCE = 64, /* between two looks at the clock */
    EVENTS = 512, /* of a transaction */
};

/* What is measured: vaults with few and with many grants, and bare things. */
struct sides {
    struct side few, many;
    struct bare_table table;
    struct bare_log log;
};

/* What was done in which time. */
struct meter {
    double done;
    int64_t took;
};

static const struct grant *
decide(struct side *side)
{
    struct consent_firm firm;
    struct consent_asking asking = { .firm = &firm,
                                     .now = SIDE_BORN + VLT_HOUR };
    const uint8_t *id = side->grant[side->next++ % side->count];
    const struct grant *grant = consent_grant_find(side->consent, id);
    struct consent_use use;

    if (grant == NULL || !side_firm(side, grant->firm, &firm)) {
        bench_die("a grant is gone", 0);
    }
    grant_release(grant);
    memcpy(asking.grant, id, sizeof asking.grant);
    consent_may(side->consent, &asking, &use);
    if (use.no != CONSENT_YES) {
        bench_die("a grant was refused", 0);
    }
    return use.grant;
}

static void
run_decide(struct side *side, int64_t ns, struct meter *meter)
{
    int64_t start = bench_now();

    do {
        for (int i = 0; i < AT_ONCE; i++) {
            grant_release(decide(side));
        }
        meter->done += AT_ONCE;
    } while (bench_now() - start < ns);
    meter->took += bench_now() - start;
}

/* Of a use, as long as usual. */
static const char detail[] =
    "{\"grant\":\"01M80XE2R06J9ATSEGBABKZVWC\",\"use\":"
    "\"01M80XE2R06J9ATSEGBABKZVWD\",\"streams\":[{\"name\":"
    "\"energy.electricity/1\",\"from\":\"2026-11-01T00:00:00Z\",\"to\":"
    "\"2026-11-02T00:00:00Z\",\"rows\":24}],\"rows\":24,\"bytes\":512,"
    "\"sha256\":\"9368a7d21e018f64ae3327d2f25cd4d7693b2d85328e4bb680bcfcbd"
    "4c26b90e\",\"terms\":1}";

/* One use in the log. */
static void
log_use(struct side *side, struct store_txn *txn, const struct grant *grant,
        uint64_t seq)
{
    struct audit_event event = { .type = AUDIT_USE,
                                 .time = SIDE_BORN,
                                 .seq = seq,
                                 .firm = grant->firm,
                                 .firm_kid = grant->firm_kid,
                                 .firm_detail = vlt_slice_text(detail),
                                 .owner_detail = vlt_slice_text(detail) };

    memcpy(event.subject, grant->id, sizeof event.subject);
    side_need(audit_append(side->audit, txn, &event, NULL), "an entry");
}

static void
run_audited(struct side *side, int64_t ns, struct meter *meter)
{
    struct store_txn *txn = side_begin(side);
    int64_t start = bench_now();
    uint64_t done = 0;

    do {
        const struct grant *grant = decide(side);

        log_use(side, txn, grant, ++done);
        grant_release(grant);
    } while (done < EVENTS && bench_now() - start < ns);
    meter->done += (double)done;
    meter->took += bench_now() - start;
    store_txn_abort(txn);
    audit_turn_end(side->audit, false);
}

/* ---- without a vault ---- */

static void
run_hashes(struct bare_log *bare, void (*one)(struct bare_log *), int64_t ns,
           struct meter *meter)
{
    int64_t start = bench_now();

    do {
        for (int i = 0; i < AT_ONCE; i++) {
            one(bare);
        }
        meter->done += AT_ONCE;
    } while (bench_now() - start < ns);
    meter->took += bench_now() - start;
}

/* Between two looks lies what lies between two of many grants: else the records
 * would come from a cache that others need. */
static void
run_most(struct sides *sides, int64_t ns, struct meter *meter)
{
    int64_t start = bench_now();

    do {
        for (int i = 0; i < AT_ONCE; i++) {
            grant_release(decide(&sides->few));
            bare_table_look(&sides->table);
        }
        meter->done += AT_ONCE;
    } while (bench_now() - start < ns);
    meter->took += bench_now() - start;
}

/* As run_audited(). */
static void
run_sealed(struct bare_log *bare, int64_t ns, struct meter *meter)
{
    int64_t start;
    uint64_t done = 0;

    bare_log_begin(bare);
    start = bench_now();
    do {
        bare_log_put(bare, vlt_slice_text(detail));
    } while (++done < EVENTS && bench_now() - start < ns);
    meter->done += (double)done;
    meter->took += bench_now() - start;
    bare_log_abort(bare);
}

/* ---- all ---- */

static void
say(const char *figure, int round, const struct meter *meter)
{
    char name[64];

    (void)snprintf(name, sizeof name, "%s.%d", figure, round);
    bench_rate(name, meter->done, meter->took);
}

static void
measure(struct sides *sides, int64_t ns, int round)
{
    struct meter decide_few = { 0 };
    struct meter decide_many = { 0 };
    struct meter most = { 0 };
    struct meter audited = { 0 };
    struct meter leaves = { 0 };
    struct meter trees = { 0 };
    struct meter sealed = { 0 };

    for (int i = 0; i < SLICES; i++) {
        run_decide(&sides->few, ns, &decide_few);
        run_decide(&sides->many, ns, &decide_many);
        run_most(sides, ns, &most);
        run_audited(&sides->many, ns, &audited);
        run_hashes(&sides->log, bare_log_hash, ns, &leaves);
        run_hashes(&sides->log, bare_log_grow, ns, &trees);
        run_sealed(&sides->log, ns, &sealed);
    }
    say("decide.few", round, &decide_few);
    say("decide.many", round, &decide_many);
    say("most", round, &most);
    say("audited", round, &audited);
    say("leaves", round, &leaves);
    say("trees", round, &trees);
    say("sealed", round, &sealed);
}

int
main(int argc, char **argv)
{
    static struct sides sides;
    char path[METER_PATH];

    if (argc != 5) {
        bench_die("usage: bench_consent FOLDER GRANTS MS ROUNDS", 0);
    }
    size_t count =
        (size_t)bench_number(argv, 2, SIDE_GRANTS_MIN, SIDE_GRANTS_MAX);
    int64_t ns = bench_number(argv, 3, 1, BENCH_MS_MAX) * BENCH_MS / SLICES;
    int rounds = (int)bench_number(argv, 4, 1, 100);

    side_need(vlt_secret_init(), "libsodium");
    meter_path(path, argv[1], "few");
    side_open(&sides.few, path, SIDE_GRANTS_MIN);
    meter_path(path, argv[1], "many");
    side_open(&sides.many, path, count);
    meter_path(path, argv[1], "bare");
    if (mkdir(path, 0700) != 0) {
        bench_die(path, errno);
    }
    bare_log_open(&sides.log, path);
    bare_table_open(&sides.table, count);
    for (int i = 0; i < rounds; i++) {
        measure(&sides, ns, i);
    }
    side_close(&sides.few);
    side_close(&sides.many);
    bare_log_close(&sides.log);
    bare_table_close(&sides.table);
    return 0;
}
