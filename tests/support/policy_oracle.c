/*
 * policy_oracle: the policy rooms behind lines of text.
 *
 * Reads commands on stdin, writes answers to stdout.  Cases (policies/cases)
 * and the model (tests/model/policy.py) speak to it alike.
 *
 *     reset                    forget all that was said
 *     home CC | none           the configured country
 *     known NAME               a firm that has this short name
 *     file NAME                begin a policy file; its lines follow, each
 *     |TEXT                    with a bar in front
 *     apply                    parse the files: "ok" or each fault
 *     print                    the canonical print
 *     firm NAME STATE…         who asks: confirmed, unconfirmed, blocked,
 *                              forgotten (with blocked), overdue
 *     holds DATA DETAIL STEP|- [GRANT]
 *                              an item of a grant that the firm has; `firm`
 *                              forgets them
 *     denied PURPOSE DATA|contact UNTIL
 *                              what the owner denied to the firm, and until
 *                              when it is not to ask for it again; likewise
 *     spurned PURPOSE DATA|contact UNTIL
 *                              what it did not take when it was offered less
 *     now TIME                 RFC 3339 or a date
 *     request KEY=VALUE…       begin a request; what holds for all of it
 *     purpose ID [BASIS]       one more purpose of it
 *     item DATA KEY=VALUE…     one more item of it
 *     decide                   lint, then each part with its explanation
 *     brief                    the same on one line a part
 *     offer                    what each part is offered, on one line
 *     use START END hand|rule  each part as a grant that is in force
 *     bind hand|rule NAME…     each part decided, and the fate of streams of
 *                              these names in each atom
 *     spend N                  ns of a decision on the first part, by N
 *     say                      each part in the vault's words, with risks
 *     test                     the newest of the files is a file of tests: each
 *                              miss, and how many atoms were decided
 *
 * Values are written as in policy files.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policy_request.h"

#include "terms/lint.h"
#include "terms/say.h"
#include "terms/value.h"
#include "text/policy_tests.h"

enum {
    FILES = 16,
    KNOWN = 64,
    HELD = 16,
    QUIET = 16,
};

struct oracle {
    int home;
    size_t known_count;
    char *known[KNOWN];
    size_t file_count;
    struct vlt_buf files[FILES];
    char *file_names[FILES];
    struct policy_set *set;
    struct policy_firm firm;
    struct policy_held held[HELD];
    struct policy_quiet quiet[QUIET];
    struct terms_limits offered; /* nothing is as little as this */
    char *firm_name;
    int64_t now;
    struct request_lines lines;
    struct policy_decision decision;
};

/* ---- firms ---- */

/* An id that stands for a name: its bytes, then zeros. */
static void
id_of(struct vlt_slice name, uint8_t id[POLICY_FIRM_LEN])
{
    memset(id, 0, POLICY_FIRM_LEN);
    memcpy(id, name.at,
           name.len < POLICY_FIRM_LEN ? name.len : POLICY_FIRM_LEN);
}

static bool
find_firm(void *ctx, struct vlt_slice name, uint8_t id[POLICY_FIRM_LEN])
{
    const struct oracle *oracle = ctx;

    for (size_t i = 0; i < oracle->known_count; i++) {
        if (vlt_slice_is(name, oracle->known[i])) {
            id_of(name, id);
            return true;
        }
    }
    return false;
}

static const char *
firm_name(void *ctx, size_t i)
{
    const struct oracle *oracle = ctx;

    return i < oracle->known_count ? oracle->known[i] : NULL;
}

/* ---- policy ---- */

static void
print_fault(void *ctx, const struct policy_fault *fault)
{
    struct vlt_buf line = { 0 };

    (void)ctx;
    policy_fault_print(&line, fault);
    printf("%s %s\n", fault->code, vlt_buf_text(&line));
    vlt_buf_free(&line);
}

