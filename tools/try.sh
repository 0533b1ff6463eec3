#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Configure, build and run the first tutorial, in a copy so that the source tree stays clean.
set -eu

build=$(cd "$1" && pwd)
PATH=$build/bin:$PATH
unset MAKEFLAGS MFLAGS MAKELEVEL
folder=$build/try/hello
rm -rf "$folder"
mkdir -p "$folder"
cp examples/tutorial/hello/config.c examples/tutorial/hello/unikernel.c "$folder"
cd "$folder"

show() {
    echo "\$ $*"
    "$@"
}

show mirage configure -t unix
show make
show dist/hello

echo
echo "That was a unikernel. To go on, put mirage on your PATH and start one of your own:"
echo "  export PATH=$build/bin:\$PATH"
echo "  mirage new my-first && cd my-first && mirage configure && make && dist/my-first"
