// SPDX-License-Identifier: ISC
/* What the debug tender's server for gdb is made of: packets, registers, breakpoints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tenders/hvt/gdb_breakpoints.h"
#include "tenders/hvt/gdb_packet.h"
#include "tenders/hvt/gdb_registers.h"

/* Give the parser all of `text`; what the last byte came to. */
static enum gdb_event feed(struct gdb_parser *parser, const char *text)
{
	enum gdb_event event = GDB_NOTHING;

	for (; *text != '\0'; text++) {
		assert_int_not_equal(event, GDB_PACKET); /* not before its end */
		event = gdb_parse(parser, (uint8_t)*text);
	}
	return event;
}

static struct gdb_parser *parser_new(void)
{
	struct gdb_parser *parser = calloc(1, sizeof(*parser));

	assert_non_null(parser);
	return parser;
}

static void a_packet_with_its_checksum_is_taken(void **state)
{
	struct gdb_parser *parser = parser_new();

	(void)state;
	assert_int_equal(feed(parser, "+$m100000,4#ee"), GDB_PACKET);
	assert_string_equal(parser->text, "m100000,4");
	assert_int_equal(feed(parser, "$g#67"), GDB_PACKET);
	assert_string_equal(parser->text, "g");
	assert_int_equal(feed(parser, "$#00"), GDB_PACKET);
	assert_string_equal(parser->text, "");
	free(parser);
}

static void a_wrong_checksum_is_refused(void **state)
{
	struct gdb_parser *parser = parser_new();

	(void)state;
	assert_int_equal(feed(parser, "$g#68"), GDB_BAD);
	assert_int_equal(feed(parser, "$g#xy"), GDB_BAD);
	assert_int_equal(feed(parser, "$g#67"), GDB_PACKET);
	free(parser);
}

static void escapes_are_undone(void **state)
{
	struct gdb_parser *parser = parser_new();

	(void)state;
	/* `#` is sent as `}` and `#` ^ 0x20 */
	assert_int_equal(feed(parser, "$X}\x03y#51"), GDB_PACKET);
	assert_string_equal(parser->text, "X#y");
	free(parser);
}

static void a_new_packet_ends_one_that_was_cut_off(void **state)
{
	struct gdb_parser *parser = parser_new();

	(void)state;
	assert_int_equal(feed(parser, "$m1000$g#67"), GDB_PACKET);
	assert_string_equal(parser->text, "g");
	free(parser);
}

static void control_c_between_packets_interrupts(void **state)
{
	struct gdb_parser *parser = parser_new();

	(void)state;
	assert_int_equal(feed(parser, "+\x03"), GDB_INTERRUPT);
	free(parser);
}

static void a_packet_of_any_length_stays_within_the_parser(void **state)
{
	struct gdb_parser *parser = parser_new();
	uint8_t sum = 0;

	(void)state;
	gdb_parse(parser, '$');
	for (int i = 0; i < 3 * GDB_PACKET_MAX; i++) {
		assert_int_equal(gdb_parse(parser, 'a'), GDB_NOTHING);
		sum = (uint8_t)(sum + 'a');
	}
	gdb_parse(parser, '#');
	gdb_parse(parser, (uint8_t) "0123456789abcdef"[sum >> 4]);
	assert_int_equal(gdb_parse(parser, (uint8_t) "0123456789abcdef"[sum & 15]), GDB_BAD);
	free(parser);
}

static void an_answer_is_framed_so_that_it_can_be_taken(void **state)
{
	struct gdb_parser *parser = parser_new();
	struct gdb_text *text = calloc(1, sizeof(*text));
	static char frame[GDB_FRAME_MAX + 1];

	(void)state;
	gdb_add(text, "T05thread:1;");
	gdb_add_hex(text, (const uint8_t[]){ 0x00, 0x9f, 0xff }, 3);
	frame[gdb_frame(text, frame)] = '\0';
	assert_int_equal(feed(parser, frame), GDB_PACKET);
	assert_string_equal(parser->text, "T05thread:1;009fff");
	free(text);
	free(parser);
}

