#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# solo5-hvt and solo5-hvt-debug, with images of our own, in the lab: each test here is a check of
# hvt/checks.sh, and all run in one boot.

load ../lab/hvt/lab

setup_file() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    images=$root/build/test/images
    [ "$(uname -m)" = x86_64 ] || skip "the hvt target is for x86-64"
    lab_boot --program "$root/build/bin/solo5-hvt" \
        --file "$images/probe.hvt" --file "$images/sse.hvt" --file "$images/devices.hvt" \
        --file "$images/many.hvt" --script "$BATS_TEST_DIRNAME/hvt/checks.sh"
}

@test "an image's exit status is the tender's, modulo 256" { lab_result; }
@test "the image's words come on standard output, unchanged" { lab_result; }
@test "memory is what --mem says, rounded down to 2 MiB" { lab_result; }
@test "arguments reach the image with one blank between" { lab_result; }
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

@test "no check of the lab is forgotten here" { lab_checks_all_asked; }
