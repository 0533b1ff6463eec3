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
	$(FORMAT_NAMES:%=$(B)/share/mirage/formats/%.mpl) $(B)/share/vim/vimfiles/syntax/mpl.vim
LIBRARIES += $(B)/lib/mirage/unix/libmirage-formats.a $(B)/bin/mplc
MANUALS += $(B)/share/man/man1/mplc.1

$(B)/bin/mplc: $(call host_objects,$(MPLC) $(ARGUMENTS))
	@mkdir -p $(@D)
	@echo '  LD      $@'
	@$(CC) -o $@ $^

$(B)/share/man/man1/mplc.1: mplc/mplc.1
	@mkdir -p $(@D)
	@cp $< $@
$(B)/share/mirage/formats/%.mpl: net/formats/%.mpl
	@mkdir -p $(@D)
	@cp $< $@
$(B)/share/vim/vimfiles/syntax/mpl.vim: mplc/mpl.vim
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
	$(call compile,$(IMAGE_FLAGS) -I$(G))
$(O)/check/formats/%.o: $(G)/%.c | $(FORMAT_HEADERS)
	$(call compile,$(CHECK_FLAGS) -I$(G))
