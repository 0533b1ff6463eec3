#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # bats sets output and status
# mirage crunch, and what crunch() in config.c makes of a folder.

load common

# A unikernel that prints each value below a dictionary of its store: path, length, and bytes.
print_store() {
    write_config <<'END'
MAIN(show_main, "show_start", console, kv_ro)

void configure(void)
{
	register_unikernel("show", show_main(default_console(), generic_kv_ro("files")));
}
END
    cat >unikernel.c <<'END'
#include <mirage/console.h>
#include <mirage/kv_ro.h>

#include <stdio.h>
#include <string.h>

struct place {
	const struct console *console;
	const struct kv_ro *store;
	const char *path;
};

static int show(void *context, const char *name, enum kv_kind kind)
{
	const struct place *above = context;
	char path[500], line[600];
	struct kv_value value;

	snprintf(path, sizeof(path), "%s%s%s", above->path, above->path[0] != '\0' ? "/" : "", name);
	if (kind == KV_DICTIONARY)
		return kv_ro_list(above->store, path, show,
		                  &(struct place){ above->console, above->store, path });
	int error = kv_ro_get(above->store, path, &value);

	if (error != 0)
		return error;
	snprintf(line, sizeof(line), "%s: %zu: %.20s", path, value.length, (const char *)value.bytes);
	console_log(above->console, line);
	kv_value_release(&value);
	return 0;
}

int show_start(const struct console *console, const struct kv_ro *store)
{
	return kv_ro_list(store, "", show, &(struct place){ console, store, "" });
}
END
}

make_files() {
    mkdir -p files/deep/er
    printf one >files/one
    printf two >files/deep/two
    printf three >files/deep/er/three
    : >files/empty
    printf quoted >"files/odd \"\\name?? * %s\$x"
    printf line >"$(printf 'files/new\nline')"
    printf eight >"$(printf 'files/\303\251\377')"
    ln -s ../one files/deep/link
}

@test "crunch and direct show the same files, whatever their names" {
    print_store
    make_files
    mirage configure -q
    make
    dist/show | LC_ALL=C sort >crunched
    cat crunched
    [ "$(wc -l <crunched)" -eq 9 ] # one name has a line break in it
    grep -q '^deep/link: 3: one$' crunched
    grep -qF "odd \"\\name?? * %s\$x: 6: quoted" crunched
    mirage configure -q --kv_ro=direct
    make
    dist/show | LC_ALL=C sort >direct
    diff crunched direct
}

@test "every kind of change in the folder leads to a new image" {
    print_store
    make_files
    mirage configure -q
    make
    [ -z "$(make)" ]
    echo new >files/new
    make
    dist/show | grep '^new: 4: new'
    rm files/new
    make
    [ "$(dist/show | grep -c '^new:')" -eq 0 ]
    mv files/one files/uno
    ln -sf ../uno files/deep/link
    make
    dist/show | grep '^uno: 3: one'
    # Same length, and a time before the last build.
    printf ONE >other
    touch -d 2001-01-01 other
    cp -p other files/uno
    make
    dist/show | grep '^uno: 3: ONE'
    [ -z "$(make)" ]
}

@test "the same files give the same image, whenever they were written" {
    print_store
    make_files
    mirage configure -q
    make
    cp dist/show first
    find files -exec touch -h -d 2010-10-10 {} +
    make
    cmp dist/show first
}

@test "an empty folder is an empty store" {
    print_store
    mkdir files
    mirage configure -q
    make
    [ -z "$(dist/show)" ]
}

@test "digests in the index are those of sha256sum" {
    mkdir files
    head -c 100000 /dev/urandom >files/random
    printf abc >files/abc
    mirage crunch files index.c
    for file in abc random; do
        digest=$(sha256sum "files/$file" | cut -d' ' -f1)
        grep -A 13 "path = \"$file\"" index.c | grep -o '0x[0-9a-f][0-9a-f],' | tr -d '\n' |
            sed 's/0x//g; s/,//g' | grep "^$digest"
    done
}

@test "what cannot be crunched is an error that says what and where" {
    mkdir files
    fails_cleanly mirage crunch nowhere index.c
    [[ $output == *"nowhere cannot be read: No such file"* ]]
    fails_cleanly mirage crunch files index.txt
    [[ $output == *".c for the index"* ]]
    fails_cleanly mirage crunch files
    fails_cleanly mirage crunch files 1.c
    [[ $output == *"--name"* ]]
    mkfifo files/pipe
    fails_cleanly mirage crunch files index.c
    [[ $output == *"files/pipe"*"neither a file nor a folder"* ]]
    rm files/pipe
    ln -s nowhere files/dangling
    fails_cleanly mirage crunch files index.c
    [[ $output == *"files/dangling"*"leads nowhere"* ]]
    rm files/dangling
    ln -s . files/loop
    fails_cleanly mirage crunch files index.c
    [[ $output == *"files/loop"*"contain itself"* ]]
}

