#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# mirage configure: what it writes, and every error it can find.

load common

@test "configure writes the files that the tutorial names and nothing else" {
    new_project
    run mirage configure -t unix
    [ "$status" -eq 0 ]
    [[ $output == "Successfully configured the unikernel 'hello' for target unix."* ]]
    [ "$(find . -type f | LC_ALL=C sort | tr '\n' ' ')" = "./.gitignore ./Makefile ./compile_commands.json ./config.c ./mirage.context ./mirage/build.mk ./mirage/hello-unix.packages ./mirage/key_gen.h ./mirage/main.c ./unikernel.c " ]
}

@test "configure without a target means unix, and --unix, MODE and MIRAGE_DEFAULT_TARGET choose one" {
    new_project
    mirage configure
    [ "$(mirage query target)" = unix ]
    mirage configure --unix
    MODE=unix mirage configure
    run env MODE=xen mirage configure
    [ "$status" -eq 1 ]
    [[ $output == *"target 'xen' is not supported by this build"* ]]
    run mirage configure --xen
    [[ $output == *"target 'xen' is not supported by this build"* ]]
    run env MIRAGE_DEFAULT_TARGET=muen mirage configure
    [[ $output == *"target 'muen' is not supported by this build"* ]]
}

@test "a target that is not built yet is named, with those that are" {
    new_project
    for target in virtio xen qubes muen js macosx; do
        fails_cleanly mirage configure -t "$target"
        [[ $output == *"target '$target' is not supported by this build"*"supported targets: unix, hvt, spt"* ]]
    done
}

@test "an unknown target gets the nearest name and the list" {
    new_project
    fails_cleanly mirage configure -t unxi
    [ "$status" -eq 124 ]
    [[ $output == *"unknown target 'unxi'"*"did you mean 'unix'?"*"hvt"* ]]
}

@test "a missing configuration is said in one sentence with status 1" {
    fails_cleanly mirage configure
    [ "$status" -eq 1 ]
    [[ $output == *"configuration file config.c missing"* ]]
}

@test "a device of the wrong type is an error at its line and column" {
    new_project
    sed -i 's/default_time()/default_console()/' config.c
    fails_cleanly mirage configure
    [ "$status" -eq 1 ]
    [[ $output == "config.c:8:41: error: passing argument 1 of 'hello_main' from incompatible pointer type"* ]]
    [[ $output == *"wants a \`time\` device here; a \`console\` device is given"* ]]
    [ "$(grep -c error: <<<"$output")" -eq 1 ]
}

@test "too few and too many devices are errors at the call" {
    new_project
    sed -i 's/default_time()//' config.c
    fails_cleanly mirage configure
    [[ $output == "config.c:8:"*"too few arguments to function 'hello_main'"* ]]
    sed -i 's/hello_main()/hello_main(default_time(), default_time())/' config.c
    fails_cleanly mirage configure
    [[ $output == "config.c:8:"*"too many arguments to function 'hello_main'"* ]]
}

@test "a typo in config.c is one diagnostic, whatever the options" {
    new_project
    sed -i 's/default_time/default_tiem/' config.c
    fails_cleanly mirage configure -t unix --nonsense
    [[ $output == "config.c:8:41: error: implicit declaration of function 'default_tiem'; did you mean 'default_time'?"* ]]
    [ "$(grep -c error: <<<"$output")" -eq 1 ]
}

@test "a start function with other parameters is an error in the application" {
    new_project
    sed -i 's/hello_start(const struct time \*time)/hello_start(int time)/' unikernel.c
    fails_cleanly mirage configure
    [[ $output == "unikernel.c:6:5: error: 'hello_start' does not have the parameters"*"MAIN() at config.c:4 declares \`int hello_start(const struct time *)\`"* ]]
}

@test "a start function with too few parameters is an error in the application" {
    new_project
    sed -i 's/hello_start(const struct time \*time)/hello_start(void)/' unikernel.c
    fails_cleanly mirage configure
    [[ $output == "unikernel.c:6:5: error: 'hello_start' does not have the parameters"* ]]
}

