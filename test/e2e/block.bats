#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Block devices as a user has them: files on unix, devices of a tender on spt, partitions made by
# others' programs. The examples' transcripts show the rest; block_hvt.bats has hvt.

load common

# build TARGET EXAMPLE: make a copy of the example here.
build() {
    cp -R "$ROOT/$2" project
    cd project
    mirage configure -t "$1" >/dev/null
    mirage build
}

# The lines of the log without their times.
messages() {
    sed -E 's/^[0-9-]+ [0-9:]+ [+-][0-9:]+: //'
}

@test "block_test on spt: ten tests, four expected errors" {
    build spt examples/device-usage/block
    run solo5-spt --mem=8 --block:storage=disk.img dist/block_test.spt
    [ "$status" -eq 0 ]
    messages <<<"$output" | sed '1,/heap/d' >spt.txt
    mirage configure -t unix >/dev/null
    mirage build
    dist/block_test >unix.txt
    diff <(messages <unix.txt) <(sed '$d' spt.txt)
    [ "$(tail -1 spt.txt)" = "Solo5: solo5_exit(0) called" ]
    [ "$(grep -c 'ERR \[block\] Expecting error output' spt.txt)" -eq 4 ]
    grep -q 'Total tests passed:  10' spt.txt
}

@test "the tender's sector size is the image's" {
    build spt examples/device-usage/block
    truncate -s $((4096 * 20)) small.img
    run solo5-spt --mem=8 --block-sector-size:storage=4096 --block:storage=small.img dist/block_test.spt
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"sectors = 20"*"sector_size=4096"*"Total tests passed:  10"* ]]
    grep -q "quick brown fox" small.img
}

@test "without a rebuild: writing to the disk is no reason to compile again" {
    build unix examples/device-usage/block
    dist/block_test >/dev/null
    run mirage build
    echo "$output"
    [[ $output != *CC* ]]
    mirage clean
    [ ! -e disk.img ]
}

@test "a game saved under spt goes on under unix" {
    build spt examples/device-usage/disk-lottery
    truncate -s 4096 disk.img
    run solo5-spt --mem=8 --block:storage=disk.img dist/lottery.spt --reset-all
    [[ $output == *"All 8 game slots reset."* ]]
    run solo5-spt --mem=8 --block:storage=disk.img dist/lottery.spt --slot=3
    [[ $output == *"YOU WON! You beat the old high score 0 with "* ]]
    score=$(sed -n 's/.* with \([0-9]*\)!.*/\1/p' <<<"$output")
    mirage configure -t unix >/dev/null
    mirage build
    run dist/lottery --slot=3
    [[ $output == *"high score $score"* ]]
    run dist/lottery --slot=8
    [ "$status" -eq 5 ]
}

@test "what is no disk is refused with a reason" {
    build unix examples/device-usage/disk-lottery
    run dist/lottery
    [ "$status" -eq 1 ]
    [[ $output == *"disk.img: cannot open it: No such file or directory"* ]]
    mkdir disk.img
    run dist/lottery
    [ "$status" -eq 1 ]
    [[ $output == *"disk.img: cannot open it: Is a directory"* ]]
    rmdir disk.img
    truncate -s 1000 disk.img
    run dist/lottery
    [ "$status" -eq 1 ]
    [[ $output == *"disk.img: its size, 1000 bytes, is no multiple of the sector size, 512"* ]]
    ln -sf /dev/null disk.img
    run dist/lottery
    [ "$status" -eq 1 ]
    [[ $output == *"neither a regular file nor a block device"* ]]
}

@test "block_test on a block device of the host, with sectors of 512 bytes and of 4096" {
    local loop size
    build unix examples/device-usage/block
    for size in 512 4096; do
        loop=$(losetup --find --show --sector-size=$size disk.img 2>/dev/null) ||
            skip "there are no loop devices here"
        ln -s "$loop" device.img
        mv disk.img below.img && mv device.img disk.img
        run dist/block_test
        losetup --detach "$loop"
        mv below.img disk.img
        echo "$output"
        [ "$status" -eq 0 ]
        [[ $output == *"sector_size=$size"*"Total tests passed:  10"* ]]
    done
}

