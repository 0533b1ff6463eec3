// SPDX-License-Identifier: ISC
/* What the debug tender's server for gdb is made of: packets, registers, breakpoints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/mman.h>

#include "tenders/hvt/gdb_commands.h"

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

enum {
	GUEST_SIZE = 0x10000,
	GUEST_CODE = 0x4000, /* one page, read only */
};

struct guest {
	struct vm vm;
	struct guest_memory memory;
	struct gdb_session session;
};

/* A guest of which only memory is there. */
static int guest_set_up(void **state)
{
	struct guest *guest = calloc(1, sizeof(*guest));
	uint8_t *bytes =
		mmap(NULL, GUEST_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_non_null(guest);
	assert_ptr_not_equal(bytes, MAP_FAILED);
	memset(bytes + GUEST_CODE, 0x90, EXECUTABLE_PAGE);
	assert_int_equal(mprotect(bytes + GUEST_CODE, EXECUTABLE_PAGE, PROT_READ), 0);
	guest->vm = (struct vm){ .processor = -1, .memory = bytes, .mapped = GUEST_SIZE };
	guest->memory.read_only_count = 1;
	guest->memory.read_only[0] =
		(struct guest_range){ GUEST_CODE, GUEST_CODE + EXECUTABLE_PAGE };
	guest->session.target.vm = &guest->vm;
	guest->session.target.memory = &guest->memory;
	guest->session.signal = GDB_SIGTRAP;
	*state = guest;
	return 0;
}

static int guest_tear_down(void **state)
{
	struct guest *guest = *state;

	munmap(guest->vm.memory, GUEST_SIZE);
	free(guest);
	return 0;
}

static void assert_answer(struct guest *guest, const char *packet, const char *expected)
{
	char text[256];

	assert_int_equal(gdb_answer(&guest->session, packet), GDB_STAY);
	size_t length = guest->session.answer.length;
	assert_true(length < sizeof(text));
	memcpy(text, guest->session.answer.bytes, length);
	text[length] = '\0';
	assert_string_equal(text, expected);
}

static void memory_is_read_as_far_as_it_goes(void **state)
{
	struct guest *guest = *state;

	memcpy(guest->vm.memory + 0x100, "\x01\xff", 2);
	assert_answer(guest, "m100,3", "01ff00");
	assert_answer(guest, "mfffe,10", "0000");
	assert_answer(guest, "m10000,1", "E14");
	assert_answer(guest, "mffffffffffffffff,ffffffffffffffff", "E14");
	assert_answer(guest, "m100", "E01");
	assert_answer(guest, "m100,", "E01");
	assert_answer(guest, "m,1", "E01");
}

static void memory_is_written_whole_or_not_at_all(void **state)
{
	struct guest *guest = *state;

	assert_answer(guest, "M200,2:abcd", "OK");
	assert_int_equal(guest->vm.memory[0x200], 0xab);
	assert_answer(guest, "M200,2:ab", "E14");
	assert_answer(guest, "M200,1:abcd", "E14");
	assert_answer(guest, "Mffff,2:1122", "E14");
	assert_int_equal(guest->vm.memory[0xffff], 0);
	assert_answer(guest, "M200,ffffffff:00", "E14");
}

static void code_is_opened_for_a_write_and_closed_again(void **state)
{
	struct guest *guest = *state;

	/* Over both ends of the page. */
	assert_answer(guest, "M3fff,3:112233", "OK");
	assert_int_equal(guest->vm.memory[GUEST_CODE + 1], 0x33);
	assert_answer(guest, "M4fff,2:4455", "OK");
	assert_int_equal(guest->vm.memory[GUEST_CODE + 0xfff], 0x44);
	assert_int_equal(guest->vm.memory[GUEST_CODE + 0x1000], 0x55);
	/* A second mprotect to what it is would not tell: /proc does. */
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[256], start[32];
	bool found = false;
	assert_non_null(maps);
	snprintf(start, sizeof(start), "%lx-",
	         (unsigned long)(uintptr_t)guest->vm.memory + GUEST_CODE);
	while (fgets(line, sizeof(line), maps) != NULL)
		found = found || (strncmp(line, start, strlen(start)) == 0 &&
		                  strstr(line, " r--p ") != NULL);
	fclose(maps);
	assert_true(found);
}

static void breakpoints_are_set_and_forgotten(void **state)
{
	struct guest *guest = *state;

	assert_answer(guest, "Z0,4010,1", "OK");
	assert_int_equal(guest->vm.memory[GUEST_CODE + 0x10], 0xf4);
	assert_answer(guest, "Z1,4020,1", "OK");
	assert_answer(guest, "Z2,100,8", "OK");
	assert_answer(guest, "Z5,100,8", "E01");
	assert_answer(guest, "Z0,10000,1", "E01");
	assert_answer(guest, "Z0,4010", "E01");
	gdb_forget(&guest->session);
	assert_int_equal(guest->vm.memory[GUEST_CODE + 0x10], 0x90);
	assert_false(guest->session.target.breakpoints.hard[0].used);
}

static void the_description_comes_in_pieces(void **state)
{
	struct guest *guest = *state;
	char whole[8192] = "";
	char packet[80];

	for (size_t offset = 0;;) {
		snprintf(packet, sizeof(packet), "qXfer:features:read:target.xml:%zx,1f3", offset);
		assert_int_equal(gdb_answer(&guest->session, packet), GDB_STAY);
		const struct gdb_text *answer = &guest->session.answer;
		assert_true(answer->length >= 1 && answer->length <= 0x1f4);
		memcpy(whole + offset, answer->bytes + 1, answer->length - 1);
		offset += answer->length - 1;
		assert_true(offset < sizeof(whole));
		if (answer->bytes[0] == 'l')
			break;
		assert_int_equal(answer->bytes[0], 'm');
	}
	assert_string_equal(whole, gdb_target_description);
	assert_answer(guest, "qXfer:features:read:target.xml:ffffff,10", "E01");
	assert_answer(guest, "qXfer:features:read:other.xml:0,10", "");
}

static void requests_that_mean_nothing_here_are_answered_so(void **state)
{
	struct guest *guest = *state;

	assert_answer(guest, "", "");
	assert_answer(guest, "vMustReplyEmpty", "");
	assert_answer(guest, "vCont?", "");
	assert_answer(guest, "X100,0:", "");
	assert_answer(guest, "qAttached", "1");
	assert_answer(guest, "Hg0", "OK");
	assert_answer(guest, "?", "T05thread:1;");
	assert_answer(guest, "g", "E01"); /* there is no processor */
	assert_answer(guest, "p1000", "E01");
	assert_answer(guest, "pffffffffffffffff", "E01");
	assert_answer(guest, "P0=00", "E01");
}

static void going_on_stepping_detaching_and_killing_are_told_apart(void **state)
{
	struct guest *guest = *state;

	assert_int_equal(gdb_answer(&guest->session, "s"), GDB_GO_ON);
	assert_true(guest->session.stepping);
	assert_int_equal(gdb_answer(&guest->session, "C05"), GDB_GO_ON);
	assert_false(guest->session.stepping);
	assert_int_equal(gdb_answer(&guest->session, "k"), GDB_KILL);
	assert_true(guest->session.answer.length == 0);
	assert_answer(guest, "Z0,4010,1", "OK");
	assert_int_equal(gdb_answer(&guest->session, "D"), GDB_GO_ON);
	assert_int_equal(guest->vm.memory[GUEST_CODE + 0x10], 0x90);
}

int main(void)
{
#define WITH_GUEST(name) cmocka_unit_test_setup_teardown(name, guest_set_up, guest_tear_down)

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
		WITH_GUEST(memory_is_read_as_far_as_it_goes),
		WITH_GUEST(memory_is_written_whole_or_not_at_all),
		WITH_GUEST(code_is_opened_for_a_write_and_closed_again),
		WITH_GUEST(breakpoints_are_set_and_forgotten),
		WITH_GUEST(the_description_comes_in_pieces),
		WITH_GUEST(requests_that_mean_nothing_here_are_answered_so),
		WITH_GUEST(going_on_stepping_detaching_and_killing_are_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
