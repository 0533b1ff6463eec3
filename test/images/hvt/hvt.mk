# SPDX-License-Identifier: ISC
# Freestanding hvt images for the tests of the tender. Each file here is one, but for those that all
# share.

HVT_IMAGE_SHARED := test/images/hvt/start.c test/images/hvt/trap.c
HVT_IMAGES := $(patsubst test/images/hvt/%.c,$(T)/images/%.hvt, \
	$(filter-out $(HVT_IMAGE_SHARED),$(wildcard test/images/hvt/*.c)))

# Integers only, so that kinds of KVM that emulate guests run them too; but for the one about floats.
HVT_IMAGE_FLAGS := -std=gnu11 -I. -g -O2 -ffreestanding -fno-pic -fno-stack-protector \
	-fcf-protection=none -mno-red-zone -ffile-prefix-map=$(CURDIR)=. $(WARNINGS) \
	-Wno-missing-prototypes -MMD -MP
HVT_IMAGE_REGISTERS := -mgeneral-regs-only
$(O)/hvt-image/test/images/hvt/sse.o: HVT_IMAGE_REGISTERS := -msse2
HVT_IMAGE_LINK := -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,max-page-size=0x1000 \
	-Wl,--no-warn-rwx-segments
HVT_IMAGE_LAYOUT := test/images/hvt/image.ld
$(T)/images/solo5.hvt: HVT_IMAGE_LAYOUT := test/images/hvt/solo5.ld

$(O)/hvt-image/%.o: %.c Makefile test/images/hvt/hvt.mk
	$(call compile,$(HVT_IMAGE_FLAGS) $(HVT_IMAGE_REGISTERS))

$(T)/images/%.hvt: $(O)/hvt-image/test/images/hvt/%.o \
		$(patsubst %.c,$(O)/hvt-image/%.o,$(HVT_IMAGE_SHARED)) $(wildcard test/images/hvt/*.ld)
	@mkdir -p $(@D)
	@echo '  IMAGE   $@'
	@$(CC) $(HVT_IMAGE_LINK) -T $(HVT_IMAGE_LAYOUT) -o $@ $(filter %.o,$^)

ifeq ($(ARCH),x86_64)
unit-tests: $(HVT_IMAGES)
endif
