# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034 # bats reads what is set here
#
# For a bats suite whose checks run in the lab, all of them in one boot: setup_file calls
# `lab_boot` with run.sh's options, and each test is `@test "NAME" { lab_result; }`, with the NAME
# of a check.

lab_boot() {
    export LAB_RESULTS=$BATS_FILE_TMPDIR/lab.tap
    "$BATS_TEST_DIRNAME/../lab/hvt/run.sh" "$@" >"$LAB_RESULTS" 2>&1 || true
}

# What the check with this name, or of this test's name, came to.
lab_result() {
    local name=${1:-$BATS_TEST_DESCRIPTION} line

    if line=$(grep -E '^ok 1 - the hvt lab # SKIP' "$LAB_RESULTS"); then
        skip "${line#*# SKIP }"
    fi
    line=$(awk -v name="$name" '
        { rest = $0; found = sub(/^(not )?ok [0-9]+ - /, "", rest) }
        found { inside = rest == name || index(rest, name " # SKIP ") == 1 }
        inside' "$LAB_RESULTS")
    case $line in
    "") echo "no such check in the lab:" && cat "$LAB_RESULTS" && return 1 ;;
    "not ok"*) echo "$line" && return 1 ;;
    *"# SKIP "*) skip "${line#*# SKIP }" ;;
    esac
}

# That each check of the lab is the name of a test in this suite: none is lost.
lab_checks_all_asked() {
    local check
    while IFS= read -r check; do
        check=${check#*- }
        grep -qF "@test \"${check%% # SKIP*}\"" "$BATS_TEST_FILENAME" ||
            { echo "no test asks for: $check" && return 1; }
    done < <(grep -E '^(not )?ok [0-9]+ - ' "$LAB_RESULTS" | grep -v -- '- the hvt lab')
}
