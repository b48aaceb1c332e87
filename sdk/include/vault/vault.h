/*
 * vault/vault.h: libvault, the client library of a personal data vault.
 *
 * Include this one.  C11 and C++.  Since 0.1.
 */
#ifndef VAULT_VAULT_H
#define VAULT_VAULT_H

#include "vault/client.h"
#include "vault/firm.h"
#include "vault/listener.h"
#include "vault/page.h"
#include "vault/source.h"
#include "vault/status.h"
#include "vault/writer.h"

#endif
