#include "service/wrong.h"

#include "service/service_internal.h"
#include "store/slots.h"
#include "util/log.h"

enum {
    FREE = 5,     /* wrong passphrases before waiting begins */
    MOST_S = 600, /* longest wait */
    DOUBLINGS = 10,
};

/* After so many wrong ones, ns. */
static int64_t
wait_after(uint64_t tries)
{
    if (tries < FREE) {
        return 0;
    }
    int64_t wait_s =
        tries - FREE < DOUBLINGS ? INT64_C(1) << (tries - FREE) : MOST_S;

    return (wait_s < MOST_S ? wait_s : MOST_S) * VLT_SECOND;
}

static void
wait_from_now(struct service *service)
{
    int64_t wait = wait_after(service->wrong);

    atomic_set(&service->wrong_until,
               wait > 0 ? (uint64_t)(service_boot(service) + wait) : 0);
}

void
wrong_begin(struct service *service)
{
    uint64_t tries = 0;
    enum vlt_status st = store_tries_read(service->store, &tries);

    if (st == VLT_E_FORMAT) {
        log_warning("service", "TRIES is damaged; passphrases wait as after "
                               "the first that is not free");
        tries = FREE;
    }
    service->wrong = tries;
    wait_from_now(service);
}

int64_t
wrong_wait(const struct service *service)
{
    int64_t until = (int64_t)atomic_get(&service->wrong_until);
    int64_t wait = until - service_boot(service);

    return wait > 0 ? wait / (VLT_SECOND / 1000) + 1 : 0;
}

/* What cannot be written is counted in memory: a full disk keeps nobody from
 * unlocking. */
static void
keep(const struct service *service)
{
    if (store_tries_write(service->store, service->wrong) != VLT_OK) {
        log_warning("service",
                    "wrong passphrases are counted until the next start only");
    }
}

void
wrong_note(struct service *service, enum vlt_status st)
{
    if (st == VLT_OK && service->wrong > 0) {
        service->wrong = 0;
        keep(service);
    } else if (st == VLT_E_AUTH) {
        service->wrong++;
        keep(service);
    }
    wait_from_now(service);
}

enum vlt_status
wrong_refuse(struct call *call)
{
    call->fault.retry_ms = wrong_wait(call->service);
    return call->fault.retry_ms > 0
               ? call_refuse(call, VLT_E_AUTH,
                             "Too many wrong passphrases; wait.")
               : VLT_OK;
}
