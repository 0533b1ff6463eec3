# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2016 # commands are expanded by the shell of the check
# solo5-hvt-debug under a real gdb, in the lab; run after checks.sh.

# gdb.sh COMMANDS [ARGUMENT...]: the debug tender with those arguments, and gdb with the commands.
cat >gdb.sh <<'END'
#!/bin/sh
{ echo "set pagination off"; echo "set confirm off"; echo "target remote 127.0.0.1:1234"; echo "$1"; } >commands
shift
solo5-hvt-debug --gdb probe.hvt "$@" >tender.out 2>&1 & tender=$!
. /lab/.checks/inside.sh
wait_for tender.out "target remote"
timeout 60 gdb -nx -batch -x commands probe.hvt 2>&1
status=0
wait $tender || status=$?
echo "tender status $status"
cat tender.out
END
chmod +x gdb.sh

check "gdb finds the guest before its first instruction, as the ABI has it" '
    expect 0 ./gdb.sh "info registers rip rsp rdi eflags cs fs_base
info symbol \$pc
x/2xg 0x10000
detach"
    says "rsp            0x1ffffff8"; says "rdi            0x10000"; says "_start in section .text"
    says "0x0000000020000000"; says "tender status 0"; says "Hello from a guest"'
check "gdb stops at breakpoints in read-only code, steps, and reads and writes" '
    expect 0 ./gdb.sh "break count_up
continue
print by
print counted
stepi
stepi
info registers rip
continue
delete
set variable counted = 1000
print \$rax = 77
continue" count
    says "Breakpoint 1, count_up (by="; says "\$1 = 1"; says "tender status 0"
    says "counted 1054"; says "exited normally"'
check "gdb sees floating point registers" '
    expect 0 ./gdb.sh "print \$mxcsr
print \$xmm0.uint128
print \$fctrl
kill"
    says "\$1 = 8064"; says "\$3 = 895"'
check "gdb interrupts a guest that runs" '
    cat >commands <<END
set pagination off
set confirm off
target remote 127.0.0.1:1234
continue
info registers rip
kill
END
    solo5-hvt-debug --gdb probe.hvt fault=loop >tender.out 2>&1 & tender=$!
    wait_for tender.out "target remote"
    gdb -nx -batch -x commands probe.hvt >gdb.out 2>&1 & gdb=$!
    wait_for tender.out looping; kill -INT $gdb; wait $gdb || true
    status=0; wait $tender || status=$?
    cat gdb.out tender.out
    grep "Program received signal SIGINT" gdb.out; grep "rip .*0x10" gdb.out; [ $status -eq 1 ]'
check "gdb looks at a guest that cannot go on" '
    expect 0 ./gdb.sh "continue
info symbol \$pc
continue" fault=write-code
    says "received signal SIGSEGV"; says "tender status 1"; says "translation fault"'
check "gdb is told how the guest ended" '
    expect 0 ./gdb.sh "continue" exit=3
    says "exited with code 03"; says "tender status 3"'
check "a port that is taken is an error, and none but the local host can connect" '
    solo5-hvt-debug --gdb --gdb-port=1300 probe.hvt >tender.out 2>&1 & tender=$!
    wait_for tender.out "target remote 127.0.0.1:1300"
    netstat -ltn | grep "127.0.0.1:1300 "
    ! netstat -ltn | grep "0.0.0.0:1300"
    expect 1 solo5-hvt-debug --gdb --gdb-port=1300 probe.hvt; says "Address already in use"
    kill $tender'
check "a trap leaves a core that gdb reads" '
    mkdir -p cores
    expect 255 solo5-hvt-debug --dumpcore=cores probe.hvt fault=execute-data
    says "dumpcore: dumping guest core to: cores/core.solo5-hvt."
    says "pages of total 131072 pages"
    core=$(echo cores/core.solo5-hvt.*)
    [ "$(du -k "$core" | cut -f1)" -lt 2000 ]
    expect 0 gdb -nx -batch -ex "info registers rip" -ex "info symbol \$pc" -ex "x/3xb &data" \
        -ex "x/1xg 0x10000" probe.hvt "$core"
    says "data in section .data"; says "0xc3"; says "0x0000000020000000"
    rm -r cores'
check "no core where the image ended by itself" '
    mkdir -p cores
    expect 1 solo5-hvt-debug --dumpcore=cores probe.hvt exit=1; says_not dumpcore
    expect 1 solo5-hvt-debug --dumpcore=cores probe.hvt fault=hlt; says_not dumpcore
    rmdir cores
    expect 1 solo5-hvt-debug --dumpcore=cores probe.hvt exit=0; says "cores: No such file"'
check "solo5-hvt has no such options" '
    expect 1 solo5-hvt --gdb probe.hvt; says "Invalid option"
    expect 1 solo5-hvt --dumpcore=/tmp probe.hvt; says "Invalid option"'
