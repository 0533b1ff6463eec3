/* SPDX-License-Identifier: ISC */
/*
 * What encryption costs a sector: through block_encryption and block_ccm on a RAM disk, in requests of
 * 64 KiB, by libcrypto as on unix; and by Mbed TLS, which images have, without a device. The peer is a
 * loop of libcrypto's own calls over the same bytes, with a key that is set once.
 *
 * Rounds of all are interleaved, and each figure is the least of them.
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <mbedtls/aes.h>
#include <mbedtls/ccm.h>

#include <mirage/block_ccm.h>
#include <mirage/block_encryption.h>
#include <mirage/ramdisk.h>

enum {
	ROUNDS = 15,
	SECTORS = 128, /* of a request of sectors of 512 bytes */
	SIZE = 512,
	REQUESTS = 40, /* in a round */
};

static uint8_t bytes[SECTORS * SIZE], other[2 * SECTORS * SIZE];
static const uint8_t raw_key[64] = { 1, 2, 3 };
static EVP_CIPHER_CTX *xts_context, *ccm_context;
static mbedtls_aes_xts_context mbed_xts;
static mbedtls_ccm_context mbed_ccm;
static char key_text[2 * 64 + 1];
static const struct argument_value xts_key = { .present = true, .text = key_text };
static char ccm_key_text[2 * 32 + 1];
static const struct argument_value ccm_key = { .present = true, .text = ccm_key_text };

static int fill(const void *self, void *to, size_t length)
{
	(void)self;
	return getrandom(to, length, 0) == (ssize_t)length ? 0 : -1;
}

static const struct random_ops random_ops = { .fill = fill };
static const struct random numbers = { .ops = &random_ops };
static struct ramdisk_state ram_state;
static const struct ramdisk ram = { .state = &ram_state, .size = sizeof(other) };
static const struct block medium = { .ops = &ramdisk_ops, .self = &ram };
static struct block_encryption_state encryption_state;
static const struct block_encryption encryption = { &encryption_state, &medium, &xts_key };
static const struct block encrypted = { &block_encryption_ops, &encryption };
static struct block_ccm_state ccm_state;
static const struct block_ccm ccm = {
	.state = &ccm_state, .below = &medium, .random = &numbers, .key = &ccm_key
};
static const struct block authenticated = { &block_ccm_ops, &ccm };

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void peer_xts(void)
{
	int done;

	for (size_t i = 0; i < SECTORS; i++) {
		uint8_t tweak[16] = { (uint8_t)i };

		must(EVP_EncryptInit_ex(xts_context, NULL, NULL, NULL, tweak) == 1 &&
		     EVP_EncryptUpdate(xts_context, other + i * SIZE, &done, bytes + i * SIZE,
		                       SIZE) == 1);
	}
}

static void peer_ccm(void)
{
	int done;

	for (size_t i = 0; i < SECTORS; i++) {
		uint8_t nonce[8] = { (uint8_t)i }, *unit = other + 2 * i * SIZE;

		must(EVP_EncryptInit_ex(ccm_context, NULL, NULL, NULL, nonce) == 1 &&
		     EVP_EncryptUpdate(ccm_context, NULL, &done, NULL, SIZE) == 1 &&
		     EVP_EncryptUpdate(ccm_context, NULL, &done, unit + SIZE + 24, SIZE - 24) ==
		             1 &&
		     EVP_EncryptUpdate(ccm_context, unit, &done, bytes + i * SIZE, SIZE) == 1 &&
		     EVP_CIPHER_CTX_ctrl(ccm_context, EVP_CTRL_AEAD_GET_TAG, 16, unit + SIZE) == 1);
	}
}

static void mbed_tls_xts(void)
{
	for (size_t i = 0; i < SECTORS; i++) {
		uint8_t tweak[16] = { (uint8_t)i };

		must(mbedtls_aes_crypt_xts(&mbed_xts, MBEDTLS_AES_ENCRYPT, SIZE, tweak,
		                           bytes + i * SIZE, other + i * SIZE) == 0);
	}
}

