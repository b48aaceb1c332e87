#include "interaction/constants.h"

struct constants
constants_default(void)
{
    return (struct constants){
        .version = "ix-1",
        .newest = 200000,
        .update = 300000,
        .first = 500,
        .dead_band = 100,
        .settled = 5,
        .newest_min = 50000,
        .newest_max = 500000,
    };
}
