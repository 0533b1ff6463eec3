#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# An image as a guest of solo5-hvt, in the lab: what works in it, and how what is wrong with it ends.

load common
load ../lab/hvt/lab

# One build and one boot serve the tests of this file.
setup_file() {
    export PROJECT=$BATS_FILE_TMPDIR/probe
    export PATH=$BATS_TEST_DIRNAME/../../build/bin:$PATH
    cp -R "$BATS_TEST_DIRNAME/probe" "$PROJECT"
    cd "$PROJECT"
    mirage configure -t hvt >/dev/null
    mirage build >/dev/null
    mkdir libc
    cp "$BATS_TEST_DIRNAME"/../images/libc/*.c libc
    (cd libc && mirage configure -t hvt >/dev/null && mirage build >/dev/null)
    make_full
    write_checks
    lab_boot --program "$(command -v solo5-hvt)" --file dist/probe.hvt --file libc/dist/libc.hvt --file full/dist/full.hvt --file act.sh \
        --script checks.sh
}

# An image that leaves a page or two of 2 MiB.
make_full() {
    local end
    mirage new full >/dev/null
    cd full
    sed -i -e 's/^int full_start/static volatile char ballast[SIZE];\n&/' \
        -e 's/^{$/&\n\tballast[time == NULL] = 1;/' unikernel.c
    cp unikernel.c template
    sed 's/SIZE/4096/' template >unikernel.c
    mirage configure -t hvt >/dev/null
    mirage build >/dev/null
    end=$(nm _build/hvt/image.debug | awk '$3 == "image_end" { print $1 }')
    sed "s/SIZE/$((0x200000 - 0x$end))/" template >unikernel.c
    mirage build >/dev/null
    cd ..
}

write_checks() {
    cat >checks.sh <<'END'
act() { # STATUS ACT OPTIONS…
    status=$1 act=$2
    shift 2
    expect "$status" solo5-hvt probe.hvt --act="$act" "$@"
}
check "thread-local variables and errno" 'act 0 tls --number=7; says "tls 42 0 7"; says "errno 1"'
check "floating point, also in several fibers" '
    act 0 floats --number=2; says "root 1.414214 third 0.333333333333333333 e 2.718e+00"
    act 0 float-fibers; says "sums 7.4854708606 7.4854708606 7.4854708606 7.4854708606"'
check "sleeping, and the wall clock of the host" '
    before=$(date +%s); act 0 clocks; after=$(date +%s)
    says "slept enough"
    wall=$(sed -n "s/.*wall //p" $LAB_OUTPUT)
    test "$wall" -ge "$before" -a "$wall" -le "$after"'
check "memory that runs out is an error of malloc, and comes back" '
    for mem in 2 16 512; do
        expect 0 solo5-hvt --mem=$mem probe.hvt --act=heap
        says "heap full after some, errno 1"; says "heap whole again"; says "still here"
    done'
check "an image that fills its memory is told so" '
    expect 255 solo5-hvt --mem=2 full.hvt; says "ABORT: Not enough memory: give the image more with --mem"
    says_not "trap:"'
check "random numbers differ from run to run" '
    act 0 random; first=$(sed -n "s/.*random //p" $LAB_OUTPUT); test ${#first} -eq 32
    act 0 random; says_not "$first"'
check "arguments reach the image, quoted for it" 'act 0 say "--text=\"a b\""; says "text '\''a b'\''"'
check "a command line whose end is that of a page" '
    # Boot information and manifest are 168 bytes, "--act=say --text=" is 17.
    for length in 3927 3928 3929 8024; do
        text=$(head -c $((length - 17)) /dev/zero | tr "\0" x)
        act 0 say "--text=$text"; says "text '\''$text'\''"
    done'
check "the exit status is the job's" '
    act 0 leave --number=0; says "Solo5: solo5_exit(0) called"
    act 1 leave --number=1; act 200 leave --number=200; says "Solo5: solo5_exit(200) called"'
check "abort() ends with 255" 'act 255 stop; says "Solo5: solo5_abort() called"'
check "the tender's log options are not the image's" '
    expect 0 solo5-hvt probe.hvt --solo5:quiet --act=leave --logs=quiet; test ! -s $LAB_OUTPUT'
check "code and constants cannot be written, page zero not touched" '
    act 255 write-code; says "type=#PF"; says "ABORT: Fatal trap"
    act 255 write-constant; says "type=#PF"
    act 255 write-null; says "cr2=0x0"
    act 255 write-null --number=4095; says "cr2=0xfff"; says_not "still here"'
check "heap, data and stack cannot be executed" '
    for what in heap data stack; do act 255 execute-$what; says "type=#PF ec=0x11"; done
    says_not "still here"'
check "a trap says where it was" 'act 255 write-null --number=64; says "cr2=0x40"; says "rip=0x"
    says "likely callers"; cat $LAB_OUTPUT >/tmp/trap'
check "a smashed stack is reported" 'act 255 smash-stack --number=32; says "ABORT: Stack corruption detected"'
check "an overflowed stack is reported by its fiber's name" '
    act 255 overflow-stack --number=5000; says "type=#PF"
    says "fiber '\''probe_main'\'' overflowed its stack of 64 KiB: start it with fiber_start_sized()"
    says "likely callers"; test "$(grep -c type=#PF $LAB_OUTPUT)" = 1'
check "printing floating point on too small a stack is reported" '
    act 255 small-stack --number=4096; says "fiber '\''small'\'' overflowed its stack of 4 KiB"; says_not printed
    act 0 small-stack --number=16384; says "printed 1.500000 1.5"'
check "dividing by zero ends the image" 'act 255 divide; says "type=#DE"; says_not "still here"'
check "a block that is freed twice is reported" 'act 255 free-twice; says "was freed before"'
check "a program that asks much of the C library" '
    expect 0 solo5-hvt --mem=64 libc.hvt; says "ok 1 - "; says "1..60"; says_not "not ok"'
check "an image in which nothing can happen any more says who waits" '
    act 1 wait-for-ever; says "waits for what can never come"'
END
    # The checks run in a shell of their own: it needs the function too.
    sed -i "s/^\(check \"[^\"]*\" '\)/\1. .\/act.sh; /" checks.sh
    sed -n '/^act()/,/^}/p' checks.sh >act.sh
}

@test "thread-local variables and errno" { lab_result; }
@test "floating point, also in several fibers" { lab_result; }
@test "sleeping, and the wall clock of the host" { lab_result; }
@test "memory that runs out is an error of malloc, and comes back" { lab_result; }
@test "an image that fills its memory is told so" { lab_result; }
@test "random numbers differ from run to run" { lab_result; }
@test "arguments reach the image, quoted for it" { lab_result; }
@test "a command line whose end is that of a page" { lab_result; }
@test "the exit status is the job's" { lab_result; }
@test "abort() ends with 255" { lab_result; }
@test "the tender's log options are not the image's" { lab_result; }
@test "code and constants cannot be written, page zero not touched" { lab_result; }
@test "heap, data and stack cannot be executed" { lab_result; }
@test "a trap says where it was" { lab_result; }
@test "a smashed stack is reported" { lab_result; }
@test "an overflowed stack is reported by its fiber's name" { lab_result; }
@test "printing floating point on too small a stack is reported" { lab_result; }
@test "dividing by zero ends the image" { lab_result; }
@test "a block that is freed twice is reported" { lab_result; }
@test "a program that asks much of the C library" { lab_result; }
@test "an image in which nothing can happen any more says who waits" { lab_result; }
@test "no check is lost" { lab_checks_all_asked; }
