// Writes to a variable a known number of times, in two threads, and to another one once, which it then reads; a process that it makes
// writes to its own copy.

#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

volatile long watched, beside[4];

__attribute__((noinline)) void *writes(void *times)
{
    for (long n = 0; n < (long)times; n++)
        watched = n;
    return times;
}

int main(void)
{
    writes((void *)30);
    pthread_t thread;
    pthread_create(&thread, NULL, writes, (void *)12);
    pthread_join(thread, NULL);
    beside[0] = 1;
    long seen = beside[0];
    if (fork() == 0) {
        writes((void *)5);
        _exit(0);
    }
    wait(NULL);
    return (int)seen - 1;
}
