namespace Virtap.Tracing.Tests.Support;

/// <summary>
/// A C program with marks, compiled on first use, with and without symbols. <c>marked CALLS THREADS</c> waits for a line, makes its calls
/// in so many threads, prints the number of calls it made and the value of the semaphore while they ran, and waits for the end of its
/// input.
/// </summary>
internal sealed class MarkedProgram : CompiledProgram
{
    private const string Stripped = "-stripped";

    private const string Source = """
        #define _SDT_HAS_SEMAPHORES 1
        #include <pthread.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <sys/sdt.h>

        unsigned short demo_step_semaphore __attribute__((section(".probes"), used));
        unsigned short demo_a__b_semaphore __attribute__((section(".probes"), used));
        unsigned short other_step_semaphore __attribute__((section(".probes"), used));
        static long calls;
        static int table[4] = { 11, 22, 33, 44 };

        /* Written to in main: memory that nobody has touched is not there yet, and a probe cannot read it. */
        static char text[8];

        __attribute__((noinline, noclone)) long step(long thread, long n)
        {
            DTRACE_PROBE3(demo, step, thread, n, text);
            return thread + n;
        }

        __attribute__((noinline, noclone)) long rare(int n)
        {
            DTRACE_PROBE2(demo, a__b, n, table[1]);
            if (n > 5)
                DTRACE_PROBE2(demo, a__b, n, n + 1);
            DTRACE_PROBE(other, step);
            return n;
        }

        static void *run(void *thread)
        {
            for (long n = 0; n < calls; n++)
                step((long)thread, n);
            return NULL;
        }

        int main(int argc, char **argv)
        {
            pthread_t ids[16];
            int threads = argc > 2 ? atoi(argv[2]) : 1;
            calls = argc > 1 ? atol(argv[1]) : 1;
            snprintf(text, sizeof text, "text");
            getchar();
            for (long i = 0; i < threads; i++)
                pthread_create(&ids[i], NULL, run, (void *)i);
            for (int i = 0; i < threads; i++)
                pthread_join(ids[i], NULL);
            rare(7);
            printf("%ld %d\n", calls * threads, demo_step_semaphore);
            fflush(stdout);
            while (getchar() != EOF)
                ;
            return 3;
        }
        """;

    private static readonly Lazy<string?> s_program = new(Compile);

    private MarkedProgram(long calls, int threads)
        : base(Path, $"{calls}", $"{threads}")
    {
    }

    /// <summary>The program; skips the test where it cannot be made.</summary>
    public static string Path
    {
        get
        {
            Assert.SkipWhen(s_program.Value is null, "no C compiler, or no sys/sdt.h (package systemtap-sdt-dev)");
            return s_program.Value!;
        }
    }

    /// <summary>The same without symbols.</summary>
    public static string StrippedPath => Path + Stripped;

    public static MarkedProgram Start(long calls, int threads = 1) => new(calls, threads);

    /// <summary>Lets it make its calls.</summary>
    /// <returns>Calls made, and the semaphore's value meanwhile.</returns>
    public (long Calls, int Semaphore) Run()
    {
        Go();
        string[] words = Process.StandardOutput.ReadLine()!.Split(' ');
        return (long.Parse(words[0]), int.Parse(words[1]));
    }

    /// <summary>Lets it end by itself.</summary>
    public void End()
    {
        Process.StandardInput.Close();
        Process.WaitForExit();
    }

    private static string? Compile() =>
        File.Exists("/usr/include/sys/sdt.h") || File.Exists("/usr/include/x86_64-linux-gnu/sys/sdt.h")
            ? Compile(
                "marked", Source,
                ("", ["-O2", "-fcf-protection", "-rdynamic"]), (Stripped, ["-O2", "-fcf-protection", "-s"]))
            : null;
}
