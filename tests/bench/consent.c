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
 *     audited                 the same with the use's entry in the firm's tree
 *                             and the master tree, in one transaction that is
 *                             not committed: nothing waits for a disk
 *     leaves                  the same entries' hashes alone: two RFC 9162
 *                             trees by their frontiers, in memory
 *     trees                   the same by the vault's own trees, with the heads
 *                             that each use makes
 *     sealed                  these hashes, and both records sealed and put by
 *                             bare LMDB in one transaction, likewise
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/audit.h"
#include "base/time.h"
#include "bench.h"
#include "consent/consent.h"
#include "crypto/sign.h"
#include "limits/bare_log.h"
#include "limits/meter.h"
#include "store_vault.h"
#include "wire/request.h"

enum {
    GRANTS_MIN = 10,
    GRANTS_MAX = 10000,
    OF_A_FIRM = 48, /* below what a firm may have */
    FIRMS_MAX = GRANTS_MAX / OF_A_FIRM + 1,
    OF_A_TURN = 64,
    SLICES = 20,
    AT_ONCE = 64, /* between two looks at the clock */
    EVENTS = 512, /* of a transaction */
};

struct side {
    struct vault vault;
    struct consent *consent;
    struct audit *audit;
    size_t firms;
    struct consent_firm *firm; /* owned */
    size_t count;
    uint8_t (*grant)[VLT_ID_LEN]; /* owned */
    size_t next;                  /* to be asked for */
};

static const char rules[] = "version: 1\n"
                            "rules:\n"
                            "  - {name: bill, effect: permit, purpose: "
                            "service, data: energy.electricity, where: "
                            "GB, rate: none, life: 1y}\n";

#define PURPOSE(id)                                                            \
    "{\"id\":\"" id                                                            \
    "\",\"text\":\"We bill your electricity.\",\"lang\":\"en\","               \
    "\"basis\":\"consent\",\"if_denied\":\"We do not.\"}"

/* One grant for each. */
#define PURPOSES                                                               \
    PURPOSE("service.billing")                                                 \
    "," PURPOSE("service.support") "," PURPOSE("service.advice") "," PURPOSE(  \
        "service.repair")

static const char request_text[] =
    "{\"controller\":{\"name\":\"Bench Ltd\",\"contact\":"
    "\"mailto:p@bench.example\",\"address\":\"1 Mill Lane\",\"country\":"
    "\"GB\"},\"notice\":{\"uri\":\"https://bench.example/p\",\"sha256\":"
    "\"9368a7d21e018f64ae3327d2f25cd4d7693b2d85328e4bb680bcfcbd4c26b90e\","
    "\"lang\":\"en\"},\"authority\":\"ICO\",\"rights\":"
    "\"mailto:p@bench.example\",\"purposes\":[" PURPOSES "],"
    "\"items\":[{\"n\":1,\"data\":\"energy.electricity\",\"stats\":"
    "[\"mean\"],\"bucket_s\":3600,\"window_s\":7776000,\"delay_s\":0}],"
    "\"action\":\"read\",\"rate\":null,\"uses\":null,"
    "\"life_s\":31536000,\"keep_s\":2592000,\"onward\":[],"
    "\"where\":[\"GB\"],\"profiling\":\"none\",\"automated\":false,"
    "\"training\":false,\"gatekeeper\":false}";

/* When the grants are born: no clock is read. */
static int64_t
when(void)
{
    return METER_BEGIN + VLT_DAY;
}

static void
need(enum vlt_status st, const char *what)
{
    if (st != VLT_OK) {
        fprintf(stderr, "%s: %s\n", what, vlt_status_word(st));
        bench_die("the vault refused", 0);
    }
}

/* ---- turns ---- */

static struct store_txn *
begin(struct side *side)
{
    struct store_turn turn = { .now_ns = when(), .control = true };
    struct store_txn *txn = NULL;

    need(store_txn_begin(side->vault.store, turn, &txn), "a turn");
    return txn;
}

static void
commit(struct side *side, struct store_txn *txn)
{
    need(store_txn_commit(txn), "a commit");
    consent_turn_end(side->consent, true);
}

/* ---- making grants ---- */

static void
no_streams(void *ctx, consent_stream_fn *fn, void *fn_ctx)
{
    (void)ctx;
    (void)fn;
    (void)fn_ctx;
}

