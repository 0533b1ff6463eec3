" SPDX-License-Identifier: ISC
" Syntax of MPL, packet formats for mplc(1). In ~/.vim/filetype.vim or vimrc:
"   au BufRead,BufNewFile *.mpl setfiletype mpl
if exists("b:current_syntax")
  finish
endif

syn keyword mplStructure packet struct typedef classify variant array list chain of until when import const option
syn keyword mplAttribute min max align value default checksum
syn keyword mplFunction offset start sizeof remaining array_length total
syn keyword mplType bit bit_msb bit_lsb byte boolean string8 string16 string32 mpint label
syn keyword mplType dns_label dns_label_comp ipv4 ipv6 mac pseudo bool int
syn match mplType "\<u\?int\(8\|16\|24\|32\|48\|64\|128\)\(be\|le\)\?\>"
syn keyword mplBoolean true false
syn match mplNumber "\<\(0[xX]\x[0-9a-fA-F_]*\|0[oO]\o[0-7_]*\|0[bB][01][01_]*\|\d[0-9_]*\)\>"
syn region mplString start=+"+ end=+"+ oneline
syn match mplTag "\<\u[A-Za-z0-9_']*\>"
syn region mplComment start="/\*" end="\*/" contains=mplComment
syn match mplComment "//.*$"

hi def link mplStructure Keyword
hi def link mplAttribute StorageClass
hi def link mplFunction Function
hi def link mplType Type
hi def link mplBoolean Boolean
hi def link mplNumber Number
hi def link mplString String
hi def link mplTag Constant
hi def link mplComment Comment

let b:current_syntax = "mpl"
