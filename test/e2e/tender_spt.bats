#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # bats sets output and status
# solo5-spt from outside: its command line, each of its errors, what it gives an image and what it
# keeps it from. The image is test/images/spt/probe.c.

load common

bats_require_minimum_version 1.5.0

setup_file() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    unset MAKEFLAGS MFLAGS MAKELEVEL
    make -s -C "$ROOT" all probes
}

teardown() {
    if [ -n "${namespace-}" ]; then
        ip netns delete "$namespace" 2>/dev/null || true
    fi
}

# The probe with the devices of manifest $1.
probe() {
    echo "$ROOT/build/test/images/probe_$1.spt"
}

# Run the probe without devices: `spt boot` or `spt --mem=2 -- boot`.
spt() {
    local options=()
    while [[ ${1-} == -* ]]; do
        [ "$1" = -- ] || options+=("$1")
        shift
    done
    solo5-spt "${options[@]}" "$(probe none)" "$@"
}

# Run a command that the tender must refuse, with this message after its name.
refused() {
    local message=$1
    shift
    run "$@"
    echo "$output"
    [ "$status" -eq 1 ] && [[ $output == *"solo5-spt: "*"$message"* ]]
}

# Edit the probe without devices; refused with $1.
refused_edited() {
    local message=$1
    shift
    "$ROOT/test/images/edit.py" "$(probe none)" edited "$@"
    refused "$message" solo5-spt edited hello
}

# Run the probe on something that must get it killed by signal $1.
killed() {
    local signal=$1
    shift
    run "$@"
    echo "status $status $output"
    [ "$status" -eq $((128 + signal)) ]
}

# Wait until process $2 has written "ready" to file $1.
ready() {
    until grep -qs ready "$1"; do
        kill -0 "$2" 2>/dev/null || { cat "$1" && return 1; }
        sleep 0.05
    done
}

SIGSEGV=11
SIGSYS=31
SIGILL=4

# A network namespace of the test's own, where it may do what it likes.
new_namespace() {
    [ "$(id -u)" -eq 0 ] || skip "making network namespaces takes root"
    [ -c /dev/net/tun ] || skip "there is no /dev/net/tun"
    command -v ip >/dev/null || skip "iproute2 is not installed"
    namespace=spt-$BATS_TEST_NUMBER-$$
    ip netns add "$namespace" || skip "network namespaces cannot be made here"
    ip -n "$namespace" link set lo up
}

new_tap() {
    ip -n "$namespace" tuntap add "$1" mode tap
    ip -n "$namespace" link set "$1" up
}

inside() {
    ip netns exec "$namespace" "$@"
}

# --- the command line ---

@test "--help shows the usage on standard error and ends with 1" {
    run -1 --separate-stderr solo5-spt --help
    [ -z "$output" ]
    [[ $stderr == "usage: solo5-spt "* ]]
    [[ $stderr == *"modules: core net block"* ]]
    [[ $stderr == *"--net:NAME=IFACE|@FD"*"--block:NAME=PATH"* ]]
}

@test "--version shows tender and ABI on standard error and ends with 0" {
    run -0 --separate-stderr solo5-spt --version
    [ -z "$output" ]
    [[ ${stderr_lines[0]} == "solo5-spt tender, version "* ]]
    [ "${stderr_lines[1]}" = "ABI version 2" ]
}

@test "the manual knows each option that --help shows, and is well formed" {
    command -v mandoc >/dev/null || skip "mandoc is not installed"
    local page=$ROOT/build/share/man/man1/solo5-spt.1 option
    run -0 mandoc -Tlint -Wwarning "$page"
    mandoc -Tascii "$page" | col -bx >manual
    run -1 solo5-spt --help
    for option in $(grep -oE '^  --[a-z-]+' <<<"$output"); do
        grep -qE "^ +$option" manual || { echo "$option is missing" && return 1; }
    done
}

@test "the tender is static, and out of the way of images at low addresses" {
    run -0 readelf -hlW "$ROOT/build/bin/solo5-spt"
    [[ $output == *"DYN (Position-Independent Executable file)"* ]]
    [[ $output != *INTERP* ]]
}

