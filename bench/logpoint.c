/*
 * What logpoints are measured on: the VirtQueue of the notes, and the function that the notes stop in.
 *
 *   logpoint BURSTS CALLS    prints "ready", waits for a line, calls the function CALLS times in a row, BURSTS times with a pause in between,
 *                            and prints the nanoseconds that one call takes, and those that the thread has of a processor for it
 */
#define main notes_main
#include "../tests/EndToEnd/Targets/notes-queue.c"
#undef main
#include <time.h>

static double now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * 1e9 + time.tv_nsec;
}

int main(int argc, char **argv)
{
    long bursts = argc > 1 ? atol(argv[1]) : 1, calls = argc > 2 ? atol(argv[2]) : 1;
    double spent = 0, used = 0;
    VirtIODevice vdev = { "virtio-blk", &vq, &vq };

    vq.vdev = &vdev;
    puts("ready");
    fflush(stdout);
    getchar();
    for (long burst = 0; burst < bursts; burst++) {
        double start = now(CLOCK_MONOTONIC), running = now(CLOCK_THREAD_CPUTIME_ID);
        for (long call = 0; call < calls; call++)
            virtio_notify_irqfd(&vdev, &vq);
        used += now(CLOCK_THREAD_CPUTIME_ID) - running;
        spent += now(CLOCK_MONOTONIC) - start;
        /* Whoever prints what was read has time to. */
        usleep(100000);
    }
    printf("%.1f %.1f\n", spent / (bursts * calls), used / (bursts * calls));
    return 0;
}
