// SPDX-License-Identifier: ISC
/*
 * What mplc says about wrong specifications: each row is one that is rejected, where the error is, and
 * what it says. A row's text is on one line or has its line breaks in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mplc/compiler.h"

struct wrong {
	const char *text;
	const char *place; /* line:column of the first error */
	const char *says;  /* part of the output */
};

/* Everything that is printed about the text; the caller frees it. */
static char *compile(const char *text, size_t *errors)
{
	char *output = NULL;
	size_t size = 0;
	struct compiler compiler = { .no_files = true };

	compiler.report.out = open_memstream(&output, &size);
	assert_non_null(compiler.report.out);
	const struct module *module = compile_text(&compiler, "t.mpl", text, strlen(text));
	*errors = compiler.report.error_count;
	assert_true((module == NULL) == (*errors > 0));
	fclose(compiler.report.out);
	compiler_free(&compiler);
	return output;
}

static void expect_wrong(const struct wrong rows[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t errors;
		char *output = compile(rows[i].text, &errors), place[64];

		snprintf(place, sizeof(place), "t.mpl:%s: error: ", rows[i].place);
		if (errors == 0 || strncmp(output, place, strlen(place)) != 0 ||
		    strstr(output, rows[i].says) == NULL)
			fail_msg("row %zu: %s\nexpected %s ... %s\nbut got %s", i, rows[i].text,
			         place, rows[i].says, output);
		free(output);
	}
}

#define EXPECT_WRONG(...)                                           \
	do {                                                        \
		static const struct wrong rows[] = { __VA_ARGS__ }; \
		expect_wrong(rows, sizeof(rows) / sizeof(rows[0])); \
	} while (0)

static void words_that_are_none_are_named(void **state)
{
	(void)state;
	EXPECT_WRONG({ "packet a { x: byte; @ }", "1:21", "'@' means nothing here" },
	             { "packet a { x: byte; \x01 }", "1:21", "byte 0x01 means nothing here" },
	             { "packet a { x: byte const(12ab); }", "1:26", "'12ab' is not a number" },
	             { "packet a { x: byte const(0x); }", "1:26", "'0x' is not a number" },
	             { "packet a { x: byte const(0b12); }", "1:26", "'0b12' is not a number" },
	             { "packet a { x: uint64 const(0xffffffffffffffffffffffffffffffffff); }",
	               "1:28", "does not fit in 127 bits" },
	             { "packet a { x: byte const(1 # 2); }", "1:28", "'#' means nothing here" },
	             { "packet a { x: string8 const(\"abc); }", "1:29",
	               "this string is not closed on its line" },
	             { "packet a { x: byte; }\n/* open /* nested */", "2:1",
	               "this comment is not closed" });
}

