#include "echo_service.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "util/atomic.h"
#include "util/clock.h"
#include "util/thread.h"
#include "wire/address.h"

enum {
    WAITERS = 64, /* HTTP requests that are answered by service_drain() */
    WORDS = 5,
    WORD_LEN = 160,
    TEXT_MAX = 300000,
};

struct release {
    struct service *service;
    uint8_t grant[VLT_ID_LEN];
    uint64_t epoch;
};

struct service {
    struct echo_config config;
    struct vlt_signer *signer;
    uint8_t vault[VLT_IDENTITY_LEN];
    bool locked;
    uint64_t epoch; /* of consent */
    uint8_t ended[VLT_ID_LEN];
    bool some_ended;
    uint64_t firm;  /* the firm's session that was opened last */
    uint64_t owner; /* the session that asked last */
    uint64_t waiters[WAITERS];
    size_t waiting;
    bool due;
    struct thread *waker;
    struct atomic woken;
    size_t wakes_size, wakes_count; /* of texts to the firm, before "woken" */
    unsigned opened, gone, flushes, drains, again, sent, freed, writable;
    struct strangers strangers; /* all that was told */
};

/* ---- releases ---- */

static struct release *
release_new(struct service *service, const uint8_t grant[VLT_ID_LEN])
{
    struct release *leave = calloc(1, sizeof *leave);

    if (leave == NULL) {
        abort();
    }
    leave->service = service;
    leave->epoch = service->epoch;
    memcpy(leave->grant, grant, VLT_ID_LEN);
    return leave;
}

enum release_now
release_check(const struct release *leave)
{
    const struct service *service = leave->service;

    if (service->some_ended &&
        memcmp(service->ended, leave->grant, VLT_ID_LEN) == 0) {
        return RELEASE_DROP;
    }
    return leave->epoch == service->epoch ? RELEASE_SEND : RELEASE_AGAIN;
}

void
release_begun(struct release *leave)
{
    (void)leave;
}

const uint8_t *
release_grant(const struct release *leave)
{
    return leave->grant;
}

void
release_sent(struct release *leave)
{
    leave->service->sent++;
    free(leave);
}

void
release_free(struct release *leave)
{
    if (leave != NULL) {
        leave->service->freed++;
        free(leave);
    }
}

/* ---- answers ---- */

static void
say_in(struct service *service, uint64_t session, const char *text,
       bool at_tick)
{
    struct vlt_buf frame = { 0 };

    vlt_buf_put_text(&frame, text);
    service->config.sink.text(service->config.sink.ctx, session, &frame, NULL,
                              at_tick);
}

static void
say(struct service *service, uint64_t session, const char *text)
{
    say_in(service, session, text, false);
}

/* A frame of len bytes 'x'. */
static struct vlt_buf
filled(size_t len)
{
    struct vlt_buf frame = { 0 };
    uint8_t *at = vlt_buf_extend(&frame, len);

    if (at != NULL) {
        memset(at, 'x', len);
    }
    return frame;
}

/* ---- commands ---- */

struct words {
    char at[WORDS][WORD_LEN];
    int count;
};

typedef void command(struct service *service, uint64_t session,
                     const struct words *words);

static size_t
number(const struct words *words, int i)
{
    return i < words->count ? (size_t)strtoull(words->at[i], NULL, 10) : 0;
}

static void
grant_of(const struct words *words, uint8_t out[VLT_ID_LEN])
{
    memset(out, (int)number(words, 1), VLT_ID_LEN);
}

/* stats: what happened so far. */
static void
on_stats(struct service *service, uint64_t session, const struct words *words)
{
    char text[300];

    (void)words;
    snprintf(text, sizeof text,
             "{\"opened\":%u,\"gone\":%u,\"flushes\":%u,\"drains\":%u,"
             "\"again\":%u,\"sent\":%u,\"freed\":%u,\"writable\":%u}",
             service->opened, service->gone, service->flushes, service->drains,
             service->again, service->sent, service->freed, service->writable);
    say(service, session, text);
}

static void
send_filled(struct service *service, uint64_t session, size_t size)
{
    struct vlt_buf frame = filled(size);

    service->config.sink.text(service->config.sink.ctx, session, &frame, NULL,
                              false);
}

