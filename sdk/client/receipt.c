#include <vault/firm.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/text.h"
#include "client/identity.h"
#include "client/receipt_input.h"
#include "wire/receipt_check.h"

enum { NS_PER_S = 1000000000, KEY_BASE64 = 43, KEY_BASE32 = 52 };

struct vault_receipt {
    bool ok;
    bool genuine;
    const char *event; /* a constant */
    char grant[VLT_ULID_TEXT];
    char *payload; /* owned; NULL where no signature holds */
    char fault[VLT_RECEIPT_SAYS];
    const char *unchecked[VLT_RECEIPT_STEPS + 2]; /* constants; NULL-ended */
};

/* What it means that a step was left open. */
static const char *const open_steps[VLT_RECEIPT_STEPS + 1] = {
    [1] = "the form of the receipt",
    [2] = "the vault's signature",
    [3] = "the claims of the receipt",
    [4] = "the receipts before this one were not given",
    [5] = "that the grant still holds: no fresh statement was given",
    [6] = "that the vault's log has this receipt: no proof was given",
    [7] = "that the log extends the newest checkpoint that was kept",
    [8] = "the firm's own signature: it was not given",
};

/* Whose keys to believe. */
struct pinned {
    const uint8_t *receipt;
    const uint8_t *firm;    /* NULL: not known */
    const char *checkpoint; /* "": none */
};

/* The payload as it was signed, whatever it says. */
static void
keep_payload(struct vault_receipt *receipt, struct vlt_slice token,
             const uint8_t *pk)
{
    struct vlt_buf payload = { 0 };

    if (vlt_jws_verify(token, VLT_LIMIT_RECEIPT_JWS, VLT_TYP_RECEIPT, pk,
                       &payload) == VLT_OK) {
        receipt->payload = vlt_text_copy(vlt_buf_slice(&payload));
    }
    vlt_buf_free(&payload);
}

static void
tell(struct vault_receipt *receipt, const struct vlt_receipt_verdict *verdict,
     bool firm_known)
{
    size_t count = 0;

    if (!firm_known) {
        receipt->unchecked[count++] =
            "that it was given to this firm: its key was not given";
    }
    for (int i = 1; i <= VLT_RECEIPT_STEPS; i++) {
        bool behind = verdict->failed != 0 && i > verdict->failed;
        /* Of a grant that is over nothing need say that it holds. */
        bool idle = i == 5 || !verdict->genuine;

        if (verdict->step[i] == VLT_CHECK_OPEN && !(behind && idle)) {
            receipt->unchecked[count++] = open_steps[i];
        }
    }
    receipt->ok = verdict->failed == 0;
    receipt->genuine = verdict->genuine;
    if (!receipt->ok) {
        snprintf(receipt->fault, sizeof receipt->fault, "%s", verdict->says);
    }
    if (verdict->document != NULL) {
        receipt->event = vlt_receipt_word(verdict->newest.event);
        if (verdict->newest.has_grant) {
            vlt_ulid_print(verdict->newest.grant, receipt->grant);
        }
    }
}

static enum vault_status
check(const struct pinned *pinned, const struct vlt_receipt_input *input,
      int64_t now_ns, struct vault_receipt *receipt)
{
    struct vlt_receipt_evidence evidence = {
        .receipt_pk = pinned->receipt,
        .firm_pk = pinned->firm,
        .now = now_ns / NS_PER_S,
        .chain = input->chain,
        .chain_len = input->count,
        .status = input->status,
        .proof = input->proof,
        .checkpoint = vlt_slice_text(pinned->checkpoint),
        .countersignature = input->countersignature,
    };
    struct vlt_receipt_verdict verdict;
    enum vlt_status st = vlt_receipt_check(&evidence, &verdict);

    if (st == VLT_OK || st == VLT_E_AUTH) {
        keep_payload(receipt, input->chain[input->count - 1], pinned->receipt);
        tell(receipt, &verdict, pinned->firm != NULL);
    }
    vlt_receipt_verdict_free(&verdict);
    return st == VLT_OK       ? VAULT_OK
           : st == VLT_E_AUTH ? VAULT_E_AUTH
                              : VAULT_E_NOMEM;
}

