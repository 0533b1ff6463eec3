/* SPDX-License-Identifier: ISC */
/*
 * What gdb's packets ask for, and the answers.
 *
 * Hostile.    A packet is what anybody on this machine might have sent.
 */
#ifndef TENDERS_HVT_GDB_COMMANDS_H
#define TENDERS_HVT_GDB_COMMANDS_H

#include <stdbool.h>

#include <mirage/attributes.h>

#include "tenders/hvt/gdb_packet.h"
#include "tenders/hvt/gdb_target.h"

/* gdb's own numbers, which are Linux's here. */
enum gdb_signal {
	GDB_SIGINT = 2,
	GDB_SIGTRAP = 5,
	GDB_SIGSEGV = 11,
};

struct gdb_session {
	struct gdb_target target;
	struct gdb_text answer;
	bool acknowledges;
	bool stepping;
	enum gdb_signal signal;                /* why the guest stands still */
	const struct hard_breakpoint *watched; /* or NULL */
};

/* What an answered packet means for the guest. */
enum gdb_next {
	GDB_STAY,  /* send the answer */
	GDB_GO_ON, /* no answer before it stops again; but for `D`, which ends the session */
	GDB_KILL,
};

/* Do what `packet` asks for, and put the answer into session->answer. */
must_check enum gdb_next gdb_answer(struct gdb_session *session, const char *packet);

/* Put into session->answer why the guest stands still. */
void gdb_answer_stop(struct gdb_session *session);

/* Undo what gdb has set: breakpoints and stepping. */
void gdb_forget(struct gdb_session *session);

#endif
