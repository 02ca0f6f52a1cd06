/* A thread that computes, three calls deep, and a main that waits; without frame pointers there is nothing but call frame information to go by. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static volatile long sum;

__attribute__((noinline, noclone)) static void inner(long count)
{
    for (long i = 0; i < count; i++)
        sum += i * i;
}

__attribute__((noinline, noclone)) static void middle(long count)
{
    inner(count);
    sum++;
}

__attribute__((noinline, noclone)) static void outer(void)
{
    middle(1000000);
    sum--;
}

static void *run(void *argument)
{
    pthread_setname_np(pthread_self(), "busy");
    for (;;)
        outer();
    return argument;
}

int main(void)
{
    pthread_t thread;
    pthread_create(&thread, 0, run, 0);
    printf("ready\n");
    fflush(stdout);
    for (;;)
        pause();
}