static void
on_apply(struct oracle *oracle, char *rest)
{
    struct policy_text_firms firms = { oracle, find_firm, firm_name };
    struct policy_text_file files[FILES];
    struct policy_text_input input = { files, oracle->file_count, &firms,
                                       oracle->home };
    struct policy_set *set = NULL;

    (void)rest;
    for (size_t i = 0; i < oracle->file_count; i++) {
        files[i] = (struct policy_text_file){
            .name = oracle->file_names[i],
            .text = vlt_buf_slice(&oracle->files[i]),
            .answers = strncmp(oracle->file_names[i], "cli", 3) == 0,
        };
    }
    enum vlt_status st = policy_text_parse(&input, print_fault, NULL, &set);

    if (st == VLT_OK) {
        policy_set_free(oracle->set);
        oracle->set = set;
        printf("ok\n");
    } else if (st != VLT_E_FORMAT) {
        printf("%s\n", vlt_status_word(st));
    }
    for (size_t i = 0; i < oracle->file_count; i++) {
        vlt_buf_free(&oracle->files[i]);
        free(oracle->file_names[i]);
    }
    oracle->file_count = 0;
}

static void
print_miss(void *ctx, const struct policy_miss *miss)
{
    const struct oracle *oracle = ctx;
    const struct vocab_node *data = vocab_category(miss->data);

    printf("%d:%d: %s: %s for %s: expected %s, got %s%s by", miss->line,
           miss->column, miss->test, data == NULL ? "contact" : data->id,
           vocab_purpose(miss->purpose)->id,
           policy_outcome_word(miss->expected),
           policy_outcome_word(miss->atom->outcome),
           miss->other_rules ? ", but" : "");
    for (size_t i = 0; i < miss->atom->rule_count; i++) {
        printf(" %s", policy_rule_at(oracle->set, miss->atom->rules[i])->name);
    }
    printf("%s\n", miss->atom->by_default ? " default" : "");
}

static void
on_test(struct oracle *oracle, char *rest)
{
    size_t last = oracle->file_count - 1;
    struct policy_text_firms firms = { oracle, find_firm, firm_name };
    struct policy_text_file file;
    struct policy_tests_input input = { &file, &firms, oracle->home,
                                        oracle->set, oracle->now };
    struct policy_tests_told told = { oracle, print_fault, print_miss };
    size_t count = 0;

    (void)rest;
    if (oracle->file_count == 0) {
        cannot_read("test");
    }
    file = (struct policy_text_file){
        .name = oracle->file_names[last],
        .text = vlt_buf_slice(&oracle->files[last]),
    };
    if (policy_tests_run(&input, &told, &count) == VLT_OK) {
        printf("%zu decided\n", count);
    }
    vlt_buf_free(&oracle->files[last]);
    free(oracle->file_names[last]);
    oracle->file_count--;
}

static void
on_print(struct oracle *oracle, char *rest)
{
    struct vlt_buf out = { 0 };

    (void)rest;
    if (oracle->set != NULL) {
        policy_text_print(&out, oracle->set);
        fputs(vlt_buf_text(&out), stdout);
    }
    vlt_buf_free(&out);
}

static void
on_file(struct oracle *oracle, char *rest)
{
    if (oracle->file_count == FILES) {
        cannot_read(rest);
    }
    oracle->file_names[oracle->file_count++] = strdup(rest);
}

static void
on_text(struct oracle *oracle, const char *line)
{
    if (oracle->file_count == 0) {
        cannot_read(line);
    }
    struct vlt_buf *file = &oracle->files[oracle->file_count - 1];

    vlt_buf_put_text(file, line + 1);
    vlt_buf_put_text(file, "\n");
}

/* ---- who and when ---- */

static void
on_home(struct oracle *oracle, char *rest)
{
    oracle->home = vocab_country_find(rest, strlen(rest));
}

static void
on_known(struct oracle *oracle, char *rest)
{
    if (oracle->known_count == KNOWN) {
        cannot_read(rest);
    }
    oracle->known[oracle->known_count++] = strdup(rest);
}

