using System.Diagnostics;
using Virtap.Bpf.Tests.Support;
using Virtap.Tracing.Backends;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Tests.Support;

namespace Virtap.Tracing.Tests.Session;

/// <summary>What is told of targets in which nothing can fire.</summary>
public sealed class TargetWarningTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("virtap-replaced").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_process_that_runs_what_had_the_name_before_is_told()
    {
        RealKernel.Require();
        string path = Path.Combine(_folder, "replaced");
        File.Copy(MarkedProgram.Path, path);
        using Process running = Start(path);
        string script = $"probe process(\"{path}\").mark(\"step\") {{}} probe timer.ms(1) {{ exit() }}";
        Assert.Empty(WarningsOf(script, null));

        File.Delete(path);
        File.Copy(MarkedProgram.Path, path);
        var warning = Assert.IsType<FileWasReplaced>(Assert.Single(WarningsOf(script, null)));
        Assert.Equal((path, running.Id), (warning.Path, Assert.Single(warning.Processes)));
        Assert.IsType<FileWasReplaced>(Assert.Single(WarningsOf(script, running.Id)));
        Assert.Empty(WarningsOf($"probe process({running.Id}).mark(\"step\") {{}} probe timer.ms(1) {{ exit() }}", null));
        // Its events and system calls do not come either, and others' do.
        foreach (string @event in (string[])["begin", "thread.end", "syscall"])
        {
            string ofEvent = script.Replace("mark(\"step\") {}", $"{@event} {{ n++ }} global n", StringComparison.Ordinal);
            Assert.IsType<FileWasReplaced>(Assert.Single(WarningsOf(ofEvent, null)));
        }

        End(running);
    }

    [Fact]
    public void A_target_that_has_mapped_what_had_a_librarys_name_before_is_told()
    {
        RealKernel.Require();
        string path = Path.Combine(_folder, "library.so"), program = MarkedProgram.Path;
        MakeLibrary(path);
        using Process running = Start(program, path);
        string script = $"probe process(\"{path}\").function(\"here\") {{}} probe timer.ms(1) {{ exit() }}";
        string ofProgram = script.Replace(
            $"process(\"{path}\")", $"process(\"{program}\").library(\"{path}\")", StringComparison.Ordinal);
        Assert.Empty(WarningsOf(script, running.Id));
        Assert.Empty(WarningsOf(ofProgram, null));

        File.Delete(path);
        MakeLibrary(path);
        foreach (IReadOnlyList<SessionWarning> warnings in new[] { WarningsOf(script, running.Id), WarningsOf(ofProgram, null) })
        {
            var warning = Assert.IsType<FileWasReplaced>(Assert.Single(warnings));
            Assert.Equal((path, running.Id), (warning.Path, Assert.Single(warning.Processes)));
        }

        End(running);
    }

    [Fact]
    public void A_target_that_is_not_there_is_told()
    {
        const int Nobody = int.MaxValue;
        const string Script = "probe timer.ms(1) { exit() }";
        Assert.Equal(new TargetIsNowhere(Nobody), Assert.Single(WarningsOf(Script, Nobody)));
        Assert.Empty(WarningsOf(Script, Environment.ProcessId));
    }

    private static List<SessionWarning> WarningsOf(string script, int? target)
    {
        var warnings = new List<SessionWarning>();
        ScriptText.Run(
            script, probes: new ProbeOptions { TargetProcess = target },
            with: options => options with { TargetProcess = target, Warn = warnings.Add });
        return [.. warnings.Where(static each => each is FileWasReplaced or TargetIsNowhere)];
    }

    /// <summary>Starts a program, which waits for a line, once it has its libraries.</summary>
    private static Process Start(string path, string preloaded = "")
    {
        var start = new ProcessStartInfo(path) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["LD_PRELOAD"] = preloaded;
        // Started when exec has happened; its libraries are there when it answers: it makes no call, and waits for more.
        start.ArgumentList.Add("0");
        Process process = Process.Start(start)!;
        process.StandardInput.WriteLine("go");
        process.StandardInput.Flush();
        process.StandardOutput.ReadLine();
        return process;
    }

    private static void End(Process process)
    {
        process.StandardInput.Close();
        process.WaitForExit();
    }

    private static void MakeLibrary(string path)
    {
        string source = path + ".c";
        File.WriteAllText(source, "int here(void) { return 5; }\n");
        using Process compiler = Process.Start("cc", ["-shared", "-fPIC", "-o", path, source]);
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
    }
}