@test "a start function that is not there gets the nearest name" {
    new_project
    sed -i 's/hello_start/hello_strat/' unikernel.c
    fails_cleanly mirage configure
    [[ $output == "config.c:4:"*"error: no function 'hello_start' in unikernel.c"*"did you mean 'hello_strat'?"* ]]
}

@test "an application that does not compile yet is a warning, and configured" {
    new_project
    echo 'int x = ;' >>unikernel.c
    run mirage configure
    [ "$status" -eq 0 ]
    [[ $output == *"unikernel.c:17:9: warning:"*"could not be checked"* ]]
}

@test "a missing source file gets the nearest name" {
    new_project
    mv unikernel.c unikernle.c
    fails_cleanly mirage configure
    [[ $output == *"source file 'unikernel.c' does not exist"*"did you mean 'unikernle.c'?"* ]]
}

@test "a start function is checked against a key that is new, not against the old key_gen.h" {
    new_project
    mirage configure
    sed -i 's/KEY_STRING(hello/KEY_STRING(greeting, .value = "x")\nKEY_STRING(hello/' config.c
    sed -i 's/key_hello()/key_greeting()/' unikernel.c
    run mirage configure
    [ "$status" -eq 0 ]
    [[ $output != *warning* ]]
}

@test "two keys with one option are refused" {
    new_project
    sed -i 's/^MAIN/KEY_STRING(other, .names = "hello")\nMAIN/' config.c
    fails_cleanly mirage configure
    [[ $output == "config.c:4:12: error: keys 'hello' and 'other' both have the option 'hello'"* ]]
}

@test "a key may not take an option of the tool, of every unikernel, or --help" {
    new_project
    for name in target output help logs; do
        sed "s/^MAIN/KEY_STRING(mine, .names = \"$name\")\nMAIN/" config.c >other.c
        fails_cleanly mirage configure -f other.c
        [[ $output == "other.c:4:12: error: "*"'$name'"* || $output == "other.c:4:12: error: every unikernel already has an option --$name"* ]]
    done
}

@test "a key with a short name alone keeps what it was given" {
    new_project
    sed -i 's/^MAIN/KEY_INT(n, .value = "7", .minimum = 1)\nMAIN/' config.c
    mirage configure -q -n 4
    [ "$(mirage query keys | grep '^n=')" = "n=4" ]
    sleep 0.01
    touch config.c
    make -s
    [ "$(mirage query keys | grep '^n=')" = "n=4" ]
    fails_cleanly mirage configure -n 0
    [[ $output == *"option '-n': 0 is not between 1 and 9223372036854775807"* ]]
}

@test "text that is not UTF-8 is refused, not dropped" {
    new_project
    sed -i 's/How to say/How \xe9/' config.c
    fails_cleanly mirage configure
    [[ $output == *"a text is not UTF-8"* ]]
}

@test "accessors of two keys may not collide" {
    new_project
    sed -i 's/^MAIN/KEY_STRING(hello_count)\nMAIN/' config.c
    fails_cleanly mirage configure
    [[ $output == "config.c:4:12: error: key 'hello' has an accessor named as that of key 'hello_count'"* ]]
}

@test "defaults of keys are checked where they are declared" {
    new_project
    for wrong in 'KEY_INT(n, .value = "many")' 'KEY_IPV4(n, .value = "10.0.0")' \
        'KEY_INT(n, .value = "9", .minimum = 1, .maximum = 8)' 'KEY_ENUM(n, .value = "a")' \
        'KEY_ENUM(n, .choices = CHOICES("fat", "crunch"), .value = "fta")' \
        'KEY_FLAG(n, .required = true)' 'KEY_SIZE(n, .value = "1.5x")' \
        'KEY_DURATION(n, .value = "soon")' 'KEY_MAC(n, .value = "1:2")' \
        'KEY_PREFIX(n, .value = "10.0.0.1/33")' 'KEY_IPV6(n, .value = ":::")' \
        'KEY_BOOL(n, .value = "yes")' 'KEY_STRING(n, .value = "x", .required = true)'; do
        sed "s/^MAIN/REPLACE\nMAIN/" config.c | awk -v line="$wrong" '$0 == "REPLACE" { print line; next } { print }' >other.c
        fails_cleanly mirage configure -f other.c
        [[ $output == "other.c:4"*"error: "*"'n'"* ]]
    done
}

