/* SPDX-License-Identifier: ISC */
/*
 * The language of config.c.
 *
 * config.c is ordinary C. `mirage` compiles it, runs it on the developer's machine, and builds the
 * image that it describes; nothing of it ends up in the image. It declares keys and entry points
 * at file scope and defines `configure`, which composes devices into jobs:
 *
 *     #include <mirage/config.h>
 *
 *     KEY_STRING(hello, .value = "Hello World!", .doc = "How to say hello.")
 *     MAIN(hello_main, "hello_start", time)
 *
 *     void configure(void)
 *     {
 *             register_unikernel("hello", hello_main(default_time()));
 *     }
 *
 * Model.      Each device type is a C type of its own (`time_impl`, `console_impl`, …), so that a
 *             device of the wrong type, or too few of them, is an error of the compiler on the
 *             line where it is written. A device is a node of a graph; nothing runs yet.
 * Ownership.  All strings and lists are copied. Nothing needs to be freed.
 * Errors.     Every function here ends the evaluation with one diagnostic, at the place in
 *             config.c that it came from, when it cannot do what it is asked.
 * See also.   docs/how-to/write-a-device.md, mirage-config(5)
 */
#ifndef MIRAGE_CONFIG_H
#define MIRAGE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <mirage/arguments.h>
#include <mirage/attributes.h>
#include <mirage/config_macros.h>

/* What the user defines. */
void configure(void);

/* ------------------------------------------------------------------ device types */

struct impl; /* a node of the graph, whatever its type */

struct device_type {
	const char *name;
	const char *header;    /* what declares it; default <mirage/NAME.h> */
	const char *parameter; /* its C type in a start function; default `const struct NAME *` */
};

/*
 * Declare a device type: the C type `NAME_impl` for config.c and, in the image, `struct NAME` from
 * `header`. `DEVICE_TYPE(counter, .header = "counter.h")`
 */