@test "a full host, and a disk that may only be read, are errors of their own" {
    build unix examples/device-usage/disk-lottery
    truncate -s 4096 disk.img && chmod 444 disk.img
    [ "$(id -u)" -ne 0 ] || chmod 777 .
    run setpriv --reuid 65534 --clear-groups dist/lottery --reset-all
    if [[ $output == *"setpriv: "* ]]; then skip "no other user can be had here"; fi
    echo "$output"
    [ "$status" -eq 6 ]
    [[ $output == *"Read-only file system"* ]]
    mkdir small
    mount -t tmpfs -o size=64k tmpfs small 2>/dev/null || skip "nothing can be mounted here"
    truncate -s 1M small/disk.img
    cd small
    run ../dist/lottery --reset-all
    cd ..
    umount small
    echo "$output"
    [ "$status" -eq 6 ]
    [[ $output == *"No space left on device"* ]]
}

@test "two instances do not share a disk" {
    build unix examples/device-usage/disk-lottery
    truncate -s 4096 disk.img
    exec 9<>disk.img
    flock -x 9
    run dist/lottery --reset-all 9>&-
    exec 9>&-
    [ "$status" -eq 1 ]
    [[ $output == *"disk.img: in use: another instance has it open"* ]]
    dist/lottery --reset-all
}

@test "generic_block is a RAM disk, or a file with --block=file" {
    new_project
    write_config <<'CONFIG'
MAIN(m, "hello_start", time, block)
void configure(void)
{
	register_unikernel("hello", m(default_time(), generic_block("disk.img")));
}
CONFIG
    cat >unikernel.c <<'SOURCE'
#include <mirage/block.h>
#include <mirage/log.h>
#include <mirage/time.h>
int hello_start(const struct time *time, const struct block *block)
{
	(void)time;
	log_info("%u sectors", (unsigned int)block_info(block)->sector_count);
	return 0;
}
SOURCE
    mirage configure -t unix
    mirage build
    [[ $(dist/hello) == *"32768 sectors"* ]]
    truncate -s 5120 disk.img
    mirage configure -t unix --block=file
    mirage build
    [[ $(dist/hello) == *"10 sectors"* ]]
    mirage describe | grep -q -- "--block : enum = file"
    fails_cleanly mirage configure -t unix --block=tape
    [[ $output == *tape*ramdisk*file* ]]
}

@test "config.c: what cannot be is said with its place" {
    new_project
    try() {
        write_config <<CONFIG
MAIN(m, "hello_start", block)
KEY_STRING(k, .value = "00", .stage = KEY_STAGE_CONFIGURE)
KEY_STRING(r, .stage = KEY_STAGE_RUN)
void configure(void)
{
	register_unikernel("hello", m(
		$1));
}
CONFIG
        fails_cleanly mirage configure -t "${2:-unix}"
        [[ $output == *"config.c:"[789]* ]]
    }
    try 'block_of_file("")' && [[ $output == *"block_of_file() needs a name"* ]]
    try 'block_of_file("a", .sector_size = 1000)' && [[ $output == *"sectors of 1000 bytes"* ]]
    try 'ramdisk("a", .size = 1000)' && [[ $output == *"no multiple of the sector size"* ]]
    try 'partition(ramdisk("a"), 0)' && [[ $output == *"number 0: they count from 1"* ]]
    try 'partition(default_time(), 1)' && [[ $output == *"incompatible pointer"* ]]
    try 'block_encryption(ramdisk("a"), NULL)' && [[ $output == *"the key is to be a KEY_STRING"* ]]
    try 'block_ccm(ramdisk("a"), NULL)' && [[ $output == *"the key is to be a KEY_STRING"* ]]
    try 'ccm_block(&key_k, ramdisk("a"))' && [[ $output == *"key 'k' is of stage configure"* ]]
    try 'block_ccm(ramdisk("a"), &key_r, .nonce_length = 6)' && [[ $output == *"a nonce of 6 bytes: give 7 to 13"* ]]
    try 'block_ccm(ramdisk("a"), &key_r, .tag_length = 4)' && [[ $output == *"a tag of 4 bytes: give 8"* ]]
    try 'block_cache(ramdisk("a"), .size = 4096)' && [[ $output == *"give at least 524288"* ]]
    try 'block_faulty(NULL, .cut_at = 1)' && [[ $output == *"block_faulty(): the disk is NULL"* ]]
    try 'block_faulty(ramdisk("a"), .tear = 9)' && [[ $output == *"constants of <mirage/block_faulty.h>"* ]]
    try 'block_faulty(ramdisk("a"), .fail_error = 5)' && [[ $output == *".fail_error is negative"* ]]
    try 'block_of_file("disk.img")' spt && [[ $output == *"'disk.img' cannot be the name of a device of the manifest"* ]]
}

