# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2016 # commands are expanded by the shell of the check
# What test/e2e/tender_hvt.bats has checked in the lab (test/lab/hvt/inside.sh has the words).

# The lab's own ends of the networks, and disks.
tunctl -t left
tunctl -t right
ip addr add 10.1.0.1/24 dev left
ip addr add 10.2.0.1/24 dev right
ip link set left up
ip link set right up
ip link set right mtu 1400
{ echo 'written by the host' && head -c 65536 /dev/zero; } | head -c 65536 >first.img
head -c 65536 /dev/zero >second.img

cat >devices.sh <<'END'
#!/bin/sh
# Run devices.hvt with all its devices: devices.sh [OPTION...] -- ARGUMENT
tender=solo5-hvt
[ "$1" = debug ] && shift && tender=solo5-hvt-debug
exec $tender --net:left=left --net-mac:left=02:00:00:00:00:07 --net:right=right \
    --block:first=first.img --block:second=second.img --block-sector-size:second=4096 "$@"
END
chmod +x devices.sh

# How an image ends is how the tender ends.
check "an image's exit status is the tender's, modulo 256" '
    expect 0 solo5-hvt probe.hvt exit=0
    expect 1 solo5-hvt probe.hvt exit=1
    expect 255 solo5-hvt probe.hvt exit=255
    expect 0 solo5-hvt probe.hvt exit=256
    expect 44 solo5-hvt probe.hvt exit=300'
check "the image's words come on standard output, unchanged" '
    solo5-hvt probe.hvt hello >out 2>err
    printf "memory 512 MiB\nring 0\nHello from a guest\n" | cmp - out
    test ! -s err'
check "memory is what --mem says, rounded down to 2 MiB" '
    expect 0 solo5-hvt --mem=64 probe.hvt hello; says "memory 64 MiB"
    expect 0 solo5-hvt --mem=2 probe.hvt hello; says "memory 2 MiB"
    expect 0 solo5-hvt --mem=7 probe.hvt hello; says "memory 6 MiB"
    says "solo5-hvt: adjusting memory to 6291456 bytes"
    expect 0 solo5-hvt --mem=4096 probe.hvt hello; says "memory 4096 MiB"
    expect 1 solo5-hvt --mem=4097 probe.hvt hello; says "exceeds the max size 4294967296 bytes"
    expect 1 solo5-hvt --mem=1 probe.hvt hello; says "below the min size"'
check "arguments reach the image with one blank between" '
    expect 0 solo5-hvt -- probe.hvt one "two  three" --mem=1
    says "arguments: one two  three --mem=1"'

check "an image in the layout of Solo5 is loaded and protected" '
    expect 0 solo5-hvt solo5.hvt; says "all there"
    expect 1 solo5-hvt solo5.hvt write-tdata; says "host/guest translation fault"
    expect 255 solo5-hvt solo5.hvt execute-bss; says "trap 14 error 17"
    expect 1 solo5-hvt --mem=2 solo5.hvt; says "it takes 5 MiB without its heap, and has 2"'

# The processor.
check "floating point works" 'expect 0 solo5-hvt sse.hvt; says "harmonic * 1000: 7485"'
check "the thread base can be set" 'expect 0 solo5-hvt probe.hvt tls'

# What a guest must not do.
check "a write to code is a translation fault" '
    expect 1 solo5-hvt probe.hvt fault=write-code
    says "solo5-hvt: KVM: host/guest translation fault: rip=0x10"; says_not "wrote"'
check "a write to a constant is a translation fault" '
    expect 1 solo5-hvt probe.hvt fault=write-constant
    says "host/guest translation fault"; says_not "wrote"'
check "data and heap are not executed" '
    expect 255 solo5-hvt probe.hvt fault=execute-data; says "trap 14 error 17"
    expect 255 solo5-hvt probe.hvt fault=execute-heap; says "trap 14 error 17 address 268435456"'
check "the heap is executed with --x-exec-heap" '
    expect 0 solo5-hvt --x-exec-heap probe.hvt fault=execute-heap; says "executed data"'
check "page zero, page tables and what is beyond memory are not there" '
    expect 255 solo5-hvt probe.hvt fault=page-zero; says "trap 14 error 0 address 0"
    expect 255 solo5-hvt probe.hvt fault=page-tables; says "trap 14 error 0 address 8192"
    expect 255 solo5-hvt probe.hvt fault=beyond; says "trap 14 error 0 address 536870912"'
