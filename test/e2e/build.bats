#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What is built, and from what.

load common

@test "the same sources give the same bytes in any folder" {
    mkdir -p one/deep/folder two
    (cd one/deep/folder && mirage new hello && cd hello && mirage configure -q && make)
    (cd two && mirage new hello && cd hello && mirage configure -q && make -j1)
    cmp one/deep/folder/hello/dist/hello two/hello/dist/hello
    for file in Makefile mirage/main.c mirage/build.mk mirage/key_gen.h mirage.context; do
        cmp "one/deep/folder/hello/$file" "two/hello/$file"
    done
    # … and from an installation elsewhere.
    make -s -C "$ROOT" install PREFIX="$BATS_TEST_TMPDIR/inst" >/dev/null
    mkdir three && cd three
    PATH=$BATS_TEST_TMPDIR/inst/bin:$PATH
    mirage new hello && cd hello && mirage configure -q && make
    cmp dist/hello ../../two/hello/dist/hello
}

@test "the environment of the build does not change the result" {
    new_project
    mirage configure -q
    make
    cp dist/hello expected
    mirage clean
    mkdir trap
    echo '#error from CPATH' >trap/string.h
    CPATH=$PWD/trap C_INCLUDE_PATH=$PWD/trap CFLAGS=-DBROKEN=1 LDFLAGS=-nonsense CC=false LC_ALL=C.UTF-8 \
        mirage configure -q
    CPATH=$PWD/trap C_INCLUDE_PATH=$PWD/trap CFLAGS=-DBROKEN=1 LDFLAGS=-nonsense CC=false \
        MAKEFLAGS=-j3 make
    cmp dist/hello expected
}

@test "nothing of this machine is in the result or in the generated files" {
    new_project
    mirage configure -q
    make
    for path in "$BATS_TEST_TMPDIR" "$ROOT"; do
        if grep -F "$path" dist/hello Makefile mirage/* mirage.context; then false; fi
    done
}

@test "a build that is up to date does nothing, an edit rebuilds one file" {
    new_project
    mirage configure -q
    make
    run make
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    sed -i 's/duration_of_sec/duration_of_ms/' unikernel.c
    run make
    [ "$output" = "$(printf '  CC      unikernel.c\n  LINK    dist/hello')" ]
}

@test "a header of the project is a dependency" {
    new_project
    echo '#define TIMES 2' >times.h
    sed -i -e '1i #include "times.h"' -e 's/i < 4/i < TIMES/' unikernel.c
    mirage configure -q
    make
    [ "$(dist/hello | wc -l)" -eq 2 ]
    echo '#define TIMES 1' >times.h
    make
    [ "$(dist/hello | wc -l)" -eq 1 ]
}

@test "only what is used is linked" {
    new_project
    mirage configure -q
    make
    symbols=$(nm _build/unix/image.debug)
    [[ $symbols == *" image_run"* || $symbols == *main_fiber* ]]
    for unused in default_console_ops default_random_ops channel_send mock_clock buffer_new; do
        [[ $symbols != *"$unused"* ]] || { echo "$unused is linked"; false; }
    done
}

@test "rules make files before the build, in order, and again when inputs change" {
    new_project
    write_config <<'END'
MAIN(m, "hello_start", time)
KEY_STRING(hello, .value = "x")
void configure(void)
{
	register_unikernel("hello", m(default_time()),
			   .sources = FILES("unikernel.c", "generated/table.c"),
			   .rules = RULES(RULE(.output = "generated/table.c", .inputs = FILES("numbers.txt"),
					       .command = "sed 's/.*/int table = &;/' $< > $@"),
					  RULE(.output = "numbers.txt", .inputs = FILES("seed.txt"),
					       .command = "cp $< $@")),
			   .install = FILES("numbers.txt"));
}
END
    echo 42 >seed.txt
    mirage configure
    make
    [ "$(cat generated/table.c)" = "int table = 42;" ]
    [ "$(cat dist/numbers.txt)" = 42 ]
    sleep 0.01
    echo 43 >seed.txt
    make
    [ "$(cat generated/table.c)" = "int table = 43;" ]
    mirage clean
    [ ! -e generated/table.c ]
    [ ! -e numbers.txt ]
    [ -e seed.txt ]
}

@test "a rule that fails stops the build" {
    new_project
    sed -i 's/hello_main(default_time()))/hello_main(default_time()), .rules = RULES(RULE(.output = "x", .command = "echo half > x; false")))/' config.c
    mirage configure -q
    run make
    [ "$status" -ne 0 ]
    [[ $output == *"the build failed"* ]]
    [ ! -e x ]
}

