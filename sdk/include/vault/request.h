/*
 * vault/request.h: a consent request, built from values and looked over before
 * anybody sees it.
 *
 *     fill a struct vault_request -> vault_request_build() -> the text that
 *     vault_request_wait() signs and sends
 *
 * The lint is the one that the vault applies; what it refuses is named by its
 * member ("items[0].bucket_s").  Members and their meaning are those of
 * WIRE.md, 8.2; texts are borrowed for the call.
 *
 * Since 0.1.
 */
#ifndef VAULT_REQUEST_H
#define VAULT_REQUEST_H

#include "vault/client.h"

#ifdef __cplusplus
extern "C" {
#endif

struct vault_party {
    const char *name;
    const char *contact; /* "mailto:" or "https:"; only of the controller */
    const char *address; /* likewise */
    const char *country; /* "GB" */
    const char *role;    /* "processor" or "controller"; only of onward */
};

struct vault_purpose {
    const char *id;        /* "service.billing" */
    const char *text;      /* why, in the firm's own words */
    const char *lang;      /* "en" */
    const char *basis;     /* "consent", "contract", … */
    const char *if_denied; /* what happens without it */
    const char *benefit;   /* NULL: none */
};

struct vault_item {
    const char *data;        /* "energy.electricity" */
    const char *const *uses; /* ids of the purposes that it is for,
                                NULL-ended; NULL: all of them */
    int64_t bucket_s;        /* 0: raw rows */
    unsigned stats;          /* VAULT_MEAN …, with bucket_s */
    const char *round;       /* "0.1"; NULL: not */
    int64_t window_s;        /* how far back; -1: only what is new */
    int64_t delay_s;         /* how old a row must be */
    int64_t every_s;         /* of "live": the least time between looks */
    const char *needed_why;  /* not NULL: nothing works without it, and why */
};

struct vault_request {
    size_t size; /* sizeof (struct vault_request) */
    struct vault_party controller;
    const struct vault_party *on_behalf_of; /* name and country; NULL */
    const char *notice_uri;                 /* "https:" */
    const char *notice_sha256;              /* 64 hex digits */
    const char *notice_lang;
    const char *authority; /* where the person may complain */
    const char *rights;    /* where to ask for them: "mailto:" or "https:" */
    const struct vault_purpose *purposes;
    size_t purpose_count; /* 1 to 4 */
    const struct vault_item *items;
    size_t item_count;                /* 1 to 8; 0 with "contact" */
    const char *action;               /* "once", "read", "live", "contact" */
    const char *const *channels;      /* NULL-ended, with "contact"; NULL */
    int64_t rate_n, rate_per_s;       /* so many answers a time; 0: no rate */
    int64_t uses;                     /* 0: as many as the rate lets */
    int64_t life_s;                   /* 0: not said */
    int64_t keep_s;                   /* how long the firm keeps what it got */
    int64_t reply_by_s;               /* 0: not said */
    const struct vault_party *onward; /* whom it goes to: name, country, role */
    size_t onward_count;
    const char *const *where; /* countries, NULL-ended */
    const char *profiling;    /* "none", "service", "any" */
    int automated, training, gatekeeper;
    const char *agreement_id, *agreement_sha256; /* NULL: none */
    const char *replaces;                        /* a grant's id; NULL */
};

/*
 * Print it and lint it.  The caller frees *text with vault_free().
 * VAULT_E_PARAMS: vault_client_at() names the member, the detail says what is
 * wrong.  VAULT_E_USAGE: size is wrong.  Nothing is sent.
 */
VAULT_API VAULT_MUST_USE enum vault_status
vault_request_build(struct vault_client *client,
                    const struct vault_request *request, char **text);

#ifdef __cplusplus
}
#endif

#endif