check "the boot block is read only" '
    expect 255 solo5-hvt probe.hvt fault=write-boot; says "trap 14 error 3 address 65536"'
check "a halted processor is an unhandled exit" '
    expect 1 solo5-hvt probe.hvt fault=hlt
    says "solo5-hvt: KVM: unhandled exit: exit_reason=0x5, rip=0x10"'
check "a fault without a handler is an unhandled exit" '
    expect 1 solo5-hvt probe.hvt fault=triple; says "unhandled exit: exit_reason=0x8"'

# Hypercalls.
check "a hypercall's pointer must be into memory" '
    expect 1 solo5-hvt probe.hvt call=pointer; says "Invalid guest access: gpa=0xfffffff0, sz=16"
    expect 1 solo5-hvt probe.hvt call=buffer; says "Invalid guest access: gpa=0x1ffffffc, sz=5"
    expect 1 solo5-hvt probe.hvt call=last-byte; says "gpa=0x1ffffffc, sz=4"
    expect 1 solo5-hvt probe.hvt call=wrap; says "sz=18446744073709551607"
    expect 1 solo5-hvt probe.hvt call=cookie; says "halt: Invalid guest access"; says_not "went on"'
check "the tender writes neither to code nor to page tables" '
    expect 1 solo5-hvt probe.hvt call=code; says "Invalid guest access: gpa=0x100000, sz=8"
    expect 1 solo5-hvt probe.hvt call=tables; says "Invalid guest access: gpa=0x2000, sz=8"'
check "an unknown port, size or direction is an error" '
    for what in port kick number byte in; do
        expect 1 solo5-hvt probe.hvt call=$what
        says "solo5-hvt: Invalid guest port access: port=0x"; says_not "went on"
    done'
check "a call to devices that the image does not have is an error" '
    expect 1 solo5-hvt probe.hvt call=net; says "Invalid guest hypercall: num=7"
    expect 1 solo5-hvt probe.hvt call=block; says "Invalid guest hypercall: num=5"'

# Time.
check "the wall clock is the host's" '
    before=$(date +%s); expect 0 solo5-hvt probe.hvt clock; after=$(date +%s)
    seen=$(sed -n "s/seconds //p" "$LAB_OUTPUT")
    [ "$before" -le "$seen" ]; [ "$seen" -le "$after" ]'
check "a poll waits until its deadline, by the frequency that the guest is told" '
    expect 0 solo5-hvt probe.hvt sleep=300
    slept=$(sed -n "s/slept ms //p" "$LAB_OUTPUT")
    [ "$slept" -ge 299 ]; [ "$slept" -lt 20000 ]
    expect 0 solo5-hvt probe.hvt sleep=0'

# Devices.
check "every device is what its options say" '
    expect 0 ./devices.sh devices.hvt show
    says "first capacity 65536 size 512 backend 0 attached 1"
    says "left mtu 1500 mac 2.0.0.0.0.7 backend 0 attached 1"
    says "second capacity 65536 size 4096 backend 0 attached 1"
    says "right mtu 1400 mac "'
check "blocks are read and written, and only those of the device" '
    expect 0 ./devices.sh devices.hvt disks; says "written by the host"
    [ "$(head -c 1024 first.img | tail -c 512 | md5sum)" = "$(head -c 4608 second.img | tail -c 512 | md5sum)" ]
    [ "$(head -c 515 first.img | tail -c 3 | md5sum)" = "$(printf "\\000\\001\\002" | md5sum)" ]'
check "63 devices work" '
    set --
    for tens in 0 1 2 3 4 5 6; do for ones in 0 1 2 3 4 5 6 7 8 9; do
        n=$tens$ones
        [ $n -le 62 ] || continue
        { printf "d$n\\0\\0\\0\\0\\0\\0" && head -c 504 /dev/zero; } | head -c 512 >/tmp/d$n
        set -- "$@" --block:d$n=/tmp/d$n
    done; done
    expect 0 solo5-hvt "$@" many.hvt; says "devices 63"'
check "a missing device is an error that names it" '
    expect 1 solo5-hvt --block:first=first.img --net:left=left devices.hvt
    says "second"; says "right"; says "declared but not attached"'