@test "a device type and an implementation of one's own" {
    new_project
    write_config <<'END'
DEVICE_TYPE(counter, .header = "counter.h");
MAIN(m, "count_start", counter, counter)
KEY_INT(step, .value = "2")
static counter_impl *memory_counter(time_impl *time, const char *label)
{
	return DEVICE(counter, "memory_counter", .header = "memory_counter.h",
		      .sources = FILES("memory_counter.c"), .state = true, .connect = true,
		      .disconnect = true, .devices = DEVICES(WIRE(time, time)),
		      .values = VALUES(TEXT_VALUE(label, label), KEY_VALUE(step, &key_step),
				       C_VALUE(first, "10")));
}
void configure(void)
{
	time_impl *time = default_time();
	register_unikernel("count", m(memory_counter(time, "a"), memory_counter(time, "b")));
}
END
    cat >counter.h <<'END'
#pragma once
struct counter_ops { int (*next)(const void *self); };
struct counter { const struct counter_ops *ops; const void *self; };
END
    cat >memory_counter.h <<'END'
#pragma once
#include <mirage/arguments.h>
#include <mirage/time.h>
#include "counter.h"
struct memory_counter_state { int value; };
struct memory_counter {
	struct memory_counter_state *state;
	const struct time *time;
	const char *label;
	const struct argument_value *step;
	int first;
};
extern const struct counter_ops memory_counter_ops;
int memory_counter_connect(const struct memory_counter *self);
void memory_counter_disconnect(const struct memory_counter *self);
END
    cat >memory_counter.c <<'END'
#include "memory_counter.h"
#include <mirage/log.h>
LOG_SOURCE(log_counter, "counter");
static int next(const void *self)
{
	const struct memory_counter *counter = self;
	return counter->state->value += (int)counter->step->integer;
}
const struct counter_ops memory_counter_ops = { .next = next };
int memory_counter_connect(const struct memory_counter *self)
{
	self->state->value = self->first;
	log_info_from(&log_counter, "%s connects", self->label);
	return 0;
}
void memory_counter_disconnect(const struct memory_counter *self)
{
	log_info_from(&log_counter, "%s ends at %d", self->label, self->state->value);
}
END
    cat >unikernel.c <<'END'
#include "counter.h"
int count_start(const struct counter *a, const struct counter *b)
{
	a->ops->next(a->self);
	a->ops->next(a->self);
	b->ops->next(b->self);
	return 0;
}
END
    mirage configure
    make
    run dist/count --step=5
    [ "$status" -eq 0 ]
    [ "$(sed 's/.*\[/[/' <<<"$output")" = "$(printf '[counter] a connects\n[counter] b connects\n[counter] b ends at 15\n[counter] a ends at 20')" ]
    [ -z "$(dist/count -l '*:info,counter:error')" ]
    run dist/count -l 'couter:debug'
    [ "${lines[0]}" = "WARNING: couter is not a valid log source." ]
    mirage describe | grep -q 'memory_counter : counter'
}

@test "several jobs run at once, a job can wait for another, and an error ends them all" {
    new_project
    write_config <<'END'
MAIN(first, "first_start", console)
MAIN(second, "second_start", console, job)
MAIN(loops, "loops_start", time)
MAIN(fails, "fails_start", time)
KEY_FLAG(fail, .stage = KEY_STAGE_CONFIGURE)
void configure(void)
{
	job_impl *chain = second(default_console(), first(default_console()));
	if (value_is_true(&key_fail))
		register_unikernel("jobs", JOBS(loops(default_time()), fails(default_time())));
	else
		register_unikernel("jobs", JOBS(chain, noop()));
}
END
    cat >unikernel.c <<'END'
#include <errno.h>
#include <mirage/console.h>
#include <mirage/time.h>
int first_start(const struct console *c) { console_log(c, "first"); return 0; }
int second_start(const struct console *c) { console_log(c, "second"); return 0; }
int loops_start(const struct time *t)
{
	int error = 0;
	while (error == 0)
		error = time_sleep_ns(t, duration_of_ms(1));
	return error;
}
int fails_start(const struct time *t)
{
	int error = time_sleep_ns(t, duration_of_ms(20));
	return error != 0 ? error : -EIO;
}
END
    mirage configure
    make
    [ "$(dist/jobs)" = "$(printf 'first\nsecond')" ]
    mirage configure --fail
    make
    run dist/jobs
    [ "$status" -eq 1 ]
    [[ $output == *"fails"* ]]
}

@test "a package with a .pc file gives its flags to the build" {
    pkg-config --exists jansson || skip "libjansson-dev is not installed"
    new_project
    sed -i 's/hello_main(default_time()))/hello_main(default_time()), .packages = PACKAGES(package("libjansson-dev", .min = "2.0", .pkg_config = "jansson")))/' config.c
    sed -i -e '1i #include <jansson.h>' -e 's/log_info("%s", key_hello())/log_info("%s", jansson_version_str())/' -e 's/i < 4/i < 1/' unikernel.c
    mirage configure
    make
    dist/hello | grep -q '\] 2\.'
}

@test "-o names the result" {
    new_project
    mirage configure -q -o other
    make
    [ -x dist/other ]
    run mirage configure -o a/b
    [ "$status" -eq 124 ]
}

@test "a tool called by its path writes a Makefile that finds it" {
    PATH=/usr/bin:/bin
    "$ROOT/build/bin/mirage" new hello
    cd hello
    "$ROOT/build/bin/mirage" configure -q
    make
    [ -x dist/hello ]
}

@test "a stripped hello is at most 100 KB" {
    new_project
    mirage configure -q
    make
    [ "$(stat -c %s dist/hello)" -le 102400 ]
}