@test "the same name is the same device" {
    new_project
    write_config <<'CONFIG'
MAIN(m, "hello_start", block, block)
void configure(void)
{
	register_unikernel("hello", m(block_of_file("storage"), block_of_file("storage")));
}
CONFIG
    echo '#include <mirage/block.h>
int hello_start(const struct block *a, const struct block *b) { return a == b ? 0 : 1; }' >unikernel.c
    truncate -s 512 storage
    mirage configure -t unix
    mirage build
    dist/hello
    sed -i 's/block_of_file("storage"))/block_of_file("storage", .read_only = true))/' config.c
    run mirage configure -t unix
    [ "$status" -ne 0 ]
    [[ $output == *"has other fields here than before"* ]]
}

@test "block_faulty: a unikernel meets bad sectors, and a power cut that its disk remembers" {
    new_project
    write_config <<'CONFIG'
MAIN(m, "hello_start", block)
void configure(void)
{
	register_unikernel("hello", m(DISK));
}
CONFIG
    cat >unikernel.c <<'UNIKERNEL'
#include <mirage/block.h>
#include <mirage/log.h>
#include <string.h>

int hello_start(const struct block *disk)
{
	char sector[512] = "";

	for (unsigned i = 0; i < 8; i++) {
		sector[0] = (char)('a' + i);
		int error = block_write(disk, i, sector, sizeof(sector), NEVER);
		log_info("sector %u: %d", i, error);
	}
	return 0;
}
UNIKERNEL
    written() { # The first byte of each sector of the disk that is not zero.
        for i in 0 1 2 3 4 5 6 7; do dd if=disk.img bs=512 skip=$i count=1 status=none | head -c 1; done | tr -d '\0'
    }
    on() {
        sed "s/DISK/$1/" config.c.in >config.c
        truncate -s 0 disk.img
        truncate -s 4096 disk.img
        mirage configure -t unix >/dev/null
        mirage build >/dev/null
        run dist/hello
        echo "$output"
        [ "$status" -eq 0 ]
    }
    mv config.c config.c.in
    on 'block_faulty(block_of_file("disk.img"), .bad_sector = 3, .bad_count = 2)'
    [[ $output == *"sector 2: 0"*"sector 3: -5"*"sector 4: -5"*"sector 5: 0"* ]]
    [[ $output == *"of 8 operations 2 failed, 0 reads had a bit flipped, 0 writes were lost"* ]]
    [ "$(written)" = abcfgh ]
    on 'block_faulty(block_of_file("disk.img"), .cut_at = 6)'
    [[ $output == *"sector 4: 0"*"sector 5: -6"*"sector 7: -6"*"then the power was cut"* ]]
    [ "$(written)" = abcde ]
    on 'block_faulty(block_of_file("disk.img"), .cut_at = 6, .unflushed = BLOCK_FAULTY_LOSE)'
    [ -z "$(written)" ]
    on 'block_faulty(block_of_file("disk.img"), .seed = 1)'
    [[ $output != *failed* ]]
    [ "$(written)" = abcdefgh ]
}

@test "layers compose: a cache over checksums over a partition of a file, and rot is noticed" {
    build unix examples/device-usage/disk-lottery
    truncate -s 8M disk.img
    sgdisk -n 1:2048:4095 disk.img >/dev/null
    sed -i 's/block_of_file("disk.img"))/block_cache(block_checksum(partition(block_of_file("disk.img"), 1))))/' config.c
    sed -i 's/block_of_file("storage")/block_cache(block_checksum(partition(block_of_file("storage"), 1)))/' config.c
    for target in unix spt; do
        mirage configure -t "$target" >/dev/null
        mirage build
        case $target in
        unix) play=(dist/lottery) ;;
        spt) play=(solo5-spt --mem=8 --block:storage=disk.img dist/lottery.spt) ;;
        esac
        "${play[@]}" --reset --slot=7
        run "${play[@]}" --slot=7
        [ "$status" -eq 0 ]
        [[ $output == *"YOU WON! You beat the old high score 0 with "* ]]
        # The seventh sector of 4 KiB of the partition: its unit begins at 2048 + 63.
        printf '\001' | dd of=disk.img bs=512 seek=$((2048 + 63 + 5)) conv=notrunc status=none
        run "${play[@]}" --slot=7
        echo "$output"
        [ "$status" -eq 6 ]
        [[ $output == *"ERR [block-checksum] sector 7 is damaged"*"Error reading: "* ]]
        "${play[@]}" --reset --slot=7
        run "${play[@]}" --slot=7
        [ "$status" -eq 0 ]
    done
}

