/*
 * policy_state: what became of a request, in words, before what the rules of
 * now say to it; and what there is to do.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "service/policy_internal.h"

void
policy_put_time(struct vlt_buf *out, int64_t ns)
{
    char text[VLT_TIME_TEXT];

    vlt_buf_put_text(out, vlt_time_print(ns / VLT_SECOND * VLT_SECOND, text));
}

/* What is being said of a request. */
struct saying {
    struct vlt_buf *out;
    struct service *service;
    const struct consent_request *request;
    const struct firm *firm; /* that asks */
    size_t at;               /* the part */
};

static const struct consent_part *
part_of(const struct saying *saying)
{
    return &saying->request->part[saying->at];
}

/* ---- by whom ---- */

/* Does a place (FILE:LINE:COLUMN) end before this bracket?  A file may have a
 * bracket in its name; what is built in has other words. */
static bool
ends_place(struct vlt_slice text, size_t at)
{
    for (int numbers = 0; numbers < 2; numbers++) {
        size_t end = at;

        while (at > 0 && isdigit(text.at[at - 1])) {
            at--;
        }
        if (at == end || at == 0 || text.at[at - 1] != ':') {
            return false;
        }
        at--;
    }
    return true;
}

/* Behind the place that begins here, of which there may be several. */
static size_t
skip(struct vlt_slice text, size_t at)
{
    while (at < text.len && text.at[at] == '(') {
        size_t end = at;

        while (end < text.len &&
               (text.at[end] != ')' || !ends_place(text, end))) {
            end++;
        }
        if (end == text.len) {
            const uint8_t *other = memchr(text.at + at, ')', text.len - at);

            end = other != NULL ? (size_t)(other - text.at) : text.len - 1;
        }
        at = end + 1;
    }
    return at;
}

bool
policy_same_words(struct vlt_slice a, struct vlt_slice b)
{
    size_t i = skip(a, 0);
    size_t j = skip(b, 0);

    while (i < a.len && j < b.len && a.at[i] == b.at[j]) {
        i = skip(a, i + 1);
        j = skip(b, j + 1);
    }
    return i == a.len && j == b.len;
}

static void
put_by(const struct saying *saying, enum consent_by by)
{
    const struct consent_part *part = part_of(saying);

    switch (by) {
    case CONSENT_BY_OWNER:
        vlt_buf_put_text(saying->out, "by you");
        return;
    case CONSENT_BY_FIRM:
        vlt_buf_put_text(saying->out, "by the firm");
        return;
    case CONSENT_BY_VAULT:
        break;
    case CONSENT_BY_CLOCK:
        vlt_buf_put_text(saying->out, "by its time");
        return;
    }
    vlt_buf_put_text(saying->out, "by ");
    if (part->decided.len > 0) {
        vlt_text_put_escaped(saying->out, part->decided);
    } else { /* it was not kept then */
        vlt_buf_put_text(saying->out, "the rules of then");
    }
}

/* The rule about firms that are not confirmed has this one for a reason. */
static void
put_parted(const struct saying *saying)
{
    const struct firm *firm = saying->firm;

    if (part_of(saying)->ended_by == CONSENT_BY_VAULT && firm != NULL &&
        part_of(saying)->ended >= firm->changed) {
        vlt_buf_put_text(saying->out, firm->state == IDENTITY_BLOCKED
                                          ? ", as you had blocked the firm"
                                      : firm->state == IDENTITY_FORGOTTEN
                                          ? ", as you had forgotten the firm"
                                          : "");
    }
}

/* ", by you, on 2026-…, with the reason: …" */
static void
put_end(const struct saying *saying)
{
    const struct consent_part *part = part_of(saying);

    if (part->ended != 0) {
        vlt_buf_put_text(saying->out, ", ");
        put_by(saying, part->ended_by);
        put_parted(saying);
        vlt_buf_put_text(saying->out, ", on ");
        policy_put_time(saying->out, part->ended);
    }
    if (part->reason.len > 0) {
        vlt_buf_put_text(saying->out, ", with the reason: ");
        vlt_text_put_escaped(saying->out, part->reason);
    }
}

bool
policy_part_ruled_out(const struct consent_part *part)
{
    return part->state == CONSENT_DENIED && part->ended_by == CONSENT_BY_VAULT;
}

