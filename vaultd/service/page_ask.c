/*
 * page_ask: uses that the owner has to allow one by one (asks.h).
 */
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "service/asks.h"
#include "service/page_internal.h"
#include "vocab/vocab.h"

/* The same parameters of another method are another question. */
static struct asks_what
what_of(const struct reading *reading, int64_t now, uint8_t digest[ASKS_DIGEST])
{
    memcpy(digest, reading->asked.digest, ASKS_DIGEST);
    digest[0] ^= (uint8_t)reading->asked.kind;
    return (struct asks_what){ .grant = reading->asked.grant,
                               .digest = digest,
                               .now = now };
}

bool
page_said_yes(const struct reading *reading, int64_t now)
{
    uint8_t digest[ASKS_DIGEST];
    struct asks_what what = what_of(reading, now, digest);

    return asks_state_of(reading->service->asks, &what) == ASKS_YES;
}

void
page_spend_yes(const struct reading *reading, int64_t now)
{
    uint8_t digest[ASKS_DIGEST];
    struct asks_what what = what_of(reading, now, digest);

    asks_spend(reading->service->asks, &what);
}

static void
put_time(struct vlt_buf *out, const char *before, int64_t time)
{
    char text[VLT_TIME_TEXT];

    if (time > VLT_TIME_MIN && time < VLT_TIME_MAX) {
        vlt_buf_printf(out, "%s%s", before, vlt_time_print(time, text));
    }
}

/* What is asked for, in words: the range, and the names that the firm used.
 * False: it is too long to be shown whole, and what the owner does not see
 * nobody can say yes to. */
static bool
say(const struct reading *reading, char says[ASKS_SAYS])
{
    static const char *const words[] = { "a query", "the latest",
                                         "a subscription" };
    const struct asked *asked = &reading->asked;
    struct vlt_buf text;
    bool fits;

    vlt_buf_init(&text, ASKS_SAYS - 1);
    vlt_buf_put_text(&text, words[asked->kind]);
    put_time(&text, " from ", asked->from);
    put_time(&text, " to ", asked->to);
    vlt_buf_put_text(&text, asked->kind == ASKED_SUBSCRIBE ? " to " : " of ");
    for (size_t i = 0; i < asked->patterns; i++) {
        vlt_buf_printf(&text, "%s%s", i > 0 ? ", " : "", asked->pattern[i]);
    }
    fits = vlt_buf_status(&text) == VLT_OK;
    if (fits) {
        memcpy(says, text.at, text.len);
        says[text.len] = '\0';
    }
    vlt_buf_free(&text);
    return fits;
}

static void
refuse_long(struct page *page)
{
    page->refusal = VLT_E_LIMIT;
    page->fault = (struct call_fault){ .code = VLT_RPC_PARAMS };
    (void)snprintf(page->fault.at, sizeof page->fault.at, "streams");
    (void)snprintf(page->fault.message, sizeof page->fault.message,
                   "The owner says yes to each use of this grant, and is not "
                   "shown so many names; ask for fewer.");
}

static void
tell_owner(struct page *page, struct turn *turn, const uint8_t id[VLT_ID_LEN])
{
    struct guard_notice notice = {
        .kind = "use",
        .subject = id,
        .says = "A firm waits for your yes to a use of its grant; request list "
                "shows it.",
    };

    guard_notice(turn, &page->after, &notice);
}

void
page_ask_owner(struct page *page, struct turn *turn)
{
    struct reading *reading = page->reading;
    uint8_t digest[ASKS_DIGEST];
    uint8_t id[VLT_ID_LEN];
    char says[ASKS_SAYS];
    bool fresh = false;
    struct asks_what what;
    int64_t now;

    if (guard_now(turn, &now) != VLT_OK) {
        return; /* told pending, and asked for by the next try */
    }
    what = what_of(reading, turn->running, digest);
    if (asks_state_of(reading->service->asks, &what) == ASKS_REFUSED) {
        /* As if nothing covered it: what the owner said is not told. */
        page->fault = (struct call_fault){ 0 };
        (void)snprintf(page->fault.detail, sizeof page->fault.detail,
                       "the owner said no to this use");
        return;
    }
    if (!say(reading, says)) {
        refuse_long(page);
        return;
    }
    if (!asks_wait(reading->service->asks, &what, says, id, &fresh)) {
        page->refusal = VLT_E_QUOTA;
        page->fault = (struct call_fault){ .retry_ms = VLT_HOUR / 1000000 };
        (void)snprintf(page->fault.message, sizeof page->fault.message,
                       "%d uses of this grant wait for the owner already.",
                       ASKS_OPEN);
        return;
    }
    if (fresh) {
        tell_owner(page, turn, id);
    }
}