static void what_was_expected_is_said(void **state)
{
	(void)state;
	EXPECT_WRONG(
		{ "packet a {\r\tx: byte;\r                                                        "
	          "  "
	          "                                                                              "
	          "                                                              @\r\r}",
	          "1:220", "'@' means nothing here" },
		{ "packet a { uint16 x; }", "1:18", "the name comes before the type: `x: uint16`" },
		{ "packet a { x: byte[]; }", "1:20", "all that is left is [remaining()]" },
		{ "packet a { x: list of b; }", "1:20", "expected the size of the list in ()" },
		{ "struct s { x: byte; }", "1:7", "its name comes last: struct { ... } name;" },
		{ "enum k { A }", "1:1", "names of values are a type's: typedef" },
		{ "packet", "1:7", "expected the packet's name, not the end of the file" },
		{ "packet a x", "1:9", "expected `{` after the packet's name, not `x`" },
		{ "frobnicate;", "1:1",
	          "expected `packet`, `typedef`, `struct`, `import`, `const` or `option`, not "
	          "`frobnicate`" },
		{ "packet a {\n  x: byte\n  y: byte;\n}", "3:3", "expected `;` or an attribute" },
		{ "packet a { x byte; }", "1:13",
	          "expected `:` and a type after the field's name, not `byte`" },
		{ "packet a { x: ; }", "1:15", "expected a type, not `;`" },
		{ "packet a { x: byte[; }", "1:20", "expected a value, not `;`" },
		{ "packet a { x: byte[4; }", "1:21", "expected `]` after the size, not `;`" },
		{ "packet a { x: byte const; }", "1:25", "expected `(` before the expression" },
		{ "packet a { x: byte const(1; }", "1:27", "expected `)` after the expression" },
		{ "packet a { x: byte; classify { |1:\"A\" -> (); }; }", "1:29",
	          "expected `(` after `classify`" },
		{ "packet a { x: byte; classify (x) { }; }", "1:21", "a classify needs an arm" },
		{ "packet a { x: byte; classify (x) { |1 -> (); }; }", "1:38",
	          "expected `:` and a name after the value" },
		{ "packet a { x: byte; classify (x) { |1:A -> (); }; }", "1:39",
	          "expected the arm's name as a \"string\", not `A`" },
		{ "packet a { x: byte; classify (x) { |1:\"A\" (); }; }", "1:42",
	          "expected `->` after the arm's name" },
		{ "packet a { x: byte variant { |1 -> lower }; }", "1:36",
	          "expected a name that begins with a capital, not `lower`" },
		{ "packet a { x: byte variant { |1 A }; }", "1:33",
	          "expected `->` (or `=>` for the default) and a name" },
		{ "packet a { x: byte variant { }; }", "1:20", "a variant needs a value" },
		{ "packet a { when: byte; }", "1:12", "but `when` is a word of the language" },
		{ "packet a { x: array (3) y; }", "1:25", "expected `{` and a record, or `of`" },
		{ "struct { x: byte; }", "1:20", "expected the struct's name after its `}`" },
		{ "packet a(int) { x: byte; }", "1:13", "expected the parameter's name" },
		{ "import 3; packet a { x: byte; }", "1:8", "expected the imported file" },
		{ "const A 3; packet a { x: byte; }", "1:8",
	          "expected `=` after the constant's name" },
		{ "option colour red; packet a { x: byte; }", "1:8",
	          "expected `byte_order` or `bit_order`" },
		{ "option bit_order big; packet a { x: byte; }", "1:18",
	          "expected `msb` or `lsb`" },
		{ "packet a { x: uint16 checksum(internet); }", "1:39",
	          "expected `,` after the algorithm" },
		{ "packet a { x: uint16 checksum(internet, 3); }", "1:41",
	          "expected what the checksum covers" },
		{ "", "1:1", "the file defines nothing" });
}

static void names_must_be_known_and_one_of_a_kind(void **state)
{
	(void)state;
	EXPECT_WRONG(
		{ "packet a { x: uint17; }", "1:15", "unknown type `uint17`" },
		{ "packet a { x: uint23; }", "1:15", "did you mean `uint32`?" },
		{ "packet a { x: uint8; }", "1:15", "8 bits are a `byte`, with a sign `int8`" },
		{ "packet a { x: string; }", "1:15", "up to a 0 `cstring`" },
		{ "packet a { x: varint; }", "1:15", "no integers of variable size" },
		{ "packet a { x: byte[lenght]; length: byte; }", "1:20",
	          "nothing is called `lenght` here" },
		{ "packet a { length: byte value(sizeof(x)); x: byte[lenght]; }", "1:51",
	          "did you mean `length`?" },
		{ "packet a { x: byte; x: byte; }", "1:21", "there are two fields called `x`" },
		{ "packet a { x: byte; } packet a { x: byte; }", "1:30",
	          "there are two packets called `a`" },
		{ "const A = 1; const A = 2; packet a { x: byte; }", "1:20",
	          "there are two constants called `A`" },
		{ "const A = A + 1; packet a { x: byte; }", "1:11", "nothing is called `A` here" },
		{ "packet a(int x, int x) { y: byte; }", "1:21",
	          "there are two parameters called `x`" },
		{ "packet a(int x) { x: byte; }", "1:19", "the packet has a parameter called `x`" },
		{ "packet a(float x) { y: byte; }", "1:10", "`float` is no type of a parameter" },
		{ "packet a { x: byte value(size_of(x)); }", "1:26", "did you mean `sizeof`?" },
		{ "packet a { x: byte value(sizeof()); }", "1:26",
	          "`sizeof` needs the name of a field" },
		{ "packet a { x: byte[remaining(x)]; }", "1:20", "`remaining` takes no argument" },
		{ "packet a { x: struct nowhere; }", "1:22", "no struct is called `nowhere`" },
		{ "packet a { x: packet B(); }", "1:22", "no packet is called `B` here" },
		{ "packet abc { x: byte; } packet b { x: packet abd(); }", "1:46",
	          "did you mean `abc`?" },
		{ "packet abc { x: byte; } packet b { x: abc; }", "1:39",
	          "a packet in a packet is written `x: packet abc();`" },
		{ "import \"x.mpl\"; packet a { x: byte; }", "1:8",
	          "imports are not allowed here" },
		{ "packet slice { x: byte; }", "1:8", "a packet cannot be called `slice`" },
		{ "packet a { b_c: byte; d: byte; classify (d) { |1:\"B\" -> c: byte; }; }", "1:57",
	          "would both be called `a_b_c` in C" });
}

