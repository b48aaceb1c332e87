#include "main/config_keys.h"

#include "main/main_internal.h"

const struct config_key config_keys[] = {
    { "socket", CONFIG_TEXT, 1, 107, offsetof(struct config, socket),
      "path of the owner's unix socket" },
    { "listen", CONFIG_TEXT, 1, 255, offsetof(struct config, listen),
      "ADDR:PORT for TLS: firms; port 0 picks one" },
    { "http", CONFIG_TEXT, 1, 255, offsetof(struct config, http),
      "ADDR:PORT on loopback for sources that can only POST" },
    { "unlock_file", CONFIG_TEXT, 1, 4095, offsetof(struct config, unlock_file),
      "file with a passphrase, or a key made by init --key-file" },
    { "anchor", CONFIG_TEXT, 1, 3800, offsetof(struct config, anchor),
      "directory, outside the vault, for its memory of its last head" },
    { "quota", CONFIG_MIB, 16, 1048576, offsetof(struct config, quota),
      "bytes that the vault may take, as 40GiB, in place of init's" },
    { "home", CONFIG_TEXT, 2, 2, offsetof(struct config, home),
      "your country, as GB: what `where: home` of a policy means" },
    { "workers", CONFIG_NUMBER, 1, 4, offsetof(struct config, workers),
      "scan workers" },
    { "max_connections", CONFIG_NUMBER, 1, 8192,
      offsetof(struct config, max_connections), "connections in all" },
    { "max_handshaking", CONFIG_NUMBER, 1, 8192,
      offsetof(struct config, max_handshaking),
      "connections that have not proved themselves yet" },
    { "max_per_address", CONFIG_NUMBER, 1, 8192,
      offsetof(struct config, max_per_address), "the same, of one address" },
    { "origins", CONFIG_TEXTS, 1, 255, offsetof(struct config, origins),
      "Origin values that are let in" },
    { "hosts", CONFIG_TEXTS, 1, 255, offsetof(struct config, hosts),
      "further names in Host that are this vault's" },
    { .name = NULL },
};
