// SPDX-License-Identifier: ISC
/* Programs of the system-call filter, run by a small machine for the instructions they use. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tenders/seccomp/filter.h"

#ifdef __x86_64__
enum {
	OUR_ARCHITECTURE = (int)AUDIT_ARCH_X86_64
};
#else
enum {
	OUR_ARCHITECTURE = (int)AUDIT_ARCH_AARCH64
};
#endif

/* What the program answers. Fails the test at what the kernel would refuse to load. */
static uint32_t execute(const struct filter *filter, const struct seccomp_data *data)
{
	uint32_t accumulator = 0;

	for (size_t at = 0;; at++) {
		assert_in_range(at, 0, filter->length - 1);
		const struct sock_filter *step = &filter->code[at];
		switch (step->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			assert_int_equal(step->k % 4, 0);
			assert_in_range(step->k, 0, sizeof(*data) - 4);
			memcpy(&accumulator, (const char *)data + step->k, 4);
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			at += accumulator == step->k ? step->jt : step->jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			at += accumulator > step->k ? step->jt : step->jf;
			break;
		case BPF_JMP | BPF_JA:
			at += step->k;
			break;
		case BPF_RET | BPF_K:
			return step->k;
		default:
			fail_msg("unknown instruction %#x", step->code);
		}
	}
}

static struct filter filter; /* 32 KiB */

static bool allowed(int call, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	const struct seccomp_data data = { .nr = call,
		                           .arch = (uint32_t)OUR_ARCHITECTURE,
		                           .args = { a, b, c, d } };
	uint32_t answer = execute(&filter, &data);

	assert_true(answer == SECCOMP_RET_ALLOW || answer == SECCOMP_RET_KILL_PROCESS);
	return answer == SECCOMP_RET_ALLOW;
}

static void compile(const struct filter_rule *rules, size_t count)
{
	assert_int_equal(filter_compile(&filter, rules, count), 0);
}

static void calls_that_no_rule_allows_are_killed(void **state)
{
	static const struct filter_rule rules[] = { { .call = 7 }, { .call = 9 } };

	(void)state;
	compile(rules, 2);
	for (int call = -2; call < 500; call++)
		assert_int_equal(allowed(call, 0, 0, 0, 0), call == 7 || call == 9);
	assert_false(allowed(0x40000007, 0, 0, 0, 0)); /* x32 */
	compile(rules, 0);
	assert_false(allowed(0, 0, 0, 0, 0));
}

static void other_architectures_are_killed(void **state)
{
	static const struct filter_rule rules[] = { { .call = 7 } };
	struct seccomp_data data = { .nr = 7, .arch = AUDIT_ARCH_I386 };

	(void)state;
	compile(rules, 1);
	assert_int_equal(execute(&filter, &data), SECCOMP_RET_KILL_PROCESS);
	data.arch = (uint32_t)OUR_ARCHITECTURE;
	assert_int_equal(execute(&filter, &data), SECCOMP_RET_ALLOW);
}

static void an_int_is_its_low_half_as_for_the_kernel(void **state)
{
	static const struct filter_rule rules[] = { { 1, 1, { { 0, FILTER_INT, 5 } } } };

	(void)state;
	compile(rules, 1);
	assert_true(allowed(1, 5, 0, 0, 0));
	assert_true(allowed(1, UINT64_C(0xffffffff00000005), 0, 0, 0));
	assert_false(allowed(1, 4, 0, 0, 0));
	assert_false(allowed(1, UINT64_C(0x500000000), 0, 0, 0));
}

static void equal_compares_all_bits(void **state)
{
	static const struct filter_rule rules[] = {
		{ 1, 1, { { 2, FILTER_EQUAL, UINT64_C(0x100000200) } } }
	};

	(void)state;
	compile(rules, 1);
	assert_true(allowed(1, 0, 0, UINT64_C(0x100000200), 0));
	assert_false(allowed(1, 0, 0, 0x200, 0));
	assert_false(allowed(1, 0, 0, UINT64_C(0x100000000), 0));
	assert_false(allowed(1, 0, 0, UINT64_C(0x200000200), 0));
}