static void bits_must_fill_bytes(void **state)
{
	(void)state;
	EXPECT_WRONG(
		{ "packet a { x: bit[3]; y: byte; }", "1:23", "`y` begins at bit 3 of a byte" },
		{ "packet a { x: bit[3]; y: byte[2]; z: bit[5]; }", "1:23",
	          "bits missing before it: 5" },
		{ "packet a { x: bit[3]; }", "1:12",
	          "the packet ends within a byte, after 3 of its bits" },
		{ "packet a { x: bit[0]; }", "1:19", "a bit field has 1 to 64 bits" },
		{ "packet a { x: bit[65]; }", "1:19", "a bit field has 1 to 64 bits" },
		{ "packet a { x: bit[4]; y: bit_lsb[4]; }", "1:23",
	          "count bits from different ends of the same byte" },
		{ "packet a { k: bit[4]; classify (k) { |1:\"A\" -> x: bit[4]; |2:\"B\" -> x: "
	          "bit[3]; }; }",
	          "1:69", "ends within a byte" },
		{ "packet a { x: bit[4]; y: bit[4] value(offset(x)); }", "1:39",
	          "`x` is within a byte: it has no position in bytes" });
}

static void constants_must_fit(void **state)
{
	(void)state;
	EXPECT_WRONG({ "packet a { version: bit[4] const(70); x: bit[4]; }", "1:34",
	               "const(70) does not fit in `version`, which holds 0..15" },
	             { "packet a { x: byte const(-1); }", "1:26",
	               "does not fit in `x`, which holds 0..255" },
	             { "packet a { x: int8 const(128); }", "1:26", "which holds -128..127" },
	             { "packet a { x: byte default(256); }", "1:28", "default(256) does not fit" },
	             { "packet a { x: byte min(300); }", "1:24", "min(300) does not fit" },
	             { "packet a { x: byte min(5) max(4); }", "1:27",
	               "minimum of `x` is above its maximum" },
	             { "packet a { x: byte min(5) const(4); }", "1:33",
	               "not between the field's own min and max" },
	             { "packet a { x: byte max(5) default(6); }", "1:35",
	               "the default is not between the field's own min and max" },
	             { "packet a { x: byte const(y); y: byte; }", "1:26",
	               "`y` is a field, but const must be a constant" },
	             { "packet a { x: byte const(\"a\"); }", "1:26", "const must be an integer" },
	             { "packet a { x: boolean const(1); }", "1:29", "const must be a boolean" },
	             { "packet a { x: byte[4] const(1); }", "1:29",
	               "`const` is for integers and booleans" },
	             { "packet a { x: byte const(1) const(1); }", "1:29",
	               "the attribute `const` is given twice" },
	             { "packet a { x: byte const(1) default(2); }", "1:29",
	               "can have only one of const, value" },
	             { "packet a { x: byte value(300); }", "1:26",
	               "the value is 300, but `x` holds 0..255" },
	             { "packet a { x: string8 const(3); }", "1:29", "a \"string\" was expected" },
	             { "packet a { x: string8 min(3); }", "1:27",
	               "value, min and max are for integers" },
	             { "packet a { x: byte align(32); }", "1:26",
	               "`align` is for byte[], array and list" },
	             { "packet a { x: byte[remaining()] align(12); }", "1:39", "a multiple of 8" },
	             { "packet a { x: byte[4] align(32); }", "1:29", "there is nothing to align" },
	             { "packet a { x: mac value(3); }", "1:25",
	               "`value` is for integers and booleans" });
}

