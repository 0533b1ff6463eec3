/* SPDX-License-Identifier: ISC */
#include "tenders/hvt/gdb_registers.h"

#include <string.h>

const char gdb_target_description[] =
	"<?xml version=\"1.0\"?>"
	"<!DOCTYPE target SYSTEM \"gdb-target.dtd\">"
	"<target version=\"1.0\">"
	"<architecture>i386:x86-64</architecture>"
	"<feature name=\"org.gnu.gdb.i386.core\">"
	"<reg name=\"rax\" bitsize=\"64\" type=\"int64\" regnum=\"0\"/>"
	"<reg name=\"rbx\" bitsize=\"64\" type=\"int64\"/>"
	"<reg name=\"rcx\" bitsize=\"64\" type=\"int64\"/>"
	"<reg name=\"rdx\" bitsize=\"64\" type=\"int64\"/>"
	"<reg name=\"rsi\" bitsize=\"64\" type=\"int64\"/>"
	"<reg name=\"rdi\" bitsize=\"64\" type=\"int64\"/>"
	"<reg name=\"rbp\" bitsize=\"64\" type=\"data_ptr\"/>"
	"<reg name=\"rsp\" bitsize=\"64\" type=\"data_ptr\"/>"
	"<reg name=\"r8\" bitsize=\"64\" type=\"int64\"/>"
	"<reg name=\"r9\" bitsize=\"64\" type=\"int64\"/>"
	"<reg name=\"r10\" bitsize=\"64\" type=\"int64\"/>"
	"<reg name=\"r11\" bitsize=\"64\" type=\"int64\"/>"
	"<reg name=\"r12\" bitsize=\"64\" type=\"int64\"/>"
	"<reg name=\"r13\" bitsize=\"64\" type=\"int64\"/>"
	"<reg name=\"r14\" bitsize=\"64\" type=\"int64\"/>"
	"<reg name=\"r15\" bitsize=\"64\" type=\"int64\"/>"
	"<reg name=\"rip\" bitsize=\"64\" type=\"code_ptr\"/>"
	"<reg name=\"eflags\" bitsize=\"32\" type=\"int32\"/>"
	"<reg name=\"cs\" bitsize=\"32\" type=\"int32\"/>"
	"<reg name=\"ss\" bitsize=\"32\" type=\"int32\"/>"
	"<reg name=\"ds\" bitsize=\"32\" type=\"int32\"/>"
	"<reg name=\"es\" bitsize=\"32\" type=\"int32\"/>"
	"<reg name=\"fs\" bitsize=\"32\" type=\"int32\"/>"
	"<reg name=\"gs\" bitsize=\"32\" type=\"int32\"/>"
	"<reg name=\"st0\" bitsize=\"80\" type=\"i387_ext\"/>"
	"<reg name=\"st1\" bitsize=\"80\" type=\"i387_ext\"/>"
	"<reg name=\"st2\" bitsize=\"80\" type=\"i387_ext\"/>"
	"<reg name=\"st3\" bitsize=\"80\" type=\"i387_ext\"/>"
	"<reg name=\"st4\" bitsize=\"80\" type=\"i387_ext\"/>"
	"<reg name=\"st5\" bitsize=\"80\" type=\"i387_ext\"/>"
	"<reg name=\"st6\" bitsize=\"80\" type=\"i387_ext\"/>"
	"<reg name=\"st7\" bitsize=\"80\" type=\"i387_ext\"/>"
	"<reg name=\"fctrl\" bitsize=\"32\" type=\"int\" group=\"float\"/>"
	"<reg name=\"fstat\" bitsize=\"32\" type=\"int\" group=\"float\"/>"
	"<reg name=\"ftag\" bitsize=\"32\" type=\"int\" group=\"float\"/>"
	"<reg name=\"fiseg\" bitsize=\"32\" type=\"int\" group=\"float\"/>"
	"<reg name=\"fioff\" bitsize=\"32\" type=\"int\" group=\"float\"/>"
	"<reg name=\"foseg\" bitsize=\"32\" type=\"int\" group=\"float\"/>"
	"<reg name=\"fooff\" bitsize=\"32\" type=\"int\" group=\"float\"/>"
	"<reg name=\"fop\" bitsize=\"32\" type=\"int\" group=\"float\"/>"
	"</feature>"
	"<feature name=\"org.gnu.gdb.i386.sse\">"
	"<vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/>"
	"<vector id=\"v2d\" type=\"ieee_double\" count=\"2\"/>"
	"<vector id=\"v16i8\" type=\"int8\" count=\"16\"/>"
	"<vector id=\"v4i32\" type=\"int32\" count=\"4\"/>"
	"<vector id=\"v2i64\" type=\"int64\" count=\"2\"/>"
	"<union id=\"vec128\"><field name=\"v4_float\" type=\"v4f\"/>"
	"<field name=\"v2_double\" type=\"v2d\"/><field name=\"v16_int8\" type=\"v16i8\"/>"
	"<field name=\"v4_int32\" type=\"v4i32\"/><field name=\"v2_int64\" type=\"v2i64\"/>"
	"<field name=\"uint128\" type=\"uint128\"/></union>"
	"<reg name=\"xmm0\" bitsize=\"128\" type=\"vec128\"/>"
	"<reg name=\"xmm1\" bitsize=\"128\" type=\"vec128\"/>"
	"<reg name=\"xmm2\" bitsize=\"128\" type=\"vec128\"/>"
	"<reg name=\"xmm3\" bitsize=\"128\" type=\"vec128\"/>"
	"<reg name=\"xmm4\" bitsize=\"128\" type=\"vec128\"/>"
	"<reg name=\"xmm5\" bitsize=\"128\" type=\"vec128\"/>"
	"<reg name=\"xmm6\" bitsize=\"128\" type=\"vec128\"/>"
	"<reg name=\"xmm7\" bitsize=\"128\" type=\"vec128\"/>"
	"<reg name=\"xmm8\" bitsize=\"128\" type=\"vec128\"/>"
	"<reg name=\"xmm9\" bitsize=\"128\" type=\"vec128\"/>"
	"<reg name=\"xmm10\" bitsize=\"128\" type=\"vec128\"/>"
	"<reg name=\"xmm11\" bitsize=\"128\" type=\"vec128\"/>"
	"<reg name=\"xmm12\" bitsize=\"128\" type=\"vec128\"/>"
	"<reg name=\"xmm13\" bitsize=\"128\" type=\"vec128\"/>"
	"<reg name=\"xmm14\" bitsize=\"128\" type=\"vec128\"/>"
	"<reg name=\"xmm15\" bitsize=\"128\" type=\"vec128\"/>"
	"<reg name=\"mxcsr\" bitsize=\"32\" type=\"int\" group=\"vector\"/>"
	"</feature>"
	"<feature name=\"org.gnu.gdb.i386.segments\">"
	"<reg name=\"fs_base\" bitsize=\"64\" type=\"int\"/>"
	"<reg name=\"gs_base\" bitsize=\"64\" type=\"int\"/>"
	"</feature>"
	"</target>";

