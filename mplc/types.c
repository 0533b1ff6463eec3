// SPDX-License-Identifier: ISC
/* The basic types by name. */
#include "mplc/compiler.h"

#include <string.h>

#include <mirage/arguments.h>

enum flavour {
	FLAVOUR_ANY,    /* as the file's option says */
	FLAVOUR_BIG,    /* or most significant bit first */
	FLAVOUR_LITTLE, /* or least significant bit first */
};

static const struct {
	const char *name;
	enum type_kind kind;
	unsigned width;
	enum flavour flavour;
} types[] = {
	{ "bit", TYPE_BITS, 0, FLAVOUR_ANY },
	{ "bit_msb", TYPE_BITS, 0, FLAVOUR_BIG },
	{ "bit_lsb", TYPE_BITS, 0, FLAVOUR_LITTLE },
	{ "byte", TYPE_UNSIGNED, 8, FLAVOUR_BIG },
	{ "uint16", TYPE_UNSIGNED, 16, FLAVOUR_ANY },
	{ "uint24", TYPE_UNSIGNED, 24, FLAVOUR_ANY },
	{ "uint32", TYPE_UNSIGNED, 32, FLAVOUR_ANY },
	{ "uint48", TYPE_UNSIGNED, 48, FLAVOUR_ANY },
	{ "uint64", TYPE_UNSIGNED, 64, FLAVOUR_ANY },
	{ "uint128", TYPE_UNSIGNED, 128, FLAVOUR_ANY },
	{ "uint16be", TYPE_UNSIGNED, 16, FLAVOUR_BIG },
	{ "uint24be", TYPE_UNSIGNED, 24, FLAVOUR_BIG },
	{ "uint32be", TYPE_UNSIGNED, 32, FLAVOUR_BIG },
	{ "uint48be", TYPE_UNSIGNED, 48, FLAVOUR_BIG },
	{ "uint64be", TYPE_UNSIGNED, 64, FLAVOUR_BIG },
	{ "uint128be", TYPE_UNSIGNED, 128, FLAVOUR_BIG },
	{ "uint16le", TYPE_UNSIGNED, 16, FLAVOUR_LITTLE },
	{ "uint24le", TYPE_UNSIGNED, 24, FLAVOUR_LITTLE },
	{ "uint32le", TYPE_UNSIGNED, 32, FLAVOUR_LITTLE },
	{ "uint48le", TYPE_UNSIGNED, 48, FLAVOUR_LITTLE },
	{ "uint64le", TYPE_UNSIGNED, 64, FLAVOUR_LITTLE },
	{ "uint128le", TYPE_UNSIGNED, 128, FLAVOUR_LITTLE },
	{ "int8", TYPE_SIGNED, 8, FLAVOUR_BIG },
	{ "int16", TYPE_SIGNED, 16, FLAVOUR_ANY },
	{ "int32", TYPE_SIGNED, 32, FLAVOUR_ANY },
	{ "int64", TYPE_SIGNED, 64, FLAVOUR_ANY },
	{ "int16be", TYPE_SIGNED, 16, FLAVOUR_BIG },
	{ "int32be", TYPE_SIGNED, 32, FLAVOUR_BIG },
	{ "int64be", TYPE_SIGNED, 64, FLAVOUR_BIG },
	{ "int16le", TYPE_SIGNED, 16, FLAVOUR_LITTLE },
	{ "int32le", TYPE_SIGNED, 32, FLAVOUR_LITTLE },
	{ "int64le", TYPE_SIGNED, 64, FLAVOUR_LITTLE },
	{ "boolean", TYPE_BOOLEAN, 8, FLAVOUR_BIG },
	{ "string8", TYPE_STRING, 8, FLAVOUR_BIG },
	{ "string16", TYPE_STRING, 16, FLAVOUR_ANY },
	{ "string32", TYPE_STRING, 32, FLAVOUR_ANY },
	{ "cstring", TYPE_STRING, 0, FLAVOUR_BIG },
	{ "mpint", TYPE_MPINT, 0, FLAVOUR_BIG },
	{ "dns_label", TYPE_NAME, 0, FLAVOUR_BIG },
	{ "dns_label_comp", TYPE_NAME, 1, FLAVOUR_BIG },
	{ "label", TYPE_LABEL, 0, FLAVOUR_BIG },
	{ "ipv4", TYPE_IPV4, 32, FLAVOUR_BIG },
	{ "ipv6", TYPE_IPV6, 128, FLAVOUR_BIG },
	{ "mac", TYPE_MAC, 48, FLAVOUR_BIG },
};