static void variants_must_make_sense(void **state)
{
	(void)state;
	EXPECT_WRONG(
		{ "packet a { x: byte variant { |1 -> A |1 -> B }; }", "1:39",
	          "`A` has this value already" },
		{ "packet a { x: byte variant { |1 -> A |2 -> A }; }", "1:44",
	          "there are two values called `A`" },
		{ "packet a { x: byte variant { |1 => A |2 => B }; }", "1:44",
	          "there are two defaults" },
		{ "packet a { x: byte variant { |1 -> Unknown }; }", "1:36",
	          "`Unknown` stands for all other" },
		{ "packet a { x: byte variant { |256 -> A }; }", "1:31", "does not fit in `x`" },
		{ "packet a { x: byte variant { |\"a\" -> A }; }", "1:31",
	          "the value must be an integer" },
		{ "packet a { x: string8 variant { |1 -> A }; }", "1:34",
	          "the value must be a string" },
		{ "packet a { x: boolean variant { |1 -> A }; }", "1:34", "true or false" },
		{ "packet a { x: mac variant { |1 -> A }; }", "1:19", "`variant` is for integers" },
		{ "packet a { x: byte const(1) variant { |1 -> A }; }", "1:26",
	          "cannot have a `const`" },
		{ "packet a { x: byte min(1) variant { |1 -> A }; }", "1:27",
	          "must come before `min`" },
		{ "packet a { x: byte variant { |1 => A } default(1); }", "1:36",
	          "the default is given twice" });
}

static void sizes_must_be_known(void **state)
{
	(void)state;
	EXPECT_WRONG(
		{ "packet a { x: byte[n]; n: byte; }", "1:20",
	          "`n` is not known yet: it comes later" },
		{ "packet a { n: byte; x: byte[n]; }", "1:29",
	          "`n` decides the size of `x`, so a builder must be able to compute it" },
		{ "packet a { k: byte; n: bit[16]; classify (k) { |1:\"A\" -> x: byte[n]; }; }",
	          "1:66", "declare it as `n: bit[16] value(...)`, of total()" },
		{ "packet a { n: byte; x: byte[n]; }", "1:29",
	          "declare it as `n: byte value(...)`, with sizeof(x) in it" },
		{ "packet a { n: byte; x: array (n) { y: byte; }; }", "1:31",
	          "with array_length(x) in it" },
		{ "packet a { x: byte[sizeof(y)]; y: byte; }", "1:27", "`y` is not parsed yet" },
		{ "packet a { x: byte[total()]; }", "1:20", "total() is not known before" },
		{ "packet a { x: byte value(remaining()); }", "1:26",
	          "a builder cannot know remaining()" },
		{ "packet a { x: byte[remaining()]; y: uint16; }", "1:20",
	          "`x` takes all bytes that are left, but at least 2 more follow it" },
		{ "packet a { x: byte[remaining()]; y: uint16; }", "1:20",
	          "write `remaining() - 2`" },
		{ "packet a { n: byte value(sizeof(x)); x: byte[n - 300]; }", "1:46",
	          "is always negative: -300..-45" },
		{ "packet a { n: uint64 value(sizeof(x)); x: byte[n * n * n * n]; }", "1:48",
	          "may not fit in 128 bits" },
		{ "packet a { n: uint64 value(sizeof(x)); x: byte[n * 2]; }", "1:48",
	          "can be larger than any packet" },
		{ "packet a { n: byte value(sizeof(x)); x: byte[4 / n]; }", "1:50",
	          "the divisor may be 0" },
		{ "packet a { n: byte value(sizeof(x)); x: byte[1 << n]; }", "1:46",
	          "a shift is of what is" },
		{ "packet a { x: byte[true]; }", "1:20", "the size of `x` must be an integer" },
		{ "packet a { x: boolean[3]; }", "1:23", "takes no size in []" },
		{ "packet a { n: mac; x: byte[n]; }", "1:28",
	          "so a builder must be able to compute it" },
		{ "packet a { x: byte value(x + 1); }", "1:26",
	          "the value of `x` depends on itself" },
		{ "packet a { x: byte value(y); y: byte value(x); }", "1:26",
	          "depends on itself" });
}

