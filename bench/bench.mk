# SPDX-License-Identifier: ISC
# Benchmarks: each bench/bench_*.c is one program that prints figures beside a peer's, as ratios.

BENCHES := $(patsubst bench/%.c,$(B)/bench/%,$(wildcard bench/bench_*.c))
BENCH_FLAGS := $(COMMON) -I. -O2 -flto=auto

# The unix target's own main() is not drawn in: each program has one.
$(B)/bench/%: bench/%.c Makefile bench/bench.mk $(B)/lib/mirage/unix/libmirage-runtime.a \
		$(B)/lib/mirage/unix/libmirage-unix.a $(B)/lib/mirage/unix/libmirage-storage.a \
		$(B)/lib/mirage/unix/libmirage-net.a
	@mkdir -p $(@D)
	@echo '  BENCH   $@'
	@$(CC) $(BENCH_FLAGS) -o $@ $(filter %.c,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(BENCH_LIBS)

$(B)/bench/bench_cipher: $(MBEDTLS_OF_HOST)
$(B)/bench/bench_cipher: private BENCH_FLAGS += $(call package_include,$(ARCH),mbedtls)
$(B)/bench/bench_cipher: private BENCH_LIBS := -lcrypto

.PHONY: bench
bench: all $(BENCHES) ## build and run the benchmarks
	@tools/setup.sh bench
	@set -e; for bench in $(BENCHES) bench/bench_tool.sh bench/bench_crunch.sh bench/bench_net_spt.sh bench/bench_block_spt.sh bench/bench_hvt.sh; do echo "# $$bench"; $$bench; done
