/* SPDX-License-Identifier: ISC */
/*
 * What images have of Mbed TLS, in place of its own list. Whoever needs more of it adds it here:
 * what an image does not use is not linked into it.
 */

/* Assembler in C, among it AES-NI, which is used where the processor says that it has it. Without
 * it, AES looks into tables, and how long that takes depends on the data. */
#define MBEDTLS_HAVE_ASM
#define MBEDTLS_AESNI_C

#define MBEDTLS_AES_C
#define MBEDTLS_AES_ROM_TABLES /* constant: nothing is computed at the start or written to */
#define MBEDTLS_CIPHER_MODE_XTS
#define MBEDTLS_CCM_C
