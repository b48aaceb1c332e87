#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "consent/force_internal.h"
#include "crypto/hash.h"
#include "json/json_write.h"

enum {
    RECORD_MAX = 1 << 20,
    RECORD_DEPTH = 4,
};

/* The record of part `main`. */
static const uint8_t main_id[VLT_ID_LEN] = "main";

/* What a new vault holds. */
static const char nothing[] = "version: 1\n";

void
force_release(struct set_box *box)
{
    if (box == NULL || !ref_drop(&box->ref)) {
        return;
    }
    for (size_t i = 0; i < box->set.files; i++) {
        free((void *)(uintptr_t)box->file[i].name.at);
        free((void *)(uintptr_t)box->file[i].text.at);
    }
    free(box->file);
    free(box->named);
    policy_set_free(box->owned);
    free(box);
}

const struct consent_set *
consent_set_hold(struct consent *consent)
{
    struct set_box *box;

    lock_take(consent->lock);
    box = consent->set;
    if (box != NULL) {
        ref_hold(&box->ref);
    }
    lock_drop(consent->lock);
    return box != NULL ? &box->set : NULL;
}

void
consent_set_release(const struct consent_set *set)
{
    force_release((struct set_box *)(uintptr_t)set);
}

/* ---- making one ---- */

static bool
copy_slice(struct vlt_slice *to, struct vlt_slice from)
{
    char *copy = vlt_text_copy(from);

    *to = vlt_slice_of(copy, from.len);
    return copy != NULL;
}

static bool
copy_files(struct set_box *box, const struct consent_file *file, size_t count)
{
    box->file = calloc(count > 0 ? count : 1, sizeof *box->file);
    if (box->file == NULL) {
        return false;
    }
    box->set.file = box->file;
    for (size_t i = 0; i < count; i++) {
        box->set.files = i + 1;
        if (!copy_slice(&box->file[i].name, file[i].name) ||
            !copy_slice(&box->file[i].text, file[i].text)) {
            return false;
        }
    }
    return true;
}

/* SHA-256 over the canonical print and the vocabulary's hash. */
static enum vlt_status
hash_set(struct set_box *box)
{
    struct vlt_buf print;
    enum vlt_status st;

    vlt_buf_init(&print, 0);
    policy_text_print(&print, box->owned);
    st = vlt_buf_status(&print);
    if (st == VLT_OK) {
        struct vlt_slice parts[] = {
            vlt_buf_slice(&print),
            vlt_slice_of(vocab_hash(), VOCAB_HASH_LEN),
        };

        vlt_sha256(parts, 2, box->set.hash);
    }
    vlt_buf_free(&print);
    return st;
}

/* policy_text's faults as consent's. */
struct passing {
    consent_fault_fn *fn;
    void *ctx;
};

static void
pass_fault(void *ctx, const struct policy_fault *fault)
{
    const struct passing *passing = ctx;

    if (passing->fn != NULL) {
        passing->fn(passing->ctx, fault->file, fault->line, fault->column,
                    fault->code, fault->says, false);
    }
}

/* Names are found by whoever asks, and written down. */
struct finding {
    const struct policy_text_firms *firms;
    struct set_box *box;
};

static bool
known_name(const struct set_box *box, struct vlt_slice name)
{
    for (size_t i = 0; i < box->named_count; i++) {
        if (vlt_slice_is(name, box->named[i].name)) {
            return true;
        }
    }
    return false;
}

static bool
find_firm(void *ctx, struct vlt_slice name, uint8_t id[POLICY_FIRM_LEN])
{
    const struct finding *finding = ctx;
    struct set_box *box = finding->box;

    if (!finding->firms->find(finding->firms->ctx, name, id)) {
        return false;
    }
    if (known_name(box, name) || name.len >= sizeof box->named->name) {
        return true;
    }
    struct named_firm *more =
        realloc(box->named, (box->named_count + 1) * sizeof *more);

    if (more == NULL) {
        return false; /* a name that cannot be kept is not taken */
    }
    box->named = more;

    struct named_firm *named = &more[box->named_count++];

    memset(named, 0, sizeof *named);
    memcpy(named->name, name.at, name.len);
    memcpy(named->id, id, sizeof named->id);
    return true;
}

static const char *
next_name(void *ctx, size_t i)
{
    const struct finding *finding = ctx;

    return finding->firms->name != NULL
               ? finding->firms->name(finding->firms->ctx, i)
               : NULL;
}

