" SPDX-License-Identifier: ISC
" Syntax of MPL, packet formats for mplc(1). In ~/.vim/filetype.vim or vimrc:
"   au BufRead,BufNewFile *.mpl setfiletype mpl
if exists("b:current_syntax")
  finish
endif

syn iskeyword @,48-57,_,192-255
syn keyword mplStructure packet struct typedef import option const classify when variant array list
syn keyword mplStructure chain of until
syn keyword mplAttribute value default min max align checksum optional internet crc32 byte_order
syn keyword mplAttribute bit_order little big lsb msb
syn keyword mplFunction offset start sizeof array_length remaining total
syn keyword mplType bit bit_msb bit_lsb byte uint16 uint24 uint32 uint48 uint64 uint128 uint16be
syn keyword mplType uint24be uint32be uint48be uint64be uint128be uint16le uint24le uint32le
syn keyword mplType uint48le uint64le uint128le int8 int16 int32 int64 int16be int32be int64be
syn keyword mplType int16le int32le int64le boolean string8 string16 string32 cstring mpint
syn keyword mplType dns_label dns_label_comp label ipv4 ipv6 mac bool int integer pseudo
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
