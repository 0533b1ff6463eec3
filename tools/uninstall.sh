#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Remove the files that `make install` recorded in PREFIX, and the folders they leave empty.
set -eu

prefix=$1
list=$prefix/lib/mirage/installed.txt
if [ ! -f "$list" ]; then
    echo "uninstall: nothing of mirage is installed in $prefix" >&2
    exit 1
fi

while IFS= read -r file; do
    rm -f "$prefix/$file"
done <"$list"
rm -f "$list"
for folder in bin include lib share; do
    [ -d "$prefix/$folder" ] && find "$prefix/$folder" -depth -type d -empty -delete
done
rmdir "$prefix" 2>/dev/null || true
echo "Removed mirage from $prefix."
