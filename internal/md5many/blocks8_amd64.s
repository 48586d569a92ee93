// MD5 (RFC 1321) of eight texts at a time by AVX2, as in blocks16_amd64.s. The words stand on the stack, for want of registers.

#include "textflag.h"

// The constants of the steps, for all lanes.
DATA wide<>+0x000(SB)/8, $0xd76aa478d76aa478
DATA wide<>+0x008(SB)/8, $0xd76aa478d76aa478
DATA wide<>+0x010(SB)/8, $0xd76aa478d76aa478
DATA wide<>+0x018(SB)/8, $0xd76aa478d76aa478
DATA wide<>+0x020(SB)/8, $0xe8c7b756e8c7b756
DATA wide<>+0x028(SB)/8, $0xe8c7b756e8c7b756
DATA wide<>+0x030(SB)/8, $0xe8c7b756e8c7b756
DATA wide<>+0x038(SB)/8, $0xe8c7b756e8c7b756
DATA wide<>+0x040(SB)/8, $0x242070db242070db
DATA wide<>+0x048(SB)/8, $0x242070db242070db
DATA wide<>+0x050(SB)/8, $0x242070db242070db
DATA wide<>+0x058(SB)/8, $0x242070db242070db
DATA wide<>+0x060(SB)/8, $0xc1bdceeec1bdceee
DATA wide<>+0x068(SB)/8, $0xc1bdceeec1bdceee
DATA wide<>+0x070(SB)/8, $0xc1bdceeec1bdceee
DATA wide<>+0x078(SB)/8, $0xc1bdceeec1bdceee
DATA wide<>+0x080(SB)/8, $0xf57c0faff57c0faf
DATA wide<>+0x088(SB)/8, $0xf57c0faff57c0faf
DATA wide<>+0x090(SB)/8, $0xf57c0faff57c0faf
DATA wide<>+0x098(SB)/8, $0xf57c0faff57c0faf
DATA wide<>+0x0a0(SB)/8, $0x4787c62a4787c62a
DATA wide<>+0x0a8(SB)/8, $0x4787c62a4787c62a
DATA wide<>+0x0b0(SB)/8, $0x4787c62a4787c62a
DATA wide<>+0x0b8(SB)/8, $0x4787c62a4787c62a
DATA wide<>+0x0c0(SB)/8, $0xa8304613a8304613
DATA wide<>+0x0c8(SB)/8, $0xa8304613a8304613
DATA wide<>+0x0d0(SB)/8, $0xa8304613a8304613
DATA wide<>+0x0d8(SB)/8, $0xa8304613a8304613
DATA wide<>+0x0e0(SB)/8, $0xfd469501fd469501
DATA wide<>+0x0e8(SB)/8, $0xfd469501fd469501
DATA wide<>+0x0f0(SB)/8, $0xfd469501fd469501
DATA wide<>+0x0f8(SB)/8, $0xfd469501fd469501
DATA wide<>+0x100(SB)/8, $0x698098d8698098d8
DATA wide<>+0x108(SB)/8, $0x698098d8698098d8
DATA wide<>+0x110(SB)/8, $0x698098d8698098d8
DATA wide<>+0x118(SB)/8, $0x698098d8698098d8
DATA wide<>+0x120(SB)/8, $0x8b44f7af8b44f7af
DATA wide<>+0x128(SB)/8, $0x8b44f7af8b44f7af
DATA wide<>+0x130(SB)/8, $0x8b44f7af8b44f7af
DATA wide<>+0x138(SB)/8, $0x8b44f7af8b44f7af
DATA wide<>+0x140(SB)/8, $0xffff5bb1ffff5bb1
DATA wide<>+0x148(SB)/8, $0xffff5bb1ffff5bb1
DATA wide<>+0x150(SB)/8, $0xffff5bb1ffff5bb1
DATA wide<>+0x158(SB)/8, $0xffff5bb1ffff5bb1
DATA wide<>+0x160(SB)/8, $0x895cd7be895cd7be
DATA wide<>+0x168(SB)/8, $0x895cd7be895cd7be
DATA wide<>+0x170(SB)/8, $0x895cd7be895cd7be
DATA wide<>+0x178(SB)/8, $0x895cd7be895cd7be
DATA wide<>+0x180(SB)/8, $0x6b9011226b901122
DATA wide<>+0x188(SB)/8, $0x6b9011226b901122
DATA wide<>+0x190(SB)/8, $0x6b9011226b901122
DATA wide<>+0x198(SB)/8, $0x6b9011226b901122
DATA wide<>+0x1a0(SB)/8, $0xfd987193fd987193
DATA wide<>+0x1a8(SB)/8, $0xfd987193fd987193
DATA wide<>+0x1b0(SB)/8, $0xfd987193fd987193
DATA wide<>+0x1b8(SB)/8, $0xfd987193fd987193
DATA wide<>+0x1c0(SB)/8, $0xa679438ea679438e
DATA wide<>+0x1c8(SB)/8, $0xa679438ea679438e
DATA wide<>+0x1d0(SB)/8, $0xa679438ea679438e
DATA wide<>+0x1d8(SB)/8, $0xa679438ea679438e
DATA wide<>+0x1e0(SB)/8, $0x49b4082149b40821
DATA wide<>+0x1e8(SB)/8, $0x49b4082149b40821
DATA wide<>+0x1f0(SB)/8, $0x49b4082149b40821
DATA wide<>+0x1f8(SB)/8, $0x49b4082149b40821
DATA wide<>+0x200(SB)/8, $0xf61e2562f61e2562
DATA wide<>+0x208(SB)/8, $0xf61e2562f61e2562
DATA wide<>+0x210(SB)/8, $0xf61e2562f61e2562
DATA wide<>+0x218(SB)/8, $0xf61e2562f61e2562
DATA wide<>+0x220(SB)/8, $0xc040b340c040b340
DATA wide<>+0x228(SB)/8, $0xc040b340c040b340
DATA wide<>+0x230(SB)/8, $0xc040b340c040b340
DATA wide<>+0x238(SB)/8, $0xc040b340c040b340
DATA wide<>+0x240(SB)/8, $0x265e5a51265e5a51
DATA wide<>+0x248(SB)/8, $0x265e5a51265e5a51
DATA wide<>+0x250(SB)/8, $0x265e5a51265e5a51
DATA wide<>+0x258(SB)/8, $0x265e5a51265e5a51
DATA wide<>+0x260(SB)/8, $0xe9b6c7aae9b6c7aa
DATA wide<>+0x268(SB)/8, $0xe9b6c7aae9b6c7aa
DATA wide<>+0x270(SB)/8, $0xe9b6c7aae9b6c7aa
DATA wide<>+0x278(SB)/8, $0xe9b6c7aae9b6c7aa
DATA wide<>+0x280(SB)/8, $0xd62f105dd62f105d
DATA wide<>+0x288(SB)/8, $0xd62f105dd62f105d
DATA wide<>+0x290(SB)/8, $0xd62f105dd62f105d
DATA wide<>+0x298(SB)/8, $0xd62f105dd62f105d
DATA wide<>+0x2a0(SB)/8, $0x0244145302441453
DATA wide<>+0x2a8(SB)/8, $0x0244145302441453
DATA wide<>+0x2b0(SB)/8, $0x0244145302441453
DATA wide<>+0x2b8(SB)/8, $0x0244145302441453
DATA wide<>+0x2c0(SB)/8, $0xd8a1e681d8a1e681
DATA wide<>+0x2c8(SB)/8, $0xd8a1e681d8a1e681
DATA wide<>+0x2d0(SB)/8, $0xd8a1e681d8a1e681
DATA wide<>+0x2d8(SB)/8, $0xd8a1e681d8a1e681
DATA wide<>+0x2e0(SB)/8, $0xe7d3fbc8e7d3fbc8
DATA wide<>+0x2e8(SB)/8, $0xe7d3fbc8e7d3fbc8
DATA wide<>+0x2f0(SB)/8, $0xe7d3fbc8e7d3fbc8
DATA wide<>+0x2f8(SB)/8, $0xe7d3fbc8e7d3fbc8
DATA wide<>+0x300(SB)/8, $0x21e1cde621e1cde6
DATA wide<>+0x308(SB)/8, $0x21e1cde621e1cde6
DATA wide<>+0x310(SB)/8, $0x21e1cde621e1cde6
DATA wide<>+0x318(SB)/8, $0x21e1cde621e1cde6
DATA wide<>+0x320(SB)/8, $0xc33707d6c33707d6
DATA wide<>+0x328(SB)/8, $0xc33707d6c33707d6
DATA wide<>+0x330(SB)/8, $0xc33707d6c33707d6
DATA wide<>+0x338(SB)/8, $0xc33707d6c33707d6
DATA wide<>+0x340(SB)/8, $0xf4d50d87f4d50d87
DATA wide<>+0x348(SB)/8, $0xf4d50d87f4d50d87
DATA wide<>+0x350(SB)/8, $0xf4d50d87f4d50d87
DATA wide<>+0x358(SB)/8, $0xf4d50d87f4d50d87
DATA wide<>+0x360(SB)/8, $0x455a14ed455a14ed
DATA wide<>+0x368(SB)/8, $0x455a14ed455a14ed
DATA wide<>+0x370(SB)/8, $0x455a14ed455a14ed
DATA wide<>+0x378(SB)/8, $0x455a14ed455a14ed
DATA wide<>+0x380(SB)/8, $0xa9e3e905a9e3e905
DATA wide<>+0x388(SB)/8, $0xa9e3e905a9e3e905
DATA wide<>+0x390(SB)/8, $0xa9e3e905a9e3e905
DATA wide<>+0x398(SB)/8, $0xa9e3e905a9e3e905
DATA wide<>+0x3a0(SB)/8, $0xfcefa3f8fcefa3f8
DATA wide<>+0x3a8(SB)/8, $0xfcefa3f8fcefa3f8
DATA wide<>+0x3b0(SB)/8, $0xfcefa3f8fcefa3f8
DATA wide<>+0x3b8(SB)/8, $0xfcefa3f8fcefa3f8
DATA wide<>+0x3c0(SB)/8, $0x676f02d9676f02d9
DATA wide<>+0x3c8(SB)/8, $0x676f02d9676f02d9
DATA wide<>+0x3d0(SB)/8, $0x676f02d9676f02d9
DATA wide<>+0x3d8(SB)/8, $0x676f02d9676f02d9
DATA wide<>+0x3e0(SB)/8, $0x8d2a4c8a8d2a4c8a
DATA wide<>+0x3e8(SB)/8, $0x8d2a4c8a8d2a4c8a
DATA wide<>+0x3f0(SB)/8, $0x8d2a4c8a8d2a4c8a
DATA wide<>+0x3f8(SB)/8, $0x8d2a4c8a8d2a4c8a
DATA wide<>+0x400(SB)/8, $0xfffa3942fffa3942
DATA wide<>+0x408(SB)/8, $0xfffa3942fffa3942
DATA wide<>+0x410(SB)/8, $0xfffa3942fffa3942
DATA wide<>+0x418(SB)/8, $0xfffa3942fffa3942
DATA wide<>+0x420(SB)/8, $0x8771f6818771f681
DATA wide<>+0x428(SB)/8, $0x8771f6818771f681
DATA wide<>+0x430(SB)/8, $0x8771f6818771f681
DATA wide<>+0x438(SB)/8, $0x8771f6818771f681
DATA wide<>+0x440(SB)/8, $0x6d9d61226d9d6122
DATA wide<>+0x448(SB)/8, $0x6d9d61226d9d6122
DATA wide<>+0x450(SB)/8, $0x6d9d61226d9d6122
DATA wide<>+0x458(SB)/8, $0x6d9d61226d9d6122
DATA wide<>+0x460(SB)/8, $0xfde5380cfde5380c
DATA wide<>+0x468(SB)/8, $0xfde5380cfde5380c
DATA wide<>+0x470(SB)/8, $0xfde5380cfde5380c
DATA wide<>+0x478(SB)/8, $0xfde5380cfde5380c
DATA wide<>+0x480(SB)/8, $0xa4beea44a4beea44
DATA wide<>+0x488(SB)/8, $0xa4beea44a4beea44
DATA wide<>+0x490(SB)/8, $0xa4beea44a4beea44
DATA wide<>+0x498(SB)/8, $0xa4beea44a4beea44
DATA wide<>+0x4a0(SB)/8, $0x4bdecfa94bdecfa9
DATA wide<>+0x4a8(SB)/8, $0x4bdecfa94bdecfa9
DATA wide<>+0x4b0(SB)/8, $0x4bdecfa94bdecfa9
DATA wide<>+0x4b8(SB)/8, $0x4bdecfa94bdecfa9
DATA wide<>+0x4c0(SB)/8, $0xf6bb4b60f6bb4b60
DATA wide<>+0x4c8(SB)/8, $0xf6bb4b60f6bb4b60
DATA wide<>+0x4d0(SB)/8, $0xf6bb4b60f6bb4b60
DATA wide<>+0x4d8(SB)/8, $0xf6bb4b60f6bb4b60
DATA wide<>+0x4e0(SB)/8, $0xbebfbc70bebfbc70
DATA wide<>+0x4e8(SB)/8, $0xbebfbc70bebfbc70
DATA wide<>+0x4f0(SB)/8, $0xbebfbc70bebfbc70
DATA wide<>+0x4f8(SB)/8, $0xbebfbc70bebfbc70
DATA wide<>+0x500(SB)/8, $0x289b7ec6289b7ec6
DATA wide<>+0x508(SB)/8, $0x289b7ec6289b7ec6
DATA wide<>+0x510(SB)/8, $0x289b7ec6289b7ec6
DATA wide<>+0x518(SB)/8, $0x289b7ec6289b7ec6
DATA wide<>+0x520(SB)/8, $0xeaa127faeaa127fa
DATA wide<>+0x528(SB)/8, $0xeaa127faeaa127fa
DATA wide<>+0x530(SB)/8, $0xeaa127faeaa127fa
DATA wide<>+0x538(SB)/8, $0xeaa127faeaa127fa
DATA wide<>+0x540(SB)/8, $0xd4ef3085d4ef3085
DATA wide<>+0x548(SB)/8, $0xd4ef3085d4ef3085
DATA wide<>+0x550(SB)/8, $0xd4ef3085d4ef3085
DATA wide<>+0x558(SB)/8, $0xd4ef3085d4ef3085
DATA wide<>+0x560(SB)/8, $0x04881d0504881d05
DATA wide<>+0x568(SB)/8, $0x04881d0504881d05
DATA wide<>+0x570(SB)/8, $0x04881d0504881d05
DATA wide<>+0x578(SB)/8, $0x04881d0504881d05
DATA wide<>+0x580(SB)/8, $0xd9d4d039d9d4d039
DATA wide<>+0x588(SB)/8, $0xd9d4d039d9d4d039
DATA wide<>+0x590(SB)/8, $0xd9d4d039d9d4d039
DATA wide<>+0x598(SB)/8, $0xd9d4d039d9d4d039
DATA wide<>+0x5a0(SB)/8, $0xe6db99e5e6db99e5
DATA wide<>+0x5a8(SB)/8, $0xe6db99e5e6db99e5
DATA wide<>+0x5b0(SB)/8, $0xe6db99e5e6db99e5
DATA wide<>+0x5b8(SB)/8, $0xe6db99e5e6db99e5
DATA wide<>+0x5c0(SB)/8, $0x1fa27cf81fa27cf8
DATA wide<>+0x5c8(SB)/8, $0x1fa27cf81fa27cf8
DATA wide<>+0x5d0(SB)/8, $0x1fa27cf81fa27cf8
DATA wide<>+0x5d8(SB)/8, $0x1fa27cf81fa27cf8
DATA wide<>+0x5e0(SB)/8, $0xc4ac5665c4ac5665
DATA wide<>+0x5e8(SB)/8, $0xc4ac5665c4ac5665
DATA wide<>+0x5f0(SB)/8, $0xc4ac5665c4ac5665
DATA wide<>+0x5f8(SB)/8, $0xc4ac5665c4ac5665
DATA wide<>+0x600(SB)/8, $0xf4292244f4292244
DATA wide<>+0x608(SB)/8, $0xf4292244f4292244
DATA wide<>+0x610(SB)/8, $0xf4292244f4292244
DATA wide<>+0x618(SB)/8, $0xf4292244f4292244
DATA wide<>+0x620(SB)/8, $0x432aff97432aff97
DATA wide<>+0x628(SB)/8, $0x432aff97432aff97
DATA wide<>+0x630(SB)/8, $0x432aff97432aff97
DATA wide<>+0x638(SB)/8, $0x432aff97432aff97
DATA wide<>+0x640(SB)/8, $0xab9423a7ab9423a7
DATA wide<>+0x648(SB)/8, $0xab9423a7ab9423a7
DATA wide<>+0x650(SB)/8, $0xab9423a7ab9423a7
DATA wide<>+0x658(SB)/8, $0xab9423a7ab9423a7
DATA wide<>+0x660(SB)/8, $0xfc93a039fc93a039
DATA wide<>+0x668(SB)/8, $0xfc93a039fc93a039
DATA wide<>+0x670(SB)/8, $0xfc93a039fc93a039
DATA wide<>+0x678(SB)/8, $0xfc93a039fc93a039
DATA wide<>+0x680(SB)/8, $0x655b59c3655b59c3
DATA wide<>+0x688(SB)/8, $0x655b59c3655b59c3
DATA wide<>+0x690(SB)/8, $0x655b59c3655b59c3
DATA wide<>+0x698(SB)/8, $0x655b59c3655b59c3
DATA wide<>+0x6a0(SB)/8, $0x8f0ccc928f0ccc92
DATA wide<>+0x6a8(SB)/8, $0x8f0ccc928f0ccc92
DATA wide<>+0x6b0(SB)/8, $0x8f0ccc928f0ccc92
DATA wide<>+0x6b8(SB)/8, $0x8f0ccc928f0ccc92
DATA wide<>+0x6c0(SB)/8, $0xffeff47dffeff47d
DATA wide<>+0x6c8(SB)/8, $0xffeff47dffeff47d
DATA wide<>+0x6d0(SB)/8, $0xffeff47dffeff47d
DATA wide<>+0x6d8(SB)/8, $0xffeff47dffeff47d
DATA wide<>+0x6e0(SB)/8, $0x85845dd185845dd1
DATA wide<>+0x6e8(SB)/8, $0x85845dd185845dd1
DATA wide<>+0x6f0(SB)/8, $0x85845dd185845dd1
DATA wide<>+0x6f8(SB)/8, $0x85845dd185845dd1
DATA wide<>+0x700(SB)/8, $0x6fa87e4f6fa87e4f
DATA wide<>+0x708(SB)/8, $0x6fa87e4f6fa87e4f
DATA wide<>+0x710(SB)/8, $0x6fa87e4f6fa87e4f
DATA wide<>+0x718(SB)/8, $0x6fa87e4f6fa87e4f
DATA wide<>+0x720(SB)/8, $0xfe2ce6e0fe2ce6e0
DATA wide<>+0x728(SB)/8, $0xfe2ce6e0fe2ce6e0
DATA wide<>+0x730(SB)/8, $0xfe2ce6e0fe2ce6e0
DATA wide<>+0x738(SB)/8, $0xfe2ce6e0fe2ce6e0
DATA wide<>+0x740(SB)/8, $0xa3014314a3014314
DATA wide<>+0x748(SB)/8, $0xa3014314a3014314
DATA wide<>+0x750(SB)/8, $0xa3014314a3014314
DATA wide<>+0x758(SB)/8, $0xa3014314a3014314
DATA wide<>+0x760(SB)/8, $0x4e0811a14e0811a1
DATA wide<>+0x768(SB)/8, $0x4e0811a14e0811a1
DATA wide<>+0x770(SB)/8, $0x4e0811a14e0811a1
DATA wide<>+0x778(SB)/8, $0x4e0811a14e0811a1
DATA wide<>+0x780(SB)/8, $0xf7537e82f7537e82
DATA wide<>+0x788(SB)/8, $0xf7537e82f7537e82
DATA wide<>+0x790(SB)/8, $0xf7537e82f7537e82
DATA wide<>+0x798(SB)/8, $0xf7537e82f7537e82
DATA wide<>+0x7a0(SB)/8, $0xbd3af235bd3af235
DATA wide<>+0x7a8(SB)/8, $0xbd3af235bd3af235
DATA wide<>+0x7b0(SB)/8, $0xbd3af235bd3af235
DATA wide<>+0x7b8(SB)/8, $0xbd3af235bd3af235
DATA wide<>+0x7c0(SB)/8, $0x2ad7d2bb2ad7d2bb
DATA wide<>+0x7c8(SB)/8, $0x2ad7d2bb2ad7d2bb
DATA wide<>+0x7d0(SB)/8, $0x2ad7d2bb2ad7d2bb
DATA wide<>+0x7d8(SB)/8, $0x2ad7d2bb2ad7d2bb
DATA wide<>+0x7e0(SB)/8, $0xeb86d391eb86d391
DATA wide<>+0x7e8(SB)/8, $0xeb86d391eb86d391
DATA wide<>+0x7f0(SB)/8, $0xeb86d391eb86d391
DATA wide<>+0x7f8(SB)/8, $0xeb86d391eb86d391
GLOBL wide<>(SB), RODATA|NOPTR, $2048

