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
