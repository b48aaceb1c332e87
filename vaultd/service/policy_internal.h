/*
 * policy: the methods of the policy set, for the table in op_policy.c.
 */
#ifndef SERVICE_POLICY_INTERNAL_H
#define SERVICE_POLICY_INTERNAL_H

#include "service/noun_internal.h"
#include "text/policy_text.h"

enum {
    POLICY_FILES = 64, /* of one call */
};

/* Files as they were given, and what is wrong with them. */
struct policy_read {
    size_t count;
    struct consent_file file[POLICY_FILES]; /* borrowed from the document */
    struct vlt_buf faults, warnings;        /* JSON lists */
    struct vlt_json_out fault, warning;
    bool warns;                    /* warnings are wanted, which take time */
    struct vlt_buf lines;          /* faults one a line */
    struct consent_policy *policy; /* owned; NULL: there are faults */
};

void policy_read_files(struct vlt_walk *params, struct policy_read *read);

/* The same of a member of another name. */
void policy_read_named(struct vlt_walk *params, const char *name,
                       struct policy_read *read);

/* Parse; firms are those of identity.  VLT_OK also with faults. */
VLT_MUST_USE enum vlt_status policy_parse(struct service *service,
                                          struct policy_read *read);
void policy_read_free(struct policy_read *read);

/* ---- policy_warn.c ---- */

/* Tell what is no fault of a set and may not be meant, by the streams that
 * there are now.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status policy_warn_of(struct service *service,
                                            const struct policy_set *set,
                                            policy_fault_fn *fn, void *ctx);

/* policy_text_firms' find, by identity; ctx is the service. */
bool policy_find_firm(void *ctx, struct vlt_slice name,
                      uint8_t id[POLICY_FIRM_LEN]);

/* A firm as the engine asks for it, in no request. */
struct policy_firm policy_firm_of(const struct firm *firm);

/* ---- policy_never.c ---- */

/* A set to be put in force, if the one in force is of this version still. */
struct policy_never {
    struct consent_policy *policy; /* owned; NULL: nothing is to be added */
    uint64_t version;
};

/* The set in force with a rule more for each part of a request that waits.
 * VLT_E_NOT_FOUND: no such request; VLT_E_FORMAT, VLT_E_LIMIT: there would be
 * too many rules. */
VLT_MUST_USE enum vlt_status policy_never_add(struct service *service,
                                              const uint8_t request[VLT_ID_LEN],
                                              struct policy_never *out);

/* The same without a rule that an answer made.  VLT_E_NOT_FOUND: there is no
 * such rule. */
VLT_MUST_USE enum vlt_status policy_never_drop(struct service *service,
                                               const char *name,
                                               struct policy_never *out);

/*
 * The same with the rules that answers made about one key made about another,
 * which the firm is to have.  Nothing is to be added where none names it.
 * VLT_E_NOMEM, VLT_E_LOCKED.
 */
VLT_MUST_USE enum vlt_status policy_never_move(struct service *service,
                                               const uint8_t from[VLT_SIGN_PK],
                                               const uint8_t to[VLT_SIGN_PK],
                                               struct policy_never *out);

enum vlt_status policy_forget_check(struct call *call, struct vlt_walk *params);
enum vlt_status policy_forget_prepare(struct call *call);
enum vlt_status policy_forget_commit(struct call *call, struct turn *turn);
void policy_forget_clear(void *state);

/* ---- policy_apply.c ---- */

/* Put a set in force, with its entry in the log; what it changes is added to
 * *changes, which the caller carries out by policy_carry(). */
VLT_MUST_USE enum vlt_status policy_force(struct turn *turn,
                                          struct consent_policy *policy,
                                          struct consent_changes *changes);

enum vlt_status policy_apply_check(struct call *call, struct vlt_walk *params);
enum vlt_status policy_apply_prepare(struct call *call);
enum vlt_status policy_apply_commit(struct call *call, struct turn *turn);
void policy_apply_clear(void *state);

/* ---- policy_cut.c (commit thread) ---- */

/*
 * A set was put in force in this turn: carry out what that changed, and cut,
 * once it has committed, what is under way of grants that have no row by it:
 * those of which a rule with `streams` takes a stream away, and those that are
 * exhausted, whose last pages it forbids.  VLT_E_NOMEM, and as guard_carry().
 */
VLT_MUST_USE enum vlt_status policy_carry(struct turn *turn,
                                          struct consent_changes *changes,
                                          struct after **after);

