# SPDX-License-Identifier: ISC
# Mirage for C. `make try` and `make test` are the two commands to know; `make help` lists the rest.
#
# Everything is built under build/, which has the shape of an installation: build/bin/mirage finds
# its libraries and headers beside itself, so it runs uninstalled, and `make install` copies it.

VERSION := 0.1.0
PREFIX ?= $(HOME)/mir-inst
B := build
O := $(B)/objects

CC := gcc
AR := gcc-ar
CLANG := clang
ARCH := $(shell uname -m)

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wpointer-arith -Wcast-qual -Wcast-align \
	-Wwrite-strings -Wvla -Wundef -Wformat=2 -Wimplicit-fallthrough -Wswitch-enum \
	-Wredundant-decls -Wdate-time -Wlogical-op -Wduplicated-cond -Wduplicated-branches \
	-Walloca -Wno-format-truncation -Werror
COMMON := -std=gnu11 -D_GNU_SOURCE -Iinclude -g -ffile-prefix-map=$(CURDIR)=. $(WARNINGS) -MMD -MP

# What is linked into images: small, each function in its own section, optimised at link time.
IMAGE_FLAGS := $(COMMON) -I. -Wframe-larger-than=1024 -O2 -flto=auto -ffat-lto-objects \
	-ffunction-sections -fdata-sections -fPIE -fno-plt
# What runs on the developer's machine.
HOST_FLAGS := $(COMMON) -I. -O2 -DMIRAGE_VERSION='"$(VERSION)"'
# The same sources under test.
CHECK_FLAGS := $(COMMON) -I. -O1 -DMIRAGE_VERSION='"$(VERSION)"' -fsanitize=address,undefined \
	-fno-sanitize-recover=all -fno-omit-frame-pointer

