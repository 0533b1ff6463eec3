#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A unikernel on the unix target, from the outside.

load common

# One build serves the tests of this file.
setup_file() {
    export PROJECT=$BATS_FILE_TMPDIR/probe
    export PATH=$BATS_TEST_DIRNAME/../../build/bin:$PATH
    mkdir -p "$PROJECT"
    cd "$PROJECT"
    cat >config.c <<'END'
#include <mirage/config.h>
KEY_STRING(text, .value = "none", .doc = "A text.")
KEY_INT(number, .names = "number,n", .value = "7", .minimum = -10, .maximum = 10, .doc = "A number.")
KEY_BOOL(answer, .value = "false")
KEY_FLAG(flag)
KEY_IPV4(ipv4, .value = "10.0.0.2")
KEY_IPV6(ipv6, .value = "::1")
KEY_PREFIX(prefix, .value = "10.0.0.2/24")
KEY_MAC(mac, .value = "02:00:00:00:00:01")
KEY_SIZE(size, .value = "64KiB")
KEY_DURATION(wait, .value = "1.5s")
KEY_STRING(list, .list = true, .value = "a,b")
KEY_INT(numbers, .list = true)
KEY_ENUM(kind, .choices = CHOICES("fat", "crunch"), .value = "crunch")
KEY_STRING(fixed, .stage = KEY_STAGE_CONFIGURE, .value = "at configure")
KEY_STRING(later, .stage = KEY_STAGE_RUN)
KEY_STRING(mode, .value = "print")
MAIN(probe_main, "probe_start", console, time)
void configure(void)
{
	register_unikernel("probe", probe_main(default_console(), default_time()));
}
END
    cat >unikernel.c <<'END'
#include <errno.h>
#include <inttypes.h>
#include <mirage/console.h>
#include <mirage/fiber.h>
#include <mirage/log.h>
#include <mirage/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mirage/key_gen.h"

static void print_keys(const struct console *console)
{
	char line[256], a[ADDRESS_TEXT_SIZE], b[ADDRESS_TEXT_SIZE], c[ADDRESS_TEXT_SIZE],
		d[ADDRESS_TEXT_SIZE];

	snprintf(line, sizeof(line), "%s %" PRId64 " %d %d %s %s %s %s", key_text(), key_number(),
		 key_answer(), key_flag(), ipv4_address_print(key_ipv4(), a),
		 ipv6_address_print(key_ipv6(), b), ip_prefix_print(key_prefix(), c),
		 mac_address_print(key_mac(), d));
	console_log(console, line);
	snprintf(line, sizeof(line), "%" PRIu64 " %" PRIu64 " %zu %s %zu %s %s %d %s", key_size(),
		 key_wait(), key_list_count(), key_list(key_list_count() - 1), key_numbers_count(),
		 key_kind(), key_fixed(), key_later_present(),
		 key_later_present() ? key_later() : "-");
	console_log(console, line);
}

static int deep(int depth)
{
	volatile char frame[512];

	memset((char *)frame, depth, sizeof(frame));
	return depth == 0 ? 0 : deep(depth - 1) + frame[0];
}

static int overflow(void *argument)
{
	(void)argument;
	return deep(1000000) != 0;
}

static int overflow_in_fiber(void)
{
	struct scope scope;

	scope_open(&scope);
	int error = fiber_start(&scope, "digger", overflow, NULL);
	if (error == 0)
		error = scope_wait_all(&scope, NEVER);
	scope_close(&scope);
	return error;
}

static int evaluated;
static int evaluate(void) { return ++evaluated; }

int probe_start(const struct console *console, const struct time *time)
{
	const char *mode = key_mode();

	if (strcmp(mode, "print") == 0)
		print_keys(console);
	if (strcmp(mode, "overflow") == 0)
		return overflow_in_fiber();
	if (strcmp(mode, "crash") == 0)
		*(volatile int *)0 = 1;
	if (strcmp(mode, "status") == 0)
		return 42;
	if (strcmp(mode, "error") == 0)
		return -EIO;
	if (strcmp(mode, "levels") == 0) {
		log_debug("debug %d", evaluate());
		log_info("info");
		log_warning("warning");
		log_error("error");
		log_info("two\nlines");
		printf("%d\n", evaluated);
	}
	if (strcmp(mode, "stuck") == 0)
		return time_sleep_until(time, NEVER);
	if (strcmp(mode, "cat") == 0) {
		char bytes[64];
		ssize_t length;
		while ((length = console_read(console, bytes, sizeof(bytes), NEVER)) > 0)
			console_write(console, bytes, (size_t)length);
		return (int)length;
	}
	return 0;
}
END
    mirage configure -q >/dev/null && make >/dev/null
}

setup() {
    cd "$PROJECT" || return 1
    PROBE=dist/probe
}

@test "keys of every type have their defaults" {
    run $PROBE
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "none 7 0 0 10.0.0.2 ::1 10.0.0.2/24 02:00:00:00:00:01" ]
    [ "${lines[1]}" = "65536 1500000000 2 b 0 crunch at configure 0 -" ]
}

@test "keys of every type are set on the command line" {
    run $PROBE --text='a b' -n -3 --answer=true --flag --ipv4=192.0.2.1 --ipv6=2001:DB8:0:0::1 \
        --prefix 2001:db8::/32 --mac=02-00-00-00-00-0A --size=1.5G --wait=250ms --list=x,y,z \
        --numbers=1,2 --kind=fat --later=now
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "a b -3 1 1 192.0.2.1 2001:db8::1 2001:db8::/32 02:00:00:00:00:0a" ]
    [ "${lines[1]}" = "1610612736 250000000 3 z 2 fat at configure 1 now" ]
}

