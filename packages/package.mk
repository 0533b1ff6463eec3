# SPDX-License-Identifier: ISC
# Compile a package for images. packages/build.sh runs this in the folder of its unpacked source, where it
# has put recipe.mk as recipe.mirage, with
#
#   NAME              the package's
#   CC, ARCH, LIBC    the compiler, what it compiles for, and the folder of the C library of images, or
#                     `host` to compile for programs of this machine
#
# The result is staged.mirage/, with lib$(NAME).a, include/ and licenses/. Paths from outside may have
# blanks; those of the source may not. README.md says what a recipe sets.

include recipe.mirage

O := objects.mirage
STAGED := staged.mirage
AR := $(shell $(CC) -print-prog-name=ar)
# As images are compiled (engine/build_flags.c), but that a package is not optimised at link time.
BARE := -fno-pic -fno-pie $(if $(filter x86_64,$(ARCH)),-fcf-protection=none) -fno-asynchronous-unwind-tables \
	-fno-unwind-tables -ffile-prefix-map='$(LIBC)'=mirage \
	-nostdinc -isystem '$(LIBC)/include' -isystem $(shell $(CC) -print-file-name=include)
CFLAGS := -O2 -g -ffunction-sections -fdata-sections -fstack-protector-strong -fstack-clash-protection \
	-ffile-prefix-map='$(CURDIR)'=$(NAME) $(if $(filter host,$(LIBC)),-fPIE,$(BARE)) $(FLAGS)

FOUND := $(sort $(wildcard $(SOURCES)))
OBJECTS := $(FOUND:%=$(O)/%.o)
ifneq ($(MAKECMDGOALS),prepare)
$(foreach pattern,$(SOURCES),$(if $(wildcard $(pattern)),,$(error SOURCES: $(pattern) matches nothing)))
$(foreach folder,$(HEADERS),$(if $(wildcard $(folder)/*.h),,$(error HEADERS: $(folder) has none)))
endif

.PHONY: all prepare
all: $(OBJECTS)
	mkdir -p $(STAGED)/include $(STAGED)/licenses
	for folder in $(HEADERS); do \
		to=$(STAGED)/include/$${folder#include}; mkdir -p $$to && cp $$folder/*.h $$to || exit 1; done
	cp $(LICENSES) $(STAGED)/licenses
	$(AR) rcsD $(STAGED)/lib$(NAME).a $(OBJECTS)
prepare:
	$(PREPARE)

$(O)/%.c.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<
$(O)/%.S.o: %.S
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<