@test "configure says what is wrong with a folder" {
    print_store
    fails_cleanly mirage configure
    [[ $output == *"folder 'files' does not exist"* ]]
    : >files
    fails_cleanly mirage configure
    [[ $output == *"folder 'files' is a file"* ]]
    rm files
    mkdir files
    sed -i 's/generic_kv_ro("files")/generic_kv_ro("..\/files")/' config.c
    fails_cleanly mirage configure
    [[ $output == *"not in the project"* ]]
    fails_cleanly mirage configure --kv_ro=zip
    [[ $output == *"kv_ro"*"zip"* ]]
}

@test "a thousand files of 100 MB add little to a build" {
    print_store
    mkdir files
    mirage configure -q
    # All but the link is done once.
    make
    head -c 100000000 /dev/zero >all
    (cd files && split -a 3 -b 100000 ../all)
    TIMEFORMAT='%U %S'
    { time make >/dev/null 2>&1; } 2>spent
    cat spent
    # Processor time, so that a busy machine makes no difference; generous, against regressions of kind.
    awk '{ exit !($1 + $2 < 20) }' spent
    [ "$(dist/show | wc -l)" -eq 1000 ]
}

@test "a linked image tells which files are in it, and whether they are what was crunched" {
    print_store
    make_files
    rm files/new*line # not for `diff`
    printf unmistakable >files/deep/er/mark
    (cd files && find -L . -type f -printf '%P\n' | LC_ALL=C sort) >there
    for target in unix spt hvt; do
        mirage configure -q -t $target
        make
        image=$(echo dist/show*)
        mirage image list "$image" | cut -c15- | LC_ALL=C sort >listed
        diff there listed
        find -L files -type f -print0 | while IFS= read -r -d '' file; do
            mirage image read "$image" "${file#files/}" | cmp - "$file"
        done
        mirage image check "$image" | grep -q ': a linked image with 8 files, '
        # A bit of a file's bytes.
        offset=$(grep -obUa unmistakable "$image" | head -1 | cut -d: -f1)
        cp "$image" damaged
        printf U | dd of=damaged bs=1 seek="$offset" conv=notrunc status=none
        run mirage image check damaged
        echo "$output"
        [ "$status" -eq 1 ]
        [[ $output == *"damaged: deep/er/mark: its bytes are not those that were crunched: their SHA-256 differs"* ]]
        mirage clean
    done
}

@test "files of several crunched folders are below the names of their indexes" {
    mkdir -p one two
    echo 1 >one/a
    echo 2 >two/a
    mirage image make --format=crunch one first.c
    mirage image make -f crunch two second.c
    cat >main.c <<'END'
#include <mirage/crunch.h>

extern const struct crunch_index first, second;

int main(void)
{
	return (int)(first.count + second.count);
}
END
    gcc -I"$ROOT/include" -o both main.c first.c first.S second.c second.S
    [ "$(mirage image list both | tr -s ' ')" = " 2 first/a
 2 second/a" ]
    [ "$(mirage image read both second/a)" = 2 ]
    gcc -I"$ROOT/include" -c -o object.o first.S
    for file in object.o /bin/true; do
        run mirage image check "$file"
        [ "$status" -eq 1 ]
        [[ $output == *"an ELF file, but not a linked image with files of crunch() in it"* ]]
        [[ $output != *damaged* ]]
    done
    # Cut off before the notes, which are at the end.
    head -c 4096 both >"cut"
    run mirage image check "cut"
    [ "$status" -eq 1 ]
    [[ $output == *"its ELF header cannot be"* ]]
    fails_cleanly mirage image make -f crunch one first.txt
    [[ $output == *"end it in .c"* ]]
    fails_cleanly mirage image make -f crunch --size=1MiB one first.c
    [[ $output == *"--size is not for crunch"* ]]
}

@test "a full disk is an error that leaves no sources" {
    [ "$(id -u)" -eq 0 ] || skip "mounting takes root"
    mkdir full many
    for i in $(seq 1 100); do echo "$i" >"many/$i"; done
    run unshare --mount bash -c 'mount -t tmpfs -o size=16k tmpfs full && ! mirage crunch many full/many.c &&
        ! mirage crunch many full/many.S && ls full'
    echo "$output"
    [[ $output != *"mount: "* ]] || skip "nothing can be mounted here"
    [ "$status" -eq 0 ]
    [[ $output == *"many.c cannot be written: No space left on device"*"is the disk full?"*"many.S cannot"* ]]
    [[ $output == *"is the disk full?" ]]
}
