/* SPDX-License-Identifier: MIT */
/*
 * place.S - linked first, it moves all kernels behind it by PLACE times 16
 * bytes: how code lies in cache lines changes the time of a small loop by half,
 * in native and in verified code, and is nothing that a flavour is about.
 */
	.text
	.p2align 6
	.skip PLACE * 16, 0xcc
	.section .note.GNU-stack, "", @progbits
