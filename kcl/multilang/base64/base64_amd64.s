#include "textflag.h"

// Each character is looked up twice by its high and low half. The two bytes of tables have a bit in common where the character is not of
// the alphabet.
//
//	high half  0 1    2      3     4     5     6     7    8 to 15
//	bit        0x10   0x01   0x02  0x04  0x08  0x04  0x08 0x10
//
// The low table holds, for each low half, the bits of the high halves with which it is none: '+' and '/' are the only characters of 0x2_,
// ten digits those of 0x3_, and so on.
DATA lowTable<>+0x00(SB)/8, $0x1111111111111115
DATA lowTable<>+0x08(SB)/8, $0x1a1b1b1b1a131111
DATA lowTable<>+0x10(SB)/8, $0x1111111111111115
DATA lowTable<>+0x18(SB)/8, $0x1a1b1b1b1a131111
GLOBL lowTable<>(SB), RODATA|NOPTR, $32

DATA highTable<>+0x00(SB)/8, $0x0804080402011010
DATA highTable<>+0x08(SB)/8, $0x1010101010101010
DATA highTable<>+0x10(SB)/8, $0x0804080402011010
DATA highTable<>+0x18(SB)/8, $0x1010101010101010
GLOBL highTable<>(SB), RODATA|NOPTR, $32

// What is added to a character to get its value, by high half; entry 1, which no character has, is that of '/'.
DATA offsets<>+0x00(SB)/8, $0xb9b9bfbf04131000
DATA offsets<>+0x08(SB)/8, $0x0000000000000000
DATA offsets<>+0x10(SB)/8, $0xb9b9bfbf04131000
DATA offsets<>+0x18(SB)/8, $0x0000000000000000
GLOBL offsets<>(SB), RODATA|NOPTR, $32

// Factors that join two values to twelve bits, and two of these to twenty-four.
DATA pairs<>+0x00(SB)/4, $0x01400140
GLOBL pairs<>(SB), RODATA|NOPTR, $4
DATA quads<>+0x00(SB)/4, $0x00011000
GLOBL quads<>(SB), RODATA|NOPTR, $4

DATA lowHalf<>+0x00(SB)/4, $0x0f0f0f0f
GLOBL lowHalf<>(SB), RODATA|NOPTR, $4
DATA slashes<>+0x00(SB)/4, $0x2f2f2f2f
GLOBL slashes<>(SB), RODATA|NOPTR, $4

// The order of the bytes: big-endian, three of four.
DATA order<>+0x00(SB)/8, $0x090a040506000102
DATA order<>+0x08(SB)/8, $0xffffffff0c0d0e08
DATA order<>+0x10(SB)/8, $0x090a040506000102
DATA order<>+0x18(SB)/8, $0xffffffff0c0d0e08
GLOBL order<>(SB), RODATA|NOPTR, $32

// func decodeAVX2(data *byte, text *byte, blocks int) int
TEXT ·decodeAVX2(SB), NOSPLIT, $0-32
	MOVQ data+0(FP), DI
	MOVQ text+8(FP), SI
	MOVQ blocks+16(FP), CX
	MOVQ SI, DX

	VMOVDQU lowTable<>(SB), Y8
	VMOVDQU highTable<>(SB), Y9
	VMOVDQU offsets<>(SB), Y10
	VPBROADCASTD pairs<>(SB), Y11
	VPBROADCASTD quads<>(SB), Y12
	VMOVDQU order<>(SB), Y13
	VPBROADCASTD lowHalf<>(SB), Y14
	VPBROADCASTD slashes<>(SB), Y15

block:
	VMOVDQU (SI), Y0

	// Valid?
	VPSRLD $4, Y0, Y1
	VPAND Y14, Y1, Y1 // high halves
	VPAND Y14, Y0, Y2 // low halves
	VPSHUFB Y1, Y9, Y3
	VPSHUFB Y2, Y8, Y4
	VPTEST Y3, Y4
	JNZ done

	// Values.
	VPCMPEQB Y15, Y0, Y5 // -1 at '/'
	VPADDB Y5, Y1, Y5
	VPSHUFB Y5, Y10, Y5
	VPADDB Y5, Y0, Y0

	// Four of them to three bytes.
	VPMADDUBSW Y11, Y0, Y0
	VPMADDWD Y12, Y0, Y0
	VPSHUFB Y13, Y0, Y0
	VEXTRACTI128 $1, Y0, X1
	VMOVDQU X0, (DI) // twelve bytes, and four that the next ones replace
	VMOVQ X1, 12(DI)
	VPEXTRD $2, X1, 20(DI)

	ADDQ $32, SI
	ADDQ $24, DI
	DECQ CX
	JNZ block