static bool
offered_by_rule(const struct consent_part *part)
{
    return part->offered != NULL && !part->offered_by_hand;
}

/* What had it wait, where that is not said already. */
static void
put_asked(const struct saying *saying)
{
    if (part_of(saying)->decided.len > 0) {
        vlt_buf_put_text(saying->out, "    it was put before you by ");
        vlt_text_put_escaped(saying->out, part_of(saying)->decided);
        vlt_buf_put_text(saying->out, "\n");
    }
}

/* ---- what it has for consequence ---- */

static bool
may_ask(const struct saying *saying)
{
    return saying->firm != NULL && saying->firm->state == IDENTITY_CONFIRMED;
}

/* builtin.quiet keeps the firm from asking again. */
static void
put_quiet(const struct saying *saying)
{
    const struct consent_part *part = part_of(saying);
    int64_t until = part->denied + POLICY_QUIET_DAYS * VLT_DAY;
    bool offered = part->offer.len > 0 && part->state != CONSENT_DENIED;

    if (part->denied == 0 || service_effective(saying->service) >= until) {
        return;
    }
    vlt_buf_put_text(saying->out, "    until ");
    policy_put_time(saying->out, until);
    vlt_buf_put_text(saying->out,
                     offered ? " it may not ask for more than the offer"
                             : " it may not ask for this again");
    vlt_buf_put_text(saying->out, " (builtin.quiet)");
    if (may_ask(saying)) {
        vlt_buf_printf(saying->out,
                       "; `vaultctl firm confirm %s` lifts that, and every "
                       "other such pause of the firm",
                       saying->firm->name);
    }
    vlt_buf_put_text(saying->out, "\n");
}

/* The rule that `deny --never` made of it. */
static void
put_never(const struct saying *saying)
{
    const struct consent_set *set = consent_set_hold(saying->service->consent);
    const struct policy_rule *rule;
    char name[sizeof "cli-" + VLT_ULID_TEXT + 8];
    char ulid[VLT_ULID_TEXT];

    vlt_ulid_print(saying->request->id, ulid);
    for (char *at = ulid; *at != '\0'; at++) {
        *at = (char)tolower((unsigned char)*at);
    }
    (void)snprintf(name, sizeof name, "cli-%s-%zu", ulid, saying->at + 1);
    rule = set != NULL ? policy_rule_named(set->set, name) : NULL;
    if (rule != NULL) {
        vlt_buf_put_text(saying->out, "    and never by your rule ");
        policy_put_rule(saying->out, rule);
        vlt_buf_printf(saying->out,
                       ": `vaultctl policy forget %s` takes that away\n",
                       rule->name);
    }
    consent_set_release(set);
}

/* ---- what became of it ---- */

/* It waits, or its time is over and the row is not written yet. */
static bool
put_waiting(const struct saying *saying, const char *for_whom, int64_t until)
{
    bool waits = consent_part_waits(saying->request, saying->at,
                                    service_effective(saying->service));

    if (waits) {
        vlt_buf_printf(saying->out, "%s, and lapses on ", for_whom);
    } else {
        vlt_buf_put_text(saying->out, "lapsed, with no answer by ");
    }
    policy_put_time(saying->out, until);
    return waits;
}

static void
put_command(const struct saying *saying, const char *command, const char *also)
{
    char text[VLT_ULID_TEXT];

    vlt_buf_printf(saying->out, ": `vaultctl request %s %s`%s", command,
                   vlt_ulid_print(saying->request->id, text), also);
}

/* A line of what it has less than was asked, if that is any. */
static void
put_less(const struct saying *saying, const char *words,
         const struct terms *given)
{
    size_t before = saying->out->len;

    vlt_buf_printf(saying->out, "    %s: ", words);
    if (policy_put_less(saying->out, saying->request->terms, saying->at,
                        given)) {
        vlt_buf_put_text(saying->out, "\n");
    } else {
        saying->out->len = before;
    }
}

/* What it was offered, and by whom. */
static void
put_offered(const struct saying *saying)
{
    const struct consent_part *part = part_of(saying);

    if (part->offered == NULL) {
        return;
    }
    if (part->offered_by_hand) {
        vlt_buf_put_text(saying->out, "    you offered it\n");
    } else if (policy_part_ruled_out(part) || part->decided.len == 0) {
        vlt_buf_put_text(saying->out, "    a rule offered it\n");
    } else {
        vlt_buf_put_text(saying->out, "    it was offered by ");
        vlt_text_put_escaped(saying->out, part->decided);
        vlt_buf_put_text(saying->out, "\n");
    }
    put_less(saying, "the offer was less", part->offered);
}

