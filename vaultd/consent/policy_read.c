/*
 * policy_read: files become a policy set that can be put in force.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "consent/force_internal.h"
#include "crypto/hash.h"

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
        box->file[i].answers = file[i].answers;
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

/* Names are found by whoever asks, and written down. */
struct finding {
    const struct policy_text_firms *firms;
    const struct set_box *before; /* NULL: none */
    struct set_box *box;
    bool no_memory; /* for a name: that is no fault of the file */
};

/* policy_text's faults as consent's. */
struct passing {
    consent_fault_fn *fn;
    void *ctx;
    const struct finding *finding;
};

static void
pass_fault(void *ctx, const struct policy_fault *fault)
{
    const struct passing *passing = ctx;

    if (passing->fn != NULL && !passing->finding->no_memory) {
        passing->fn(passing->ctx, fault->file, fault->line, fault->column,
                    fault->code, fault->says, false);
    }
}

/* NULL: it was not written down. */
static const struct named_firm *
known_name(const struct set_box *box, struct vlt_slice name)
{
    for (size_t i = 0; i < box->named_count; i++) {
        if (vlt_slice_is(name, box->named[i].name)) {
            return &box->named[i];
        }
    }
    return NULL;
}

/* Whom a name means: by the set before, else by whoever asks. */
static bool
look_up(const struct finding *finding, struct vlt_slice name,
        uint8_t id[POLICY_FIRM_LEN])
{
    const struct named_firm *named =
        finding->before != NULL ? known_name(finding->before, name) : NULL;

    if (named == NULL) {
        return finding->firms->find(finding->firms->ctx, name, id);
    }
    memcpy(id, named->id, POLICY_FIRM_LEN);
    return true;
}

static bool
find_firm(void *ctx, struct vlt_slice name, uint8_t id[POLICY_FIRM_LEN])
{
    struct finding *finding = ctx;
    struct set_box *box = finding->box;

    if (!look_up(finding, name, id)) {
        return false;
    }
    if (known_name(box, name) != NULL) {
        return true;
    }
    assert(name.len < sizeof box->named->name); /* as the language has it */
    struct named_firm *more =
        realloc(box->named, (box->named_count + 1) * sizeof *more);

    if (more == NULL) {
        finding->no_memory = true;
        return false;
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
    /* A set is the first member of its box. */
    struct finding finding = {
        .firms = files->firms,
        .before = (const struct set_box *)(uintptr_t)files->before,
        .box = box,
    };
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
        texts[i].answers = box->file[i].answers;
    }
    passing->finding = &finding;
    st = policy_text_parse(&input, pass_fault, passing, &box->owned);
    free(texts);
    return finding.no_memory ? VLT_E_NOMEM : st;
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

void
consent_policy_free(struct consent_policy *policy)
{
    if (policy != NULL) {
        force_release(policy->box);
        free(policy);
    }
}
