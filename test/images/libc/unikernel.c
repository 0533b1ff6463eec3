/* SPDX-License-Identifier: ISC */
/*
 * What a C program expects of its library, as TAP on the console. Every test computes something at
 * run time that the compiler cannot know (`opaque`), and compares it with what the C standard says.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fenv.h>
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <malloc.h>
#include <math.h>
#include <pthread.h>
#include <regex.h>
#include <sched.h>
#include <search.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include <mirage/fiber.h>
#include <mirage/heap.h>

static int number, failed;

static void report_test(bool passed, const char *name)
{
	number++;
	failed += !passed;
	printf("%s %d - %s\n", passed ? "ok" : "not ok", number, name);
}

#define opaque(value)                                 \
	({                                            \
		__auto_type hidden_ = (value);        \
		__asm__ volatile("" : "+m"(hidden_)); \
		hidden_;                              \
	})

static bool prints(const char *expected, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool prints(const char *expected, const char *format, ...)
{
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	int length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (strcmp(text, expected) != 0)
		printf("# \"%s\" instead of \"%s\"\n", text, expected);
	return strcmp(text, expected) == 0 && length == (int)strlen(expected);
}

static void test_printf(void)
{
	report_test(
		prints("-42 2a 052 +7 0x1f", "%d %x %#o %+d %#x", opaque(-42), 42U, 42U, 7, 31U),
		"printf of integers");
	report_test(prints("3.141593 1.5e+300 0.1 1e-05", "%f %g %g %g", opaque(3.14159265358979),
	                   1.5e300, 0.1, 1e-5),
	            "printf of floats");
	report_test(prints("1.18973e+4932 0.333333333333333333", "%Lg %.18Lf",
	                   opaque(1.18973e4932L), opaque(1.0L) / 3),
	            "printf of long double");
	report_test(prints("0x1.8p+1 inf -inf nan", "%a %f %f %f", opaque(3.0), (double)INFINITY,
	                   -(double)INFINITY, fabs((double)NAN)),
	            "printf of hexadecimal floats, infinities and NaN");
	report_test(prints("[  ab] [ab  ] [00012] [abc] [%]", "[%4s] [%-4s] [%05d] [%.3s] [%%]",
	                   "ab", "ab", 12, "abcdef"),
	            "printf with widths and precisions");
	report_test(prints("18446744073709551615 -9223372036854775808", "%" PRIu64 " %" PRId64,
	                   opaque(UINT64_MAX), INT64_MIN),
	            "printf of 64 bits");
}

static void test_numbers(void)
{
	char *end;

	report_test(strtod(opaque("0.1x"), &end) == 0.1 && *end == 'x', "strtod");
	report_test(strtod("1.7976931348623157e308", NULL) == 0x1.fffffffffffffp1023 &&
	                    strtod("4.9e-324", NULL) > 0,
	            "strtod at the ends of the range");
	errno = 0;
	report_test(strtol(opaque("99999999999999999999"), NULL, 10) == LONG_MAX && errno == ERANGE,
	            "strtol tells of a range error");
	report_test(strtoul("ff", NULL, 16) == 255 && atoi("-12") == -12, "strtoul, atoi");
	int count, a;
	double b;
	char word[8];

	count = sscanf(opaque("17 2.5e1 word"), "%d %lf %7s", &a, &b, word);
	report_test(count == 3 && a == 17 && b == 25.0 && strcmp(word, "word") == 0, "sscanf");
	report_test(imaxabs(opaque((intmax_t)-5)) == 5 && div(17, 5).rem == 2, "imaxabs, div");
}

static void test_math(void)
{
	report_test(fabs(sin(opaque(1.0)) - 0.8414709848078965) < 1e-15 &&
	                    fabs(exp(opaque(1.0)) - 2.718281828459045) < 1e-15,
	            "sin, exp");
	report_test(sqrt(opaque(2.0)) == 1.4142135623730951 &&
	                    pow(opaque(2.0), 0.5) == 1.4142135623730951,
	            "sqrt, pow");
	report_test(floor(opaque(-1.5)) == -2 && lrint(opaque(2.5)) == 2 &&
	                    fmod(opaque(7.5), 2) == 1.5,
	            "floor, lrint to even, fmod");
	report_test(isnan(opaque(0.0) / opaque(0.0)) && isinf(opaque(1.0) / opaque(0.0)),
	            "division by zero is a value");
	report_test(sqrtl(opaque(2.0L)) > 1.41421356237309504L && tgamma(opaque(5.0)) == 24,
	            "sqrtl, tgamma");
	feclearexcept(FE_ALL_EXCEPT);
	(void)opaque(opaque(1.0) / opaque(3.0));
	report_test(fetestexcept(FE_INEXACT) != 0,
	            "the floating-point environment tells of rounding");
}

static int compare(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

static void test_sorting(void)
{
	static int values[5000];
	uint32_t state = 12345;
	bool sorted = true;

	for (size_t i = 0; i < 5000; i++) {
		state = state * 1664525 + 1013904223;
		values[i] = (int)(state >> 8);
	}
	int wanted = values[17];

	qsort(values, 5000, sizeof(values[0]), compare);
	for (size_t i = 1; i < 5000; i++)
		sorted = sorted && values[i - 1] <= values[i];
	report_test(sorted, "qsort");
	int *found = bsearch(&wanted, values, 5000, sizeof(values[0]), compare);

	report_test(found != NULL && *found == wanted, "bsearch");
}

static jmp_buf place;

static void jump(int depth);
static void (*volatile jump_deeper)(int depth) = jump;

static void jump(int depth)
{
	if (depth == 0)
		longjmp(place, 7);
	jump_deeper(depth - 1);
}

static void test_jumps(void)
{
	volatile int passed = 0;
	int result = setjmp(place);

	if (result == 0) {
		passed = 1;
		jump(20);
	}
	report_test(result == 7 && passed == 1, "setjmp, longjmp");
}

static void test_regex(void)
{
	regex_t pattern;
	regmatch_t match[3];
	int error = regcomp(&pattern, "([a-z]+)=([0-9]{2,})", REG_EXTENDED);
	bool matched = error == 0 && regexec(&pattern, opaque("--x=1 key=42;"), 3, match, 0) == 0;

	report_test(matched && match[1].rm_so == 6 && match[2].rm_eo == 12, "regcomp, regexec");
	if (error == 0)
		regfree(&pattern);
}

static _Thread_local int tls_data = 42;
static _Thread_local char tls_bss[3000];
static _Thread_local _Alignas(64) char tls_aligned[64] = "aligned";

static void test_tls(void)
{
	bool zero = true;

	for (size_t i = 0; i < sizeof(tls_bss); i++)
		zero = zero && opaque(tls_bss[i]) == 0;
	report_test(opaque(tls_data) == 42, "thread-local data");
	report_test(zero, "thread-local bss");
	report_test((uintptr_t)opaque(&tls_aligned[0]) % 64 == 0 &&
	                    strcmp(tls_aligned, "aligned") == 0,
	            "thread-local data that is aligned");
	tls_data = 43;
	tls_bss[2999] = 1;
	report_test(opaque(tls_data) == 43 && opaque(tls_bss[2999]) == 1 &&
	                    strcmp(opaque(&tls_aligned[0]), "aligned") == 0,
	            "thread-local variables are apart");
}

static void test_memory(void)
{
	size_t large = (size_t)19 << 20;
	char *block = malloc(opaque(large));

	if (block != NULL)
		memset(block, 0x5a, large);
	report_test(block != NULL && block[large - 1] == 0x5a, "malloc of 19 MiB");
	free(block);
	char *zeroed = calloc(opaque((size_t)1000), 1000);
	bool zero = zeroed != NULL;

	for (size_t i = 0; zero && i < 1000000; i++)
		zero = zeroed[i] == 0;
	report_test(zero, "calloc zeroes what was used before");
	char *grown = realloc(zeroed, 2000000);

	report_test(grown != NULL && grown[999999] == 0, "realloc keeps the contents");
	free(grown);
	void *aligned = aligned_alloc(4096, opaque((size_t)8192)), *other = NULL;
	int error = posix_memalign(&other, 64, 100);

	report_test(aligned != NULL && (uintptr_t)aligned % 4096 == 0 && error == 0 &&
	                    (uintptr_t)other % 64 == 0 && malloc_usable_size(other) >= 100,
	            "aligned_alloc, posix_memalign, malloc_usable_size");
	free(aligned);
	free(other);
	errno = 0;
	report_test(malloc(opaque((size_t)PTRDIFF_MAX)) == NULL && errno == ENOMEM,
	            "malloc of too much is ENOMEM");
	errno = 0;
	report_test(calloc(opaque(SIZE_MAX / 2), 3) == NULL && errno == ENOMEM,
	            "calloc of an overflow is ENOMEM");
	char *copy = strdup(opaque("copy"));

	report_test(copy != NULL && strcmp(copy, "copy") == 0, "strdup");
	free(copy);
}

static void test_statistics(void)
{
	struct heap_statistics before, during, after;

	heap_image_statistics(&before);
	void *block = opaque(malloc(100000));

	heap_image_statistics(&during);
	free(block);
	heap_image_statistics(&after);
	report_test(during.in_use >= before.in_use + 100000 && after.in_use == before.in_use &&
	                    during.size == during.in_use + during.free,
	            "heap_image_statistics");
}

static void test_time(void)
{
	time_t then = 1700000000;
	struct tm *utc = gmtime(&then), parts = { 0 };
	char text[64];

	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %a %j", utc);
	report_test(strcmp(text, "2023-11-14 22:13:20 Tue 318") == 0, "gmtime, strftime");
	report_test(localtime(&then)->tm_hour == 22 || getenv("TZ") != NULL ||
	                    access("/etc", 0) == 0,
	            "local time is UTC");
	report_test(strptime("2000-02-29", "%Y-%m-%d", &parts) != NULL &&
	                    timegm(&parts) == 951782400,
	            "strptime, timegm");
	struct timespec start, end, pause = { .tv_nsec = 2000000 };

	report_test(clock_gettime(CLOCK_MONOTONIC, &start) == 0 && nanosleep(&pause, NULL) == 0 &&
	                    clock_gettime(CLOCK_MONOTONIC, &end) == 0 &&
	                    (end.tv_sec - start.tv_sec) * 1000000000 + end.tv_nsec -
	                                    start.tv_nsec >=
	                            2000000,
	            "nanosleep passes time on the monotonic clock");
	report_test(time(NULL) > 1700000000, "time is that of today");
	errno = 0;
	report_test(clock_gettime(opaque((clockid_t)77), &start) == -1 && errno == EINVAL,
	            "a clock that is not there is EINVAL");
}

static void test_streams(void)
{
	char buffer[64] = "", *text = NULL;
	size_t size = 0;
	FILE *memory = fmemopen(buffer, sizeof(buffer), "w");
	FILE *growing = open_memstream(&text, &size);

	report_test(memory != NULL && fprintf(memory, "%d", opaque(123)) == 3 &&
	                    fclose(memory) == 0 && strcmp(buffer, "123") == 0,
	            "fmemopen");
	report_test(growing != NULL && fputs("abc", growing) >= 0 && fclose(growing) == 0 &&
	                    size == 3 && strcmp(text, "abc") == 0,
	            "open_memstream");
	free(text);
	report_test(fprintf(stderr, "# to standard error\n") == 20, "standard error");
	report_test(write(opaque(STDOUT_FILENO), "# by write()\n", 13) == 13,
	            "write to the console");
	errno = 0;
	report_test(write(opaque(77), "x", 1) == -1 && errno == EBADF,
	            "a descriptor that is not there is EBADF");
}

static void test_text(void)
{
	wchar_t wide[16];
	char bytes[16], *rest = NULL, list[] = "a,b";

	setlocale(LC_CTYPE, "C.UTF-8");
	report_test(mbstowcs(wide, opaque("\xc3\xa4\xe2\x82\xac"), 16) == 2 && wide[0] == 0xe4 &&
	                    wide[1] == 0x20ac && wcstombs(bytes, wide, 16) == 5,
	            "UTF-8 to wide characters and back");
	report_test(strcmp(strtok_r(list, ",", &rest), "a") == 0 &&
	                    strstr(opaque("needle"), "dl") != NULL &&
	                    memmem("abcd", 4, "cd", 2) != NULL && strcasecmp("AbC", "aBc") == 0,
	            "strtok_r, strstr, memmem, strcasecmp");
	report_test(strcmp(strerror(ENOSYS), "Function not implemented") == 0, "strerror");
	report_test(getenv("NO_SUCH_VARIABLE") == NULL && setenv("A", "b", 1) == 0 &&
	                    strcmp(getenv("A"), "b") == 0,
	            "an environment of one's own");
	char program[] = "program", option[] = "-a", value[] = "value", operand[] = "rest";
	char *words[] = { program, option, value, operand, NULL };

	report_test(getopt(4, words, "a:") == 'a' && strcmp(optarg, "value") == 0, "getopt");
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int once_count;

static void count_once(void)
{
	once_count++;
}

#ifndef __GLIBC__ /* where all fibers are one thread, which would wait for itself */
static pthread_mutex_t shared = PTHREAD_MUTEX_INITIALIZER;
static char order[8];

