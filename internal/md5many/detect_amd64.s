#include "textflag.h"

// func leaf7() (ebx, xcr0 uint32)
//
// It returns zeros where the processor or the system does not know AVX at all.
TEXT ·leaf7(SB), NOSPLIT, $0-8
	MOVL $0, ebx+0(FP)
	MOVL $0, xcr0+4(FP)
	XORL AX, AX
	XORL CX, CX
	CPUID
	CMPL AX, $7
	JLT  no

	MOVL $1, AX
	XORL CX, CX
	CPUID
	ANDL $0x18000000, CX // OSXSAVE and AVX
	CMPL CX, $0x18000000
	JNE  no

	XORL CX, CX
	XGETBV
	MOVL AX, xcr0+4(FP)

	MOVL $7, AX
	XORL CX, CX
	CPUID
	MOVL BX, ebx+0(FP)

no:
	RET
