/* SPDX-License-Identifier: ISC */
#include "tenders/hvt/gdb_commands.h"

#include <stdio.h>
#include <string.h>

static void answer(struct gdb_session *session, const char *text)
{
	gdb_add(&session->answer, text);
}

void gdb_answer_stop(struct gdb_session *session)
{
	char text[48];

	memset(&session->answer, 0, sizeof(session->answer));
	if (session->watched != NULL)
		snprintf(text, sizeof(text), "T%02xwatch:%llx;", (unsigned int)session->signal,
		         (unsigned long long)session->watched->address);
	else
		snprintf(text, sizeof(text), "T%02xthread:1;", (unsigned int)session->signal);
	answer(session, text);
}

/* g */
static void read_registers(struct gdb_session *session)
{
	struct gdb_registers registers;
	uint8_t bytes[GDB_REGISTER_SIZE_MAX];

	if (!gdb_target_get_registers(&session->target, &registers)) {
		answer(session, "E01");
		return;
	}
	for (size_t i = 0; i < gdb_register_count(); i++)
		gdb_add_hex(&session->answer, bytes, gdb_register_get(&registers, i, bytes));
}

/* G VALUES: gdb sends all, also those that cannot change. */
static void write_registers(struct gdb_session *session, const char *at)
{
	struct gdb_registers registers;
	uint8_t bytes[GDB_REGISTER_SIZE_MAX];
	bool good = gdb_target_get_registers(&session->target, &registers);

	for (size_t i = 0; good && i < gdb_register_count(); i++) {
		good = gdb_read_hex(&at, bytes, gdb_register_size(i));
		if (good)
			error_ignore(!gdb_register_set(&registers, i, bytes), "it stays as it is");
	}
	good = good && *at == '\0' && gdb_target_set_registers(&session->target, &registers);
	answer(session, good ? "OK" : "E01");
}

/* p NUMBER */
static void read_register(struct gdb_session *session, const char *at)
{
	struct gdb_registers registers;
	uint8_t bytes[GDB_REGISTER_SIZE_MAX];
	uint64_t number;

	if (!gdb_read_number(&at, &number) || *at != '\0' || gdb_register_size(number) == 0 ||
	    !gdb_target_get_registers(&session->target, &registers)) {
		answer(session, "E01");
		return;
	}
	gdb_add_hex(&session->answer, bytes, gdb_register_get(&registers, number, bytes));
}

/* P NUMBER=VALUE */
static void write_register(struct gdb_session *session, const char *at)
{
	struct gdb_registers registers;
	uint8_t bytes[GDB_REGISTER_SIZE_MAX];
	uint64_t number;

	bool good = gdb_read_number(&at, &number) && gdb_read_character(&at, '=') &&
	            gdb_register_size(number) > 0 &&
	            gdb_read_hex(&at, bytes, gdb_register_size(number)) && *at == '\0' &&
	            gdb_target_get_registers(&session->target, &registers) &&
	            gdb_register_set(&registers, number, bytes) &&
	            gdb_target_set_registers(&session->target, &registers);
	answer(session, good ? "OK" : "E01");
}

/* m ADDRESS,LENGTH: as much of it as there is */
static void read_memory(struct gdb_session *session, const char *at)
{
	uint64_t address, length;

	if (!gdb_read_number(&at, &address) || !gdb_read_character(&at, ',') ||
	    !gdb_read_number(&at, &length) || *at != '\0') {
		answer(session, "E01");
		return;
	}
	if (length > GDB_PACKET_MAX / 2)
		length = GDB_PACKET_MAX / 2;
	if (address < session->target.vm->mapped && length > session->target.vm->mapped - address)
		length = session->target.vm->mapped - address;
	const uint8_t *bytes = gdb_target_range(&session->target, address, length);
	if (bytes == NULL)
		answer(session, "E14");
	else
		gdb_add_hex(&session->answer, bytes, length);
}

/* M ADDRESS,LENGTH:BYTES */
static void change_memory(struct gdb_session *session, const char *at)
{
	uint8_t bytes[GDB_PACKET_MAX / 2];
	uint64_t address, length;

	bool good = gdb_read_number(&at, &address) && gdb_read_character(&at, ',') &&
	            gdb_read_number(&at, &length) && gdb_read_character(&at, ':') &&
	            length <= sizeof(bytes) && gdb_read_hex(&at, bytes, length) && *at == '\0' &&
	            gdb_target_write(&session->target, address, bytes, length);
	answer(session, good ? "OK" : "E14");
}

