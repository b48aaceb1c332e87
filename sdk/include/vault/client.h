/*
 * vault/client.h: a connection to a vault, in two faces over one core.
 *
 * The event face never blocks: put vault_client_fd() into your loop, wait for
 * vault_client_events() or vault_client_timeout_ms(), call
 * vault_client_process(); answers come by callbacks from inside it.  The
 * blocking face (…_wait) does the same in a poll() of its own, with a deadline.
 *
 * Nothing global is touched: no signal, locale, log or environment.  A client
 * belongs to one thread; two clients on two threads are free of each other.
 * Callbacks may make further calls, but must not free the client.
 *
 * Strings that come out are borrowed, until the next call on the same client
 * where nothing else is said.
 *
 * Since 0.1.
 */
#ifndef VAULT_CLIENT_H
#define VAULT_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "vault/page.h"
#include "vault/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct vault_client;
struct vault_identity; /* vault/firm.h */

/*
 * The states of a client:
 *
 *     IDLE --connect--> CONNECTING --handshake--> READY
 *                        ^      |                   |
 *                after a |      | broken,           | broken
 *                  while |      v                   v
 *                       WAITING <----- (reconnect) --- else ---> CLOSED
 *
 * WAITING is left after a random time of up to 1 s, 2 s, 4 s … 5 min (full
 * jitter), doubled with each try in a row that fails, and never before the
 * moment that the vault asked for.  What another try cannot mend (another
 * vault, a key that is not let in, a broken protocol) is CLOSED at once.  Calls
 * that were under way end with VAULT_E_CONNECT; subscriptions and writers go
 * on by themselves in the next session.  So it is where a client that is
 * connected begins to connect anew.  An invitation is spent in one try.
 */
enum vault_client_state {
    VAULT_IDLE,       /* not connected, nothing to do */
    VAULT_CONNECTING, /* sockets, TLS, upgrade, handshake */
    VAULT_READY,      /* calls may be made */
    VAULT_WAITING,    /* broken, tries again after a while (reconnect) */
    VAULT_CLOSED      /* ended for good: vault_client_detail() says why */
};

/* The client is in another state; why is VAULT_OK, or what broke it. */
typedef void vault_state_fn(void *ctx, enum vault_client_state state,
                            enum vault_status why);

/* Something the vault says of itself.  method is as in WIRE.md
 * ("grant.changed", "request.decided", "vault.locking", …), params one JSON
 * object; both borrowed for the call. */
typedef void vault_notice_fn(void *ctx, const char *method, const char *params);

struct vault_options {
    size_t size;             /* sizeof (struct vault_options) */
    vault_notice_fn *notice; /* may be NULL */
    void *notice_ctx;
    int reconnect;  /* not 0: with full jitter, 1 s to 5 min */
    int connect_ms; /* deadline of a whole connect; 0: 15,000 */
    /* An unknown key is refused without this: where a client of a firm keeps
     * the newest checkpoint of each vault.  NULL: nowhere. */
    const char *witness_dir;
    vault_state_fn *changed; /* may be NULL */
    void *changed_ctx;
    /* Not 0: a firm signs for what it is given, each answer of a query that
     * came whole and each stretch of a subscription, in the background
     * (grant.ack of WIRE.md); with `hold`, once the caller has acknowledged
     * its pages.  vault_acknowledge_wait() waits for it. */
    int acknowledge;
};

/* The caller owns *out and frees it with vault_client_free().  options may be
 * NULL.  Does not connect. */
VAULT_API VAULT_MUST_USE enum vault_status
vault_client_new(const struct vault_options *options,
                 struct vault_client **out);

/* Close and free; calls under way get no answer.  NULL is allowed. */
VAULT_API void vault_client_free(struct vault_client *client);

/* Begin to connect to the owner's unix socket. */
VAULT_API VAULT_MUST_USE enum vault_status
vault_connect_socket(struct vault_client *client, const char *path);

/* Begin to connect to "vd1:<52>@host:port" as this identity, which is borrowed
 * while the client lives.  VAULT_E_USAGE: no such address. */
VAULT_API VAULT_MUST_USE enum vault_status
vault_connect(struct vault_client *client, const char *address,
              const struct vault_identity *identity);

