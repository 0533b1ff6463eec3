#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The other commands of mirage, on the unix target.

load common

@test "mirage alone and --help show the commands and targets, --version the version" {
    run mirage
    [ "$status" -eq 0 ]
    [[ $output == *"make unikernels from C"*configure*depends*build*run*clean*describe*query*new*doctor*help* ]]
    [ "$(mirage --help)" = "$output" ]
    [[ $(mirage --version) =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "an unknown command gets the nearest, an abbreviation is enough" {
    run mirage configrue
    [ "$status" -eq 124 ]
    [[ $output == *"unknown command 'configrue'"*"did you mean \`mirage configure\`?"* ]]
    new_project
    mirage conf
    run mirage d
    [ "$status" -eq 124 ]
}

@test "an option before the command is refused" {
    run mirage -t unix configure
    [ "$status" -eq 124 ]
}

@test "--help takes a format" {
    [ "$(mirage build --help=plain)" = "$(mirage help build)" ]
    [ "$(mirage build --help=auto)" = "$(mirage help build)" ]
    [ "$(mirage build --help=groff)" = "$(mirage help build --format=man)" ]
    [ "$(mirage --help=groff)" = "$(mirage help --format=man)" ]
    [ "$(PAGER='sed s/^/paged:/' mirage build --help=pager)" = "$(mirage help build | sed s/^/paged:/)" ]
    # A pager that is not there, and one that is left at once.
    [ "$(PAGER=/nonexistent mirage build --help=pager 2>/dev/null)" = "$(mirage help build)" ]
    PAGER=true mirage build --help=pager
    run mirage build --help=latex
    echo "$output"
    [ "$status" -eq 124 ]
    [[ $output == *"--help has no format 'latex'"*"--help=plain"* ]]
    # On a terminal the default is a pager.
    [[ $(TERM=linux PAGER='sed s/^/paged:/' script -qec "mirage build --help" /dev/null) == paged:* ]]
    [[ $(TERM=dumb PAGER='sed s/^/paged:/' script -qec "mirage build --help" /dev/null) != paged:* ]]
}

@test "an option that is given twice is an error, and one of the last configure is not one of them" {
    new_project
    run mirage configure --hello=a --hello=b
    echo "$output"
    [ "$status" -eq 124 ]
    [[ $output == *"option '--hello' is given twice"* ]]
    mirage configure -q --hello=a
    mirage describe --hello=b | grep -- '--hello : string = b'
    mirage describe | grep -- '--hello : string = a'
    make >/dev/null
    run dist/hello --hello=c --hello=d
    echo "$output"
    [ "$status" -eq 64 ]
    [[ $output == *"option '--hello' is given twice"* ]]
    sed -i '/KEY_STRING/d' config.c
    run make
    echo "$output"
    [ "$status" -ne 0 ]
    [[ $output == *"was configured with --hello=a, which config.c does not declare any more"* ]]
}

@test "levels that an image would refuse are refused by configure" {
    new_project
    run mirage configure --logs=info,loud
    echo "$output"
    [ "$status" -eq 124 ]
    [[ $output == *"option '--logs': 'loud' is no level"* ]]
    mirage configure -q --logs='*:info,hello:debug'
}

@test "output that cannot be written is an error" {
    new_project
    for command in "help" "describe" "query name" "--version" "configure"; do
        # shellcheck disable=SC2086 # a command with its arguments
        run bash -c "mirage $command >/dev/full"
        echo "$command: $output"
        [ "$status" -eq 1 ]
        [[ $output == *"cannot write to standard output: No space left on device"* ]]
    done
}

@test "a full disk is an error that leaves nothing half done" {
    [ "$(id -u)" -eq 0 ] || skip "mounting takes root"
    mkdir full
    # A name space of its own: nothing is left mounted.
    run unshare --mount bash -c 'mount -t tmpfs -o size=16k tmpfs full && cd full && head -c 12288 /dev/zero >fill &&
        ! mirage new hello && [ ! -e hello ] && rm fill && mirage new hello >/dev/null && ls hello &&
        cd ../ && mirage new other >/dev/null && cd other && head -c 16384 /dev/zero >../full/fill
        TMPDIR=$PWD/../full mirage configure'
    echo "$output"
    [[ $output != *"mount: "* ]] || skip "nothing can be mounted here"
    [ "$status" -eq 1 ]
    [[ $output == *"No space left on device"*"is the disk full?"* ]]
    [[ $output == *"config.c"*"unikernel.c"*"no space is left to compile config.c"*"TMPDIR"* ]]
}

@test "help configure has the section UNIKERNEL PARAMETERS of the project" {
    new_project
    sed -i 's/^MAIN/KEY_ENUM(kv_ro, .names = "kv_ro", .choices = CHOICES("fat", "archive", "crunch", "direct"), .value = "crunch", .doc = "Use a fat, archive, crunch or direct pass-through implementation for the unikernel.")\nMAIN/' config.c
    run mirage help configure
    [ "$status" -eq 0 ]
    [[ $output == *"UNIKERNEL PARAMETERS"* ]]
    [[ $output == *"       --kv_ro=KV_RO (absent=crunch)
           Use a fat, archive, crunch or direct pass-through implementation for
           the unikernel."* ]]
    [ "$(mirage configure --help)" = "$output" ]
}

@test "help works outside a project and beside a broken config.c" {
    run mirage help configure
    [ "$status" -eq 0 ]
    [[ $output != *"UNIKERNEL PARAMETERS"* ]]
    new_project
    echo 'broken' >>config.c
    run mirage help configure
    [ "$status" -eq 0 ]
    [[ $output == *DESCRIPTION* ]]
    run mirage help topics
    [[ $output == *config*targets* ]]
    run mirage help nonsense
    [ "$status" -eq 124 ]
}

@test "every manual page is clean roff" {
    command -v mandoc >/dev/null || skip "mandoc is not installed"
    for page in "$ROOT"/build/share/man/man*/*; do
        # One that is only another name of a page: that page must be there.
        if read -r word other <"$page" && [ "$word" = .so ]; then
            [ -s "$ROOT/build/share/man/$other" ]
            continue
        fi
        run mandoc -T lint -W warning "$page"
        echo "$page: $output"
        [ "$status" -eq 0 ]
    done
    mandoc "$ROOT/build/share/man/man1/mirage-configure.1" | sed 's/.\x08//g' | grep -q -- '--dry-run'
}

@test "completion scripts load in their shells" {
    mirage help --completion=bash >mirage.bash
    bash -c '. ./mirage.bash; COMP_WORDS=(mirage conf); COMP_CWORD=1; _mirage; [ "${COMPREPLY[*]}" = configure ]'
    bash -c '. ./mirage.bash; COMP_WORDS=(mirage configure -t h); COMP_CWORD=3; _mirage; [ "${COMPREPLY[*]}" = hvt ]'
    mirage help --completion=zsh >_mirage
    if command -v zsh >/dev/null; then zsh -n _mirage; fi
    mirage help --completion=fish >mirage.fish
    if command -v fish >/dev/null; then fish --no-execute mirage.fish; fi
}

@test "new makes a project that builds and runs, and touches nothing that exists" {
    mirage new first-one
    (cd first-one && mirage configure -q && make && dist/first-one --hello=Yes -l '*:info' | grep -q 'Yes')
    # Of what is generated, version control keeps the lockfile.
    (cd first-one && make depends && git init -q . && git add -A)
    [ "$(git -C first-one ls-files | tr '\n' ' ')" = ".gitignore config.c mirage/first-one-unix.lock unikernel.c " ]
    run mirage new first-one
    [ "$status" -eq 1 ]
    run mirage new 'a b'
    [ "$status" -eq 124 ]
    run mirage new
    [ "$status" -eq 124 ]
}

@test "commands that need a configured folder say so" {
    new_project
    for command in build depends run; do
        run mirage "$command"
        [ "$status" -eq 1 ]
        [[ $output == *"this folder is not configured"*"mirage configure"* ]]
    done
}

@test "query answers in text and JSON" {
    new_project
    [ "$(mirage query name)" = hello ]
    [ "$(mirage query)" = "$(printf 'gcc\nlibc6-dev\nmake')" ]
    [ "$(mirage query keys | tail -1)" = "hello=Hello World!" ]
    [ "$(mirage query files)" = "$(printf 'config.c\nunikernel.c')" ]
    [ "$(mirage query result)" = dist/hello ]
    mirage configure -q
    [ "$(mirage query Makefile)" = "$(cat Makefile)" ]
    [ "$(mirage query main.c)" = "$(cat mirage/main.c)" ]
    mirage query keys --json | python3 -c 'import json, sys; assert [k["name"] for k in json.load(sys.stdin)] == ["logs", "name", "delay", "hello"]'
    mirage query graph | python3 -m json.tool >/dev/null
    mirage query sbom | python3 -c 'import json, sys; d = json.load(sys.stdin); assert d["spdxVersion"] == "SPDX-2.3"; assert "gcc" in [p["name"] for p in d["packages"]]'
    run mirage query nmae
    [ "$status" -eq 124 ]
    [[ $output == *"did you mean 'name'?"* ]]
}

@test "describe draws the graph as text, dot and SVG" {
    new_project
    mirage describe | grep -q 'default_time : time'
    mirage describe --dot | grep -q 'n1 -> n0'
    command -v dot >/dev/null || skip "graphviz is not installed"
    mirage describe --svg | grep -q '<svg'
    run mirage describe --svg --dot-command=no-such-program
    [ "$status" -eq 1 ]
    [[ $output == *"apt-get install graphviz"* ]]
}

@test "doctor finds what is there and what is not" {
    run mirage doctor
    [ "$status" -eq 0 ]
    [[ $output == *"ok       gcc"* ]]
    mirage doctor --json | python3 -m json.tool >/dev/null
    mkdir bin
    ln -s "$(command -v make)" bin/make
    run env PATH="$BATS_TEST_TMPDIR/bin" "$ROOT/build/bin/mirage" doctor
    [ "$status" -eq 1 ]
    [[ $output == *"MISSING  gcc"*"apt-get install gcc"* ]]
}

@test "depends writes a lockfile, and another version is an error until --update" {
    new_project
    mirage configure -q
    make depends
    grep -Eq '^gcc [0-9:.-]+' mirage/hello-unix.lock
    sed -i 's/^make [^ ]*/make 0.1/' mirage/hello-unix.lock
    run make depends
    [ "$status" -ne 0 ]
    [[ $output == *"package make is "*"but the lockfile says 0.1"*"mirage depends --update"* ]]
    mirage depends --update
    make depend
    mirage clean
    [ -e mirage/hello-unix.lock ]
}

@test "depends refuses a version outside the bounds, and tells what it would install" {
    new_project
    sed -i 's/hello_main(default_time()))/hello_main(default_time()), .packages = PACKAGES(package("make", "99", NULL)))/' config.c
    mirage configure -q
    run mirage depends
    [ "$status" -eq 1 ]
    [[ $output == *"package make is "*"wants at least 99"* ]]
    sed -i 's/package("make", "99", NULL)/package("no-such-package-here")/' config.c
    mirage configure -q
    run mirage depends --dry-run
    [ "$status" -eq 0 ]
    [[ $output == *"* run "*"apt-get install -y --no-install-recommends no-such-package-here"* ]]
    sed -i 's/no-such-package-here/Bad Name/' config.c
    run mirage configure
    [ "$status" -eq 1 ]
    [[ $output == *"'Bad Name' cannot be the name of a package"* ]]
}

@test "depends uses a further package source for itself alone" {
    [ "$(id -u)" -eq 0 ] || skip "installing packages needs root"
    mkdir -p repository/package/DEBIAN
    printf 'Package: mirage-test-package\nVersion: 1.5\nArchitecture: all\nMaintainer: nobody <nobody@invalid>\nDescription: for a test\n' >repository/package/DEBIAN/control
    dpkg-deb -b repository/package repository/mirage-test-package.deb >/dev/null
    {
        cat repository/package/DEBIAN/control
        echo 'Filename: ./mirage-test-package.deb'
        echo "Size: $(stat -c %s repository/mirage-test-package.deb)"
        echo "SHA256: $(sha256sum repository/mirage-test-package.deb | cut -d' ' -f1)"
    } >repository/Packages
    # apt reads as a user of its own, who must be able to come here.
    chmod a+rx "$BATS_RUN_TMPDIR"
    chmod -R a+rX "$BATS_TEST_TMPDIR"
    new_project
    sed -i 's/hello_main(default_time()))/hello_main(default_time()), .packages = PACKAGES(package("mirage-test-package", "1.0", "2.0")))/' config.c
    mirage configure -q --extra-repo="deb [trusted=yes] file:$BATS_TEST_TMPDIR/repository ./"
    run mirage depends --dry-run
    [[ $output == *"* run apt-get -o Dir::Etc::sourceparts="*" install -y --no-install-recommends mirage-test-package"* ]]
    run make depends
    echo "$output"
    dpkg -P mirage-test-package >/dev/null
    [ "$status" -eq 0 ]
    grep -q '^mirage-test-package 1.5' mirage/hello-unix.lock
    [ ! -e /etc/apt/sources.list.d/mirage-extra.list ]
    rm mirage/hello-unix.lock
    mirage configure -q --no-extra-repo
    [[ $(mirage depends --dry-run) != *sourceparts* ]]
}

@test "run builds and becomes the unikernel, with its arguments and status" {
    new_project
    mirage configure -q
    run mirage run -- --hello=Servus
    [ "$status" -eq 0 ]
    [ "$(grep -c Servus <<<"$output")" -eq 4 ]
    run mirage run -- --help
    [ "$status" -eq 63 ]
    run mirage run -- --nonsense
    [ "$status" -eq 64 ]
}

@test "clean removes what was made and nothing else" {
    new_project
    sed -i 's/hello_main(default_time()))/hello_main(default_time()), .rules = RULES(RULE(.output = "disk.img", .command = "dd if=\/dev\/zero of=$@ count=8 2>\/dev\/null")))/' config.c
    touch mine.txt
    before=$(find . -type f | LC_ALL=C sort)
    mirage configure -q
    make build
    [ "$(stat -c %s disk.img)" -eq 4096 ]
    make clean
    [ "$(find . -type f | LC_ALL=C sort)" = "$before" ]
    [ ! -e mirage ]
}

@test "a build that fails shows the compiler's message and ends with 1" {
    new_project
    mirage configure -q
    echo 'int f(void) { return missing; }' >>unikernel.c
    run mirage build
    [ "$status" -eq 1 ]
    [[ $output == *"unikernel.c:"*"missing"* ]]
    [ ! -e dist/hello ]
}

@test "install, use from there, and uninstall" {
    make -s -C "$ROOT" install PREFIX="$BATS_TEST_TMPDIR/inst" >/dev/null
    PATH=$BATS_TEST_TMPDIR/inst/bin:$PATH
    [ "$(command -v mirage)" = "$BATS_TEST_TMPDIR/inst/bin/mirage" ]
    new_project
    mirage configure -q
    make -s
    dist/hello --version | grep -q hello
    cd ..
    make -s -C "$ROOT" uninstall PREFIX="$BATS_TEST_TMPDIR/inst"
    [ ! -e inst ]
}
