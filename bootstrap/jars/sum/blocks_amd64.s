// SHA-256 of two messages at a time by the SHA extensions (Intel SDM volume 2, SHA256RNDS2). The rounds of one message hang on each other:
// a core waits for the result of each two before the next two. The rounds of another message fill that time.

#include "textflag.h"

// What the bytes of a block are put in order by: words are big-endian.
DATA order<>+0(SB)/8, $0x0405060700010203
DATA order<>+8(SB)/8, $0x0c0d0e0f08090a0b
GLOBL order<>(SB), RODATA|NOPTR, $16

// The constants of the rounds.
DATA rounds<>+0(SB)/8, $0x71374491428a2f98
DATA rounds<>+8(SB)/8, $0xe9b5dba5b5c0fbcf
DATA rounds<>+16(SB)/8, $0x59f111f13956c25b
DATA rounds<>+24(SB)/8, $0xab1c5ed5923f82a4
DATA rounds<>+32(SB)/8, $0x12835b01d807aa98
DATA rounds<>+40(SB)/8, $0x550c7dc3243185be
DATA rounds<>+48(SB)/8, $0x80deb1fe72be5d74
DATA rounds<>+56(SB)/8, $0xc19bf1749bdc06a7
DATA rounds<>+64(SB)/8, $0xefbe4786e49b69c1
DATA rounds<>+72(SB)/8, $0x240ca1cc0fc19dc6
DATA rounds<>+80(SB)/8, $0x4a7484aa2de92c6f
DATA rounds<>+88(SB)/8, $0x76f988da5cb0a9dc
DATA rounds<>+96(SB)/8, $0xa831c66d983e5152
DATA rounds<>+104(SB)/8, $0xbf597fc7b00327c8
DATA rounds<>+112(SB)/8, $0xd5a79147c6e00bf3
DATA rounds<>+120(SB)/8, $0x1429296706ca6351
DATA rounds<>+128(SB)/8, $0x2e1b213827b70a85
DATA rounds<>+136(SB)/8, $0x53380d134d2c6dfc
DATA rounds<>+144(SB)/8, $0x766a0abb650a7354
DATA rounds<>+152(SB)/8, $0x92722c8581c2c92e
DATA rounds<>+160(SB)/8, $0xa81a664ba2bfe8a1
DATA rounds<>+168(SB)/8, $0xc76c51a3c24b8b70
DATA rounds<>+176(SB)/8, $0xd6990624d192e819
DATA rounds<>+184(SB)/8, $0x106aa070f40e3585
DATA rounds<>+192(SB)/8, $0x1e376c0819a4c116
DATA rounds<>+200(SB)/8, $0x34b0bcb52748774c
DATA rounds<>+208(SB)/8, $0x4ed8aa4a391c0cb3
DATA rounds<>+216(SB)/8, $0x682e6ff35b9cca4f
DATA rounds<>+224(SB)/8, $0x78a5636f748f82ee
DATA rounds<>+232(SB)/8, $0x8cc7020884c87814
DATA rounds<>+240(SB)/8, $0xa4506ceb90befffa
DATA rounds<>+248(SB)/8, $0xc67178f2bef9a3f7
GLOBL rounds<>(SB), RODATA|NOPTR, $256

// STATE brings the words a-h at p into the order of SHA256RNDS2: abef and cdgh, each from its highest word.
#define STATE(p, abef, cdgh) \
	MOVOU   (p), abef \
	MOVOU   16(p), cdgh \
	PSHUFD  $0xb1, abef, abef \
	PSHUFD  $0x1b, cdgh, cdgh \
	MOVO    abef, X7 \
	PALIGNR $8, cdgh, abef \
	PBLENDW $0xf0, X7, cdgh

// STORE is the reverse of STATE.
#define STORE(p, abef, cdgh) \
	PSHUFD  $0x1b, abef, abef \
	PSHUFD  $0xb1, cdgh, cdgh \
	MOVO    abef, X7 \
	PBLENDW $0xf0, cdgh, abef \
	PALIGNR $8, X7, cdgh \
	MOVOU   abef, (p) \
	MOVOU   cdgh, 16(p)