static enum vlt_status
parse(const struct consent_files *files, struct set_box *box,
      struct passing *passing)
{
    struct policy_text_file *texts =
        calloc(files->count > 0 ? files->count : 1, sizeof *texts);
    struct finding finding = { .firms = files->firms, .box = box };
    struct policy_text_firms firms = { .ctx = &finding,
                                       .find = find_firm,
                                       .name = next_name };
    struct policy_text_input input = {
        .files = texts,
        .count = files->count,
        .firms = files->firms != NULL ? &firms : NULL,
        .home = files->home,
    };
    enum vlt_status st;

    if (texts == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; i < files->count; i++) {
        /* Names were copied with a zero behind them. */
        texts[i].name = (const char *)box->file[i].name.at;
        texts[i].text = box->file[i].text;
    }
    st = policy_text_parse(&input, pass_fault, passing, &box->owned);
    free(texts);
    return st;
}

enum vlt_status
consent_policy_read(const struct consent_files *files, consent_fault_fn *fn,
                    void *ctx, struct consent_policy **out)
{
    struct consent_policy *policy = calloc(1, sizeof *policy);
    struct set_box *box = calloc(1, sizeof *box);
    struct passing passing = { .fn = fn, .ctx = ctx };
    enum vlt_status st = VLT_E_NOMEM;

    if (policy == NULL || box == NULL) {
        free(policy);
        free(box);
        return VLT_E_NOMEM;
    }
    ref_init(&box->ref);
    if (copy_files(box, files->file, files->count)) {
        st = parse(files, box, &passing);
    }
    if (st == VLT_OK) {
        box->set.set = box->owned;
        st = hash_set(box);
    }
    if (st != VLT_OK) {
        force_release(box);
        free(policy);
        return st;
    }
    policy->box = box;
    *out = policy;
    return VLT_OK;
}

const struct policy_set *
consent_policy_set(const struct consent_policy *policy)
{
    return policy->box->owned;
}

const struct consent_set *
consent_set_now(const struct consent *consent)
{
    return &ledger_set_now(consent)->set;
}

void
consent_policy_free(struct consent_policy *policy)
{
    if (policy != NULL) {
        force_release(policy->box);
        free(policy);
    }
}

/* ---- the record ---- */

static enum vlt_status
put_record(struct store_txn *txn, const struct set_box *box)
{
    struct vlt_json_out json;
    struct vlt_buf buf;
    enum vlt_status st;

    vlt_buf_init(&buf, RECORD_MAX);
    json = vlt_json_out(&buf);
    vlt_put_object(&json, NULL);
    vlt_put_time(&json, "applied", box->set.applied);
    vlt_put_list(&json, "files");
    for (size_t i = 0; i < box->set.files; i++) {
        vlt_put_object(&json, NULL);
        vlt_put_slice(&json, "name", box->file[i].name);
        vlt_put_slice(&json, "text", box->file[i].text);
        vlt_put_end(&json);
    }
    vlt_put_end(&json);
    vlt_put_list(&json, "firms");
    for (size_t i = 0; i < box->named_count; i++) {
        vlt_put_object(&json, NULL);
        vlt_put_hex(&json, "id", box->named[i].id, POLICY_FIRM_LEN);
        vlt_put_text(&json, "name", box->named[i].name);
        vlt_put_end(&json);
    }
    vlt_put_end(&json);
    vlt_put_text(&json, "home",
                 vocab_country(policy_settings(box->owned)->home));
    vlt_put_int(&json, "v", 1);
    vlt_put_uint(&json, "version", box->set.version);
    vlt_put_end(&json);
    st = vlt_buf_status(&buf);
    if (st == VLT_OK) {
        st = store_meta_put(txn, STORE_META_POLICY, main_id, NULL,
                            vlt_buf_slice(&buf));
    }
    vlt_buf_free(&buf);
    return st;
}

/* Names as they were found when the files were applied. */
static bool
find_stored(void *ctx, struct vlt_slice name, uint8_t id[POLICY_FIRM_LEN])
{
    const struct vlt_json *list = ctx;

    for (size_t i = 0; i < vlt_json_count(list); i++) {
        const struct vlt_json *at = vlt_json_item(list, i);

        if (vlt_slice_equal(name, vlt_json_text_of(vlt_json_get(at, "name")))) {
            return vlt_hex_parse(vlt_json_text_of(vlt_json_get(at, "id")), id,
                                 POLICY_FIRM_LEN) == VLT_OK;
        }
    }
    return false;
}

