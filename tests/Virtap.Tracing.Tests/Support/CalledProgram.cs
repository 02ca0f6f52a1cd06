namespace Virtap.Tracing.Tests.Support;

/// <summary>
/// A C program whose functions return what is known beforehand, compiled on first use. <c>called N THREADS</c> waits for a line; then each
/// thread computes fib(N) by recursion once more in main, where <c>down</c> is called to a depth of 40, and it prints fib(N).
/// </summary>
internal sealed class CalledProgram : CompiledProgram
{
    private const string Source = """
        #include <pthread.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>

        static long n;

        /* What is done with results, so that calls are made. */
        static volatile long sink;

        __attribute__((noinline, noclone)) long fib(long i) { return i < 2 ? i : fib(i - 1) + fib(i - 2); }

        __attribute__((noinline, noclone)) long down(long i) { return i == 0 ? 0 : 1 + down(i - 1); }

        __attribute__((noinline, noclone)) long deep(long i) { return i == 1 ? 1 : 1 + deep(i - 1); }

        __attribute__((noinline, noclone)) int negative(int i) { return -i; }

        __attribute__((noinline, noclone)) long eight(int a, int b, int c, int d, int e, int f, long g, long h)
        {
            return a + b + c + d + e + f + g + h;
        }

        __attribute__((noinline, noclone)) const char *text(const char *name) { return name + 1; }

        static void *run(void *unused)
        {
            sink = fib(n);
            return unused;
        }

        int main(int argc, char **argv)
        {
            pthread_t ids[16];
            int threads = atoi(argv[2]);
            n = atol(argv[1]);
            getchar();
            for (int i = 0; i < threads; i++)
                pthread_create(&ids[i], NULL, run, NULL);
            for (int i = 0; i < threads; i++)
                pthread_join(ids[i], NULL);
            sink = negative(5);
            sink = eight(1, -2, 3, 4, 5, 6, 7, 8);
            char name[] = "xyz";
            write(1, text(name), 0);
            sink = down(40);
            sink = deep(100);
            printf("%ld\n", fib(n));
            char *copy = strdup(name);
            free(copy);
            fflush(stdout);
            return 0;
        }
        """;

    private static readonly Lazy<string?> s_program =
        new(static () => Compile("called", Source, ("", ["-O1", "-fno-optimize-sibling-calls"])));

    private CalledProgram(long n, int threads)
        : base(Path, $"{n}", $"{threads}")
    {
    }

    /// <summary>The program; skips the test where it cannot be made.</summary>
    public static string Path
    {
        get
        {
            Assert.SkipWhen(s_program.Value is null, "no C compiler");
            return s_program.Value!;
        }
    }

    public static CalledProgram Start(long n, int threads = 1) => new(n, threads);

    /// <summary>Lets it make its calls and end.</summary>
    /// <returns>fib(n).</returns>
    public long Run()
    {
        Go();
        long result = long.Parse(Process.StandardOutput.ReadToEnd());
        Process.WaitForExit();
        return result;
    }
}
