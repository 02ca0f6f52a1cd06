namespace Virtap.Tracing.Tests.Support;

/// <summary>
/// A C program with two coroutines, each on a stack of its own, which it enters in no order 1,000 times; in each of them <c>work</c> goes
/// back to main and returns when it is entered again. <c>jumped</c> is called 1,000 times, and <c>jumps</c> ends in a jump to it as often.
/// What it prints hangs on each return's coming to the right caller. With the path of <see cref="Library"/> it goes back through the
/// library's <c>call</c>.
/// </summary>
internal sealed class SwitchingProgram : CompiledProgram
{
    private const string Source = """
        #include <dlfcn.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <ucontext.h>

        static ucontext_t outside, inside[2];
        static volatile int current;
        static volatile long sum;

        static long own(void (*function)(void)) { function(); return 1; }
        static long (*call)(void (*)(void)) = own;
        static void out(void) { swapcontext(&inside[current], &outside); }

        __attribute__((noinline, noclone)) long work(long i)
        {
            return i + call(out);
        }

        __attribute__((noinline, cold)) void seldom(long i) { sum += i; }

        __attribute__((noinline, noclone)) long leaf(long i)
        {
            if (__builtin_expect(i % 10 == 7, 0)) {
                seldom(i);
                return i / 3;
            }
            return i + 1;
        }

        __attribute__((noinline, noclone)) long tail(long (*function)(long)) { return function(1); }

        __attribute__((noipa)) long jumped(long i) { sum += i; return i; }
        __attribute__((noipa)) long jumps(long i) { return jumped(i + 1); }

        static void first(void) { for (long i = 0;; i++) sum += work(i); }
        static void second(void) { for (long i = 0;; i++) sum -= 2 * work(i); }

        __attribute__((noinline, noclone)) long enter(int i)
        {
            current = i;
            swapcontext(&outside, &inside[i]);
            return sum;
        }

        int main(int argc, char **argv)
        {
            if (argc > 1)
                call = dlsym(dlopen(argv[1], RTLD_NOW), "call");
            void (*bodies[])(void) = { first, second };
            getchar();
            for (int i = 0; i < 2; i++) {
                getcontext(&inside[i]);
                inside[i].uc_stack.ss_sp = malloc(1 << 16);
                inside[i].uc_stack.ss_size = 1 << 16;
                makecontext(&inside[i], bodies[i], 0);
            }
            for (int i = 0; i < 1000; i++)
                sum += leaf(enter(rand() & 1)) + jumps(i) - jumped(i);
            printf("%ld\n", sum);
            return tail(labs) != 1;
        }
        """;

    private const string LibrarySource = """
        long call(void (*function)(void)) { function(); return 1; }
        long tail(long (*function)(long)) { return function(1); }
        """;

    private static readonly Lazy<string?> s_program = new(static () => Compile("switching", Source, ("", ["-O2"])));

    private static readonly Lazy<string?> s_library =
        new(static () => Compile("called.so", LibrarySource, ("", ["-O2", "-shared", "-fPIC"])));

    private SwitchingProgram(params IEnumerable<string> arguments)
        : base(Path, arguments)
    {
    }

    /// <summary>A library; skips the test where it cannot be made.</summary>
    public static string Library
    {
        get
        {
            Assert.SkipWhen(s_library.Value is null, "no C compiler");
            return s_library.Value!;
        }
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

    /// <summary>Starts it with the library, which it has loaded when this returns.</summary>
    public static SwitchingProgram StartWithLibrary()
    {
        var program = new SwitchingProgram(Library);
        while (!File.ReadAllText($"/proc/{program.Id}/maps").Contains(Library, StringComparison.Ordinal))
            Thread.Sleep(1);
        return program;
    }

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
