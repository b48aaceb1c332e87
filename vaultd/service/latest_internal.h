/*
 * latest_internal: the steps of data.latest (service/method.h).
 */
#ifndef LATEST_INTERNAL_H
#define LATEST_INTERNAL_H

#include "service/method.h"

enum vlt_status latest_check(struct call *call, struct vlt_walk *params);
enum vlt_status latest_prepare(struct call *call);
void latest_done(struct call *call, enum vlt_status st);

#endif
