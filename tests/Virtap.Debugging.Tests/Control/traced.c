/* A program that is stopped and stepped where it hurts: it does what the bytes on its standard input say. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* A system call whose instruction has a name. */
long read_byte(int file, void *to, long count);
#if defined(__x86_64__)
__asm__(".globl read_byte, read_byte_call\nread_byte: xor %eax, %eax\nread_byte_call: syscall\n ret");
#else
__asm__(".globl read_byte, read_byte_call\nread_byte: mov x8, #63\nread_byte_call: svc #0\n ret");
#endif

volatile int passes, handled;

__attribute__((noinline)) int work(int n)
{
    return passes += n;
}

static void on_signal(int signal)
{
    handled = signal;
}

static int status_of_vfork(unsigned delay)
{
    pid_t child = vfork();
    if (child == 0) {
        usleep(delay);
        work(1);
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    return status;
}

static void *hurried(void *status)
{
    usleep(50000);
    *(int *)status = status_of_vfork(0);
    return 0;
}

static void *idle(void *unused)
{
    for (;;)
        usleep(1000);
}

int main(int count, char **words)
{
    pthread_t thread;
    pthread_create(&thread, 0, idle, 0);
    signal(SIGUSR1, on_signal);
    puts("ready");
    fflush(stdout);
    char what;
    while (read_byte(0, &what, 1) == 1) {
        int status = 0, slow = 0;
        if (what == 'v') { /* two children at a time in this memory: the one that came later leaves first */
            pthread_create(&thread, 0, hurried, &status);
            slow = status_of_vfork(300000);
            pthread_join(thread, 0);
        } else if (what == 'x') {
            execl("/proc/self/exe", words[0], (char *)0);
        }
        printf("%c %d %d\n", what, status, slow);
        fflush(stdout);
    }
    return 0;
}