static bool
firm_of(void *ctx, const uint8_t id[VLT_ID_LEN], struct consent_firm *out)
{
    const struct side *side = ctx;
    uint16_t number;

    memcpy(&number, id, sizeof number);
    if (number == 0 || number > side->firms) {
        return false;
    }
    *out = side->firm[number - 1];
    return true;
}

static void
put_in_force(struct side *side)
{
    struct consent_file file = { .name = vlt_slice_text("bench.yaml"),
                                 .text = vlt_slice_text(rules) };
    struct consent_files files = { .count = 1,
                                   .file = &file,
                                   .home = VOCAB_NONE };
    struct consent_facts facts = { side, firm_of };
    struct consent_changes changes = { .count = 0 };
    struct consent_policy *policy = NULL;
    struct store_txn *txn = begin(side);

    need(consent_policy_read(&files, NULL, NULL, &policy), "the rules");
    need(consent_policy_apply(side->consent, txn, policy, &facts, when(),
                              &changes),
         "the rules in force");
    consent_policy_free(policy);
    consent_changes_free(&changes);
    commit(side, txn);
}

static void
make_firm(struct side *side, struct store_txn *txn)
{
    struct store_key_about about = { .type = STORE_KEY_FIRM };
    struct consent_firm *firm = &side->firm[side->firms++];
    uint16_t number = (uint16_t)side->firms;

    *firm = (struct consent_firm){ .name = "bench", .confirmed = true };
    memcpy(firm->id, &number, sizeof number);
    memcpy(firm->key, &number, sizeof number);
    memcpy(firm->vf1, &number, sizeof number);
    memcpy(about.subject, firm->id, sizeof about.subject);
    need(store_txn_key(txn, &about, firm->kid), "a firm's key");
}

static void
make_grant(struct side *side, struct store_txn *txn,
           const struct vlt_signer *signer)
{
    struct vlt_slice text = vlt_slice_text(request_text);
    struct vlt_request_fill fill = { .iat = when() / VLT_SECOND };
    struct consent_world world = { NULL, no_streams };
    struct consent_changes changes = { .count = 0 };
    uint32_t number = (uint32_t)side->count + 1;
    struct vlt_json *document = NULL;
    struct terms_request request;
    struct terms_fault fault;
    struct vlt_buf jws = { 0 };
    int64_t retry_ms;

    memcpy(fill.jti, &number, sizeof number);
    need(vlt_request_read_file(text, &fill, &document, &request, &fault),
         "a request");
    need(vlt_request_sign(text, &fill, signer, &jws, &fault), "its signature");
    struct consent_submission submission = {
        .firm = &side->firm[side->firms - 1],
        .request = &request,
        .jws = vlt_buf_slice(&jws),
        .world = &world,
        .now = when(),
    };

    need(consent_submit(side->consent, txn, &submission, &changes, &retry_ms),
         "a submission");
    for (size_t i = 0; i < changes.count; i++) {
        if (changes.at[i].grant == NULL) {
            bench_die("a request became no grant", 0);
        }
        memcpy(side->grant[side->count++], changes.at[i].grant->id, VLT_ID_LEN);
    }
    consent_changes_free(&changes);
    vlt_json_free(document);
    vlt_buf_free(&jws);
}

static void
make_grants(struct side *side, size_t count)
{
    struct vlt_secret *seed = NULL;
    struct vlt_signer *signer = NULL;

    need(vlt_secret_copy(vlt_slice_text("a seed that signs all requests.."),
                         &seed),
         "a seed");
    need(vlt_signer_new(vlt_key_of(seed), &signer), "a signer");
    vlt_secret_free(seed);
    while (side->count < count) {
        struct store_txn *txn = begin(side);

        for (size_t i = 0; i < OF_A_TURN && side->count < count; i++) {
            if (side->count / OF_A_FIRM >= side->firms) {
                make_firm(side, txn);
            }
            make_grant(side, txn, signer);
        }
        commit(side, txn);
    }
    vlt_signer_free(signer);
}

/* Asked for in no order: a decision is not to find the last one's memory. */
static void
shuffle(struct side *side)
{
    uint64_t seed = 20261201;

    for (size_t i = side->count - 1; i > 0; i--) {
        uint8_t kept[VLT_ID_LEN];

        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
        size_t j = (size_t)(seed >> 33) % (i + 1);

        memcpy(kept, side->grant[i], sizeof kept);
        memcpy(side->grant[i], side->grant[j], sizeof kept);
        memcpy(side->grant[j], kept, sizeof kept);
    }
}

