#include "consent_side.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/time.h"
#include "bench.h"
#include "crypto/sign.h"
#include "wire/request.h"

enum {
    OF_A_FIRM = 48, /* below what a firm may have */
    FIRMS_MAX = SIDE_GRANTS_MAX / OF_A_FIRM + 1,
    OF_A_TURN = 64,
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

void
side_need(enum vlt_status st, const char *what)
{
    if (st != VLT_OK) {
        fprintf(stderr, "%s: %s\n", what, vlt_status_word(st));
        bench_die("the vault refused", 0);
    }
}

/* ---- turns ---- */

struct store_txn *
side_begin(struct side *side)
{
    struct store_turn turn = { .now_ns = SIDE_BORN, .control = true };
    struct store_txn *txn = NULL;

    side_need(store_txn_begin(side->vault.store, turn, &txn), "a turn");
    return txn;
}

static void
commit(struct side *side, struct store_txn *txn)
{
    side_need(store_txn_commit(txn), "a commit");
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

bool
side_firm(void *ctx, const uint8_t id[VLT_ID_LEN], struct consent_firm *out)
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
    struct consent_facts facts = { side, side_firm };
    struct consent_changes changes = { .count = 0 };
    struct consent_policy *policy = NULL;
    struct store_txn *txn = side_begin(side);

    side_need(consent_policy_read(&files, NULL, NULL, &policy), "the rules");
    side_need(consent_policy_apply(side->consent, txn, policy, &facts,
                                   SIDE_BORN, &changes),
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
    side_need(store_txn_key(txn, &about, firm->kid), "a firm's key");
}

static void
make_grant(struct side *side, struct store_txn *txn,
           const struct vlt_signer *signer)
{
    struct vlt_slice text = vlt_slice_text(request_text);
    struct vlt_request_fill fill = { .iat = SIDE_BORN / VLT_SECOND };
    struct consent_world world = { NULL, no_streams };
    struct consent_changes changes = { .count = 0 };
    uint32_t number = (uint32_t)side->count + 1;
    struct vlt_json *document = NULL;
    struct terms_request request;
    struct terms_fault fault;
    struct vlt_buf jws = { 0 };
    int64_t retry_ms;

    memcpy(fill.jti, &number, sizeof number);
    side_need(vlt_request_read_file(text, &fill, &document, &request, &fault),
              "a request");
    side_need(vlt_request_sign(text, &fill, signer, &jws, &fault),
              "its signature");
    struct consent_submission submission = {
        .firm = &side->firm[side->firms - 1],
        .request = &request,
        .jws = vlt_buf_slice(&jws),
        .world = &world,
        .now = SIDE_BORN,
    };

    side_need(
        consent_submit(side->consent, txn, &submission, &changes, &retry_ms),
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

    side_need(vlt_secret_copy(
                  vlt_slice_text("a seed that signs all requests.."), &seed),
              "a seed");
    side_need(vlt_signer_new(vlt_key_of(seed), &signer), "a signer");
    vlt_secret_free(seed);
    while (side->count < count) {
        struct store_txn *txn = side_begin(side);

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

void
side_open(struct side *side, const char *folder, size_t count)
{
    struct store_read *read = NULL;

    if (mkdir(folder, 0700) != 0) {
        bench_die(folder, errno);
    }
    vault_open(&side->vault, folder);
    side_need(consent_new(side->vault.store, &side->consent), "consent");
    side_need(audit_new(side->vault.store, &side->audit), "the log");
    side_need(store_read_begin(side->vault.store, &read), "a view");
    side_need(consent_load(side->consent, store_read_view(read)), "grants");
    side_need(audit_load(side->audit, store_read_view(read)), "the log");
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

void
side_close(struct side *side)
{
    audit_free(side->audit);
    consent_free(side->consent);
    vault_close(&side->vault);
    free(side->firm);
    free(side->grant);
}