static void an_answer_that_is_too_long_overflows(void **state)
{
	struct gdb_text *text = calloc(1, sizeof(*text));
	static char frame[GDB_FRAME_MAX];

	(void)state;
	for (int i = 0; i < GDB_PACKET_MAX; i++)
		gdb_add(text, "x");
	assert_false(text->overflow);
	assert_int_equal(gdb_frame(text, frame), GDB_FRAME_MAX);
	gdb_add_hex(text, "y", 1);
	assert_true(text->overflow);
	free(text);
}

static void numbers_are_hexadecimal_of_at_most_sixteen_digits(void **state)
{
	const char *at = "ffffffffffffffff,4";
	uint64_t number;

	(void)state;
	assert_true(gdb_read_number(&at, &number));
	assert_int_equal(number, UINT64_MAX);
	assert_true(gdb_read_character(&at, ','));
	assert_true(gdb_read_number(&at, &number));
	assert_int_equal(number, 4);
	assert_string_equal(at, "");
	assert_false(gdb_read_number(&at, &number));
	at = "10000000000000000";
	assert_false(gdb_read_number(&at, &number));
	at = "g";
	assert_false(gdb_read_number(&at, &number));
}

static void bytes_are_pairs_of_digits(void **state)
{
	const char *at = "00fFa";
	uint8_t bytes[3];

	(void)state;
	assert_true(gdb_read_hex(&at, bytes, 2));
	assert_int_equal(bytes[1], 0xff);
	assert_false(gdb_read_hex(&at, bytes, 1));
}

/* gdb takes offsets from the description, so the two must say the same. */
static void every_register_has_the_size_that_the_description_gives(void **state)
{
	const char *at = gdb_target_description;
	size_t number = 0;

	(void)state;
	while ((at = strstr(at, "bitsize=\"")) != NULL) {
		at += strlen("bitsize=\"");
		assert_int_equal(strtoul(at, NULL, 10), 8 * gdb_register_size(number));
		number++;
	}
	assert_int_equal(number, gdb_register_count());
	assert_int_equal(gdb_register_size(number), 0);
}

static void registers_come_back_as_they_were_set(void **state)
{
	struct gdb_registers *registers = calloc(1, sizeof(*registers));
	uint8_t bytes[GDB_REGISTER_SIZE_MAX];

	(void)state;
	for (size_t i = 0; i < gdb_register_count(); i++) {
		memset(bytes, (int)(i + 1), sizeof(bytes));
		if (!gdb_register_set(registers, i, bytes))
			memset(bytes, 0, sizeof(bytes)); /* selectors stay */
		uint8_t read[GDB_REGISTER_SIZE_MAX];
		size_t size = gdb_register_get(registers, i, read);
		if (i != 32 && i != 33 && i != 39) /* 16 bits of 32 */
			assert_memory_equal(read, bytes, size);
	}
	assert_int_equal(registers->general.rip, UINT64_C(0x1111111111111111));
	assert_int_equal(registers->special.fs.base, UINT64_C(0x3a3a3a3a3a3a3a3a));
	free(registers);
}

static bool read_byte(void *context, uint64_t address, uint8_t *byte)
{
	if (address >= 16)
		return false;
	*byte = ((const uint8_t *)context)[address];
	return true;
}

static bool write_byte(void *context, uint64_t address, uint8_t byte)
{
	if (address >= 16)
		return false;
	((uint8_t *)context)[address] = byte;
	return true;
}

static void soft_breakpoints_put_the_instruction_back(void **state)
{
	uint8_t code[16] = "0123456789abcdef";
	const uint8_t original[16] = "0123456789abcdef";
	const struct breakpoint_memory memory = { read_byte, write_byte, code };
	struct breakpoints *breakpoints = calloc(1, sizeof(*breakpoints));

	(void)state;
	assert_true(breakpoint_set(breakpoints, BREAKPOINT_SOFT, 3, 1, &memory));
	assert_true(breakpoint_set(breakpoints, BREAKPOINT_SOFT, 3, 1, &memory));
	assert_true(breakpoint_set(breakpoints, BREAKPOINT_SOFT, 5, 1, &memory));
	assert_false(breakpoint_set(breakpoints, BREAKPOINT_SOFT, 16, 1, &memory));
	assert_int_equal(code[3], 0xf4);
	assert_true(breakpoint_is_soft(breakpoints, 3));
	assert_false(breakpoint_is_soft(breakpoints, 4));
	assert_true(breakpoint_remove(breakpoints, BREAKPOINT_SOFT, 3, 1, &memory));
	assert_true(breakpoint_remove(breakpoints, BREAKPOINT_SOFT, 3, 1, &memory));
	assert_int_equal(code[3], '3');
	assert_int_equal(code[5], 0xf4);
	breakpoints_clear(breakpoints, &memory);
	assert_memory_equal(code, original, 16);
	assert_false(breakpoint_is_soft(breakpoints, 5));
	free(breakpoints);
}

