#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# The C library of images from inside an image; on unix the same program finds that of the host,
# which shows that it asks for nothing but C and POSIX.

load common

runs_as_an_image() { # target command...
    local target=$1
    shift
    cp "$ROOT"/test/images/libc/*.c .
    mirage configure -t "$target" >/dev/null
    mirage build >/dev/null
    run "$@" </dev/null
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(grep -c '^ok ' <<<"$output")" -ge 58 ]
    grep -q "^1\.\.$(grep -c '^ok ' <<<"$output")\$" <<<"$output"
}

@test "the C library's program unix" {
    runs_as_an_image unix dist/libc
}

@test "the C library's program spt" {
    runs_as_an_image spt solo5-spt --mem=64 dist/libc.spt
}

@test "a program that starts a process is built with a warning, and the call fails spt" {
    write_config <<'END'
MAIN(forks, "forks_start")

void configure(void)
{
	register_unikernel("forks", forks());
}
END
    cat >unikernel.c <<'END'
#include <stdio.h>
#include <unistd.h>

int forks_start(void)
{
	if (fork() < 0)
		perror("fork");
	return 0;
}
END
    mirage configure -t spt >/dev/null
    run mirage build
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"unikernel.c:6: warning: fork(): an image has no processes: start a fiber with fiber_start()"* ]]
    run solo5-spt --mem=16 dist/forks.spt
    [ "$status" -eq 0 ]
    [[ $output == *"fork: Function not implemented"* ]]
}

@test "what printf() holds at the end is written spt" {
    write_config <<'END'
MAIN(prints, "prints_start")

void configure(void)
{
	register_unikernel("prints", prints());
}
END
    cat >unikernel.c <<'END'
#include <stdio.h>
#include <stdlib.h>

static void at_exit(void)
{
	printf("and this from atexit()");
}

int prints_start(void)
{
	atexit(at_exit);
	printf("a line without its end, ");
	return 0;
}
END
    mirage configure -t spt >/dev/null
    mirage build >/dev/null
    run solo5-spt --mem=16 dist/prints.spt
    [ "$status" -eq 0 ]
    [[ $output == *"a line without its end, and this from atexit()"* ]]
}