done:
	SUBQ DX, SI
	MOVQ SI, ret+24(FP)
	VZEROUPPER
	RET

// Encoding. Three bytes, twice in part, for each four characters: b a c b.
DATA spread<>+0x00(SB)/8, $0x0405030401020001
DATA spread<>+0x08(SB)/8, $0x0a0b090a07080607
DATA spread<>+0x10(SB)/8, $0x0405030401020001
DATA spread<>+0x18(SB)/8, $0x0a0b090a07080607
GLOBL spread<>(SB), RODATA|NOPTR, $32

// Masks of two six-bit values each, and factors that shift them to where they belong: by 10 and 6 to the right, by 4 and 8 to the left.
DATA outer<>+0x00(SB)/4, $0x0fc0fc00
GLOBL outer<>(SB), RODATA|NOPTR, $4
DATA rightwards<>+0x00(SB)/4, $0x04000040
GLOBL rightwards<>(SB), RODATA|NOPTR, $4
DATA inner<>+0x00(SB)/4, $0x003f03f0
GLOBL inner<>(SB), RODATA|NOPTR, $4
DATA leftwards<>+0x00(SB)/4, $0x01000010
GLOBL leftwards<>(SB), RODATA|NOPTR, $4

// What is added to a value to get its character: entry 0 for small letters, 1 to 10 for digits, 11 and 12 for '+' and '/', 13 for capitals.
DATA additions<>+0x00(SB)/8, $0xfcfcfcfcfcfcfc47
DATA additions<>+0x08(SB)/8, $0x000041f0edfcfcfc
DATA additions<>+0x10(SB)/8, $0xfcfcfcfcfcfcfc47
DATA additions<>+0x18(SB)/8, $0x000041f0edfcfcfc
GLOBL additions<>(SB), RODATA|NOPTR, $32

DATA number51<>+0x00(SB)/4, $0x33333333
GLOBL number51<>(SB), RODATA|NOPTR, $4
DATA number26<>+0x00(SB)/4, $0x1a1a1a1a
GLOBL number26<>(SB), RODATA|NOPTR, $4
DATA number13<>+0x00(SB)/4, $0x0d0d0d0d
GLOBL number13<>(SB), RODATA|NOPTR, $4

// func encodeAVX2(text *byte, data *byte, blocks int)
TEXT ·encodeAVX2(SB), NOSPLIT, $0-24
	MOVQ text+0(FP), DI
	MOVQ data+8(FP), SI
	MOVQ blocks+16(FP), CX

	VMOVDQU spread<>(SB), Y7
	VPBROADCASTD outer<>(SB), Y8
	VPBROADCASTD rightwards<>(SB), Y9
	VPBROADCASTD inner<>(SB), Y10
	VPBROADCASTD leftwards<>(SB), Y11
	VMOVDQU additions<>(SB), Y12
	VPBROADCASTD number51<>(SB), Y13
	VPBROADCASTD number26<>(SB), Y14
	VPBROADCASTD number13<>(SB), Y15

encode:
	VMOVDQU (SI), X0
	VINSERTI128 $1, 12(SI), Y0, Y0
	VPSHUFB Y7, Y0, Y0

	// Values.
	VPAND Y8, Y0, Y1
	VPMULHUW Y9, Y1, Y1
	VPAND Y10, Y0, Y2
	VPMULLW Y11, Y2, Y2
	VPOR Y1, Y2, Y0

	// Characters.
	VPSUBUSB Y13, Y0, Y1 // 0 to 51: 0; 52 to 63: 1 to 12
	VPCMPGTB Y0, Y14, Y2 // capitals
	VPAND Y15, Y2, Y2
	VPOR Y2, Y1, Y1
	VPSHUFB Y1, Y12, Y1
	VPADDB Y1, Y0, Y0
	VMOVDQU Y0, (DI)

	ADDQ $24, SI
	ADDQ $32, DI
	DECQ CX
	JNZ encode
	VZEROUPPER
	RET

// func detectAVX2() bool
TEXT ·detectAVX2(SB), NOSPLIT, $0-1
	MOVB $0, ret+0(FP)
	XORL AX, AX
	XORL CX, CX
	CPUID
	CMPL AX, $7
	JLT no

	MOVL $1, AX
	XORL CX, CX
	CPUID
	ANDL $0x18000000, CX // OSXSAVE and AVX
	CMPL CX, $0x18000000
	JNE no

	XORL CX, CX
	XGETBV
	ANDL $6, AX // the system keeps the registers
	CMPL AX, $6
	JNE no

	MOVL $7, AX
	XORL CX, CX
	CPUID
	SHRL $5, BX
	ANDL $1, BX
	MOVB BX, ret+0(FP)

no:
	RET