static void debug_registers_are_as_the_processor_wants_them(void **state)
{
	const struct breakpoint_memory memory = { read_byte, write_byte, NULL };
	struct breakpoints *breakpoints = calloc(1, sizeof(*breakpoints));
	uint64_t registers[8];

	(void)state;
	breakpoints_debug_registers(breakpoints, registers);
	assert_int_equal(registers[7] & 0xff, 0);
	assert_true(breakpoint_set(breakpoints, BREAKPOINT_HARD, 0x100020, 1, &memory));
	assert_true(breakpoint_set(breakpoints, WATCH_WRITE, 0x200008, 8, &memory));
	assert_true(breakpoint_set(breakpoints, WATCH_ACCESS, 0x200004, 4, &memory));
	assert_true(breakpoint_set(breakpoints, WATCH_READ, 0x200002, 2, &memory));
	assert_false(breakpoint_set(breakpoints, BREAKPOINT_HARD, 0x100024, 1, &memory));
	breakpoints_debug_registers(breakpoints, registers);
	assert_int_equal(registers[0], 0x100020);
	assert_int_equal(registers[3], 0x200002);
	/* From the top: read or write of 2, of 4, write of 8, execution; then which are on. */
	assert_int_equal(registers[7], 0x7f9007aa);

	assert_null(breakpoints_watched(breakpoints, 1));
	assert_int_equal(breakpoints_watched(breakpoints, 2)->address, 0x200008);
	assert_true(breakpoint_remove(breakpoints, WATCH_WRITE, 0x200008, 8, &memory));
	assert_null(breakpoints_watched(breakpoints, 2));
	free(breakpoints);
}

static void watchpoints_must_be_aligned_and_of_a_size(void **state)
{
	const struct breakpoint_memory memory = { read_byte, write_byte, NULL };
	struct breakpoints *breakpoints = calloc(1, sizeof(*breakpoints));

	(void)state;
	assert_false(breakpoint_set(breakpoints, WATCH_WRITE, 0x200001, 2, &memory));
	assert_false(breakpoint_set(breakpoints, WATCH_WRITE, 0x200000, 3, &memory));
	assert_false(breakpoint_set(breakpoints, WATCH_WRITE, 0x200000, 0, &memory));
	assert_false(breakpoint_set(breakpoints, WATCH_WRITE, 0x200000, 16, &memory));
	free(breakpoints);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_with_its_checksum_is_taken),
		cmocka_unit_test(a_wrong_checksum_is_refused),
		cmocka_unit_test(escapes_are_undone),
		cmocka_unit_test(a_new_packet_ends_one_that_was_cut_off),
		cmocka_unit_test(control_c_between_packets_interrupts),
		cmocka_unit_test(a_packet_of_any_length_stays_within_the_parser),
		cmocka_unit_test(an_answer_is_framed_so_that_it_can_be_taken),
		cmocka_unit_test(an_answer_that_is_too_long_overflows),
		cmocka_unit_test(numbers_are_hexadecimal_of_at_most_sixteen_digits),
		cmocka_unit_test(bytes_are_pairs_of_digits),
		cmocka_unit_test(every_register_has_the_size_that_the_description_gives),
		cmocka_unit_test(registers_come_back_as_they_were_set),
		cmocka_unit_test(soft_breakpoints_put_the_instruction_back),
		cmocka_unit_test(debug_registers_are_as_the_processor_wants_them),
		cmocka_unit_test(watchpoints_must_be_aligned_and_of_a_size),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
