# SPDX-License-Identifier: ISC
# solo5-hvt, and the same with what debugging takes and without confinement.

HVT_DEBUG := $(addprefix tenders/hvt/,debug.c core_dump.c gdb_breakpoints.c \
	gdb_commands.c gdb_packet.c gdb_registers.c gdb_server.c gdb_target.c)
HVT_PLAIN := tenders/hvt/debug_none.c
HVT_TENDER := $(filter-out $(HVT_DEBUG) $(HVT_PLAIN),$(wildcard tenders/hvt/*.c))

ifeq ($(ARCH),x86_64)
TENDERS += $(B)/bin/solo5-hvt $(B)/bin/solo5-hvt-debug
TENDER_MANUALS += $(B)/share/man/man1/solo5-hvt-debug.1
endif

$(B)/bin/solo5-hvt: $(call tender_objects,$(HVT_TENDER) $(HVT_PLAIN)) $(O)/tender/libtender.a
	$(tender_link)
$(B)/bin/solo5-hvt-debug: $(call tender_objects,$(HVT_TENDER) $(HVT_DEBUG)) $(O)/tender/libtender.a
	$(tender_link)

$(B)/share/man/man1/solo5-hvt-debug.1: $(B)/share/man/man1/solo5-hvt.1
	@echo '.so man1/solo5-hvt.1' >$@

# For unit tests and fuzz targets: all but main() and what needs a debugger at the other end.
ifeq ($(ARCH),x86_64)
TENDER_CHECKED += $(filter-out tenders/hvt/main.c,$(HVT_TENDER)) $(HVT_PLAIN) \
	$(filter-out tenders/hvt/debug.c tenders/hvt/gdb_server.c,$(HVT_DEBUG))
else
NOT_CHECKED += test/unit/test_hvt_% test/fuzz/fuzz_hvt_% test/fuzz/fuzz_gdb_%
endif