static void note(char what)
{
	order[strlen(order)] = what;
}

static int hold_shared(void *argument)
{
	(void)argument;
	pthread_mutex_lock(&shared);
	note('a');
	usleep(5000);
	note('b');
	pthread_mutex_unlock(&shared);
	return 0;
}

static int want_shared(void *argument)
{
	(void)argument;
	note('w');
	pthread_mutex_lock(&shared);
	note('c');
	pthread_mutex_unlock(&shared);
	return 0;
}

static bool released;
static int interruptions;

/* Code from elsewhere, which does not know that it can be cancelled. */
static int polls(void *argument)
{
	struct timespec pause = { .tv_sec = 3600 }, left = { .tv_sec = 0 };

	(void)argument;
	interruptions = nanosleep(&pause, &left) == -1 && errno == EINTR && left.tv_sec > 3500;
	pthread_mutex_lock(&shared);
	pthread_mutex_unlock(&shared);
	while (!released) {
		interruptions += usleep(0) != 0;
		interruptions += usleep(100) != 0;
		interruptions += sched_yield() != 0;
	}
	return 0;
}

static bool cancel_what_polls(void)
{
	struct scope scope;
	bool started;

	scope_open(&scope);
	pthread_mutex_lock(&shared);
	started = fiber_start(&scope, "polls", polls, NULL) == 0 && fiber_sleep(1000000) == 0;
	scope_cancel(&scope);
	started = started && fiber_sleep(5000000) == 0;
	pthread_mutex_unlock(&shared);
	started = started && fiber_sleep(5000000) == 0;
	released = true;
	scope_close(&scope);
	return started;
}

