// SPDX-License-Identifier: ISC
/* The ciphers of unix, which are libcrypto's. */
#include "test/unit/cipher_checks.h"

int main(void)
{
	return check_ciphers("libcrypto");
}
