using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Virtap.EndToEnd.Targets;

/// <summary>
/// A C program of 3,000 functions, each with a mark of its own that has a semaphore: <c>f0</c> to <c>f2999</c>, <c>demo:m0</c> to
/// <c>demo:m2999</c>. It calls them all, again and again.
/// </summary>
public sealed class ManyMarks : IDisposable
{
    private const int Count = 3000;

    private static readonly Lazy<Task<string>> Compiled = new(CompileAsync);

    private readonly Process _process;
    private readonly ulong _semaphores;

    private ManyMarks(Process process, string executable, ulong semaphores) =>
        (_process, Executable, _semaphores) = (process, executable, semaphores);

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>The program's file.</summary>
    public string Executable { get; }

    /// <summary>Whether it still runs.</summary>
    public bool IsAlive => !_process.HasExited;

    /// <summary>
    /// Starts it from a file of its own, for the kernel does not forget a breakpoint that was left in a file; skips the test where it
    /// cannot be made.
    /// </summary>
    public static async Task<ManyMarks> StartAsync()
    {
        Requirements.Program("gcc");
        Requirements.ExistingFile("/usr/include/x86_64-linux-gnu/sys/sdt.h");
        var executable = Path.Combine(Directory.CreateTempSubdirectory("virtap").FullName, "many");
        File.Copy(await Compiled.Value, executable);
        var process = Command.Start(executable, []);
        var line = await process.StandardOutput.ReadLineAsync() ?? "";
        return new ManyMarks(process, executable, ulong.Parse(line[2..], NumberStyles.HexNumber));
    }

    /// <summary>Where in the file a function begins.</summary>
    public async Task<ulong> OffsetOfAsync(string function)
    {
        // The program is linked so that its code lies in the file as far from the beginning as in memory.
        var symbols = await Command.RunAsync("nm", [Executable]);
        var line = symbols.Output.Split('\n').Single(text => text.EndsWith(" T " + function, StringComparison.Ordinal));
        return ulong.Parse(line.Split(' ')[0], NumberStyles.HexNumber);
    }

    /// <summary>
    /// What tracing has changed in it: bytes of its code that are not the file's, semaphores that are raised, that it is stopped or has a
    /// tracer; null for nothing.
    /// </summary>
    public string? Damage()
    {
        var code = TracedMemory.CountChangedCodeBytes(Id, Executable);
        var semaphores = TracedMemory.CountRaisedSemaphores(Id, _semaphores, Count);
        string[] status = File.ReadAllLines($"/proc/{Id}/status");
        bool isHeld = status.Any(static line => line is ['S', 't', 'a', 't', 'e', ':', '\t', 'T' or 't', ..])
            || !status.Contains("TracerPid:\t0");
        return code + semaphores == 0 && !isHeld
            ? null : $"{code} bytes of code are changed, {semaphores} semaphores are raised{(isHeld ? ", it is stopped or traced" : "")}";
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(Path.GetDirectoryName(Executable)!, recursive: true);
    }

    /// <summary>The program in C, with so many functions. It first prints where the semaphores begin.</summary>
    public static string Source(int count)
    {
        var source = new StringBuilder("#define _SDT_HAS_SEMAPHORES 1\n#include <stdio.h>\n#include <unistd.h>\n#include <sys/sdt.h>\n");
        for (var i = 0; i < count; i++)
        {
            source.Append(CultureInfo.InvariantCulture, $"unsigned short demo_m{i}_semaphore ");
            source.Append("__attribute__((section(\".probes\"), used));\n");
            source.Append(CultureInfo.InvariantCulture, $"__attribute__((noinline)) void f{i}(void) {{ DTRACE_PROBE(demo, m{i}); }}\n");
        }

        // The compiler may lay them out from the last to the first.
        source.Append("int main(void) { unsigned short *a = &demo_m0_semaphore, ");
        source.Append(CultureInfo.InvariantCulture, $"*b = &demo_m{count - 1}_semaphore;\n");
        source.Append("printf(\"%p\\n\", (void *)(a < b ? a : b)); fflush(stdout); for (;; usleep(20000)) {\n");
        for (var i = 0; i < count; i++)
            source.Append(CultureInfo.InvariantCulture, $"f{i}();\n");
        return source.Append("} }\n").ToString();
    }

    private static async Task<string> CompileAsync()
    {
        var executable = Path.Combine(AppContext.BaseDirectory, "many");
        await File.WriteAllTextAsync(executable + ".c", Source(Count));
        var result = await Command.RunAsync(
            "gcc", ["-O1", "-Wall", "-Werror", "-Wl,-z,noseparate-code", "-o", executable, executable + ".c"]);
        return result.Status == 0 ? executable : throw new InvalidOperationException(result.Error);
    }
}
