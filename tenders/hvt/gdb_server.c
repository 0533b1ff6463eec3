/* SPDX-License-Identifier: ISC */
#include "tenders/hvt/gdb_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tenders/hvt/debug.h"
#include "tenders/hvt/gdb_breakpoints.h"
#include "tenders/hvt/gdb_registers.h"

enum {
	XSAVE_PRESENT = 512, /* offset of the word that tells which parts of the state are there */
};

struct gdb_server {
	int connection; /* -1: gdb has gone */
	const struct vm *vm;
	const struct guest_memory *memory;
	struct gdb_parser parser;
	struct gdb_text answer;
	bool acknowledges;
	bool stepping;
	enum gdb_signal signal;                /* why the guest stands still */
	const struct hard_breakpoint *watched; /* or NULL */
	struct breakpoints breakpoints;
};

/* What an answered packet means for the guest. */
enum next {
	STAY,
	GO_ON,
	KILL
};

/* The one thing that a signal handler can do about a running guest. */
static struct kvm_run *interrupted_run;

static void interrupt_guest(int number)
{
	(void)number;
	__atomic_store_n(&interrupted_run->immediate_exit, 1, __ATOMIC_RELAXED);
}

static void hang_up(struct gdb_server *server)
{
	close(server->connection);
	server->connection = -1;
}

static void send_all(struct gdb_server *server, const char *bytes, size_t length)
{
	while (server->connection >= 0 && length > 0) {
		ssize_t count = send(server->connection, bytes, length, MSG_NOSIGNAL);
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0) {
			hang_up(server);
			return;
		}
		bytes += count;
		length -= (size_t)count;
	}
}

static void send_answer(struct gdb_server *server)
{
	char frame[GDB_FRAME_MAX];

	if (server->answer.overflow) {
		memset(&server->answer, 0, sizeof(server->answer));
		gdb_add(&server->answer, "E07");
	}
	send_all(server, frame, gdb_frame(&server->answer, frame));
}

static void answer(struct gdb_server *server, const char *text)
{
	gdb_add(&server->answer, text);
}

/* The range in memory that debugging may see: all, also what the guest may not. */
static uint8_t *range(const struct gdb_server *server, uint64_t address, uint64_t length)
{
	if (address >= server->vm->mapped || length > server->vm->mapped - address)
		return NULL;
	return server->vm->memory + address;
}

static bool is_read_only(const struct gdb_server *server, uint64_t page)
{
	for (size_t i = 0; i < server->memory->read_only_count; i++)
		if (page >= server->memory->read_only[i].start &&
		    page < server->memory->read_only[i].end)
			return true;
	return false;
}

/* Code is closed to writes on the host's side too: open it for that long. */
static bool write_memory(struct gdb_server *server, uint64_t address, const uint8_t *bytes,
                         uint64_t length)
{
	if (range(server, address, length) == NULL)
		return false;
	for (uint64_t i = 0; i < length; i++) {
		uint64_t page = (address + i) & ~(uint64_t)(EXECUTABLE_PAGE - 1);
		bool closed = is_read_only(server, page);
		if (closed && mprotect(server->vm->memory + page, EXECUTABLE_PAGE,
		                       PROT_READ | PROT_WRITE) != 0)
			return false;
		server->vm->memory[address + i] = bytes[i];
		if (closed && mprotect(server->vm->memory + page, EXECUTABLE_PAGE, PROT_READ) != 0)
			return false;
	}
	return true;
}

static bool read_byte(void *context, uint64_t address, uint8_t *byte)
{
	const struct gdb_server *server = context;
	const uint8_t *place = range(server, address, 1);

	if (place == NULL)
		return false;
	*byte = *place;
	return true;
}

static bool write_byte(void *context, uint64_t address, uint8_t byte)
{
	return write_memory(context, address, &byte, 1);
}

static struct breakpoint_memory breakpoint_memory(struct gdb_server *server)
{
	return (struct breakpoint_memory){ read_byte, write_byte, server };
}