// LOAD reads a block's 16 words.
#define LOAD(p, m0, m1, m2, m3) \
	MOVOU  (p), m0 \
	MOVOU  16(p), m1 \
	MOVOU  32(p), m2 \
	MOVOU  48(p), m3 \
	PSHUFB X8, m0 \
	PSHUFB X8, m1 \
	PSHUFB X8, m2 \
	PSHUFB X8, m3

// ROUNDS does four rounds with the words m0.
#define ROUNDS(n, abef, cdgh, m0) \
	MOVO        m0, X0 \
	PADDD       (n*16)(AX), X0 \
	SHA256RNDS2 X0, abef, cdgh \
	PSHUFD      $0x0e, X0, X0 \
	SHA256RNDS2 X0, cdgh, abef

// EXTEND makes m0 the words that follow m3.
#define EXTEND(m0, m1, m2, m3) \
	MOVO       m3, X7 \
	PALIGNR    $4, m2, X7 \
	SHA256MSG1 m1, m0 \
	PADDD      X7, m0 \
	SHA256MSG2 m3, m0

#define BOTH(n, a0, a1, a2, a3, b0, b1, b2, b3) \
	ROUNDS(n, X1, X2, a0) \
	ROUNDS(n, X9, X10, b0) \
	EXTEND(a0, a1, a2, a3) \
	EXTEND(b0, b1, b2, b3)

#define LAST(n, a0, b0) \
	ROUNDS(n, X1, X2, a0) \
	ROUNDS(n, X9, X10, b0)

// func blocks(a, b *[8]uint32, p, q *byte, n int)
TEXT ·blocks(SB), NOSPLIT, $64-40
	MOVQ a+0(FP), DI
	MOVQ b+8(FP), R8
	MOVQ p+16(FP), SI
	MOVQ q+24(FP), R9
	MOVQ n+32(FP), CX
	LEAQ rounds<>(SB), AX
	MOVOU order<>(SB), X8
	STATE(DI, X1, X2)
	STATE(R8, X9, X10)

next:
	MOVOU X1, 0(SP)
	MOVOU X2, 16(SP)
	MOVOU X9, 32(SP)
	MOVOU X10, 48(SP)
	LOAD(SI, X3, X4, X5, X6)
	LOAD(R9, X11, X12, X13, X14)
	BOTH(0, X3, X4, X5, X6, X11, X12, X13, X14)
	BOTH(1, X4, X5, X6, X3, X12, X13, X14, X11)
	BOTH(2, X5, X6, X3, X4, X13, X14, X11, X12)
	BOTH(3, X6, X3, X4, X5, X14, X11, X12, X13)
	BOTH(4, X3, X4, X5, X6, X11, X12, X13, X14)
	BOTH(5, X4, X5, X6, X3, X12, X13, X14, X11)
	BOTH(6, X5, X6, X3, X4, X13, X14, X11, X12)
	BOTH(7, X6, X3, X4, X5, X14, X11, X12, X13)
	BOTH(8, X3, X4, X5, X6, X11, X12, X13, X14)
	BOTH(9, X4, X5, X6, X3, X12, X13, X14, X11)
	BOTH(10, X5, X6, X3, X4, X13, X14, X11, X12)
	BOTH(11, X6, X3, X4, X5, X14, X11, X12, X13)
	LAST(12, X3, X11)
	LAST(13, X4, X12)
	LAST(14, X5, X13)
	LAST(15, X6, X14)
	MOVOU 0(SP), X7
	PADDD X7, X1
	MOVOU 16(SP), X7
	PADDD X7, X2
	MOVOU 32(SP), X7
	PADDD X7, X9
	MOVOU 48(SP), X7
	PADDD X7, X10
	ADDQ $64, SI
	ADDQ $64, R9
	DECQ CX
	JNZ  next
	STORE(DI, X1, X2)
	STORE(R8, X9, X10)
	RET

// func leaf7() (ebx uint32)
TEXT ·leaf7(SB), NOSPLIT, $0-4
	XORL AX, AX
	CPUID
	XORL BX, BX
	CMPL AX, $7
	JLT  none
	MOVL $7, AX
	XORL CX, CX
	CPUID

none:
	MOVL BX, ebx+0(FP)
	RET