static void at_most_is_exact_around_each_boundary(void **state)
{
	static const uint64_t limits[] = {
		0,
		1,
		UINT32_MAX - 1,
		UINT32_MAX,
		UINT64_C(1) << 32,
		(UINT64_C(1) << 32) + 1,
		UINT64_C(0x1fffffe00),
		UINT64_C(0x700000000),
		UINT64_MAX >> 1,
		UINT64_MAX - 1,
		UINT64_MAX,
	};
	enum {
		COUNT = sizeof(limits) / sizeof(limits[0])
	};

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		struct filter_rule rule = { 1, 1, { { 3, FILTER_AT_MOST, limits[i] } } };
		compile(&rule, 1);
		for (size_t j = 0; j < COUNT; j++) {
			for (uint64_t around = 0; around < 3; around++) {
				uint64_t value = limits[j] - 1 + around;
				assert_int_equal(allowed(1, 0, 0, 0, value), value <= limits[i]);
			}
		}
	}
}

static void all_checks_of_a_rule_must_hold_and_one_rule_suffices(void **state)
{
	static const struct filter_rule rules[] = {
		{ 1, 2, { { 0, FILTER_INT, 3 }, { 2, FILTER_EQUAL, 512 } } },
		{ 1, 2, { { 0, FILTER_INT, 4 }, { 2, FILTER_EQUAL, 4096 } } },
	};

	(void)state;
	compile(rules, 2);
	assert_true(allowed(1, 3, 0, 512, 0));
	assert_true(allowed(1, 4, 0, 4096, 0));
	assert_false(allowed(1, 3, 0, 4096, 0));
	assert_false(allowed(1, 4, 0, 512, 0));
}

static void calls_with_more_rules_than_a_jump_can_pass_work(void **state)
{
	static struct filter_rule rules[2 * 63 + 1];
	size_t count = 0;

	(void)state;
	for (uint32_t call = 17; call <= 18; call++) {
		for (uint64_t i = 0; i < 63; i++)
			rules[count++] = (struct filter_rule){ call,
				                               3,
				                               { { 0, FILTER_INT, 3 + i },
				                                 { 2, FILTER_EQUAL, 512 },
				                                 { 3, FILTER_AT_MOST, i << 40 } } };
	}
	rules[count++] = (struct filter_rule){ .call = 231 };
	compile(rules, count);
	for (uint64_t i = 0; i < 63; i++) {
		assert_true(allowed(17, 3 + i, 0, 512, i << 40));
		assert_true(allowed(18, 3 + i, 0, 512, i << 40));
		assert_false(allowed(18, 3 + i, 0, 512, (i << 40) + 1));
	}
	assert_false(allowed(17, 66, 0, 512, 0));
	assert_true(allowed(231, 0, 0, 0, 0));
	assert_false(allowed(230, 0, 0, 0, 0));
}

static void programs_longer_than_the_kernel_takes_are_refused(void **state)
{
	static struct filter_rule rules[2 * FILTER_LENGTH_MAX];

	(void)state;
	assert_int_equal(filter_compile(&filter, rules, sizeof(rules) / sizeof(rules[0])), -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_that_no_rule_allows_are_killed),
		cmocka_unit_test(other_architectures_are_killed),
		cmocka_unit_test(an_int_is_its_low_half_as_for_the_kernel),
		cmocka_unit_test(equal_compares_all_bits),
		cmocka_unit_test(at_most_is_exact_around_each_boundary),
		cmocka_unit_test(all_checks_of_a_rule_must_hold_and_one_rule_suffices),
		cmocka_unit_test(calls_with_more_rules_than_a_jump_can_pass_work),
		cmocka_unit_test(programs_longer_than_the_kernel_takes_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
