# SPDX-License-Identifier: ISC
# Packages that are built from source for images, each from its recipe, packages/NAME:
#
#   build/lib/mirage/bare/ARCH/packages/NAME/libNAME.a   with include/ and licenses/ beside it
#   build/lib/mirage/packages/                           what builds the recipes of projects
#
# For other rules:
#
#   $(call package_archive,ARCH,NAME)   the archive
#   $(call package_include,ARCH,NAME)   compiler flags for what includes the package's headers
#   $(MBEDTLS_OF_HOST)                  the archive for programs of this machine

PACKAGES := $(notdir $(patsubst %/recipe.mk,%,$(wildcard packages/*/recipe.mk)))
PACKAGE_TOOLS := $(addprefix $(B)/lib/mirage/packages/,build.sh package.mk fetch_source.sh)

package_archive = $(B)/lib/mirage/bare/$(1)/packages/$(2)/lib$(2).a
package_include = -isystem $(B)/lib/mirage/bare/$(1)/packages/$(2)/include
package_archives = $(foreach name,$(PACKAGES),$(call package_archive,$(1),$(name)))

define package_rule
$(call package_archive,$(1),$(2)): $(shell find packages/$(2) -type f) packages/build.sh packages/package.mk \
		tools/fetch_source.sh $(call libc_archive,$(1))
	@echo '  PACKAGE $$@'
	+@packages/build.sh packages/$(2) $(1) '$$(LIBC_COMPILER_$(1))' $(B)/lib/mirage/bare/$(1) \
		$(B)/packages/$(1)/$(2) $$(@D)
endef
$(foreach architecture,$(LIBC_ARCHITECTURES),$(if $(LIBC_COMPILER_$(architecture)),\
	$(foreach name,$(PACKAGES),$(eval $(call package_rule,$(architecture),$(name))))))

# What `mirage` itself needs: it starts faster than with a shared library.
MBEDTLS_OF_HOST := $(B)/packages/host/result/libmbedtls.a
$(MBEDTLS_OF_HOST): $(call package_archive,$(ARCH),mbedtls)
	@echo '  PACKAGE $@'
	+@packages/build.sh packages/mbedtls $(ARCH) '$(CC)' host $(B)/packages/host/mbedtls $(@D)

$(B)/lib/mirage/packages/%: packages/%
	@mkdir -p $(@D)
	@cp $< $@
$(B)/lib/mirage/packages/%: tools/%
	@mkdir -p $(@D)
	@cp $< $@

ALL_PACKAGES := $(foreach architecture,$(LIBC_ARCHITECTURES),$(if $(LIBC_COMPILER_$(architecture)),\
	$(call package_archives,$(architecture))))

.PHONY: packages
packages: $(ALL_PACKAGES) ## build the packages of images for every architecture with a compiler

all: $(call package_archives,$(ARCH)) $(PACKAGE_TOOLS)