/* ---- policy_json.c ---- */

/* An object of a list: name, file, line and column of a rule. */
void policy_put_place(struct vlt_json_out *json,
                      const struct policy_rule *rule);

/* The same of the setting that decides where no rule does. */
void policy_put_default(struct vlt_json_out *json,
                        const struct policy_place *at);

/* An object of a list for each cap that the atom failed: rule, axis, what was
 * asked and what it allows. */
void policy_put_failed(struct vlt_json_out *json, const struct policy_set *set,
                       const struct policy_atom *atom);

/* The member `text`: a text as the list of its lines. */
void policy_put_lines(struct vlt_json_out *json, struct vlt_slice text);

/* ---- policy_explain.c ---- */

enum vlt_status policy_explain_check(struct call *call,
                                     struct vlt_walk *params);
enum vlt_status policy_explain_prepare(struct call *call);

/* ---- policy_state.c ---- */

/* Are words of policy_text_decided() the same, but for where the rules stand?
 */
bool policy_same_words(struct vlt_slice a, struct vlt_slice b);

/* A time, to the second. */
void policy_put_time(struct vlt_buf *out, int64_t ns);

/* A line that says since when the firm (may be NULL) is blocked or forgotten,
 * if it is. */
void policy_say_firm(struct vlt_buf *out, const struct firm *firm);

/* Lines that say what became of each part of a request, by what, and what there
 * is to do. */
void policy_say_request(struct vlt_buf *out, struct service *service,
                        const struct consent_request *request);

/* Did rules deny it as a whole?  Then by what it was decided is what denied it,
 * also where it was offered before. */
bool policy_part_ruled_out(const struct consent_part *part);

/* ---- policy_then.c ---- */

/* What a part was decided to be when it was, and by what. */
struct policy_then {
    int purpose;
    enum policy_outcome outcome; /* by the rules */
    struct vlt_buf decided;
    bool waits;   /* it does, still */
    bool pending; /* for the owner */
    bool given;   /* it is, and in force */
    /* While something that the request was given is in force, what the rules
     * of now say, and by what (empty: not looked at). */
    enum policy_outcome beside;
    struct vlt_buf beside_by;
    bool has_items;    /* it was not denied as a whole */
    unsigned left_out; /* bit n-1: by rules */
};

/* Of part `at`; the caller frees *then, also where it fails.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status
policy_then_take(struct service *service, const struct consent_request *request,
                 size_t at, struct policy_then *then);
void policy_then_free(struct policy_then *then);

/* The line that says what would come of a part now, beside what came then
 * (NULL: that is not looked at): "asked again now, service.repair would be
 * denied; that time it was put before you".  VLT_E_NOMEM: it is not whole. */
VLT_MUST_USE enum vlt_status
policy_put_then(struct vlt_buf *out, const struct policy_then *then,
                const struct policy_set *set, int purpose,
                const struct policy_decision *decision);

/* ---- policy_asked.c ---- */

/* The first line: what the firm (NULL: it is not known any more) asked for. */
void policy_say_asked(struct vlt_buf *out, const struct firm *firm,
                      const struct consent_request *request);

/* Likewise what it was given. */
void policy_say_given(struct vlt_buf *out, const struct firm *firm,
                      const struct grant *grant);

/* Where terms have less than was asked in part `part`: "energy.heat window 1d
 * (asked 30d); nothing of energy.gas"; false: they have all, and nothing is
 * said. */
bool policy_put_less(struct vlt_buf *out, const struct terms_request *request,
                     size_t part, const struct terms *given);

/* ---- policy_standing.c ---- */

/* The same of a grant. */
void policy_say_grant(struct vlt_buf *out, struct service *service,
                      const struct grant *grant);

/* "it is withdrawn, by you, since …": of a grant that was given to the firm
 * (NULL: it is not known any more). */
void policy_put_standing(struct vlt_buf *out, struct service *service,
                         const struct grant *grant, const struct firm *firm);

/* ---- policy_binds.c ---- */

/* What is given to a firm: a grant that is in force, or (NULL) one that would
 * be made of a request now. */
struct policy_giving {
    struct service *service;
    const struct policy_set *set;
    const struct policy_firm *firm;
    const struct grant *grant;
};

/* Items that give nothing, though the rules let them: all streams of each are
 * withheld, wait, are bound by no permit, or there are none. */