@test "without an image there is the usage" {
    refused "Missing KERNEL operand" solo5-spt
    [[ $output == *"usage: solo5-spt "* ]]
}

@test "an unknown option is named and the usage shown" {
    for option in --nonsense --mem --mem:a=1 --net=tap0 --block:=x --block:disk -m; do
        refused "Invalid option: \`$option'" spt "$option" -- hello
        [[ $output == *"usage: solo5-spt "* ]]
    done
}

@test "memory must be a number of MiB" {
    for size in 0 -1 x 1x '' 18446744073709551617 0x10; do
        refused "Malformed argument to --mem" spt --mem="$size" -- hello
    done
}

@test "arguments reach the image with single blanks between, options among them too" {
    run -0 spt echo --mem=3  'two  words' '' --
    [ "$output" = "[echo --mem=3 two  words  --]" ]
}

@test "two dashes end the options" {
    cp "$(probe none)" ./--mem=1
    run -0 solo5-spt --mem=4 -- --mem=1 hello
    [ "$output" = "Hello, World" ]
}

@test "a command line of 8191 characters is passed, one more is refused" {
    local long
    long=$(printf 'x%.0s' {1..8186})
    run -0 spt echo "$long"
    [ "$output" = "[echo $long]" ]
    refused "Guest command line too long (max=8191 characters)" spt echo "${long}x"
}

# --- the file ---

@test "a file that cannot be read is named" {
    refused "nowhere: No such file or directory" solo5-spt nowhere
    refused ".: Is a directory" solo5-spt .
    refused "/dev/null: invalid executable: the file is truncated" solo5-spt /dev/null
    mkfifo fifo
    refused "fifo: " solo5-spt fifo
}

@test "a file that may not be read is named" {
    [ "$(id -u)" -eq 0 ] || skip "switching users takes root"
    local folder
    folder=$(mktemp -d /tmp/spt.XXXXXX)
    cp "$ROOT/build/bin/solo5-spt" "$(probe none)" "$folder"
    chmod 0755 "$folder"
    chmod 0600 "$folder/probe_none.spt"
    run setpriv --reuid=65534 --clear-groups "$folder/solo5-spt" "$folder/probe_none.spt" hello
    rm -r "$folder"
    [ "$status" -eq 1 ]
    [[ $output == "solo5-spt: $folder/probe_none.spt: Permission denied" ]]
}

@test "what is not an executable of this kind is refused" {
    refused "invalid executable: not an ELF file" solo5-spt "$BATS_TEST_FILENAME"
    refused_edited "not a 64-bit ELF file" e_class=1
    refused_edited "not little endian" e_data=2
    refused_edited "unknown ELF version" e_version=2
    refused_edited "not linked at fixed addresses" e_type=3
    refused_edited "built for another processor" e_machine=8
    refused_edited "headers of unknown size" e_ehsize=52
    refused_edited "headers of unknown size" e_phentsize=32
    refused_edited "no program headers" e_phnum=0
    refused_edited "too many program headers" e_phnum=0xffff
    refused_edited "invalid executable: not linked" e_type=2 e_type=1
}

@test "a truncated file is refused wherever it ends" {
    for size in 0 10 63 64 200 4096 5000 7400; do
        refused_edited "the file is truncated" size=$size
    done
}

@test "offsets beyond the file are refused" {
    refused_edited "the file is truncated" e_phoff=0x7fffffffffff0000
    refused_edited "an offset is beyond any file" e_phoff=0xffffffffffffffff
    refused_edited "an offset is beyond any file" 0.p_offset=0xffffffffffffff00
    refused_edited "an offset is beyond any file" note_abi.p_offset=-8
}

