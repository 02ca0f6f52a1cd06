/*
 * Ends a tracer by two signals and looks what it leaves behind, on a machine that has no shell to do so exactly.
 *
 *   ends PROCESS FILE SEMAPHORES COUNT FIRST MICROSECONDS SECOND COMMAND...
 *
 * Runs COMMAND, which probes PROCESS, until it says on standard error that its run starts; sends it the signal FIRST, and SECOND after so
 * long unless it has ended; waits for its end. Prints how many bytes of the process's code of FILE differ from FILE, and how many of the
 * COUNT semaphores from the address SEMAPHORES on are raised: while it is traced, and (in the end, at most ten seconds later) after it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int memory, file;

static long changed_code(const char *process, const char *path)
{
    static unsigned char there[65536], here[65536];
    char name[64], line[512];
    long changed = 0;

    snprintf(name, sizeof name, "/proc/%s/maps", process);
    FILE *maps = fopen(name, "r");
    while (maps && fgets(line, sizeof line, maps)) {
        unsigned long from, to, offset;
        char protection[8], mapped[256] = "";
        if (sscanf(line, "%lx-%lx %7s %lx %*s %*s %255s", &from, &to, protection, &offset, mapped) != 5
            || protection[2] != 'x' || strcmp(mapped, path))
            continue;
        for (; from < to; from += sizeof here, offset += sizeof here) {
            size_t wanted = to - from < sizeof here ? to - from : sizeof here;
            ssize_t length = pread(file, here, wanted, offset);
            if (length < 0 || pread(memory, there, length, from) != length)
                return -1;
            for (ssize_t i = 0; i < length; i++)
                changed += there[i] != here[i];
        }
    }
    if (maps)
        fclose(maps);
    return changed;
}

static long raised(unsigned long semaphores, int count)
{
    uint16_t values[4096] = { 0 };
    long up = 0;

    if (count > 4096 || pread(memory, values, count * 2, semaphores) != count * 2)
        return -1;
    for (int i = 0; i < count; i++)
        up += values[i] != 0;
    return up;
}

int main(int argc, char **argv)
{
    if (argc < 9)
        return 2;
    const char *process = argv[1], *path = argv[2];
    unsigned long semaphores = strtoul(argv[3], NULL, 0);
    int count = atoi(argv[4]), said[2];
    char name[64];

    snprintf(name, sizeof name, "/proc/%s/mem", process);
    memory = open(name, O_RDONLY);
    file = open(path, O_RDONLY);
    if (memory < 0 || file < 0 || pipe(said))
        return 2;
    pid_t tracer = fork();
    if (tracer == 0) {
        signal(SIGINT, SIG_DFL);
        signal(SIGHUP, SIG_DFL);
        dup2(said[1], 2);
        dup2(open("/dev/null", O_RDWR), 1);
        close(said[0]);
        execvp(argv[8], argv + 8);
        _exit(127);
    }
    close(said[1]);

    char line[4096];
    int runs = 0;
    FILE *errors = fdopen(said[0], "r");
    while (!runs && fgets(line, sizeof line, errors)) {
        runs = !strncmp(line, "Pass 5: starting run", 20);
        if (!runs && strncmp(line, "Pass ", 5))
            fputs(line, stdout);
    }
    printf("traced: %ld bytes of code, %ld semaphores\n", changed_code(process, path), raised(semaphores, count));

    kill(tracer, atoi(argv[5]));
    usleep(atoi(argv[6]));
    /* It has not been waited for: the number is still its own. */
    kill(tracer, atoi(argv[7]));
    while (fgets(line, sizeof line, errors))
        ;
    waitpid(tracer, NULL, 0);
    long code = 0, up = 0;
    for (int look = 0; look < 1000; look++) {
        code = changed_code(process, path);
        up = raised(semaphores, count);
        if (!code && !up)
            break;
        usleep(10000);
    }
    printf("after: %ld bytes of code, %ld semaphores\n", code, up);
    return !runs || code || up;
}