/* Z KIND,ADDRESS,LENGTH and z */
static void change_breakpoint(struct gdb_session *session, const char *at, bool set)
{
	struct breakpoint_memory memory = gdb_target_breakpoint_memory(&session->target);
	uint64_t kind, address, length;

	bool good = gdb_read_number(&at, &kind) && gdb_read_character(&at, ',') &&
	            gdb_read_number(&at, &address) && gdb_read_character(&at, ',') &&
	            gdb_read_number(&at, &length) && kind <= WATCH_ACCESS;
	if (good && set)
		good = breakpoint_set(&session->target.breakpoints, (enum breakpoint_kind)kind,
		                      address, length, &memory);
	else if (good)
		good = breakpoint_remove(&session->target.breakpoints, (enum breakpoint_kind)kind,
		                         address, length, &memory);
	answer(session, good ? "OK" : "E01");
}

/* qXfer:features:read:target.xml:OFFSET,LENGTH */
static void describe_target(struct gdb_session *session, const char *at)
{
	uint64_t offset, length;
	size_t size = strlen(gdb_target_description);

	if (!gdb_read_number(&at, &offset) || !gdb_read_character(&at, ',') ||
	    !gdb_read_number(&at, &length) || *at != '\0' || offset > size) {
		answer(session, "E01");
		return;
	}
	if (length > GDB_PACKET_MAX - 1)
		length = GDB_PACKET_MAX - 1;
	answer(session, length >= size - offset ? "l" : "m");
	for (; length > 0 && offset < size; length--, offset++)
		answer(session, (const char[]){ gdb_target_description[offset], '\0' });
}

static bool starts_with(const char **at, const char *prefix)
{
	size_t length = strlen(prefix);

	if (strncmp(*at, prefix, length) != 0)
		return false;
	*at += length;
	return true;
}

static void answer_query(struct gdb_session *session, const char *at)
{
	char text[96];

	if (starts_with(&at, "qSupported")) {
		snprintf(text, sizeof(text), "PacketSize=%x;qXfer:features:read+;QStartNoAckMode+",
		         (unsigned int)GDB_PACKET_MAX);
		answer(session, text);
	} else if (starts_with(&at, "qXfer:features:read:target.xml:")) {
		describe_target(session, at);
	} else if (starts_with(&at, "qAttached")) {
		answer(session, "1");
	} else if (starts_with(&at, "qfThreadInfo")) {
		answer(session, "m1");
	} else if (starts_with(&at, "qsThreadInfo")) {
		answer(session, "l");
	} else if (strcmp(at, "qC") == 0) {
		answer(session, "QC1");
	} else if (strcmp(at, "QStartNoAckMode") == 0) {
		session->acknowledges = false;
		answer(session, "OK");
	}
}

/* c, s, C, S, each perhaps with an address to go on at. */
static enum gdb_next resume(struct gdb_session *session, const char *at, bool step)
{
	struct gdb_registers registers;
	uint64_t address;

	if (gdb_read_number(&at, &address) &&
	    gdb_target_get_registers(&session->target, &registers)) {
		registers.general.rip = address;
		error_ignore(!gdb_target_set_registers(&session->target, &registers),
		             "gdb sees where the guest is");
	}
	session->stepping = step;
	return GDB_GO_ON;
}

/* Signals mean nothing to a guest: skip their number. */
static const char *behind_signal(const char *at)
{
	uint64_t ignored;

	error_ignore(!gdb_read_number(&at, &ignored), "there need not be one");
	return *at == ';' ? at + 1 : at;
}

void gdb_forget(struct gdb_session *session)
{
	struct breakpoint_memory memory = gdb_target_breakpoint_memory(&session->target);

	breakpoints_clear(&session->target.breakpoints, &memory);
	session->stepping = false;
}

enum gdb_next gdb_answer(struct gdb_session *session, const char *packet)
{
	/* An empty answer says that the request is not known. */
	memset(&session->answer, 0, sizeof(session->answer));
	const char *at = packet + 1;

	switch (*packet) {
	case '?':
		gdb_answer_stop(session);
		return GDB_STAY;
	case 'g':
		read_registers(session);
		return GDB_STAY;
	case 'G':
		write_registers(session, at);
		return GDB_STAY;
	case 'p':
		read_register(session, at);
		return GDB_STAY;
	case 'P':
		write_register(session, at);
		return GDB_STAY;
	case 'm':
		read_memory(session, at);
		return GDB_STAY;
	case 'M':
		change_memory(session, at);
		return GDB_STAY;
	case 'Z':
	case 'z':
		change_breakpoint(session, at, *packet == 'Z');
		return GDB_STAY;
	case 'H':
	case 'T':
		answer(session, "OK");
		return GDB_STAY;
	case 'q':
	case 'Q':
		answer_query(session, packet);
		return GDB_STAY;
	case 'c':
	case 's':
		return resume(session, at, *packet == 's');
	case 'C':
	case 'S':
		return resume(session, behind_signal(at), *packet == 'S');
	case 'D':
		answer(session, "OK");
		gdb_forget(session);
		return GDB_GO_ON;
	case 'k':
		return GDB_KILL;
	default:
		return GDB_STAY;
	}
}
