#include "tls.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "util/log.h"

enum {
    SERIAL_BITS = 127,
    VALID_BEFORE_S = -86400, /* clocks differ */
    VALID_DAYS = 3650,       /* a daemon may run for long */
    NAMES_TEXT = 4096,
    GROUPS_TEXT = 64,
};

static const char exporter[] = "EXPORTER-Channel-Binding";

/* With post-quantum exchange where OpenSSL knows it (3.5), without elsewhere.
 */
static const char *const group_lists[] = {
    "X25519MLKEM768:X25519:P-256",
    "X25519:P-256",
};

static enum vlt_status
failed(const char *what)
{
    log_error("net", "TLS: %s: OpenSSL error %lu", what, ERR_get_error());
    ERR_clear_error();
    return VLT_E_STORAGE;
}

static bool
is_address(const char *text)
{
    uint8_t at[16];

    return inet_pton(AF_INET, text, at) == 1 ||
           inet_pton(AF_INET6, text, at) == 1;
}

/* Append ",DNS:name" or ",IP:name"; what has no room is left out. */
static void
add_name(char text[NAMES_TEXT], const char *name)
{
    size_t len = strlen(text);
    int put = snprintf(text + len, NAMES_TEXT - len, ",%s:%s",
                       is_address(name) ? "IP" : "DNS", name);

    if (put < 0 || (size_t)put >= NAMES_TEXT - len) {
        text[len] = '\0';
    }
}

/* subjectAltName. */
static bool
set_names(X509 *cert, const struct tls_names *names)
{
    char text[NAMES_TEXT] = "DNS:localhost,IP:127.0.0.1,IP:::1";

    if (names->address != NULL) {
        add_name(text, names->address);
    }
    for (size_t i = 0; names->hosts != NULL && names->hosts[i] != NULL; i++) {
        add_name(text, names->hosts[i]);
    }
    X509_EXTENSION *extension =
        X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, text);
    bool good = extension != NULL && X509_add_ext(cert, extension, -1) == 1;

    X509_EXTENSION_free(extension);
    return good;
}

static bool
set_serial(X509 *cert)
{
    BIGNUM *number = BN_new();
    bool good = number != NULL &&
                BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ONE,
                        BN_RAND_BOTTOM_ANY) == 1 &&
                BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;

    BN_free(number);
    return good;
}

/* Everything of a certificate but its signature. */
static bool
fill(X509 *cert, EVP_PKEY *key, const struct tls_names *names)
{
    static const unsigned char subject[] = "vaultd";
    X509_NAME *name = X509_get_subject_name(cert);

    return X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
           X509_gmtime_adj(X509_getm_notBefore(cert), VALID_BEFORE_S) != NULL &&
           X509_time_adj_ex(X509_getm_notAfter(cert), VALID_DAYS, 0, NULL) !=
               NULL &&
           X509_set_pubkey(cert, key) == 1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, subject, -1, -1,
                                      0) == 1 &&
           X509_set_issuer_name(cert, name) == 1 && set_names(cert, names);
}

static enum vlt_status
set_certificate(SSL_CTX *context, const struct tls_names *names)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    enum vlt_status st = VLT_OK;

    if (key == NULL || cert == NULL || !fill(cert, key, names) ||
        X509_sign(cert, key, EVP_sha256()) == 0) {
        st = failed("certificate");
        goto done;
    }
    if (SSL_CTX_use_certificate(context, cert) != 1 ||
        SSL_CTX_use_PrivateKey(context, key) != 1 ||
        SSL_CTX_check_private_key(context) != 1) {
        st = failed("use of the certificate");
    }

done:
    X509_free(cert);
    EVP_PKEY_free(key);
    return st;
}

static enum vlt_status
set_groups(SSL_CTX *context)
{
    for (size_t i = 0; i < sizeof group_lists / sizeof group_lists[0]; i++) {
        char list[GROUPS_TEXT];

        /* OpenSSL's macro wants it writable. */
        (void)snprintf(list, sizeof list, "%s", group_lists[i]);
        if (SSL_CTX_set1_groups_list(context, list) == 1) {
            ERR_clear_error();
            return VLT_OK;
        }
    }
    return failed("groups");
}

/* What both ends have in common. */
static enum vlt_status
set_common(SSL_CTX *context)
{
    if (SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) != 1) {
        return failed("version");
    }
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CLEANSE_PLAINTEXT);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    return set_groups(context);
}

enum vlt_status
tls_set_client(SSL_CTX *context)
{
    return set_common(context);
}

enum vlt_status
tls_set_up(SSL_CTX *context, const struct tls_names *names)
{
    enum vlt_status st = set_common(context);

    if (st != VLT_OK) {
        return st;
    }
    /* lws looks for a virtual host by the peer's SNI: there is no choice. */
    SSL_CTX_set_tlsext_servername_callback(context, NULL);
    if (SSL_CTX_set_num_tickets(context, 0) != 1 ||
        SSL_CTX_set_max_early_data(context, 0) != 1) {
        return failed("tickets");
    }
    return set_certificate(context, names);
}

enum vlt_status
tls_ekm(SSL *ssl, uint8_t out[TLS_EKM_LEN])
{
    if (SSL_export_keying_material(ssl, out, TLS_EKM_LEN, exporter,
                                   sizeof exporter - 1, NULL, 0, 0) != 1) {
        return failed("exporter");
    }
    return VLT_OK;
}
