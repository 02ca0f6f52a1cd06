using System.Diagnostics;
using System.Globalization;
using Virtap.Binaries.Elf;
using Virtap.Processes;

namespace Virtap.Tracing.Tests.Specs;

/// <summary>The process that runs <c>tests/language/target.c</c>, one for all specs.</summary>
internal sealed class SpecTarget
{
    private static readonly Lazy<string?> s_program = new(Compile);
    private static SpecTarget? s_running;

    private readonly Process _process;

    private SpecTarget(Process process)
    {
        _process = process;
        Id = int.Parse(process.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
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

    /// <summary>The process, waiting to be let work.</summary>
    public static SpecTarget Running()
    {
        if (s_running is null || s_running._process.HasExited)
        {
            // A shell stands between: .NET waits for children of its own, and would take a tracer's news away.
            string[] words = ["-c", "exec 3<&0; \"$0\" <&3 & echo $!; exec 3<&-; wait", Path];
            s_running = new SpecTarget(Process.Start(new ProcessStartInfo("/bin/sh", words)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!);
        }

        return s_running;
    }

    /// <summary>Its process id.</summary>
    public int Id { get; }

    /// <summary>Has it call work() once.</summary>
    public void Work()
    {
        _process.StandardInput.Write('\n');
        _process.StandardInput.Flush();
        Assert.Equal("done", _process.StandardOutput.ReadLine());
    }

    /// <summary>
    /// An argument of a spec: <c>TARGET</c> is the target's process id, <c>TARGET:work</c> where that process has a function of it.
    /// </summary>
    public static string Argument(string word)
    {
        if (word != "TARGET" && !word.StartsWith("TARGET:", StringComparison.Ordinal))
            return word;
        LiveProcess process = LiveProcess.Get(Running().Id);
        if (word == "TARGET")
            return process.Id.ToString(CultureInfo.InvariantCulture);
        using ElfFile file = ElfFile.Open(Path);
        Assert.True(file.Symbols.TryFind(word[7..], out ElfSymbol function));
        return (function.Address + process.LoadBias(file)!.Value).ToString(CultureInfo.InvariantCulture);
    }

    private static string? Compile()
    {
        string folder = Directory.CreateTempSubdirectory("virtap-specs").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            s_running?._process.Kill();
            Directory.Delete(folder, recursive: true);
        };
        string program = System.IO.Path.Combine(folder, "target");
        try
        {
            string source = System.IO.Path.Combine(SpecReader.Folder, "target.c");
            using Process compiler = Process.Start("cc", ["-O2", "-g", "-fcf-protection=none", "-pthread", "-o", program, source]);
            compiler.WaitForExit();
            return compiler.ExitCode == 0 ? program : throw new InvalidOperationException("the target of specs does not compile");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
