#include "meter.h"

#include <stdio.h>

#include "../bench.h"

enum {
    BASE = 800,       /* tenths of a watt */
    TREMBLE = 61,     /* values of it: a range of 6 W */
    APPLIANCE = 8000, /* tenths of a watt, and up to as many again */
    RUN = 1200,       /* seconds that one is on or off */
    RUNS_ON = 5,      /* one run of so many is on */
    LATE_MS = 4,      /* 0 to 3 */
};

/* Bits that look drawn, the same for the same number (splitmix64). */
static uint64_t
mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

int64_t
meter_time(uint64_t row)
{
    int64_t late = (int64_t)(mix(row) % LATE_MS);

    return METER_BEGIN + (int64_t)row * VLT_SECOND + late * (VLT_SECOND / 1000);
}

double
meter_power(uint64_t row)
{
    uint64_t run = mix(~(row / RUN));
    uint64_t tenths = BASE + (mix(row) >> 32) % TREMBLE;

    if (run % RUNS_ON == 0) {
        tenths += APPLIANCE + (run >> 32) % APPLIANCE;
    }
    return (double)tenths / 10;
}

struct vlt_rows *
meter_rows(void)
{
    static const struct vlt_field field = { .id = 0, .type = VLT_TYPE_F64 };
    struct vlt_schema schema = { .fields = &field, .count = 1 };
    struct vlt_rows *rows;

    if (vlt_rows_new(&schema, &rows) != VLT_OK) {
        bench_die("out of memory", 0);
    }
    return rows;
}

void
meter_fill(struct vlt_rows *rows, uint64_t from, size_t count)
{
    vlt_rows_clear(rows);
    for (size_t i = 0; i < count; i++) {
        if (vlt_rows_add(rows, meter_time(from + i)) != VLT_OK) {
            bench_die("out of memory", 0);
        }
        vlt_rows_set(rows, 0, vlt_bits_of(meter_power(from + i)));
    }
}

void
meter_path(char out[METER_PATH], const char *folder, const char *name)
{
    int len = snprintf(out, METER_PATH, "%s/%s", folder, name);

    if (len < 0 || len >= METER_PATH) {
        bench_die("the folder's name is too long", 0);
    }
}
