/* SPDX-License-Identifier: ISC */
/* What images of Solo5 have besides: see solo5.ld. */
extern __thread int thread_local_data;
extern __thread char thread_local_zero[100];
extern const char interpreter[24];

__thread int thread_local_data = 7;
__thread char thread_local_zero[100];
const char interpreter[24] __attribute__((section(".interp"))) = "/nonexistent/solo5/";
