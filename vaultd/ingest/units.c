#include "ingest/units.h"

static const char climate[] = "home.climate";
static const char electricity[] = "energy.electricity";
static const char presence[] = "home.presence";
static const char control[] = "home.control";
static const char device[] = "device.state";
static const char place[] = "location.precise";

/* UCUM, its spellings (UCUM first, NULL last), and what it alone tells. */
static const struct {
    const char *spellings[6];
    const char *category;
} units[] = {
    { { "Cel", "°C", "C", "degC", "Celsius" }, climate },
    { { "[degF]", "°F", "F", "degF" }, climate },
    { { "K" }, NULL },
    { { "%", "%RH", "%EL" }, NULL },
    { { "1", "none" }, NULL },
    { { "{count}", "count" }, NULL },
    { { "W" }, electricity },
    { { "kW" }, electricity },
    { { "W.h", "Wh" }, electricity },
    { { "kW.h", "kWh" }, electricity },
    { { "W.min", "Wmin" }, electricity },
    { { "J" }, NULL },
    { { "kcal", "Cal" }, NULL },
    { { "V" }, electricity },
    { { "mV" }, electricity },
    { { "A" }, electricity },
    { { "mA" }, electricity },
    { { "V.A", "VA" }, electricity },
    { { "V.A{reactive}", "var" }, electricity },
    { { "Hz" }, NULL },
    { { "Pa" }, climate },
    { { "hPa", "mbar" }, climate },
    { { "kPa" }, climate },
    { { "bar" }, climate },
    { { "mm[Hg]", "mmHg" }, NULL },
    { { "[psi]", "psi" }, NULL },
    { { "m" }, NULL },
    { { "cm" }, NULL },
    { { "mm" }, NULL },
    { { "km" }, NULL },
    { { "[in_i]", "in" }, NULL },
    { { "[ft_i]", "ft" }, NULL },
    { { "[mi_i]", "mi" }, NULL },
    { { "m/s" }, NULL },
    { { "km/h", "kph" }, NULL },
    { { "[mi_i]/h", "mph" }, NULL },
    { { "[kn_i]", "kn" }, NULL },
    { { "deg", "°", "lat", "lon" }, place },
    { { "lx", "lux" }, climate },
    { { "[ppm]", "ppm" }, climate },
    { { "[ppb]", "ppb" }, climate },
    { { "ug/m3", "µg/m³", "μg/m³" }, climate },
    { { "dB[SPL]", "dBASPL" }, "home.sound" },
    { { "dB{mW}", "dBm" }, device },
    { { "L" }, NULL },
    { { "mL" }, NULL },
    { { "m3", "m³" }, NULL },
    { { "L/min" }, NULL },
    { { "m3/h", "m³/h" }, NULL },
    { { "g" }, NULL },
    { { "kg" }, NULL },
    { { "[lb_av]", "lb" }, NULL },
    { { "/min", "count/min", "bpm" }, NULL },
    { { "s" }, NULL },
    { { "ms" }, NULL },
    { { "min" }, NULL },
    { { "h" }, NULL },
    { { "d" }, NULL },
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

/* The place in the table of a spelling; the table's length: none. */
static size_t
find(struct vlt_slice spelling)
{
    size_t i = 0;

    for (; i < sizeof units / sizeof units[0]; i++) {
        for (size_t k = 0; units[i].spellings[k] != NULL; k++) {
            if (vlt_slice_is(spelling, units[i].spellings[k])) {
                return i;
            }
        }
    }
    return i;
}

const char *
units_find(struct vlt_slice spelling)
{
    size_t i = find(spelling);

    return i < sizeof units / sizeof units[0] ? units[i].spellings[0] : NULL;
}

const char *
units_category(const char *ucum)
{
    size_t i = find(vlt_slice_text(ucum));

    return i < sizeof units / sizeof units[0] ? units[i].category : NULL;
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

static bool
plain(uint8_t c)
{
    return c > ' ' && c < 0x7f && c != '{' && c != '}';
}

/* An annotation that is one already: {text}, {EUR/10^2} for money. */
static bool
annotation(struct vlt_slice s)
{
    if (s.len < 3 || s.at[0] != '{' || s.at[s.len - 1] != '}') {
        return false;
    }
    for (size_t i = 1; i < s.len - 1; i++) {
        if (!plain(s.at[i])) {
            return false;
        }
    }
    return true;
}

static void
put_annotation(struct vlt_buf *out, struct vlt_slice spelling)
{
    vlt_buf_put_u8(out, '{');
    for (size_t i = 0; i < spelling.len; i++) {
        uint8_t c = spelling.at[i];
        vlt_buf_put_u8(out, plain(c) ? c : '_');
    }
    vlt_buf_put_u8(out, '}');
}

bool
units_put(struct vlt_buf *out, struct vlt_slice spelling)
{
    const char *ucum = spelling.len == 0 ? "1" : units_find(spelling);

    if (ucum != NULL) {
        vlt_buf_put_text(out, ucum);
        return true;
    }
    if (annotation(spelling)) {
        vlt_buf_put_slice(out, spelling);
        return true;
    }
    put_annotation(out, spelling);
    return false;
}