@test "an unknown option gets the nearest and status 124" {
    new_project
    fails_cleanly mirage configure --helo=x
    [ "$status" -eq 124 ]
    [[ $output == *"unknown option '--helo', did you mean '--hello'?"* ]]
}

@test "a bad value of a key is refused with what it should be" {
    new_project
    sed -i 's/^MAIN/KEY_INT(port, .value = "80", .minimum = 1, .maximum = 65535)\nMAIN/' config.c
    fails_cleanly mirage configure --port=70000
    [ "$status" -eq 124 ]
    [[ $output == *"option '--port': 70000 is not between 1 and 65535"* ]]
    fails_cleanly mirage configure --port
    [[ $output == *"option '--port' needs a value: --port=PORT"* ]]
}

@test "a required key of stage configure must be given" {
    new_project
    sed -i 's/^MAIN/KEY_STRING(site, .required = true, .stage = KEY_STAGE_CONFIGURE)\nMAIN/' config.c
    fails_cleanly mirage configure
    [ "$status" -eq 124 ]
    [[ $output == *"required option '--site=SITE' is missing"* ]]
    mirage configure --site=example.org
    grep -q 'return "example.org";' mirage/key_gen.h
}

@test "a key of stage run is no option of configure" {
    new_project
    sed -i 's/^MAIN/KEY_STRING(later, .stage = KEY_STAGE_RUN)\nMAIN/' config.c
    fails_cleanly mirage configure --later=x
    [ "$status" -eq 124 ]
}

@test "an implementation that the target does not have is refused at its place" {
    new_project
    write_config <<'END'
DEVICE_TYPE(disk, .header = "disk.h");
MAIN(m, "hello_start", disk)
void configure(void)
{
	disk_impl *d = DEVICE(disk, "xen_disk", .targets = TARGETS("xen", "qubes"));
	register_unikernel("hello", m(d));
}
END
    fails_cleanly mirage configure
    [[ $output == "config.c:6:"*"error: 'xen_disk' does not exist on target unix"*"it exists on xen, qubes"* ]]
}

@test "MirageOS's names of disks and stores are known, or the error says what to do" {
    new_project
    write_config <<'END'
MAIN(m, "hello_start", block, kv_rw)
void configure(void)
{
	block_impl *disk = if_impl(is_xen(), block_of_xenstore_id("51712"), block_of_file("disk"));
	register_unikernel("hello", m(disk, chamelon(disk)));
}
END
    cat >unikernel.c <<'END'
#include <mirage/block.h>
#include <mirage/kv_rw.h>

int hello_start(const struct block *disk, const struct kv_rw *store)
{
	return disk == NULL || store == NULL;
}
END
    mirage configure
    [[ $(mirage describe) == *littlefs_kv* ]]
    sed -i 's/if_impl.*block_of_xenstore_id("51712").*;/block_of_xenstore_id("51712");/' config.c
    run mirage configure
    [[ $output == *"error: 'block_of_xenstore_id' does not exist on target unix"*"it exists on xen, qubes"* ]]
    write_config <<'END'
MAIN(m, "hello_start", kv_ro)
void configure(void)
{
	register_unikernel("hello", m(docteur("https://example.org/pages.git")));
}
END
    run mirage configure
    [ "$status" -ne 0 ]
    [[ $output == "config.c:5"*'docteur("https://example.org/pages.git")'*"crunch()"* ]]
}

@test "a value that a key of Mirage's own cannot have is no fault of Mirage's files" {
    new_project
    write_config <<'END'
MAIN(m, "hello_start", kv_ro)
void configure(void)
{
	register_unikernel("hello", m(generic_kv_ro("t")));
}
END
    mkdir t
    fails_cleanly mirage configure --kv_ro=fta
    [[ $output == "config.c: error: the option for key 'kv_ro': 'fta' is not one of fat, archive, crunch, direct"* ]]
}

