#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # bats sets output and status
# Building and running for hvt and spt, as a user of `mirage` does. What images do inside their
# tenders is in bare_spt.bats and bare_hvt.bats.

load common

bats_require_minimum_version 1.5.0

teardown() {
    if [ -n "${namespace-}" ]; then
        ip netns delete "$namespace" 2>/dev/null || true
    fi
}

# A project whose unikernel.c is standard input, configured for $1.
project() {
    mirage new hello >/dev/null && cd hello || return 1
    cat >unikernel.c
    mirage configure -q -t "$1"
}

# A device of one's own with a manifest: `ask NAME.c MANIFEST…` writes config.c with one for each.
ask() {
    local number=0 manifest
    {
        echo '#include <mirage/config.h>'
        printf 'MAIN(main_job, "start"'
        for manifest; do printf ', console'; done
        printf ')\nvoid configure(void)\n{\n\tregister_unikernel("asks", main_job('
        for manifest; do
            [ $((number++)) -eq 0 ] || printf ','
            printf '\n\t\tDEVICE(console, "default_console", .manifest = %s)' "$manifest"
        done
        printf '));\n}\n'
    } >config.c
    {
        echo '#include <mirage/console.h>'
        number=0
        printf 'int start('
        for manifest; do
            [ $((number++)) -eq 0 ] || printf ', '
            printf 'const struct console *c%d' "$number"
        done
        printf ')\n{\n'
        for ((; number > 0; number--)); do printf '\t(void)c%d;\n' "$number"; done
        printf '\treturn 0;\n}\n'
    } >unikernel.c
}

# A network of one's own, so that nothing of this machine's is touched.
new_network() {
    [ "$(id -u)" -eq 0 ] || skip "only root makes network interfaces"
    command -v ip >/dev/null || skip "iproute2 is not installed"
    namespace=mirage-$$-$BATS_TEST_NUMBER
    ip netns add "$namespace" || skip "network namespaces cannot be made here"
}

@test "one project is built for several targets, side by side" {
    local target
    new_project
    for target in spt unix hvt spt; do
        mirage configure -q -t "$target"
        make
        [ "$(mirage query target)" = "$target" ]
    done
    [ -x dist/hello ] && [ -x dist/hello.spt ] && [ -x dist/hello.hvt ]
    [ -e _build/unix/image.debug ] && [ -e _build/spt/image.debug ] && [ -e _build/hvt/image.debug ]
    [[ $(solo5-elftool query-abi dist/hello.spt) == *'"spt"'* ]]
    [[ $(solo5-elftool query-abi dist/hello.hvt) == *'"hvt"'* ]]
    for target in spt hvt; do grep -q '^binutils ' "mirage/hello-$target.packages"; done
    mirage clean
    left=$(find . -type f ! -name '*.lock' ! -name .gitignore | LC_ALL=C sort | tr '\n' ' ')
    [ "$left" = "./config.c ./unikernel.c " ] || { echo "left: $left" && false; }
}

@test "build and run are for the target that was configured" {
    new_project
    mirage configure -q -t spt
    for command in build run depends; do
        run mirage "$command" -t unix
        [ "$status" -eq 1 ]
        [[ $output == *"this folder is configured for spt"*"mirage configure -t unix"* ]]
    done
    mirage build -t spt
}

@test "a second build does nothing, an edit compiles one file" {
    new_project
    mirage configure -q -t spt
    make
    run make
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    sed -i 's/duration_of_sec/duration_of_ms/' unikernel.c
    run make
    [ "$output" = "$(printf '  CC      unikernel.c\n  LINK    dist/hello.spt')" ]
}

