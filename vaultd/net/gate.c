#include "gate.h"

#include <assert.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* How many strangers one address has inside. */
struct tally {
    struct gate_address address;
    unsigned count; /* 0: the place is free */
};

struct gate {
    struct gate_limits limits;
    unsigned total;
    unsigned strangers;    /* GATE_STRANGER */
    unsigned local;        /* GATE_LOCAL */
    struct tally *tallies; /* limits.strangers of them */
};

enum vlt_status
gate_new(const struct gate_limits *limits, struct gate **out)
{
    struct gate *gate = calloc(1, sizeof *gate);

    if (gate == NULL) {
        return VLT_E_NOMEM;
    }
    gate->limits = *limits;
    gate->tallies = calloc(limits->strangers, sizeof *gate->tallies);
    if (gate->tallies == NULL) {
        free(gate);
        return VLT_E_NOMEM;
    }
    *out = gate;
    return VLT_OK;
}

void
gate_free(struct gate *gate)
{
    if (gate != NULL) {
        free(gate->tallies);
        free(gate);
    }
}

/* The IPv4 address inside ::ffff:0:0/96, or NULL. */
static const uint8_t *
mapped_ipv4(const uint8_t *at)
{
    static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

    return memcmp(at, prefix, sizeof prefix) == 0 ? at + sizeof prefix : NULL;
}

struct gate_address
gate_address_of(const struct sockaddr_storage *peer)
{
    struct gate_address address = { 0 };

    if (peer->ss_family == AF_INET) {
        struct sockaddr_in in;

        memcpy(&in, peer, sizeof in);
        address.family = 4;
        memcpy(address.at, &in.sin_addr, 4);
    } else if (peer->ss_family == AF_INET6) {
        struct sockaddr_in6 in6;

        memcpy(&in6, peer, sizeof in6);
        const uint8_t *at = in6.sin6_addr.s6_addr;
        const uint8_t *v4 = mapped_ipv4(at);

        address.family = v4 != NULL ? 4 : 6;
        memcpy(address.at, v4 != NULL ? v4 : at, v4 != NULL ? 4 : 8);
    }
    return address;
}

bool
gate_same(const struct gate_address *a, const struct gate_address *b)
{
    return a->family == b->family && memcmp(a->at, b->at, sizeof a->at) == 0;
}

/* The tally of this address, else a free one, else NULL. */
static struct tally *
tally_of(const struct gate *gate, const struct gate_address *address)
{
    struct tally *free_one = NULL;

    for (unsigned i = 0; i < gate->limits.strangers; i++) {
        struct tally *tally = &gate->tallies[i];

        if (tally->count > 0 && gate_same(&tally->address, address)) {
            return tally;
        }
        if (tally->count == 0 && free_one == NULL) {
            free_one = tally;
        }
    }
    return free_one;
}

/* How many of this kind are inside; NULL: they count in the total only. */
static unsigned *
count_of(struct gate *gate, enum gate_kind kind)
{
    if (kind == GATE_STRANGER) {
        return &gate->strangers;
    }
    return kind == GATE_LOCAL ? &gate->local : NULL;
}

/* A stranger more: checked against each limit, then counted.  Its address comes
 * first: who has its share drives out nobody. */
static enum gate_verdict
enter_stranger(struct gate *gate, unsigned *count,
               const struct gate_address *address)
{
    struct tally *tally = NULL;

    if (address->family != 0) {
        tally = tally_of(gate, address);
        if (tally != NULL && tally->count >= gate->limits.per_address) {
            return GATE_ADDRESS;
        }
    }
    if (*count >= gate->limits.strangers) {
        return GATE_CROWDED;
    }
    if (address->family != 0) {
        assert(tally != NULL); /* there is one for each stranger */
        tally->address = *address;
        tally->count++;
    }
    (*count)++;
    return GATE_IN;
}

enum gate_verdict
gate_enter(struct gate *gate, enum gate_kind kind,
           const struct gate_address *address)
{
    unsigned *count = count_of(gate, kind);
    unsigned most = gate->limits.total;

    if (kind == GATE_OWNER) {
        most += GATE_OWNER_PLACES;
    }
    if (gate->total >= most) {
        return GATE_FULL;
    }
    enum gate_verdict verdict = GATE_IN;

    if (count != NULL) {
        verdict = enter_stranger(gate, count, address);
    }
    if (verdict == GATE_IN) {
        gate->total++;
    }
    return verdict;
}

unsigned
gate_most(const struct gate *gate, enum gate_kind kind)
{
    unsigned most = 0;

    for (unsigned i = 0; kind == GATE_STRANGER && i < gate->limits.strangers;
         i++) {
        if (gate->tallies[i].count > most) {
            most = gate->tallies[i].count;
        }
    }
    return most;
}

unsigned
gate_held(const struct gate *gate, enum gate_kind kind,
          const struct gate_address *address)
{
    for (unsigned i = 0; kind == GATE_STRANGER && i < gate->limits.strangers;
         i++) {
        const struct tally *tally = &gate->tallies[i];

        if (tally->count > 0 && gate_same(&tally->address, address)) {
            return tally->count;
        }
    }
    return 0;
}

void
gate_known(struct gate *gate, enum gate_kind kind,
           const struct gate_address *address)
{
    unsigned *count = count_of(gate, kind);

    if (count == NULL) {
        return;
    }
    assert(*count > 0);
    (*count)--;
    if (address->family != 0) {
        struct tally *tally = tally_of(gate, address);

        assert(tally != NULL && tally->count > 0);
        tally->count--;
    }
}

void
gate_leave(struct gate *gate, enum gate_kind kind,
           const struct gate_address *address)
{
    assert(gate->total > 0);
    gate->total--;
    gate_known(gate, kind, address);
}