static void
on_firm(struct oracle *oracle, char *rest)
{
    char *name = strsep(&rest, " ");

    free(oracle->firm_name);
    oracle->firm_name = strdup(name);
    id_of(vlt_slice_text(name), oracle->firm.id);
    oracle->firm.confirmed = false;
    oracle->firm.blocked = false;
    oracle->firm.forgotten = false;
    oracle->firm.overdue = false;
    oracle->firm.held_count = 0;
    oracle->firm.held = oracle->held;
    oracle->firm.quiet_count = 0;
    oracle->firm.quiet = oracle->quiet;
    for (char *state; (state = strsep(&rest, " ")) != NULL;) {
        oracle->firm.confirmed |= strcmp(state, "confirmed") == 0;
        oracle->firm.blocked |= strcmp(state, "blocked") == 0;
        oracle->firm.forgotten |= strcmp(state, "forgotten") == 0;
        oracle->firm.overdue |= strcmp(state, "overdue") == 0;
    }
}

static void
on_denied(struct oracle *oracle, char *rest)
{
    struct policy_quiet *quiet = &oracle->quiet[oracle->firm.quiet_count];
    char *purpose = strsep(&rest, " ");
    char *data = strsep(&rest, " ");

    if (oracle->firm.quiet_count++ == QUIET || rest == NULL ||
        terms_parse_date(vlt_slice_text(rest), &quiet->until) != VLT_OK) {
        cannot_read("denied");
    }
    quiet->purpose = vocab_purpose_find(purpose, strlen(purpose));
    quiet->data = vocab_category_find(data, strlen(data)); /* contact: none */
    quiet->offered = NULL;
}

static void
on_spurned(struct oracle *oracle, char *rest)
{
    on_denied(oracle, rest);
    oracle->quiet[oracle->firm.quiet_count - 1].offered = &oracle->offered;
}

static void
on_holds(struct oracle *oracle, char *rest)
{
    struct policy_held *held = &oracle->held[oracle->firm.held_count];
    char *data = strsep(&rest, " ");
    char *detail = strsep(&rest, " ");
    char *step = strsep(&rest, " ");
    enum terms_detail_fault why;
    struct vlt_slice part;

    memset(held->grant, 0, sizeof held->grant);
    if (oracle->firm.held_count++ == HELD || step == NULL ||
        (rest != NULL &&
         vlt_ulid_parse(vlt_slice_text(rest), held->grant) != VLT_OK) ||
        terms_parse_detail(vlt_slice_text(detail), &held->stats,
                           &held->bucket_s, &why, &part) != VLT_OK) {
        cannot_read("holds");
    }
    held->data = vocab_category_find(data, strlen(data));
    held->round = (struct terms_step){ 0 };
    if (strcmp(step, "-") != 0 &&
        terms_parse_step(vlt_slice_text(step), &held->round) != VLT_OK) {
        cannot_read(step);
    }
}

static void
on_now(struct oracle *oracle, char *rest)
{
    if (terms_parse_date(vlt_slice_text(rest), &oracle->now) != VLT_OK) {
        cannot_read(rest);
    }
}

/* ---- answers ---- */

/* A request is looked at once: many questions may be about it. */
static bool
malformed(struct oracle *oracle)
{
    struct terms_fault fault;

    if (oracle->lines.well_formed) {
        return false;
    }
    if (terms_lint(&oracle->lines.request, &fault) == VLT_OK) {
        oracle->lines.well_formed = true;
        return false;
    }
    printf("malformed %s%s%s: %s\n", fault.code,
           fault.code[0] == '\0' ? "" : " ", fault.at, fault.says);
    return true;
}

static void
print_duties(const struct policy_duties *duties)
{
    static const char *const notify[] = { "each", "first", "daily", "weekly" };

    printf("%s,%s,%d,%s,%s", notify[duties->notify],
           duties->ask_each ? "yes" : "no", duties->min_readings,
           duties->show_names ? "show" : "hide",
           duties->join_new_streams ? "include" : "hold");
}

static void
print_explanation(struct oracle *oracle, const struct terms *part)
{
    struct policy_asking asking = { &oracle->firm, part, oracle->now,
                                    oracle->firm_name };
    struct vlt_buf out = { 0 };

    policy_text_explain(&out, oracle->set, &asking, &oracle->decision, NULL);
    fputs(vlt_buf_text(&out), stdout);
    vlt_buf_free(&out);
}