static enum vlt_status
set_from(const struct consent_file *file, size_t count,
         const struct vlt_json *names, int home, struct set_box **out)
{
    struct policy_text_firms firms = { .ctx = (void *)(uintptr_t)names,
                                       .find = find_stored };
    struct consent_files files = {
        .count = count, .file = file, .firms = &firms, .home = home
    };
    struct consent_policy *policy = NULL;
    enum vlt_status st = consent_policy_read(&files, NULL, NULL, &policy);

    if (st == VLT_OK) {
        *out = policy->box;
        policy->box = NULL;
        consent_policy_free(policy);
    }
    return st;
}

static enum vlt_status
read_record(struct vlt_slice text, struct set_box **out)
{
    struct consent_file file[POLICY_TEXT_FILES];
    struct vlt_json *document = NULL;
    const struct vlt_json *list;
    struct vlt_walk walk;
    size_t count = 0;
    enum vlt_status st =
        vlt_json_parse(text, RECORD_MAX, RECORD_DEPTH, NULL, &document);

    if (st != VLT_OK) {
        return st;
    }
    vlt_walk_begin(&walk, document);
    (void)vlt_walk_int(&walk, "v", 1, 1);

    int64_t applied = vlt_walk_time(&walk, "applied");
    int64_t version = vlt_walk_int(&walk, "version", 1, INT64_MAX);

    list = vlt_walk_list(&walk, "files", 0, POLICY_TEXT_FILES);
    for (size_t i = 0; i < vlt_json_count(list); i++) {
        struct vlt_walk item;

        vlt_walk_item(&item, &walk, "files", list, i);
        file[i].name = vlt_walk_text(&item, "name", 1, POLICY_FILE);
        file[i].text = vlt_walk_text(&item, "text", 0, POLICY_TEXT_MAX);
        count += vlt_walk_end(&item) == VLT_OK;
    }
    /* The country that `home` meant when the files were applied. */
    struct vlt_slice home =
        vlt_walk_text_or(&walk, "home", 2, 2, vlt_slice_text(""));
    const struct vlt_json *names =
        vlt_walk_list(&walk, "firms", 0, POLICY_RULES * POLICY_FIRMS);

    st = vlt_walk_end(&walk);
    if (st == VLT_OK) {
        st = set_from(file, count, names,
                      vocab_country_find((const char *)home.at, home.len), out);
    }
    if (st == VLT_OK) {
        (*out)->set.applied = applied;
        (*out)->set.version = (uint64_t)version;
    }
    vlt_json_free(document);
    return st;
}

enum vlt_status
force_load(struct consent *consent, const struct store_view *view)
{
    const struct consent_file empty = {
        .name = vlt_slice_text("main.yaml"),
        .text = vlt_slice_text(nothing),
    };
    struct set_box *box = NULL;
    struct vlt_buf json;
    enum vlt_status st;

    vlt_buf_init(&json, RECORD_MAX);
    st = store_meta_get(view, STORE_META_POLICY, main_id, &json);
    if (st == VLT_OK) {
        st = read_record(vlt_buf_slice(&json), &box);
    } else if (st == VLT_E_NOT_FOUND) {
        st = set_from(&empty, 1, NULL, VOCAB_NONE, &box);
    }
    vlt_buf_free(&json);
    if (st == VLT_OK) {
        lock_take(consent->lock);
        consent->set = box;
        lock_drop(consent->lock);
    }
    return st;
}

void
force_turn_end(struct consent *consent, bool committed)
{
    struct set_box *turn = consent->turn_set;
    struct set_box *old;

    consent->turn_set = NULL;
    if (turn == NULL) {
        return;
    }
    if (!committed) {
        force_release(turn);
        return;
    }
    lock_take(consent->lock);
    old = consent->set;
    consent->set = turn;
    lock_drop(consent->lock);
    force_release(old);
}

/* ---- applying ---- */

/* Grants that the new set ends: a deny matches, or no rule permits them. */
static bool
would_end(const struct consent *consent, const struct policy_set *set,
          const struct consent_facts *facts, const struct grant *grant,
          int64_t now)
{
    struct consent_firm firm;

    if (grant_over(grant) || !facts->firm(facts->ctx, grant->firm, &firm)) {
        return false;
    }
    struct policy_firm who = firm_facts(&firm);
    struct policy_grant what = { .terms = &grant->terms,
                                 .start = grant->nbf,
                                 .end = grant->exp,
                                 .by_rule = grant->by_rule };

    return policy_decide_use(set, &who, &what, now, consent->decision) ==
           POLICY_USE_NO;
}

