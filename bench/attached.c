/*
 * How long from starting a command to a line that contains MARKER on either of its outputs, and how much memory it took.
 *
 *   attached MARKER COMMAND [ARG...]     with an empty MARKER: to the command's end
 *
 * Prints "MILLISECONDS PEAK_RSS_KIB" and ends the command with SIGINT. Status 1: the marker never came (what the
 * command said goes to standard error). The memory is the largest of the command and those it waited for.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
    int ends[2];
    static char seen[1 << 20];
    size_t length = 0;
    double took = -1;
    struct rusage usage;
    int status;

    if (argc < 3 || pipe(ends))
        return 2;
    double start = now();
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], 1);
        dup2(ends[1], 2);
        close(ends[0]);
        close(ends[1]);
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    close(ends[1]);

    ssize_t n;
    while (length < sizeof seen - 1 && (n = read(ends[0], seen + length, sizeof seen - 1 - length)) > 0) {
        length += n;
        seen[length] = 0;
        if (*argv[1] && took < 0 && strstr(seen, argv[1])) {
            took = now() - start;
            kill(child, SIGINT);
        }
    }
    wait4(child, &status, 0, &usage);
    if (!*argv[1] && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        took = now() - start;
    if (took < 0) {
        fputs(seen, stderr);
        return 1;
    }
    printf("%.2f %ld\n", took, usage.ru_maxrss);
    return 0;
}
