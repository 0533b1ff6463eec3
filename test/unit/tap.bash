# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034,SC2154 # status is the caller's to end with; scratch is the caller's
# Results of a script as TAP lines. What a failed test printed is in "$scratch/output".

number=0
status=0

# report STATUS NAME
report() {
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        while IFS= read -r line; do echo "# $line"; done <"$scratch/output"
        status=1
    fi
}

# skip NAME REASON
skip() {
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
}