@test "the same sources give the same image in any folder, with nothing of this machine in it" {
    local folder
    for folder in one/deep two; do
        mkdir -p "$folder"
        (cd "$folder" && new_project && mirage configure -q -t spt && make)
    done
    cmp one/deep/hello/dist/hello.spt two/hello/dist/hello.spt
    run ! grep -q -e "$BATS_TEST_TMPDIR" -e "$ROOT" two/hello/dist/hello.spt two/hello/mirage/*
}

@test "no header of the host is read: an empty /usr/include does as well" {
    new_project
    sed -i '1i #include <errno.h>\n#include <math.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <sys/types.h>\n#include <time.h>\n#include <unistd.h>' unikernel.c
    mirage configure -q -t spt
    # What the compiler says that it reads …
    command=$(mirage build --dry-run | grep -o 'gcc .* -c -o [^ ]*unikernel.o unikernel.c')
    command=${command/ -MMD -MP -c / -M }
    headers=$(eval "${command/ -o _build\/spt\/unikernel.o/}" | tr -s ' \134' '\n' | grep '^/')
    [[ $headers == *"/bare/x86_64/include/stdio.h"* || $headers == *"/bare/aarch64/include/stdio.h"* ]]
    run ! grep '^/usr/include' <<<"$headers"
    # … and what it does without them.
    [ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null || skip "namespaces of mounts cannot be made here"
    unshare -m sh -c 'mount -t tmpfs none /usr/include && ! test -e /usr/include/stdio.h && mirage build'
    [ -x dist/hello.spt ]
}

@test "a header that only the host has is not found" {
    project spt <<'END'
#include <linux/if_tun.h>
int hello_start(const void *time) { return time == 0; }
END
    run make
    [ "$status" -ne 0 ]
    [[ $output == *"linux/if_tun.h: No such file or directory"* ]]
}

@test "libraries of Debian are for unix only, tools of the build for all" {
    new_project
    write_config <<'END'
MAIN(hello_main, "hello_start", time)
void configure(void)
{
	register_unikernel("hello", hello_main(default_time()),
	                   .packages = PACKAGES(package("zlib1g-dev", .pkg_config = "zlib")));
}
END
    fails_cleanly mirage configure -t spt
    [[ $output == *"config.c:6:"*"package 'zlib1g-dev' is made for Linux"*"is_unix()"* ]]
    sed -i 's/\.pkg_config = "zlib"/.build = true/; s/key_hello()/"x"/' config.c unikernel.c
    mirage configure -q -t spt
    grep -q '^zlib1g-dev - - build$' mirage/hello-spt.packages
}

@test "a system call of one's own does not pass the link" {
    project spt <<'END'
#include <mirage/time.h>

static long get_pid(void)
{
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(39) : "rcx", "r11", "memory");
	return result;
}

int hello_start(const struct time *time)
{
	(void)time;
	return (int)get_pid() & 1;
}
END
    [ "$(uname -m)" = x86_64 ] || skip "the instruction is x86-64's"
    for target in spt hvt; do
        mirage configure -q -t "$target"
        run make
        echo "$output"
        [ "$status" -ne 0 ]
        [[ $output == *"function 'get_pid' calls a kernel (\`syscall\` at 0x"*"must not"*"unikernel.c:7"* ]]
        [ ! -e "dist/hello.$target" ]
    done
}

@test "functions of the C library that need a kernel link with a warning at the call" {
    project spt <<'END'
#include <mirage/time.h>
#include <sys/socket.h>

int hello_start(const struct time *time)
{
	(void)time;
	return socket(AF_INET, SOCK_STREAM, 0) == -1 ? 0 : 1;
}
END
    run make
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"unikernel.c:7: warning: "*"socket"*"network"* ]]
    [[ $output != *"ltrans"* ]]
    run solo5-spt dist/hello.spt
    [ "$status" -eq 0 ]
}

@test "a function that is nowhere is named at its call" {
    project spt <<'END'
#include <mirage/time.h>

int nowhere(int number);
int hello_start(const struct time *time)
{
	(void)time;
	return nowhere(1) + nowhere(2);
}
END
    run make
    echo "$output"
    [ "$status" -ne 0 ]
    [[ $output == *"unikernel.c:7:"*"error: there is no 'nowhere'"*"hint: "* ]]
    [ "$(grep -c "there is no 'nowhere'" <<<"$output")" -eq 1 ]
}

@test "a library of this machine does not pass the link" {
    local library
    library=$(gcc -print-file-name=libm.a)
    [ "$library" != libm.a ] || skip "there is no libm.a"
    new_project
    sed -i "s|hello_main(default_time())|hello_main(default_time()), .link_flags = FILES(\"-lm\", \"$library\")|" config.c
    mirage configure -q -t spt
    run make
    echo "$output"
    [ "$status" -ne 0 ]
    [[ $output == *"is a library of this machine and cannot be part of an image"*".link_flags"* ]]
    # -lm alone is part of the C library.
    sed -i "s|, \"$library\"||" config.c
    make
}

@test "--optimise is for the application, remembered, and for every target" {
    new_project
    for target in spt unix; do
        mirage configure -q -t "$target" --optimise=size
        grep -q 'CFLAGS := .* -Os ' mirage/build.mk
        make
        touch config.c
        make
        grep -q 'CFLAGS := .* -Os ' mirage/build.mk
        mirage configure -q -t "$target" --optimise=speed
        grep -q 'CFLAGS := .* -O2 ' mirage/build.mk
        mirage configure -q -t "$target"
    done
    run mirage configure --optimise=beauty
    [ "$status" -eq 124 ]
}

@test "devices of the manifest go through config.c into the image" {
    ask 'MANIFEST_NET("service")' 'MANIFEST_BLOCK("storage")'
    mirage configure -q -t hvt
    make
    run solo5-elftool query-manifest dist/asks.hvt
    echo "$output"
    [[ $output == *'"service"'*'"NET_BASIC"'*'"storage"'*'"BLOCK_BASIC"'* ]]
    [ "$(mirage query manifest.json)" = "$(cat mirage/manifest.json)" ]
    run mirage describe --eval
    [[ $output == *"default_console : console, net device 'service' of the manifest"* ]]
    [[ $output == *$'Manifest\n  service : net\n  storage : block'* ]]
    run mirage query manifest.json -t unix
    [ "$status" -eq 1 ]
    [[ $output == *"target unix has no manifest"* ]]
}

@test "two devices of one name are an error that names both places; unix does not mind" {
    ask 'MANIFEST_NET("service")' 'MANIFEST_NET("other")' 'MANIFEST_BLOCK("service")'
    fails_cleanly mirage configure -t spt
    [[ $output == *"config.c:8:"*"two devices of the manifest are called 'service'"*"is at config.c:6"* ]]
    mirage configure -q -t unix
}

@test "names that Solo5 does not take are refused at their place" {
    local name
    for name in 'disk.img' '' "$(printf 'x%.0s' {1..68})"; do
        ask "MANIFEST_BLOCK(\"$name\")"
        fails_cleanly mirage configure -t spt
        [[ $output == *"config.c:6"*"cannot be the name of a device of the manifest"* ]]
    done
}

@test "the bill of materials of an image names its C library, that of a program does not" {
    new_project
    mirage query sbom -t spt | grep -A1 '"name": "musl"' | grep -Eq '"versionInfo": "[0-9.]+"'
    run ! grep -q musl <(mirage query sbom -t unix)
}

@test "mirage query size counts every byte of the image once" {
    local target text data bss
    new_project
    run mirage query size
    [ "$status" -eq 1 ]
    [[ $output == *"there is no image yet"*"mirage build"* ]]
    for target in unix spt hvt; do
        mirage configure -q -t "$target"
        make
        mirage query size --json >size.json
        read -r text data bss _ < <(size "_build/$target/image.debug" | tail -1)
        python3 - "$text" "$data" "$bss" "$(stat -c %s dist/hello*"${target#unix}")" <<'END'
import json, sys
answer = json.load(open("size.json"))
columns = ("text", "data", "bss")
assert [answer["sum"][c] for c in columns] == [int(n) for n in sys.argv[1:4]], answer["sum"]
for column in columns + ("total",):
    assert sum(row[column] for row in answer["libraries"]) == answer["sum"][column], column
names = {row["name"] for row in answer["libraries"]}
assert {"application", "mirage runtime", "mirage arguments", "libc"} <= names, names
assert len(answer["largest"]) == 15
assert answer["largest"] == sorted(answer["largest"], key=lambda f: -f["size"])
END
        rm -f dist/*
    done
    run mirage query size
    [[ $output == *"  mirage hvt"*"  sum"*"Largest functions"* ]]
}

@test "mirage run starts the tender, passes arguments on, and ends with the image's status" {
    project spt <<'END'
#include <mirage/log.h>
#include <mirage/time.h>

#include "mirage/key_gen.h"

int hello_start(const struct time *time)
{
	(void)time;
	log_info("'%s'", key_hello());
	return 42;
}
END
    run --separate-stderr mirage run --mem=2 -- --hello='a  "b" \c'"'d'"
    echo "$output"
    [ "$status" -eq 42 ]
    [[ $output == *"2 MB addressable"*"'a  \"b\" \\c'd''"* ]]
    [[ $output != *"LINK"* ]]
    [[ $stderr == *"LINK    dist/hello.spt"* ]]
    run mirage run --dry-run --mem=16 -- -x
    [ "$output" = "* run $ROOT/build/bin/solo5-spt --mem=16 -- dist/hello.spt -x" ]
    run mirage run --mem=lots
    [ "$status" -eq 124 ]
    mirage configure -q -t unix
    run mirage run --mem=16
    [ "$status" -eq 1 ]
    [[ $output == *"target unix has no tender"* ]]
}

@test "mirage run finds the tender in PATH when it is not beside it" {
    mkdir -p elsewhere inst
    new_project
    tar -C "$ROOT/build" -cf - bin include lib | tar -C ../inst -xf -
    mv ../inst/bin/solo5-spt ../elsewhere/solo5-spt
    PATH=$PWD/../inst/bin:/usr/bin:/bin
    mirage configure -q -t spt
    mirage build -q
    run mirage run -- --help
    [ "$status" -eq 1 ]
    [[ $output == *"cannot run solo5-spt: No such file or directory"*"mirage doctor"* ]]
    PATH=$PATH:$PWD/../elsewhere
    run mirage run -- --help
    [ "$status" -eq 63 ]
    run mirage run --dry-run
    [ "$output" = "* run solo5-spt -- dist/hello.spt" ]
}

@test "mirage run attaches block devices" {
    ask 'MANIFEST_BLOCK("storage")'
    mirage configure -q -t spt
    mirage build
    run mirage run
    [ "$status" -eq 1 ]
    [[ $output == *"block device 'storage': 'storage.img' does not exist"*"--block:storage=PATH"*"truncate"* ]]
    truncate -s 1M some.img
    run mirage run
    [[ $output == *"--block:storage=some.img"* ]]
    run mirage run --block:storage=some.img
    [ "$status" -eq 0 ]
    run mirage run --block:storage=some.img --block-sector-size:storage=4096
    [ "$status" -eq 0 ]
    mv some.img storage.img
    run mirage run
    [ "$status" -eq 0 ]
    run mirage run --block:storag=storage.img
    [ "$status" -eq 1 ]
    [[ $output == *"the image has no block device 'storag'"*"did you mean 'storage'?"* ]]
    run mirage run --net:storage=tap0
    [ "$status" -eq 1 ]
    [[ $output == *"the image has no network device 'storage'"* ]]
    run mirage run --block:storage
    [ "$status" -eq 124 ]
}

@test "mirage run makes a missing tap and removes it, and leaves one that was there" {
    new_network
    ask 'MANIFEST_NET("service")'
    mirage configure -q -t spt
    mirage build
    run ip netns exec "$namespace" mirage run
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"made the network interface service"*"ip addr add"* ]]
    run ! ip -n "$namespace" link show service
    ip -n "$namespace" tuntap add dev tap7 mode tap
    ip -n "$namespace" link set dev tap7 up
    run ip netns exec "$namespace" mirage run --net:service=tap7 --net-mac:service=02:00:00:00:00:07
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output != *"made the network interface"* ]]
    ip -n "$namespace" link show tap7
    run ip netns exec "$namespace" mirage run --dry-run
    [ "${lines[0]}" = "* ip tuntap add dev service mode tap" ]
    [ "${lines[3]}" = "* ip tuntap del dev service mode tap" ]
    run ! ip -n "$namespace" link show service
    run ip netns exec "$namespace" mirage run --net:service=much-too-long-a-name
    [ "$status" -eq 1 ]
    [[ $output == *"cannot be the name of a network interface"* ]]
    # Without the right to make one, it says how.
    unshare --user --map-user=1000 --map-group=1000 true 2>/dev/null || skip "user namespaces cannot be made here"
    run ip netns exec "$namespace" unshare --user --map-user=1000 --map-group=1000 "$ROOT/build/bin/mirage" run
    echo "$output"
    [ "$status" -eq 1 ]
    [[ $output == *"there is no interface 'service'"*"sudo ip tuntap add dev service mode tap"* ]]
}

@test "mirage run gives devices with long names taps of their own" {
    new_network
    ask 'MANIFEST_NET("monitoringnetworkleft")' 'MANIFEST_NET("monitoringnetworkright")'
    mirage configure -q -t spt
    mirage build
    run ip netns exec "$namespace" mirage run
    echo "$output"
    [ "$status" -eq 0 ]
    run mirage run --dry-run
    local left right
    left=$(sed -n 's/.*--net:monitoringnetworkleft=\([^ ]*\).*/\1/p' <<<"$output")
    right=$(sed -n 's/.*--net:monitoringnetworkright=\([^ ]*\).*/\1/p' <<<"$output")
    [[ $left =~ ^monitori-[0-9a-f]{6}$ && $right =~ ^monitori-[0-9a-f]{6}$ && $left != "$right" ]]
    [ "${lines[0]}" = "* ip tuntap add dev $left mode tap" ]
}