@test "segments must be in memory, in order, apart, of whole pages" {
    refused_edited "a segment is below 1 MiB" 0.p_vaddr=0xff000
    refused_edited "a segment is below 1 MiB" 0.p_vaddr=0
    refused_edited "a segment is below 1 MiB" 0.p_align=0x200000
    refused_edited "does not fit into the guest's memory" 1.p_vaddr=0x20000000
    refused_edited "a segment ends beyond any memory" 1.p_vaddr=-4096
    refused_edited "a segment ends beyond any memory" 1.p_memsz=-1
    refused_edited "does not fit into the guest's memory" 1.p_memsz=0x1ff00000
    refused_edited "larger in the file than in memory" 1.p_filesz=0x20000
    refused_edited "not a power of two" 1.p_align=0
    refused_edited "not a power of two" 1.p_align=3
    refused_edited "not aligned to pages" 1.p_align=1 1.p_vaddr=0x102010
    refused_edited "overlap or are not in ascending order" 1.p_vaddr=0x101000
    refused_edited "overlap or are not in ascending order" 0.p_vaddr=0x200000
    refused_edited "a segment is below 1 MiB" 1.p_align=0x8000000000000000
}

@test "a segment that is writable and executable is refused" {
    refused_edited "both writable and executable" 1.p_flags=7
    refused_edited "both writable and executable" 0.p_flags=3
}

@test "the entry point must be in memory" {
    refused_edited "the entry point is outside" e_entry=0xfffff
    refused_edited "the entry point is outside" e_entry=0x20000000
    refused_edited "the entry point is outside" e_entry=0
}

@test "an image without contents is refused" {
    refused_edited "nothing to load" 0.p_type=0 1.p_type=0
}

@test "segments without contents in the file are passed over wherever they are" {
    "$ROOT/test/images/edit.py" "$(probe none)" edited 2.p_type=1 2.p_filesz=0 2.p_vaddr=0 \
        2.p_memsz=0 2.p_align=0x1000
    run -0 solo5-spt edited hello
}

@test "the layout of Solo5's own images runs" {
    # A segment without contents in the file, and one of them empty at address 0.
    readelf -lW "$ROOT/build/test/images/layout_solo5.spt" |
        grep -E 'LOAD +0x[0-9a-f]+ 0x0{16} 0x0{16} 0x000000 0x000000 '
    readelf -lW "$ROOT/build/test/images/layout_solo5.spt" | \
        grep -E 'LOAD .* 0x000000 0x0[1-9][0-9a-f]+ RW'
    run -0 solo5-spt "$ROOT/build/test/images/layout_solo5.spt" boot
    killed $SIGSEGV solo5-spt "$ROOT/build/test/images/layout_solo5.spt" execute-data
    run -127 "$ROOT/build/test/images/layout_solo5.spt" # Linux does not run it by itself
}

@test "an image for another tender or version is refused" {
    refused "Executable is not for the solo5-spt target" \
        solo5-spt "$ROOT/build/test/images/target_hvt.spt"
    [[ $output == *"It is for the hvt target"* ]]
    refused "Executable requests unsupported ABI version 1" \
        solo5-spt "$ROOT/build/test/images/version_1.spt"
}

@test "an image without notes is refused" {
    refused_edited "No Solo5 ABI information found in executable" note_abi.@8=00000000
    refused_edited "No Solo5 ABI information found in executable" note_abi.@12=58
    refused_edited "No Solo5 manifest found in executable" note_manifest.@8=00000000
    refused_edited "malformed note" 2.p_filesz=11
    refused_edited "a note is too large" note_abi.@4=20000000
    refused_edited "a note is too large" note_manifest.@4=ffffffff
    refused_edited "Solo5 ABI information is invalid" note_abi.@4=0c000000
}

@test "a manifest that is not valid is refused" {
    for edit in @24=02000000 @28=00000000 @28=02000000 @28=ffffffff @32=41 @100=01000000 @128=01; do
        refused_edited "Solo5 manifest is invalid" "note_manifest.$edit"
    done
    for edit in @136=00 @204=03000000 @232=01 "@136=$(printf '41%.0s' {1..68})"; do
        "$ROOT/test/images/edit.py" "$(probe block)" edited "note_manifest.$edit"
        refused "Solo5 manifest is invalid" solo5-spt --block:disk=x edited
    done
}

@test "too little memory for the image is refused" {
    refused "it takes 2 MiB without its heap, and has 1. Give it more with --mem=N" spt --mem=1 -- hello
    # Zeros that are not in the file, of an image in Solo5's layout.
    "$ROOT/test/images/edit.py" "$ROOT/build/test/images/layout_solo5.spt" edited 5.p_memsz=0x1000000
    refused "it takes 18 MiB without its heap, and has 16. Give it more with --mem=N" \
        solo5-spt --mem=16 edited boot
    run -0 solo5-spt --mem=19 edited boot
}