static bool get_registers(const struct gdb_server *server, struct gdb_registers *registers)
{
	int processor = server->vm->processor;

	return ioctl(processor, KVM_GET_REGS, &registers->general) == 0 &&
	       ioctl(processor, KVM_GET_SREGS, &registers->special) == 0 &&
	       ioctl(processor, KVM_GET_XSAVE, &registers->extended) == 0;
}

static bool set_registers(const struct gdb_server *server, struct gdb_registers *registers)
{
	int processor = server->vm->processor;

	/* Take x87 and SSE from there, even if they were in their initial state before. */
	registers->extended.region[XSAVE_PRESENT / sizeof(uint32_t)] |= 3;
	return ioctl(processor, KVM_SET_REGS, &registers->general) == 0 &&
	       ioctl(processor, KVM_SET_SREGS, &registers->special) == 0 &&
	       ioctl(processor, KVM_SET_XSAVE, &registers->extended) == 0;
}

static void answer_stop(struct gdb_server *server)
{
	char text[48];

	if (server->watched != NULL)
		snprintf(text, sizeof(text), "T%02xwatch:%llx;", (unsigned int)server->signal,
		         (unsigned long long)server->watched->address);
	else
		snprintf(text, sizeof(text), "T%02xthread:1;", (unsigned int)server->signal);
	answer(server, text);
}

/* g */
static void read_registers(struct gdb_server *server)
{
	struct gdb_registers registers;
	uint8_t bytes[GDB_REGISTER_SIZE_MAX];

	if (!get_registers(server, &registers)) {
		answer(server, "E01");
		return;
	}
	for (size_t i = 0; i < gdb_register_count(); i++)
		gdb_add_hex(&server->answer, bytes, gdb_register_get(&registers, i, bytes));
}

/* G VALUES: gdb sends all, also those that cannot change. */
static void write_registers(struct gdb_server *server, const char *at)
{
	struct gdb_registers registers;
	uint8_t bytes[GDB_REGISTER_SIZE_MAX];
	bool good = get_registers(server, &registers);

	for (size_t i = 0; good && i < gdb_register_count(); i++) {
		good = gdb_read_hex(&at, bytes, gdb_register_size(i));
		if (good)
			error_ignore(!gdb_register_set(&registers, i, bytes), "it stays as it is");
	}
	good = good && *at == '\0' && set_registers(server, &registers);
	answer(server, good ? "OK" : "E01");
}

/* p NUMBER */
static void read_register(struct gdb_server *server, const char *at)
{
	struct gdb_registers registers;
	uint8_t bytes[GDB_REGISTER_SIZE_MAX];
	uint64_t number;

	if (!gdb_read_number(&at, &number) || *at != '\0' || gdb_register_size(number) == 0 ||
	    !get_registers(server, &registers)) {
		answer(server, "E01");
		return;
	}
	gdb_add_hex(&server->answer, bytes, gdb_register_get(&registers, number, bytes));
}

/* P NUMBER=VALUE */
static void write_register(struct gdb_server *server, const char *at)
{
	struct gdb_registers registers;
	uint8_t bytes[GDB_REGISTER_SIZE_MAX];
	uint64_t number;

	bool good = gdb_read_number(&at, &number) && gdb_read_character(&at, '=') &&
	            gdb_register_size(number) > 0 &&
	            gdb_read_hex(&at, bytes, gdb_register_size(number)) && *at == '\0' &&
	            get_registers(server, &registers) &&
	            gdb_register_set(&registers, number, bytes) &&
	            set_registers(server, &registers);
	answer(server, good ? "OK" : "E01");
}

/* m ADDRESS,LENGTH: as much of it as there is */
static void read_memory(struct gdb_server *server, const char *at)
{
	uint64_t address, length;

	if (!gdb_read_number(&at, &address) || !gdb_read_character(&at, ',') ||
	    !gdb_read_number(&at, &length) || *at != '\0') {
		answer(server, "E01");
		return;
	}
	if (length > GDB_PACKET_MAX / 2)
		length = GDB_PACKET_MAX / 2;
	if (address < server->vm->mapped && length > server->vm->mapped - address)
		length = server->vm->mapped - address;
	const uint8_t *bytes = range(server, address, length);
	if (bytes == NULL)
		answer(server, "E14");
	else
		gdb_add_hex(&server->answer, bytes, length);
}