@test "mirage run ends with its image on a signal, and tidies up" {
    new_network
    ask 'MANIFEST_NET("service")'
    sed -i 's/return 0;/for (;;)\n\t\tasm volatile("" ::: "memory");/' unikernel.c
    mirage configure -q -t spt
    mirage build
    ip netns exec "$namespace" mirage run >log 2>&1 3>&- &
    pid=$!
    for ((i = 0; i < 500; i++)); do
        if grep -q 'heap >=' log; then break; fi
        sleep 0.02
    done
    kill -TERM "$pid"
    wait "$pid" && status=0 || status=$?
    cat log
    [ "$status" -eq 143 ]
    run ! ip -n "$namespace" link show service
}

@test "mirage run --gdb stops where the first job starts, with symbols" {
    command -v gdb >/dev/null || skip "gdb is not installed"
    new_project
    sed -i 's/duration_of_sec/duration_of_ms/' unikernel.c
    for target in unix spt; do
        mirage configure -q -t "$target"
        mirage build
        run timeout 120 mirage run --gdb <<<$'bt\nkill\nquit'
        echo "$output"
        [[ $output == *"Breakpoint 1, hello_start (time="*"unikernel.c:"*"hello_main_1"*"runtime/fiber.c"* ]]
    done
    mirage configure -q -t hvt
    mirage build
    run mirage run --gdb --gdb-port=4321 --dry-run
    [ "${#lines[@]}" -eq 2 ]
    # A tender that ends at once has said why: gdb is not started.
    mkdir -p ../inst/bin
    printf '#!/bin/sh\necho no such luck >&2\nexit 7\n' >../inst/bin/solo5-hvt-debug
    chmod +x ../inst/bin/solo5-hvt-debug
    cp "$ROOT/build/bin/mirage" "$ROOT/build/bin/solo5-elftool" ../inst/bin
    ln -s "$ROOT/build/lib" "$ROOT/build/include" ../inst
    run -7 env PATH="$PWD/../inst/bin:$PATH" mirage run --gdb </dev/null
    [[ $output == *"no such luck"* ]]
    [[ $output != *"(gdb)"* ]]
    run mirage run --gdb --gdb-port=4321 --dry-run
    [[ ${lines[0]} == "* run beside gdb: "*"solo5-hvt-debug --gdb --gdb-port=4321 -- dist/hello.hvt" ]]
    [[ ${lines[1]} == "* run gdb -q "*"'target remote 127.0.0.1:4321'"*"'break hello_start'"*"_build/hvt/image.debug" ]]
}
