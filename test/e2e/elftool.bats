#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # bats sets output and status
# solo5-elftool: manifests from JSON into C, and out of images again.

load common

bats_require_minimum_version 1.5.0

setup_file() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    unset MAKEFLAGS MFLAGS MAKELEVEL
    make -s -C "$ROOT" all probes
}

# The fields of a note, decoded by Python: name size, description size, type, name, version, entries.
note_fields() {
    python3 - "$1" <<'END'
import struct, sys
note = open(sys.argv[1], "rb").read()
print(*struct.unpack_from("<III", note), note[12:20].rstrip(b"\0").decode(),
      *struct.unpack_from("<III", note, 20), len(note))
for at in range(32, len(note), 104):
    name, kind = struct.unpack_from("<68sI", note, at)
    print(repr(name.rstrip(b"\0").decode()), hex(kind), sum(note[at + 72:at + 104]))
END
}

@test "gen-manifest makes C that compiles alone, strictly, with gcc and clang, as a note" {
    solo5-elftool gen-manifest "$ROOT/test/images/several.json" manifest.c
    for compiler in gcc clang; do
        "$compiler" -nostdinc -ffreestanding -std=c11 -Wall -Wextra -Wpedantic \
            -Wmissing-prototypes -Werror -c -o manifest.o manifest.c
        readelf -SW manifest.o | grep -E ' \.note\.solo5\.manifest +NOTE .* A +0 +0 +8'
        nm manifest.o | grep -E ' [RVD] __solo5_mft1_note$'
        objcopy -O binary -j .note.solo5.manifest manifest.o note
        run -0 note_fields note
        [ "${lines[0]}" = "6 636 827606605 Solo5 0 1 6 656" ]
        [ "${lines[1]}" = "'' 0x40000000 0" ]
        [ "${lines[2]}" = "'first' 0x1 0" ]
        [ "${lines[3]}" = "'left' 0x2 0" ]
        [ "${lines[6]}" = "'third' 0x1 0" ]
    done
    gcc -std=gnu99 -flto -Os -c -o manifest.o manifest.c
}

@test "gen-manifest reads standard input and writes standard output for -" {
    solo5-elftool gen-manifest - - <"$ROOT/test/images/net.json" >manifest.c
    solo5-elftool gen-manifest "$ROOT/test/images/net.json" other.c
    cmp manifest.c other.c
    grep -q '"service"' manifest.c
}

@test "what gen-manifest wrote, query-manifest reads from the image" {
    for name in none block net several most; do
        solo5-elftool query-manifest "$ROOT/build/test/images/probe_$name.spt" >out.json
        python3 -c 'import json, sys
assert json.load(open(sys.argv[1])) == json.load(open(sys.argv[2]))' \
            out.json "$ROOT/test/images/$name.json"
        solo5-elftool gen-manifest out.json again.c
        solo5-elftool gen-manifest "$ROOT/test/images/$name.json" first.c
        cmp again.c first.c
    done
}

@test "query-abi prints five lines of JSON" {
    run -0 solo5-elftool query-abi "$ROOT/build/test/images/probe_none.spt"
    [ "$output" = '{
    "type": "solo5.abi",
    "target": "spt",
    "version": 2
}' ]
    run -0 solo5-elftool query-abi "$ROOT/build/test/images/target_hvt.spt"
    [ "${lines[2]}" = '    "target": "hvt",' ]
    # Images for processors other than this one, too.
    "$ROOT/test/images/edit.py" "$ROOT/build/test/images/probe_none.spt" other e_machine=243
    run -0 solo5-elftool query-abi other
}

@test "more than 63 devices are refused" {
    {
        echo '{"type":"solo5.manifest","version":1,"devices":['
        for i in {1..63}; do echo "{\"name\":\"d$i\",\"type\":\"NET_BASIC\"},"; done
        echo '{"name":"d64","type":"NET_BASIC"}]}'
    } >many.json
    run -1 solo5-elftool gen-manifest many.json many.c
    [ "$output" = 'solo5-elftool: many.json: "devices": too many entries, maximum 63' ]
    [ ! -e many.c ]
}

