#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# solo5-hvt and solo5-hvt-debug, with images of our own. Most tests are a check of hvt/checks.sh or
# hvt/debug.sh, and run in one boot of the lab; the last ones run on the machine's own /dev/kvm.

load ../lab/hvt/lab

setup_file() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    [ "$(uname -m)" = x86_64 ] || skip "the hvt target is for x86-64"
    local options=(--script "$BATS_TEST_DIRNAME/hvt/checks.sh" --script "$BATS_TEST_DIRNAME/hvt/debug.sh")
    local gdb
    for program in solo5-hvt solo5-hvt-debug; do options+=(--program "$root/build/bin/$program"); done
    for image in probe sse devices many solo5; do options+=(--file "$root/build/test/images/$image.hvt"); done
    # Debian's smaller gdb: the other one wants the whole of Python.
    gdb=$("$root/test/lab/hvt/fetch.sh" gdb-minimal ./usr/bin/gdb)
    lab_boot --program "$gdb/usr/bin/gdb" "${options[@]}"
}

setup() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    PATH=$ROOT/build/bin:$PATH
    IMAGES=$ROOT/build/test/images
}

@test "an image's exit status is the tender's, modulo 256" { lab_result; }
@test "the image's words come on standard output, unchanged" { lab_result; }
@test "memory is what --mem says, rounded down to 2 MiB" { lab_result; }
@test "arguments reach the image with one blank between" { lab_result; }
@test "an image in the layout of Solo5 is loaded and protected" { lab_result; }
@test "floating point works" { lab_result; }
@test "the thread base can be set" { lab_result; }
@test "a write to code is a translation fault" { lab_result; }
@test "a write to a constant is a translation fault" { lab_result; }
@test "data and heap are not executed" { lab_result; }
@test "the heap is executed with --x-exec-heap" { lab_result; }
@test "page zero, page tables and what is beyond memory are not there" { lab_result; }
@test "the boot block is read only" { lab_result; }
@test "a halted processor is an unhandled exit" { lab_result; }
@test "a fault without a handler is an unhandled exit" { lab_result; }
@test "a hypercall's pointer must be into memory" { lab_result; }
@test "the tender writes neither to code nor to page tables" { lab_result; }
@test "an unknown port, size or direction is an error" { lab_result; }
@test "a call to devices that the image does not have is an error" { lab_result; }
@test "the wall clock is the host's" { lab_result; }
@test "a poll waits until its deadline, by the frequency that the guest is told" { lab_result; }
@test "every device is what its options say" { lab_result; }
@test "blocks are read and written, and only those of the device" { lab_result; }
@test "63 devices work" { lab_result; }
@test "a missing device is an error that names it" { lab_result; }
@test "ping is answered on both networks by single frames" { lab_result; }
@test "ping is answered on both networks by the ring" { lab_result; }
@test "every frame that is in the ring when the image halts is sent" { lab_result; }
@test "a frame that the tap refuses is an answer, not an end" { lab_result; }
@test "a ring that makes no sense ends the tender" { lab_result; }
@test "there is no ring where there is no room" { lab_result; }
@test "a signal ends the tender with its message" { lab_result; }
@test "a running tender has no capabilities, no way to new ones, and a filter" { lab_result; }
@test "a running tender has no descriptor but those in use" { lab_result; }
@test "no access to KVM is an error with its cause" { lab_result; }
@test "gdb finds the guest before its first instruction, as the ABI has it" { lab_result; }
@test "gdb stops at breakpoints in read-only code, steps, and reads and writes" { lab_result; }
@test "gdb sees floating point registers" { lab_result; }
@test "gdb interrupts a guest that runs" { lab_result; }
@test "gdb looks at a guest that cannot go on" { lab_result; }
@test "gdb is told how the guest ended" { lab_result; }
@test "a port that is taken is an error, and none but the local host can connect" { lab_result; }
@test "a trap leaves a core that gdb reads" { lab_result; }
@test "no core where the image ended by itself" { lab_result; }
@test "solo5-hvt has no such options" { lab_result; }

@test "a tap that is down, missing or in use is an error with its cause" { lab_result; }
@test "a frame is lost and no more while the interface is down" { lab_result; }
@test "no check of the lab is forgotten here" { lab_checks_all_asked; }

# What needs no KVM.
refuses() {
    run "$@"
    echo "$output"
    [ "$status" -eq 1 ]
}

@test "help lists the options and ends with 1, version ends with 0" {
    refuses solo5-hvt --help
    [[ $output == *"Compiled-in modules: core block net"$'\n'* ]]
    [[ $output == *"--x-exec-heap"* && $output != *"--gdb"* ]]
    refuses solo5-hvt-debug --help
    [[ $output == *"Compiled-in modules: core block net gdb dumpcore"$'\n'* ]]
    [[ $output == *"--gdb-port=N"* && $output == *"--dumpcore=DIR"* ]]
    run solo5-hvt --version
    [ "$status" -eq 0 ]
    [[ ${lines[0]} == "solo5-hvt tender, version "* && ${lines[1]} == "ABI version 2" ]]
}

