/*
 * The policy set: check, list, show, and the table (WIRE.md, 6.7).
 */
#include <stdlib.h>
#include <string.h>

#include "service/nouns.h"
#include "service/policy_internal.h"
#include "terms/value.h"
#include "wire/limits.h"
#include "json/json_write.h"

/* ---- files ---- */

void
policy_read_files(struct vlt_walk *params, struct policy_read *read)
{
    policy_read_named(params, "files", read);
}

void
policy_read_named(struct vlt_walk *params, const char *name,
                  struct policy_read *read)
{
    const struct vlt_json *list = vlt_walk_list(params, name, 1, POLICY_FILES);

    for (size_t i = 0; i < vlt_json_count(list); i++) {
        struct vlt_walk item;

        vlt_walk_item(&item, params, name, list, i);
        read->file[i].name = vlt_walk_text(&item, "name", 1, POLICY_FILE);
        read->file[i].text = vlt_walk_text(&item, "text", 0, POLICY_TEXT_MAX);
        if (vlt_walk_end(&item) != VLT_OK) {
            return;
        }
        read->count++;
    }
}

bool
policy_find_firm(void *ctx, struct vlt_slice name, uint8_t id[POLICY_FIRM_LEN])
{
    struct service *service = ctx;
    const struct firm *firm;
    char text[NOUN_FIRM];

    if (name.len >= sizeof text) {
        return false;
    }
    noun_copy(text, sizeof text, name);
    firm = identity_firm_by_name(service->identity, text);
    if (firm == NULL) {
        return false;
    }
    vlt_identity_of(VLT_IDENTITY_FIRM, firm->key, id);
    firm_release(firm);
    return true;
}

static void
take_fault(void *ctx, const char *file, int line, int column, const char *code,
           const char *says, bool warning)
{
    struct policy_read *read = ctx;
    struct vlt_json_out *json = warning ? &read->warning : &read->fault;

    vlt_put_object(json, NULL);
    vlt_put_text(json, "file", file);
    vlt_put_int(json, "line", line);
    vlt_put_int(json, "column", column);
    vlt_put_text(json, "code", code);
    vlt_put_text(json, "says", says);
    vlt_put_end(json);
    if (!warning) {
        vlt_buf_printf(&read->lines, "%s:%d:%d: %s: %s\n", file, line, column,
                       code, says);
    }
}

static void
take_warning(void *ctx, const struct policy_fault *fault)
{
    take_fault(ctx, fault->file, fault->line, fault->column, fault->code,
               fault->says, true);
}

enum vlt_status
policy_parse(struct service *service, struct policy_read *read)
{
    const struct consent_set *set = consent_set_hold(service->consent);
    struct consent_file file[POLICY_FILES + 1];
    struct policy_text_firms firms = { .ctx = service,
                                       .find = policy_find_firm };
    struct consent_files files = { .count = read->count,
                                   .file = file,
                                   .firms = &firms,
                                   .home = service->home };
    enum vlt_status st;

    memcpy(file, read->file, read->count * sizeof *file);
    /* Rules that answers made stay, whatever files are applied. */
    for (size_t i = 0; set != NULL && i < set->files; i++) {
        if (set->file[i].answers && files.count == read->count) {
            file[files.count++] = set->file[i];
        }
    }
    vlt_buf_init(&read->faults, 0);
    vlt_buf_init(&read->warnings, 0);
    vlt_buf_init(&read->lines, 0);
    read->fault = vlt_json_out(&read->faults);
    read->warning = vlt_json_out(&read->warnings);
    vlt_put_list(&read->fault, NULL);
    vlt_put_list(&read->warning, NULL);
    st = consent_policy_read(&files, take_fault, read, &read->policy);
    consent_set_release(set);
    if (st == VLT_OK && read->warns) {
        st = policy_warn_of(service, consent_policy_set(read->policy),
                            take_warning, read);
    }
    vlt_put_end(&read->fault);
    vlt_put_end(&read->warning);
    return st == VLT_E_FORMAT ? VLT_OK : st;
}

void
policy_read_free(struct policy_read *read)
{
    vlt_buf_free(&read->faults);
    vlt_buf_free(&read->warnings);
    vlt_buf_free(&read->lines);
    consent_policy_free(read->policy);
    read->policy = NULL;
}

/* ---- check ---- */

static enum vlt_status
check_check(struct call *call, struct vlt_walk *params)
{
    struct policy_read *read = call_state(call, sizeof *read);

    if (read == NULL) {
        return VLT_E_NOMEM;
    }
    policy_read_files(params, read);
    read->warns = true;
    return VLT_OK;
}

