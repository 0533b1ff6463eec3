/* SPDX-License-Identifier: ISC */
#include "tenders/hvt/core_dump.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/procfs.h>
#include <unistd.h>

enum {
	PAGE = 4096,
	SEGMENTS = 2,
	NAME_SIZE = 8, /* "CORE", its NUL, to a multiple of 4 */
};

/* Without the padding that the compiler would put before the status and behind it. */
struct __attribute__((packed)) note {
	Elf64_Nhdr header;
	char name[NAME_SIZE];
	struct elf_prstatus status;
};

struct head {
	Elf64_Ehdr file;
	Elf64_Phdr segments[SEGMENTS];
	struct note note;
};

static_assert(sizeof(struct elf_prstatus) == 336, "what gdb takes for x86-64's");
static_assert(sizeof(struct note) == 12 + NAME_SIZE + 336, "a note without padding");
static_assert(sizeof(struct head) <= PAGE, "memory starts on the file's second page");

static int write_at(int descriptor, const void *bytes, size_t length, uint64_t offset)
{
	for (size_t done = 0; done < length;) {
		ssize_t count = pwrite(descriptor, (const uint8_t *)bytes + done, length - done,
		                       (off_t)(offset + done));
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		done += (size_t)count;
	}
	return 0;
}

static void fill_registers(const struct core_dump *dump, struct user_regs_struct *registers)
{
	const struct kvm_regs *general = &dump->general;
	const struct kvm_sregs *special = &dump->special;

	*registers = (struct user_regs_struct){
		.r15 = general->r15,
		.r14 = general->r14,
		.r13 = general->r13,
		.r12 = general->r12,
		.rbp = general->rbp,
		.rbx = general->rbx,
		.r11 = general->r11,
		.r10 = general->r10,
		.r9 = general->r9,
		.r8 = general->r8,
		.rax = general->rax,
		.rcx = general->rcx,
		.rdx = general->rdx,
		.rsi = general->rsi,
		.rdi = general->rdi,
		.orig_rax = UINT64_MAX,
		.rip = general->rip,
		.cs = special->cs.selector,
		.eflags = general->rflags,
		.rsp = general->rsp,
		.ss = special->ss.selector,
		.fs_base = special->fs.base,
		.gs_base = special->gs.base,
		.ds = special->ds.selector,
		.es = special->es.selector,
		.fs = special->fs.selector,
		.gs = special->gs.selector,
	};
	if (dump->cookie != NULL) {
		registers->rip = dump->cookie->rip;
		registers->cs = dump->cookie->cs;
		registers->eflags = dump->cookie->rflags;
		registers->rsp = dump->cookie->rsp;
		registers->ss = dump->cookie->ss;
	}
}

static void fill_head(const struct core_dump *dump, struct head *head)
{
	struct elf_prstatus status = { .pr_pid = 1 };
	struct user_regs_struct registers;

	memset(head, 0, sizeof(*head));
	memcpy(head->file.e_ident, ELFMAG, SELFMAG);
	head->file.e_ident[EI_CLASS] = ELFCLASS64;
	head->file.e_ident[EI_DATA] = ELFDATA2LSB;
	head->file.e_ident[EI_VERSION] = EV_CURRENT;
	head->file.e_ident[EI_OSABI] = ELFOSABI_STANDALONE;
	head->file.e_type = ET_CORE;
	head->file.e_machine = EM_X86_64;
	head->file.e_version = EV_CURRENT;
	head->file.e_phoff = offsetof(struct head, segments);
	head->file.e_ehsize = sizeof(Elf64_Ehdr);
	head->file.e_phentsize = sizeof(Elf64_Phdr);
	head->file.e_phnum = SEGMENTS;
	head->segments[0] = (Elf64_Phdr){
		.p_type = PT_NOTE,
		.p_offset = offsetof(struct head, note),
		.p_filesz = sizeof(struct note),
		.p_align = 4,
	};
	head->segments[1] = (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_flags = PF_R | PF_W | PF_X,
		.p_offset = PAGE,
		.p_filesz = dump->size,
		.p_memsz = dump->size,
		.p_align = PAGE,
	};
	head->note.header.n_namesz = sizeof("CORE");
	head->note.header.n_descsz = sizeof(head->note.status);
	head->note.header.n_type = NT_PRSTATUS;
	memcpy(head->note.name, "CORE", sizeof("CORE"));
	fill_registers(dump, &registers);
	memcpy(&status.pr_reg, &registers, sizeof(registers));
	memcpy(&head->note.status, &status, sizeof(status));
}

static int write_memory(const struct core_dump *dump, int descriptor, const unsigned char *resident,
                        uint64_t *dumped)
{
	for (uint64_t page = 0; page < dump->size / PAGE; page++) {
		if (!(resident[page] & 1))
			continue;
		int error =
			write_at(descriptor, dump->memory + page * PAGE, PAGE, PAGE + page * PAGE);
		if (error != 0)
			return error;
		(*dumped)++;
	}
	return ftruncate(descriptor, (off_t)(PAGE + dump->size)) == 0 ? 0 : -errno;
}

/* mincore() does not write to the mapping, but is not declared so. */
static int find_resident(const struct core_dump *dump, unsigned char *resident)
{
	union {
		const void *read;
		void *write;
	} memory = { .read = dump->memory };

	return mincore(memory.write, dump->size, resident) == 0 ? 0 : -errno;
}

int core_dump_write(const struct core_dump *dump, int descriptor, uint64_t *dumped)
{
	struct head head;
	unsigned char *resident = calloc(dump->size / PAGE, 1);

	*dumped = 0;
	if (resident == NULL)
		return -ENOMEM;
	fill_head(dump, &head);
	int error = write_at(descriptor, &head, sizeof(head), 0);
	if (error == 0)
		error = find_resident(dump, resident);
	if (error == 0)
		error = write_memory(dump, descriptor, resident, dumped);
	free(resident);
	return error;
}