/* big N: a text of N bytes. */
static void
on_big(struct service *service, uint64_t session, const struct words *words)
{
    send_filled(service, session, number(words, 1));
}

/* strangers: how many were told of. */
static void
on_strangers(struct service *service, uint64_t session,
             const struct words *words)
{
    const struct strangers *told = &service->strangers;
    char text[120];

    (void)words;
    snprintf(text, sizeof text,
             "{\"full\":%u,\"crowded\":%u,\"address\":%u,\"refused\":%u}",
             told->full, told->crowded, told->address, told->refused);
    say(service, session, text);
}

/* refuse: the same bytes, at the tick. */
static void
on_refuse(struct service *service, uint64_t session, const struct words *words)
{
    (void)words;
    say_in(service, session, "refused", true);
}

/* close CODE DRAIN */
static void
on_close(struct service *service, uint64_t session, const struct words *words)
{
    say(service, session, "last");
    service->config.sink.close(service->config.sink.ctx, session,
                               (int)number(words, 1), "asked to",
                               number(words, 2) != 0);
}

/* rows GRANT BYTES COUNT: so many frames of a grant to the firm. */
static void
on_rows(struct service *service, uint64_t session, const struct words *words)
{
    uint8_t grant[VLT_ID_LEN];

    grant_of(words, grant);
    for (size_t i = 0; i < number(words, 3); i++) {
        struct vlt_buf frame = filled(number(words, 2));

        service->config.sink.binary(service->config.sink.ctx, service->firm,
                                    &frame, release_new(service, grant));
    }
    say(service, session, "queued");
}

/* silence GRANT: the cut. */
static void
on_silence(struct service *service, uint64_t session, const struct words *words)
{
    struct silence found;
    char text[100];

    grant_of(words, service->ended);
    service->some_ended = true;
    service->config.sink.silence(service->config.sink.ctx, service->ended,
                                 &found);
    snprintf(text, sizeof text, "{\"frames\":%u,\"connections\":%u}",
             found.frames, found.connections);
    say(service, session, text);
}

/* move: the consent epoch moves on. */
static void
on_move(struct service *service, uint64_t session, const struct words *words)
{
    (void)words;
    service->epoch++;
    say(service, session, "moved");
}

/* end GRANT: it has ended, but nobody cut yet. */
static void
on_end(struct service *service, uint64_t session, const struct words *words)
{
    grant_of(words, service->ended);
    service->some_ended = true;
    say(service, session, "ended");
}

/* backlog: bytes that wait for the firm. */
static void
on_backlog(struct service *service, uint64_t session, const struct words *words)
{
    char text[40];
    size_t left =
        service->config.sink.backlog(service->config.sink.ctx, service->firm);

    (void)words;
    snprintf(text, sizeof text, "%s%zu", left == SIZE_MAX ? "gone " : "", left);
    say(service, session, text);
}

static void
wake_once(void *ctx)
{
    struct service *service = ctx;

    atomic_set(&service->woken, 1);
    service->config.wake(service->config.wake_ctx);
}

/* wake [BYTES COUNT]: answered by service_drain(), woken from another thread;
 * so many texts of so many bytes go to the firm before. */
static void
on_wake(struct service *service, uint64_t session, const struct words *words)
{
    service->owner = session;
    service->wakes_size = number(words, 1);
    service->wakes_count = number(words, 2);
    thread_join(service->waker);
    service->waker = NULL;
    if (thread_start("waker", wake_once, service, &service->waker) != VLT_OK) {
        abort();
    }
}

/* due MS: answered by the flush behind service_due(). */
static void
on_due(struct service *service, uint64_t session, const struct words *words)
{
    service->owner = session;
    service->config.sink.due(service->config.sink.ctx,
                             clock_boot(service->config.clock) +
                                 (int64_t)number(words, 1) * 1000000);
}

/* lock 0 or 1 */
static void
on_lock(struct service *service, uint64_t session, const struct words *words)
{
    service->locked = number(words, 1) != 0;
    say(service, session, service->locked ? "locked" : "unlocked");
}