@test "a bad argument is one sentence and status 64" {
    for wrong in --number=11 --number=x --answer=yes --flag=maybe --ipv4=1.2.3 --ipv6=1::2::3 \
        --prefix=10.0.0.1/33 --mac=1 --size=x --wait=1y --numbers=1,,2 --kind=zip --fixed=x \
        --nonsense operand --text --logs=loud; do
        run $PROBE $wrong
        echo "$wrong: $status $output"
        [ "$status" -eq 64 ]
        [[ ${lines[0]} == "probe: "* ]]
        [ "${#lines[@]}" -eq 2 ]
    done
}

@test "--help is a page with the keys and status 63, --version a line" {
    run $PROBE --help
    [ "$status" -eq 63 ]
    [[ $output == *"NAME"*"probe"*"SYNOPSIS"*"UNIKERNEL PARAMETERS"*"--number=NUMBER, -n NUMBER (absent=7)"*"A number."* ]]
    [[ $output == *"--logs=LEVEL, -l LEVEL (absent=info)"*"--name=NAME (absent=probe)"*"--delay="* ]]
    [[ $output != *"--fixed"* ]]
    run $PROBE --nonsense --help
    [ "$status" -eq 63 ]
    run $PROBE --version
    [ "$status" -eq 63 ]
}

@test "log lines have the seeds' form, in local time with its offset" {
    run env TZ=Etc/GMT+1 $PROBE --mode=levels
    [[ ${lines[0]} =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}\ [0-9]{2}:[0-9]{2}:[0-9]{2}\ -01:00:\ INF\ \[application\]\ info$ ]]
    [ "${lines[0]:0:16}" = "$(TZ=Etc/GMT+1 date '+%Y-%m-%d %H:%M')" ] || [ "${lines[0]:0:13}" = "$(TZ=Etc/GMT+1 date '+%Y-%m-%d %H')" ]
    [[ ${lines[1]} == *": WRN [application] warning" ]]
    [[ ${lines[2]} == *": ERR [application] error" ]]
    [[ ${lines[3]} == *": INF [application] two" ]]
    [ "${lines[4]}" = lines ]
    run env TZ=Asia/Kathmandu $PROBE --mode=levels
    [[ ${lines[0]} == *" +05:45: INF "* ]] || [ ! -e /usr/share/zoneinfo/Asia/Kathmandu ]
}

@test "below the threshold nothing is printed and nothing evaluated" {
    [ "$($PROBE --mode=levels | tail -1)" = 0 ]
    run $PROBE --mode=levels -l debug
    [[ ${lines[0]} == *": DBG [application] debug 1" ]]
    [ "${lines[-1]}" = 1 ]
    [ "$($PROBE --mode=levels -l '*:quiet')" = 0 ]
    [ "$($PROBE --mode=levels -l 'quiet,application:error' | grep -c application)" -eq 1 ]
}

@test "an unknown log source is a warning" {
    run $PROBE -l 'foo:debug'
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "WARNING: foo is not a valid log source." ]
}

@test "a job's result is the exit status" {
    run $PROBE --mode=status
    [ "$status" -eq 42 ]
    run $PROBE --mode=error
    [ "$status" -eq 1 ]
    [[ $output == *"ERR"*"probe_main"*"Input/output error"* ]]
}

@test "a fiber that overflows its stack is named" {
    run $PROBE --mode=overflow
    [ "$status" -gt 128 ]
    [[ $output == *"fiber 'digger' overflowed its stack of 64 KiB"*"fiber_start_sized()"* ]]
}

@test "another fault keeps its signal" {
    run $PROBE --mode=crash
    [ "$status" -eq 139 ]
    [[ $output != *overflowed* ]]
}

@test "a unikernel that waits for nothing says so and ends" {
    run timeout 10 $PROBE --mode=stuck
    [ "$status" -eq 1 ]
    [[ $output == *"fiber '"*"' waits for what can never come"* ]]
}

@test "the console reads standard input" {
    [ "$(printf 'hello\nworld\n' | $PROBE --mode=cat)" = "$(printf 'hello\nworld')" ]
    [ "$($PROBE --mode=cat <config.c)" = "$(cat config.c)" ]
    $PROBE --mode=cat </dev/null
}

@test "a closed standard output does not end the unikernel" {
    run bash -c "$PROBE --mode=status >&-"
    [ "$status" -eq 42 ]
    run bash -c "set -o pipefail; $PROBE --mode=status | true"
    [ "$status" -eq 42 ]
}

@test "--delay waits before anything starts" {
    start=$(date +%s%N)
    $PROBE --delay=300ms
    [ $(($(date +%s%N) - start)) -ge 300000000 ]
}

@test "lines of hello come a second apart" {
    cp -r "$BATS_TEST_DIRNAME/../../examples/tutorial/hello" "$BATS_TEST_TMPDIR/hello"
    cd "$BATS_TEST_TMPDIR/hello"
    mirage configure -q
    make
    start=$(date +%s%N)
    [ "$(dist/hello | wc -l)" -eq 4 ]
    [ $(($(date +%s%N) - start)) -ge 4000000000 ]
}

@test "nothing is leaked at exit" {
    command -v valgrind >/dev/null || skip "valgrind is not installed"
    # Fibers are at least 64 KiB apart: a larger jump of the stack pointer is a switch.
    run valgrind --quiet --max-stackframe=32768 --leak-check=full --errors-for-leak-kinds=all --show-leak-kinds=all \
        --error-exitcode=99 _build/unix/image.debug --list=a,b,c --numbers=1,2
    echo "$output"
    [ "$status" -eq 0 ]
}