static enum vlt_status
check_prepare(struct call *call)
{
    struct policy_read *read = call->state;
    enum vlt_status st = policy_parse(call->service, read);

    if (st == VLT_OK) {
        struct vlt_json_out json = call_result(call);

        vlt_put_bool(&json, "ok", read->policy != NULL);
        vlt_put_raw(&json, "faults", vlt_buf_slice(&read->faults));
        vlt_put_raw(&json, "warnings", vlt_buf_slice(&read->warnings));
        vlt_put_end(&json);
    }
    return st;
}

static void
check_clear(void *state)
{
    policy_read_free(state);
    free(state);
}

/* ---- list ---- */

static void
say_nodes(struct vlt_buf *out, const char *before, struct vocab_mask mask,
          const struct vocab_node *(*node)(int bit))
{
    bool first = true;

    for (int bit = 0; bit < VOCAB_BITS; bit++) {
        if (vocab_mask_has(mask, bit)) {
            vlt_buf_put_text(out, first ? before : "+");
            vlt_buf_put_text(out, node(bit)->id);
            first = false;
        }
    }
}

enum { SAID = 3 }; /* names that a line has room for */

/* Firms by the owner's names; one that is not known by its key. */
static void
say_firms(struct vlt_buf *out, struct service *service,
          const struct policy_rule *rule)
{
    char id[POLICY_FIRM_TEXT];

    for (size_t i = 0; i < rule->firm_count && i < SAID; i++) {
        const struct firm *firm;

        (void)policy_firm_print(rule->firms[i], id);
        firm = noun_firm(service, id);
        vlt_buf_printf(out, "%s %s", i > 0 ? "," : "",
                       firm != NULL ? firm->name : id);
        firm_release(firm);
    }
    if (rule->firm_count > SAID) {
        vlt_buf_printf(out, " and %zu more", rule->firm_count - SAID);
    }
    vlt_buf_put_text(out, rule->firm_count == 0 ? " every firm" : "");
}

static void
say_patterns(struct vlt_buf *out, const struct policy_rule *rule)
{
    for (size_t i = 0; i < rule->pattern_count && i < SAID; i++) {
        vlt_buf_put_text(out, i == 0 ? ", streams " : "+");
        vlt_buf_put_slice(out, rule->patterns[i]);
    }
    if (rule->pattern_count > SAID) {
        vlt_buf_printf(out, " and %zu more", rule->pattern_count - SAID);
    }
}

/* "permit bright for service.billing, data energy.electricity, streams home/x:
 * detail mean/15min" */
static void
say_rule(struct vlt_buf *out, struct service *service,
         const struct policy_rule *rule)
{
    bool first = true;
    const char *own = policy_own_words(rule);

    vlt_buf_put_text(out, policy_effect_word(rule->effect));
    if (own != NULL) {
        vlt_buf_printf(out, " %s", own);
        return;
    }
    say_firms(out, service, rule);
    if (rule->has_purposes) {
        say_nodes(out, " for ", rule->purposes, vocab_purpose);
    }
    if (rule->has_data) {
        say_nodes(out, ", data ", rule->data, vocab_category);
    }
    say_patterns(out, rule);
    for (int axis = 0; axis < TERMS_AXES; axis++) {
        if ((rule->written & 1U << axis) != 0) {
            vlt_buf_printf(out, "%s%s ", first ? ": " : ", ",
                           terms_axis_key((enum terms_axis)axis)->name);
            terms_put_axis(out, (enum terms_axis)axis, &rule->caps);
            first = false;
        }
    }
}

static void
put_rule(struct vlt_json_out *json, struct service *service,
         const struct policy_rule *rule)
{
    struct vlt_buf words;
    bool builtin = policy_rule_builtin(rule);

    vlt_buf_init(&words, 0);
    say_rule(&words, service, rule);
    vlt_put_object(json, NULL);
    vlt_put_text(json, "name", rule->name);
    vlt_put_text(json, "effect", policy_effect_word(rule->effect));
    vlt_put_text(json, "part",
                 builtin                               ? "builtin"
                 : strncmp(rule->name, "cli-", 4) == 0 ? "cli"
                                                       : "main");
    vlt_put_text(json, "file", rule->file);
    vlt_put_int(json, "line", rule->line);
    vlt_put_int(json, "column", rule->column);
    if (rule->note.len > 0) {
        vlt_put_slice(json, "note", rule->note);
    } else {
        vlt_put_null(json, "note");
    }
    vlt_put_slice(json, "line_text", vlt_buf_slice(&words));
    vlt_put_end(json);
    vlt_buf_free(&words);
}

