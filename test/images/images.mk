# SPDX-License-Identifier: ISC
# Images that test the tenders; each is the probe with one manifest.

I := $(T)/images
IMAGE_MANIFESTS := $(patsubst test/images/%.json,%,$(wildcard test/images/*.json))
PROBES := $(IMAGE_MANIFESTS:%=$(I)/probe_%.spt) $(I)/target_hvt.spt $(I)/version_1.spt $(I)/layout_solo5.spt

PROBE_FLAGS_x86_64 := -fcf-protection=none -mno-red-zone

# Nothing of the library, of its flags or of the host's libc.
PROBE_FLAGS := -std=gnu11 -O1 -Wall -Wextra -Werror -ffreestanding -fno-pic -fno-stack-protector \
	-fno-asynchronous-unwind-tables -mgeneral-regs-only $(PROBE_FLAGS_$(ARCH))
PROBE_LINK := -static -nostdlib -no-pie -Wl,-z,max-page-size=0x1000 -Wl,-z,noexecstack \
	-Wl,--build-id=none -Wl,--no-warn-rwx-segments

$(I)/manifest_%.c: test/images/%.json $(B)/bin/solo5-elftool
	@mkdir -p $(@D)
	@$(B)/bin/solo5-elftool gen-manifest $< $@

define probe_link
	@echo '  IMAGE   $@'
	@$(CC) $(PROBE_FLAGS) $(PROBE_LINK) -Wl,-T,test/images/$(if $(2),$(2),image.ld) $(1) -o $@ test/images/spt/probe.c \
		test/images/spt/notes.S $(filter %.c,$(filter $(I)/%,$^))
endef

PROBE_SOURCES := $(wildcard test/images/spt/*) test/images/image.ld test/images/images.mk

$(I)/probe_%.spt: $(I)/manifest_%.c $(PROBE_SOURCES)
	$(call probe_link)
$(I)/target_hvt.spt: $(I)/manifest_none.c $(PROBE_SOURCES)
	$(call probe_link,-DABI_TARGET=1)
$(I)/version_1.spt: $(I)/manifest_none.c $(PROBE_SOURCES)
	$(call probe_link,-DABI_VERSION=1)

$(I)/layout_solo5.spt: $(I)/manifest_none.c $(PROBE_SOURCES) test/images/solo5.ld
	$(call probe_link,test/images/spt/solo5.c,solo5.ld)

.PHONY: probes
probes: $(PROBES)
unit-tests bench: probes