# ------------------------------------------------------------------ encryption

# encrypts TARGET ARGUMENT…: run the example disk-encryption, built for the target as $target.image.
encrypts() {
    local target=$1
    shift
    case $target in
    unix) ./unix.image "$@" ;;
    spt) solo5-spt --mem=16 --block:plain=plain.img --block:encrypted=encrypted.img spt.image "$@" ;;
    esac
}

build_encryption() {
    cp -R "$ROOT/examples/device-usage/disk-encryption" project
    cd project
    for target in unix spt; do
        mirage configure -t "$target" "$@" >/dev/null
        mirage build
        mv dist/disk-encryption* "$target.image"
    done
    # Sectors that are equal, and others.
    yes 'All that glisters is not gold.' | head -c 100000 >original.img
    head -c 100352 spt.image >>original.img
    truncate -s 199680 original.img
}

@test "a disk encrypted on unix is decrypted on spt, and the other way round" {
    build_encryption
    key=$(openssl rand -hex 64)
    for pair in unix:spt spt:unix; do
        cp original.img plain.img
        truncate -s 0 encrypted.img
        truncate -s 199680 encrypted.img
        encrypts "${pair%:*}" --disk-key="$key"
        ! grep -aq glisters encrypted.img
        cp encrypted.img "encrypted-by-${pair%:*}.img"
        truncate -s 0 plain.img
        truncate -s 199680 plain.img
        encrypts "${pair#*:}" --disk-key="$key" --decrypt
        cmp plain.img original.img
    done
    cmp encrypted-by-unix.img encrypted-by-spt.img
}

@test "a disk authenticated on unix opens on spt, and the other way round; what was changed does not" {
    build_encryption --format=ccm
    key=$(openssl rand -hex 16)
    for pair in unix:spt spt:unix; do
        cp original.img plain.img
        truncate -s 0 encrypted.img
        truncate -s $((2 * 199680)) encrypted.img
        encrypts "${pair%:*}" --disk-key="$key"
        ! grep -aq glisters encrypted.img
        truncate -s 0 plain.img
        truncate -s 199680 plain.img
        encrypts "${pair#*:}" --disk-key="0x$key" --decrypt
        cmp plain.img original.img
        printf 'x' | dd of=encrypted.img bs=1 seek=$((2 * 512 * 77 + 600)) conv=notrunc status=none
        run encrypts "${pair#*:}" --disk-key="$key" --decrypt
        [ "$status" -eq 1 ]
        [[ $output == *"ERR [block-ccm] sector 77 is not as it was written"*"Bad message"* ]]
    done
    run encrypts spt --disk-key="$(openssl rand -hex 16)" --decrypt
    [ "$status" -eq 1 ]
    [[ $output == *"ERR [block-ccm] sector 0 is not as it was written"* ]]
    run encrypts spt --disk-key="$(openssl rand -hex 17)"
    [ "$status" -eq 1 ]
    [[ $output == *"the key is not one: it has 32, 48 or 64 hexadecimal digits"* ]]
}

@test "spt: what is no key is refused, and another key gives rubbish" {
    build_encryption
    cp original.img encrypted.img
    cp original.img plain.img
    run encrypts spt --disk-key=00ff
    [ "$status" -eq 1 ]
    [[ $output == *"the key is not one: it has 128 hexadecimal digits"* ]]
    [[ $output != *00ff* ]]
    encrypts spt --disk-key="$(openssl rand -hex 64)"
    encrypts spt --disk-key="$(openssl rand -hex 64)" --decrypt
    ! grep -aq glisters plain.img
}