DATA ones<>+0(SB)/4, $0xffffffff
GLOBL ones<>(SB), RODATA|NOPTR, $4

// UNPACK puts what its two instructions make of two registers in their place.
#define UNPACK(low, high, a, b) \
	VMOVDQA a, Y12 \
	low     b, Y12, a \
	high    b, Y12, b

// HALF reads eight words of each lane, from the given place of the block on, and stores them word by word.
#define HALF(at) \
	MOVQ    0(SI), AX \
	VMOVDQU (at)(AX)(DX*1), Y4 \
	MOVQ    8(SI), AX \
	VMOVDQU (at)(AX)(DX*1), Y5 \
	MOVQ    16(SI), AX \
	VMOVDQU (at)(AX)(DX*1), Y6 \
	MOVQ    24(SI), AX \
	VMOVDQU (at)(AX)(DX*1), Y7 \
	MOVQ    32(SI), AX \
	VMOVDQU (at)(AX)(DX*1), Y8 \
	MOVQ    40(SI), AX \
	VMOVDQU (at)(AX)(DX*1), Y9 \
	MOVQ    48(SI), AX \
	VMOVDQU (at)(AX)(DX*1), Y10 \
	MOVQ    56(SI), AX \
	VMOVDQU (at)(AX)(DX*1), Y11 \
	UNPACK(VPUNPCKLDQ, VPUNPCKHDQ, Y4, Y5) \
	UNPACK(VPUNPCKLDQ, VPUNPCKHDQ, Y6, Y7) \
	UNPACK(VPUNPCKLDQ, VPUNPCKHDQ, Y8, Y9) \
	UNPACK(VPUNPCKLDQ, VPUNPCKHDQ, Y10, Y11) \
	UNPACK(VPUNPCKLQDQ, VPUNPCKHQDQ, Y4, Y6) \
	UNPACK(VPUNPCKLQDQ, VPUNPCKHQDQ, Y5, Y7) \
	UNPACK(VPUNPCKLQDQ, VPUNPCKHQDQ, Y8, Y10) \
	UNPACK(VPUNPCKLQDQ, VPUNPCKHQDQ, Y9, Y11) \
	VPERM2I128 $0x20, Y8, Y4, Y12 \
	VMOVDQU    Y12, (at*8+0)(SP) \
	VPERM2I128 $0x31, Y8, Y4, Y12 \
	VMOVDQU    Y12, (at*8+128)(SP) \
	VPERM2I128 $0x20, Y10, Y6, Y12 \
	VMOVDQU    Y12, (at*8+32)(SP) \
	VPERM2I128 $0x31, Y10, Y6, Y12 \
	VMOVDQU    Y12, (at*8+160)(SP) \
	VPERM2I128 $0x20, Y9, Y5, Y12 \
	VMOVDQU    Y12, (at*8+64)(SP) \
	VPERM2I128 $0x31, Y9, Y5, Y12 \
	VMOVDQU    Y12, (at*8+192)(SP) \
	VPERM2I128 $0x20, Y11, Y7, Y12 \
	VMOVDQU    Y12, (at*8+96)(SP) \
	VPERM2I128 $0x31, Y11, Y7, Y12 \
	VMOVDQU    Y12, (at*8+224)(SP)

