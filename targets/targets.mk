# SPDX-License-Identifier: ISC
# What images without an operating system below are linked from:
#
#   build/lib/mirage/bare/ARCH/libmirage-runtime.a   arguments and runtime
#   build/lib/mirage/bare/ARCH/libmirage-net.a       network devices that are the same everywhere
#   build/lib/mirage/bare/ARCH/libmirage-storage.a   block devices and what stands on them
#   build/lib/mirage/bare/ARCH/libmirage-bare.a      start, heap, C library's system calls
#   build/lib/mirage/TARGET/libmirage-TARGET.a       the target itself
#   build/lib/mirage/TARGET/image.ld                 how the image is laid out

# Like IMAGE_FLAGS, but at a fixed address, against the C library of images, and without unwind
# tables: nothing in an image reads them, and the debug information has its own.
BARE_FLAGS := $(COMMON) -I. -Wframe-larger-than=1024 -O2 -flto=auto -ffunction-sections \
	-fdata-sections -fno-pie -fno-asynchronous-unwind-tables -fstack-protector-strong

BARE := $(filter-out targets/bare/entropy_%,$(wildcard targets/bare/*.c)) targets/bare/entropy_$(ARCH).c
SOLO5 := $(filter-out targets/solo5/note.c,$(wildcard targets/solo5/*.c))
PROCESSOR := $(wildcard targets/$(ARCH)/*.c targets/$(ARCH)/*.S)
HVT := $(wildcard targets/hvt/*.c targets/hvt/*.S)
SPT := $(wildcard targets/spt/*.c) targets/spt/entry_$(ARCH).S targets/spt/system_call_$(ARCH).S

# What of it runs anywhere, for the unit tests.
BARE_CHECKED := targets/bare/entropy.c targets/bare/command_line.c targets/solo5/log.c targets/solo5/manifest.c targets/solo5/wait.c

bare_objects = $(patsubst %,$(O)/bare/%.o,$(basename $(1)))

BARE_LIB := $(B)/lib/mirage/bare/$(ARCH)
TARGET_LIBRARIES := $(BARE_LIB)/libmirage-runtime.a $(BARE_LIB)/libmirage-net.a $(BARE_LIB)/libmirage-storage.a $(BARE_LIB)/libmirage-bare.a \
	$(foreach target,hvt spt,$(B)/lib/mirage/$(target)/libmirage-$(target).a \
	$(B)/lib/mirage/$(target)/image.ld)

$(BARE_LIB)/libmirage-runtime.a: $(call bare_objects,$(ARGUMENTS) $(RUNTIME))
	$(archive)
$(BARE_LIB)/libmirage-storage.a: $(call bare_objects,$(STORAGE))
	$(archive)
$(BARE_LIB)/libmirage-net.a: $(call bare_objects,$(NET))
	$(archive)
$(BARE_LIB)/libmirage-bare.a: $(call bare_objects,$(BARE))
	$(archive)
$(B)/lib/mirage/hvt/libmirage-hvt.a: $(call bare_objects,$(HVT) $(SOLO5) $(PROCESSOR)) $(O)/bare/note_hvt.o
	$(archive)
$(B)/lib/mirage/spt/libmirage-spt.a: $(call bare_objects,$(SPT) $(SOLO5)) $(O)/bare/note_spt.o
	$(archive)
$(B)/lib/mirage/%/image.ld: targets/solo5/image.ld
	@mkdir -p $(@D)
	@cp $< $@

# What runs once, at the start or the end, is made small.
COLD := $(call bare_objects,$(ARGUMENTS) $(wildcard runtime/image*.c) runtime/calendar.c runtime/console_line.c \
	runtime/chacha20.c runtime/drbg.c $(filter-out targets/bare/malloc.c,$(BARE)) targets/solo5/start.c)
$(COLD): BARE_FLAGS += -Os

$(O)/bare/%.o: %.c Makefile | $(LIBC_ARCHIVE)
	$(call compile,$(BARE_FLAGS) $(LIBC_INCLUDE))
$(O)/bare/%.o: %.S Makefile | $(LIBC_ARCHIVE)
	$(call compile,$(BARE_FLAGS) $(LIBC_INCLUDE))

# The linker script finds these by their sections, so they stay out of link-time optimisation.
$(O)/bare/note_hvt.o: targets/solo5/note.c Makefile | $(LIBC_ARCHIVE)
	$(call compile,$(BARE_FLAGS) $(LIBC_INCLUDE) -fno-lto -DSOLO5_NOTE_TARGET=SOLO5_TARGET_HVT -DSOLO5_NOTE_VERSION=2)
$(O)/bare/note_spt.o: targets/solo5/note.c Makefile | $(LIBC_ARCHIVE)
	$(call compile,$(BARE_FLAGS) $(LIBC_INCLUDE) -fno-lto -DSOLO5_NOTE_TARGET=SOLO5_TARGET_SPT -DSOLO5_NOTE_VERSION=2)
