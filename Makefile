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
IMAGE_FLAGS := $(COMMON) -Wframe-larger-than=1024 -O2 -flto=auto -ffat-lto-objects \
	-ffunction-sections -fdata-sections -fPIE -fno-plt
# What runs on the developer's machine.
HOST_FLAGS := $(COMMON) -I. -O2 -DMIRAGE_VERSION='"$(VERSION)"'
# The same sources under test.
CHECK_FLAGS := $(COMMON) -I. -O1 -DMIRAGE_VERSION='"$(VERSION)"' -fsanitize=address,undefined \
	-fno-sanitize-recover=all -fno-omit-frame-pointer

HEADERS := $(wildcard include/mirage/*.h)
ARGUMENTS := $(wildcard arguments/*.c)
RUNTIME := $(wildcard runtime/*.c) runtime/switch_$(ARCH).S
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
	$(B)/lib/mirage/libmirage-config.a

.DEFAULT_GOAL := all
.PHONY: all
all: $(STAGED) $(LIBRARIES) $(B)/bin/mirage ## build everything

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
$(B)/lib/mirage/unix/libmirage-unix.a: $(call image_objects,$(UNIX))
	$(archive)
$(B)/lib/mirage/libmirage-config.a: $(call host_objects,$(CONFIG) $(ARGUMENTS))
	$(archive)

$(B)/bin/mirage: $(call host_objects,$(CLI) $(ENGINE) $(ARGUMENTS))
	@mkdir -p $(@D)
	@echo '  LD      $@'
	@$(CC) -o $@ $^ -ljansson

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

include test/test.mk
include bench/bench.mk

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile test/test.mk bench/bench.mk | \
		awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

.PHONY: clean
clean: ## remove build/
	rm -rf $(B)

-include $(shell find $(O) -name '*.d' 2>/dev/null)
