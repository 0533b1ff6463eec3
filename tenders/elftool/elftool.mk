# SPDX-License-Identifier: ISC

ELFTOOL := $(wildcard tenders/elftool/*.c)
TENDERS += $(B)/bin/solo5-elftool
TENDER_CHECKED += tenders/elftool/json.c tenders/elftool/source.c

# Not in a hurry, so linked as usual.
$(B)/bin/solo5-elftool: $(call tender_objects,$(ELFTOOL)) $(O)/tender/libtender.a
	@mkdir -p $(@D)
	@echo '  LD      $@'
	@$(CC) -pie -o $@ $^ -ljansson
