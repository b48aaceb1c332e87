/*
 * meter: what the meter of a house says, a row a second.
 *
 * Power in steps of 0.1 W: an appliance goes on and off on a base that
 * trembles.  Stamps are late by 0 to 3 ms.  Both sides of a benchmark get the
 * same rows, which are a function of their number alone.
 *
 * What cannot go on ends the program.  Threads: any.
 */
#ifndef METER_H
#define METER_H

#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "wire/rows.h"

#define METER_BEGIN (20000 * VLT_DAY) /* of row 0; a whole day */

int64_t meter_time(uint64_t row);
double meter_power(uint64_t row);

/* Rows with one column, id 0, a double.  The caller frees them. */
struct vlt_rows *meter_rows(void);

/* Make them `count` rows from number `from` on. */
void meter_fill(struct vlt_rows *rows, uint64_t from, size_t count);

/* A folder's name and a file's. */
enum { METER_PATH = 4096 };
void meter_path(char out[METER_PATH], const char *folder, const char *name);

#endif