#define GENERAL(field) offsetof(struct gdb_registers, general.field)
#define SPECIAL(field) offsetof(struct gdb_registers, special.field)
#define EXTENDED(byte) (offsetof(struct gdb_registers, extended) + (byte))

enum {
	FXSAVE_FCW = 0,
	FXSAVE_FSW = 2,
	FXSAVE_FTW = 4,
	FXSAVE_FOP = 6,
	FXSAVE_FIP = 8,
	FXSAVE_FDP = 16,
	FXSAVE_MXCSR = 24,
	FXSAVE_ST = 32,
	FXSAVE_XMM = 160,
};

/* Where a register is, how much of it is kept there, and how many bytes gdb sees; the rest is 0. */
struct place {
	size_t offset;
	uint8_t stored;
	uint8_t shown;
	bool fixed; /* changing a selector alone would change nothing */
};

static const struct place places[] = {
	{ GENERAL(rax), 8, 8, false },
	{ GENERAL(rbx), 8, 8, false },
	{ GENERAL(rcx), 8, 8, false },
	{ GENERAL(rdx), 8, 8, false },
	{ GENERAL(rsi), 8, 8, false },
	{ GENERAL(rdi), 8, 8, false },
	{ GENERAL(rbp), 8, 8, false },
	{ GENERAL(rsp), 8, 8, false },
	{ GENERAL(r8), 8, 8, false },
	{ GENERAL(r9), 8, 8, false },
	{ GENERAL(r10), 8, 8, false },
	{ GENERAL(r11), 8, 8, false },
	{ GENERAL(r12), 8, 8, false },
	{ GENERAL(r13), 8, 8, false },
	{ GENERAL(r14), 8, 8, false },
	{ GENERAL(r15), 8, 8, false },
	{ GENERAL(rip), 8, 8, false },
	{ GENERAL(rflags), 4, 4, false },
	{ SPECIAL(cs.selector), 2, 4, true },
	{ SPECIAL(ss.selector), 2, 4, true },
	{ SPECIAL(ds.selector), 2, 4, true },
	{ SPECIAL(es.selector), 2, 4, true },
	{ SPECIAL(fs.selector), 2, 4, true },
	{ SPECIAL(gs.selector), 2, 4, true },
	{ EXTENDED(FXSAVE_ST + 0 * 16), 10, 10, false },
	{ EXTENDED(FXSAVE_ST + 1 * 16), 10, 10, false },
	{ EXTENDED(FXSAVE_ST + 2 * 16), 10, 10, false },
	{ EXTENDED(FXSAVE_ST + 3 * 16), 10, 10, false },
	{ EXTENDED(FXSAVE_ST + 4 * 16), 10, 10, false },
	{ EXTENDED(FXSAVE_ST + 5 * 16), 10, 10, false },
	{ EXTENDED(FXSAVE_ST + 6 * 16), 10, 10, false },
	{ EXTENDED(FXSAVE_ST + 7 * 16), 10, 10, false },
	{ EXTENDED(FXSAVE_FCW), 2, 4, false },
	{ EXTENDED(FXSAVE_FSW), 2, 4, false },
	{ EXTENDED(FXSAVE_FTW), 1, 4, true }, /* in another form than gdb's */
	{ 0, 0, 4, true },                    /* fiseg: not in 64-bit mode */
	{ EXTENDED(FXSAVE_FIP), 4, 4, false },
	{ 0, 0, 4, true }, /* foseg */
	{ EXTENDED(FXSAVE_FDP), 4, 4, false },
	{ EXTENDED(FXSAVE_FOP), 2, 4, false },
	{ EXTENDED(FXSAVE_XMM + 0 * 16), 16, 16, false },
	{ EXTENDED(FXSAVE_XMM + 1 * 16), 16, 16, false },
	{ EXTENDED(FXSAVE_XMM + 2 * 16), 16, 16, false },
	{ EXTENDED(FXSAVE_XMM + 3 * 16), 16, 16, false },
	{ EXTENDED(FXSAVE_XMM + 4 * 16), 16, 16, false },
	{ EXTENDED(FXSAVE_XMM + 5 * 16), 16, 16, false },
	{ EXTENDED(FXSAVE_XMM + 6 * 16), 16, 16, false },
	{ EXTENDED(FXSAVE_XMM + 7 * 16), 16, 16, false },
	{ EXTENDED(FXSAVE_XMM + 8 * 16), 16, 16, false },
	{ EXTENDED(FXSAVE_XMM + 9 * 16), 16, 16, false },
	{ EXTENDED(FXSAVE_XMM + 10 * 16), 16, 16, false },
	{ EXTENDED(FXSAVE_XMM + 11 * 16), 16, 16, false },
	{ EXTENDED(FXSAVE_XMM + 12 * 16), 16, 16, false },
	{ EXTENDED(FXSAVE_XMM + 13 * 16), 16, 16, false },
	{ EXTENDED(FXSAVE_XMM + 14 * 16), 16, 16, false },
	{ EXTENDED(FXSAVE_XMM + 15 * 16), 16, 16, false },
	{ EXTENDED(FXSAVE_MXCSR), 4, 4, false },
	{ SPECIAL(fs.base), 8, 8, false },
	{ SPECIAL(gs.base), 8, 8, false },
};

size_t gdb_register_count(void)
{
	return sizeof(places) / sizeof(places[0]);
}

size_t gdb_register_size(size_t number)
{
	return number < gdb_register_count() ? places[number].shown : 0;
}

size_t gdb_register_get(const struct gdb_registers *registers, size_t number,
                        uint8_t bytes[GDB_REGISTER_SIZE_MAX])
{
	const struct place *place = &places[number];

	memset(bytes, 0, GDB_REGISTER_SIZE_MAX);
	memcpy(bytes, (const uint8_t *)registers + place->offset, place->stored);
	return place->shown;
}

bool gdb_register_set(struct gdb_registers *registers, size_t number, const uint8_t *bytes)
{
	const struct place *place = &places[number];

	if (place->fixed)
		return false;
	memcpy((uint8_t *)registers + place->offset, bytes, place->stored);
	return true;
}
