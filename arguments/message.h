/* SPDX-License-Identifier: ISC */
/*
 * Text from outside inside error sentences, private to arguments/.
 */
#ifndef ARGUMENTS_MESSAGE_H
#define ARGUMENTS_MESSAGE_H

/* Room for a shown text. */
#define SHOWN_SIZE 48

/* `text` with control characters escaped and cut short with an ellipsis; returns `shown`. */
const char *show_text(const char *text, char shown[SHOWN_SIZE]);

#endif