static void lists_must_end(void **state)
{
	(void)state;
	EXPECT_WRONG(
		{ "packet a { x: list (remaining()) { y: byte[remaining()]; }; }", "1:12",
	          "an element of `x` can be empty" },
		{ "packet a { x: array (3) { }; }", "1:25", "a record needs a field" },
		{ "packet a { x: packet a(); }", "1:12", "the packet `a` would contain itself" },
		{ "packet a { x: packet b(); } packet b { y: list (remaining()) of a; }", "1:40",
	          "the packet `a` would contain itself" },
		{ "struct { x: s; } s; packet a { x: s; }", "1:13",
	          "the struct `s` contains itself" },
		{ "packet e { k: byte; classify (k) { |0:\"E\" -> (); }; } packet a { x: list "
	          "(remaining()) of e until(\"F\"); }",
	          "1:99", "`e` has no arm called \"F\"" },
		{ "packet e { k: byte; } packet a { x: list (remaining()) of e align(32); }",
	          "1:67", "would be parsed as elements" },
		{ "packet e(byte k) { y: byte; } packet a { k: byte; x: chain(k) of e; }", "1:66",
	          "must classify their first parameter" },
		{ "packet e(byte k) { classify (k) { |1:\"A\" -> y: byte; }; } packet a { k: byte; "
	          "x: "
	          "chain(k) of e; }",
	          "1:94", "`e` needs a field `k`" },
		{ "packet a { x: array (3) { y: byte[z]; }; z: byte; }", "1:35",
	          "a record sees its own fields only" });
}

