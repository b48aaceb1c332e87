#include "base/time.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Whatever is read prints, and the print means the same time. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_slice text = vlt_slice_of(bytes, len);
    char print[VLT_TIME_TEXT];
    int64_t again;
    int64_t ns;

    if (vlt_time_parse(text, &ns) == VLT_OK) {
        must(ns >= VLT_TIME_MIN && ns < VLT_TIME_MAX);
        vlt_time_print(ns, print);
        must(vlt_time_parse(vlt_slice_text(print), &again) == VLT_OK);
        must(again == ns);
    }
    if (vlt_duration_parse(text, &ns) == VLT_OK) {
        must(ns >= 0 && ns <= 36500 * VLT_DAY && ns % VLT_SECOND == 0);
    }
    if (len >= sizeof ns) {
        memcpy(&ns, bytes, sizeof ns);
        struct vlt_civil civil = vlt_civil_of(ns);

        must(vlt_civil_valid(&civil));
        must(vlt_time_from_civil(&civil, &again) != VLT_OK || again == ns);
    }
    return 0;
}
