# SPDX-License-Identifier: ISC
# Compile a package for images. packages/build.sh runs this in the folder of its unpacked source, with
#
#   NAME, RECIPE      the package's, and the folder of its recipe
#   CC, ARCH, LIBC    the compiler, what it compiles for, and the folder of the C library of images, or
#                     `host` to compile for programs of this machine
#   RESULT            where lib$(NAME).a, include/, licenses/ and source.lock go
#
# README.md says what a recipe sets.

include $(RECIPE)/recipe.mk

O := objects.mirage
AR := $(shell $(CC) -print-prog-name=ar)
# As images are compiled (engine/build_flags.c), but that a package is not optimised at link time.
BARE := -fno-pic -fno-pie $(if $(filter x86_64,$(ARCH)),-fcf-protection=none) -fno-asynchronous-unwind-tables \
	-fno-unwind-tables -ffile-prefix-map=$(LIBC)=mirage \
	-nostdinc -isystem $(LIBC)/include -isystem $(shell $(CC) -print-file-name=include)
CFLAGS := -O2 -g -ffunction-sections -fdata-sections -fstack-protector-strong -fstack-clash-protection \
	-ffile-prefix-map=$(CURDIR)=$(NAME) $(if $(filter host,$(LIBC)),-fPIE,$(BARE)) $(FLAGS)

FOUND := $(sort $(wildcard $(SOURCES)))
OBJECTS := $(FOUND:%=$(O)/%.o)
ifneq ($(MAKECMDGOALS),prepare)
$(foreach pattern,$(SOURCES),$(if $(wildcard $(pattern)),,$(error SOURCES: $(pattern) matches nothing)))
$(foreach folder,$(HEADERS),$(if $(wildcard $(folder)/*.h),,$(error HEADERS: $(folder) has none)))
endif

.PHONY: all prepare
all: $(RESULT)/lib$(NAME).a
prepare:
	$(PREPARE)

# The archive last: it is what others look at.
$(RESULT)/lib$(NAME).a: $(OBJECTS)
	rm -rf $(RESULT)/include $(RESULT)/licenses $@
	mkdir -p $(RESULT)/include $(RESULT)/licenses
	for folder in $(HEADERS); do \
		to=$(RESULT)/include/$${folder#include}; mkdir -p $$to && cp $$folder/*.h $$to || exit 1; done
	cp $(LICENSES) $(RESULT)/licenses
	cp $(RECIPE)/source.lock $(RESULT)
	$(AR) rcsD $@.new $(OBJECTS)
	mv $@.new $@

$(O)/%.c.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<
$(O)/%.S.o: %.S
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<
