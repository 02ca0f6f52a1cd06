using Virtap.Processes.Tests.Support;

namespace Virtap.Processes.Tests.Stacks;

/// <summary>Programs that stand still, or are busy, deep in calls of each kind.</summary>
internal sealed class DeepProgram : IDisposable
{
    private const string Source = """
        #define _GNU_SOURCE
        #include <pthread.h>
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>

        volatile long sink;
        static char alternate[1 << 16];

        static inline __attribute__((always_inline)) int innermost(int n) { sink += n; pause(); return n + (int)sink; }

        static inline __attribute__((always_inline)) int inlined(int n)
        {
            sink++;
            return innermost(n) * 3;
        }

        __attribute__((noinline)) int recursive(int n)
        {
            char room[64];
            memset(room, n, sizeof room);
            int result = n == 0 ? inlined(n) : recursive(n - 1) + room[3];
            sink += result;
            return result;
        }

        __attribute__((noinline)) static int compare(const void *a, const void *b)
        {
            int result = recursive(2) + *(const int *)a - *(const int *)b;
            sink++;
            return result;
        }

        __attribute__((noinline)) void variable(int n)
        {
            char room[n];
            memset(room, 1, n);
            sink += recursive(1) + room[n / 2];
        }

        __attribute__((noinline)) void handler(int signal)
        {
            sink += signal;
            recursive(1);
            sink++;
        }

        __attribute__((noinline)) void interrupted(void)
        {
            sink++;
            __asm__ volatile("" ::: "memory");
            raise(SIGUSR1);
            sink++;
        }

        __attribute__((noinline)) void crash(void) { sink++; *(volatile int *)0 = (int)sink; sink++; }

        __attribute__((noinline, noreturn)) void forever(void) { recursive(0); abort(); }

        __attribute__((noinline)) long leaf(long n) { for (long i = 0; i < 50000; i++) sink += i * n; return sink; }
        __attribute__((noinline)) long left(long n) { long r = leaf(n); sink++; return r; }
        __attribute__((noinline)) long right(long n) { long r = leaf(n + 1) + 1; sink++; return r; }
        static void *busy_left(void *p) { for (;;) sink += left((long)p); return 0; }
        static void *busy_right(void *p) { for (;;) sink += right((long)p); return 0; }

        int main(int argc, char **argv)
        {
            const char *what = argc > 1 ? argv[1] : "";
            int numbers[4] = { 4, 3, 2, 1 };
            stack_t stack = { .ss_sp = alternate, .ss_size = sizeof alternate };
            struct sigaction action = { .sa_handler = handler };
            if (!strcmp(what, "alternate")) {
                action.sa_flags = SA_ONSTACK;
                sigaltstack(&stack, 0);
            }
            sigaction(SIGUSR1, &action, 0);
            sigaction(SIGSEGV, &action, 0);
            if (!strcmp(what, "recursive")) recursive(5);
            if (!strcmp(what, "callback")) qsort(numbers, 4, sizeof numbers[0], compare);
            if (!strcmp(what, "variable")) variable(argc * 100);
            if (!strcmp(what, "signal") || !strcmp(what, "alternate")) interrupted();
            if (!strcmp(what, "crash")) crash();
            if (!strcmp(what, "forever")) forever();
            if (!strcmp(what, "busy")) {
                pthread_t one, two;
                pthread_create(&one, 0, busy_left, (void *)1);
                pthread_create(&two, 0, busy_right, (void *)2);
                pthread_join(one, 0);
            }
            sink++;
            return 0;
        }
        """;

    private readonly TemporaryFolder _folder = new();

    private DeepProgram(string compiler, string[] options)
    {
        Path = System.IO.Path.Combine(_folder.Path, "deep");
        Tool.Run(compiler, ["-o", Path, _folder.Write("deep.c", Source, executable: false), "-pthread", .. options]);
    }

    public string Path { get; }

    public string Folder => _folder.Path;

    public static DeepProgram Compile(string options) => new("gcc", options.Split(' '));

    public void Dispose() => _folder.Dispose();
}