/* vault: its id, in hex. */
static void
on_vault(struct service *service, uint64_t session, const struct words *words)
{
    char text[2 * VLT_IDENTITY_LEN + 1];

    (void)words;
    say(service, session,
        vlt_hex_print(service->vault, sizeof service->vault, text));
}

static const struct {
    const char *word;
    command *run;
} commands[] = {
    { "stats", on_stats },     { "big", on_big },
    { "refuse", on_refuse },   { "close", on_close },
    { "rows", on_rows },       { "silence", on_silence },
    { "move", on_move },       { "end", on_end },
    { "backlog", on_backlog }, { "wake", on_wake },
    { "due", on_due },         { "lock", on_lock },
    { "vault", on_vault },     { "strangers", on_strangers },
};

/* ---- making and ending ---- */

static struct vlt_signer *
signer_of(uint8_t byte)
{
    struct vlt_secret *seed = NULL;
    struct vlt_signer *signer = NULL;

    if (vlt_secret_new(VLT_SIGN_SEED, &seed) != VLT_OK) {
        return NULL;
    }
    memset(vlt_secret_bytes(seed), byte, VLT_SIGN_SEED);
    if (vlt_signer_new(vlt_key_of(seed), &signer) != VLT_OK) {
        signer = NULL;
    }
    vlt_secret_free(seed);
    return signer;
}

static bool
is_key_of(const uint8_t key[32], uint8_t byte)
{
    struct vlt_signer *signer = signer_of(byte);
    bool same =
        signer != NULL && memcmp(vlt_signer_pk(signer), key, VLT_SIGN_PK) == 0;

    vlt_signer_free(signer);
    return same;
}

struct service *
echo_service_new(const struct echo_config *config)
{
    struct service *service = calloc(1, sizeof *service);

    if (service == NULL) {
        return NULL;
    }
    service->config = *config;
    service->locked = config->locked;
    service->signer = signer_of(0x33);
    if (service->signer == NULL) {
        free(service);
        return NULL;
    }
    vlt_identity_of(VLT_IDENTITY_VAULT, vlt_signer_pk(service->signer),
                    service->vault);
    return service;
}

void
service_stopping(struct service *service)
{
    say(service, service->owner, "stopping");
}

void
service_stop(struct service *service)
{
    thread_join(service->waker);
    service->waker = NULL;
    /* What is late goes to nobody. */
    say(service, service->owner, "too late");
}

void
service_free(struct service *service)
{
    if (service != NULL) {
        vlt_signer_free(service->signer);
        free(service);
    }
}

/* ---- turns ---- */

void
service_flush(struct service *service)
{
    service->flushes++;
    if (service->due) {
        service->due = false;
        say(service, service->owner, "due");
    }
}

static void
answer_waiters(struct service *service)
{
    for (size_t i = 0; i < service->waiting; i++) {
        struct http_answer answer = { .status = 200,
                                      .content_type = "text/plain" };

        vlt_buf_put_text(&answer.body, "waited");
        service->config.sink.answered(service->config.sink.ctx,
                                      service->waiters[i], &answer);
    }
    service->waiting = 0;
}

void
service_drain(struct service *service)
{
    service->drains++;
    if (atomic_get(&service->woken) != 0) {
        atomic_set(&service->woken, 0);
        for (size_t i = 0; i < service->wakes_count; i++) {
            send_filled(service, service->firm, service->wakes_size);
        }
        say(service, service->owner, "woken");
        answer_waiters(service);
    }
}

void
service_due(struct service *service)
{
    /* As the real one makes a job, which leaves with the turn. */
    service->due = true;
}

bool
service_unlocked(const struct service *service)
{
    return !service->locked;
}

const struct vlt_signer *
service_signer(const struct service *service)
{
    return service->locked ? NULL : service->signer;
}

/* ---- sessions ---- */

