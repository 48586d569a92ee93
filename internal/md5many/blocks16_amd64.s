// MD5 (RFC 1321) of 16 texts at a time by AVX-512: the steps of one text hang on each other, those of different texts do not.

#include "textflag.h"

// The constants of the steps: the fraction of the sine of 1 to 64.
DATA sines<>+0x00(SB)/8, $0xe8c7b756d76aa478
DATA sines<>+0x08(SB)/8, $0xc1bdceee242070db
DATA sines<>+0x10(SB)/8, $0x4787c62af57c0faf
DATA sines<>+0x18(SB)/8, $0xfd469501a8304613
DATA sines<>+0x20(SB)/8, $0x8b44f7af698098d8
DATA sines<>+0x28(SB)/8, $0x895cd7beffff5bb1
DATA sines<>+0x30(SB)/8, $0xfd9871936b901122
DATA sines<>+0x38(SB)/8, $0x49b40821a679438e
DATA sines<>+0x40(SB)/8, $0xc040b340f61e2562
DATA sines<>+0x48(SB)/8, $0xe9b6c7aa265e5a51
DATA sines<>+0x50(SB)/8, $0x02441453d62f105d
DATA sines<>+0x58(SB)/8, $0xe7d3fbc8d8a1e681
DATA sines<>+0x60(SB)/8, $0xc33707d621e1cde6
DATA sines<>+0x68(SB)/8, $0x455a14edf4d50d87
DATA sines<>+0x70(SB)/8, $0xfcefa3f8a9e3e905
DATA sines<>+0x78(SB)/8, $0x8d2a4c8a676f02d9
DATA sines<>+0x80(SB)/8, $0x8771f681fffa3942
DATA sines<>+0x88(SB)/8, $0xfde5380c6d9d6122
DATA sines<>+0x90(SB)/8, $0x4bdecfa9a4beea44
DATA sines<>+0x98(SB)/8, $0xbebfbc70f6bb4b60
DATA sines<>+0xa0(SB)/8, $0xeaa127fa289b7ec6
DATA sines<>+0xa8(SB)/8, $0x04881d05d4ef3085
DATA sines<>+0xb0(SB)/8, $0xe6db99e5d9d4d039
DATA sines<>+0xb8(SB)/8, $0xc4ac56651fa27cf8
DATA sines<>+0xc0(SB)/8, $0x432aff97f4292244
DATA sines<>+0xc8(SB)/8, $0xfc93a039ab9423a7
DATA sines<>+0xd0(SB)/8, $0x8f0ccc92655b59c3
DATA sines<>+0xd8(SB)/8, $0x85845dd1ffeff47d
DATA sines<>+0xe0(SB)/8, $0xfe2ce6e06fa87e4f
DATA sines<>+0xe8(SB)/8, $0x4e0811a1a3014314
DATA sines<>+0xf0(SB)/8, $0xbd3af235f7537e82
DATA sines<>+0xf8(SB)/8, $0xeb86d3912ad7d2bb
GLOBL sines<>(SB), RODATA|NOPTR, $256

// A message word of all lanes stands in a register of its own, where TRANSPOSE leaves it.
#define W0 Z16
#define W1 Z18
#define W2 Z17
#define W3 Z19
#define W4 Z20
#define W5 Z22
#define W6 Z21
#define W7 Z23
#define W8 Z24
#define W9 Z26
#define W10 Z25
#define W11 Z27
#define W12 Z28
#define W13 Z30
#define W14 Z29
#define W15 Z31

// UNPACK and SHUFFLE put what their two instructions make of two registers in their place.
#define UNPACK(low, high, a, b) \
	VMOVDQA64 a, Z8 \
	low       b, Z8, a \
	high      b, Z8, b

#define SHUFFLE(a, b) \
	VMOVDQA64  a, Z8 \
	VSHUFI32X4 $0x88, b, Z8, a \
	VSHUFI32X4 $0xdd, b, Z8, b

// FINISH takes a step behind its function of b, c and d, which is in Z8: a = b + rotate(a + function + word + sine).
#define FINISH(a, b, n, shift) \
	VPADDD.BCST (n*4)(R8), a, a \
	VPADDD      Z8, a, a \
	VPROLD      $shift, a, a \
	VPADDD      b, a, a

// The functions, by the truth tables of d or c, c or b, and the third: 0xd8 takes one of two.
#define F(a, b, c, d, word, n, shift) \
	VMOVDQA64  d, Z8 \
	VPADDD     word, a, a \
	VPTERNLOGD $0xd8, b, c, Z8 \
	FINISH(a, b, n, shift)

#define G(a, b, c, d, word, n, shift) \
	VMOVDQA64  c, Z8 \
	VPADDD     word, a, a \
	VPTERNLOGD $0xd8, d, b, Z8 \
	FINISH(a, b, n, shift)

#define H(a, b, c, d, word, n, shift) \
	VMOVDQA64  d, Z8 \
	VPADDD     word, a, a \
	VPTERNLOGD $0x96, b, c, Z8 \
	FINISH(a, b, n, shift)

