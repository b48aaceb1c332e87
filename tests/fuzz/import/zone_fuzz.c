/*
 * Any bytes as a file of the time zone database: what is taken gives offsets
 * within a day at any time.
 */
#include "import/zone.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const int64_t times[] = { -4611686018, 0, 1700000000, 4611686017 };
    struct zone_walk walk = { 0 };
    struct zone *zone = NULL;
    bool gap;

    if (zone_parse(vlt_slice_of(bytes, len), &zone) != VLT_OK) {
        return 0;
    }
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        int32_t offset = zone_offset(zone, times[i]);
        int64_t utc = zone_utc(zone, times[i], &walk, &gap);

        if (abs(offset) > 8 * 86400 || llabs(utc - times[i]) > 8 * 86400) {
            abort();
        }
    }
    zone_free(zone);
    return 0;
}