@test "mirage image encrypt makes the disks that images read, and decrypt reads theirs" {
    cp -R "$ROOT/examples/device-usage/disk-encryption" project
    cd project
    yes 'All that glisters is not gold.' | head -c 2097152 >original.img
    openssl rand -hex 64 >xts.key
    openssl rand -hex 32 >ccm.key
    for cipher in xts ccm; do
        mirage configure -t unix --format=$cipher
        mirage build
        mirage image encrypt --cipher=$cipher --key-file=$cipher.key original.img encrypted.img
        ! grep -aq glisters encrypted.img
        truncate -s 0 plain.img
        truncate -s 2097152 plain.img
        dist/disk-encryption --disk-key="$(cat $cipher.key)" --decrypt
        cmp plain.img original.img
        truncate -s 0 encrypted.img
        truncate -s "$([ $cipher = ccm ] && echo 4M || echo 2M)" encrypted.img
        dist/disk-encryption --disk-key="$(cat $cipher.key)"
        mirage image decrypt --cipher=$cipher --key-file=- encrypted.img decrypted.img <$cipher.key
        cmp decrypted.img original.img
    done
    [ "$(stat -c %s encrypted.img)" -eq 4194304 ]
}

@test "what mirage image encrypt makes with larger sectors opens on spt with such sectors" {
    build_encryption --format=ccm
    truncate -s 200704 original.img
    openssl rand -hex 24 >ccm.key
    mirage image encrypt --cipher=ccm -k ccm.key --sector-size=4096 original.img encrypted.img
    truncate -s 200704 plain.img
    solo5-spt --mem=16 --block:plain=plain.img --block:encrypted=encrypted.img --block-sector-size:plain=4096 \
        --block-sector-size:encrypted=4096 spt.image --disk-key="$(cat ccm.key)" --decrypt
    cmp plain.img original.img
    run encrypts spt --disk-key="$(cat ccm.key)" --decrypt
    [ "$status" -eq 1 ]
    [[ $output == *"sector 0 is not as it was written"* ]]
}

@test "mirage image encrypt: sectors, nonces and tags of other lengths; what fails leaves no file" {
    head -c 65536 /dev/urandom >plain.img
    openssl rand -hex 64 >xts.key
    openssl rand -hex 16 >ccm.key
    mirage image encrypt -k xts.key --sector-size=4096 plain.img a.img
    mirage image encrypt -k xts.key plain.img b.img
    ! cmp -s a.img b.img
    mirage image decrypt -k xts.key --sector-size=4096 a.img c.img
    cmp c.img plain.img
    for form in "" --nonce-length=13 --tag-length=8 --sector-size=32768; do
        mirage image encrypt --cipher=ccm -k ccm.key $form plain.img a.img
        mirage image decrypt --cipher=ccm -k ccm.key $form a.img c.img
        cmp c.img plain.img
    done
    mirage image encrypt --cipher=ccm -k ccm.key plain.img a.img
    rm c.img
    try() {
        run mirage image "$@"
        [ "$status" -eq 1 ]
        [ ! -e c.img ]
    }
    try decrypt --cipher=ccm -k ccm.key --nonce-length=13 a.img c.img
    [[ $output == *"a.img: sector 0 is not what was written with this key"*"another of its --sector-size"* ]]
    printf x | dd of=a.img bs=1 seek=$((1024 * 63 + 5)) conv=notrunc status=none
    try decrypt --cipher=ccm -k ccm.key a.img c.img
    [[ $output == *"a.img: sector 63 is not what was written"* ]]
    try encrypt -k ccm.key plain.img c.img
    [[ $output == *"the key is not one"*"128 hexadecimal digits"* ]]
    try encrypt -k xts.key --tag-length=8 plain.img c.img
    [[ $output == *"xts has neither nonces nor tags"* ]]
    try encrypt -k xts.key --sector-size=1000 plain.img c.img
    [[ $output == *"sectors of 1000 bytes"* ]]
    try encrypt -k xts.key plain.img plain.img
    [[ $output == *"are the same file"* ]]
    try encrypt plain.img c.img
    [[ $output == *"--key-file"* ]]
    try encrypt -k missing.key plain.img c.img
    [[ $output == *"missing.key: No such file"* ]]
    truncate -s +100 plain.img
    try encrypt -k xts.key plain.img c.img
    [[ $output == *"no multiple of 512 bytes"* ]]
}

