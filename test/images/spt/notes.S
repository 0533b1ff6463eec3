/* SPDX-License-Identifier: ISC */
/* The notes of an spt image but for the manifest. */
#ifndef ABI_TARGET
#define ABI_TARGET 2
#endif
#ifndef ABI_VERSION
#define ABI_VERSION 2
#endif
	.section .note.solo5.not_openbsd, "a", %note
	.long	8, 4, 1
	.ascii	"OpenBSD\0"
	.long	0

	.section .note.solo5.abi, "a", %note
	.long	6, 16, 0x31494241
	.ascii	"Solo5\0\0\0"
	.long	ABI_TARGET, ABI_VERSION, 0, 0

	.section .note.GNU-stack, "", %progbits