static void arms_must_differ(void **state)
{
	(void)state;
	EXPECT_WRONG(
		{ "packet a { x: byte; classify (x) { |1:\"A\" -> (); |1:\"B\" -> (); }; }", "1:51",
	          "this arm overlaps \"A\"" },
		{ "packet a { x: byte; classify (x) { |1..5:\"A\" -> (); |4..9:\"B\" -> (); }; }",
	          "1:54", "this arm overlaps \"A\"" },
		{ "packet a { x: byte; classify (x) { |_:\"A\" -> (); |1:\"B\" -> (); }; }", "1:51",
	          "this arm overlaps \"A\"" },
		{ "packet a(bool b) { x: byte; classify (x) { |1:\"A\" when (b) -> (); |1:\"B\" "
	          "when "
	          "(b) -> (); }; }",
	          "1:68", "this arm overlaps \"A\"" },
		{ "packet a { x: byte; classify (x) { |1:\"A\" -> (); |2:\"A\" -> (); }; }", "1:53",
	          "there are two arms called \"A\"" },
		{ "packet a { x: byte; classify (x) { |256:\"A\" -> (); }; }", "1:37",
	          "`x` cannot be this: it holds 0..255" },
		{ "packet a { x: byte; classify (x) { |5..2:\"A\" -> (); }; }", "1:37",
	          "the range is empty" },
		{ "packet a { x: byte; classify (x) { |\"s\":\"A\" -> (); }; }", "1:37",
	          "an arm's value must be an integer" },
		{ "packet a { x: string8; classify (x) { |1:\"A\" -> (); }; }", "1:40",
	          "an arm's value must be a \"string\"" },
		{ "packet a { x: boolean; classify (x) { |1:\"A\" -> (); }; }", "1:40",
	          "an arm's value must be true or false" },
		{ "packet a { x: byte; classify (y) { |1:\"A\" -> (); }; }", "1:31",
	          "no field or parameter called `y` comes before this" },
		{ "packet a { x: mac; classify (x) { |1:\"A\" -> (); }; }", "1:30",
	          "only integers, booleans and strings can be classified" },
		{ "packet a { x: byte min(1); classify (x) { |1:\"A\" -> (); }; }", "1:38",
	          "has a const, min or max" },
		{ "packet a { x: byte; classify (x) { |1:\"A\" -> classify (x) { |1:\"B\" -> (); "
	          "}; }; }",
	          "1:56", "`x` has been classified before" },
		{ "packet a { x: bit[1]; y: bit[7]; classify (x) { |1:\"A\" -> (); }; "
	          "classify (x) { |1:\"B\" -> (); }; }",
	          "1:76", "a field that may be missing is an array" },
		{ "packet a { x: byte; classify (x) { |1:\"A\" when (x == 1) -> (); }; }", "1:49",
	          "`x` is a field, but the condition of `when` must be made of" },
		{ "packet a(int n) { x: byte; classify (x) { |1:\"A\" when (n) -> (); }; }", "1:56",
	          "the condition of `when` must be a boolean" },
		{ "packet a { x: byte; classify (x) { |1:\"A\" -> y: byte; }; y: byte; }", "1:58",
	          "there are two fields called `y`" });
}

static void operators_take_what_they_are_for(void **state)
{
	(void)state;
	EXPECT_WRONG({ "packet a(bool b) { x: byte value(b + 1); }", "1:34",
	               "`+` needs integers, not a boolean" },
	             { "packet a(int n) { x: boolean value(!n); }", "1:37", "`!` needs a boolean" },
	             { "packet a(bool b) { x: byte value(-b); }", "1:35", "`-` needs an integer" },
	             { "packet a(int n) { x: boolean value(n && true); }", "1:36",
	               "`&&` needs booleans" },
	             { "packet a(bool b) { x: boolean value(b < 1); }", "1:37",
	               "`<` needs two integers" },
	             { "packet a { y: mac; x: byte value(y); }", "1:34", "must be an integer" },
	             { "packet a { x: byte value(1..2); }", "1:26", "but this is a range" },
	             { "packet a { x: byte value(array_length(y)); y: mac; }", "1:39",
	               "not an array or a list" });
}

static void checksums_must_cover_something(void **state)
{
	(void)state;
	EXPECT_WRONG({ "packet a { x: uint16 checksum(sha1, packet); }", "1:31",
	               "there is no checksum `sha1`" },
	             { "packet a { x: byte checksum(internet, packet); }", "1:15",
	               "is a uint16, not byte" },
	             { "packet a { x: uint16le checksum(internet, packet); }", "1:15",
	               "in network order" },
	             { "packet a { x: uint16 checksum(internet, y..x); }", "1:41",
	               "no field is called `y`" },
	             { "packet a { x: uint16 checksum(internet, y..x); y: byte; }", "1:22",
	               "covers nothing" },
	             { "packet a { x: uint16 checksum(internet, packet, p); }", "1:49",
	               "declare it: packet a(pseudo p)" },
	             { "packet a { x: uint32 checksum(crc32, packet); }", "1:22",
	               "a crc32 cannot cover itself" },
	             { "packet a { x: uint16 checksum(internet, y..z); y: byte; z: byte; }", "1:22",
	               "must cover itself" });
}

