/*
 * config_keys: the keys of the configuration file, as one table.
 */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include <stddef.h>

enum config_type {
    CONFIG_TEXT,
    CONFIG_NUMBER,
    CONFIG_MIB,   /* bytes, as size.h; its limits in MiB */
    CONFIG_TEXTS, /* a list of texts */
    CONFIG_FLAG,  /* true or false */
};

struct config_key {
    const char *name;
    enum config_type type;
    long least, most; /* of a number; of a text its bytes */
    size_t offset;    /* in struct config */
    const char *words;
};

/* Ends with a NULL name. */
extern const struct config_key config_keys[];

#endif
