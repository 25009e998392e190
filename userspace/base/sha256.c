// SPDX-License-Identifier: GPL-2.0-only
/* The context lives here: OpenSSL's SHA256() of one call asks for memory since 3.0, and can fail. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/sha256.h"

#include <openssl/sha.h>

void sha256(const void *bytes, size_t length, uint8_t ret[static HASH_BYTES])
{
	SHA256_CTX context;

	SHA256_Init(&context);
	SHA256_Update(&context, bytes, length);
	SHA256_Final(ret, &context);
}
