// SPDX-License-Identifier: ISC
/* Completion scripts for bash, zsh and fish. */
#include "cli/completion.h"
#include "cli/command.h"
#include "cli/targets.h"

#include <string.h>

#define OPTIONS_MAX 64

static void put_commands(FILE *file)
{
	for (size_t i = 0; commands[i] != NULL; i++)
		fprintf(file, "%s%s", i > 0 ? " " : "", commands[i]->name);
}

static void put_targets(FILE *file)
{
	for (const struct target_description *t = target_descriptions; t->name != NULL; t++)
		fprintf(file, "%s%s", t == target_descriptions ? "" : " ", t->name);
}

/* "net:NAME": the user's word goes on where this one ends. */
static bool is_named(const struct argument *option)
{
	return strchr(option->names, ':') != NULL;
}

/* Long options: --name, or --name= where a value follows. */
static void put_long_options(const struct command *command, FILE *file)
{
	struct argument table[OPTIONS_MAX];
	size_t count = command_options(command, table, OPTIONS_MAX);

	for (size_t i = 0; i < count; i++) {
		int length = (int)argument_name_length(table[i].names);

		if (is_named(&table[i]))
			fprintf(file, "--%.*s: ", (int)strcspn(table[i].names, ":"),
			        table[i].names);
		else
			fprintf(file, "--%.*s%s ", length, table[i].names,
			        table[i].type == ARGUMENT_FLAG ? "" : "=");
	}
	fputs("--help", file);
}

void completion_bash(FILE *file)
{
	fputs("# bash completion for mirage(1), made by `mirage help --completion=bash`.\n"
	      "_mirage()\n{\n"
	      "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
	      "    COMPREPLY=()\n"
	      "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
	      "        mapfile -t COMPREPLY < <(compgen -W '",
	      file);
	put_commands(file);
	fputs("' -- \"$current\")\n        return\n    fi\n"
	      "    case $previous in\n"
	      "    -t|--target) mapfile -t COMPREPLY < <(compgen -W '",
	      file);
	put_targets(file);
	fputs("' -- \"$current\"); return ;;\n"
	      "    -f|--file) mapfile -t COMPREPLY < <(compgen -f -- \"$current\"); return ;;\n"
	      "    esac\n    case ${COMP_WORDS[1]} in\n",
	      file);
	for (size_t i = 0; commands[i] != NULL; i++) {
		fprintf(file, "    %s) mapfile -t COMPREPLY < <(compgen -W '", commands[i]->name);
		put_long_options(commands[i], file);
		fputs("' -- \"$current\") ;;\n", file);
	}
	fputs("    esac\n"
	      "    case ${COMPREPLY[0]} in *=|*:) compopt -o nospace ;; esac\n"
	      "}\ncomplete -F _mirage mirage\n",
	      file);
}

/* Text for single quotes, and for zsh without what its specs would read. */
static void put_description(const char *text, FILE *file)
{
	size_t length = strcspn(text, ".");

	for (size_t i = 0; i < length; i++)
		if (strchr("'[]:\\\"`$", text[i]) == NULL)
			fputc(text[i], file);
}

void completion_zsh(FILE *file)
{
	fputs("#compdef mirage\n"
	      "# zsh completion for mirage(1), made by `mirage help --completion=zsh`.\n"
	      "_mirage() {\n    if (( CURRENT == 2 )); then\n        local -a names\n"
	      "        names=(\n",
	      file);
	for (size_t i = 0; commands[i] != NULL; i++) {
		fprintf(file, "            '%s:", commands[i]->name);
		put_description(commands[i]->summary, file);
		fputs("'\n", file);
	}
	fputs("        )\n        _describe command names\n        return\n    fi\n"
	      "    case $words[2] in\n",
	      file);
	for (size_t i = 0; commands[i] != NULL; i++) {
		struct argument table[OPTIONS_MAX];
		size_t count = command_options(commands[i], table, OPTIONS_MAX);

		fprintf(file, "    %s)\n        _arguments \\\n", commands[i]->name);
		for (size_t j = 0; j < count; j++) {
			bool flag = table[j].type == ARGUMENT_FLAG;
			int length = (int)argument_name_length(table[j].names);

			if (is_named(&table[j]))
				fprintf(file, "            '--%.*s\\:-[",
				        (int)strcspn(table[j].names, ":"), table[j].names);
			else
				fprintf(file, "            '--%.*s%s[", length, table[j].names,
				        flag ? "" : "=");
			put_description(table[j].doc != NULL ? table[j].doc : "", file);
			fprintf(file, "]%s", flag ? "" : ":value:");
			if (strncmp(table[j].names, "target,", 7) == 0) {
				fputc('(', file);
				put_targets(file);
				fputc(')', file);
			} else if (strncmp(table[j].names, "file,", 5) == 0) {
				fputs("_files", file);
			}
			fputs("' \\\n", file);
		}
		fputs("            '--help[show the page]' ;;\n", file);
	}
	fputs("    esac\n}\ncompdef _mirage mirage\n", file);
}

void completion_fish(FILE *file)
{
	fputs("# fish completion for mirage(1), made by `mirage help --completion=fish`.\n"
	      "complete -c mirage -f\n",
	      file);
	for (size_t i = 0; commands[i] != NULL; i++) {
		struct argument table[OPTIONS_MAX];
		size_t count = command_options(commands[i], table, OPTIONS_MAX);

		fprintf(file, "complete -c mirage -n __fish_use_subcommand -a %s -d '",
		        commands[i]->name);
		put_description(commands[i]->summary, file);
		fputs("'\n", file);
		for (size_t j = 0; j < count; j++) {
			if (is_named(&table[j]))
				continue;
			fprintf(file,
			        "complete -c mirage -n '__fish_seen_subcommand_from %s' -l %.*s",
			        commands[i]->name, (int)argument_name_length(table[j].names),
			        table[j].names);
			if (strncmp(table[j].names, "target,", 7) == 0) {
				fputs(" -x -a '", file);
				put_targets(file);
				fputs("'", file);
			} else if (table[j].type != ARGUMENT_FLAG) {
				fputs(" -r", file);
			}
			fputs(" -d '", file);
			put_description(table[j].doc != NULL ? table[j].doc : "", file);
			fputs("'\n", file);
		}
	}
}