void
service_admit(struct service *service, uint64_t connection,
              const struct service_claim *claim)
{
    struct service_admission admission = {
        .status = 1,
        .who = { .role = claim->role, .way = WAY_KEY },
        .tree_size = 7,
        .tree_time = 1,
    };

    if (is_key_of(claim->key, 0x11)) {
        admission.status = 0;
    } else if (is_key_of(claim->key, 0x22)) {
        admission.status = 2;
    }
    memcpy(admission.who.key, claim->key, sizeof admission.who.key);
    service->config.sink.admitted(service->config.sink.ctx, connection,
                                  &admission);
}

void
service_opened(struct service *service, const struct principal *who)
{
    service->opened++;
    if (who->role != ROLE_OWNER) {
        service->firm = who->session;
    }
}

void
service_gone(struct service *service, uint64_t session)
{
    (void)session;
    service->gone++;
}

void
service_strangers(struct service *service, const struct strangers *counts)
{
    service->strangers.full += counts->full;
    service->strangers.crowded += counts->crowded;
    service->strangers.address += counts->address;
    service->strangers.refused += counts->refused;
}

void
service_writable(struct service *service, uint64_t session)
{
    (void)session;
    service->writable++;
}

/* The words of a short text. */
static struct words
split(struct vlt_slice text)
{
    struct words words = { .count = 0 };
    char copy[WORDS * WORD_LEN];

    if (text.len >= sizeof copy) {
        return words;
    }
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    words.count = sscanf(copy, "%159s %159s %159s %159s %159s", words.at[0],
                         words.at[1], words.at[2], words.at[3], words.at[4]);
    return words;
}

void
service_text(struct service *service, uint64_t session, struct vlt_slice text)
{
    struct words words = split(text);
    struct vlt_buf frame = { 0 };

    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (words.count > 0 && strcmp(words.at[0], commands[i].word) == 0) {
            commands[i].run(service, session, &words);
            return;
        }
    }
    vlt_buf_put_slice(&frame, text);
    service->config.sink.text(service->config.sink.ctx, session, &frame, NULL,
                              false);
}

void
service_block(struct service *service, uint64_t session,
              const struct vlt_frame *frame)
{
    char text[120];

    snprintf(text, sizeof text,
             "{\"kind\":%d,\"ref\":%" PRIu64 ",\"seq\":%" PRIu64
             ",\"bytes\":%zu}",
             (int)frame->kind, frame->ref, frame->seq, frame->block.len);
    say(service, session, text);
}

void
service_again(struct service *service, uint64_t session, struct release *leave,
              struct vlt_buf *frame, bool binary)
{
    const struct service_sink *sink = &service->config.sink;

    service->again++;
    leave->epoch = service->epoch;
    if (binary) {
        sink->binary(sink->ctx, session, frame, leave);
    } else {
        sink->text(sink->ctx, session, frame, leave, false);
    }
}

/* ---- HTTP ---- */

static void
put_shown(struct vlt_buf *out, const char *name, const char *value)
{
    vlt_buf_printf(out, "%s=%s\n", name, value != NULL ? value : "(none)");
}

static void
show(struct vlt_buf *out, const struct http_request *request)
{
    put_shown(out, "method", request->method);
    put_shown(out, "path", request->path);
    put_shown(out, "query", request->query);
    put_shown(out, "authorization", request->authorization);
    put_shown(out, "type", request->content_type);
    put_shown(out, "encoding", request->content_encoding);
    vlt_buf_printf(out, "bytes=%zu\n", request->body.len);
}

void
service_http(struct service *service, uint64_t connection,
             const struct http_request *request)
{
    struct http_answer answer = { .status = 404, .content_type = "text/plain" };

    if (strcmp(request->path, "/ping") == 0) {
        answer.status = 204;
        answer.content_type = NULL;
    } else if (strcmp(request->path, "/show") == 0) {
        answer.status = 200;
        show(&answer.body, request);
    } else if (strcmp(request->path, "/login") == 0) {
        answer.status = 401;
        answer.challenge = true;
    } else if (strcmp(request->path, "/busy") == 0) {
        answer.status = 503;
        answer.retry_after_s = 7;
    } else if (strcmp(request->path, "/wait") == 0 &&
               service->waiting < WAITERS) {
        service->waiters[service->waiting++] = connection;
        return;
    }
    service->config.sink.answered(service->config.sink.ctx, connection,
                                  &answer);
}
