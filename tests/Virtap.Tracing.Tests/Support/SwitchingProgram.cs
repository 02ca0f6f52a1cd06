namespace Virtap.Tracing.Tests.Support;

/// <summary>
/// A C program with two coroutines, each on a stack of its own, which it enters in no order 1,000 times; in each of them <c>work</c> goes
/// back to main and returns when it is entered again. What it prints hangs on each return's coming to the right caller.
/// </summary>
internal sealed class SwitchingProgram : CompiledProgram
{
    private const string Source = """
        #include <stdio.h>
        #include <stdlib.h>
        #include <ucontext.h>

        static ucontext_t outside, inside[2];
        static volatile int current;
        static volatile long sum;

        __attribute__((noinline, noclone)) long work(long i)
        {
            swapcontext(&inside[current], &outside);
            return i + 1;
        }

        __attribute__((noinline, noclone)) long tail(long (*function)(long)) { return function(1); }

        static void first(void) { for (long i = 0;; i++) sum += work(i); }
        static void second(void) { for (long i = 0;; i++) sum -= 2 * work(i); }

        __attribute__((noinline, noclone)) long enter(int i)
        {
            current = i;
            swapcontext(&outside, &inside[i]);
            return sum;
        }

        int main(void)
        {
            void (*bodies[])(void) = { first, second };
            getchar();
            for (int i = 0; i < 2; i++) {
                getcontext(&inside[i]);
                inside[i].uc_stack.ss_sp = malloc(1 << 16);
                inside[i].uc_stack.ss_size = 1 << 16;
                makecontext(&inside[i], bodies[i], 0);
            }
            for (int i = 0; i < 1000; i++)
                enter(rand() & 1);
            printf("%ld\n", sum);
            return tail(labs) != 1;
        }
        """;

    private static readonly Lazy<string?> s_program = new(static () => Compile("switching", Source, ("", ["-O2"])));

    private SwitchingProgram()
        : base(Path)
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

    public static SwitchingProgram Start() => new();

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
