#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Libraries from elsewhere in images: a recipe of the project, from a mirror that is a folder.

load common

# A library as somebody else would publish it, and a project with a recipe for it.
greet_project() {
    export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache MIRAGE_DEBIAN_MIRROR=file:$BATS_TEST_TMPDIR/mirror
    publish 1.2 'greetings from 1.2'
    new_project
    mkdir -p packages/greet/overlay/src
    cat >packages/greet/recipe.mk <<'END'
SOURCES := src/*.c
HEADERS := include/greet
FLAGS := -Iinclude -Werror=implicit-function-declaration
LICENSES := COPYING
PREPARE := sed 's/@NAME@/greet/' src/config.h.in >src/config.h
END
    echo '#define GREET_OVERLAY "laid over"' >packages/greet/overlay/src/overlay.h
    write_config <<'CONFIG'
MAIN(m, "hello_start", time)
void configure(void)
{
	register_unikernel("hello", m(default_time()),
	                   .packages = PACKAGES(package("greet", .min = "1.0", .max = "2.0")));
}
CONFIG
    cat >unikernel.c <<'SOURCE'
#include <greet/greet.h>
#include <mirage/log.h>
#include <mirage/time.h>
int hello_start(const struct time *time)
{
	(void)time;
	log_info("%s", greet());
	return 0;
}
SOURCE
    lock 1.2
}

publish() { # version text
    local top=$BATS_TEST_TMPDIR/greet-$1
    mkdir -p "$top/src" "$top/include/greet" "$BATS_TEST_TMPDIR/mirror/pool"
    echo 'const char *greet(void); const char *unused(void);' >"$top/include/greet/greet.h"
    echo "do what you like" >"$top/COPYING"
    echo '#define NAME "@NAME@"' >"$top/src/config.h.in"
    cat >"$top/src/greet.c" <<SOURCE
#include <greet/greet.h>
#include "config.h"
#include "overlay.h"
const char *greet(void) { return "$2, " NAME ", " GREET_OVERLAY ", " __FILE__; }
SOURCE
    echo '#include <greet/greet.h>
const char *unused(void) { return "nobody asked for this"; }' >"$top/src/unused.c"
    # Any compression that tar knows.
    tar -C "$BATS_TEST_TMPDIR" --sort=name --mtime=@0 --owner=0 --group=0 -cJf \
        "$BATS_TEST_TMPDIR/mirror/pool/greet_$1.orig.tar.xz" "greet-$1"
}

lock() { # version
    local file=$BATS_TEST_TMPDIR/mirror/pool/greet_$1.orig.tar.xz
    echo "$(sha256sum "$file" | cut -d' ' -f1) $(stat -c %s "$file") pool/greet_$1.orig.tar.xz" >packages/greet/source.lock
}

says() {
    [[ $output == *"$1"* ]] || { echo "$output"; false; }
}

@test "a recipe is fetched, checked, built and linked, and then needs no network" {
    greet_project
    run mirage configure -t spt
    echo "$output"
    [[ $output != *warning* ]]
    run make
    echo "$output"
    [ "$status" -eq 0 ]
    says "PACKAGE packages/greet"
    run solo5-spt --mem=8 dist/hello.spt
    says "INF [application] greetings from 1.2, greet, laid over, src/greet.c"
    ! grep -aq 'nobody asked' dist/hello.spt
    grep -q "^greet 1.2 $(cut -d' ' -f1 packages/greet/source.lock)$" mirage/hello-spt.lock
    mirage query sbom | grep -A1 '"name": "greet"' | grep -q '"1.2"'
    rm -r "$BATS_TEST_TMPDIR/mirror"
    sed -i 's/const struct time/const struct console/' unikernel.c # the headers are there now
    run mirage configure -t spt
    [ "$status" -ne 0 ]
    says hello_start
    sed -i 's/const struct console/const struct time/' unikernel.c
    rm -r _build dist
    make
    [ -e dist/hello.spt ]
}

@test "it is built again when something in it changes, and only then" {
    greet_project
    mirage configure -t spt
    make
    run mirage build
    [[ $output != *PACKAGE* && $output != *LINK* ]]
    echo '#define GREET_OVERLAY "laid over again"' >packages/greet/overlay/src/overlay.h
    run mirage build
    says PACKAGE
    run solo5-spt --mem=8 dist/hello.spt
    says "laid over again"
    publish 1.3 'greetings from 1.3'
    lock 1.3
    run make
    [ "$status" -ne 0 ]
    says "package greet is 1.3, but the lockfile says 1.2"
    mirage depends --update
    make
    run solo5-spt --mem=8 dist/hello.spt
    says "greetings from 1.3"
    publish 2.0 'too new'
    lock 2.0
    run mirage depends --update
    says "package greet is 2.0, the configuration wants less than 2.0"
}

@test "the same recipe gives the same bytes in another folder, and clang builds it too" {
    greet_project
    mirage configure -t spt
    make
    cp -R . "../else where"
    cd "../else where"
    rm -r _build dist
    make
    cmp dist/hello.spt "$OLDPWD/dist/hello.spt"
    if command -v clang >/dev/null; then
        mirage configure -t spt --compiler=clang
        make
        run solo5-spt --mem=8 dist/hello.spt
        says "greetings from 1.2"
    fi
}

@test "what goes wrong is said: no archive, another archive, no source, an error in it" {
    greet_project
    mirage configure -t spt
    mv "$BATS_TEST_TMPDIR/mirror/pool/greet_1.2.orig.tar.xz" kept
    for command in "mirage depends" "mirage build"; do
        run $command
        [ "$status" -ne 0 ]
        says "cannot fetch pool/greet_1.2.orig.tar.xz from any mirror"
        says "to go without a network, put pool/greet_1.2.orig.tar.xz"
        says MIRAGE_DEBIAN_MIRROR
    done
    echo tampered >"$BATS_TEST_TMPDIR/mirror/pool/greet_1.2.orig.tar.xz"
    run mirage build
    [ "$status" -ne 0 ]
    says "Hash Sum mismatch"
    mv kept "$BATS_TEST_TMPDIR/mirror/pool/greet_1.2.orig.tar.xz"
    sed -i 's,src/\*.c,source/*.c,' packages/greet/recipe.mk
    run mirage build
    [ "$status" -ne 0 ]
    says "SOURCES: source/*.c matches nothing"
    sed -i 's,source/\*.c,src/*.c,' packages/greet/recipe.mk
    echo '#error nothing is laid over' >packages/greet/overlay/src/overlay.h
    run mirage build
    [ "$status" -ne 0 ]
    says "nothing is laid over"
    says "package greet: it did not build for x86_64; all of it is in "
    [ ! -e dist/hello.spt ]
    echo '# nothing' >packages/greet/source.lock
    run mirage depends
    says "packages/greet/source.lock"
    says "names no source archive"
}

@test "a recipe of Mirage's is used by an application" {
    greet_project
    rm -r packages
    sed -i 's/"greet", .min = "1.0", .max = "2.0"/"mbedtls"/' config.c
    cat >unikernel.c <<'SOURCE'
#include <mbedtls/aes.h>
#include <mirage/log.h>
#include <mirage/time.h>
int hello_start(const struct time *time)
{
	/* FIPS 197, appendix C.1 */
	unsigned char key[16], block[16];
	mbedtls_aes_context context;
	(void)time;
	for (int i = 0; i < 16; i++) {
		key[i] = (unsigned char)i;
		block[i] = (unsigned char)(i * 0x11);
	}
	mbedtls_aes_init(&context);
	if (mbedtls_aes_setkey_enc(&context, key, 128) != 0 ||
	    mbedtls_aes_crypt_ecb(&context, MBEDTLS_AES_ENCRYPT, block, block) != 0)
		return 1;
	log_info("%02x %02x … %02x", block[0], block[1], block[15]);
	return 0;
}
SOURCE
    run mirage configure -t spt
    echo "$output"
    [[ $output != *warning* ]]
    mirage build
    run solo5-spt --mem=8 dist/hello.spt
    says "69 c4 … 5a"
}