@test "more memory than there are addresses is refused" {
    refused "Could not map 134217728 MiB of memory" spt --mem=134217728 -- hello
    # Where the tender itself is.
    refused "Addresses are taken" spt --mem=134000000 -- hello
    refused "Malformed argument to --mem" spt --mem=134217729 -- hello
    refused "Cannot allocate memory. Try less with --mem=N" \
        bash -c 'ulimit -v 100000 && solo5-spt "$1" hello' - "$(probe none)"
    run -0 bash -c 'ulimit -v 100000 && solo5-spt --mem=32 "$1" hello' - "$(probe none)"
}

# --- devices ---

@test "every declared device must be attached" {
    refused "Device 'disk' of type BLOCK_BASIC declared but not attached." \
        solo5-spt "$(probe block)" hello
    [[ $output == *"solo5-spt: All declared devices must be attached. See --help for syntax."* ]]
    refused "Device 'service' of type NET_BASIC declared but not attached." \
        solo5-spt "$(probe net)" hello
    run -1 solo5-spt "$(probe several)" hello
    [ "$(grep -c 'declared but not attached' <<<"$output")" -eq 5 ]
}

@test "a device that is not declared cannot be attached" {
    for option in --block:disk=x --net:service=tap0 --net-mac:service=02:00:00:00:00:01 \
        --block-sector-size:disk=512; do
        refused "Resource not declared in manifest: '" spt "$option" -- hello
        [[ $output == *"Invalid option: \`$option'"* ]]
        [[ $output == *"usage: solo5-spt "* ]]
    done
    refused "Resource not declared in manifest: 'disk'" \
        solo5-spt --net:disk=tap0 "$(probe block)" hello
}

@test "a device cannot be attached twice" {
    truncate -s 512 disk.img
    refused "Resource already attached: 'disk'" \
        solo5-spt --block:disk=disk.img --block:disk=disk.img "$(probe block)" hello
}

@test "block devices: what cannot be one" {
    refused "Could not open block device: nowhere: No such file" \
        solo5-spt --block:disk=nowhere "$(probe block)" hello
    refused "Could not open block device: .: Is a directory" \
        solo5-spt --block:disk=. "$(probe block)" hello
    refused "/dev/null: neither a regular file nor a block device" \
        solo5-spt --block:disk=/dev/null "$(probe block)" hello
    mkfifo fifo
    refused "fifo: neither a regular file nor a block device" \
        solo5-spt --block:disk=fifo "$(probe block)" hello
}

@test "block devices: a file that cannot be written" {
    [ "$(id -u)" -eq 0 ] || skip "switching users takes root"
    local folder
    folder=$(mktemp -d /tmp/spt.XXXXXX)
    cp "$ROOT/build/bin/solo5-spt" "$(probe block)" "$folder"
    truncate -s 512 "$folder/disk.img"
    chmod -R a+rX "$folder"
    run setpriv --reuid=65534 --clear-groups "$folder/solo5-spt" \
        --block:disk="$folder/disk.img" "$folder/probe_block.spt" hello
    rm -r "$folder"
    [ "$status" -eq 1 ]
    [[ $output == *"disk.img: Permission denied (it has to be readable and writable)" ]]
}

@test "block devices: sizes must be whole blocks" {
    : >disk.img
    refused "disk: Backing storage must be at least 1 block (512 bytes) in size" \
        solo5-spt --block:disk=disk.img "$(probe block)" hello
    truncate -s 511 disk.img
    refused "disk: Backing storage must be at least 1 block (512 bytes) in size" \
        solo5-spt --block:disk=disk.img "$(probe block)" hello
    truncate -s 1000 disk.img
    refused "disk: Backing storage size must be block aligned (512 bytes)" \
        solo5-spt --block:disk=disk.img "$(probe block)" hello
    truncate -s 1536 disk.img
    refused "disk: Backing storage size must be block aligned (1024 bytes)" \
        solo5-spt --block:disk=disk.img --block-sector-size:disk=1024 "$(probe block)" hello
    for size in 0 1 256 1000 65536 x -512 ''; do
        refused "Block size must be a multiple of 2 greater than or equal 512" \
            solo5-spt --block-sector-size:disk=$size --block:disk=disk.img "$(probe block)" hello
    done
}