@test "a cycle of devices is found" {
    new_project
    write_config <<'END'
MAIN(m, "hello_start", time)
void configure(void)
{
	time_impl *a = DEVICE(time, "clock_a");
	time_impl *b = DEVICE(time, "clock_b", .after = AFTER(a));
	depends_on(a, b);
	register_unikernel("hello", m(a));
}
END
    fails_cleanly mirage configure
    [[ $output == *"'clock_b' and 'clock_a' wait for each other: the graph has a cycle"* ]]
}

@test "a cycle of rules is found" {
    new_project
    write_config <<'END'
MAIN(m, "hello_start", time)
void configure(void)
{
	register_unikernel("hello", m(default_time()),
			   .rules = RULES(RULE(.output = "a", .inputs = FILES("b"), .command = "cp b a"),
					  RULE(.output = "b", .inputs = FILES("a"), .command = "cp a b")));
}
END
    fails_cleanly mirage configure
    [[ $output == *"error: 'a' is made from itself"* ]]
}

@test "both branches of if_impl must be of one device type" {
    new_project
    write_config <<'END'
MAIN(m, "hello_start", time)
void configure(void)
{
	register_unikernel("hello", m(if_impl(is_unix(), default_time(), default_console())));
}
END
    fails_cleanly mirage configure
    [[ $output == "config.c:5:"*"both branches must be of the same device type"* ]]
}

@test "register_unikernel twice, never, without a job, or with a bad name is refused" {
    new_project
    write_config <<<'void configure(void) { register_unikernel("a", noop()); register_unikernel("b", noop()); }'
    fails_cleanly mirage configure
    [[ $output == *"register_unikernel() was already called"* ]]
    write_config <<<'void configure(void) { }'
    fails_cleanly mirage configure
    [[ $output == *"did not call register_unikernel()"* ]]
    write_config <<<'void configure(void) { register_unikernel("two words", noop()); }'
    fails_cleanly mirage configure
    [[ $output == *"'two words' cannot be the name of a unikernel"* ]]
    write_config <<<'void configure(void) { register_unikernel("a", (struct job_list){ .jobs = (job_impl *const[]){ NULL } }); }'
    fails_cleanly mirage configure
    [[ $output == *"unikernel 'a' has no job"* ]]
}

@test "a configuration fails with its own message" {
    new_project
    write_config <<'END'
void configure(void)
{
	config_fail("Unknown FS mode: %s", environment("FS", "none"));
}
END
    FS=zip fails_cleanly mirage configure
    [[ $output == "config.c:4"*"error: Unknown FS mode: zip"* ]]
}

@test "a configuration that crashes, loops out or exits is said to have" {
    new_project
    write_config <<<'void configure(void) { *(volatile int *)0 = 1; }'
    fails_cleanly mirage configure
    [[ $output == *"the configuration crashed (signal 11)"* ]]
    write_config <<<'void configure(void) { exit(3); }'
    fails_cleanly mirage configure
    [[ $output == *"ended by itself (status 3)"* ]]
}

@test "a version constraint is checked before anything else" {
    new_project
    sed -i '1i // mirage >= 99.0' config.c
    echo '#error never seen' >>config.c
    fails_cleanly mirage configure
    [[ $output == "config.c:1:"*"this project wants mirage >= 99.0"*"install a newer mirage"* ]]
    sed -i -e '/never seen/d' -e '1s|.*|/* mirage >= 0.1.0 \& < 1.0.0 */|' config.c
    mirage configure
    sed -i '1s|.*|// mirage >= zero|' config.c
    fails_cleanly mirage configure
    [[ $output == *"this version constraint cannot be read"* ]]
}

@test "a Makefile of the user's is not replaced" {
    new_project
    echo 'all:' >Makefile
    fails_cleanly mirage configure
    [[ $output == "Makefile: error: this file was not written by mirage and is not replaced"*"Makefile.user"* ]]
    [ "$(cat Makefile)" = "all:" ]
    [ ! -d mirage ]
}

@test "Makefile.user is part of the generated Makefile" {
    new_project
    printf 'mine:\n\t@echo from the user\n' >Makefile.user
    mirage configure
    [ "$(make -s mine)" = "from the user" ]
}

