// BLAKE3's compression function (section 2.2 of its paper) for 16 messages at a time by AVX-512: each register holds one of the function's 16
// words, of all messages. Each message has a lane, and nothing but the transposition of what is read and written goes from one to another.

#include "textflag.h"

DATA start<>+0(SB)/4, $0x6a09e667
DATA start<>+4(SB)/4, $0xbb67ae85
DATA start<>+8(SB)/4, $0x3c6ef372
DATA start<>+12(SB)/4, $0xa54ff53a
DATA start<>+16(SB)/4, $0x510e527f
DATA start<>+20(SB)/4, $0x9b05688c
DATA start<>+24(SB)/4, $0x1f83d9ab
DATA start<>+28(SB)/4, $0x5be0cd19
DATA start<>+32(SB)/4, $64
GLOBL start<>(SB), RODATA|NOPTR, $36

// PAIRS has of rows a and b the words 0, 1 of each quarter in a, by turns, and 2, 3 in t. b is free then.
#define PAIRS(a, b, t) \
	VPUNPCKHDQ b, a, t \
	VPUNPCKLDQ b, a, a

// FOURS goes on with pairs: a and b become word 0 and word 1 of four rows.
#define FOURS(a, b, t) \
	VPUNPCKHQDQ b, a, t \
	VPUNPCKLQDQ b, a, a

// QUARTERS is the transposition of four registers' quarters: those numbered k come into the register numbered k. It needs s and t, and leaves
// the results in a, s, t, d.
#define QUARTERS(a, b, c, d, s, t) \
	VSHUFI32X4 $0x88, b, a, s \
	VSHUFI32X4 $0xdd, b, a, t \
	VSHUFI32X4 $0x88, d, c, a \
	VSHUFI32X4 $0xdd, d, c, b \
	VSHUFI32X4 $0xdd, a, s, c \
	VSHUFI32X4 $0x88, a, s, a \
	VSHUFI32X4 $0xdd, b, t, d \
	VSHUFI32X4 $0x88, b, t, b

// ADD4, XOR4 and ROTATE4 do one step of four of the function's G, none of which waits for another: so the processor finds enough to do.
#define ADD4(x0, x1, x2, x3, a0, a1, a2, a3) \
	VPADDD x0, a0, a0 \
	VPADDD x1, a1, a1 \
	VPADDD x2, a2, a2 \
	VPADDD x3, a3, a3

#define XOR4(x0, x1, x2, x3, a0, a1, a2, a3) \
	VPXORD x0, a0, a0 \
	VPXORD x1, a1, a1 \
	VPXORD x2, a2, a2 \
	VPXORD x3, a3, a3

#define ROTATE4(n, a0, a1, a2, a3) \
	VPRORD n, a0, a0 \
	VPRORD n, a1, a1 \
	VPRORD n, a2, a2 \
	VPRORD n, a3, a3

// HALF is half of four G, those of the columns or of the diagonals, for a word of the message each.
#define HALF(a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, d0, d1, d2, d3, m0, m1, m2, m3, n, o) \
	ADD4(m0, m1, m2, m3, a0, a1, a2, a3) \
	ADD4(b0, b1, b2, b3, a0, a1, a2, a3) \
	XOR4(a0, a1, a2, a3, d0, d1, d2, d3) \
	ROTATE4(n, d0, d1, d2, d3) \
	ADD4(d0, d1, d2, d3, c0, c1, c2, c3) \
	XOR4(c0, c1, c2, c3, b0, b1, b2, b3) \
	ROTATE4(o, b0, b1, b2, b3)

#define ROUND(m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15) \
	HALF(Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15, m0, m2, m4, m6, $16, $12) \
	HALF(Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15, m1, m3, m5, m7, $8, $7) \
	HALF(Z0, Z1, Z2, Z3, Z5, Z6, Z7, Z4, Z10, Z11, Z8, Z9, Z15, Z12, Z13, Z14, m8, m10, m12, m14, $16, $12) \
	HALF(Z0, Z1, Z2, Z3, Z5, Z6, Z7, Z4, Z10, Z11, Z8, Z9, Z15, Z12, Z13, Z14, m9, m11, m13, m15, $8, $7)

// STORE writes four of the eight words of four lanes, which are a quarter each.
#define STORE(x, at) \
	VEXTRACTI32X4 $0, x, (at)(DI) \
	VEXTRACTI32X4 $1, x, (at+128)(DI) \
	VEXTRACTI32X4 $2, x, (at+256)(DI) \
	VEXTRACTI32X4 $3, x, (at+384)(DI)

// func wide(out *[16][32]byte, in *byte, stride, blocks int, counters *[2][16]uint32, first, last uint32)
TEXT ·wide(SB), NOSPLIT, $0-48
	MOVQ out+0(FP), DI
	MOVQ in+8(FP), SI
	MOVQ stride+16(FP), DX
	MOVQ blocks+24(FP), CX
	MOVQ counters+32(FP), R8
	MOVL first+40(FP), R9
	MOVL last+44(FP), R10
	LEAQ start<>(SB), AX
	LEAQ (DX)(DX*2), BX
	VPBROADCASTD 0(AX), Z0
	VPBROADCASTD 4(AX), Z1
	VPBROADCASTD 8(AX), Z2
	VPBROADCASTD 12(AX), Z3
	VPBROADCASTD 16(AX), Z4
	VPBROADCASTD 20(AX), Z5
	VPBROADCASTD 24(AX), Z6
	VPBROADCASTD 28(AX), Z7