/* Wait until READY.  VAULT_E_CONNECT, VAULT_E_AUTH, VAULT_E_IDENTITY,
 * VAULT_E_LOCKED (the door of a locked vault), VAULT_E_TIMEOUT. */
VAULT_API VAULT_MUST_USE enum vault_status
vault_ready_wait(struct vault_client *client, int timeout_ms);

VAULT_API enum vault_client_state
vault_client_state(const struct vault_client *client);

/* The sentence behind the last call that did not succeed: what happened and
 * what to do; "" when there is none. */
VAULT_API const char *vault_client_detail(const struct vault_client *client);

/* The vault's stable reason word ("scope"), the parameter it named
 * ("items[0].bucket_s") or what exceeded; "" without.  Milliseconds until it is
 * worth trying again; 0: unknown. */
VAULT_API const char *vault_client_reason(const struct vault_client *client);
VAULT_API const char *vault_client_at(const struct vault_client *client);
VAULT_API int64_t vault_client_retry_ms(const struct vault_client *client);

/* ---- the event face ---- */

/* To poll; may change after vault_client_process(); -1: only the timeout. */
VAULT_API int vault_client_fd(const struct vault_client *client);

/* POLLIN and POLLOUT, or'ed. */
VAULT_API short vault_client_events(const struct vault_client *client);

/* Milliseconds until vault_client_process() must be called anyway; -1: not. */
VAULT_API int vault_client_timeout_ms(const struct vault_client *client);

/* Do what can be done without waiting.  VAULT_E_CONNECT and the like when the
 * connection ended for good. */
VAULT_API VAULT_MUST_USE enum vault_status
vault_client_process(struct vault_client *client);

/* An answer: result is one JSON value when status is VAULT_OK, else NULL and
 * the client's detail, reason, at and retry say why.  Borrowed. */
typedef void vault_reply_fn(void *ctx, enum vault_status status,
                            const char *result);

/*
 * Call a method of vault.v1.  params is one JSON object, or NULL for none;
 * *call (may be NULL) names the call.
 * VAULT_E_CONNECT: not ready.  VAULT_E_BUSY: as many calls are under way as
 * the vault allows.
 */
VAULT_API VAULT_MUST_USE enum vault_status
vault_call(struct vault_client *client, const char *method, const char *params,
           vault_reply_fn *reply, void *ctx, uint64_t *call);

/* The same, waiting for the answer.  The caller frees *result with
 * vault_free(); NULL: not wanted. */
VAULT_API VAULT_MUST_USE enum vault_status
vault_call_wait(struct vault_client *client, const char *method,
                const char *params, int timeout_ms, char **result);

/* Free what the library allocated for the caller.  NULL is allowed. */
VAULT_API void vault_free(void *at);

/* ---- reading rows ---- */

enum {
    VAULT_MEAN = 1,
    VAULT_MIN = 2,
    VAULT_MAX = 4,
    VAULT_SUM = 8,
    VAULT_COUNT = 16,
    VAULT_FIRST = 32,
    VAULT_LAST = 64
};

struct vault_query {
    size_t size;                /* sizeof (struct vault_query) */
    const char *grant;          /* a firm's; NULL for the owner */
    const char *const *streams; /* names or patterns, NULL-ended */
    const char *const *columns; /* NULL: all */
    const char *from, *to;      /* RFC 3339; NULL: as far as allowed */
    int64_t every_s;            /* 0: raw rows */
    unsigned stats;             /* VAULT_MEAN …, with every_s */
    const char *where;          /* "value > 20"; NULL */
    uint64_t limit;             /* rows of each stream; 0: none */
    int descending;
};

/* Ask, and take pages until the last; fn hears of each.  VAULT_E_TIMEOUT when
 * nothing came for timeout_ms. */
VAULT_API VAULT_MUST_USE enum vault_status
vault_query_wait(struct vault_client *client, const struct vault_query *query,
                 vault_page_fn *fn, void *ctx, int timeout_ms);

/* How a query or subscription ended: VAULT_OK when all of it came, or the
 * caller's fn said so. */
typedef void vault_end_fn(void *ctx, enum vault_status status);

/* The same without waiting: fn and, once, end (may be NULL) are called from
 * vault_client_process().  Where this fails end is not called. */