// FINISH takes a step behind its function of b, c and d, which is in Y8: a = b + rotate(a + function + word + sine).
#define FINISH(a, b, shift) \
	VPADDD Y8, a, a \
	VPSLLD $shift, a, Y9 \
	VPSRLD $(32-shift), a, a \
	VPOR   Y9, a, a \
	VPADDD b, a, a

#define START(a, word, n) \
	VPADDD (word*32)(SP), a, a \
	VPADDD (n*32)(R8), a, a

#define F(a, b, c, d, word, n, shift) \
	START(a, word, n) \
	VPXOR c, d, Y8 \
	VPAND b, Y8, Y8 \
	VPXOR d, Y8, Y8 \
	FINISH(a, b, shift)

#define G(a, b, c, d, word, n, shift) \
	START(a, word, n) \
	VPANDN c, d, Y9 \
	VPAND  b, d, Y8 \
	VPOR   Y9, Y8, Y8 \
	FINISH(a, b, shift)

#define H(a, b, c, d, word, n, shift) \
	START(a, word, n) \
	VPXOR c, d, Y8 \
	VPXOR b, Y8, Y8 \
	FINISH(a, b, shift)

#define I(a, b, c, d, word, n, shift) \
	START(a, word, n) \
	VPXOR Y10, d, Y8 \
	VPOR  b, Y8, Y8 \
	VPXOR c, Y8, Y8 \
	FINISH(a, b, shift)