@test "block devices: an image sees capacity and block size, in any order of options" {
    truncate -s 65536 disk.img
    run -0 solo5-spt --block-sector-size:disk=32768 --block:disk=disk.img "$(probe block)" devices
    [[ $output == *"device 1 'disk' type=1 attached=1 capacity=65536 block=32768"* ]]
    run -0 solo5-spt --block:disk=disk.img "$(probe block)" devices
    [[ $output == *"capacity=65536 block=512"* ]]
    [[ $output == "device 0 '' type=1073741824 attached=0"* ]]
}

@test "block devices: blocks are written and read, and are in the file" {
    for size in 512 4096 32768; do
        truncate -s 0 disk.img
        truncate -s 131072 disk.img
        run -0 solo5-spt --block:disk=disk.img --block-sector-size:disk=$size "$(probe block)" blocks
        [ "$output" = "blocks ok" ]
        [ "$(od -An -tu1 -j $((3 * size)) -N 1 disk.img)" -eq 1 ]
        [ "$(od -An -tu1 -j $((4 * size - 1)) -N 1 disk.img)" -eq 3 ]
        [ "$(stat -c %s disk.img)" -eq 131072 ]
    done
}

@test "block devices: a block device of the host works too" {
    [ "$(id -u)" -eq 0 ] || skip "loop devices take root"
    truncate -s 65536 disk.img
    local loop
    loop=$(losetup --find --show disk.img 2>/dev/null) || skip "there are no loop devices here"
    run solo5-spt --block:disk="$loop" "$(probe block)" blocks
    losetup --detach "$loop"
    [ "$status" -eq 0 ]
    [ "$output" = "blocks ok" ]
}

@test "63 devices, as many as a manifest can have, all work" {
    local options=()
    for i in {1..63}; do
        truncate -s 1024 disk$i
        options+=("--block:d$i=disk$i")
    done
    run -0 solo5-spt "${options[@]}" "$(probe most)" blocks
    [ "$output" = "blocks ok" ]
    for i in {1..63}; do
        [ "$(od -An -tu1 -N 1 disk$i)" -eq $i ]
    done
    killed $SIGSYS solo5-spt "${options[@]}" "$(probe most)" past-the-end 63
    killed $SIGSYS solo5-spt "${options[@]}" "$(probe most)" past-the-end 1
}

@test "network devices: what cannot be one" {
    new_namespace
    refused "Could not attach interface: tap7: No such file or directory" \
        inside solo5-spt --net:service=tap7 "$(probe net)" hello
    # It must not have been made either.
    run ! ip -n "$namespace" link show tap7
    refused "Could not attach interface: lo: Invalid argument" \
        inside solo5-spt --net:service=lo "$(probe net)" hello
    refused "Could not attach interface: averyveryverylongname: Invalid argument" \
        inside solo5-spt --net:service=averyveryverylongname "$(probe net)" hello
    refused "Could not attach interface: : Invalid argument" \
        inside solo5-spt --net:service= "$(probe net)" hello
}

@test "network devices: a tap that is down" {
    new_namespace
    ip -n "$namespace" tuntap add tap0 mode tap
    refused "Could not attach interface: tap0: Network is down" \
        inside solo5-spt --net:service=tap0 "$(probe net)" hello
}

@test "network devices: a tap that is busy" {
    new_namespace
    new_tap tap0
    inside solo5-spt --net:service=tap0 "$(probe net)" reflect 1 >first 3>&- &
    local first=$!
    ready first "$first"
    refused "Could not attach interface: tap0: Device or resource busy" \
        inside solo5-spt --net:service=tap0 "$(probe net)" hello
    kill "$first"
    wait "$first" || true
}

@test "network devices: a malformed MAC" {
    for mac in 1 02:00:00:00:00 02:00:00:00:00:00:00 02-00-00-00-00-01 02:00:00:00:00:0g \
        2:0:0:0:0:1 ff:ff:ff:ff:ff:ff 03:00:00:00:00:01 ''; do
        refused "Malformed argument to --net-mac" \
            solo5-spt --net-mac:service=$mac --net:service=tap0 "$(probe net)" hello
    done
}

