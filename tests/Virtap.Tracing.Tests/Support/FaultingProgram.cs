namespace Virtap.Tracing.Tests.Support;

/// <summary>
/// A C program whose threads compute side by side, and then touch memory that they have not touched before: <c>touch</c> returns how many
/// pages, each of which is one page fault of the thread's. Its first call is of one page, in main.
/// </summary>
internal sealed class FaultingProgram : CompiledProgram
{
    private const string Source = """
        #define _GNU_SOURCE
        #include <pthread.h>
        #include <stdio.h>
        #include <sys/mman.h>

        __attribute__((noinline, noclone)) long touch(volatile char *memory, long pages)
        {
            for (long i = 0; i < pages; i++)
                memory[i * 4096] = 1;
            return pages;
        }

        static void *run(void *argument)
        {
            long pages = (long)argument;
            char *memory = mmap(0, pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            madvise(memory, pages * 4096, MADV_NOHUGEPAGE);
            for (volatile long i = 0; i < 3000000; i++)
                ;
            touch(memory, pages);
            return 0;
        }

        int main(void)
        {
            pthread_t threads[4];
            getchar();
            run((void *)1L);
            for (long i = 0; i < 4; i++)
                pthread_create(&threads[i], NULL, run, (void *)(100 + i));
            for (int i = 0; i < 4; i++)
                pthread_join(threads[i], NULL);
            return 0;
        }
        """;

    private static readonly Lazy<string?> s_program = new(static () => Compile("faulting", Source, ("", ["-O1"])));

    private FaultingProgram()
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

    public static FaultingProgram Start() => new();

    /// <summary>Lets it run to its end.</summary>
    public void Run()
    {
        Go();
        Process.WaitForExit();
    }
}