static void
print_failed(struct oracle *oracle, const struct policy_failed *failed)
{
    const char *between = "";

    printf(" -%s:", policy_rule_at(oracle->set, failed->rule)->name);
    for (int axis = 0; axis < TERMS_AXES; axis++) {
        if ((failed->axes >> axis & 1) != 0) {
            printf("%s%s", between,
                   terms_axis_key((enum terms_axis)axis)->name);
            between = "+";
        }
    }
}

/* "permit | 1 permit weekly,no,2,hide,hold +rule-a -rule-b:window ~rule-c" */
static void
print_brief(struct oracle *oracle)
{
    const struct policy_decision *decision = &oracle->decision;

    printf("%s", policy_outcome_word(decision->outcome));
    for (size_t i = 0; i < decision->atom_count; i++) {
        const struct policy_atom *atom = &decision->atoms[i];

        printf(" | %d %s%s%s ", atom->n, policy_outcome_word(atom->outcome),
               atom->by_default ? " default" : "",
               atom->left_out ? " out" : "");
        print_duties(&atom->duties);
        for (size_t r = 0; r < atom->rule_count; r++) {
            printf(" +%s", policy_rule_at(oracle->set, atom->rules[r])->name);
        }
        for (size_t f = 0; f < atom->failed_count; f++) {
            print_failed(oracle, &atom->failed[f]);
        }
        for (size_t u = 0; u < atom->unnamed_count; u++) {
            printf(" ~%s", policy_rule_at(oracle->set, atom->unnamed[u])->name);
        }
    }
    printf("\n");
}

static void
decide_part(struct oracle *oracle, size_t at, struct terms *part)
{
    terms_part(&oracle->lines.request, at, part);
    policy_decide(oracle->set, &oracle->firm, part, oracle->now,
                  &oracle->decision);
}

/* Each part of the request, decided and printed. */
static void
decide(struct oracle *oracle, bool brief)
{
    struct terms part;

    if (malformed(oracle)) {
        return;
    }
    for (size_t p = 0; p < oracle->lines.request.purpose_count; p++) {
        decide_part(oracle, p, &part);
        if (!brief) {
            printf("%s: ", vocab_purpose(part.purpose)->id);
            print_explanation(oracle, &part);
        } else {
            print_brief(oracle);
        }
    }
}

static void
on_decide(struct oracle *oracle, char *rest)
{
    (void)rest;
    decide(oracle, false);
}

static void
on_brief(struct oracle *oracle, char *rest)
{
    (void)rest;
    decide(oracle, true);
}

static void
on_spend(struct oracle *oracle, char *rest)
{
    struct timespec begun;
    struct timespec ended;
    struct terms part;
    long count = strtol(rest, NULL, 10);

    if (count < 1 || malformed(oracle)) {
        cannot_read("spend");
    }
    clock_gettime(CLOCK_MONOTONIC, &begun);
    for (long i = 0; i < count; i++) {
        decide_part(oracle, 0, &part);
    }
    clock_gettime(CLOCK_MONOTONIC, &ended);
    printf("%.1f\n", ((double)(ended.tv_sec - begun.tv_sec) * 1e9 +
                      (double)(ended.tv_nsec - begun.tv_nsec)) /
                         (double)count);
}

static void
print_words(enum vocab_kind kind, int64_t bits)
{
    const struct vocab_value *value;
    const char *between = "";

    for (size_t i = 0; (value = vocab_value_at(kind, i)) != NULL; i++) {
        if ((bits & value->value) != 0) {
            printf("%s%s", between, value->id);
            between = "+";
        }
    }
    printf("%s", bits == 0 ? "-" : "");
}

