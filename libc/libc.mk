# SPDX-License-Identifier: ISC
# The C library of images, one per architecture, in the shape in which it is installed:
#
#   build/lib/mirage/bare/ARCH/include   its headers
#   build/lib/mirage/bare/ARCH/libc.a    the library, without start-up, system calls and malloc
#
# For other rules:
#
#   $(LIBC_ARCHIVE)    the archive for $(ARCH); $(call libc_archive,ARCH) for another. Whatever is
#                      compiled with the headers needs it as an order-only prerequisite.
#   $(LIBC_INCLUDE)    compiler flags: these headers and the compiler's own, nothing of the host's;
#                      $(call libc_include,ARCH,COMPILER) for another
#   $(LIBC_COMPILER_aarch64)  the cross compiler; empty where it is not installed

LIBC_ARCHITECTURES := x86_64 aarch64
LIBC_COMPILER_$(ARCH) = $(CC)
ifneq ($(ARCH),aarch64)
LIBC_COMPILER_aarch64 := $(shell command -v aarch64-linux-gnu-gcc)
endif

libc_archive = $(B)/lib/mirage/bare/$(1)/libc.a
libc_include = -nostdinc -isystem $(B)/lib/mirage/bare/$(1)/include \
	-isystem $(shell $(2) -print-file-name=include)

LIBC_ARCHIVE := $(call libc_archive,$(ARCH))
LIBC_INCLUDE := $(call libc_include,$(ARCH),$(CC))

LIBC_INPUTS := $(wildcard libc/*.txt libc/*.lock) libc/build.sh tools/fetch_source.sh targets/bare/libc_block.h \
	$(shell find libc/overlay -type f)

# One rule for each architecture that has a compiler here.
define libc_rule
$(call libc_archive,$(1)): $(LIBC_INPUTS)
	@echo '  LIBC    $$@'
	+@libc/build.sh $(1) '$$(LIBC_COMPILER_$(1))' $(CURDIR)/$(O)/libc/$(1) $(CURDIR)/$$(@D)
endef
$(foreach architecture,$(LIBC_ARCHITECTURES),$(if $(LIBC_COMPILER_$(architecture)),$(eval $(call libc_rule,$(architecture)))))

LIBC_ARCHIVES := $(foreach architecture,$(LIBC_ARCHITECTURES),\
	$(if $(LIBC_COMPILER_$(architecture)),$(call libc_archive,$(architecture))))

.PHONY: libc
libc: $(LIBC_ARCHIVES) ## build the C library of images for every architecture with a compiler

# Tests: programs for Linux without the host's C library, for each architecture that has a compiler
# here. The first is the one of test/images/libc.
LIBC_PROGRAMS := test/images/libc/unikernel test/bare/echo
LIBC_TESTED := test/bare/linux.c targets/bare/libc_system_call.c targets/bare/malloc.c targets/bare/entropy.c \
	targets/bare/stack.c targets/bare/stack_check.c targets/bare/stack_protector.c targets/bare/current_runtime.c
libc_objects = $(patsubst %,$(O)/libc-test/$(1)/%.o,$(basename $(2)))

define libc_test_rules
$(O)/libc-test/$(1)/%.o: %.c Makefile libc/libc.mk | $(call libc_archive,$(1))
	@mkdir -p $$(@D)
	@$$(LIBC_COMPILER_$(1)) $$(COMMON) -I. -O2 -ffunction-sections -fdata-sections -fno-pie \
		-fstack-protector-strong $$(call libc_include,$(1),$$(LIBC_COMPILER_$(1))) -c -o $$@ $$<
$(O)/libc-test/$(1)/%.o: %.S Makefile
	@mkdir -p $$(@D)
	@$$(LIBC_COMPILER_$(1)) -c -o $$@ $$<
$(B)/test/bare/$(1)/libtested.a: $(call libc_objects,$(1),$(LIBC_TESTED) targets/bare/entropy_$(1).c \
		$(filter-out %.S,$(RUNTIME)) runtime/switch_$(1).S $(ARGUMENTS))
	@mkdir -p $$(@D)
	@rm -f $$@
	@ar rcsD $$@ $$^
$(B)/test/bare/$(1)/%: $(O)/libc-test/$(1)/%.o $(B)/test/bare/$(1)/libtested.a $(call libc_archive,$(1))
	@mkdir -p $$(@D)
	@$$(LIBC_COMPILER_$(1)) -static -no-pie -nostdlib -Wl,--gc-sections -o $$@ $$< \
		-Wl,--start-group $$(filter %.a,$$^) -lgcc -Wl,--end-group
LIBC_TESTS += $(LIBC_PROGRAMS:%=$(B)/test/bare/$(1)/%)
endef
$(foreach architecture,$(LIBC_ARCHITECTURES),$(if $(LIBC_COMPILER_$(architecture)),$(eval $(call libc_test_rules,$(architecture)))))

unit-tests: $(LIBC_TESTS)
