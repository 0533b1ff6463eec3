# SPDX-License-Identifier: ISC
# Tests. Unit tests link the library sources compiled with ASan and UBSan.

T := $(B)/test

# All of the unix target but main(), which the tests bring themselves.
UNIX_CHECKED := $(filter-out targets/unix/main.c,$(UNIX))

CHECKED := $(call check_objects,$(ARGUMENTS) $(RUNTIME) $(STORAGE) $(NET) $(UNIX_CHECKED) $(BARE_CHECKED) $(VIRTUAL) $(CONFIG_CHECKED) $(ENGINE) \
	cli/run_devices.c cli/run_words.c cli/version.c $(TENDER_CHECKED))
UNIT_TESTS := $(patsubst test/unit/%.c,$(T)/unit/%,$(filter-out $(NOT_CHECKED),$(wildcard test/unit/test_*.c)))

$(T)/libchecked.a: $(CHECKED)
	$(archive)

$(T)/unit/%: $(O)/check/test/unit/%.o $(O)/check/test/unit/run_group.o $(T)/libchecked.a
	@mkdir -p $(@D)
	@$(CC) -fsanitize=address,undefined -o $@ $(filter %.o,$^) $(filter %.a,$^) \
		-Wl,--wrap=_cmocka_run_group_tests -lcmocka -ljansson -Wl,--as-needed -lcrypto $(LINK)

# Memory runs out where the test wants it to.
$(T)/unit/test_block_memory: private LINK := -Wl,--wrap=malloc,--wrap=calloc

# Both targets have a block_of_file; this test is of the one that the library has not.
$(T)/unit/test_solo5_block: $(O)/check/targets/solo5/block_of_file.o

# Ciphers of images, in a program of the host: what was compiled for images stands at a fixed address.
MBEDTLS := $(call package_archive,$(ARCH),mbedtls)
$(O)/check/targets/bare/cipher.o: $(MBEDTLS)
$(O)/check/targets/bare/cipher.o: CHECK_FLAGS += $(call package_include,$(ARCH),mbedtls)
$(T)/unit/test_cipher_bare: $(O)/check/targets/bare/cipher.o $(MBEDTLS)
$(T)/unit/test_cipher_bare: private LINK := -no-pie -Wl,--wrap=mbedtls_aesni_has_support

# littlefs's reference implementation, from a source archive, for a test that works together with it.
# Where it cannot be had the library is empty, and old, so that the next make tries again.
REFERENCE := $(O)/littlefs-reference

$(REFERENCE)/libreference.a: test/unit/littlefs_reference.lock tools/fetch_source.sh
	@rm -rf $(@D) && mkdir -p $(@D)
	@if archive=$$(tools/fetch_source.sh $<); then \
		tar -xJf "$$archive" -C $(@D) --strip-components=3 --wildcards '*/lib/littlefs/lfs2*' && \
		cd $(@D) && $(CC) -O1 -g -w -DLFS2_NO_DEBUG -DLFS2_NO_WARN -DLFS2_NO_ERROR \
			-fsanitize=address -c lfs2.c lfs2_util.c && ar rcs $(@F) lfs2.o lfs2_util.o; \
	else ar rcs $@ && touch -d @0 $@; fi

$(O)/check/test/unit/test_littlefs_reference.o: $(REFERENCE)/libreference.a
$(O)/check/test/unit/test_littlefs_reference.o: private CHECK_FLAGS += -isystem $(REFERENCE)
$(T)/unit/test_littlefs_reference: $(REFERENCE)/libreference.a

.SECONDARY:

UNIT_PROGRAMS := --limit=600 $(foreach test,$(UNIT_TESTS),'$(test)')

.PHONY: unit
unit: $(UNIT_TESTS) ## build and run the unit tests only
	@test/run.sh $(UNIT_PROGRAMS)

include test/images/hvt/hvt.mk
include test/fuzz/fuzz.mk
include test/images/images.mk

E2E_SUITES := $(wildcard test/e2e/*.bats)
TRANSCRIPTS := $(sort $(shell grep -rl '^```console' --include='*.md' README.md docs examples 2>/dev/null))

# Every kind of test as one command line, for test/run.sh to count: long ones before short ones, or the
# last would run alone.
define TEST_PROGRAMS
$(UNIT_PROGRAMS) --limit=900 \
$(foreach suite,$(E2E_SUITES),'bats --tap $(suite)') \
'test/fuzz/smoke.sh' 'test/e2e/examples.py spt' 'test/e2e/examples.py hvt' 'test/e2e/formats.py' 'test/e2e/dissectors.py' 'test/e2e/mplc_random.py' \
$(foreach script,$(wildcard test/unit/*.sh),'$(script)') \
$(foreach readme,$(TRANSCRIPTS),'test/e2e/transcript.py $(readme)')
endef

# The spt tender for aarch64 as QEMU's user emulation can run it: without its filter.
UNCONFINED := $(T)/aarch64/solo5-spt

$(UNCONFINED): $(TENDER_SHARED) $(filter-out tenders/spt/confine.c,$(wildcard tenders/spt/*.c)) \
		tenders/spt/start_aarch64.S test/images/unconfined.c
	@mkdir -p $(@D)
	@echo '  LD      $@'
	@$(LIBC_COMPILER_aarch64) $(filter-out -MMD -MP,$(TENDER_FLAGS)) $(TENDER_LINK) -o $@ $^

CROSS := $(if $(LIBC_COMPILER_aarch64),aarch64 $(UNCONFINED))

# By a make of their own each: only after the setup is it known what this machine has.
.PHONY: test test-programs
test: ## set up, build and run all tests; ends with N passed, N failed, N skipped
	@tools/setup.sh build test
	@$(MAKE) --no-print-directory -j$$(nproc) test-programs
	@test/run.sh $(TEST_PROGRAMS)
test-programs: all unit-tests $(CROSS)

.PHONY: unit-tests
unit-tests: $(UNIT_TESTS) $(T)/unit/failing_fiber $(B)/test/formats_decode