static void arguments_must_fit_parameters(void **state)
{
	(void)state;
	EXPECT_WRONG({ "packet p(byte n) { y: byte; } packet a { x: packet p(); }", "1:52",
	               "`p` has 1 parameter, but 0 are given" },
	             { "packet p(byte n) { y: byte; } packet a { n: uint16; x: packet p(n); }",
	               "1:65", "can be 0..65535, which does not fit in a byte" },
	             { "packet p(bool n) { y: byte; } packet a { x: packet p(3); }", "1:54",
	               "the argument for `n` must be a boolean" },
	             { "packet p(pseudo n) { y: byte; } packet a { x: packet p(3); }", "1:56",
	               "must be a parameter of type `pseudo`" },
	             { "packet p(byte n) { y: byte; } packet a { n: byte value(sizeof(z)); x: "
	               "packet p(n); "
	               "z: byte[remaining()]; }",
	               "1:80", "a builder places `x` before it can compute this" });
}

static void one_run_reports_many_errors(void **state)
{
	size_t errors;
	char *output =
		compile("packet a {\n\tx: bytes;\n\ty: uint23;\n\tz byte;\n\tw: byte const(;\n}\n"
	                "packet b {\n\tq: byte\n}\n",
	                &errors);

	(void)state;
	assert_int_equal(errors,
	                 3); /* what is wrong in the text hides what is wrong in its meaning */
	assert_non_null(strstr(output, "t.mpl:4:3: error"));
	assert_non_null(strstr(output, "t.mpl:5:16: error"));
	assert_non_null(strstr(output, "t.mpl:8:9: error"));
	free(output);
	output = compile("packet a {\n\tx: bytes;\n\ty: uint23;\n\tx: byte;\n}\n", &errors);
	assert_int_equal(errors, 3);
	free(output);
}

static void an_error_shows_the_line_and_marks_the_words(void **state)
{
	size_t errors;
	char *output =
		compile("packet a {\n\tversion: bit[4] const(70);\n\tx: bit[4];\n}\n", &errors);

	(void)state;
	assert_string_equal(output, "t.mpl:2:24: error: const(70) does not fit in `version`, which "
	                            "holds 0..15\n"
	                            "     2 | \tversion: bit[4] const(70);\n"
	                            "       | \t                      ^~\n");
	free(output);
}

static void hostile_nesting_is_an_error_and_no_crash(void **state)
{
	size_t errors, size = 100000;
	char *text = malloc(size + 64);

	(void)state;
	strcpy(text, "packet a { x: byte const(");
	memset(text + 25, '(', size);
	text[25 + size] = '\0';
	char *output = compile(text, &errors);
	assert_non_null(strstr(output, "nested more than"));
	free(output);
	strcpy(text, "packet a { x: byte; ");
	size_t at = strlen(text);
	/* Each classify doubles what follows it. */
	for (int i = 0; i < 40; i++)
		at += (size_t)sprintf(
			text + at,
			"f%d: byte; classify (f%d) { |1:\"A\" -> (); |2:\"B\" -> (); }; ", i, i);
	strcpy(text + at, "}");
	output = compile(text, &errors);
	assert_non_null(strstr(output, "has more than 4000 fields"));
	free(output);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_that_are_none_are_named),
		cmocka_unit_test(what_was_expected_is_said),
		cmocka_unit_test(names_must_be_known_and_one_of_a_kind),
		cmocka_unit_test(bits_must_fill_bytes),
		cmocka_unit_test(constants_must_fit),
		cmocka_unit_test(variants_must_make_sense),
		cmocka_unit_test(sizes_must_be_known),
		cmocka_unit_test(lists_must_end),
		cmocka_unit_test(arms_must_differ),
		cmocka_unit_test(operators_take_what_they_are_for),
		cmocka_unit_test(checksums_must_cover_something),
		cmocka_unit_test(arguments_must_fit_parameters),
		cmocka_unit_test(one_run_reports_many_errors),
		cmocka_unit_test(an_error_shows_the_line_and_marks_the_words),
		cmocka_unit_test(hostile_nesting_is_an_error_and_no_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
