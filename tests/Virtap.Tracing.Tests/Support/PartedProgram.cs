namespace Virtap.Tracing.Tests.Support;

/// <summary>
/// A C program of two files, each with variables of its own: <c>from_library(1)</c> is called in its library, then <c>in_program(n)</c>
/// with what that has returned. Both have debug information.
/// </summary>
internal sealed class PartedProgram : CompiledProgram
{
    private const string Source = """
        #ifdef LIBRARY
        struct part { int number; char name[8]; struct part *next; };
        static struct part inner = { 2, "inner", 0 };
        struct part shared = { 1, "shared", &inner };
        volatile int rows[3] = { 5, 6, 7 };
        static volatile int hidden = 17;
        __attribute__((noinline, noclone)) int from_library(int n)
        {
            __asm__ volatile("" : : "m"(shared), "m"(inner));
            return hidden + n + rows[0];
        }
        #else
        #include <stdio.h>
        int from_library(int);
        static volatile long of_program = 42;
        __attribute__((noinline, noclone)) long in_program(long n) { return n + of_program; }
        int main(void)
        {
            getchar();
            of_program++;
            printf("%ld\n", in_program(from_library(1)));
            return 0;
        }
        #endif
        """;

    private static readonly Lazy<string?> s_program = new(static () => Compile(
        "parted", Source,
        (".so", ["-O1", "-g", "-shared", "-fPIC", "-DLIBRARY"]),
        ("", ["-O1", "-g", "-pie", "-fPIE", "FOLDER/parted.so", "-Wl,-rpath,$ORIGIN"]),
        ("-fixed", ["-O1", "-g", "-no-pie", "FOLDER/parted.so", "-Wl,-rpath,$ORIGIN"])));

    private PartedProgram(string path)
        : base(path) => Path = path;

    /// <summary>The program.</summary>
    public string Path { get; }

    /// <summary>Starts it; skips the test where it cannot be made.</summary>
    /// <param name="isMoved">Whether the kernel chooses where it lies in memory.</param>
    public static PartedProgram Start(bool isMoved)
    {
        Assert.SkipWhen(s_program.Value is null, "no C compiler");
        return new PartedProgram(s_program.Value! + (isMoved ? "" : "-fixed"));
    }

    /// <summary>The library's path.</summary>
    public static string Library => s_program.Value! + ".so";

    /// <summary>Lets it run to its end.</summary>
    public void Run()
    {
        Go();
        Process.WaitForExit();
    }
}
