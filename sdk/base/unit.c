#include "base/unit.h"

enum { SPELLINGS = 6 };

/* UCUM first, then other spellings; NULL last. */
static const char *const units[][SPELLINGS] = {
    { "Cel", "°C", "C", "degC", "Celsius" },
    { "[degF]", "°F", "F", "degF" },
    { "K" },
    { "%", "%RH", "%EL" },
    { "1", "none" },
    { "{count}", "count" },
    { "W" },
    { "kW" },
    { "W.h", "Wh" },
    { "kW.h", "kWh" },
    { "W.min", "Wmin" },
    { "J" },
    { "kcal", "Cal" },
    { "V" },
    { "mV" },
    { "A" },
    { "mA" },
    { "V.A", "VA" },
    { "V.A{reactive}", "var" },
    { "Hz" },
    { "Pa" },
    { "hPa", "mbar" },
    { "kPa" },
    { "bar" },
    { "mm[Hg]", "mmHg" },
    { "[psi]", "psi" },
    { "m" },
    { "cm" },
    { "mm" },
    { "km" },
    { "[in_i]", "in" },
    { "[ft_i]", "ft" },
    { "[mi_i]", "mi" },
    { "m/s" },
    { "km/h", "kph" },
    { "[mi_i]/h", "mph" },
    { "[kn_i]", "kn" },
    { "deg", "°", "lat", "lon" },
    { "lx", "lux" },
    { "[ppm]", "ppm" },
    { "[ppb]", "ppb" },
    { "ug/m3", "µg/m³", "μg/m³" },
    { "dB[SPL]", "dBASPL" },
    { "dB{mW}", "dBm" },
    { "L" },
    { "mL" },
    { "m3", "m³" },
    { "L/min" },
    { "m3/h", "m³/h" },
    { "g" },
    { "kg" },
    { "[lb_av]", "lb" },
    { "/min", "count/min", "bpm" },
    { "s" },
    { "ms" },
    { "min" },
    { "h" },
    { "d" },
};

const char *
vlt_unit_find(struct vlt_slice spelling)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        for (size_t k = 0; k < SPELLINGS && units[i][k] != NULL; k++) {
            if (vlt_slice_is(spelling, units[i][k])) {
                return units[i][0];
            }
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
vlt_unit_put(struct vlt_buf *out, struct vlt_slice spelling)
{
    const char *ucum = spelling.len == 0 ? "1" : vlt_unit_find(spelling);

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