@test "configure --dry-run says what it would write and writes nothing" {
    new_project
    run mirage configure --dry-run
    [ "$status" -eq 0 ]
    [[ $output == *"* write mirage/main.c"* ]]
    [ ! -e Makefile ]
    [ ! -e mirage ]
}

@test "a folder that cannot be written leaves nothing half-written" {
    [ "$(id -u)" -ne 0 ] || skip "root may write everywhere"
    new_project
    chmod a-w .
    fails_cleanly mirage configure
}

@test "choices by key, by target and by environment select what is linked" {
    new_project
    write_config <<'END'
KEY_ENUM(clock, .choices = CHOICES("target", "slow"), .value = "target", .stage = KEY_STAGE_CONFIGURE)
MAIN(m, "hello_start", time)
KEY_STRING(hello, .value = "x")
void configure(void)
{
	time_impl *slow = DEVICE(time, "slow_time", .header = "slow.h");
	time_impl *by_key = match_impl(&key_clock, default_time(), CASE("slow", slow));
	time_impl *by_target = if_impl(not_condition(is_unix()), slow, by_key);
	register_unikernel("hello", m(by_target));
}
END
    mirage configure
    grep -q default_time_1 mirage/main.c
    run grep slow mirage/main.c
    [ "$status" -eq 1 ]
    mirage configure --clock=slow
    grep -q slow_time_1 mirage/main.c
    run grep default_time mirage/main.c
    [ "$status" -eq 1 ]
    mirage describe | grep -q 'otherwise: default_time : time   (not chosen)'
    ! mirage describe --eval | grep -q 'default_time'
}

@test "make configures again when a header that config.c includes changes" {
    new_project
    mkdir 'the settings'
    echo '#define NAME "first"' >'the settings/name.h'
    write_config <<'END'
#include "the settings/name.h"
KEY_STRING(hello, .value = "x")
MAIN(m, "hello_start", time)
void configure(void)
{
	register_unikernel(NAME, m(default_time()));
}
END
    mirage configure -q
    make
    [ -x dist/first ]
    make | tee again
    [ ! -s again ]
    sleep 0.01
    echo '#define NAME "second"' >'the settings/name.h'
    make
    [ -x dist/second ]
    rm 'the settings/name.h'
    run make
    echo "$output"
    [ "$status" -ne 0 ]
    [[ $output == *"config.c:"*"the settings/name.h: No such file"* ]]
}

@test "make configures again when a local library gets a source, or loses one" {
    cp -R "$ROOT/examples/tutorial/local-library" project
    cd project
    rm -rf dist _build mirage
    mirage configure -q
    make
    sleep 0.01
    echo 'int answer(void); int answer(void) { return 42; }' >greeting/answer.c
    make | grep 'CC *greeting/answer.c'
    sleep 0.01
    rm greeting/answer.c
    make | grep LINK
    make | tee again
    [ ! -s again ]
}

@test "make configures again when config.c changes, with the same options and environment" {
    new_project
    write_config <<'END'
KEY_STRING(hello, .value = "x")
MAIN(m, "hello_start", time)
void configure(void)
{
	if (environment("SHOUT", NULL) != NULL)
		register_unikernel("shout", m(default_time()));
	else
		register_unikernel("hello", m(default_time()));
}
END
    SHOUT=1 mirage configure --hello='Hola!'
    make
    [ -x dist/shout ]
    sleep 0.01
    sed -i 's/"shout"/"scream"/' config.c
    make
    [ -x dist/scream ]
    dist/scream --help | grep -q 'absent=Hola!'
}

@test "a config.c without configure(), or that no compiler can read, is an error that says so" {
    new_project
    write_config </dev/null
    fails_cleanly mirage configure
    [[ $output == *"config.c: error: there is no function configure()"*"register_unikernel()"* ]]
    echo 'int nothing(void); void configure(void) { nothing(); }' | write_config
    fails_cleanly mirage configure
    [[ $output == *"nothing"*"the configuration could not be compiled"*"is above"* ]]
    rm config.c
    mkdir config.c
    run mirage configure
    echo "$output"
    [ "$status" -eq 1 ]
    [[ $output == *"config.c"*"could not be compiled"* ]]
}