static void
print_common(const struct terms_common *common)
{
    static const char *const yes[] = { "no", "yes" };
    const char *between = " ";

    print_words(VOCAB_ACTION, common->action);
    printf(" ");
    print_words(VOCAB_CHANNEL, common->channels);
    if (common->rate.n == 0) {
        printf(" none");
    } else {
        printf(" %" PRId64 "/%" PRId64, common->rate.n, common->rate.per_s);
    }
    if (common->uses == TERMS_UNLIMITED) {
        printf(" none");
    } else {
        printf(" %" PRId64, common->uses);
    }
    printf(" %" PRId64 " %" PRId64, common->life_s, common->keep_s);
    for (size_t i = 0; i < common->onward_count; i++) {
        printf("%s%.*s", between, (int)common->onward[i].name.len,
               (const char *)common->onward[i].name.at);
        between = ",";
    }
    printf("%s", common->onward_count == 0 ? " no" : "");
    between = " ";
    for (size_t i = 0; i < common->where_count; i++) {
        printf("%s%s", between, vocab_country(common->where[i]));
        between = ",";
    }
    printf(" %s %s %s %s", vocab_value(VOCAB_PROFILING, common->profiling)->id,
           yes[common->automated], yes[common->training],
           yes[common->gatekeeper]);
}

static void
print_item(const struct terms_item *item)
{
    printf(" | %d ", item->n);
    if (item->raw) {
        printf("raw");
    } else {
        print_words(VOCAB_STAT, item->stats);
        printf("/%" PRId64, item->bucket_s);
    }
    if (item->round.nano == 0) {
        printf(" -");
    } else {
        printf(" %" PRId64 "%s", item->round.nano,
               item->round.length ? "m" : "");
    }
    printf(" %" PRId64 " %" PRId64, item->window_s, item->delay_s);
    if (item->every_s == 0) {
        printf(" -");
    } else {
        printf(" %" PRId64, item->every_s);
    }
}

static void
on_offer(struct oracle *oracle, char *rest)
{
    struct terms part;
    struct terms offered;

    (void)rest;
    if (malformed(oracle)) {
        return;
    }
    for (size_t p = 0; p < oracle->lines.request.purpose_count; p++) {
        decide_part(oracle, p, &part);
        printf("%s", policy_outcome_word(oracle->decision.outcome));
        if (oracle->decision.outcome == POLICY_OFFER &&
            policy_offer(oracle->set, &oracle->decision, &part, oracle->now,
                         &offered)) {
            printf(" ");
            print_common(&offered.common);
            for (size_t i = 0; i < offered.item_count; i++) {
                print_item(&offered.items[i]);
            }
        }
        printf("\n");
    }
}

static void
on_use(struct oracle *oracle, char *rest)
{
    static const char *const says[] = { "yes", "ask", "no" };
    struct policy_grant grant = { .terms = NULL };
    char *start = strsep(&rest, " ");
    char *end = strsep(&rest, " ");
    struct terms part;

    if (end == NULL || rest == NULL ||
        terms_parse_date(vlt_slice_text(start), &grant.start) != VLT_OK ||
        terms_parse_date(vlt_slice_text(end), &grant.end) != VLT_OK) {
        cannot_read("use");
    }
    grant.by_rule = strcmp(rest, "rule") == 0;
    grant.terms = &part;
    if (malformed(oracle)) {
        return;
    }
    for (size_t p = 0; p < oracle->lines.request.purpose_count; p++) {
        terms_part(&oracle->lines.request, p, &part);
        printf("%s\n",
               says[policy_decide_use(oracle->set, &oracle->firm, &grant,
                                      oracle->now, &oracle->decision)]);
    }
}

static void
on_bind(struct oracle *oracle, char *rest)
{
    static const char *const says[] = { "give", "hold", "withhold" };
    bool by_rule = strcmp(strsep(&rest, " "), "rule") == 0;
    struct terms part;

    if (malformed(oracle)) {
        return;
    }
    for (size_t p = 0; p < oracle->lines.request.purpose_count; p++) {
        decide_part(oracle, p, &part);
        for (size_t i = 0; i < oracle->decision.atom_count; i++) {
            const struct policy_atom *atom = &oracle->decision.atoms[i];
            char *names = strdup(rest == NULL ? "" : rest);
            char *left = names;

            printf("%d %s", atom->n, policy_outcome_word(atom->outcome));
            for (char *one; (one = strsep(&left, " ")) != NULL;) {
                printf(" %s=%s", one,
                       says[policy_stream_fate(oracle->set, &oracle->firm, atom,
                                               by_rule, vlt_slice_text(one))]);
            }
            printf("\n");
            free(names);
        }
    }
}