static void
open_side(struct side *side, const char *folder, size_t count)
{
    struct store_read *read = NULL;

    if (mkdir(folder, 0700) != 0) {
        bench_die(folder, errno);
    }
    vault_open(&side->vault, folder);
    need(consent_new(side->vault.store, &side->consent), "consent");
    need(audit_new(side->vault.store, &side->audit), "the log");
    need(store_read_begin(side->vault.store, &read), "a view");
    need(consent_load(side->consent, store_read_view(read)), "grants");
    need(audit_load(side->audit, store_read_view(read)), "the log");
    store_read_end(read);
    side->firm = calloc(FIRMS_MAX, sizeof *side->firm);
    side->grant = calloc(count + TERMS_PURPOSES, sizeof *side->grant);
    if (side->firm == NULL || side->grant == NULL) {
        bench_die("memory", 0);
    }
    put_in_force(side);
    make_grants(side, count);
    shuffle(side);
}

static void
close_side(struct side *side)
{
    audit_free(side->audit);
    consent_free(side->consent);
    vault_close(&side->vault);
    free(side->firm);
    free(side->grant);
}

/* ---- measuring ---- */

/* What was done in which time. */
struct meter {
    double done;
    int64_t took;
};

static const struct grant *
decide(struct side *side)
{
    struct consent_firm firm;
    struct consent_asking asking = { .firm = &firm, .now = when() + VLT_HOUR };
    const uint8_t *id = side->grant[side->next++ % side->count];
    const struct grant *grant = consent_grant_find(side->consent, id);
    struct consent_use use;

    if (grant == NULL || !firm_of(side, grant->firm, &firm)) {
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
                                 .time = when(),
                                 .seq = seq,
                                 .firm = grant->firm,
                                 .firm_kid = grant->firm_kid,
                                 .firm_detail = vlt_slice_text(detail),
                                 .owner_detail = vlt_slice_text(detail) };

    memcpy(event.subject, grant->id, sizeof event.subject);
    need(audit_append(side->audit, txn, &event, NULL), "an entry");
}

static void
run_audited(struct side *side, int64_t ns, struct meter *meter)
{
    struct store_txn *txn = begin(side);
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
measure(struct side sides[2], struct bare_log *bare, int64_t ns, int round)
{
    struct meter decide_few = { 0 };
    struct meter decide_many = { 0 };
    struct meter audited = { 0 };
    struct meter leaves = { 0 };
    struct meter trees = { 0 };
    struct meter sealed = { 0 };

    for (int i = 0; i < SLICES; i++) {
        run_decide(&sides[0], ns, &decide_few);
        run_decide(&sides[1], ns, &decide_many);
        run_audited(&sides[1], ns, &audited);
        run_hashes(bare, bare_log_hash, ns, &leaves);
        run_hashes(bare, bare_log_grow, ns, &trees);
        run_sealed(bare, ns, &sealed);
    }
    say("decide.few", round, &decide_few);
    say("decide.many", round, &decide_many);
    say("audited", round, &audited);
    say("leaves", round, &leaves);
    say("trees", round, &trees);
    say("sealed", round, &sealed);
}

int
main(int argc, char **argv)
{
    static struct side sides[2]; /* few, many */
    static struct bare_log bare;
    char path[METER_PATH];

    if (argc != 5) {
        bench_die("usage: bench_consent FOLDER GRANTS MS ROUNDS", 0);
    }
    size_t count = (size_t)bench_number(argv, 2, GRANTS_MIN, GRANTS_MAX);
    int64_t ns = bench_number(argv, 3, 1, BENCH_MS_MAX) * BENCH_MS / SLICES;
    int rounds = (int)bench_number(argv, 4, 1, 100);

    need(vlt_secret_init(), "libsodium");
    meter_path(path, argv[1], "few");
    open_side(&sides[0], path, GRANTS_MIN);
    meter_path(path, argv[1], "many");
    open_side(&sides[1], path, count);
    meter_path(path, argv[1], "bare");
    if (mkdir(path, 0700) != 0) {
        bench_die(path, errno);
    }
    bare_log_open(&bare, path);
    for (int i = 0; i < rounds; i++) {
        measure(sides, &bare, ns, i);
    }
    close_side(&sides[0]);
    close_side(&sides[1]);
    bare_log_close(&bare);
    return 0;
}
