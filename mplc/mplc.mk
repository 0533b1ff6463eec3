# SPDX-License-Identifier: ISC
# The packet-format compiler, and the formats of the network core compiled with it.

MPLC := $(wildcard mplc/*.c)
# What generated code is linked with is part of the runtime library.
RUNTIME += $(wildcard net/packet/*.c)

# The C is generated below build/formats; headers are staged as <mirage/formats/NAME.h>, and the
# specifications where mplc finds them for imports.
G := $(B)/formats
FORMATS := $(sort $(wildcard net/formats/*.mpl))
FORMAT_NAMES := $(patsubst net/formats/%.mpl,%,$(FORMATS))
FORMAT_HEADERS := $(FORMAT_NAMES:%=$(G)/%.h)
STAGED += $(FORMAT_NAMES:%=$(B)/include/mirage/formats/%.h) \
	$(FORMAT_NAMES:%=$(B)/share/mirage/formats/%.mpl) $(B)/share/vim/vimfiles/syntax/mpl.vim \
	$(B)/share/emacs/site-lisp/mpl-mode.el $(patsubst mplc/editors/%,$(B)/share/mirage/%,$(wildcard mplc/editors/vscode/*))
LIBRARIES += $(B)/lib/mirage/unix/libmirage-formats.a $(B)/bin/mplc
MANUALS += $(B)/share/man/man1/mplc.1

$(B)/bin/mplc: $(call host_objects,$(MPLC) $(ARGUMENTS))
	@mkdir -p $(@D)
	@echo '  LD      $@'
	@$(CC) -o $@ $^

# The assembler reads it, so the compiler does not know.
$(call host_objects,mplc/emit_lua.c) $(call check_objects,mplc/emit_lua.c): mplc/dissector.lua

$(B)/share/man/man1/mplc.1: mplc/mplc.1
	@mkdir -p $(@D)
	@cp $< $@
$(B)/share/mirage/formats/%.mpl: net/formats/%.mpl
	@mkdir -p $(@D)
	@cp $< $@
$(B)/share/vim/vimfiles/syntax/mpl.vim: mplc/editors/mpl.vim
	@mkdir -p $(@D)
	@cp $< $@
$(B)/share/emacs/site-lisp/mpl-mode.el: mplc/editors/mpl-mode.el
	@mkdir -p $(@D)
	@cp $< $@
$(B)/share/mirage/vscode/%: mplc/editors/vscode/%
	@mkdir -p $(@D)
	@cp $< $@

# A stamp stands for the three files that one run writes.
$(G)/%.mplc: net/formats/%.mpl $(B)/bin/mplc
	@mkdir -p $(@D)
	@echo '  MPLC    $<'
	@$(B)/bin/mplc --fuzz --output=$(G) --dependencies=$(G)/$*.d $<
	@sed -i 's|^$(G)/$*\.c .*:|$@:|' $(G)/$*.d
	@touch $@
$(FORMAT_HEADERS): $(G)/%.h: $(G)/%.mplc ;
$(FORMAT_NAMES:%=$(G)/%.c): $(G)/%.c: $(G)/%.mplc ;
$(B)/include/mirage/formats/%.h: $(G)/%.h
	@mkdir -p $(@D)
	@cp $< $@
-include $(FORMAT_NAMES:%=$(G)/%.d)

$(B)/lib/mirage/unix/libmirage-formats.a: $(FORMAT_NAMES:%=$(O)/image/formats/%.o)
	$(archive)
$(O)/image/formats/%.o: $(G)/%.c | $(FORMAT_HEADERS)
	$(call compile,$(IMAGE_FLAGS) -iquote $(G))
$(O)/check/formats/%.o: $(G)/%.c | $(FORMAT_HEADERS)
	$(call compile,$(CHECK_FLAGS) -iquote $(G))

# Specifications of the tests, the historical ones among them, below build/test/mplc.
M := $(B)/test/mplc
TEST_SPECS := $(sort $(wildcard test/mplc/*.mpl test/mplc/historical/*.mpl))
TEST_SPEC_NAMES := $(patsubst test/mplc/%.mpl,%,$(TEST_SPECS))

$(M)/%.mplc: test/mplc/%.mpl $(B)/bin/mplc $(TEST_SPECS)
	@mkdir -p $(@D)
	@echo '  MPLC    $<'
	@$(B)/bin/mplc --fuzz --json --output=$(@D) $<
	@touch $@
$(TEST_SPEC_NAMES:%=$(M)/%.h): $(M)/%.h: $(M)/%.mplc ;
$(TEST_SPEC_NAMES:%=$(M)/%.c): $(M)/%.c: $(M)/%.mplc ;
$(O)/check/specs/%.o: $(M)/%.c | $(TEST_SPEC_NAMES:%=$(M)/%.h)
	$(call compile,$(CHECK_FLAGS))

HISTORICAL := $(filter historical/%,$(TEST_SPEC_NAMES))
FEATURES := $(filter-out historical/%,$(TEST_SPEC_NAMES))
$(addprefix $(O)/check/test/unit/test_,mplc_historical.o mplc_features.o): \
	| $(FORMAT_HEADERS) $(TEST_SPEC_NAMES:%=$(M)/%.h)
$(O)/check/test/unit/test_mplc_historical.o: CHECK_FLAGS += -iquote $(M)/historical
$(O)/check/test/unit/test_mplc_features.o: CHECK_FLAGS += -iquote $(M)
$(B)/test/unit/test_mplc_historical: $(HISTORICAL:%=$(O)/check/specs/%.o)
$(B)/test/unit/test_mplc_features: $(FEATURES:%=$(O)/check/specs/%.o)
# The tests of the compiler itself bring no main of its.
MPLC_CHECKED := $(filter-out mplc/main.c,$(MPLC))
$(B)/test/unit/test_mplc_errors: $(call check_objects,$(MPLC_CHECKED))

# What mplc --fuzz writes, as programs that run on random bytes.
PROPERTIES := $(FORMAT_NAMES:%=$(B)/test/property/formats/%) $(TEST_SPEC_NAMES:%=$(B)/test/property/%)
PROPERTY_FLAGS = $(CHECK_FLAGS) -DMPLC_PROPERTY_MAIN
$(B)/test/property/formats/%: $(G)/%.c $(FORMAT_NAMES:%=$(O)/check/formats/%.o) $(B)/test/libchecked.a
	@mkdir -p $(@D)
	@echo '  CC      $@'
	@$(CC) $(filter-out -MMD -MP,$(PROPERTY_FLAGS)) -o $@ $(G)/$*_fuzz.c $(filter %.o %.a,$^)
$(B)/test/property/historical/%: $(M)/historical/%.c $(B)/test/libchecked.a
	@mkdir -p $(@D)
	@echo '  CC      $@'
	@$(CC) $(filter-out -MMD -MP,$(PROPERTY_FLAGS)) -o $@ $(M)/historical/$*_fuzz.c $^
$(B)/test/property/%: $(M)/%.c $(FEATURES:%=$(O)/check/specs/%.o) $(B)/test/libchecked.a
	@mkdir -p $(@D)
	@echo '  CC      $@'
	@$(CC) $(filter-out -MMD -MP,$(PROPERTY_FLAGS)) -o $@ $(M)/$*_fuzz.c $(filter %.o %.a,$^)
.PHONY: properties
properties: $(PROPERTIES)

# The same as fuzz targets. Some specifications import others, whose code comes along.
MPLC_FUZZED := $(FORMAT_NAMES:%=formats/%) $(TEST_SPEC_NAMES)
MPLC_FUZZ_FLAGS = -std=gnu11 -D_GNU_SOURCE -Iinclude -g -O1 -fsanitize=fuzzer,address,undefined \
	-fno-sanitize-recover=all
.PHONY: mplc-fuzz-targets
mplc-fuzz-targets: $(MPLC_FUZZED:%=$(B)/fuzz/specs/%)
MPLC_FUZZ_SUPPORT := $(wildcard net/packet/*.c) runtime/checksum.c arguments/address.c
$(B)/fuzz/specs/support.a: $(MPLC_FUZZ_SUPPORT:%.c=$(O)/fuzz/%.o)
	@mkdir -p $(@D)
	@rm -f $@
	@ar rcsD $@ $^
$(B)/fuzz/specs/formats/%: $(G)/%.c $(B)/fuzz/specs/support.a
	@mkdir -p $(@D)
	@$(CLANG) $(MPLC_FUZZ_FLAGS) -o $@ $(G)/$*_fuzz.c $< $(if $(filter ipv6,$*),$(G)/ipv4.c) $(B)/fuzz/specs/support.a
$(B)/fuzz/specs/historical/%: $(M)/historical/%.c $(B)/fuzz/specs/support.a
	@mkdir -p $(@D)
	@$(CLANG) $(MPLC_FUZZ_FLAGS) -o $@ $(M)/historical/$*_fuzz.c $^
$(B)/fuzz/specs/%: $(M)/%.c $(B)/fuzz/specs/support.a
	@mkdir -p $(@D)
	@$(CLANG) $(MPLC_FUZZ_FLAGS) -o $@ $(M)/$*_fuzz.c $< $(if $(filter features,$*),$(M)/imported.c) $(B)/fuzz/specs/support.a
$(B)/fuzz/specs/formats/ipv6: $(G)/ipv4.c
$(B)/fuzz/specs/features: $(M)/imported.c


$(B)/bench/bench_mpl: $(B)/lib/mirage/unix/libmirage-formats.a $(wildcard bench/mpl/*.c) $(wildcard bench/mpl/*.h) | $(STAGED)
$(B)/bench/bench_mpl: BENCH_FLAGS += -I$(B)/include
$(B)/bench/bench_mpl: BENCH_LIBS := $(if $(wildcard /usr/include/libnet.h),-lnet)

# The parsers of the network core's formats against tshark: test/e2e/formats.py.
$(O)/check/test/e2e/formats/decode.o: CHECK_FLAGS += -I$(B)/include
$(O)/check/test/e2e/formats/decode.o: | $(STAGED)
$(B)/test/formats_decode: $(O)/check/test/e2e/formats/decode.o $(FORMAT_NAMES:%=$(O)/check/formats/%.o) $(B)/test/libchecked.a
	@mkdir -p $(@D)
	@$(CC) -fsanitize=address,undefined -o $@ $^
