/* SPDX-License-Identifier: ISC */
/*
 * Times in directory slots: two bytes of time in steps of 2 s, two of date from 1980 on. They are
 * local times of an unknown place; here they are UTC.
 */
#ifndef STORAGE_FAT_TIME_H
#define STORAGE_FAT_TIME_H

#include <stdint.h>

#include <mirage/duration.h>

/* Nanoseconds since 1970; 0 for a date that is none. */
nanoseconds fat_time_read(const uint8_t bytes[4]);

/* What is before 1980 becomes its first day, what is after 2107 its last. */
void fat_time_write(uint8_t bytes[4], nanoseconds time);

#endif