struct policy_nothing {
    struct policy_text_nothing text; /* borrows from the rest */
    struct vlt_buf words;            /* owned */
    struct {
        size_t begin, len;
    } at[TERMS_ITEMS + 1];
};

/* Find them by a decision of the set, of policy_decide_use() where there is a
 * grant.  The caller frees *out by policy_nothing_free(), also on failure.
 * VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status
policy_find_nothing(const struct policy_giving *giving,
                    const struct policy_decision *said,
                    struct policy_nothing *out);
void policy_nothing_free(struct policy_nothing *nothing);

/* "boiler (home.yaml:4:5)", of a rule that stands in a file. */
void policy_put_rule(struct vlt_buf *out, const struct policy_rule *rule);

/* ---- policy_uses.c ---- */

struct policy_uses {
    struct service *service;
    const struct firm *firm;
    const struct grant *grant; /* in force */
    /* gets the decision on its uses, too */
    void (*take)(void *ctx, const struct policy_set *set,
                 const struct policy_decision *decision,
                 const struct policy_text_nothing *nothing);
    void *ctx;
};

/* Is a grant by rules, once it is in force?  One that a rule suspends is by
 * hand when it is resumed. */
bool policy_by_rule_then(const struct grant *grant);

/* Lines that say which items of it give nothing, and (out) what the rules of
 * now say to each use.  VLT_E_NOMEM, VLT_E_LOCKED. */
VLT_MUST_USE enum vlt_status policy_say_uses(const struct policy_uses *uses,
                                             struct vlt_buf *before,
                                             struct vlt_buf *out);

/* An object of a list for each item of a grant of this turn that gives nothing:
 * grant, purpose, n, data, and why in words.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status policy_put_nothing(struct turn *turn,
                                                const struct grant *grant,
                                                struct vlt_json_out *json);

/* ---- policy_streams.c ---- */

/* The list `streams` of a grant: which of its streams are given, held or
 * withheld now, and by which rules; with them those that a deny keeps it from
 * having.  Empty where it is over. */
VLT_MUST_USE enum vlt_status policy_put_streams(struct vlt_json_out *json,
                                                struct service *service,
                                                const struct grant *grant);

/*
 * Would the grant not give a stream that waits for it, though the owner
 * admitted it, as the turn sees it?  rule: which one keeps it, "" where no
 * permit binds it.  VLT_E_NOMEM.
 */
VLT_MUST_USE enum vlt_status policy_keeps(struct turn *turn,
                                          const struct grant *grant,
                                          const struct stream *stream,
                                          char rule[POLICY_NAME], bool *out);

/* ---- policy_test.c, policy_simulate.c, policy_who.c ---- */

enum vlt_status policy_test_check(struct call *call, struct vlt_walk *params);
enum vlt_status policy_test_prepare(struct call *call);
void policy_test_clear(void *state);
enum vlt_status policy_simulate_check(struct call *call,
                                      struct vlt_walk *params);
enum vlt_status policy_simulate_prepare(struct call *call);
void policy_simulate_clear(void *state);
enum vlt_status policy_who_check(struct call *call, struct vlt_walk *params);
enum vlt_status policy_who_prepare(struct call *call);

/* Two sets: the one before, and the one after. */
struct policy_two {
    const struct policy_set *before;
    const struct policy_set *after;
};

/* Into an open object: what the one after would decide otherwise than the one
 * before of the requests of so many days, and what would become of the grants
 * in force. */
VLT_MUST_USE enum vlt_status policy_put_otherwise(struct call *call,
                                                  const struct policy_two *two,
                                                  int64_t days,
                                                  struct vlt_json_out *json);

/* ---- policy_diff.c ---- */

enum vlt_status policy_diff_check(struct call *call, struct vlt_walk *params);
enum vlt_status policy_diff_prepare(struct call *call);
void policy_diff_clear(void *state);

/* ---- policy_widen.c ---- */

/* What the new set permits by itself and the old one does not: one text each,
 * by firm, purpose and category (LANGUAGE.md, 4).  Pure, but for memory.
 * VLT_E_LIMIT: there is too much to compare. */
typedef void policy_widen_fn(void *ctx, const char *says);
VLT_MUST_USE enum vlt_status policy_widens(const struct policy_set *from,
                                           const struct policy_set *to,
                                           int64_t now, policy_widen_fn *fn,
                                           void *ctx);

/* Put one into the list that is open: a firm that the vault knows has its name
 * there in place of its key. */
void policy_widen_put(struct service *service, const char *says,
                      struct vlt_json_out *json);

#endif
