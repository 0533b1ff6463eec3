# SPDX-License-Identifier: ISC
# The tenders and elftool. Position independent and static: they have to be out of the way of images
# at low addresses, and start fast.

TENDER_SHARED := $(wildcard $(addsuffix /*.c,$(addprefix tenders/,report elf manifest options devices launch seccomp)))
TENDER_FLAGS := $(HOST_FLAGS) -fPIE -ffunction-sections -fdata-sections
TENDER_LINK := -static-pie -Wl,--gc-sections -Wl,-z,relro,-z,now

tender_objects = $(patsubst %,$(O)/tender/%.o,$(basename $(1)))

$(O)/tender/%.o: %.c Makefile tenders/tenders.mk
	$(call compile,$(TENDER_FLAGS))
$(O)/tender/%.o: %.S Makefile tenders/tenders.mk
	$(call compile,$(TENDER_FLAGS))

$(O)/tender/libtender.a: $(call tender_objects,$(TENDER_SHARED))
	$(archive)

define tender_link
	@mkdir -p $(@D)
	@echo '  LD      $@'
	@$(CC) $(TENDER_LINK) -o $@ $^ $(1)
endef

# Each tender's manual is manual.1 in its folder.
TENDER_MANUALS := $(patsubst tenders/%/manual.1,$(B)/share/man/man1/solo5-%.1,$(wildcard tenders/*/manual.1))

$(B)/share/man/man1/solo5-%.1: tenders/%/manual.1
	@mkdir -p $(@D)
	@cp $< $@

# Names that a tender's own makefile adds to.
TENDERS :=
# Of the tenders, what unit tests and fuzz targets are linked with.
TENDER_CHECKED := $(TENDER_SHARED)
# Tests of what this architecture does not have.
NOT_CHECKED :=

include $(wildcard tenders/*/*.mk)

all: $(TENDERS) $(TENDER_MANUALS)