block:
	// The words of a block of each lane, transposed: Z8 to Z15 are free.
	MOVQ SI, R11
	VMOVDQU32 (R11), Z16
	VMOVDQU32 (R11)(DX*1), Z17
	VMOVDQU32 (R11)(DX*2), Z18
	VMOVDQU32 (R11)(BX*1), Z19
	LEAQ (R11)(DX*4), R11
	VMOVDQU32 (R11), Z20
	VMOVDQU32 (R11)(DX*1), Z21
	VMOVDQU32 (R11)(DX*2), Z22
	VMOVDQU32 (R11)(BX*1), Z23
	LEAQ (R11)(DX*4), R11
	VMOVDQU32 (R11), Z24
	VMOVDQU32 (R11)(DX*1), Z25
	VMOVDQU32 (R11)(DX*2), Z26
	VMOVDQU32 (R11)(BX*1), Z27
	LEAQ (R11)(DX*4), R11
	VMOVDQU32 (R11), Z28
	VMOVDQU32 (R11)(DX*1), Z29
	VMOVDQU32 (R11)(DX*2), Z30
	VMOVDQU32 (R11)(BX*1), Z31
	PAIRS(Z16, Z17, Z8)
	PAIRS(Z18, Z19, Z17)
	PAIRS(Z20, Z21, Z19)
	PAIRS(Z22, Z23, Z21)
	PAIRS(Z24, Z25, Z23)
	PAIRS(Z26, Z27, Z25)
	PAIRS(Z28, Z29, Z27)
	PAIRS(Z30, Z31, Z29)
	FOURS(Z16, Z18, Z31)
	FOURS(Z8, Z17, Z18)
	FOURS(Z20, Z22, Z17)
	FOURS(Z19, Z21, Z22)
	FOURS(Z24, Z26, Z21)
	FOURS(Z23, Z25, Z26)
	FOURS(Z28, Z30, Z25)
	FOURS(Z27, Z29, Z30)
	QUARTERS(Z16, Z20, Z24, Z28, Z9, Z10)
	QUARTERS(Z31, Z17, Z21, Z25, Z9, Z10)
	QUARTERS(Z8, Z19, Z23, Z27, Z9, Z10)
	QUARTERS(Z18, Z22, Z26, Z30, Z9, Z10)
	VMOVDQA64 Z8, Z29
	VPBROADCASTD 0(AX), Z8
	VPBROADCASTD 4(AX), Z9
	VPBROADCASTD 8(AX), Z10
	VPBROADCASTD 12(AX), Z11
	VMOVDQU32 (R8), Z12
	VMOVDQU32 64(R8), Z13
	VPBROADCASTD 32(AX), Z14
	CMPQ CX, $1
	JNE  middle
	ORL  R10, R9

middle:
	VPBROADCASTD R9, Z15
	ROUND(Z16, Z31, Z29, Z18, Z20, Z17, Z19, Z22, Z24, Z21, Z23, Z26, Z28, Z25, Z27, Z30)
	ROUND(Z29, Z19, Z18, Z23, Z22, Z16, Z20, Z25, Z31, Z26, Z28, Z17, Z21, Z27, Z30, Z24)
	ROUND(Z18, Z20, Z23, Z28, Z25, Z29, Z22, Z27, Z19, Z17, Z21, Z16, Z26, Z30, Z24, Z31)
	ROUND(Z23, Z22, Z28, Z21, Z27, Z18, Z25, Z30, Z20, Z16, Z26, Z29, Z17, Z24, Z31, Z19)
	ROUND(Z28, Z25, Z21, Z26, Z30, Z23, Z27, Z24, Z22, Z29, Z17, Z18, Z16, Z31, Z19, Z20)
	ROUND(Z21, Z27, Z26, Z17, Z24, Z28, Z30, Z31, Z25, Z18, Z16, Z23, Z29, Z19, Z20, Z22)
	ROUND(Z26, Z30, Z17, Z16, Z31, Z21, Z24, Z19, Z27, Z23, Z29, Z28, Z18, Z20, Z22, Z25)
	VPXORD Z8, Z0, Z0
	VPXORD Z9, Z1, Z1
	VPXORD Z10, Z2, Z2
	VPXORD Z11, Z3, Z3
	VPXORD Z12, Z4, Z4
	VPXORD Z13, Z5, Z5
	VPXORD Z14, Z6, Z6
	VPXORD Z15, Z7, Z7
	XORL R9, R9
	ADDQ $64, SI
	DECQ CX
	JNZ  block

	// Back into a row for each lane.
	PAIRS(Z0, Z1, Z8)
	PAIRS(Z2, Z3, Z9)
	PAIRS(Z4, Z5, Z10)
	PAIRS(Z6, Z7, Z11)
	FOURS(Z0, Z2, Z12)
	FOURS(Z8, Z9, Z13)
	FOURS(Z4, Z6, Z14)
	FOURS(Z10, Z11, Z15)
	STORE(Z0, 0)
	STORE(Z12, 32)
	STORE(Z8, 64)
	STORE(Z13, 96)
	STORE(Z4, 16)
	STORE(Z14, 48)
	STORE(Z10, 80)
	STORE(Z15, 112)
	VZEROUPPER
	RET

// func avx512() bool
TEXT ·avx512(SB), NOSPLIT, $0-1
	MOVB $0, ret+0(FP)
	XORL AX, AX
	CPUID
	CMPL AX, $7
	JLT  none
	MOVL $1, AX
	XORL CX, CX
	CPUID
	BTL  $27, CX // XGETBV may be asked
	JCC  none
	XORL CX, CX
	XGETBV
	ANDL $0xe6, AX // the state of SSE, AVX and the three parts of AVX-512
	CMPL AX, $0xe6
	JNE  none
	MOVL $7, AX
	XORL CX, CX
	CPUID
	BTL  $16, BX
	JCC  none
	MOVB $1, ret+0(FP)

none:
	RET