// func blocks8(state *[4][16]uint32, texts *[16]*byte, n int)
TEXT ·blocks8(SB), NOSPLIT, $512-24
	MOVQ state+0(FP), DI
	MOVQ texts+8(FP), SI
	MOVQ n+16(FP), CX
	LEAQ wide<>(SB), R8
	XORQ DX, DX // how far the texts are read

	VMOVDQU 0(DI), Y0
	VMOVDQU 64(DI), Y1
	VMOVDQU 128(DI), Y2
	VMOVDQU 192(DI), Y3

block:
	HALF(0)
	HALF(32)
	VPBROADCASTD ones<>(SB), Y10

	F(Y0, Y1, Y2, Y3, 0, 0, 7)
	F(Y3, Y0, Y1, Y2, 1, 1, 12)
	F(Y2, Y3, Y0, Y1, 2, 2, 17)
	F(Y1, Y2, Y3, Y0, 3, 3, 22)
	F(Y0, Y1, Y2, Y3, 4, 4, 7)
	F(Y3, Y0, Y1, Y2, 5, 5, 12)
	F(Y2, Y3, Y0, Y1, 6, 6, 17)
	F(Y1, Y2, Y3, Y0, 7, 7, 22)
	F(Y0, Y1, Y2, Y3, 8, 8, 7)
	F(Y3, Y0, Y1, Y2, 9, 9, 12)
	F(Y2, Y3, Y0, Y1, 10, 10, 17)
	F(Y1, Y2, Y3, Y0, 11, 11, 22)
	F(Y0, Y1, Y2, Y3, 12, 12, 7)
	F(Y3, Y0, Y1, Y2, 13, 13, 12)
	F(Y2, Y3, Y0, Y1, 14, 14, 17)
	F(Y1, Y2, Y3, Y0, 15, 15, 22)
	G(Y0, Y1, Y2, Y3, 1, 16, 5)
	G(Y3, Y0, Y1, Y2, 6, 17, 9)
	G(Y2, Y3, Y0, Y1, 11, 18, 14)
	G(Y1, Y2, Y3, Y0, 0, 19, 20)
	G(Y0, Y1, Y2, Y3, 5, 20, 5)
	G(Y3, Y0, Y1, Y2, 10, 21, 9)
	G(Y2, Y3, Y0, Y1, 15, 22, 14)
	G(Y1, Y2, Y3, Y0, 4, 23, 20)
	G(Y0, Y1, Y2, Y3, 9, 24, 5)
	G(Y3, Y0, Y1, Y2, 14, 25, 9)
	G(Y2, Y3, Y0, Y1, 3, 26, 14)
	G(Y1, Y2, Y3, Y0, 8, 27, 20)
	G(Y0, Y1, Y2, Y3, 13, 28, 5)
	G(Y3, Y0, Y1, Y2, 2, 29, 9)
	G(Y2, Y3, Y0, Y1, 7, 30, 14)
	G(Y1, Y2, Y3, Y0, 12, 31, 20)
	H(Y0, Y1, Y2, Y3, 5, 32, 4)
	H(Y3, Y0, Y1, Y2, 8, 33, 11)
	H(Y2, Y3, Y0, Y1, 11, 34, 16)
	H(Y1, Y2, Y3, Y0, 14, 35, 23)
	H(Y0, Y1, Y2, Y3, 1, 36, 4)
	H(Y3, Y0, Y1, Y2, 4, 37, 11)
	H(Y2, Y3, Y0, Y1, 7, 38, 16)
	H(Y1, Y2, Y3, Y0, 10, 39, 23)
	H(Y0, Y1, Y2, Y3, 13, 40, 4)
	H(Y3, Y0, Y1, Y2, 0, 41, 11)
	H(Y2, Y3, Y0, Y1, 3, 42, 16)
	H(Y1, Y2, Y3, Y0, 6, 43, 23)
	H(Y0, Y1, Y2, Y3, 9, 44, 4)
	H(Y3, Y0, Y1, Y2, 12, 45, 11)
	H(Y2, Y3, Y0, Y1, 15, 46, 16)
	H(Y1, Y2, Y3, Y0, 2, 47, 23)
	I(Y0, Y1, Y2, Y3, 0, 48, 6)
	I(Y3, Y0, Y1, Y2, 7, 49, 10)
	I(Y2, Y3, Y0, Y1, 14, 50, 15)
	I(Y1, Y2, Y3, Y0, 5, 51, 21)
	I(Y0, Y1, Y2, Y3, 12, 52, 6)
	I(Y3, Y0, Y1, Y2, 3, 53, 10)
	I(Y2, Y3, Y0, Y1, 10, 54, 15)
	I(Y1, Y2, Y3, Y0, 1, 55, 21)
	I(Y0, Y1, Y2, Y3, 8, 56, 6)
	I(Y3, Y0, Y1, Y2, 15, 57, 10)
	I(Y2, Y3, Y0, Y1, 6, 58, 15)
	I(Y1, Y2, Y3, Y0, 13, 59, 21)
	I(Y0, Y1, Y2, Y3, 4, 60, 6)
	I(Y3, Y0, Y1, Y2, 11, 61, 10)
	I(Y2, Y3, Y0, Y1, 2, 62, 15)
	I(Y1, Y2, Y3, Y0, 9, 63, 21)

	VPADDD 0(DI), Y0, Y0
	VPADDD 64(DI), Y1, Y1
	VPADDD 128(DI), Y2, Y2
	VPADDD 192(DI), Y3, Y3
	VMOVDQU Y0, 0(DI)
	VMOVDQU Y1, 64(DI)
	VMOVDQU Y2, 128(DI)
	VMOVDQU Y3, 192(DI)

	ADDQ $64, DX
	DECQ CX
	JNZ  block

	VZEROUPPER
	RET
