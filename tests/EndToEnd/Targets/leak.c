/*
 * A tracer that leaves its breakpoints behind, as tracers do that are killed while they close their link: the thread that takes the
 * breakpoints out has a fatal signal pending, and the kernel gives up ("failed to unregister, leaking uprobe").
 *
 *   leak PROCESS FILE SEMAPHORE OFFSET...
 *
 * Probes the places in a child and kills it while it detaches, as often as it takes, until each is left. SEMAPHORE is the offset
 * in the file of the one that all places have, or 0. Ends with status 0 when they are left, 1 when all tries failed.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/bpf.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* BPF_LINK_CREATE for many user-space probes (6.6), which older headers do not have. */
struct uprobe_multi {
    uint32_t prog, target, attach_type, flags;
    uint64_t path, offsets, semaphores, cookies;
    uint32_t count, link_flags, pid, unused;
};

enum { TRACE_UPROBE_MULTI = 48, TIMES = 3000 };

static int load(void)
{
    struct bpf_insn code[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K }, { .code = BPF_JMP | BPF_EXIT } };
    union bpf_attr load;

    memset(&load, 0, sizeof load);
    load.prog_type = BPF_PROG_TYPE_KPROBE;
    load.expected_attach_type = TRACE_UPROBE_MULTI;
    load.insns = (uintptr_t)code;
    load.insn_cnt = 2;
    load.license = (uintptr_t)"GPL";
    return syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load);
}

static void probe_and_stop(struct uprobe_multi *places, int report)
{
    places->prog = load();
    int link = syscall(SYS_bpf, BPF_LINK_CREATE, places, sizeof *places);
    if (link < 0)
        _exit(2);
    if (write(report, "", 1) == 1)
        close(link);
    _exit(0);
}

static int differs(int pid, const char *file, unsigned long start)
{
    char line[512], name[64];
    int changed = 0;

    snprintf(name, sizeof name, "/proc/%d/maps", pid);
    FILE *maps = fopen(name, "r");
    snprintf(name, sizeof name, "/proc/%d/mem", pid);
    int memory = open(name, O_RDONLY), text = open(file, O_RDONLY);
    while (maps && fgets(line, sizeof line, maps)) {
        unsigned long from, to, offset;
        char protection[8], path[256] = "", now, original;
        if (sscanf(line, "%lx-%lx %7s %lx %*s %*s %255s", &from, &to, protection, &offset, path) == 5
            && protection[2] == 'x' && !strcmp(path, file) && start >= offset && start < offset + to - from)
            changed |= pread(memory, &now, 1, from + start - offset) == 1 && pread(text, &original, 1, start) == 1 && now != original;
    }
    if (maps)
        fclose(maps);
    close(memory);
    close(text);
    return changed;
}

int main(int argc, char **argv)
{
    if (argc < 5)
        return 2;
    /* Each place thousands of times: the breakpoint goes with the last of them, which gives the kill some milliseconds. */
    int pid = atoi(argv[1]), distinct = argc - 4, count = distinct * TIMES;
    uint64_t *offsets = calloc(count, 8), *semaphores = calloc(count, 8);

    for (int i = 0; i < count; i++) {
        offsets[i] = strtoul(argv[4 + i % distinct], NULL, 0);
        semaphores[i] = strtoul(argv[3], NULL, 0);
    }
    struct uprobe_multi places = {
        .attach_type = TRACE_UPROBE_MULTI, .path = (uintptr_t)argv[2], .offsets = (uintptr_t)offsets,
        .semaphores = semaphores[0] ? (uintptr_t)semaphores : 0, .count = count, .pid = pid,
    };

    for (int try = 0; try < 100; try++) {
        int report[2];
        char ready;
        if (pipe(report))
            return 2;
        pid_t child = fork();
        if (child == 0)
            probe_and_stop(&places, report[1]);
        close(report[1]);
        if (read(report[0], &ready, 1) != 1)
            return 2;
        struct timespec pause = { .tv_nsec = try * 100 * 1000 };
        nanosleep(&pause, NULL);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        close(report[0]);
        int left = 0;
        for (int i = 0; i < distinct; i++)
            left += differs(pid, argv[2], offsets[i]);
        if (left == distinct)
            return 0;
    }
    return 1;
}