@test "network devices: an image sees MAC and MTU" {
    new_namespace
    new_tap tap0
    ip -n "$namespace" link set tap0 mtu 9000
    run -0 inside solo5-spt --net-mac:service=02:aB:00:00:00:01 --net:service=tap0 \
        "$(probe net)" devices
    [[ $output == *"device 1 'service' type=2 attached=1 mtu=9000 mac=02:ab:00:00:00:01"* ]]
}

@test "network devices: a MAC that is not given is random, local and of one station" {
    new_namespace
    new_tap tap0
    local first second digit
    first=$(inside solo5-spt --net:service=tap0 "$(probe net)" devices | grep -o 'mac=.*')
    second=$(inside solo5-spt --net:service=tap0 "$(probe net)" devices | grep -o 'mac=.*')
    [ "$first" != "$second" ]
    digit=${first:5:1}
    [[ $digit == [26ae] ]]
}

@test "network devices: frames go out and in" {
    new_namespace
    new_tap tap0
    inside solo5-spt --net:service=tap0 --net-mac:service=02:00:00:00:00:2a "$(probe net)" \
        reflect 200 >image 3>&- &
    local image=$!
    ready image "$image"
    run -0 inside "$ROOT/test/images/frames.py" tap0 100
    [ "$output" = "answered by 02:00:00:00:00:2a" ]
    run -0 inside "$ROOT/test/images/frames.py" tap0 100 1514
    wait "$image"
    grep -q reflected image
}

@test "network devices: several at once, with block devices between" {
    new_namespace
    new_tap tap0
    new_tap tap1
    truncate -s 4096 a b c
    local options=(--block:first=a --block:second=b --block:third=c --net:left=tap0 --net:right=tap1
        --net-mac:left=02:00:00:00:00:0a --net-mac:right=02:00:00:00:00:0b)
    run -0 inside solo5-spt "${options[@]}" "$(probe several)" blocks
    inside solo5-spt "${options[@]}" "$(probe several)" reflect 20 >image 3>&- &
    local image=$!
    ready image "$image"
    run -0 inside "$ROOT/test/images/frames.py" tap0 10
    [ "$output" = "answered by 02:00:00:00:00:0a" ]
    run -0 inside "$ROOT/test/images/frames.py" tap1 10
    [ "$output" = "answered by 02:00:00:00:00:0b" ]
    wait "$image"
}

@test "network devices: an open tap as @FD, with the MTU of its interface" {
    new_namespace
    new_tap tap0
    ip -n "$namespace" link set tap0 mtu 1400
    cat >inherit.py <<'END'
import fcntl, os, struct, sys
tap = os.open("/dev/net/tun", os.O_RDWR)
flags = int(sys.argv[1], 0)
fcntl.ioctl(tap, 0x400454ca, struct.pack("16sH22x", b"tap0", flags))
os.set_inheritable(tap, True)
os.execvp("solo5-spt", ["solo5-spt", f"--net:service=@{tap}"] + sys.argv[2:])
END
    run -0 inside python3 inherit.py 0x1002 "$(probe net)" devices
    [[ $output == *"mtu=1400"* ]]
    inside python3 inherit.py 0x1002 "$(probe net)" reflect 10 >image 3>&- &
    local image=$!
    ready image "$image"
    run -0 inside "$ROOT/test/images/frames.py" tap0 10
    wait "$image"
    # With headers before the frames.
    refused "must be a tap with IFF_NO_PI and without IFF_VNET_HDR" \
        inside python3 inherit.py 0x5002 "$(probe net)" hello
    ip -n "$namespace" link delete tap0
    ip -n "$namespace" tuntap add tap0 mode tun
    refused "must be a tap" inside python3 inherit.py 0x0001 "$(probe net)" hello
}

