# SPDX-License-Identifier: ISC
# Mbed TLS: ciphers. What is in it is said in overlay/include/mbedtls/mbedtls_config.h: a source whose
# part is not asked for there compiles to nothing.
SOURCES := library/*.c
HEADERS := include/mbedtls include/psa
FLAGS := -Iinclude -Ilibrary
LICENSES := LICENSE