HEADERS := $(wildcard include/mirage/*.h)
ARGUMENTS := $(wildcard arguments/*.c)
RUNTIME := $(wildcard runtime/*.c) runtime/switch_$(ARCH).S
STORAGE := $(wildcard storage/*/*.c)
NET := $(wildcard net/*.c net/device/*.c)
UNIX := $(wildcard targets/unix/*.c)
VIRTUAL := $(wildcard targets/virtual/*.c)
CONFIG := $(wildcard config/*.c)
ENGINE := $(wildcard engine/*.c)
CLI := $(wildcard cli/*.c)

image_objects = $(patsubst %,$(O)/image/%.o,$(basename $(1)))
host_objects = $(patsubst %,$(O)/host/%.o,$(basename $(1)))
check_objects = $(patsubst %,$(O)/check/%.o,$(basename $(1)))

STAGED := $(patsubst include/%,$(B)/include/%,$(HEADERS))
LIBRARIES := $(B)/lib/mirage/unix/libmirage-runtime.a $(B)/lib/mirage/unix/libmirage-unix.a \
	$(B)/lib/mirage/unix/libmirage-storage.a $(B)/lib/mirage/unix/libmirage-net.a \
	$(B)/lib/mirage/libmirage-config.a

WRAPPERS := $(addprefix $(B)/bin/,mir-unix-direct mir-unix-socket mir-xen)
COMMANDS := configure depends build run clean describe query crunch image new doctor symbolise help
MANUALS := $(B)/share/man/man1/mirage.1 $(COMMANDS:%=$(B)/share/man/man1/mirage-%.1) \
	$(B)/share/man/man5/mirage-config.5
COMPLETIONS := $(B)/share/bash-completion/completions/mirage \
	$(B)/share/zsh/site-functions/_mirage $(B)/share/fish/vendor_completions.d/mirage.fish

.DEFAULT_GOAL := all
include mplc/mplc.mk
include libc/libc.mk
include packages/packages.mk
include targets/targets.mk
.PHONY: all
all: $(STAGED) $(LIBRARIES) $(LIBC_ARCHIVE) $(TARGET_LIBRARIES) $(B)/bin/mirage $(WRAPPERS) $(MANUALS) $(COMPLETIONS) ## build everything

.PHONY: setup
setup: ## install the Debian packages that building and testing need
	@tools/setup.sh build test

.PHONY: try
try: ## set up, build, then configure, build and run the first tutorial
	@tools/setup.sh build
	@$(MAKE) --no-print-directory all
	@tools/try.sh $(B)

$(B)/include/%: include/%
	@mkdir -p $(@D)
	@cp $< $@

define archive
	@mkdir -p $(@D)
	@rm -f $@
	@echo '  AR      $@'
	@$(AR) rcsD $@ $^
endef

$(B)/lib/mirage/unix/libmirage-runtime.a: $(call image_objects,$(ARGUMENTS) $(RUNTIME))
	$(archive)
$(B)/lib/mirage/unix/libmirage-storage.a: $(call image_objects,$(STORAGE))
	$(archive)
$(B)/lib/mirage/unix/libmirage-net.a: $(call image_objects,$(NET))
	$(archive)
$(B)/lib/mirage/unix/libmirage-unix.a: $(call image_objects,$(UNIX))
	$(archive)
$(B)/lib/mirage/libmirage-config.a: $(call host_objects,$(CONFIG) $(ARGUMENTS))
	$(archive)

# What `mirage` has in common with images, to take from what it needs.
$(O)/libmirage-tool.a: $(call host_objects,$(STORAGE) $(RUNTIME) targets/unix/current_runtime.c targets/bare/cipher.c)
	$(archive)

# For the bill of materials: the C library that is in bare images.
$(O)/host/cli/query.o: HOST_FLAGS += -DMIRAGE_MUSL_VERSION='"$(shell sed -n 's/.*_\(.*\)\.orig.*/\1/p' libc/musl.lock)"'

$(O)/host/targets/bare/cipher.o: HOST_FLAGS += $(call package_include,$(ARCH),mbedtls)
$(O)/host/targets/bare/cipher.o: $(MBEDTLS_OF_HOST)

$(B)/bin/mirage: $(call host_objects,$(CLI) $(ENGINE) $(ARGUMENTS)) $(O)/libmirage-tool.a $(MBEDTLS_OF_HOST)
	@mkdir -p $(@D)
	@echo '  LD      $@'
	@$(CC) -o $@ $^ -ljansson

$(WRAPPERS): cli/mir.sh
	@mkdir -p $(@D)
	@cp $< $@

# Manual pages and completion come from the tables that --help prints.
define document
	@mkdir -p $(@D)
	@$(B)/bin/mirage help $(1) >$@.new
	@mv $@.new $@
endef

$(B)/share/man/man1/mirage.1: $(B)/bin/mirage
	$(call document,mirage --format=man)
$(B)/share/man/man1/mirage-%.1: $(B)/bin/mirage
	$(call document,$* --format=man)
$(B)/share/man/man5/mirage-config.5: $(B)/bin/mirage
	$(call document,config --format=man)
$(B)/share/bash-completion/completions/mirage: $(B)/bin/mirage
	$(call document,--completion=bash)
$(B)/share/zsh/site-functions/_mirage: $(B)/bin/mirage
	$(call document,--completion=zsh)
$(B)/share/fish/vendor_completions.d/mirage.fish: $(B)/bin/mirage
	$(call document,--completion=fish)

define compile
	@mkdir -p $(@D)
	@echo '  CC      $<'
	@$(CC) $(1) -c -o $@ $<
endef

$(O)/image/%.o: %.c Makefile
	$(call compile,$(IMAGE_FLAGS))
$(O)/image/%.o: %.S Makefile
	$(call compile,$(IMAGE_FLAGS))
$(O)/host/%.o: %.c Makefile
	$(call compile,$(HOST_FLAGS))
$(O)/host/%.o: %.S Makefile
	$(call compile,$(HOST_FLAGS))
$(O)/check/%.o: %.c Makefile
	$(call compile,$(CHECK_FLAGS))
$(O)/check/%.o: %.S Makefile
	$(call compile,$(CHECK_FLAGS))

include tenders/tenders.mk
include test/test.mk
include bench/bench.mk

# Folders below build/ that an installation consists of.
INSTALLED := bin include lib share

.PHONY: install
install: all ## copy the result to PREFIX (default ~/mir-inst)
	@mkdir -p '$(DESTDIR)$(PREFIX)/lib/mirage'
	@(cd $(B) && find $(INSTALLED) -type f | LC_ALL=C sort) \
		>'$(DESTDIR)$(PREFIX)/lib/mirage/installed.txt'
	@tar -C $(B) -cf - -T - <'$(DESTDIR)$(PREFIX)/lib/mirage/installed.txt' | \
		tar -C '$(DESTDIR)$(PREFIX)' -xf -
	@echo 'Installed in $(DESTDIR)$(PREFIX). Add its bin folder to PATH:'
	@echo '  export PATH=$(PREFIX)/bin:$$PATH'

.PHONY: uninstall
uninstall: ## remove what `make install` put into PREFIX
	@tools/uninstall.sh '$(DESTDIR)$(PREFIX)'

.PHONY: dist
dist: ## pack the sources under version control as build/mirage-VERSION.tar.gz
	@mkdir -p $(B)
	@git archive --format=tar --prefix=mirage-$(VERSION)/ HEAD | gzip -n >$(B)/mirage-$(VERSION).tar.gz
	@echo '$(B)/mirage-$(VERSION).tar.gz'

.PHONY: lint
lint: ## check format and look for mistakes with clang-tidy, cppcheck and shellcheck
	@tools/setup.sh build test lint
	@$(MAKE) --no-print-directory all
	@tools/lint.sh

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z][a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' Makefile libc/libc.mk packages/packages.mk targets/targets.mk test/*.mk test/fuzz/fuzz.mk bench/bench.mk | \
		awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

.PHONY: clean
clean: ## remove build/
	rm -rf $(B)

-include $(shell find $(O) -name '*.d' 2>/dev/null)
