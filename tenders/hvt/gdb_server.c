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
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tenders/hvt/debug.h"
#include "tenders/hvt/gdb_commands.h"

struct gdb_server {
	int connection; /* -1: gdb has gone */
	struct gdb_parser parser;
	struct gdb_session session;
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

	if (server->session.answer.overflow) {
		memset(&server->session.answer, 0, sizeof(server->session.answer));
		gdb_add(&server->session.answer, "E07");
	}
	send_all(server, frame, gdb_frame(&server->session.answer, frame));
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
	if (server->session.stepping)
		debug.control |= KVM_GUESTDBG_SINGLESTEP;
	breakpoints_debug_registers(&server->session.target.breakpoints, registers);
	if (registers[7] & 0xff) {
		debug.control |= KVM_GUESTDBG_USE_HW_BP;
		for (size_t i = 0; i < 8; i++)
			debug.arch.debugreg[i] = registers[i];
	}
	if (ioctl(server->session.target.vm->processor, KVM_SET_GUEST_DEBUG, &debug) != 0)
		return reason_set(reason, -errno, "KVM: no debugging of guests here: %s",
		                  strerror(errno));
	return 0;
}

static enum gdb_next answer_packet(struct gdb_server *server)
{
	bool acknowledge = server->session.acknowledges;

	if (acknowledge)
		send_all(server, "+", 1);
	enum gdb_next next = gdb_answer(&server->session, server->parser.text);
	if (next == GDB_STAY || server->parser.text[0] == 'D')
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
		if (event == GDB_BAD && server->session.acknowledges)
			send_all(server, "-", 1);
		if (event != GDB_PACKET)
			continue;
		enum gdb_next next = answer_packet(server);
		if (next == GDB_KILL) {
			hang_up(server);
			return reason_set(reason, -EINTR, "killed by gdb");
		}
		if (next == GDB_GO_ON)
			return arm(server, reason);
	}
	gdb_forget(&server->session);
	return arm(server, reason);
}

static void tell_stop(struct gdb_server *server)
{
	gdb_answer_stop(&server->session);
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

	interrupted_run = server->session.target.vm->run;
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
	(*server)->session.target.vm = vm;
	(*server)->session.target.memory = memory;
	(*server)->session.acknowledges = true;
	(*server)->session.signal = GDB_SIGTRAP;
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

	__atomic_store_n(&server->session.target.vm->run->immediate_exit, 0, __ATOMIC_RELAXED);
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

	if (ioctl(server->session.target.vm->processor, KVM_GET_REGS, &general) != 0 ||
	    !breakpoint_is_soft(&server->session.target.breakpoints, general.rip - 1))
		return false;
	general.rip--;
	return ioctl(server->session.target.vm->processor, KVM_SET_REGS, &general) == 0;
}

int gdb_server_stopped(struct gdb_server *server, enum vcpu_stop stop, struct reason *reason)
{
	server->session.watched = NULL;
	server->session.signal = GDB_SIGTRAP;
	if (stop == VCPU_STOP_INTERRUPT) {
		if (!interrupted(server))
			return 0;
		server->session.signal = GDB_SIGINT;
	} else if (stop == VCPU_STOP_HALT) {
		if (!step_back_to_breakpoint(server))
			return vcpu_unhandled(server->session.target.vm, reason);
	} else {
		server->session.watched =
			breakpoints_watched(&server->session.target.breakpoints,
		                            server->session.target.vm->run->debug.arch.dr6);
	}
	tell_stop(server);
	return serve(server, reason);
}

void gdb_server_failed(struct gdb_server *server)
{
	struct reason ignored = { .usage = false };

	if (server->connection < 0)
		return;
	server->session.signal = GDB_SIGSEGV;
	server->session.watched = NULL;
	tell_stop(server);
	error_ignore(serve(server, &ignored), "the guest has failed already");
}

void gdb_server_ended(struct gdb_server *server, int exit_status)
{
	char text[8];

	snprintf(text, sizeof(text), "W%02x", (unsigned int)exit_status & 0xff);
	memset(&server->session.answer, 0, sizeof(server->session.answer));
	gdb_add(&server->session.answer, text);
	send_answer(server);
}
