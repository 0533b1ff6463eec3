/* SPDX-License-Identifier: ISC */
/*
 * The program:
 *
 *     architecture is not ours?  kill
 *     for each call:  is it this one?  no: go to the next call
 *         for each of its rules:  load, compare … each failure goes to the next rule
 *                                 allow
 *         kill
 *     kill
 *
 * Jumps of a comparison reach 255 instructions. A rule is shorter; a call with the rules of many
 * devices may not be, and is left by an unconditional jump, which reaches everywhere.
 */
#include "tenders/seccomp/filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>

#if defined(__x86_64__)
#define FILTER_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define FILTER_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

enum {
	JUMP_MAX = 255,
};

static uint32_t high(uint64_t value)
{
	return (uint32_t)(value >> 32);
}

static size_t check_length(const struct filter_check *check)
{
	switch (check->test) {
	case FILTER_INT:
		return 2;
	case FILTER_EQUAL:
		return 4;
	case FILTER_AT_MOST:
		return high(check->value) == 0 ? 4 : 5;
	}
	return 0;
}

/* With the final "allow". */
static size_t rule_length(const struct filter_rule *rule)
{
	size_t length = 1;

	for (size_t i = 0; i < rule->check_count; i++)
		length += check_length(&rule->checks[i]);
	return length;
}

static void emit(struct filter *filter, uint16_t code, uint8_t if_true, uint8_t if_false,
                 uint32_t value)
{
	/* What is too long is still counted, so that the caller finds out. */
	if (filter->length < FILTER_LENGTH_MAX)
		filter->code[filter->length] =
			(struct sock_filter){ code, if_true, if_false, value };
	filter->length++;
}

static void load(struct filter *filter, size_t offset)
{
	emit(filter, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

static void answer(struct filter *filter, uint32_t value)
{
	emit(filter, BPF_RET | BPF_K, 0, 0, value);
}

/* Go on if the accumulator is `value`, otherwise to the instruction `target`. */
static void want_equal(struct filter *filter, uint32_t value, size_t target)
{
	emit(filter, BPF_JMP | BPF_JEQ | BPF_K, 0, (uint8_t)(target - filter->length - 1), value);
}

/* Go on if the accumulator is at most `value`, otherwise to the instruction `target`. */
static void want_at_most(struct filter *filter, uint32_t value, size_t target)
{
	emit(filter, BPF_JMP | BPF_JGT | BPF_K, (uint8_t)(target - filter->length - 1), 0, value);
}

static void compile_check(struct filter *filter, const struct filter_check *check, size_t next)
{
	size_t low_word = offsetof(struct seccomp_data, args) + check->argument * sizeof(uint64_t);
	size_t high_word = low_word + sizeof(uint32_t);
	uint32_t low = (uint32_t)check->value;

	switch (check->test) {
	case FILTER_INT:
		load(filter, low_word);
		want_equal(filter, low, next);
		break;
	case FILTER_EQUAL:
		load(filter, high_word);
		want_equal(filter, high(check->value), next);
		load(filter, low_word);
		want_equal(filter, low, next);
		break;
	case FILTER_AT_MOST:
		load(filter, high_word);
		if (high(check->value) == 0) {
			want_equal(filter, 0, next);
		} else {
			want_at_most(filter, high(check->value), next);
			/* Less: whatever the low word. */
			want_equal(filter, high(check->value), filter->length + 3);
		}
		load(filter, low_word);
		want_at_most(filter, low, next);
		break;
	}
}

static void compile_rule(struct filter *filter, const struct filter_rule *rule)
{
	size_t next = filter->length + rule_length(rule);

	for (size_t i = 0; i < rule->check_count; i++)
		compile_check(filter, &rule->checks[i], next);
	answer(filter, SECCOMP_RET_ALLOW);
}

/* The rules of one call. */
static void compile_call(struct filter *filter, const struct filter_rule *rules, size_t rule_count)
{
	size_t length = 1;

	for (size_t i = 0; i < rule_count; i++)
		length += rule_length(&rules[i]);
	if (length <= JUMP_MAX) {
		want_equal(filter, rules->call, filter->length + 1 + length);
	} else {
		emit(filter, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, rules->call);
		emit(filter, BPF_JMP | BPF_JA, 0, 0, (uint32_t)length);
	}
	for (size_t i = 0; i < rule_count; i++)
		compile_rule(filter, &rules[i]);
	answer(filter, SECCOMP_RET_KILL_PROCESS);
}

int filter_compile(struct filter *filter, const struct filter_rule *rules, size_t rule_count)
{
	filter->length = 0;
	load(filter, offsetof(struct seccomp_data, arch));
	emit(filter, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, FILTER_ARCHITECTURE);
	answer(filter, SECCOMP_RET_KILL_PROCESS);

	load(filter, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < rule_count;) {
		size_t group = 1;

		while (i + group < rule_count && rules[i + group].call == rules[i].call)
			group++;
		compile_call(filter, &rules[i], group);
		i += group;
	}
	answer(filter, SECCOMP_RET_KILL_PROCESS);
	return filter->length <= FILTER_LENGTH_MAX ? 0 : -E2BIG;
}
