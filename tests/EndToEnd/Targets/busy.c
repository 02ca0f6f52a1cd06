/*
 * A target with marks and a known number of hits: THREADS threads pass the mark demo:step as fast as they can, for
 * SECONDS seconds, each counting for itself. The mark has a semaphore, as QEMU's and glibc's users' often do, and is
 * passed whether or not it is raised, so that the count is the truth.
 *
 *   busy THREADS SECONDS
 *
 * Prints "semaphore ADDRESS", waits for a line on standard input, runs, and prints "hits COUNT".
 */
#define _SDT_HAS_SEMAPHORES 1
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <sys/sdt.h>

unsigned short demo_step_semaphore __attribute__((section(".probes"), used));

static volatile int stop;

static void *work(void *argument)
{
    uint64_t hits = 0;
    uintptr_t thread = (uintptr_t)argument;

    while (!stop) {
        hits++;
        DTRACE_PROBE2(demo, step, thread, hits);
    }
    return (void *)(uintptr_t)hits;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    int threads = atoi(argv[1]);
    pthread_t ids[16];
    if (threads < 1 || threads > 16)
        return 2;

    printf("semaphore %p\n", (void *)&demo_step_semaphore);
    fflush(stdout);
    if (getchar() == EOF)
        return 1;

    for (uintptr_t i = 0; i < (uintptr_t)threads; i++)
        pthread_create(&ids[i], NULL, work, (void *)i);
    struct timespec pause = { .tv_sec = atoi(argv[2]) };
    nanosleep(&pause, NULL);
    stop = 1;

    uint64_t total = 0;
    for (int i = 0; i < threads; i++) {
        void *hits;
        pthread_join(ids[i], &hits);
        total += (uintptr_t)hits;
    }
    printf("hits %llu\n", (unsigned long long)total);
    return 0;
}