/* M ADDRESS,LENGTH:BYTES */
static void change_memory(struct gdb_server *server, const char *at)
{
	uint8_t bytes[GDB_PACKET_MAX / 2];
	uint64_t address, length;

	bool good = gdb_read_number(&at, &address) && gdb_read_character(&at, ',') &&
	            gdb_read_number(&at, &length) && gdb_read_character(&at, ':') &&
	            length <= sizeof(bytes) && gdb_read_hex(&at, bytes, length) && *at == '\0' &&
	            write_memory(server, address, bytes, length);
	answer(server, good ? "OK" : "E14");
}

/* Z KIND,ADDRESS,LENGTH and z */
static void change_breakpoint(struct gdb_server *server, const char *at, bool set)
{
	struct breakpoint_memory memory = breakpoint_memory(server);
	uint64_t kind, address, length;

	bool good = gdb_read_number(&at, &kind) && gdb_read_character(&at, ',') &&
	            gdb_read_number(&at, &address) && gdb_read_character(&at, ',') &&
	            gdb_read_number(&at, &length) && kind <= WATCH_ACCESS;
	if (good && set)
		good = breakpoint_set(&server->breakpoints, (enum breakpoint_kind)kind, address,
		                      length, &memory);
	else if (good)
		good = breakpoint_remove(&server->breakpoints, (enum breakpoint_kind)kind, address,
		                         length, &memory);
	answer(server, good ? "OK" : "E01");
}

/* qXfer:features:read:target.xml:OFFSET,LENGTH */
static void describe_target(struct gdb_server *server, const char *at)
{
	uint64_t offset, length;
	size_t size = strlen(gdb_target_description);

	if (!gdb_read_number(&at, &offset) || !gdb_read_character(&at, ',') ||
	    !gdb_read_number(&at, &length) || *at != '\0' || offset > size) {
		answer(server, "E01");
		return;
	}
	if (length > GDB_PACKET_MAX - 1)
		length = GDB_PACKET_MAX - 1;
	answer(server, length >= size - offset ? "l" : "m");
	for (; length > 0 && offset < size; length--, offset++)
		answer(server, (const char[]){ gdb_target_description[offset], '\0' });
}

static bool starts_with(const char **at, const char *prefix)
{
	size_t length = strlen(prefix);

	if (strncmp(*at, prefix, length) != 0)
		return false;
	*at += length;
	return true;
}

static void answer_query(struct gdb_server *server, const char *at)
{
	char text[96];

	if (starts_with(&at, "qSupported")) {
		snprintf(text, sizeof(text), "PacketSize=%x;qXfer:features:read+;QStartNoAckMode+",
		         (unsigned int)GDB_PACKET_MAX);
		answer(server, text);
	} else if (starts_with(&at, "qXfer:features:read:target.xml:")) {
		describe_target(server, at);
	} else if (starts_with(&at, "qAttached")) {
		answer(server, "1");
	} else if (starts_with(&at, "qfThreadInfo")) {
		answer(server, "m1");
	} else if (starts_with(&at, "qsThreadInfo")) {
		answer(server, "l");
	} else if (strcmp(at, "qC") == 0) {
		answer(server, "QC1");
	} else if (strcmp(at, "QStartNoAckMode") == 0) {
		server->acknowledges = false;
		answer(server, "OK");
	}
}

/* c, s, C, S, each perhaps with an address to go on at. */
static enum next resume(struct gdb_server *server, const char *at, bool step)
{
	struct gdb_registers registers;
	uint64_t address;

	if (gdb_read_number(&at, &address) && get_registers(server, &registers)) {
		registers.general.rip = address;
		error_ignore(!set_registers(server, &registers), "gdb sees where the guest is");
	}
	server->stepping = step;
	return GO_ON;
}

/* Signals mean nothing to a guest: skip their number. */
static const char *behind_signal(const char *at)
{
	uint64_t ignored;

	error_ignore(!gdb_read_number(&at, &ignored), "there need not be one");
	return *at == ';' ? at + 1 : at;
}

static void forget_gdb(struct gdb_server *server)
{
	struct breakpoint_memory memory = breakpoint_memory(server);

	breakpoints_clear(&server->breakpoints, &memory);
	server->stepping = false;
}