static void
put_granted(const struct saying *saying)
{
    const struct consent_part *part = part_of(saying);
    const struct grant *grant =
        consent_grant_find(saying->service->consent, part->grant);
    struct vlt_buf *out = saying->out;
    char text[VLT_ULID_TEXT];
    bool by_rule =
        offered_by_rule(part) || (grant != NULL && grant->rule_count > 0);

    vlt_buf_put_text(out, "became grant ");
    vlt_buf_put_text(out, vlt_ulid_print(part->grant, text));
    vlt_buf_put_text(out, part->offer.len > 0
                              ? ", as the firm accepted what it was offered "
                              : ", ");
    put_by(saying, by_rule ? CONSENT_BY_VAULT : CONSENT_BY_OWNER);
    if (grant != NULL) {
        vlt_buf_put_text(out, ", on ");
        policy_put_time(out, grant->nbf);
        vlt_buf_put_text(out, "; ");
        policy_put_standing(out, saying->service, grant, saying->firm);
    }
    vlt_buf_put_text(out, "\n");
    if (!by_rule) {
        put_asked(saying);
    }
    if (grant != NULL) {
        put_less(saying,
                 grant->terms_version > 1 ? "it has less by now"
                                          : "it was given less",
                 &grant->terms);
    }
    grant_release(grant);
}

/* It is over, and was never given. */
static void
put_refused(const struct saying *saying, const char *words)
{
    const struct consent_part *part = part_of(saying);

    vlt_buf_put_text(saying->out, words);
    put_end(saying);
    vlt_buf_put_text(saying->out, "\n");
    if (part->ended_by != CONSENT_BY_VAULT && !offered_by_rule(part)) {
        put_asked(saying);
    }
    put_offered(saying);
    put_quiet(saying);
    put_never(saying);
}

static void
put_part(const struct saying *saying)
{
    const struct consent_part *part = part_of(saying);
    bool offered = part->offer.len > 0;

    switch (part->state) {
    case CONSENT_PENDING_STATE:
        if (put_waiting(saying, "waits for your answer",
                        saying->request->reply_by)) {
            put_command(saying, "approve", ", or `deny`");
        }
        vlt_buf_put_text(saying->out, "\n");
        put_asked(saying);
        break;
    case CONSENT_COUNTERED:
        if (put_waiting(saying, "was offered less, which the firm may take",
                        part->offer_until)) {
            put_command(saying, "deny", " takes the offer back");
        }
        vlt_buf_put_text(saying->out, "\n");
        if (!offered_by_rule(part)) {
            put_asked(saying);
        }
        put_offered(saying);
        break;
    case CONSENT_DENIED:
        put_refused(saying, "was denied");
        break;
    case CONSENT_LAPSED:
        put_refused(saying, offered ? "lapsed: the firm did not take the offer"
                                    : "lapsed: you did not answer");
        break;
    case CONSENT_DROPPED:
        put_refused(saying, offered ? "was offered less and declined"
                                    : "was taken back");
        break;
    default:
        put_granted(saying);
        break;
    }
}

void
policy_say_firm(struct vlt_buf *out, const struct firm *firm)
{
    if (firm != NULL && (firm->state == IDENTITY_BLOCKED ||
                         firm->state == IDENTITY_FORGOTTEN)) {
        vlt_buf_printf(out, "  you %s %s on ",
                       firm->state == IDENTITY_BLOCKED ? "blocked" : "forgot",
                       firm->name);
        policy_put_time(out, firm->changed);
        vlt_buf_put_text(out, "\n");
    }
}

void
policy_say_request(struct vlt_buf *out, struct service *service,
                   const struct consent_request *request)
{
    struct saying saying = {
        out, service, request,
        identity_firm_by_id(service->identity, request->firm), 0
    };

    policy_say_asked(out, saying.firm, request);
    policy_say_firm(out, saying.firm);
    for (; saying.at < request->parts; saying.at++) {
        vlt_buf_printf(out, "  %s ",
                       vocab_purpose(part_of(&saying)->purpose)->id);
        put_part(&saying);
    }
    firm_release(saying.firm);
}