VAULT_API VAULT_MUST_USE enum vault_status
vault_query_begin(struct vault_client *client, const struct vault_query *query,
                  vault_page_fn *fn, vault_end_fn *end, void *ctx);

struct vault_subscription;

struct vault_subscribe {
    size_t size;
    const char *grant; /* as in struct vault_query */
    const char *const *streams;
    const char *const *columns;
    const char *cursor; /* of vault_subscription_cursor(); NULL: from now */
    int hold;           /* not 0: only vault_subscription_ack() acknowledges */
};

/*
 * Receive rows as they are committed.  fn is called from
 * vault_client_process(); after a reconnect the subscription goes on behind the
 * last page that fn took, so no row is lost and none comes twice.  Only where
 * the vault does not know that page any more (it was locked or restarted
 * meanwhile, or sent hundreds of pages behind it) it goes on from the cursor:
 * then what was not acknowledged comes again.  Over more than 160 streams there
 * is no cursor, and the subscription ends with its connection
 * (VAULT_E_CONNECT). A page is acknowledged when fn has returned, or with hold,
 * when the caller says so.  The client owns *out; it ends with
 * vault_unsubscribe(), with fn's word, or with end: VAULT_E_ENDED is that its
 * grant ended, and vault_client_reason() the reason of grant.changed
 * ("withdrawn", "expired", …), which the notice function has heard before.
 */
VAULT_API VAULT_MUST_USE enum vault_status
vault_subscribe_wait(struct vault_client *client,
                     const struct vault_subscribe *subscribe, vault_page_fn *fn,
                     vault_end_fn *end, void *ctx, int timeout_ms,
                     struct vault_subscription **out);

/* The same without waiting, also before the client is READY; what the vault
 * refuses, end hears.  More subscriptions than calls may be under way, and what
 * the vault refuses for a while (its rate; once it was given, also a lock, a
 * full disk, a vault on hold) is asked for again by itself; while its grant is
 * suspended it rests. */
VAULT_API VAULT_MUST_USE enum vault_status
vault_subscribe_begin(struct vault_client *client,
                      const struct vault_subscribe *subscribe,
                      vault_page_fn *fn, vault_end_fn *end, void *ctx,
                      struct vault_subscription **out);

/* All pages that fn took are safe with the caller: the vault need not keep
 * them for it, and the cursor, once the vault has answered, is behind them. */
VAULT_API void vault_subscription_ack(struct vault_subscription *subscription);

/* Pages that fn took and that are neither acknowledged nor sent again. */
VAULT_API uint64_t
vault_subscription_unacked(const struct vault_subscription *subscription);

/* Milliseconds by which the newest row that came is older than now, by the
 * clock of this machine; -1: none came. */
VAULT_API int64_t
vault_subscription_lag_ms(const struct vault_subscription *subscription);

/* Where it stands, behind what is acknowledged: opaque text, to be kept and
 * given back. */
VAULT_API const char *
vault_subscription_cursor(const struct vault_subscription *subscription);

VAULT_API void vault_unsubscribe(struct vault_subscription *subscription);

/* Process events for at most timeout_ms (-1: for ever) or until *stop (may be
 * NULL) is not 0; a subscription's callbacks are called from here. */
VAULT_API VAULT_MUST_USE enum vault_status
vault_run(struct vault_client *client, const volatile int *stop,
          int timeout_ms);

/* ---- writing rows ---- */

/*
 * One JSON batch of data.append, {"streams":[…]}.
 *
 * seq numbers it, from 1, so that repeating it stores nothing: send what was
 * not answered once more, with the same number.  Numbers are those of one
 * counter, which the vault knows by its boot id: that is the client's, new
 * with each vault_client_new().  A program that keeps its counter from one run
 * to the next keeps its own boot id with it, 16 hex digits, and puts it into
 * the batch, {"boot":"…","streams":[…]}; a counter that begins again needs
 * another.  seq 0: no number, so a repetition counts as equal rows.
 * VAULT_E_USAGE: no JSON object, or a number beyond 2^63 - 1.
 */
VAULT_API VAULT_MUST_USE enum vault_status
vault_append_wait(struct vault_client *client, const char *batch, uint64_t seq,
                  int timeout_ms, char **result);

#ifdef __cplusplus
}
#endif

#endif
