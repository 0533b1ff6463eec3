# SPDX-License-Identifier: ISC
# Fuzz targets: each test/fuzz/fuzz_NAME.c with the libraries of images and the engine, compiled by
# clang with libFuzzer, ASan and UBSan.

F := $(B)/fuzz
FUZZ_SECONDS ?= 60
FUZZ_SOURCES := $(filter-out $(NOT_CHECKED),$(wildcard test/fuzz/fuzz_*.c))
FUZZ_NAMES := $(patsubst test/fuzz/fuzz_%.c,%,$(FUZZ_SOURCES))
FUZZ_FLAGS := -std=gnu11 -D_GNU_SOURCE -Iinclude -I. -DMIRAGE_VERSION='"$(VERSION)"' -g -O1 \
	-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -MMD -MP

fuzz_objects = $(patsubst %,$(O)/fuzz/%.o,$(basename $(1)))
FUZZED := $(call fuzz_objects,$(MPLC_CHECKED) $(ARGUMENTS) $(RUNTIME) $(STORAGE) $(NET) $(VIRTUAL) $(ENGINE) \
	$(TENDER_CHECKED))

$(O)/fuzz/%.o: %.c Makefile
	@mkdir -p $(@D)
	@$(CLANG) $(FUZZ_FLAGS) -c -o $@ $<
$(O)/fuzz/%.o: %.S Makefile
	@mkdir -p $(@D)
	@$(CLANG) -c -o $@ $<

$(F)/libfuzzed.a: $(FUZZED)
	@mkdir -p $(@D)
	@rm -f $@
	@ar rcsD $@ $^

$(F)/%: $(O)/fuzz/test/fuzz/fuzz_%.o $(F)/libfuzzed.a
	@$(CLANG) -fsanitize=fuzzer,address,undefined -o $@ $^ -ljansson $(LINK)

# Its ciphers are unix's.
$(F)/block_ccm: $(O)/fuzz/targets/unix/cipher.o
$(F)/block_ccm: private LINK := -lcrypto

.PHONY: fuzz-targets
fuzz-targets: $(FUZZ_NAMES:%=$(F)/%)

.PHONY: fuzz
fuzz: fuzz-targets ## fuzz each parser for FUZZ_SECONDS (60)
	@set -e; for name in $(FUZZ_NAMES); do \
		echo "fuzz: $$name for $(FUZZ_SECONDS) s"; \
		mkdir -p $(F)/found/$$name; \
		$(F)/$$name -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 -verbosity=0 -close_fd_mask=3 \
			$(F)/found/$$name test/fuzz/corpus/$$name; \
	done
