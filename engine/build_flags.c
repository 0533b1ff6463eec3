// SPDX-License-Identifier: ISC
/*
 * Programs of the host are linked with its C library and with what pkg-config says. Bare images see
 * nothing of the host but its compiler: headers and libraries are those beside mirage, and what was
 * linked is checked before it is used.
 */
#include "engine/build_flags.h"
#include "engine/recipe.h"
#include "engine/target.h"

#include <string.h>

static void print_pkg_config(void *context, const struct package_request *package)
{
	if (package->pkg_config != NULL)
		fprintf(context, " %s", package->pkg_config);
}

/* Small is also fast to start; a program of the host is not counted by the kilobyte. */
static bool optimise_for_size(const struct project *project)
{
	return project->optimisation == OPTIMISE_SIZE;
}

/* Each function in its own section, optimised across files, without a path of this machine. */
static void print_common(const struct project *project, FILE *file)
{
	fprintf(file,
	        "CFLAGS := -std=gnu11 -%s -g -Wall -Wextra -Wdate-time $(LTO) "
	        "-ffunction-sections \\\n"
	        "\t-fdata-sections -fstack-protector-strong -fstack-clash-protection \\\n"
	        "\t-ffile-prefix-map='$(ROOT)'=mirage -ffile-prefix-map='$(CURDIR)'=. \\\n"
	        "\t$(QUOTE) -I'$(ROOT)'/include\n",
	        optimise_for_size(project) ? "Os" : "O2");
}

static void print_hosted_flags(const struct project *project, FILE *file)
{
	fputs("PKG_CONFIG :=", file);
	for_each_package(project->graph, project->target,
	                 &(struct package_visitor){ print_pkg_config, file });
	fputs("\n", file);
	print_common(project, file);
	fputs("CFLAGS += -fPIE -fno-plt -D_FORTIFY_SOURCE=2\n"
	      "LDFLAGS := -pie -Wl,--gc-sections -Wl,-z,relro,-z,now -Wl,-O1 -Wl,--as-needed \\\n"
	      "\t-Wl,--hash-style=gnu -Wl,--build-id=none -Wl,-Map=$(B)/image.map\n"
	      "ifneq ($(PKG_CONFIG),)\n"
	      "CFLAGS += $(shell pkg-config --cflags $(PKG_CONFIG))\n"
	      "LIBS := $(shell pkg-config --libs $(PKG_CONFIG))\n"
	      "endif\n",
	      file);
}

static void print_recipe(void *context, const struct package_request *package)
{
	fprintf(context, " $(%s)/packages/%s",
	        recipe_of_project(package->name) ? "RECIPES_BUILT" : "BARE", package->name);
}

/* The folders of what recipes build, which hold include/ and libNAME.a. */
static void print_recipe_flags(const struct project *project, FILE *file)
{
	fputs("RECIPES_BUILT := $(B)/$(ARCH)\nRECIPES :=", file);
	for_each_recipe(project->graph, project->target,
	                &(struct package_visitor){ print_recipe, file });
	fputs("\n"
	      "RECIPE_ARCHIVES := $(foreach folder,$(RECIPES),"
	      "$(folder)/lib$(notdir $(folder)).a)\n"
	      "CFLAGS += $(RECIPES:%=-isystem '%/include')\n"
	      "$(foreach archive,$(filter $(BARE)/%,$(RECIPE_ARCHIVES)),$(if "
	      "$(wildcard $(archive)),,$(error $(archive) is not there: mirage has not built this "
	      "package for $(ARCH). `make aarch64` in its sources builds those for aarch64)))\n",
	      file);
}