#define I(a, b, c, d, word, n, shift) \
	VMOVDQA64  d, Z8 \
	VPADDD     word, a, a \
	VPTERNLOGD $0x63, b, c, Z8 \
	FINISH(a, b, n, shift)

// func blocks16(state *[4][16]uint32, texts *[16]*byte, n int)
TEXT ·blocks16(SB), NOSPLIT, $0-24
	MOVQ state+0(FP), DI
	MOVQ texts+8(FP), SI
	MOVQ n+16(FP), CX
	LEAQ sines<>(SB), R8
	XORQ DX, DX // how far the texts are read

	VMOVDQU32 0(DI), Z0
	VMOVDQU32 64(DI), Z1
	VMOVDQU32 128(DI), Z2
	VMOVDQU32 192(DI), Z3

block:
	MOVQ      0(SI), AX
	VMOVDQU32 (AX)(DX*1), Z16
	MOVQ      8(SI), AX
	VMOVDQU32 (AX)(DX*1), Z17
	MOVQ      16(SI), AX
	VMOVDQU32 (AX)(DX*1), Z18
	MOVQ      24(SI), AX
	VMOVDQU32 (AX)(DX*1), Z19
	MOVQ      32(SI), AX
	VMOVDQU32 (AX)(DX*1), Z20
	MOVQ      40(SI), AX
	VMOVDQU32 (AX)(DX*1), Z21
	MOVQ      48(SI), AX
	VMOVDQU32 (AX)(DX*1), Z22
	MOVQ      56(SI), AX
	VMOVDQU32 (AX)(DX*1), Z23
	MOVQ      64(SI), AX
	VMOVDQU32 (AX)(DX*1), Z24
	MOVQ      72(SI), AX
	VMOVDQU32 (AX)(DX*1), Z25
	MOVQ      80(SI), AX
	VMOVDQU32 (AX)(DX*1), Z26
	MOVQ      88(SI), AX
	VMOVDQU32 (AX)(DX*1), Z27
	MOVQ      96(SI), AX
	VMOVDQU32 (AX)(DX*1), Z28
	MOVQ      104(SI), AX
	VMOVDQU32 (AX)(DX*1), Z29
	MOVQ      112(SI), AX
	VMOVDQU32 (AX)(DX*1), Z30
	MOVQ      120(SI), AX
	VMOVDQU32 (AX)(DX*1), Z31

	// 16 words of each lane become 16 lanes of each word.
	UNPACK(VPUNPCKLDQ, VPUNPCKHDQ, Z16, Z17)
	UNPACK(VPUNPCKLDQ, VPUNPCKHDQ, Z18, Z19)
	UNPACK(VPUNPCKLDQ, VPUNPCKHDQ, Z20, Z21)
	UNPACK(VPUNPCKLDQ, VPUNPCKHDQ, Z22, Z23)
	UNPACK(VPUNPCKLDQ, VPUNPCKHDQ, Z24, Z25)
	UNPACK(VPUNPCKLDQ, VPUNPCKHDQ, Z26, Z27)
	UNPACK(VPUNPCKLDQ, VPUNPCKHDQ, Z28, Z29)
	UNPACK(VPUNPCKLDQ, VPUNPCKHDQ, Z30, Z31)
	UNPACK(VPUNPCKLQDQ, VPUNPCKHQDQ, Z16, Z18)
	UNPACK(VPUNPCKLQDQ, VPUNPCKHQDQ, Z17, Z19)
	UNPACK(VPUNPCKLQDQ, VPUNPCKHQDQ, Z20, Z22)
	UNPACK(VPUNPCKLQDQ, VPUNPCKHQDQ, Z21, Z23)
	UNPACK(VPUNPCKLQDQ, VPUNPCKHQDQ, Z24, Z26)
	UNPACK(VPUNPCKLQDQ, VPUNPCKHQDQ, Z25, Z27)
	UNPACK(VPUNPCKLQDQ, VPUNPCKHQDQ, Z28, Z30)
	UNPACK(VPUNPCKLQDQ, VPUNPCKHQDQ, Z29, Z31)
	SHUFFLE(Z16, Z20)
	SHUFFLE(Z24, Z28)
	SHUFFLE(Z17, Z21)
	SHUFFLE(Z25, Z29)
	SHUFFLE(Z18, Z22)
	SHUFFLE(Z26, Z30)
	SHUFFLE(Z19, Z23)
	SHUFFLE(Z27, Z31)
	SHUFFLE(Z16, Z24)
	SHUFFLE(Z20, Z28)
	SHUFFLE(Z17, Z25)
	SHUFFLE(Z21, Z29)
	SHUFFLE(Z18, Z26)
	SHUFFLE(Z22, Z30)
	SHUFFLE(Z19, Z27)
	SHUFFLE(Z23, Z31)

	VMOVDQA64 Z0, Z4
	VMOVDQA64 Z1, Z5
	VMOVDQA64 Z2, Z6
	VMOVDQA64 Z3, Z7

	F(Z0, Z1, Z2, Z3, W0, 0, 7)
	F(Z3, Z0, Z1, Z2, W1, 1, 12)
	F(Z2, Z3, Z0, Z1, W2, 2, 17)
	F(Z1, Z2, Z3, Z0, W3, 3, 22)
	F(Z0, Z1, Z2, Z3, W4, 4, 7)
	F(Z3, Z0, Z1, Z2, W5, 5, 12)
	F(Z2, Z3, Z0, Z1, W6, 6, 17)
	F(Z1, Z2, Z3, Z0, W7, 7, 22)
	F(Z0, Z1, Z2, Z3, W8, 8, 7)
	F(Z3, Z0, Z1, Z2, W9, 9, 12)
	F(Z2, Z3, Z0, Z1, W10, 10, 17)
	F(Z1, Z2, Z3, Z0, W11, 11, 22)
	F(Z0, Z1, Z2, Z3, W12, 12, 7)
	F(Z3, Z0, Z1, Z2, W13, 13, 12)
	F(Z2, Z3, Z0, Z1, W14, 14, 17)
	F(Z1, Z2, Z3, Z0, W15, 15, 22)
	G(Z0, Z1, Z2, Z3, W1, 16, 5)
	G(Z3, Z0, Z1, Z2, W6, 17, 9)
	G(Z2, Z3, Z0, Z1, W11, 18, 14)
	G(Z1, Z2, Z3, Z0, W0, 19, 20)
	G(Z0, Z1, Z2, Z3, W5, 20, 5)
	G(Z3, Z0, Z1, Z2, W10, 21, 9)
	G(Z2, Z3, Z0, Z1, W15, 22, 14)
	G(Z1, Z2, Z3, Z0, W4, 23, 20)
	G(Z0, Z1, Z2, Z3, W9, 24, 5)
	G(Z3, Z0, Z1, Z2, W14, 25, 9)
	G(Z2, Z3, Z0, Z1, W3, 26, 14)
	G(Z1, Z2, Z3, Z0, W8, 27, 20)
	G(Z0, Z1, Z2, Z3, W13, 28, 5)
	G(Z3, Z0, Z1, Z2, W2, 29, 9)
	G(Z2, Z3, Z0, Z1, W7, 30, 14)
	G(Z1, Z2, Z3, Z0, W12, 31, 20)
	H(Z0, Z1, Z2, Z3, W5, 32, 4)
	H(Z3, Z0, Z1, Z2, W8, 33, 11)
	H(Z2, Z3, Z0, Z1, W11, 34, 16)
	H(Z1, Z2, Z3, Z0, W14, 35, 23)
	H(Z0, Z1, Z2, Z3, W1, 36, 4)
	H(Z3, Z0, Z1, Z2, W4, 37, 11)
	H(Z2, Z3, Z0, Z1, W7, 38, 16)
	H(Z1, Z2, Z3, Z0, W10, 39, 23)
	H(Z0, Z1, Z2, Z3, W13, 40, 4)
	H(Z3, Z0, Z1, Z2, W0, 41, 11)
	H(Z2, Z3, Z0, Z1, W3, 42, 16)
	H(Z1, Z2, Z3, Z0, W6, 43, 23)
	H(Z0, Z1, Z2, Z3, W9, 44, 4)
	H(Z3, Z0, Z1, Z2, W12, 45, 11)
	H(Z2, Z3, Z0, Z1, W15, 46, 16)
	H(Z1, Z2, Z3, Z0, W2, 47, 23)
	I(Z0, Z1, Z2, Z3, W0, 48, 6)
	I(Z3, Z0, Z1, Z2, W7, 49, 10)
	I(Z2, Z3, Z0, Z1, W14, 50, 15)
	I(Z1, Z2, Z3, Z0, W5, 51, 21)
	I(Z0, Z1, Z2, Z3, W12, 52, 6)
	I(Z3, Z0, Z1, Z2, W3, 53, 10)
	I(Z2, Z3, Z0, Z1, W10, 54, 15)
	I(Z1, Z2, Z3, Z0, W1, 55, 21)
	I(Z0, Z1, Z2, Z3, W8, 56, 6)
	I(Z3, Z0, Z1, Z2, W15, 57, 10)
	I(Z2, Z3, Z0, Z1, W6, 58, 15)
	I(Z1, Z2, Z3, Z0, W13, 59, 21)
	I(Z0, Z1, Z2, Z3, W4, 60, 6)
	I(Z3, Z0, Z1, Z2, W11, 61, 10)
	I(Z2, Z3, Z0, Z1, W2, 62, 15)
	I(Z1, Z2, Z3, Z0, W9, 63, 21)

	VPADDD Z4, Z0, Z0
	VPADDD Z5, Z1, Z1
	VPADDD Z6, Z2, Z2
	VPADDD Z7, Z3, Z3

	ADDQ $64, DX
	DECQ CX
	JNZ  block

	VMOVDQU32 Z0, 0(DI)
	VMOVDQU32 Z1, 64(DI)
	VMOVDQU32 Z2, 128(DI)
	VMOVDQU32 Z3, 192(DI)
	VZEROUPPER
	RET
