#include "ingest/units.h"

#include <string.h>

static const char climate[] = "home.climate";
static const char electricity[] = "energy.electricity";
static const char presence[] = "home.presence";
static const char control[] = "home.control";
static const char device[] = "device.state";
static const char place[] = "location.precise";

/* What a unit alone tells. */
static const struct {
    const char *ucum;
    const char *category;
} units[] = {
    { "Cel", climate },
    { "[degF]", climate },
    { "W", electricity },
    { "kW", electricity },
    { "W.h", electricity },
    { "kW.h", electricity },
    { "W.min", electricity },
    { "V", electricity },
    { "mV", electricity },
    { "A", electricity },
    { "mA", electricity },
    { "V.A", electricity },
    { "V.A{reactive}", electricity },
    { "Pa", climate },
    { "hPa", climate },
    { "kPa", climate },
    { "bar", climate },
    { "deg", place },
    { "lx", climate },
    { "[ppm]", climate },
    { "[ppb]", climate },
    { "ug/m3", climate },
    { "dB[SPL]", "home.sound" },
    { "dB{mW}", device },
};

static const struct {
    const char *quantity;
    const char *category;
} quantities[] = {
    { "temperature", climate },
    { "humidity", climate },
    { "moisture", climate },
    { "pressure", climate },
    { "atmospheric_pressure", climate },
    { "illuminance", climate },
    { "aqi", climate },
    { "carbon_dioxide", climate },
    { "carbon_monoxide", climate },
    { "pm1", climate },
    { "pm10", climate },
    { "pm25", climate },
    { "volatile_organic_compounds", climate },
    { "power", electricity },
    { "energy", electricity },
    { "voltage", electricity },
    { "current", electricity },
    { "apparent_power", electricity },
    { "reactive_power", electricity },
    { "power_factor", electricity },
    { "gas", "energy.gas" },
    { "water", "home.water" },
    { "motion", presence },
    { "occupancy", presence },
    { "presence", presence },
    { "door", presence },
    { "window", presence },
    { "opening", presence },
    { "garage_door", presence },
    { "lock", presence },
    { "person", presence },
    { "switch", control },
    { "light", control },
    { "cover", control },
    { "climate", climate },
    { "battery", device },
    { "signal_strength", device },
    { "connectivity", device },
    { "sound_pressure", "home.sound" },
    { "sound", "home.sound" },
};

const char *
units_category(const char *ucum)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(units[i].ucum, ucum) == 0) {
            return units[i].category;
        }
    }
    return NULL;
}

const char *
units_quantity_category(struct vlt_slice quantity)
{
    for (size_t i = 0; i < sizeof quantities / sizeof quantities[0]; i++) {
        if (vlt_slice_is(quantity, quantities[i].quantity)) {
            return quantities[i].category;
        }
    }
    return NULL;
}