@test "an image without encryption has nothing of Mbed TLS" {
    build spt examples/device-usage/block
    ! grep -q mbedtls _build/spt/image.map mirage/build.mk
    cd ..
    cp -R "$ROOT/examples/device-usage/disk-encryption" encryption
    cd encryption
    mirage configure -t spt
    mirage build
    nm _build/spt/image.debug >symbols.txt
    grep -q mbedtls_aes_crypt_xts symbols.txt
    ! grep -q mbedtls_ccm symbols.txt # nor, with one mode, of the other
}

# ------------------------------------------------------------------ partitions

# What sfdisk says, in the words of the unikernel.
listed_by_sfdisk() {
    sfdisk --json "$1" | python3 -c '
import json, re, sys
table = json.load(sys.stdin)["partitiontable"]
for p in table["partitions"]:
    number = re.search(r"([0-9]+)$", p["node"]).group(1)
    mbr = table["label"] == "dos"
    if mbr and p["type"] in ("5", "f", "85"):
        continue
    kind = p["type"] if mbr else "0"
    print("%s: %d+%d %r %02x" % (number, p["start"], p["size"], p.get("name", ""), int(kind, 16)))
'
}

# The disk in disk.img, on a target: the list is sfdisk's, and the two texts are where they belong.
check_partitions() {
    local target=$1 first=$2 data=$3
    mirage configure -t "$target" >/dev/null
    mirage build
    case $target in
    unix) run dist/partitions ;;
    spt) run solo5-spt --mem=8 --block:storage=disk.img dist/partitions.spt ;;
    esac
    echo "$output"
    [ "$status" -eq 0 ]
    diff <(listed_by_sfdisk disk.img) <(messages <<<"$output" | sed -n 's/^INF \[application\] //p')
    [ "$(dd if=disk.img skip="$first" count=1 status=none | head -c 19)" = "the first partition" ]
    [ "$(dd if=disk.img skip="$data" count=1 status=none | head -c 25)" = "the partition called data" ]
    sfdisk --verify disk.img
}

@test "a GPT of sgdisk's is read as sfdisk reads it" {
    cp -R "$ROOT/test/e2e/partitions" project
    cd project
    for target in unix spt; do
        rm -f disk.img
        truncate -s 8M disk.img
        sgdisk -n 1:2048:4095 -c 1:boot -n 2:0:+1M -c 2:data -n 7:0:0 -c 7:'rest of it' disk.img
        check_partitions "$target" 2048 4096
        sgdisk -v disk.img | grep -q "No problems found"
    done
}

@test "a GPT whose first copy is gone is read from the second" {
    cp -R "$ROOT/test/e2e/partitions" project
    cd project
    truncate -s 8M disk.img
    sgdisk -n 1:2048:4095 -c 1:boot -n 2:0:+1M -c 2:data disk.img
    mirage configure -t unix >/dev/null
    mirage build
    dist/partitions | messages >whole.txt
    dd if=/dev/zero of=disk.img seek=1 count=1 conv=notrunc status=none
    dist/partitions | messages >broken.txt
    diff whole.txt broken.txt
}

@test "an MBR of sfdisk's with logical partitions is read as sfdisk reads it" {
    cp -R "$ROOT/test/e2e/partitions" project
    cd project
    sed -i 's/partition_named(disk, "data")/partition(disk, 6)/' config.c
    for target in unix spt; do
        rm -f disk.img
        truncate -s 8M disk.img
        sfdisk -q disk.img <<'TABLE'
label: dos
start=2048, size=2048, type=c
start=4096, size=10240, type=f
start=6144, size=100
start=9216, size=1000, type=82
start=12288, size=500
TABLE
        check_partitions "$target" 2048 9216
    done
}

@test "a partition that is not there is named" {
    cp -R "$ROOT/test/e2e/partitions" project
    cd project
    truncate -s 8M disk.img
    mirage configure -t unix >/dev/null
    mirage build
    run dist/partitions
    [ "$status" -eq 1 ]
    [[ $output == *"partition 1: the disk has no partition table"* ]]
    sgdisk -n 1:2048:4095 -c 1:boot disk.img
    run dist/partitions
    [ "$status" -eq 1 ]
    [[ $output == *"partition 'data': the disk has no such partition"* ]]
}