static void print_bare_flags(const struct project *project, FILE *file)
{
	fputs("# Part of the C library of images.\n"
	      "USER_LDFLAGS := $(filter-out -lm -lrt -lpthread -ldl,$(USER_LDFLAGS))\n"
	      "# The host's compiler, with no header or library of the host's system.\n"
	      "ARCH := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))\n"
	      "BARE := $(ROOT)/lib/mirage/bare/$(ARCH)\n"
	      "OBJDUMP := $(shell $(CC) -print-prog-name=objdump)\n"
	      "$(if $(wildcard $(LIB)/$(ARCH)/*.a),,$(error $(CC) compiles for $(ARCH), and mirage "
	      "has no libraries of target $(notdir $(LIB)) for it. `make aarch64` in its sources "
	      "builds those for aarch64))\n",
	      file);
	print_common(project, file);
	fputs("CFLAGS += -nostdinc -isystem '$(BARE)'/include \\\n"
	      "\t-isystem '$(shell $(CC) -print-file-name=include)' \\\n"
	      "\t-fno-pic -fno-pie $(if $(filter x86_64,$(ARCH)),-fcf-protection=none) "
	      "-fno-asynchronous-unwind-tables \\\n"
	      "\t-fno-unwind-tables\n"
	      "LDFLAGS := -static -no-pie -nostdlib -nostartfiles -L'$(BARE)' "
	      "-T '$(LIB)'/image.ld \\\n"
	      "\t-Wl,-z,max-page-size=0x1000 -Wl,-z,noexecstack -Wl,--gc-sections \\\n"
	      "\t-Wl,--build-id=none -Wl,-u,_start -Wl,-Map=$(B)/image.map\n",
	      file);
	print_recipe_flags(project, file);
}

void print_flags(const struct project *project, FILE *file)
{
	if (target_kind(project->target) == TARGET_HOSTED)
		print_hosted_flags(project, file);
	else
		print_bare_flags(project, file);
}

static void print_hosted_link(FILE *file)
{
	fputs("ARCHIVES := $(wildcard $(LIB)/*.a)\n\n"
	      "$(B)/image.debug: $(OBJECTS) $(ARCHIVES)\n"
	      "\t@$(call step,LINK,$(RESULT))\n"
	      "\t$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(OBJECTS) \\\n"
	      "\t\t-Wl,--start-group $(ARCHIVES) -Wl,--end-group $(USER_LDFLAGS) $(LIBS)\n",
	      file);
}

/* A recipe of the project's is built when anything in it has changed. */
static void print_recipe_rule(void *context, const struct package_request *package)
{
	const char *name = package->name;

	if (!recipe_of_project(name))
		return;
	fprintf(context,
	        "$(RECIPES_BUILT)/packages/%s/lib%s.a: $(shell find packages/%s -type f) "
	        "$(BARE)/libc.a\n"
	        "\t@$(call step,PACKAGE,packages/%s)\n"
	        "\t+$(Q)'$(ROOT)'/lib/mirage/packages/build.sh packages/%s $(ARCH) '$(CC)' "
	        "'$(BARE)' $(@D)/source $(@D)\n\n",
	        name, name, name, name, name);
}

static void print_bare_link(const struct project *project, FILE *file)
{
	for_each_recipe(project->graph, project->target,
	                &(struct package_visitor){ print_recipe_rule, file });
	fputs("$(OBJECTS): $(RECIPE_ARCHIVES)\n\n", file);
	fputs("# What the tender must attach, as a note of the image.\n"
	      "$(B)/mirage/manifest.c: mirage/manifest.json\n"
	      "\t@mkdir -p $(@D)\n"
	      "\t$(Q)'$(ROOT)'/bin/solo5-elftool gen-manifest $< $@\n"
	      "$(B)/mirage/manifest.o: $(B)/mirage/manifest.c mirage/build.mk\n"
	      "\t@$(call step,NOTE,mirage/manifest.json)\n"
	      "\t$(Q)$(CC) $(CFLAGS) -fno-lto -c -o $@ $<\n\n"
	      "ARCHIVES := $(wildcard $(LIB)/$(ARCH)/*.a $(BARE)/*.a) $(RECIPE_ARCHIVES)\n\n",
	      file);
	fprintf(file,
	        "$(B)/image.debug: $(OBJECTS) $(B)/mirage/manifest.o $(ARCHIVES) "
	        "$(LIB)/image.ld\n"
	        "\t@$(call step,LINK,$(RESULT))\n"
	        "\t$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(USER_LDFLAGS) -o $@ $(OBJECTS) \\\n"
	        "\t\t$(B)/mirage/manifest.o -Wl,--start-group $(ARCHIVES) -lgcc "
	        "-Wl,--end-group \\\n"
	        "\t\t2>$(B)/link.txt || { '$(ROOT)'/bin/mirage check-image -t %s "
	        "--linker-failed $(B); exit 1; }\n"
	        "\t$(Q)'$(ROOT)'/bin/mirage check-image -t %s "
	        "--objdump='$(OBJDUMP)' $(B)\n",
	        project->target, project->target);
}

void print_link(const struct project *project, FILE *file)
{
	if (target_kind(project->target) == TARGET_HOSTED)
		print_hosted_link(file);
	else
		print_bare_link(project, file);
}
