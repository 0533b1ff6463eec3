#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
#
# mplc, as its user runs it.

load common

@test "mplc writes a header and a source where it is told" {
    echo 'packet a { x: byte; }' >a.mpl
    mkdir out
    run mplc --output=out a.mpl
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    [ -s out/a.h ]
    [ -s out/a.c ]
    [ "$(find . -type f | wc -l)" -eq 3 ]
}

@test "mplc --check writes nothing" {
    echo 'packet a { x: byte; }' >a.mpl
    run mplc --check a.mpl
    [ "$status" -eq 0 ]
    [ "$(find . -type f)" = ./a.mpl ]
}

@test "a wrong specification is exit 1, its errors on standard error, and nothing is written" {
    printf 'packet a {\n\tx: bit[3];\n\ty: byte[z];\n}\n' >a.mpl
    run bash -c 'mplc a.mpl 2>errors'
    [ "$status" -eq 1 ]
    [ -z "$output" ]
    # shellcheck disable=SC2016 # not the shell's backquotes
    grep -q '^a.mpl:3:2: error: `y` begins at bit 3 of a byte' errors
    # shellcheck disable=SC2016
    grep -q '^a.mpl:3:10: error: nothing is called `z` here' errors
    [ ! -e a.h ]
}

@test "no more than twenty errors are printed, and the others counted" {
    { echo 'packet a {'; for i in $(seq 30); do echo "x$i: unknown$i;"; done; echo '}'; } >a.mpl
    run mplc a.mpl
    [ "$status" -eq 1 ]
    [ "$(grep -c ': error: ' <<<"$output")" -eq 20 ]
    [[ $output == *"10 more errors not shown"* ]]
}

@test "a wrong command line is exit 124 and says what is right" {
    run mplc
    [ "$status" -eq 124 ]
    [[ $output == *"no file given"* ]]
    run mplc --outptu=x a.mpl
    [ "$status" -eq 124 ]
    [[ $output == *"--output"* ]]
    run mplc --dependencies=d a.mpl b.mpl
    [ "$status" -eq 124 ]
}

@test "a missing file and a missing folder are named" {
    run mplc nothing.mpl
    [ "$status" -eq 1 ]
    [[ $output == *"cannot read 'nothing.mpl': No such file or directory"* ]]
    echo 'packet a { x: byte; }' >a.mpl
    run mplc --output=nowhere a.mpl
    [ "$status" -eq 1 ]
    [[ $output == *"cannot write 'nowhere/a.h'"* ]]
}

@test "imports are found beside the file, in folders, and among Mirage's own" {
    mkdir folder
    echo 'packet part { x: byte; }' >folder/part.mpl
    printf 'import "part.mpl";\nimport "ipv4.mpl";\npacket a { p: packet part(); q: packet ipv4(); }\n' >a.mpl
    run mplc a.mpl
    [ "$status" -eq 1 ]
    [[ $output == *"a.mpl:1:8: error: cannot read 'part.mpl'"* ]]
    run mplc --include=folder --dependencies=a.d a.mpl
    [ "$status" -eq 0 ]
    grep -q '#include "part.h"' a.h
    grep -q '#include <mirage/formats/ipv4.h>' a.h
    grep -q '^./a.c ./a.h: .*folder/part.mpl.*a.mpl' a.d || grep -q 'folder/part.mpl' a.d
}

@test "files that import each other are an error" {
    printf 'import "b.mpl";\npacket a { x: byte; }\n' >a.mpl
    printf 'import "a.mpl";\npacket b { x: byte; }\n' >b.mpl
    run mplc a.mpl
    [ "$status" -eq 1 ]
    [[ $output == *"b.mpl:1:8: error: 'a.mpl' imports this file in turn"* ]]
}

@test "a historical packet M() is found in the file of that name" {
    echo 'packet inner { x: byte; }' >inner.mpl
    echo 'packet outer { part: packet Inner(); }' >outer.mpl
    run mplc inner.mpl outer.mpl
    [ "$status" -eq 0 ]
    gcc -std=gnu11 -Wall -Wextra -Werror -I"$ROOT/include" -c outer.c
}

@test "lines of generated code are those of the specification, unless told otherwise" {
    printf '\n\npacket a { x: byte; }\n' >a.mpl
    mplc a.mpl
    grep -q '#line 3 "a.mpl"' a.c
    mplc --no-lines a.mpl
    [ "$(grep -c '#line' a.c)" -eq 0 ]
}

@test "mplc --json is a table that programs can read" {
    echo 'packet a { x: bit[4] variant { | 1 -> One }; y: bit[4]; z: byte[remaining()]; }' >a.mpl
    mplc --json a.mpl
    run python3 -c 'import json; p = json.load(open("a.json"))["packets"][0]
print(p["name"], [(f["name"], f["bit"], f.get("bits")) for f in p["fields"]], p["fields"][0]["values"])'
    [ "$output" = "a [('x', 0, 4), ('y', 4, 4), ('z', 8, None)] {'One': 1}" ]
}

@test "mplc --lua writes a dissector that stands alone" {
    echo 'packet part { x: byte; }' >part.mpl
    printf 'import "part.mpl";\npacket a { p: packet part(); q: byte[remaining()]; }\n' >a.mpl
    mplc --lua a.mpl
    [ "$(ls ./*.lua)" = ./a.lua ]
    grep -q 'ProtoField.uint8("mpl.part.x", "x"' a.lua
    grep -q 'ProtoField.bytes("mpl.a.q", "q")' a.lua
}

@test "mplc --help and the manual page have every option" {
    run mplc --help
    [ "$status" -eq 0 ]
    for option in output include check fuzz json lua no-lines dependencies; do
        [[ $output == *"--$option"* ]]
        grep -q -- "Fl -$option" "$ROOT/build/share/man/man1/mplc.1"
    done
    mandoc -T lint -W warning "$ROOT/build/share/man/man1/mplc.1"
}

@test "a packet format among the sources is compiled with a unikernel, and again when it changes" {
    cat >config.c <<'END'
#include <mirage/config.h>

MAIN(reader_main, "reader_start", time)

void configure(void)
{
	register_unikernel("reader", reader_main(default_time()),
	                   .sources = FILES("unikernel.c", "reading.mpl"));
}
END
    echo 'packet reading { kind: byte const(7); value: uint16; }' >reading.mpl
    cat >unikernel.c <<'END'
#include <mirage/log.h>
#include <mirage/time.h>

#include "reading.h"

int reader_start(const struct time *time)
{
	const struct reading_fields fields = { .value = 42 };
	uint8_t bytes[16];
	char text[100];
	struct reading view;

	(void)time;
	int length = reading_build(slice_of(bytes, sizeof(bytes)), &fields);
	if (length < 0)
		return length;
	int error = reading_parse(slice_of(bytes, (size_t)length), &view);
	reading_to_string(&view, text, sizeof(text));
	log_info("%s", text);
	return error;
}
END
    run mirage configure -t unix
    [ "$status" -eq 0 ]
    [[ $output != *warning* ]]
    run make
    [ "$status" -eq 0 ]
    [[ $output == *"MPLC    reading.mpl"* ]]
    run dist/reader
    [[ $output == *"reading kind=7 value=42"* ]]
    sed -i 's/const(7)/const(9)/' reading.mpl
    run make
    [ "$status" -eq 0 ]
    run dist/reader
    [[ $output == *"reading kind=9 value=42"* ]]
    sed -i 's/byte/bytes/' reading.mpl
    run make
    [ "$status" -ne 0 ]
    # shellcheck disable=SC2016
    [[ $output == *'reading.mpl:1:24: error: unknown type `bytes`'* ]]
}
