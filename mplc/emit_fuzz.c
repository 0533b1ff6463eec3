// SPDX-License-Identifier: ISC
#include "mplc/emit.h"
void emit_fuzz_file(struct emitter *emitter)
{
	emit(emitter, "\n");
}
void emit_json_file(struct emitter *emitter)
{
	emit(emitter, "\n");
}