/* An empty answer says that the request is not known. */
static enum next handle(struct gdb_server *server, const char *packet)
{
	const char *at = packet + 1;

	switch (*packet) {
	case '?':
		answer_stop(server);
		return STAY;
	case 'g':
		read_registers(server);
		return STAY;
	case 'G':
		write_registers(server, at);
		return STAY;
	case 'p':
		read_register(server, at);
		return STAY;
	case 'P':
		write_register(server, at);
		return STAY;
	case 'm':
		read_memory(server, at);
		return STAY;
	case 'M':
		change_memory(server, at);
		return STAY;
	case 'Z':
	case 'z':
		change_breakpoint(server, at, *packet == 'Z');
		return STAY;
	case 'H':
	case 'T':
		answer(server, "OK");
		return STAY;
	case 'q':
	case 'Q':
		answer_query(server, packet);
		return STAY;
	case 'c':
	case 's':
		return resume(server, at, *packet == 's');
	case 'C':
	case 'S':
		return resume(server, behind_signal(at), *packet == 'S');
	case 'D':
		answer(server, "OK");
		forget_gdb(server);
		return GO_ON;
	case 'k':
		return KILL;
	default:
		return STAY;
	}
}

/* One byte, or false when gdb has gone. */
static bool receive(struct gdb_server *server, uint8_t *byte)
{
	ssize_t count;

	do
		count = recv(server->connection, byte, 1, 0);
	while (count < 0 && errno == EINTR);
	return count == 1;
}

/* Have the processor stop where gdb wants it to. */
static int arm(struct gdb_server *server, struct reason *reason)
{
	struct kvm_guest_debug debug = { .control = 0 };
	uint64_t registers[8];

	if (server->connection >= 0)
		debug.control = KVM_GUESTDBG_ENABLE;
	if (server->stepping)
		debug.control |= KVM_GUESTDBG_SINGLESTEP;
	breakpoints_debug_registers(&server->breakpoints, registers);
	if (registers[7] & 0xff) {
		debug.control |= KVM_GUESTDBG_USE_HW_BP;
		for (size_t i = 0; i < 8; i++)
			debug.arch.debugreg[i] = registers[i];
	}
	if (ioctl(server->vm->processor, KVM_SET_GUEST_DEBUG, &debug) != 0)
		return reason_set(reason, -errno, "KVM: no debugging of guests here: %s",
		                  strerror(errno));
	return 0;
}

static enum next answer_packet(struct gdb_server *server)
{
	bool acknowledge = server->acknowledges;

	if (acknowledge)
		send_all(server, "+", 1);
	memset(&server->answer, 0, sizeof(server->answer));
	enum next next = handle(server, server->parser.text);
	if (next == STAY || server->parser.text[0] == 'D')
		send_answer(server);
	if (server->parser.text[0] == 'D')
		hang_up(server);
	return next;
}

/* Answer until gdb lets the guest go on. */
static int serve(struct gdb_server *server, struct reason *reason)
{
	uint8_t byte;

	while (server->connection >= 0) {
		if (!receive(server, &byte)) {
			hang_up(server);
			break;
		}
		enum gdb_event event = gdb_parse(&server->parser, byte);
		if (event == GDB_BAD && server->acknowledges)
			send_all(server, "-", 1);
		if (event != GDB_PACKET)
			continue;
		enum next next = answer_packet(server);
		if (next == KILL)
			return reason_set(reason, -EINTR, "killed by gdb");
		if (next == GO_ON)
			return arm(server, reason);
	}
	forget_gdb(server);
	return arm(server, reason);
}

static void tell_stop(struct gdb_server *server)
{
	memset(&server->answer, 0, sizeof(server->answer));
	answer_stop(server);
	send_answer(server);
}

static int failed(struct reason *reason, uint16_t port)
{
	int error = errno;

	return reason_set(reason, -error, "gdb: 127.0.0.1:%u: %s", (unsigned int)port,
	                  strerror(error));
}