@test "network devices: anything else that carries frames as @FD, with an MTU of 1500" {
    cat >inherit.py <<'END'
import os, socket, subprocess, sys
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
number = theirs.fileno()
image = subprocess.Popen(["solo5-spt", f"--net:service=@{number}"] + sys.argv[1:],
                         pass_fds=[number])
theirs.close()
if sys.argv[2] == "reflect":
    ours.send(b"\x01" * 6 + b"\x02" * 6 + b"\x88\xb5" + b"payload")
    frame = ours.recv(2048)
    assert frame[:6] == b"\x02" * 6 and frame[12:] == b"\x88\xb5payload", frame
sys.exit(image.wait())
END
    run -0 python3 inherit.py "$(probe net)" devices
    [[ $output == *"attached=1 mtu=1500"* ]]
    run -0 python3 inherit.py "$(probe net)" reflect 1
    [[ $output == *reflected* ]]
}

@test "63 network devices all carry frames" {
    cat >inherit.py <<'END'
import os, socket, subprocess, sys
pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(63)]
options = [f"--net:d{i + 1}=@{theirs.fileno()}" for i, (_, theirs) in enumerate(pairs)]
image = subprocess.Popen(["solo5-spt"] + options + sys.argv[1:],
                         pass_fds=[theirs.fileno() for _, theirs in pairs])
for number, (ours, theirs) in enumerate(pairs):
    theirs.close()
    ours.settimeout(10)
    ours.send(b"\x01" * 6 + b"\x02" * 6 + b"\x88\xb5" + bytes([number]) * 50)
answers = set()
for number, (ours, _) in enumerate(pairs):
    frame = ours.recv(2048)
    assert frame[:6] == b"\x02" * 6 and frame[14:] == bytes([number]) * 50, (number, frame)
    answers.add(frame[6:12])
assert len(answers) == 63, "each device has a MAC of its own"
sys.exit(image.wait())
END
    run -0 python3 inherit.py "$(probe mostnet)" reflect 63
    [[ $output == *reflected* ]]
}

@test "network devices: what is no descriptor" {
    refused "Could not attach interface: @99: Bad file descriptor" \
        solo5-spt --net:service=@99 "$(probe net)" hello
    : >file
    refused "Could not wait for the device 'service': Operation not permitted" \
        solo5-spt --net:service=@8 "$(probe net)" hello 8<>file
    for number in '' x -1 1x 99999999999; do
        refused "Could not attach interface: @$number: not a descriptor's number" \
            solo5-spt --net:service=@$number "$(probe net)" hello
    done
}

# --- what an image is given ---

@test "boot information, manifest and stack are where the ABI has them" {
    run -0 spt boot
    [[ $output == "boot boot=69632 memory=536870912 stack=536870904 end="*" manifest=69672 command=69784" ]]
    run -0 spt --mem=2 -- boot
    [[ $output == *"memory=2097152 stack=2097144"* ]]
    run -0 spt --mem=3000 -- boot
    [[ $output == *"memory=3145728000 stack=3145727992"* ]]
}

@test "the timer wakes the image, and both clocks tell the time" {
    run -0 spt sleep
    [ "$output" = slept ]
}

@test "the exit status is the image's" {
    for expected in 0 1 2 42 254 255; do
        run spt exit $expected
        [ "$status" -eq $expected ]
        [ -z "$output" ]
    done
    run -44 spt exit 300
}

@test "an image has no descriptor but its own" {
    exec 9>other
    run -0 spt hello
    solo5-spt --net:service=@8 "$(probe net)" reflect 1 8<>/dev/ptmx >image 2>&1 3>&- &
    local image=$!
    ready image "$image"
    run ls "/proc/$image/fd"
    kill "$image"
    echo "$output"
    exec 9>&-
    [ "$(wc -w <<<"$output")" -eq 6 ]
    [[ $output != *9* ]]
}

@test "an image finds nothing of the tender's environment" {
    SECRET=xyzzy solo5-spt --net:service=@8 "$(probe net)" reflect 1 8<>/dev/ptmx >image 2>&1 3>&- &
    local image=$!
    ready image "$image"
    run tr -d '\0' <"/proc/$image/environ"
    kill "$image"
    [ -z "$output" ]
}

@test "registers of an image are empty but for what the ABI says" {
    run -0 spt registers
}

