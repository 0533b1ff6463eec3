# SPDX-License-Identifier: ISC
# What images without an operating system below are linked from:
#
#   build/lib/mirage/bare/ARCH/libmirage-runtime.a   arguments and runtime
#   build/lib/mirage/bare/ARCH/libmirage-net.a       network devices that are the same everywhere
#   build/lib/mirage/bare/ARCH/libmirage-formats.a   packet formats, in the C that mplc makes
#   build/lib/mirage/bare/ARCH/libmirage-storage.a   block devices and what stands on them
#   build/lib/mirage/bare/ARCH/libmirage-bare.a      start, heap, C library's system calls
#   build/lib/mirage/TARGET/ARCH/libmirage-TARGET.a  the target itself
#   build/lib/mirage/TARGET/image.ld                 how the image is laid out
#
# `make all` builds them for this machine's architecture, `make aarch64` with Debian's cross compiler.

# Like IMAGE_FLAGS, but at a fixed address, against the C library of images, and without unwind
# tables: nothing in an image reads them, and the debug information has its own.
BARE_FLAGS := $(COMMON) -I. -Wframe-larger-than=1024 -O2 -flto=auto -ffat-lto-objects \
	-ffunction-sections -fdata-sections -fno-pie -fno-asynchronous-unwind-tables \
	-fstack-protector-strong

# What of it runs anywhere, for the unit tests.
BARE_CHECKED := targets/bare/entropy.c targets/bare/command_line.c targets/solo5/log.c targets/solo5/manifest.c targets/solo5/wait.c targets/hvt/net_ring.c

# Sources for an architecture.
bare_sources = $(filter-out targets/bare/entropy_%,$(wildcard targets/bare/*.c)) targets/bare/entropy_$(1).c
runtime_sources = $(ARGUMENTS) $(filter-out runtime/switch_%,$(RUNTIME)) runtime/switch_$(1).S
solo5_sources = $(filter-out targets/solo5/note.c,$(wildcard targets/solo5/*.c))
hvt_sources = $(wildcard targets/hvt/*.[cS] targets/$(1)/*.[cS]) $(solo5_sources)
spt_sources = $(wildcard targets/spt/*.c) $(addprefix targets/spt/,entry_$(1).S system_call_$(1).S) $(solo5_sources)

# What runs once, at the start or the end, is made small.
cold_sources = $(ARGUMENTS) $(wildcard runtime/image*.c) runtime/calendar.c runtime/console_line.c \
	runtime/chacha20.c runtime/drbg.c $(filter-out targets/bare/malloc.c,$(bare_sources)) \
	targets/solo5/start.c

SOLO5_TARGETS_x86_64 := hvt spt
SOLO5_TARGETS_aarch64 := spt

# Objects of an architecture, and its libraries.
bare_objects = $(patsubst %,$(O)/bare/$(1)/%.o,$(basename $(2)))
bare_library = $(B)/lib/mirage/bare/$(1)/libmirage-$(2).a
target_library = $(B)/lib/mirage/$(2)/$(1)/libmirage-$(2).a
target_libraries = $(foreach name,runtime net formats storage bare,$(call bare_library,$(1),$(name))) \
	$(foreach target,$(SOLO5_TARGETS_$(1)),$(call target_library,$(1),$(target)) \
	$(B)/lib/mirage/$(target)/image.ld)

define bare_archive
	@mkdir -p $(@D)
	@rm -f $@
	@echo '  AR      $@'
	@$(if $(filter $(ARCH),$(1)),$(AR),$(LIBC_COMPILER_$(1))-ar) rcsD $@ $^
endef

define bare_compile
	@mkdir -p $(@D)
	@echo '  CC      $<'
	@$(LIBC_COMPILER_$(1)) $(BARE_FLAGS) $(call libc_include,$(1),$(LIBC_COMPILER_$(1))) $(2) -c -o $@ $<
endef

# The rules for architecture $(1).
define bare_rules
$(call bare_library,$(1),runtime): $(call bare_objects,$(1),$(call runtime_sources,$(1)))
	$$(call bare_archive,$(1))
$(call bare_library,$(1),net): $(call bare_objects,$(1),$(NET))
	$$(call bare_archive,$(1))
$(call bare_library,$(1),formats): $(FORMAT_NAMES:%=$(O)/bare/$(1)/formats/%.o)
	$$(call bare_archive,$(1))
$(call bare_library,$(1),storage): $(call bare_objects,$(1),$(STORAGE))
	$$(call bare_archive,$(1))
$(call bare_library,$(1),bare): $(call bare_objects,$(1),$(call bare_sources,$(1)))
	$$(call bare_archive,$(1))
$(call target_library,$(1),hvt): $(call bare_objects,$(1),$(call hvt_sources,$(1))) $(O)/bare/$(1)/note_hvt.o
	$$(call bare_archive,$(1))
$(call target_library,$(1),spt): $(call bare_objects,$(1),$(call spt_sources,$(1))) $(O)/bare/$(1)/note_spt.o
	$$(call bare_archive,$(1))

$(call bare_objects,$(1),$(call cold_sources,$(1))): BARE_FLAGS += -Os

$(O)/bare/$(1)/%.o: %.c Makefile targets/targets.mk | $(call libc_archive,$(1))
	$$(call bare_compile,$(1))
$(O)/bare/$(1)/formats/%.o: $(G)/%.c Makefile targets/targets.mk | $(call libc_archive,$(1)) $(FORMAT_HEADERS)
	$$(call bare_compile,$(1),-iquote $(G))
$(O)/bare/$(1)/%.o: %.S Makefile targets/targets.mk | $(call libc_archive,$(1))
	$$(call bare_compile,$(1))

$(O)/bare/$(1)/targets/bare/cipher.o: $(call package_archive,$(1),mbedtls)
$(O)/bare/$(1)/targets/bare/cipher.o: BARE_FLAGS += $(call package_include,$(1),mbedtls)

# The linker script finds these by their sections, so they stay out of link-time optimisation.
$(O)/bare/$(1)/note_hvt.o: targets/solo5/note.c Makefile targets/targets.mk | $(call libc_archive,$(1))
	$$(call bare_compile,$(1),-fno-lto -DSOLO5_NOTE_TARGET=SOLO5_TARGET_HVT -DSOLO5_NOTE_VERSION=2)
$(O)/bare/$(1)/note_spt.o: targets/solo5/note.c Makefile targets/targets.mk | $(call libc_archive,$(1))
	$$(call bare_compile,$(1),-fno-lto -DSOLO5_NOTE_TARGET=SOLO5_TARGET_SPT -DSOLO5_NOTE_VERSION=2)
endef
$(foreach architecture,$(LIBC_ARCHITECTURES),$(if $(LIBC_COMPILER_$(architecture)),$(eval $(call bare_rules,$(architecture)))))

$(B)/lib/mirage/%/image.ld: targets/solo5/image.ld
	@mkdir -p $(@D)
	@cp $< $@

TARGET_LIBRARIES := $(call target_libraries,$(ARCH))

.PHONY: aarch64
aarch64: $(call target_libraries,aarch64) $(call package_archives,aarch64) ## build what spt images for aarch64 need, with the cross compiler