enum vlt_status
consent_policy_would_end(struct consent *consent,
                         const struct consent_policy *policy,
                         const struct consent_facts *facts, int64_t now,
                         consent_grant_fn *fn, void *ctx)
{
    struct grant_box **list = NULL;
    size_t count = 0;
    bool go_on = true;
    enum vlt_status st = ledger_all_grants(consent, true, &list, &count);

    if (st != VLT_OK) {
        return st;
    }
    for (size_t i = 0; i < count; i++) {
        const struct grant *grant = &list[i]->grant;

        if (go_on &&
            would_end(consent, policy->box->owned, facts, grant, now)) {
            go_on = fn(ctx, grant);
        }
        grant_release(grant);
    }
    free(list);
    return VLT_OK;
}

static enum vlt_status
end_grants(struct consent *consent, struct store_txn *txn,
           const struct consent_facts *facts, int64_t now,
           struct consent_changes *changes)
{
    static const struct ending how = { CONSENT_REVOKED, CONSENT_EV_REVOKED,
                                       CONSENT_BY_VAULT, 26 };
    struct grant_box **list = NULL;
    size_t count = 0;
    enum vlt_status st = ledger_all_grants(consent, true, &list, &count);

    for (size_t i = 0; i < count; i++) {
        const struct grant *grant = &list[i]->grant;

        if (st == VLT_OK &&
            would_end(consent, consent->turn_set->owned, facts, grant, now)) {
            st = end_grant(consent, txn, list[i], &how, now, changes);
        }
        grant_release(grant);
    }
    free(list);
    return st;
}

/* Parts that wait and that the new set denies. */
static enum vlt_status
deny_parts(struct consent *consent, struct store_txn *txn,
           struct kept_request *kept, const struct consent_firm *firm,
           int64_t now, struct consent_changes *changes)
{
    static const struct ending how = { CONSENT_DENIED, CONSENT_REFUSED,
                                       CONSENT_BY_VAULT, 9 };
    struct policy_firm who = firm_facts(firm);
    struct kept_request *copy = request_copy(kept);
    bool any = false;
    enum vlt_status st = copy != NULL ? VLT_OK : VLT_E_NOMEM;

    for (size_t i = 0; st == VLT_OK && i < copy->request.parts; i++) {
        struct terms terms;

        terms_part(&copy->terms, i, &terms);
        if (copy->request.part[i].state == CONSENT_PENDING_STATE &&
            policy_decide(ledger_set_now(consent)->owned, &who, &terms, now,
                          consent->decision) == POLICY_DENY) {
            any = true;
            st = end_part(consent, txn, copy, (int)i, &how, changes);
        }
    }
    if (st == VLT_OK && any) {
        st = ledger_put_request(consent, txn, copy);
    }
    request_release(copy);
    return st;
}

enum vlt_status
consent_review(struct consent *consent, struct store_txn *txn,
               const struct consent_facts *facts, int64_t now,
               struct consent_changes *changes)
{
    struct kept_request **list = NULL;
    size_t count = 0;
    enum vlt_status st = ledger_all_requests(consent, true, &list, &count);

    for (size_t i = 0; i < count; i++) {
        struct consent_firm firm;

        if (st == VLT_OK &&
            consent_request_state(&list[i]->request) == CONSENT_PENDING_STATE &&
            facts->firm(facts->ctx, list[i]->request.firm, &firm)) {
            st = deny_parts(consent, txn, list[i], &firm, now, changes);
        }
        request_release(list[i]);
    }
    free(list);
    return st;
}

enum vlt_status
consent_policy_apply(struct consent *consent, struct store_txn *txn,
                     struct consent_policy *policy,
                     const struct consent_facts *facts, int64_t now,
                     struct consent_changes *changes)
{
    struct set_box *box = policy->box;
    enum vlt_status st;

    ref_hold(&box->ref);
    box->set.version = ledger_set_now(consent)->set.version + 1;
    box->set.applied = now;
    force_release(consent->turn_set);
    consent->turn_set = box;
    st = put_record(txn, box);
    if (st == VLT_OK) {
        st = consent_moved(consent, txn);
    }
    if (st == VLT_OK) {
        st = end_grants(consent, txn, facts, now, changes);
    }
    if (st == VLT_OK) {
        st = consent_review(consent, txn, facts, now, changes);
    }
    return st;
}
