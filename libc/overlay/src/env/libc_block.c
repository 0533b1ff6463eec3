/* SPDX-License-Identifier: ISC */
/*
 * The thread block: musl's description of the one thread with its thread-local variables beside it.
 * targets/bare/libc_block.h is the contract.
 */
#include <string.h>
#include <unistd.h>

#include "libc.h"
#include "pthread_impl.h"

#include "libc_block.h"

/* The one thread. The list of threads has it alone, so nothing ever takes this lock. */
volatile int __thread_list_lock;
uintptr_t __stack_chk_guard;

static char *no_environment[] = { 0 };
static size_t no_auxiliary_values[] = { 0, 0 };

static size_t tls_alignment(const struct libc_tls *tls)
{
	size_t alignment = tls->alignment;

	return alignment > _Alignof(struct pthread) ? alignment : _Alignof(struct pthread);
}

/*
 * The distance between the thread pointer and the variables, as the linker computes it from the
 * segment's address, size and alignment.
 */
static size_t tls_offset(const struct libc_tls *tls)
{
	size_t mask = (tls->alignment > 0 ? tls->alignment : 1) - 1;
	size_t start = (size_t)tls->start;

#ifdef TLS_ABOVE_TP
	return GAP_ABOVE_TP + ((start - GAP_ABOVE_TP) & mask);
#else
	return tls->size + ((0 - tls->size - start) & mask);
#endif
}

size_t libc_block_size(const struct libc_tls *tls)
{
	size_t size = tls_offset(tls) + sizeof(struct pthread) + 2 * tls_alignment(tls);

#ifdef TLS_ABOVE_TP
	size += tls->size;
#endif
	return size;
}

static void place(char *block, const struct libc_tls *tls, char **thread, char **variables)
{
	size_t mask = tls_alignment(tls) - 1;

#ifdef TLS_ABOVE_TP
	/* struct pthread ends where the thread pointer points, the variables follow. */
	char *pointer = block + sizeof(struct pthread);

	pointer += (0 - (size_t)pointer) & mask;
	*thread = pointer - sizeof(struct pthread);
	*variables = pointer + tls_offset(tls);
#else
	/* The variables end below the thread pointer, which points to struct pthread. */
	char *pointer = block + tls_offset(tls);

	pointer += (0 - (size_t)pointer) & mask;
	*thread = pointer;
	*variables = pointer - tls_offset(tls);
#endif
}

void libc_block_init(void *block, const struct libc_tls *tls, const char *program)
{
	char *variables, *memory;

	place(block, tls, &memory, &variables);
	memcpy(variables, tls->start, tls->size_of_file);
	memset(variables + tls->size_of_file, 0, tls->size - tls->size_of_file);

	struct pthread *thread = memset(memory, 0, sizeof(*thread));

	thread->self = thread;
	thread->next = thread->prev = thread;
	thread->tid = 1;
	thread->detach_state = DT_JOINABLE;
	thread->canceldisable = PTHREAD_CANCEL_DISABLE;
	thread->locale = &libc.global_locale;
	thread->robust_list.head = &thread->robust_list.head;

	libc.page_size = 4096;
	libc.auxv = no_auxiliary_values;
	__environ = no_environment;
	__progname = __progname_full = (char *)program;
	libc_set_thread_pointer((uintptr_t)TP_ADJ(thread));
}

void libc_block_set_canary(const unsigned char *canary)
{
	struct pthread *thread = __pthread_self();

	/* A zero in the canary stops string functions that run over it. */
	memcpy(&thread->canary, canary, sizeof(thread->canary));
	((unsigned char *)&thread->canary)[1] = 0;
	__stack_chk_guard = thread->canary;
}
