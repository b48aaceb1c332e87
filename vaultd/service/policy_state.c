/*
 * policy_state: what became of a request or a grant, in words, before what the
 * rules of now say to it.
 */
#include "base/text.h"
#include "service/policy_internal.h"

static void
put_time(struct vlt_buf *out, int64_t ns)
{
    char text[VLT_TIME_TEXT];

    vlt_buf_put_text(out, vlt_time_print(ns / VLT_SECOND * VLT_SECOND, text));
}

static const char *
by_words(enum consent_by by)
{
    switch (by) {
    case CONSENT_BY_OWNER:
        return "by you";
    case CONSENT_BY_FIRM:
        return "by the firm";
    case CONSENT_BY_VAULT:
        return "by the vault's rules";
    case CONSENT_BY_CLOCK:
        break;
    }
    return "by its time";
}

/* ---- a request ---- */

/* ", by you, on 2026-…, with the reason: …" */
static void
put_end(struct vlt_buf *out, const struct consent_part *part)
{
    if (part->ended != 0) {
        vlt_buf_put_text(out, ", ");
        vlt_buf_put_text(out, by_words(part->ended_by));
        vlt_buf_put_text(out, ", on ");
        put_time(out, part->ended);
    }
    if (part->reason.len > 0) {
        vlt_buf_put_text(out, ", with the reason: ");
        vlt_text_put_escaped(out, part->reason);
    }
}

/* It waits, or its time is over and the row is not written yet. */
static void
put_waiting(struct vlt_buf *out, const char *for_whom, int64_t until,
            int64_t now)
{
    if (now < until) {
        vlt_buf_put_text(out, for_whom);
        vlt_buf_put_text(out, ", until ");
    } else {
        vlt_buf_put_text(out, "lapsed, with no answer by ");
    }
    put_time(out, until);
}

static void
put_granted(struct vlt_buf *out, struct service *service,
            const uint8_t id[VLT_ID_LEN])
{
    const struct grant *grant = consent_grant_find(service->consent, id);
    char text[VLT_ULID_TEXT];

    vlt_buf_put_text(out, "became grant ");
    vlt_buf_put_text(out, vlt_ulid_print(id, text));
    if (grant != NULL) {
        vlt_buf_printf(
            out, ", which is %s",
            consent_state_word(noun_grant_state(service, grant, true)));
    }
    if (grant != NULL && grant_over(grant)) {
        vlt_buf_printf(out, ", %s, since ", by_words(grant->state_by));
        put_time(out, grant->changed);
    }
    grant_release(grant);
}

static void
put_part(struct vlt_buf *out, struct service *service,
         const struct consent_request *request, const struct consent_part *part)
{
    int64_t now = service_effective(service);

    switch (part->state) {
    case CONSENT_PENDING_STATE:
        put_waiting(out, "waits for your answer", request->reply_by, now);
        break;
    case CONSENT_COUNTERED:
        put_waiting(out, "was offered less, which the firm may take",
                    part->offer_until, now);
        break;
    case CONSENT_DENIED:
        vlt_buf_put_text(out, "was denied");
        put_end(out, part);
        break;
    case CONSENT_LAPSED:
        vlt_buf_put_text(out, part->offer.len > 0
                                  ? "lapsed: the firm did not take the offer"
                                  : "lapsed: you did not answer");
        put_end(out, part);
        break;
    case CONSENT_DROPPED:
        vlt_buf_put_text(out, part->offer.len > 0
                                  ? "was dropped: the firm left the offer"
                                  : "was taken back");
        put_end(out, part);
        break;
    default:
        put_granted(out, service, part->grant);
        break;
    }
}

void
policy_say_request(struct vlt_buf *out, struct service *service,
                   const struct consent_request *request)
{
    bool waits = false;

    vlt_buf_put_text(out, "this request came on ");
    put_time(out, request->received);
    vlt_buf_put_text(out, "\n");
    for (size_t i = 0; i < request->parts; i++) {
        waits = waits || request->part[i].state <= CONSENT_COUNTERED;
        vlt_buf_printf(out, "  %s ",
                       vocab_purpose(request->part[i].purpose)->id);
        put_part(out, service, request, &request->part[i]);
        vlt_buf_put_text(out, "\n");
    }
    vlt_buf_put_text(out, waits ? "today's rules say to it:\n"
                                : "today's rules would have said to it:\n");
}

/* ---- a grant ---- */

static void
put_suspended(struct vlt_buf *out, const struct grant *grant)
{
    vlt_buf_put_text(out, "this grant is suspended");
    if (grant->suspended != 0) {
        vlt_buf_put_text(out, ", ");
        vlt_buf_put_text(out, by_words(grant->state_by));
    }
    vlt_buf_put_text(out, ", since ");
    put_time(out, grant->suspended != 0 ? grant->suspended : grant->pause_from);
    vlt_buf_put_text(out, ", and gives nothing until ");
    if (grant->pause_until != 0) {
        put_time(out, grant->pause_until);
        vlt_buf_put_text(out, ", when that ends by itself");
    } else {
        vlt_buf_put_text(out, "you resume it");
    }
    vlt_buf_put_text(out, grant->hidden ? " (the firm is not told)\n" : "\n");
}

static void
put_over(struct vlt_buf *out, const struct grant *grant,
         enum consent_state state)
{
    bool over = grant_over(grant); /* and the row of it is written */

    vlt_buf_printf(out, "this grant is %s, %s, since ",
                   consent_state_word(state),
                   by_words(over ? grant->state_by : CONSENT_BY_CLOCK));
    put_time(out, over ? grant->changed : grant->exp);
    vlt_buf_put_text(out, ", and gives nothing\n");
}

static void
put_active(struct vlt_buf *out, const struct grant *grant)
{
    vlt_buf_put_text(out, "this grant is active until ");
    put_time(out, grant->exp);
    if (grant->pause_from != 0) {
        vlt_buf_put_text(out, ", but will be suspended from ");
        put_time(out, grant->pause_from);
        vlt_buf_put_text(out, " until ");
        if (grant->pause_until != 0) {
            put_time(out, grant->pause_until);
        } else {
            vlt_buf_put_text(out, "you resume it");
        }
    }
    vlt_buf_put_text(out, "\n");
}

/* What its being in force hangs on. */
static void
put_born(struct vlt_buf *out, const struct grant *grant)
{
    if (!grant->by_rule) {
        vlt_buf_put_text(out, "  you gave it: of the rules only one that "
                              "denies ends it\n");
        return;
    }
    vlt_buf_put_text(out, "  it was given by ");
    for (size_t i = 0; i < grant->rule_count; i++) {
        vlt_buf_printf(out, "%s%s", i > 0 ? ", " : "", grant->rule[i].name);
    }
    vlt_buf_put_text(out, ", and ends when no rule permits it any more\n");
}

void
policy_say_grant(struct vlt_buf *out, struct service *service,
                 const struct grant *grant)
{
    enum consent_state state = noun_grant_state(service, grant, true);

    if (state == CONSENT_ACTIVE) {
        put_active(out, grant);
        put_born(out, grant);
        policy_say_binds(out, service, grant);
    } else if (state == CONSENT_SUSPENDED) {
        put_suspended(out, grant);
    } else {
        put_over(out, grant, state);
    }
    vlt_buf_put_text(out, "today's rules would have said to its request:\n");
}