static void mbed_tls_ccm(void)
{
	for (size_t i = 0; i < SECTORS; i++) {
		uint8_t nonce[8] = { (uint8_t)i }, *unit = other + 2 * i * SIZE;

		must(mbedtls_ccm_encrypt_and_tag(&mbed_ccm, SIZE, nonce, 8, unit + SIZE + 24,
		                                 SIZE - 24, bytes + i * SIZE, unit, unit + SIZE,
		                                 16) == 0);
	}
}

static void write_xts(void)
{
	must(block_write(&encrypted, 0, bytes, sizeof(bytes), NEVER) == 0);
}

static void read_xts(void)
{
	must(block_read(&encrypted, 0, bytes, sizeof(bytes), NEVER) == 0);
}

static void write_ccm(void)
{
	must(block_write(&authenticated, 0, bytes, sizeof(bytes), NEVER) == 0);
}

static void read_ccm(void)
{
	must(block_read(&authenticated, 0, bytes, sizeof(bytes), NEVER) == 0);
}

/* A pair of figures is of one mode; the first of each group is the peer. */
static const struct {
	const char *name;
	void (*run)(void);
	size_t peer;
} subjects[] = {
	{ "libcrypto alone, xts", peer_xts, 0 },     { "Mbed TLS alone, xts", mbed_tls_xts, 0 },
	{ "block_encryption, write", write_xts, 0 }, { "block_encryption, read", read_xts, 0 },
	{ "libcrypto alone, ccm", peer_ccm, 4 },     { "Mbed TLS alone, ccm", mbed_tls_ccm, 4 },
	{ "block_ccm, write", write_ccm, 4 },        { "block_ccm, read", read_ccm, 4 },
};

enum {
	SUBJECTS = sizeof(subjects) / sizeof(subjects[0])
};

static double now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return 1e9 * (double)time.tv_sec + (double)time.tv_nsec;
}

static void set_up(void)
{
	for (size_t i = 0; i < sizeof(raw_key); i++)
		snprintf(key_text + 2 * i, 3, "%02x", raw_key[i]);
	memcpy(ccm_key_text, key_text, 64);
	xts_context = EVP_CIPHER_CTX_new();
	ccm_context = EVP_CIPHER_CTX_new();
	must(EVP_EncryptInit_ex(xts_context, EVP_aes_256_xts(), NULL, raw_key, NULL) == 1 &&
	     EVP_EncryptInit_ex(ccm_context, EVP_aes_256_ccm(), NULL, NULL, NULL) == 1 &&
	     EVP_CIPHER_CTX_ctrl(ccm_context, EVP_CTRL_AEAD_SET_IVLEN, 8, NULL) == 1 &&
	     EVP_CIPHER_CTX_ctrl(ccm_context, EVP_CTRL_AEAD_SET_TAG, 16, NULL) == 1 &&
	     EVP_EncryptInit_ex(ccm_context, NULL, NULL, raw_key, NULL) == 1);
	mbedtls_aes_xts_init(&mbed_xts);
	mbedtls_ccm_init(&mbed_ccm);
	must(mbedtls_aes_xts_setkey_enc(&mbed_xts, raw_key, 512) == 0 &&
	     mbedtls_ccm_setkey(&mbed_ccm, MBEDTLS_CIPHER_ID_AES, raw_key, 256) == 0);
	must(ramdisk_connect(&ram) == 0 && block_encryption_connect(&encryption) == 0 &&
	     block_ccm_connect(&ccm) == 0);
}

int main(void)
{
	double best[SUBJECTS];

	set_up();
	for (size_t i = 0; i < SUBJECTS; i++)
		best[i] = 1e18;
	for (int round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < SUBJECTS; i++) {
			double start = now_ns();

			for (int request = 0; request < REQUESTS; request++)
				subjects[i].run();
			double each = (now_ns() - start) / REQUESTS / SECTORS;
			best[i] = each < best[i] ? each : best[i];
		}
	for (size_t i = 0; i < SUBJECTS; i++)
		fprintf(stderr,
		        "%-24s %7.1f ns for 512 bytes, %5.2f GB/s  %5.2f times libcrypto alone\n",
		        subjects[i].name, best[i], SIZE / best[i],
		        best[i] / best[subjects[i].peer]);
	return 0;
}