#define DEVICE_TYPE(type_name, ...)                       \
	typedef struct type_name##_impl type_name##_impl; \
	static const struct device_type type_name##_type  \
		__attribute__((unused)) = { .name = #type_name, __VA_ARGS__ }

DEVICE_TYPE(job);
DEVICE_TYPE(time);
DEVICE_TYPE(wall_clock);
DEVICE_TYPE(monotonic_clock);
DEVICE_TYPE(console);
DEVICE_TYPE(random);
DEVICE_TYPE(kv_ro);
DEVICE_TYPE(kv_rw);
DEVICE_TYPE(block);
DEVICE_TYPE(net);

/* ------------------------------------------------------------------ entry points and jobs */

/*
 * Declare an entry point: `MAIN(constructor, "function", TYPE, TYPE…)` makes a constructor that
 * takes one device of each type and gives a job. The application defines
 *
 *     int function(const struct TYPE *, const struct TYPE *, …);
 *
 * which `mirage configure` checks. It runs as a fiber when the devices are connected; it returns
 * 0, a negative errno value, or 1..255 to be the exit status. A parameter of type `job` is a job
 * that runs to its end first; the function receives nothing for it.
 */
#define MAIN(constructor, function, ...)                                                     \
	static __attribute__((unused)) job_impl *constructor(CONFIG_PARAMETERS(__VA_ARGS__)) \
	{                                                                                    \
		return (job_impl *)job_new(CONFIG_HERE, #constructor, function,              \
		                           CONFIG_DEPENDENCIES(__VA_ARGS__));                \
	}

/* MirageOS 1.x spelling. */
#define FOREIGN MAIN

/* A job that does nothing. */
#define noop() ((job_impl *)noop_new(CONFIG_HERE))

/* Several jobs in one unikernel: each is a fiber; an error in one cancels the others. */
struct job_list {
	job_impl *const *jobs; /* NULL-terminated */
};
#define JOBS(...) ((struct job_list){ .jobs = (job_impl *const[]){ __VA_ARGS__, NULL } })

/* ------------------------------------------------------------------ keys */

enum key_stage {
	KEY_STAGE_BOTH,      /* default set by `mirage configure`, overridden at run time */
	KEY_STAGE_CONFIGURE, /* fixed by `mirage configure`: a constant in the image */
	KEY_STAGE_RUN,       /* known only at run time */
};

/*
 * A key. In `KEY_…(identifier, …)` the rest are fields, all optional:
 *   .names        option names, "hello" or "port,p"; default: the identifier with - for _
 *   .value        the default, as text in the form a command line takes; none: the key is absent
 *   .doc          what it is for
 *   .stage        when it can be set
 *   .required     it has no default and must be given
 *   .list         a comma-separated list of values
 *   .minimum, .maximum   bounds of an int; one alone leaves the other side open
 *   .choices      CHOICES("fat", "crunch") of an enum
 *   .placeholder  VALUE in the documentation
 *   .section      heading in the documentation; default UNIKERNEL PARAMETERS
 *
 * The image reads it with key_IDENTIFIER() from "mirage/key_gen.h".
 */
struct key {
	const char *identifier;
	enum argument_type type;
	struct location {
		const char *file;
		int line;
	} location;
	const char *names;
	const char *value;
	const char *doc;
	enum key_stage stage;
	bool required;
	bool list;
	int64_t minimum;
	int64_t maximum;
	const char *const *choices;
	const char *placeholder;
	const char *section;
};

#define KEY_STRING(identifier, ...)   CONFIG_KEY(identifier, ARGUMENT_STRING, __VA_ARGS__)
#define KEY_INT(identifier, ...)      CONFIG_KEY(identifier, ARGUMENT_INT, __VA_ARGS__)
#define KEY_BOOL(identifier, ...)     CONFIG_KEY(identifier, ARGUMENT_BOOL, __VA_ARGS__)
#define KEY_FLAG(identifier, ...)     CONFIG_KEY(identifier, ARGUMENT_FLAG, __VA_ARGS__)
#define KEY_IPV4(identifier, ...)     CONFIG_KEY(identifier, ARGUMENT_IPV4, __VA_ARGS__)
#define KEY_IPV6(identifier, ...)     CONFIG_KEY(identifier, ARGUMENT_IPV6, __VA_ARGS__)
#define KEY_PREFIX(identifier, ...)   CONFIG_KEY(identifier, ARGUMENT_PREFIX, __VA_ARGS__)
#define KEY_MAC(identifier, ...)      CONFIG_KEY(identifier, ARGUMENT_MAC, __VA_ARGS__)
#define KEY_SIZE(identifier, ...)     CONFIG_KEY(identifier, ARGUMENT_SIZE, __VA_ARGS__)
#define KEY_DURATION(identifier, ...) CONFIG_KEY(identifier, ARGUMENT_DURATION, __VA_ARGS__)
#define KEY_ENUM(identifier, ...)     CONFIG_KEY(identifier, ARGUMENT_ENUM, __VA_ARGS__)

#define CHOICES(...) ((const char *const[]){ __VA_ARGS__, NULL })

/*
 * A key's value while configuring, as text: given to `mirage configure`, or its default, or NULL.
 * Asking for a key of stage KEY_STAGE_RUN is an error: it is not known yet.
 */
const char *value_text(const struct key *key);
bool value_is_true(const struct key *key); /* of a bool or flag */
int64_t value_int(const struct key *key);

/* ------------------------------------------------------------------ choosing */

/* Something that is true or false while configuring, kept by name so that it can be shown. */
struct condition;

const struct condition *is_unix(void);
const struct condition *is_solo5(void); /* hvt, spt, virtio, muen */
const struct condition *is_xen(void);   /* xen, qubes */
const struct condition *is_target(const char *target);
const struct condition *when_true(const struct key *key);
const struct condition *when_equals(const struct key *key, const char *text);
const struct condition *not_condition(const struct condition *condition);
const struct condition *and_condition(const struct condition *a, const struct condition *b);
const struct condition *or_condition(const struct condition *a, const struct condition *b);

/* One of two implementations of the same type. Both are shown by `mirage describe`. */
#define if_impl(condition, yes, no)                                                 \
	((__typeof__(yes))if_impl_new(CONFIG_HERE, condition, (struct impl *)(yes), \
	                              (struct impl *)(no), CONFIG_SAME_TYPE(yes, no)))

/* By a key's value: `match_impl(&key_kv_ro, other, CASE("fat", a), CASE("crunch", b))` */
struct impl_case {
	const char *text;
	struct impl *impl;
};
#define CASE(value, implementation)                                      \
	{                                                                \
		.text = (value), .impl = (struct impl *)(implementation) \
	}
#define match_impl(key, otherwise, ...)                       \
	((__typeof__(otherwise))match_impl_new(               \
		CONFIG_HERE, key, (struct impl *)(otherwise), \
		(const struct impl_case[]){ __VA_ARGS__ __VA_OPT__(, ){ NULL, NULL } }))

/* The target, for config.c that prefers `switch`. */
enum mode {
	MODE_UNIX,
	MODE_MACOSX,
	MODE_HVT,
	MODE_SPT,
	MODE_VIRTIO,
	MODE_MUEN,
	MODE_XEN,
	MODE_QUBES,
	MODE_JS
};
enum mode get_mode(void);
const char *get_target(void); /* "unix", "hvt", … */

/*
 * An environment variable, or `otherwise` if it is not set. What was read is remembered, so that a
 * later `make` configures with the same value.
 */
const char *environment(const char *name, const char *otherwise);

/* End the configuration with a message: a printf format. */
#define config_fail(...) config_fail_at(CONFIG_HERE, __VA_ARGS__)

/* ------------------------------------------------------------------ devices */

/* The implementations that come with Mirage; each call makes one instance. */
time_impl *default_time(void);
wall_clock_impl *default_wall_clock(void);
monotonic_clock_impl *default_monotonic_clock(void);
console_impl *default_console(void);
random_impl *default_random(void);

/*
 * A device that the image asks of its Solo5 tender: MANIFEST_NET("service") or
 * MANIFEST_BLOCK("storage"). The name is 1 to 67 letters and digits of ASCII, and stands for one
 * device of the image: it goes into mirage/manifest.json, and whoever starts the image attaches
 * something to it (`solo5-hvt --net:service=tap0`). Other targets ignore it.
 */
struct manifest_device {
	const char *type; /* "net" or "block"; NULL: none */
	const char *name;
};
#define MANIFEST_NET(device_name)      \
	((struct manifest_device){     \
		.type = "net",         \
		.name = (device_name), \
	})
#define MANIFEST_BLOCK(device_name)    \
	((struct manifest_device){     \
		.type = "block",       \
		.name = (device_name), \
	})

/*
 * An implementation of one's own. `DEVICE(type, name, …)` gives a `type_impl *`; the image gets
 *
 *     DECLARATION                                                 if .declaration
 *     static struct NAME_state NAME_1_state;                      if .state
 *     static const struct NAME NAME_1_self = { .state = …, FIELDS };  if .state, .devices, .values
 *     static const struct TYPE NAME_1 = { .ops = &NAME_ops, .self = &NAME_1_self };
 *
 * and calls NAME_connect(&NAME_1_self) before and NAME_disconnect(&NAME_1_self) after the jobs, if
 * asked to.
 * The fields after the name, all optional:
 */
struct device {
	const char *header;                /* declares NAME and NAME_ops; "x.h" is the project's,
					      "mirage/x.h" Mirage's */
	const char *declaration;           /* C text that the values need: "extern const …;" */
	bool state;                        /* there is a mutable struct NAME_state */
	bool connect;                      /* int NAME_connect(const struct NAME *) */
	bool disconnect;                   /* void NAME_disconnect(const struct NAME *) */
	const struct device_wire *devices; /* DEVICES(WIRE(below, net), …) */
	const struct device_value *values; /* VALUES(TEXT_VALUE(path, "disk.img"), …) */
	const char *const *targets;        /* TARGETS("unix"): where it exists; default all */
	const char *const *sources;        /* FILES("counter.c") */
	const char *const *libraries;      /* LIBRARIES("counter"): local libraries */
	const struct package *packages;    /* PACKAGES(package("zlib1g-dev", …)) */
	const struct rule *rules;        /* RULES(RULE(…)) that must have run before the build */
	const char *const *install;      /* FILES(…) copied to dist/ */
	struct impl *const *after;       /* AFTER(other): connected only after these */
	struct manifest_device manifest; /* MANIFEST_NET("service"): what the tender must attach */
};
#define DEVICE(type_name, implementation, ...)                                          \
	((type_name##_impl *)device_new(CONFIG_HERE, &type_name##_type, implementation, \
	                                &(struct device){ __VA_ARGS__ }))

struct device_wire {
	const char *field;
	struct impl *impl;
};
#define DEVICES(...) ((const struct device_wire[]){ __VA_ARGS__, { NULL, NULL } })
#define WIRE(member, device)                                      \
	{                                                         \
		.field = #member, .impl = (struct impl *)(device) \
	}

struct device_value {
	const char *field;
	const char *text;       /* a C string … */
	const char *expression; /* … or a C constant expression … */
	const struct key *key;  /* … or a key: the field is `const struct argument_value *` */
};
#define VALUES(...) ((const struct device_value[]){ __VA_ARGS__, { NULL, NULL, NULL, NULL } })
#define TEXT_VALUE(member, value)                 \
	{                                         \
		.field = #member, .text = (value) \
	}
#define C_VALUE(member, value)                          \
	{                                               \
		.field = #member, .expression = (value) \
	}
#define KEY_VALUE(member, value)                 \
	{                                        \
		.field = #member, .key = (value) \
	}

#define FILES(...)     ((const char *const[]){ __VA_ARGS__, NULL })
#define LIBRARIES(...) FILES(__VA_ARGS__)
#define TARGETS(...)   FILES(__VA_ARGS__)
#define AFTER(...)     ((struct impl *const[]){ CONFIG_EACH(CONFIG_AS_IMPL, __VA_ARGS__) NULL })

/* `device` is connected only after `other`, although it does not use it. */
#define depends_on(device, other) \
	depends_on_at(CONFIG_HERE, (struct impl *)(device), (struct impl *)(other))

/* ------------------------------------------------------------------ building */

/*
 * A Debian package that the build needs: `package("zlib1g-dev", "1:1.2", NULL)`, or with fields
 * `package("zlib1g-dev", .min = "1:1.2", .pkg_config = "zlib")`. Versions are Debian's; `min` is
 * inclusive, `max` exclusive. `pkg_config` names the module whose flags the build uses.
 *
 * What an image for hvt or spt is linked with is no binary package but a recipe's: of the project,
 * packages/NAME/recipe.mk, or one that came with Mirage (packages/README.md): `package("mbedtls")`.
 */
struct package {
	const char *name;
	const char *min;
	const char *max;
	const char *pkg_config;
	bool build; /* needed to build, not linked */
};
#define package(package_name, ...)                               \
	{                                                        \
		.name = (package_name)__VA_OPT__(, ) __VA_ARGS__ \
	}
#define PACKAGES(...) ((const struct package[]){ __VA_ARGS__, { .name = NULL } })

/*
 * A build step: a file made by a shell command in the project's folder when an input is newer,
 * and removed by `mirage clean`. In the command $@ is the output, $< the first input, $^ all, and
 * $(ROOT) where mirage is installed. Two devices may bring the same rule: it is done once.
 */
struct rule {
	const char *output;
	const char *const *inputs;  /* FILES(…); may be outputs of other rules */
	const char *const *folders; /* FILES(…): folders of the project; all that is in them is
				       input too */
	const char *command;
};
#define RULE(...)           \
	{                   \
		__VA_ARGS__ \
	}
#define RULES(...) ((const struct rule[]){ __VA_ARGS__, { .output = NULL } })

/*
 * Say what to build: `register_unikernel("hello", job, …)` or `(…, JOBS(a, b), …)`, exactly once.
 * `name` is letters, digits, `_` and `-`. The fields after the jobs, all optional:
 */
struct unikernel {
	const char *const *sources;     /* FILES("unikernel.c", …); default unikernel.c */
	const char *const *libraries;   /* LIBRARIES("greeting"): folders beside config.c, whose *.c
					    are built and whose headers are found */
	const struct package *packages; /* PACKAGES(…) */
	const struct rule *rules;       /* RULES(…) */
	const char *const *install;     /* FILES(…) copied to dist/ */
	const char *const *compile_flags;
	const char *const *link_flags;
};
#define register_unikernel(name, jobs, ...)                              \
	register_unikernel_at(CONFIG_HERE, name,                         \
	                      _Generic((jobs), job_impl *                \
	                               : config_one_job, struct job_list \
	                               : config_job_list)(jobs),         \
	                      &(struct unikernel){ __VA_ARGS__ })

/* ------------------------------------------------------------------ behind the macros */

struct dependency {
	const struct device_type *type;
	struct impl *impl;
};

struct impl *job_new(struct location here, const char *constructor, const char *function,
                     const struct dependency *dependencies);
struct impl *noop_new(struct location here);
struct impl *device_new(struct location here, const struct device_type *type,
                        const char *implementation, const struct device *device);
struct impl *if_impl_new(struct location here, const struct condition *condition, struct impl *yes,
                         struct impl *no, int same_type);
struct impl *match_impl_new(struct location here, const struct key *key, struct impl *otherwise,
                            const struct impl_case *cases);
void depends_on_at(struct location here, struct impl *device, struct impl *other);
struct job_list config_one_job(job_impl *job);
struct job_list config_job_list(struct job_list jobs);
void register_unikernel_at(struct location here, const char *name, struct job_list jobs,
                           const struct unikernel *unikernel);
void config_key_register(const struct key *key);
no_return void config_fail_at(struct location here, const char *format, ...) printf_like(2, 3);

#include <mirage/config_block.h>
#include <mirage/config_kv.h>
#include <mirage/config_net.h>

#endif