@test "what is no image for hvt is refused, with what it is" {
    refuses solo5-hvt
    [[ $output == *"KERNEL"* ]]
    refuses solo5-hvt "$BATS_TEST_TMPDIR/none"
    [[ $output == *"No such file or directory"* ]]
    refuses solo5-hvt "$IMAGES/probe_none.spt"
    [[ $output == *"solo5-hvt: $IMAGES/probe_none.spt: Executable is not for the solo5-hvt target"* ]]
    refuses solo5-hvt "$ROOT/build/bin/mirage"
    refuses solo5-hvt /dev/null
    head -c 5000 "$IMAGES/probe.hvt" >"$BATS_TEST_TMPDIR/short"
    refuses solo5-hvt "$BATS_TEST_TMPDIR/short"
}

@test "options and devices that are wrong are refused before a machine is made" {
    refuses solo5-hvt --mem=0 "$IMAGES/probe.hvt"
    [[ $output == *"Malformed argument to --mem"* ]]
    refuses solo5-hvt --block:first=/dev/null "$IMAGES/probe.hvt"
    [[ $output == *"Resource not declared in manifest: 'first'"* ]]
    refuses solo5-hvt --nothing "$IMAGES/probe.hvt"
    refuses solo5-hvt-debug --gdb-port=70000 "$IMAGES/probe.hvt"
    [[ $output == *"Malformed argument to --gdb-port"* ]]
    refuses solo5-hvt -- "$IMAGES/probe.hvt" "$(head -c 8192 /dev/zero | tr '\0' x)"
    [[ $output == *"Guest command line too long (max=8191 characters)"* ]]
}

# The machine's own KVM, for what integers can do there.
needs_kvm() {
    [ -r /dev/kvm ] && [ -w /dev/kvm ] || skip "no access to /dev/kvm here"
}

@test "on this machine's KVM: words, exit statuses, protection" {
    needs_kvm
    run solo5-hvt "$IMAGES/probe.hvt" exit=7
    [ "$status" -eq 7 ]
    run solo5-hvt "$IMAGES/probe.hvt" hello
    [ "$status" -eq 0 ] && [ "${lines[2]}" = "Hello from a guest" ]
    run solo5-hvt "$IMAGES/probe.hvt" fault=write-code
    [ "$status" -eq 1 ] && [[ $output == *"host/guest translation fault: rip=0x10"* ]]
    run solo5-hvt "$IMAGES/probe.hvt" fault=execute-heap
    [ "$status" -eq 255 ] && [[ $output == "trap 14 error 17 address 268435456" ]]
}

@test "on this machine's KVM: floating point" {
    needs_kvm
    local answer
    answer=$("$ROOT/test/lab/hvt/probe") || skip "${answer#no: }"
    run solo5-hvt "$IMAGES/sse.hvt"
    [ "$status" -eq 0 ] && [ "$output" = "harmonic * 1000: 7485" ]
}

@test "on this machine's KVM: gdb's hardware breakpoints" {
    needs_kvm
    cd "$BATS_TEST_TMPDIR"
    printf '%s\n' 'target remote 127.0.0.1:1717' 'hbreak count_up' 'continue' 'info registers rip' \
        'info symbol $pc' 'continue' >commands
    solo5-hvt-debug --gdb --gdb-port=1717 "$IMAGES/probe.hvt" count >tender.out 2>&1 3>&- &
    tender=$!
    for ((i = 0; i < 100; i++)); do grep -q 'target remote' tender.out && break || sleep 0.1; done
    run timeout 60 gdb -nx -batch -x commands "$IMAGES/probe.hvt"
    echo "$output"
    kill "$tender" 2>/dev/null || true
    [[ $output == *"Breakpoint 1, count_up (by="* ]] && [[ $output == *"count_up in section .text"* ]]
}

# The lab has one processor; here the guest and the ring's thread run at the same time.
@test "on this machine's KVM: the ring with both sides at once" {
    needs_kvm
    [ "$(id -u)" -eq 0 ] && command -v ip ping >/dev/null || skip "needs root, ip and ping"
    cd "$BATS_TEST_TMPDIR"
    head -c 4096 /dev/zero | tee first.img >second.img
    cat >inside <<'END'
set -eu
for tap in left right; do ip tuntap add $tap mode tap && ip link set $tap up; done
ip addr add 10.1.0.1/24 dev left
run() {
    solo5-hvt --net:left=left --net:right=right --block:first=first.img --block:second=second.img \
        "$IMAGES/devices.hvt" "$@"
}
taken() { awk '$1 == "left:" { print $3 }' /proc/net/dev; }
before=$(taken)
run ring-flood=3000
[ $(($(taken) - before)) -eq 3000 ]
run ring-serve=300 >out &
for _ in $(seq 200); do grep -q ready out && break || sleep 0.1; done
ping -q -f -c 300 -w 60 10.1.0.2
wait $!
END
    run unshare --net env "IMAGES=$IMAGES" "PATH=$PATH" bash inside
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *" 0% packet loss"* ]]
}
