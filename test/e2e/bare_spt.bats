#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# An image in solo5-spt, from the outside: what works in it, and how what is wrong with it ends.

load common

# One build serves the tests of this file.
setup_file() {
    export PROJECT=$BATS_FILE_TMPDIR/probe
    export PATH=$BATS_TEST_DIRNAME/../../build/bin:$PATH
    cp -R "$BATS_TEST_DIRNAME/probe" "$PROJECT"
    cd "$PROJECT"
    mirage configure -t spt >/dev/null
    mirage build >/dev/null
}

# act STATUS ACT…: run the probe, which must end so.
act() {
    local wanted=$1 act=$2
    shift 2
    run solo5-spt "${TENDER_OPTIONS[@]}" "$PROJECT/dist/probe.spt" --act="$act" "$@"
    echo "$output"
    [ "$status" -eq "$wanted" ]
}

@test "thread-local variables and errno" {
    act 0 tls --number=7
    [[ $output == *"tls 42 0 7"*"errno 1"*"still here"* ]]
}

@test "floating point, also in several fibers" {
    act 0 floats --number=2
    [[ $output == *"root 1.414214 third 0.333333333333333333 e 2.718e+00"*"parsed 2500"* ]]
    act 0 float-fibers
    [[ $output == *"sums 7.4854708606 7.4854708606 7.4854708606 7.4854708606"* ]]
}

@test "sleeping, and the wall clock of the host" {
    local before after wall
    before=$(date +%s)
    act 0 clocks
    after=$(date +%s)
    [[ $output == *"slept enough"* ]]
    wall=$(sed -n 's/.*wall //p' <<<"$output")
    [ "$wall" -ge "$before" ] && [ "$wall" -le "$after" ]
}

@test "memory that runs out is an error of malloc, and comes back" {
    local mem
    for mem in 2 16 512; do
        TENDER_OPTIONS=("--mem=$mem")
        act 0 heap
        [[ $output == *"heap full after some, errno 1"*"heap whole again"*"still here"* ]]
    done
}

@test "random numbers differ from run to run" {
    local first
    act 0 random
    first=$(sed -n 's/.*random //p' <<<"$output")
    act 0 random
    [ "${#first}" -eq 32 ]
    [[ $output != *"$first"* ]]
}

@test "arguments reach the image, quoted for it" {
    act 0 say '--text="a b"'
    [[ $output == *"text 'a b'"* ]]
    act 0 say '--text=$HOME;`x`'
    [[ $output == *"text '\$HOME;\`x\`'"* ]]
    act 64 say '--txt=a'
    [[ $output == *"unknown option '--txt'"*"'--text'"* ]]
}

@test "the exit status is the job's" {
    act 0 leave --number=0
    [[ $output == *"Solo5: solo5_exit(0) called"* ]]
    act 1 leave --number=1
    act 200 leave --number=200
    [[ $output == *"Solo5: solo5_exit(200) called"* ]]
    act 1 leave --number=-5
}

@test "abort() ends with 255" {
    act 255 stop
    [[ $output == *"Solo5: solo5_abort() called"* ]]
}

@test "the tender's log options are not the image's" {
    run solo5-spt "$PROJECT/dist/probe.spt" --solo5:quiet --act=leave --logs=quiet
    [ "$status" -eq 0 ] && [ -z "$output" ]
    run solo5-spt "$PROJECT/dist/probe.spt" --solo5:debug --solo5:error --act=say --logs=quiet
    [ "$status" -eq 0 ] && [ -z "$output" ]
}

@test "code and constants cannot be written, page zero not touched" {
    act 139 write-code
    act 139 write-constant
    act 139 write-null
    act 139 write-null --number=4095
    [[ $output != *"still here"* ]]
}

@test "heap, data and stack cannot be executed" {
    act 139 execute-heap
    act 139 execute-data
    act 139 execute-stack
    [[ $output != *"still here"* ]]
}

@test "a trap is reported, and mirage symbolise shows its source" {
    act 139 write-null --number=64
    [[ $output == *"Solo5: trap: type=SIGSEGV rip=0x"*"Solo5: trap: address=0x40"*"likely callers"* ]]
    cd "$PROJECT"
    echo "$output" >report.txt
    run mirage symbolise report.txt
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"at "*": write_to at "*"from "*": write_null at "*"from "*": probe_start at "*"fiber_main"* ]]
    run mirage symbolise <report.txt
    [[ $output == *"write_null"* ]]
    run mirage symbolise nowhere.txt
    [ "$status" -eq 1 ]
    [[ $output == *"cannot read nowhere.txt"* ]]
}

@test "a smashed stack is reported" {
    act 255 smash-stack --number=32
    [[ $output == *"Solo5: ABORT: Stack corruption detected"* ]]
}

@test "an overflowed stack is reported by its fiber's name" {
    act 255 overflow-stack --number=120
    [[ $output == *"fiber 'probe_main' overflowed its stack of 64 KiB: start it with fiber_start_sized()"* ]]
}

@test "printing floating point on too small a stack is reported" {
    act 255 small-stack --number=4096
    [[ $output == *"fiber 'small' overflowed its stack of 4 KiB: start it with fiber_start_sized()"* ]]
    [[ $output != *printed* ]]
    act 0 small-stack --number=16384
    [[ $output == *"printed 1.500000 1.5"* ]]
}

@test "dividing by zero ends the image" {
    act 136 divide
    [[ $output != *"still here"* ]]
}

@test "a block that is freed twice is reported" {
    act 255 free-twice
    [[ $output == *"BUG: heap: the block at 0x"*" was freed before"* ]]
}

@test "an image in which nothing can happen any more says who waits" {
    act 1 wait-for-ever
    [[ $output == *"fiber 'probe_main' waits for what can never come"* ]]
}

@test "less memory than the image needs is said so" {
    run solo5-spt --mem=1 "$PROJECT/dist/probe.spt"
    echo "$output"
    [ "$status" -eq 1 ]
    [[ $output == "solo5-spt: "*"probe.spt: "*memory* ]]
}
