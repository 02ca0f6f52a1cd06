/*
 * What the tools attach to: a program with the two marks of the notes' script, as a QEMU built with SDT marks has them.
 *
 *   target          prints "ready" and waits to be killed
 *   target HITS     prints "ready", waits for a line, passes a mark HITS times, prints the nanoseconds for one
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <sys/sdt.h>

static void __attribute__((noinline)) complete(void *vdev, void *req, int status)
{
    DTRACE_PROBE3(qemu, virtio_blk_req_complete, vdev, req, status);
}

static void __attribute__((noinline)) notify(void *vdev, void *vq)
{
    DTRACE_PROBE2(qemu, virtio_notify_irqfd, vdev, vq);
}

int main(int argc, char **argv)
{
    puts("ready");
    fflush(stdout);
    if (argc < 2)
        for (;;)
            pause();

    long hits = atol(argv[1]);
    getchar();
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (long i = 0; i < hits; i++)
        complete(argv, argv + 1, (int)i);
    clock_gettime(CLOCK_MONOTONIC, &b);
    notify(argv, argv);
    printf("%.1f\n", ((b.tv_sec - a.tv_sec) * 1e9 + (b.tv_nsec - a.tv_nsec)) / hits);
    return 0;
}
