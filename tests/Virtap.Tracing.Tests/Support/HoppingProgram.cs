namespace Virtap.Tracing.Tests.Support;

/// <summary>
/// A C program whose coroutine a library makes, so that the program itself shows nothing of it. Main and 50 threads, one after the other,
/// enter it; in it <c>work</c> goes back to whoever entered it, and returns in the thread that enters it next. Of <c>next</c> nothing is
/// left behind its first instruction but the return.
/// </summary>
internal sealed class HoppingProgram : CompiledProgram
{
    /// <summary>How often <c>work</c> returns.</summary>
    public const int Returns = 100;

    private const string Source = """
        #ifdef LIBRARY
        #include <stdlib.h>
        #include <ucontext.h>
        static ucontext_t outside, inside;
        void fiber_start(void (*body)(void))
        {
            getcontext(&inside);
            inside.uc_stack.ss_sp = malloc(1 << 16);
            inside.uc_stack.ss_size = 1 << 16;
            makecontext(&inside, body, 0);
        }
        void fiber_enter(void) { swapcontext(&outside, &inside); }
        void fiber_leave(void) { swapcontext(&inside, &outside); }
        #else
        #include <pthread.h>
        #include <stdio.h>
        #include <stdlib.h>
        void fiber_start(void (*)(void)), fiber_enter(void), fiber_leave(void);
        static long sum;
        __attribute__((noinline, noclone)) long work(long i) { fiber_leave(); return i + 1; }
        __attribute__((noinline, noclone)) long next(long i) { return i + 1; }
        static void body(void) { for (long i = 0;; i++) sum += next(work(i)); }
        static void *enter(void *unused) { fiber_enter(); return unused; }
        int main(int argc, char **argv)
        {
            getchar();
            fiber_start(body);
            fiber_enter();
            for (int i = 0; i < atoi(argv[1]); i++) {
                pthread_t thread;
                pthread_create(&thread, NULL, enter, NULL);
                pthread_join(thread, NULL);
                fiber_enter();
            }
            printf("%ld\n", sum);
            return 0;
        }
        #endif
        """;

    private static readonly Lazy<string?> s_program = new(static () => Compile(
        "hopping", Source,
        (".so", ["-O2", "-shared", "-fPIC", "-DLIBRARY"]),
        ("", ["-O2", "-g", "FOLDER/hopping.so", "-Wl,-rpath,$ORIGIN"])));

    private HoppingProgram(int threads)
        : base(Path, $"{threads}")
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

    public static HoppingProgram Start(int threads = 50) => new(threads);

    /// <summary>Lets it run to its end.</summary>
    /// <returns>What it printed, and its status.</returns>
    public (string Output, int Status) Run()
    {
        Go();
        string output = Process.StandardOutput.ReadToEnd();
        Process.WaitForExit();
        return (output, Process.ExitCode);
    }
}
