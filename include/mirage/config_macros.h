/* SPDX-License-Identifier: ISC */
/*
 * The preprocessor's part of the language of config.c: lists of device types of any length.
 */
#ifndef MIRAGE_CONFIG_MACROS_H
#define MIRAGE_CONFIG_MACROS_H

/* Where in config.c a macro is used. */
#define CONFIG_HERE ((struct location){ .file = __FILE__, .line = __LINE__ })

/* Rescan often enough for lists of 64 elements. */
#define CONFIG_SCAN(...)  CONFIG_SCAN3(CONFIG_SCAN3(CONFIG_SCAN3(CONFIG_SCAN3(__VA_ARGS__))))
#define CONFIG_SCAN3(...) CONFIG_SCAN2(CONFIG_SCAN2(CONFIG_SCAN2(CONFIG_SCAN2(__VA_ARGS__))))
#define CONFIG_SCAN2(...) CONFIG_SCAN1(CONFIG_SCAN1(CONFIG_SCAN1(CONFIG_SCAN1(__VA_ARGS__))))
#define CONFIG_SCAN1(...) __VA_ARGS__

#define CONFIG_PARENTHESES ()

/* macro(x) for each x. */
#define CONFIG_EACH(macro, ...) __VA_OPT__(CONFIG_SCAN(CONFIG_EACH_STEP(macro, __VA_ARGS__)))
#define CONFIG_EACH_STEP(macro, first, ...) \
	macro(first) __VA_OPT__(CONFIG_EACH_AGAIN CONFIG_PARENTHESES(macro, __VA_ARGS__))
#define CONFIG_EACH_AGAIN() CONFIG_EACH_STEP

/* macro(x, dN) for each x, where N counts in strokes: d, d1, d11, … */
#define CONFIG_NAMED(macro, separator, ...) \
	__VA_OPT__(CONFIG_SCAN(CONFIG_NAMED_STEP(macro, separator, d, __VA_ARGS__)))
#define CONFIG_NAMED_STEP(macro, separator, name, first, ...)                            \
	macro(first, name) __VA_OPT__(separator() CONFIG_NAMED_AGAIN CONFIG_PARENTHESES( \
		macro, separator, name##1, __VA_ARGS__))
#define CONFIG_NAMED_AGAIN() CONFIG_NAMED_STEP
#define CONFIG_COMMA()       ,
#define CONFIG_NOTHING()

/* (time, console) -> time_impl *d, console_impl *d1; nothing -> void */
#define CONFIG_PARAMETERS(...) \
	CONFIG_FIRST(__VA_OPT__(CONFIG_SOME_PARAMETERS, ) CONFIG_NO_PARAMETERS, )(__VA_ARGS__)
#define CONFIG_FIRST(first, ...)     first
#define CONFIG_NO_PARAMETERS()       void
#define CONFIG_SOME_PARAMETERS(...)  CONFIG_NAMED(CONFIG_PARAMETER, CONFIG_COMMA, __VA_ARGS__)
#define CONFIG_PARAMETER(type, name) type##_impl *name

#define CONFIG_DEPENDENCIES(...)                                                         \
	(const struct dependency[])                                                      \
	{                                                                                \
		__VA_OPT__(CONFIG_NAMED(CONFIG_DEPENDENCY, CONFIG_NOTHING, __VA_ARGS__)) \
		{                                                                        \
			NULL, NULL                                                       \
		}                                                                        \
	}
#define CONFIG_DEPENDENCY(device, name) { &device##_type, (struct impl *)name },

#define CONFIG_AS_IMPL(device) (struct impl *)(device),

/* Some number, or an error of the compiler. */
#define CONFIG_SAME_TYPE(a, b)                                                             \
	((int)sizeof(struct {                                                              \
		_Static_assert(__builtin_types_compatible_p(__typeof__(a), __typeof__(b)), \
		               "both branches must be of the same device type");           \
		int unused;                                                                \
	}))

#define CONFIG_KEY(name, key_type, ...)                                           \
	static const struct key key_##name                                        \
		__attribute__((unused)) = { .identifier = #name,                  \
		                            .type = (key_type),                   \
		                            .location = { __FILE__, __LINE__ },   \
		                            __VA_ARGS__ };                        \
	__attribute__((constructor)) static void config_key_register_##name(void) \
	{                                                                         \
		config_key_register(&key_##name);                                 \
	}

#endif