check "ping is answered on both networks by single frames" '
    ./devices.sh devices.hvt serve=6 >out 2>&1 & tender=$!
    wait_for out ready
    # The kernel tells of a link at most once a second, and until then drops what is sent.
    wait_for /sys/class/net/left/operstate up; wait_for /sys/class/net/right/operstate up
    ping -c 3 -W 5 10.1.0.2; ping -c 3 -s 1300 -W 5 10.2.0.2
    wait $tender'
check "ping is answered on both networks by the ring" '
    ./devices.sh devices.hvt ring-serve=6 >out 2>&1 & tender=$!
    wait_for out ready
    # The kernel tells of a link at most once a second, and until then drops what is sent.
    wait_for /sys/class/net/left/operstate up; wait_for /sys/class/net/right/operstate up
    ping -c 3 -W 5 10.1.0.2; ping -c 3 -s 1300 -W 5 10.2.0.2
    wait $tender'
check "every frame that is in the ring when the image halts is sent" '
    before=$(cat /sys/class/net/left/statistics/rx_packets)
    expect 0 ./devices.sh devices.hvt ring-flood=3000
    after=$(cat /sys/class/net/left/statistics/rx_packets)
    [ $((after - before)) -eq 3000 ]'
check "a frame that the tap refuses is an answer, not an end" '
    expect 0 ./devices.sh devices.hvt short-frame'
check "a ring that makes no sense ends the tender" '
    expect 1 ./devices.sh devices.hvt ring-misuse=tail; says "net ring: the guest claims 5000 entries"
    expect 1 ./devices.sh devices.hvt ring-misuse=pointer; says "net ring write: Invalid guest access"
    expect 1 ./devices.sh devices.hvt ring-misuse=ring-pointer; says "net ring write: Invalid guest access"
    expect 0 ./devices.sh devices.hvt ring-misuse=device; says "went on"'
check "there is no ring where there is no room" '
    expect 9 ./devices.sh --mem=2 devices.hvt ring-flood=1 || expect 1 ./devices.sh --mem=2 devices.hvt ring-flood=1'

check "a tap that is down, missing or in use is an error with its cause" '
    tunctl -t away
    expect 1 solo5-hvt --net:left=away --net:right=right --block:first=first.img --block:second=second.img devices.hvt
    says "Network is down"
    expect 1 solo5-hvt --net:left=nothing --net:right=right --block:first=first.img --block:second=second.img devices.hvt
    says "No such file or directory"
    expect 1 solo5-hvt --net:left=left --net:right=left --block:first=first.img --block:second=second.img devices.hvt
    says "busy"'
check "a frame is lost and no more while the interface is down" '
    ./devices.sh devices.hvt pause-flood=500 >out 2>&1 & tender=$!
    wait_for out paused
    ip link set left down
    status=0; wait $tender || status=$?
    ip link set left up
    cat out
    [ $status -eq 0 ]; grep "went on" out'

# The tender itself.
check "a signal ends the tender with its message" '
    solo5-hvt probe.hvt fault=loop >out 2>&1 & tender=$!
    wait_for out looping; kill -TERM $tender; status=0; wait $tender || status=$?
    [ $status -eq 1 ]; grep "solo5-hvt: Exiting on signal 15" out'
check "a running tender has no capabilities, no way to new ones, and a filter" '
    ./devices.sh devices.hvt serve=1 >out 2>&1 & tender=$!
    wait_for out ready
    for task in /proc/$tender/task/*; do
        grep -E "^(Cap|NoNewPrivs|Seccomp:)" $task/status >status
        grep "CapEff:.0000000000000000" status; grep "CapPrm:.0000000000000000" status
        grep "CapInh:.0000000000000000" status; grep "CapAmb:.0000000000000000" status
        grep "NoNewPrivs:.1" status; grep "Seccomp:.2" status
    done
    [ "$(ls /proc/$tender/task | wc -l)" -eq 2 ]
    kill $tender'
check "a running tender has no descriptor but those in use" '
    solo5-hvt probe.hvt fault=loop >out 2>&1 9</lab/probe.hvt & tender=$!
    wait_for out looping
    ls -l /proc/$tender/fd
    ! ls -l /proc/$tender/fd | grep -e probe.hvt -e /dev/kvm
    kill $tender'
check "no access to KVM is an error with its cause" '
    mv /dev/kvm /dev/kvm.away
    expect 1 solo5-hvt probe.hvt; mv /dev/kvm.away /dev/kvm
    says "solo5-hvt: Could not open: /dev/kvm: No such file or directory"'