static void test_fibers(void)
{
	struct scope scope;

	scope_open(&scope);
	if (fiber_start(&scope, "holds", hold_shared, NULL) != 0 ||
	    fiber_start(&scope, "wants", want_shared, NULL) != 0 ||
	    scope_wait_all(&scope, NEVER) != 0)
		note('!');
	scope_close(&scope);
	report_test(strcmp(order, "awbc") == 0,
	            "a fiber waits for a mutex that another holds while it sleeps");
	report_test(cancel_what_polls() && interruptions == 1,
	            "cancelling interrupts the sleep that a fiber is in, and no later one");
}
#endif

static void test_threads(void)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	pthread_key_t key;

	report_test(pthread_mutex_lock(&mutex) == 0 && pthread_mutex_trylock(&mutex) == EBUSY &&
	                    pthread_mutex_unlock(&mutex) == 0,
	            "a mutex of pthread's");
	pthread_once(&once, count_once);
	pthread_once(&once, count_once);
	report_test(once_count == 1, "pthread_once");
	report_test(pthread_key_create(&key, NULL) == 0 && pthread_setspecific(key, &key) == 0 &&
	                    pthread_getspecific(key) == &key,
	            "keys of pthread's");
}

static int constructed;

__attribute__((constructor)) static void construct(void)
{
	constructed = 1;
}

static void test_outside(void)
{
	unsigned char bytes[32] = { 0 };
	unsigned int different = 0;

	report_test(getrandom(bytes, sizeof(bytes), 0) == sizeof(bytes), "getrandom");
	for (size_t i = 1; i < sizeof(bytes); i++)
		different += bytes[i] != bytes[0];
	report_test(different > 16, "random bytes differ");
	report_test(opaque(constructed) == 1, "constructors ran");
	report_test(getpid() > 0, "getpid");
	report_test(sysconf(_SC_NPROCESSORS_ONLN) > 0 && sysconf(_SC_PHYS_PAGES) > 1000 &&
	                    sysconf(_SC_PAGESIZE) == 4096,
	            "sysconf");
}

int libc_program_start(void);

int libc_program_start(void)
{
	test_printf();
	test_numbers();
	test_math();
	test_sorting();
	test_jumps();
	test_regex();
	test_tls();
	test_memory();
	test_statistics();
	test_time();
	test_streams();
	test_text();
	test_threads();
	test_outside();
#ifndef __GLIBC__
	test_fibers();
#endif
	printf("1..%d\n", number);
	return failed == 0 ? 0 : 1;
}
