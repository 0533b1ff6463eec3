# SPDX-License-Identifier: ISC

SPT_TENDER := $(wildcard tenders/spt/*.c) tenders/spt/start_$(ARCH).S
TENDERS += $(B)/bin/solo5-spt

$(B)/bin/solo5-spt: $(call tender_objects,$(SPT_TENDER)) $(O)/tender/libtender.a
	$(tender_link)