#define TYPE_COUNT (sizeof(types) / sizeof(types[0]))

bool find_type(const struct module *module, const char *name, struct type *type)
{
	for (size_t i = 0; i < TYPE_COUNT; i++) {
		if (strcmp(types[i].name, name) != 0)
			continue;
		bool is_bits = types[i].kind == TYPE_BITS;

		*type = (struct type){ .kind = types[i].kind, .width = types[i].width };
		type->little = types[i].flavour == FLAVOUR_LITTLE ||
		               (types[i].flavour == FLAVOUR_ANY &&
		                (is_bits ? module->lsb_bits : module->little_bytes));
		if (type->kind == TYPE_NAME) {
			type->compressed = type->width == 1;
			type->width = 0;
		}
		return true;
	}
	return false;
}

const char *type_elsewhere(const char *name)
{
	static const struct {
		const char *names, *hint;
	} hints[] = {
		{ " uint8 u8 uint8_t char octet ubyte ",
		  "8 bits are a `byte`, with a sign `int8`" },
		{ " u16 uint16_t word ushort short ", "16 bits are `uint16`, with a sign `int16`" },
		{ " u32 uint32_t uint dword long ulong int integer ",
		  "32 bits are `uint32`, with a sign `int32`" },
		{ " u64 uint64_t qword ", "64 bits are `uint64`, with a sign `int64`" },
		{ " bool flag ", "a byte is a `boolean`, a flag within one `bit[1]`" },
		{ " bytes opaque blob data payload raw ",
		  "bytes are `byte[SIZE]`; up to the end, `byte[remaining()]`" },
		{ " string str text utf8 ascii ", "text after its length is `string8`, `string16` "
		                                  "or `string32`, up to a 0 `cstring`, "
		                                  "of a size known otherwise `byte[SIZE]`" },
		{ " strz stringz asciiz cstr ", "text up to a 0 is `cstring`" },
		{ " varint leb128 uleb128 vlq ",
		  "there are no integers of variable size: classify a bit[1] for each byte, as "
		  "docs/mpl.md shows" },
		{ " float double float32 float64 ", "there are no fractions: take `uint32` or "
		                                    "`uint64`, and make a number of it in C" },
		{ " bits bitfield ", "bits are `bit[NUMBER]`" },
		{ " eth ether mac_address ", "a MAC address is `mac`" },
		{ " ip ip4 ipaddr inet in_addr ", "an address is `ipv4` or `ipv6`" },
	};
	char word[24];

	if ((size_t)snprintf(word, sizeof(word), " %s ", name) >= sizeof(word))
		return NULL;
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (strstr(hints[i].names, word) != NULL)
			return hints[i].hint;
	return NULL;
}

/* Better a than b as what `name` was meant to be? */
static const char *nearer(const char *name, const char *a, const char *b)
{
	const char *names[] = { a, b };

	return nearest_name(name, names, a == NULL ? 0 : b == NULL ? 1 : 2);
}

static const char *nearest_in_module(const struct module *module, const char *name,
                                     const char *best)
{
	for (size_t i = 0; i < module->definition_count; i++) {
		const char *found = nearer(name, module->definitions[i].name, best);
		best = found != NULL ? found : best;
	}
	for (size_t i = 0; i < module->structure_count; i++) {
		const char *found = nearer(name, module->structures[i].name, best);
		best = found != NULL ? found : best;
	}
	return best;
}

const char *nearest_type(const struct module *module, const char *name)
{
	const char *best = NULL;

	for (size_t i = 0; i < TYPE_COUNT; i++) {
		const char *found = nearer(name, types[i].name, best);
		best = found != NULL ? found : best;
	}
	best = nearest_in_module(module, name, best);
	for (size_t i = 0; i < module->import_count; i++)
		if (module->imports[i].module != NULL)
			best = nearest_in_module(module->imports[i].module, name, best);
	return best;
}
