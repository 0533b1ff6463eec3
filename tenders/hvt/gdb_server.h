/* SPDX-License-Identifier: ISC */
/*
 * The server that gdb's `target remote` connects to.
 *
 * Model.      While the guest stands still, gdb_serve() answers packets until one says to go on.
 *             While it runs, a byte from gdb interrupts it. When gdb goes away, so do its
 *             breakpoints, and the guest runs on.
 * Ownership.  One server for one connection; it lives as long as the process.
 */
#ifndef TENDERS_HVT_GDB_SERVER_H
#define TENDERS_HVT_GDB_SERVER_H

#include <stdint.h>

#include <mirage/attributes.h>

#include "tenders/hvt/hypercall.h"
#include "tenders/hvt/vcpu.h"
#include "tenders/hvt/vm.h"
#include "tenders/report/reason.h"

struct gdb_server;

/*
 * Wait on 127.0.0.1 for gdb to connect, and serve it until it lets the guest start.
 *
 * -EADDRINUSE, …   the port cannot be had
 */
must_check int gdb_server_start(struct gdb_server **server, uint16_t port, const struct vm *vm,
                                const struct guest_memory *memory, struct reason *reason);

/* The guest stopped: tell gdb if it is for gdb, and serve it until it lets the guest go on. */
must_check int gdb_server_stopped(struct gdb_server *server, enum vcpu_stop stop,
                                  struct reason *reason);

/* The guest cannot go on: let gdb look at it. */
void gdb_server_failed(struct gdb_server *server);

/* Tell gdb that the guest has ended. */
void gdb_server_ended(struct gdb_server *server, int exit_status);

#endif