static enum vault_status
make(struct vault_receipt **out)
{
    *out = calloc(1, sizeof **out);
    if (*out == NULL) {
        return VAULT_E_NOMEM;
    }
    (*out)->event = "";
    return VAULT_OK;
}

static enum vault_status
refuse(struct vault_receipt *receipt, const char *why)
{
    snprintf(receipt->fault, sizeof receipt->fault, "%s", why);
    return VAULT_E_AUTH;
}

static enum vault_status
read_input(struct vlt_slice text, struct vlt_receipt_input *input,
           struct vault_receipt *receipt)
{
    enum vlt_status st = vlt_receipt_input_read(text, input);

    if (st == VLT_OK) {
        return VAULT_OK;
    }
    return st == VLT_E_NOMEM
               ? VAULT_E_NOMEM
               : refuse(receipt, "the text is no receipt in any of its forms");
}

/* ---- with the identity's keys ---- */

/* Looking for the vault whose key signed. */
struct search {
    const struct vlt_receipt_input *input;
    const char *name; /* NULL: any vault */
    const uint8_t *vault;
    struct vlt_record record; /* the one that signed, else some */
    bool any;
    bool signed_by;
};

static bool
is_meant(const struct search *search, const struct vlt_record *record)
{
    return (search->name == NULL || strcmp(record->name, search->name) == 0) &&
           (search->vault == NULL ||
            memcmp(record->address.vault, search->vault, VLT_IDENTITY_LEN) ==
                0);
}

static void
try_record(void *ctx, const struct vlt_record *record)
{
    struct search *search = ctx;
    struct vlt_buf payload = { 0 };

    if (!record->has_key || search->signed_by || !is_meant(search, record)) {
        return;
    }
    search->signed_by =
        vlt_jws_verify(search->input->chain[search->input->count - 1],
                       VLT_LIMIT_RECEIPT_JWS, VLT_TYP_RECEIPT, record->key,
                       &payload) == VLT_OK;
    vlt_buf_free(&payload);
    search->record = *record;
    search->any = true;
}

static enum vault_status
verify_as(const struct vault_identity *identity, struct search *search,
          int64_t now_ns, struct vault_receipt *receipt)
{
    bool one = search->name != NULL || search->vault != NULL;

    if (vlt_record_each(identity->folder, try_record, search) != VLT_OK) {
        return refuse(receipt, "the pinned keys cannot be read");
    }
    if (!search->any && one) {
        return VAULT_E_NOT_FOUND;
    }
    if (!search->any) {
        return refuse(receipt, "no vault's receipt key is pinned: open a "
                               "session with the vault first");
    }
    struct pinned pinned = { search->record.key,
                             vlt_signer_pk(identity->signer),
                             search->record.checkpoint };

    return check(&pinned, search->input, now_ns, receipt);
}

static enum vault_status
verify_text(const struct vault_identity *identity, struct search *search,
            struct vlt_slice text, int64_t now_ns, struct vault_receipt **out)
{
    struct vlt_receipt_input input = { .document = NULL };
    struct vault_receipt *receipt = NULL;
    enum vault_status status = make(&receipt);

    if (status != VAULT_OK) {
        return status;
    }
    search->input = &input;
    status = read_input(text, &input, receipt);
    if (status == VAULT_OK) {
        status = verify_as(identity, search, now_ns, receipt);
    }
    vlt_receipt_input_free(&input);
    if (status == VAULT_E_NOT_FOUND) {
        vault_receipt_free(receipt);
    } else {
        *out = receipt;
    }
    return status;
}

