/*
 * firm: firm.list and firm.show, for the table in op_firm.c.
 */
#ifndef FIRM_INTERNAL_H
#define FIRM_INTERNAL_H

#include "service/service_internal.h"

enum vlt_status firm_list_check(struct call *call, struct vlt_walk *params);
enum vlt_status firm_list_prepare(struct call *call);
enum vlt_status firm_show_check(struct call *call, struct vlt_walk *params);
enum vlt_status firm_show_prepare(struct call *call);

#endif