static enum vlt_status
list_prepare(struct call *call)
{
    const struct consent_set *set = consent_set_hold(call->service->consent);
    struct vlt_json_out json = call_result(call);

    if (set == NULL) {
        return VLT_E_LOCKED;
    }
    vlt_put_list(&json, "rules");
    for (size_t i = 0; i < policy_rule_count(set->set); i++) {
        put_rule(&json, call->service, policy_rule_at(set->set, i));
    }
    vlt_put_end(&json);
    vlt_put_object(&json, "settings");
    vlt_put_text(&json, "default",
                 policy_settings(set->set)->default_deny ? "deny" : "ask");
    vlt_put_text(&json, "gpc",
                 policy_settings(set->set)->gpc_off ? "off" : "on");
    vlt_put_text(&json, "overdue",
                 policy_settings(set->set)->overdue_deny ? "deny" : "ask");
    vlt_put_end(&json);
    vlt_put_end(&json);
    consent_set_release(set);
    return vlt_buf_status(&call->result);
}

/* ---- show ---- */

struct show {
    bool text;
};

static enum vlt_status
show_check(struct call *call, struct vlt_walk *params)
{
    struct show *show = call_state(call, sizeof *show);

    if (show == NULL) {
        return VLT_E_NOMEM;
    }
    show->text = vlt_walk_bool_or(params, "text", false);
    return VLT_OK;
}

static void
put_files(struct vlt_json_out *json, const struct consent_set *set)
{
    vlt_put_list(json, "files");
    for (size_t i = 0; i < set->files; i++) {
        vlt_put_object(json, NULL);
        vlt_put_slice(json, "name", set->file[i].name);
        vlt_put_slice(json, "text", set->file[i].text);
        vlt_put_text(json, "part", set->file[i].answers ? "cli" : "main");
        vlt_put_end(json);
    }
    vlt_put_end(json);
}

static enum vlt_status
show_prepare(struct call *call)
{
    const struct show *show = call->state;
    const struct consent_set *set = consent_set_hold(call->service->consent);
    struct vlt_json_out json = call_result(call);
    struct vlt_buf canonical;

    if (set == NULL) {
        return VLT_E_LOCKED;
    }
    vlt_buf_init(&canonical, 0);
    policy_text_print(&canonical, set->set);
    vlt_put_uint(&json, "version", set->version);
    vlt_put_hex(&json, "policy", set->hash, sizeof set->hash);
    vlt_put_text(&json, "vocabulary", vocab_version());
    if (set->applied != 0) {
        vlt_put_time(&json, "applied", set->applied);
    } else {
        vlt_put_null(&json, "applied");
    }
    vlt_put_slice(&json, "canonical", vlt_buf_slice(&canonical));
    if (show->text) {
        put_files(&json, set);
    }
    vlt_put_end(&json);
    vlt_buf_free(&canonical);
    consent_set_release(set);
    return vlt_buf_status(&call->result);
}

const struct method op_policy[] = {
    { .name = "policy.check",
      .roles = ROLE_OWNER,
      .check = check_check,
      .prepare = check_prepare,
      .clear = check_clear },
    { .name = "policy.apply",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES,
      .check = policy_apply_check,
      .prepare = policy_apply_prepare,
      .commit = policy_apply_commit,
      .clear = policy_apply_clear },
    { .name = "policy.forget",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES,
      .check = policy_forget_check,
      .prepare = policy_forget_prepare,
      .commit = policy_forget_commit,
      .clear = policy_forget_clear },
    { .name = "policy.list", .roles = ROLE_OWNER, .prepare = list_prepare },
    { .name = "policy.show",
      .roles = ROLE_OWNER,
      .check = show_check,
      .prepare = show_prepare },
    { .name = "policy.explain",
      .roles = ROLE_OWNER,
      .check = policy_explain_check,
      .prepare = policy_explain_prepare },
    { .name = "policy.test",
      .roles = ROLE_OWNER,
      .check = policy_test_check,
      .prepare = policy_test_prepare,
      .clear = policy_test_clear },
    { .name = "policy.simulate",
      .roles = ROLE_OWNER,
      .check = policy_simulate_check,
      .prepare = policy_simulate_prepare,
      .clear = policy_simulate_clear },
    { .name = "policy.diff",
      .roles = ROLE_OWNER,
      .check = policy_diff_check,
      .prepare = policy_diff_prepare,
      .clear = policy_diff_clear },
    { .name = "policy.who_could_see",
      .roles = ROLE_OWNER,
      .check = policy_who_check,
      .prepare = policy_who_prepare },
    { .name = NULL },
};
