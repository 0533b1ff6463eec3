/* SPDX-License-Identifier: ISC */
/*
 * Start of an image as a process. Returning from main() flushes what the application has written
 * with stdio.
 */
#include <mirage/image.h>

#include "targets/unix/unix_target.h"

int main(int argc, char *argv[])
{
	unix_prepare();
	return image_run(&image, &unix_target, argc, (const char *const *)argv);
}
