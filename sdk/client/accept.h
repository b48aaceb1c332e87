/*
 * accept: Sec-WebSocket-Accept (RFC 6455, section 4.2.2), by OpenSSL's SHA-1.
 *
 * Threads: any.
 */
#ifndef VLT_ACCEPT_H
#define VLT_ACCEPT_H

#include "wire/upgrade.h"

/* What it must be for this nonce.  VLT_E_NOMEM: OpenSSL has no SHA-1 or no
 * memory. */
VLT_MUST_USE enum vlt_status
vlt_upgrade_accept(const uint8_t nonce[VLT_UPGRADE_NONCE],
                   char out[VLT_UPGRADE_ACCEPT]);

#endif
