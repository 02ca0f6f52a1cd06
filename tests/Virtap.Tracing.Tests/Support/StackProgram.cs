namespace Virtap.Tracing.Tests.Support;

/// <summary>
/// A C program without frame pointers, whose two threads call <c>leaf</c> by two ways, each so many times, when it is given a line; at the
/// next it ends. <c>stacks-fp</c> is the same with frame pointers.
/// </summary>
internal sealed class StackProgram : CompiledProgram
{
    private const string Source = """
        #include <pthread.h>
        #include <stdio.h>
        #include <stdlib.h>

        static int times;
        static volatile long sink;

        __attribute__((noinline, noclone)) long leaf(long n) { sink += n; return sink; }
        __attribute__((noinline, noclone)) long left(long n) { long r = leaf(n); sink++; return r; }
        __attribute__((noinline, noclone)) long right(long n) { long r = n > 1 ? right(n - 1) : leaf(n); sink++; return r; }
        static int compare(const void *a, const void *b) { long r = leaf(0); sink++; return (int)r * 0 + *(int *)a - *(int *)b; }
        static void *by_left(void *p) { for (int i = 0; i < times; i++) sink += left(1); return p; }
        static void *by_right(void *p) { for (int i = 0; i < times; i++) sink += right(3); return p; }

        int main(int argc, char **argv)
        {
            int c, pair[2] = { 2, 1 };
            pthread_t threads[2];
            times = atoi(argv[1]);
            while ((c = getchar()) != '\n' && c != EOF) ;
            pthread_create(&threads[0], 0, by_left, 0);
            pthread_create(&threads[1], 0, by_right, 0);
            for (int i = 0; i < 2; i++) pthread_join(threads[i], 0);
            qsort(pair, 2, sizeof pair[0], compare);
            puts("done");
            fflush(stdout);
            while ((c = getchar()) != '\n' && c != EOF) ;
            return 0;
        }
        """;

    private static readonly string? s_path = Compile(
        "stacks", Source, ("", ["-O2", "-fomit-frame-pointer", "-fno-optimize-sibling-calls"]),
        ("-fp", ["-O2", "-fno-omit-frame-pointer", "-fno-optimize-sibling-calls"]));

    private StackProgram(string path, int times)
        : base(path, $"{times}")
    {
    }

    /// <summary>Starts it; skips the test where there is no compiler.</summary>
    public static StackProgram Start(int times, bool keepsFramePointers = false) =>
        new(PathOf(keepsFramePointers), times);

    public static string PathOf(bool keepsFramePointers)
    {
        Assert.SkipWhen(s_path is null, "there is no C compiler");
        return s_path + (keepsFramePointers ? "-fp" : "");
    }

    /// <summary>Lets it do its calls, and waits until they are done.</summary>
    public void Run()
    {
        Go();
        Process.StandardOutput.ReadLine();
    }
}
