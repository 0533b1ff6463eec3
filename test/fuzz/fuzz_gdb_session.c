// SPDX-License-Identifier: ISC
/*
 * What anybody might send to the debug tender's port, answered for a guest that is only memory. The
 * sanitizer watches over what is before and behind it.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tenders/hvt/gdb_commands.h"

enum {
	MEMORY = 0x10000,
	CLOSED = 0x4000, /* a page that is read only */
};

/* Memory with a page before and one behind it that cannot be touched. */
static uint8_t *make_memory(void)
{
	uint8_t *whole = mmap(NULL, MEMORY + 2 * EXECUTABLE_PAGE, PROT_NONE,
	                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (whole == MAP_FAILED ||
	    mprotect(whole + EXECUTABLE_PAGE, MEMORY, PROT_READ | PROT_WRITE) != 0 ||
	    mprotect(whole + EXECUTABLE_PAGE + CLOSED, EXECUTABLE_PAGE, PROT_READ) != 0)
		abort();
	return whole + EXECUTABLE_PAGE;
}

static void take_packet(struct gdb_session *session, const struct gdb_parser *parser)
{
	static char frame[GDB_FRAME_MAX];

	if (parser->length > GDB_PACKET_MAX || parser->text[parser->length] != '\0')
		abort();
	if (gdb_answer(session, parser->text) == GDB_STAY && !session->answer.overflow &&
	    gdb_frame(&session->answer, frame) != session->answer.length + 4)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct vm vm;
	static struct guest_memory memory;
	static struct gdb_session session;
	static struct gdb_parser parser;

	if (vm.memory == NULL) {
		vm = (struct vm){ .processor = -1, .memory = make_memory(), .mapped = MEMORY };
		memory.read_only_count = 1;
		memory.read_only[0] = (struct guest_range){ CLOSED, CLOSED + EXECUTABLE_PAGE };
	}
	memset(&parser, 0, sizeof(parser));
	memset(&session, 0, sizeof(session));
	session.target.vm = &vm;
	session.target.memory = &memory;
	session.signal = GDB_SIGTRAP;
	for (size_t i = 0; i < size; i++)
		if (gdb_parse(&parser, data[i]) == GDB_PACKET)
			take_packet(&session, &parser);
	gdb_forget(&session);
	return 0;
}