static void
print_risk(void *ctx, const char *risk)
{
    (void)ctx;
    printf("! %s\n", risk);
}

static void
on_say(struct oracle *oracle, char *rest)
{
    struct terms_asker asker = {
        .legal_name = oracle->lines.request.controller_name,
        .name = vlt_slice_text(oracle->firm_name),
        .standing = vlt_slice_text("confirmed 3 days ago"),
    };
    struct terms part;

    (void)rest;
    for (size_t p = 0; p < oracle->lines.request.purpose_count; p++) {
        struct vlt_buf out = { 0 };

        terms_part(&oracle->lines.request, p, &part);
        terms_say(&out, &part, &asker);
        printf("%s\n", vlt_buf_text(&out));
        vlt_buf_free(&out);
        terms_risks(&part, print_risk, NULL);
    }
}

static void
on_request(struct oracle *oracle, char *rest)
{
    request_common(&oracle->lines, rest);
}

static void
on_purpose(struct oracle *oracle, char *rest)
{
    request_purpose(&oracle->lines, rest);
}

static void
on_item(struct oracle *oracle, char *rest)
{
    request_item(&oracle->lines, rest);
}

static void
on_end(struct oracle *oracle, char *rest)
{
    (void)oracle;
    (void)rest;
    printf(".\n");
    fflush(stdout);
}

static void
forget(struct oracle *oracle)
{
    request_end(&oracle->lines);
    for (size_t i = 0; i < oracle->known_count; i++) {
        free(oracle->known[i]);
    }
    for (size_t i = 0; i < oracle->file_count; i++) {
        vlt_buf_free(&oracle->files[i]);
        free(oracle->file_names[i]);
    }
    free(oracle->firm_name);
    policy_set_free(oracle->set);
    *oracle = (struct oracle){ .home = VOCAB_NONE };
    request_begin(&oracle->lines);
}

static void
on_reset(struct oracle *oracle, char *rest)
{
    (void)rest;
    forget(oracle);
}

static const struct {
    const char *name;
    void (*run)(struct oracle *oracle, char *rest);
} commands[] = {
    { "reset", on_reset },     { "home", on_home },
    { "known", on_known },     { "file", on_file },
    { "apply", on_apply },     { "print", on_print },
    { "firm", on_firm },       { "now", on_now },
    { "request", on_request }, { "purpose", on_purpose },
    { "item", on_item },       { "decide", on_decide },
    { "brief", on_brief },     { "use", on_use },
    { "say", on_say },         { "holds", on_holds },
    { "bind", on_bind },       { "end", on_end },
    { "denied", on_denied },   { "spurned", on_spurned },
    { "test", on_test },       { "offer", on_offer },
    { "spend", on_spend },
};

static void
run(struct oracle *oracle, char *line)
{
    char *rest = line;

    if (line[0] == '|') {
        on_text(oracle, line);
        return;
    }
    if (line[0] == '\0' || line[0] == '#' || line[0] == '>') {
        return;
    }
    char *name = strsep(&rest, " ");
    static char none[1];

    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            commands[i].run(oracle, rest == NULL ? none : rest);
            return;
        }
    }
    cannot_read(name);
}

int
main(void)
{
    struct oracle *oracle = calloc(1, sizeof *oracle);
    char *line = NULL;
    size_t room = 0;
    ssize_t len;

    if (oracle == NULL) {
        return 1;
    }
    forget(oracle);
    while ((len = getline(&line, &room, stdin)) >= 0) {
        if (len > 0 && line[len - 1] == '\n') {
            line[len - 1] = '\0';
        }
        run(oracle, line);
    }
    free(line);
    forget(oracle);
    free(oracle);
    return 0;
}
