// SPDX-License-Identifier: ISC
/*
 * The ciphers of images, which are Mbed TLS's, in the very library that images are linked with: by the
 * processor's AES instructions if it has them, and without.
 */
#include "test/unit/cipher_checks.h"

static bool hidden;

int __wrap_mbedtls_aesni_has_support(unsigned int what);
int __real_mbedtls_aesni_has_support(unsigned int what) __attribute__((weak));

/* What Mbed TLS asks before it uses an instruction. */
int __wrap_mbedtls_aesni_has_support(unsigned int what)
{
	return hidden ? 0 : __real_mbedtls_aesni_has_support(what);
}

int main(void)
{
	int failed = check_ciphers("Mbed TLS");

	hidden = true;
	return failed | check_ciphers("Mbed TLS without AES instructions");
}