static int wait_for_gdb(uint16_t port, struct reason *reason)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		/* Whoever reaches the port controls the tender: nobody from outside. */
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int one = 1;

	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0)
		return failed(reason, port);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(listener, 1) != 0)
		return failed(reason, port);
	report_line(debug_program(), "Waiting for a debugger: target remote 127.0.0.1:%u",
	            (unsigned int)port);

	int connection;
	do
		connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	while (connection < 0 && errno == EINTR);
	if (connection < 0)
		return failed(reason, port);
	close(listener);
	setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return connection;
}

/* A byte from gdb signals this thread, and the signal gets the guest to stop. */
static int signal_when_gdb_speaks(const struct gdb_server *server)
{
	struct sigaction action = { .sa_handler = interrupt_guest };
	struct f_owner_ex owner = { F_OWNER_TID, (pid_t)syscall(SYS_gettid) };

	interrupted_run = server->vm->run;
	if (sigaction(SIGIO, &action, NULL) != 0 ||
	    fcntl(server->connection, F_SETOWN_EX, &owner) != 0 ||
	    fcntl(server->connection, F_SETFL, O_ASYNC) != 0)
		return -errno;
	return 0;
}

int gdb_server_start(struct gdb_server **server, uint16_t port, const struct vm *vm,
                     const struct guest_memory *memory, struct reason *reason)
{
	int connection = wait_for_gdb(port, reason);

	if (connection < 0)
		return connection;
	*server = calloc(1, sizeof(**server));
	if (*server == NULL)
		return reason_set(reason, -ENOMEM, "gdb: out of memory");
	(*server)->connection = connection;
	(*server)->vm = vm;
	(*server)->memory = memory;
	(*server)->acknowledges = true;
	(*server)->signal = GDB_SIGTRAP;
	int error = signal_when_gdb_speaks(*server);
	if (error != 0)
		return reason_set(reason, error, "gdb: %s", strerror(-error));
	return serve(*server, reason);
}

/* What gdb has sent while the guest ran: whether it wants it to stop. */
static bool interrupted(struct gdb_server *server)
{
	uint8_t byte;
	bool stop = false;

	__atomic_store_n(&server->vm->run->immediate_exit, 0, __ATOMIC_RELAXED);
	while (server->connection >= 0) {
		ssize_t count = recv(server->connection, &byte, 1, MSG_DONTWAIT);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			break;
		if (count == 0) {
			hang_up(server);
			return true;
		}
		stop = stop || gdb_parse(&server->parser, byte) == GDB_INTERRUPT;
	}
	return stop;
}

/* Whether the guest halted at an instruction of ours: it shall run its own in its place. */
static bool step_back_to_breakpoint(const struct gdb_server *server)
{
	struct kvm_regs general;

	if (ioctl(server->vm->processor, KVM_GET_REGS, &general) != 0 ||
	    !breakpoint_is_soft(&server->breakpoints, general.rip - 1))
		return false;
	general.rip--;
	return ioctl(server->vm->processor, KVM_SET_REGS, &general) == 0;
}

int gdb_server_stopped(struct gdb_server *server, enum vcpu_stop stop, struct reason *reason)
{
	server->watched = NULL;
	server->signal = GDB_SIGTRAP;
	if (stop == VCPU_STOP_INTERRUPT) {
		if (!interrupted(server))
			return 0;
		server->signal = GDB_SIGINT;
	} else if (stop == VCPU_STOP_HALT) {
		if (!step_back_to_breakpoint(server))
			return vcpu_unhandled(server->vm, reason);
	} else {
		server->watched =
			breakpoints_watched(&server->breakpoints, server->vm->run->debug.arch.dr6);
	}
	tell_stop(server);
	return serve(server, reason);
}

void gdb_server_failed(struct gdb_server *server)
{
	struct reason ignored = { .usage = false };

	if (server->connection < 0)
		return;
	server->signal = GDB_SIGSEGV;
	server->watched = NULL;
	tell_stop(server);
	error_ignore(serve(server, &ignored), "the guest has failed already");
}

void gdb_server_ended(struct gdb_server *server, int exit_status)
{
	char text[8];

	snprintf(text, sizeof(text), "W%02x", (unsigned int)exit_status & 0xff);
	memset(&server->answer, 0, sizeof(server->answer));
	answer(server, text);
	send_answer(server);
}