enum vault_status
vault_receipt_verify(const struct vault_identity *identity, const char *text,
                     size_t len, int64_t now_ns, struct vault_receipt **out)
{
    struct search search = { .any = false };

    return verify_text(identity, &search, vlt_slice_of(text, len), now_ns, out);
}

/* "vd1:<52>", perhaps with a place behind. */
static bool
read_vault(const char *text, uint8_t id[VLT_IDENTITY_LEN])
{
    struct vlt_slice whole = vlt_slice_of(text, strcspn(text, "@"));

    return vlt_identity_parse(VLT_IDENTITY_VAULT, whole, id) == VLT_OK;
}

enum vault_status
vault_receipt_verify_of(const struct vault_identity *identity,
                        const char *vault, const char *text, size_t len,
                        int64_t now_ns, struct vault_receipt **out)
{
    uint8_t id[VLT_IDENTITY_LEN];
    struct search search = { .name = vault };

    if (read_vault(vault, id)) {
        search = (struct search){ .vault = id };
    }
    return verify_text(identity, &search, vlt_slice_of(text, len), now_ns, out);
}

/* ---- with keys that are given ---- */

/* base64url of 43 characters, or base32 of 52. */
static bool
read_key(const char *text, uint8_t out[VLT_SIGN_PK])
{
    struct vlt_slice key = vlt_slice_text(text);
    struct vlt_buf bytes = { 0 };
    bool good = false;

    if (key.len == KEY_BASE32) {
        return vlt_base32_parse(key, out, VLT_SIGN_PK) == VLT_OK;
    }
    if (key.len == KEY_BASE64 && vlt_base64url_get(key, &bytes) == VLT_OK &&
        bytes.len == VLT_SIGN_PK) {
        memcpy(out, bytes.at, VLT_SIGN_PK);
        good = true;
    }
    vlt_buf_free(&bytes);
    return good;
}

enum vault_status
vault_receipt_verify_with(const char *receipt_key, const char *firm_key,
                          const char *text, size_t len, int64_t now_ns,
                          struct vault_receipt **out)
{
    uint8_t vault[VLT_SIGN_PK];
    uint8_t firm[VLT_SIGN_PK];
    struct pinned pinned = { vault, firm_key != NULL ? firm : NULL, "" };
    struct vlt_receipt_input input = { .document = NULL };
    enum vault_status status;

    if (vlt_secret_init() != VLT_OK) {
        return VAULT_E_NOMEM;
    }
    status = make(out);
    if (status != VAULT_OK) {
        return status;
    }
    if (!read_key(receipt_key, vault) ||
        (firm_key != NULL && !read_key(firm_key, firm))) {
        return refuse(*out, "a key is not 43 characters of base64url or 52 of "
                            "base32");
    }
    status = read_input(vlt_slice_of(text, len), &input, *out);
    if (status == VAULT_OK) {
        status = check(&pinned, &input, now_ns, *out);
    }
    vlt_receipt_input_free(&input);
    return status;
}

void
vault_receipt_free(struct vault_receipt *receipt)
{
    if (receipt == NULL) {
        return;
    }
    free(receipt->payload);
    free(receipt);
}

int
vault_receipt_ok(const struct vault_receipt *receipt)
{
    return receipt->ok ? 1 : 0;
}

int
vault_receipt_genuine(const struct vault_receipt *receipt)
{
    return receipt->genuine ? 1 : 0;
}

const char *
vault_receipt_event(const struct vault_receipt *receipt)
{
    return receipt->event;
}

const char *
vault_receipt_grant(const struct vault_receipt *receipt)
{
    return receipt->grant;
}

const char *
vault_receipt_payload(const struct vault_receipt *receipt)
{
    return receipt->payload != NULL ? receipt->payload : "";
}

const char *
vault_receipt_fault(const struct vault_receipt *receipt)
{
    return receipt->fault;
}

const char *
vault_receipt_unchecked(const struct vault_receipt *receipt, size_t i)
{
    return i < VLT_RECEIPT_STEPS + 2 ? receipt->unchecked[i] : NULL;
}
