#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The syntax files for editors know the words that the compiler knows: no more, no fewer.
set -u
cd "$(dirname "$0")/../.." || exit 1

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# shellcheck source=test/unit/tap.bash
. test/unit/tap.bash

# Words of the compiler: its tables of types and functions, and what its parser and checks compare with.
{
    grep -oE '^	\{ "[a-z0-9_]+", TYPE_' mplc/types.c
    grep -oE '\{ "[a-z0-9_]+", PARAMETER_' mplc/expand.c
} | cut -d'"' -f2 | sort -u >"$scratch/types"
grep -oE '\{ "[a-z_]+", FUNCTION_' mplc/expression.c | cut -d'"' -f2 | sort -u >"$scratch/functions"
grep -hoE '(parser_(take|at)_word\(parser|token_is\(&token|strcmp\((name|checksum->algorithm)), "[a-z0-9_]+"' \
    mplc/parse*.c mplc/check_checksum.c | cut -d'"' -f2 | grep -vx _ | sort -u >"$scratch/others"
[ "$(wc -l <"$scratch/types")" -gt 40 ] && [ "$(wc -l <"$scratch/functions")" -gt 5 ] &&
    [ "$(wc -l <"$scratch/others")" -gt 25 ]
report $? "the words are found in the compiler's sources"

# Words of an editor's file, of some of its classes.
# shellcheck disable=SC2317 # check calls them
vim_words() {
    for class; do sed -n "s/^syn keyword mpl$class //p" mplc/editors/mpl.vim; done | tr ' ' '\n' | sort
}
# shellcheck disable=SC2317
emacs_words() {
    for class; do
        sed -n "/^(defconst mpl-$class-words/,/)\$/p" mplc/editors/mpl-mode.el
    done | grep -oE '"[a-z0-9_]+"' | tr -d '"' | sort
}
# shellcheck disable=SC2317
vscode_words() {
    for class; do
        sed -n "/\"name\": \"$class.mpl\"/,/}/s/.*(?:\(.*\)).*/\1/p" mplc/editors/vscode/mpl.tmLanguage.json
    done | tr '|' '\n' | sort
}

check() {
    local title=$1 words=$2
    shift 2
    diff "$scratch/$words" <("$@") >"$scratch/output"
    report $? "$title"
}
check "Vim knows the types" types vim_words Type
check "Vim knows the functions" functions vim_words Function
check "Vim knows the other words" others vim_words Structure Attribute Boolean
check "Emacs knows the types" types emacs_words type
check "Emacs knows the functions" functions emacs_words function
check "Emacs knows the other words" others emacs_words structure attribute boolean
check "VS Code knows the types" types vscode_words storage.type
check "VS Code knows the functions" functions vscode_words support.function
check "VS Code knows the other words" others vscode_words keyword.control storage.modifier constant.language

python3 - >"$scratch/output" 2>&1 <<'END'
import json, os, re
folder = "mplc/editors/vscode"
package = json.load(open(f"{folder}/package.json"))["contributes"]
for path in [package["languages"][0]["configuration"], package["grammars"][0]["path"]]:
    json.load(open(os.path.join(folder, path)))
for pattern in json.load(open(f"{folder}/mpl.tmLanguage.json"))["patterns"]:
    re.compile(pattern.get("match", ""))
matcher = re.compile(package["problemMatchers"][0]["pattern"]["regexp"])
assert matcher.match("a.mpl:3:2: error: `y` begins at bit 3 of a byte").groups()[:4] == ("a.mpl", "3", "2", "error")
END
report $? "VS Code's files name each other, and their patterns are some"

# What an editor itself makes of a specification.
printf '// packet\npacket a { x: uint16 min(sizeof(x)) variant { | 1 -> One }; }\n/* a /* b */ packet */\n' >"$scratch/a.mpl"
if vim --version 2>/dev/null | grep -q '+syntax'; then
    cat >"$scratch/look.vim" <<'END'
set nocompatible
source mplc/editors/mpl.vim
let seen = []
for [line, column] in [[1, 4], [2, 1], [2, 15], [2, 22], [2, 26], [2, 49], [2, 54], [3, 14], [3, 4]]
  call add(seen, synIDattr(synID(line, column, 1), "name"))
endfor
call writefile(seen, expand("%:h") . "/seen")
qall!
END
    vim -u NONE -i NONE -es -S "$scratch/look.vim" "$scratch/a.mpl" >"$scratch/output" 2>&1 </dev/null
    tr '\n' ' ' <"$scratch/seen" >>"$scratch/output"
    grep -q 'mplComment mplStructure mplType mplAttribute mplFunction mplNumber mplTag mplComment mplComment' \
        "$scratch/output"
    report $? "Vim colours a specification"
else
    skip "Vim colours a specification" "vim is not installed, or without syntax"
fi
if command -v emacs >/dev/null; then
    emacs --batch -Q -L mplc/editors -l mpl-mode "$scratch/a.mpl" --eval '(progn (font-lock-ensure)
        (dolist (at (list 4 11 25 32 36 59 64 75)) (princ (format "%s " (get-text-property at (quote face))))))' \
        >"$scratch/output" 2>&1
    grep -q 'comment-face font-lock-keyword-face font-lock-type-face font-lock-builtin-face font-lock-function-name-face nil font-lock-constant-face font-lock-comment-face' "$scratch/output"
    report $? "Emacs colours a specification"
    for spec in net/formats/*.mpl; do
        cp "$spec" "$scratch/indented.mpl"
        emacs --batch -Q -L mplc/editors -l mpl-mode "$scratch/indented.mpl" --eval '(progn
            (indent-region (point-min) (point-max)) (save-buffer))' 2>/dev/null
        diff "$spec" "$scratch/indented.mpl"
    done >"$scratch/output"
    [ ! -s "$scratch/output" ]
    report $? "Emacs indents specifications as ours are"
else
    skip "Emacs colours a specification" "emacs is not installed"
    skip "Emacs indents specifications as ours are" "emacs is not installed"
fi
echo "1..$number"
exit "$status"