@test "mistakes in JSON are shown where they are, and nothing is written" {
    printf '{\n  "type": "solo5.manifest",,\n' >bad.json
    run -1 solo5-elftool gen-manifest bad.json bad.c
    [[ $output == "solo5-elftool: bad.json:2:"* ]]
    [ ! -e bad.c ]
    run -1 solo5-elftool gen-manifest - - <<<'{"type":"solo5.manifest","version":1,"devices":[],"x":1}'
    [ "$output" = 'solo5-elftool: standard input: unknown key "x"' ]
    run -1 solo5-elftool gen-manifest nowhere.json -
    [ "$output" = 'solo5-elftool: nowhere.json: No such file or directory' ]
    run -1 solo5-elftool gen-manifest /dev/zero -
    [ "$output" = 'solo5-elftool: /dev/zero: too large' ]
}

@test "output that cannot be written is an error" {
    run -1 solo5-elftool gen-manifest "$ROOT/test/images/net.json" nowhere/manifest.c
    [ "$output" = 'solo5-elftool: nowhere/manifest.c: No such file or directory' ]
    run -1 solo5-elftool gen-manifest "$ROOT/test/images/net.json" /dev/full
    [ "$output" = 'solo5-elftool: /dev/full: No space left on device' ]
    run -1 sh -c 'solo5-elftool query-abi "$1" >/dev/full' - "$ROOT/build/test/images/probe_none.spt"
    [[ $output == *"standard output: No space left on device" ]]
}

@test "files that are no images are refused" {
    run -1 solo5-elftool query-abi "$BATS_TEST_FILENAME"
    [[ $output == *"invalid executable: not an ELF file" ]]
    "$ROOT/test/images/edit.py" "$ROOT/build/test/images/probe_none.spt" edited \
        note_abi.@8=00000000
    run -1 solo5-elftool query-abi edited
    [[ $output == *"No Solo5 ABI information found in executable" ]]
    "$ROOT/test/images/edit.py" "$ROOT/build/test/images/probe_none.spt" edited \
        note_manifest.@8=00000000
    run -1 solo5-elftool query-manifest edited
    [[ $output == *"No Solo5 manifest found in executable" ]]
    "$ROOT/test/images/edit.py" "$ROOT/build/test/images/probe_none.spt" edited \
        note_abi.@20=63000000
    run -1 solo5-elftool query-abi edited
    [[ $output == *"unknown ABI target 99" ]]
}

@test "names that would break out of JSON are escaped" {
    "$ROOT/test/images/edit.py" "$ROOT/build/test/images/probe_block.spt" edited \
        "note_manifest.@136=225c0a1b00"
    run -0 solo5-elftool query-manifest edited
    [[ $output == *'"name": "\"\\\n\u001B"'* ]]
    "$ROOT/test/images/edit.py" "$ROOT/build/test/images/probe_block.spt" edited \
        "note_manifest.@136=ff"
    run -1 solo5-elftool query-manifest edited
    [[ $output == *"a device's name is not text"* ]]
}

@test "the manual is well formed" {
    command -v mandoc >/dev/null || skip "mandoc is not installed"
    run -0 mandoc -Tlint -Wwarning "$ROOT/build/share/man/man1/solo5-elftool.1"
}

@test "without a command, or with a wrong one, there is the usage" {
    for arguments in "" "nonsense" "query-abi" "query-abi a b" "gen-manifest a"; do
        # shellcheck disable=SC2086 # words
        run -1 solo5-elftool $arguments
        [[ $output == "usage: solo5-elftool COMMAND"* ]]
    done
    run -0 solo5-elftool --help
    run -0 solo5-elftool --version
    [[ $output == "solo5-elftool, version "* ]]
}
