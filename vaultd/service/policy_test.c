/*
 * policy.test: a table of what the owner expects, held against the set in force
 * or files that are not in force yet.
 */
#include <stdlib.h>

#include "service/policy_internal.h"
#include "text/policy_tests.h"
#include "wire/limits.h"
#include "json/json_write.h"

struct test {
    struct policy_read read; /* first */
    char name[POLICY_FILE + 1];
    struct vlt_slice text; /* borrowed from the document */
    bool has_files;
    const struct policy_set *set;  /* that is tested: borrowed */
    struct vlt_buf faults, misses; /* JSON lists */
    struct vlt_json_out fault, miss;
    size_t missed;
};

enum vlt_status
policy_test_check(struct call *call, struct vlt_walk *params)
{
    struct test *test = call_state(call, sizeof *test);
    struct vlt_walk tests;

    if (test == NULL) {
        return VLT_E_NOMEM;
    }
    vlt_walk_into(&tests, params, "tests");
    noun_copy(test->name, sizeof test->name,
              vlt_walk_text(&tests, "name", 1, POLICY_FILE));
    test->text = vlt_walk_text(&tests, "text", 0, POLICY_TEXT_MAX);
    (void)!vlt_walk_end(&tests);
    test->has_files = vlt_walk_has(params, "files");
    if (test->has_files) {
        policy_read_files(params, &test->read);
    } else {
        vlt_walk_null(params, "files");
    }
    return VLT_OK;
}

void
policy_test_clear(void *state)
{
    struct test *test = state;

    policy_read_free(&test->read);
    vlt_buf_free(&test->faults);
    vlt_buf_free(&test->misses);
    free(test);
}

/* ---- what is told ---- */

static void
take_fault(void *ctx, const struct policy_fault *fault)
{
    struct test *test = ctx;
    struct vlt_json_out *json = &test->fault;

    vlt_put_object(json, NULL);
    vlt_put_text(json, "file", fault->file);
    vlt_put_int(json, "line", fault->line);
    vlt_put_int(json, "column", fault->column);
    vlt_put_text(json, "code", fault->code);
    vlt_put_text(json, "says", fault->says);
    vlt_put_end(json);
}

static void
put_rules(struct vlt_json_out *json, const struct policy_set *set,
          const struct policy_atom *atom)
{
    vlt_put_list(json, "rules");
    for (size_t i = 0; i < atom->rule_count; i++) {
        vlt_put_text(json, NULL, policy_rule_at(set, atom->rules[i])->name);
    }
    if (atom->by_default) {
        vlt_put_text(json, NULL, "default");
    }
    vlt_put_end(json);
}

static void
take_miss(void *ctx, const struct policy_miss *miss)
{
    struct test *test = ctx;
    struct vlt_json_out *json = &test->miss;
    const struct vocab_node *data = vocab_category(miss->data);

    if (test->missed++ >= VLT_LIMIT_LIST || test->misses.len > NOUN_ROOM) {
        return; /* counted all the same */
    }
    vlt_put_object(json, NULL);
    vlt_put_text(json, "test", miss->test);
    vlt_put_text(json, "file", test->name);
    vlt_put_int(json, "line", miss->line);
    vlt_put_int(json, "column", miss->column);
    vlt_put_text(json, "purpose", vocab_purpose(miss->purpose)->id);
    vlt_put_text(json, "data", data != NULL ? data->id : "contact");
    vlt_put_text(json, "expected", policy_outcome_word(miss->expected));
    vlt_put_text(json, "got", policy_outcome_word(miss->atom->outcome));
    put_rules(json, test->set, miss->atom);
    vlt_put_bool(json, "other_rules", miss->other_rules);
    vlt_put_end(json);
}

static void
begin(struct vlt_buf *buf, struct vlt_json_out *json)
{
    vlt_buf_free(buf);
    vlt_buf_init(buf, 0);
    *json = vlt_json_out(buf);
    vlt_put_list(json, NULL);
}

/* ---- the whole ---- */

static enum vlt_status
hold(struct call *call, size_t *count)
{
    struct test *test = call->state;
    struct policy_text_firms firms = { .ctx = call->service,
                                       .find = policy_find_firm };
    struct policy_text_file file = { .name = test->name, .text = test->text };
    struct policy_tests_input input = {
        .file = &file,
        .firms = &firms,
        .home = call->service->home,
        .set = test->set,
        .now = service_effective(call->service),
    };
    struct policy_tests_told told = { test, take_fault, take_miss };
    enum vlt_status st;

    test->missed = 0;
    begin(&test->faults, &test->fault);
    begin(&test->misses, &test->miss);
    st = policy_tests_run(&input, &told, count);
    vlt_put_end(&test->fault);
    vlt_put_end(&test->miss);
    return st;
}

static enum vlt_status
hold_and_tell(struct call *call)
{
    struct test *test = call->state;
    size_t count = 0;
    enum vlt_status st = hold(call, &count);
    bool good = st == VLT_OK && test->missed == 0;

    if (st == VLT_OK || st == VLT_E_FORMAT) {
        struct vlt_json_out json = call_result(call);

        vlt_put_bool(&json, "ok", good);
        vlt_put_uint(&json, "decided", count);
        vlt_put_uint(&json, "missed", test->missed);
        vlt_put_raw(&json, "faults", vlt_buf_slice(&test->faults));
        vlt_put_raw(&json, "misses", vlt_buf_slice(&test->misses));
        vlt_put_end(&json);
        st = vlt_buf_status(&call->result);
    }
    return st;
}

enum vlt_status
policy_test_prepare(struct call *call)
{
    struct test *test = call->state;
    const struct consent_set *held = NULL;
    enum vlt_status st = VLT_OK;

    if (test->has_files) {
        st = policy_parse(call->service, &test->read);
        if (st == VLT_OK && test->read.policy == NULL) {
            noun_copy(call->fault.detail, sizeof call->fault.detail,
                      vlt_buf_slice(&test->read.lines));
            return call_refuse_at(call, "files", "The files have faults.");
        }
        test->set = st == VLT_OK ? consent_policy_set(test->read.policy) : NULL;
    } else {
        held = consent_set_hold(call->service->consent);
        test->set = held != NULL ? held->set : NULL;
        st = held != NULL ? VLT_OK : VLT_E_LOCKED;
    }
    if (st == VLT_OK) {
        st = hold_and_tell(call);
    }
    consent_set_release(held);
    return st;
}