@test "closed standard descriptors do not become devices" {
    truncate -s 512 disk.img
    run -0 solo5-spt --block:disk=disk.img "$(probe block)" hello <&- >&- 2>&-
    [ "$(tr -d '\0' <disk.img | wc -c)" -eq 0 ]
    sh -c 'exec "$@" <&- >&- 2>&-' - solo5-spt --block:disk=disk.img "$(probe block)" hello
    [ "$(tr -d '\0' <disk.img | wc -c)" -eq 0 ]
}

# --- what an image is kept from ---

@test "an image cannot write to its code" {
    killed $SIGSEGV spt write-code
}

@test "an image cannot execute data, heap or stack" {
    killed $SIGSEGV spt execute-data
    killed $SIGSEGV spt execute-heap
    killed $SIGSEGV spt execute-stack
}

@test "--x-exec-heap makes heap and stack executable, but not data" {
    run -99 spt --x-exec-heap -- execute-heap
    run -99 spt --x-exec-heap -- execute-stack
    killed $SIGSEGV spt --x-exec-heap -- write-code
    "$ROOT/test/images/edit.py" "$(probe none)" edited 1.p_memsz=0x10020
    killed $SIGSEGV solo5-spt --x-exec-heap edited execute-data
}

@test "an image cannot touch page zero, nor what lies beyond its memory" {
    killed $SIGSEGV spt page-zero
    killed $SIGSEGV spt --mem=4 -- beyond
}

@test "a trap ends the image by its signal" {
    killed $SIGILL spt trap
}

@test "every system call but the few allowed kills the image" {
    case $(uname -m) in
    x86_64) allowed=" 1 228 231 281 286 158 " ;;
    aarch64) allowed=" 64 113 94 22 86 " ;;
    esac
    for number in {0..460} 1000 1073741824; do
        [[ $allowed == *" $number "* ]] && continue
        run spt call "$number"
        # Linux keeps uretprobe and uprobe from filters: they do nothing where no probe was set.
        [[ $number == 335 && $status -eq $((128 + SIGILL)) ]] && continue
        [[ $number == 336 && $status -eq 99 ]] && continue
        [ "$status" -eq $((128 + SIGSYS)) ] || { echo "call $number: $status" && return 1; }
    done
}

@test "other calling conventions are closed" {
    [ "$(uname -m)" = x86_64 ] || skip "only x86-64 has others"
    killed $SIGSYS spt call32
    killed $SIGSYS spt callx32
}

@test "arguments of the allowed calls are checked" {
    for descriptor in 0 2 3 4 5 4294967296; do
        killed $SIGSYS spt write-to "$descriptor"
    done
    run -99 spt write-to 1
    for clock in 2 3 4 7 11; do
        killed $SIGSYS spt clock $clock
    done
    run -99 spt clock 0
    run -99 spt clock 1
    killed $SIGSYS spt epoll-other
    killed $SIGSYS spt epoll-mask
}

@test "devices take only what their kind allows" {
    truncate -s 65536 disk.img
    local run_it=(solo5-spt --block:disk=disk.img "$(probe block)")
    killed $SIGSYS "${run_it[@]}" read-device 1
    killed $SIGSYS "${run_it[@]}" two-blocks 1
    killed $SIGSYS "${run_it[@]}" past-the-end 1
    killed $SIGSYS "${run_it[@]}" negative-offset 1
    run -99 "${run_it[@]}" pread-device 1
    [ "$(stat -c %s disk.img)" -eq 65536 ]
}

@test "a device larger than 4 GiB is bounded exactly" {
    truncate -s 5G disk.img
    killed $SIGSYS solo5-spt --block:disk=disk.img "$(probe block)" past-the-end 1
    killed $SIGSYS solo5-spt --block:disk=disk.img "$(probe block)" negative-offset 1
}

@test "setuid programs and the like are out of reach: no new privileges" {
    solo5-spt --net:service=@8 "$(probe net)" reflect 1 8<>/dev/ptmx >image 2>&1 3>&- &
    local image=$!
    ready image "$image"
    run grep -E '^(NoNewPrivs|Seccomp):' "/proc/$image/status"
    kill "$image"
    [[ $output == *"NoNewPrivs:"*1* ]]
    [[ $output == *"Seccomp:"*2* ]]
}
