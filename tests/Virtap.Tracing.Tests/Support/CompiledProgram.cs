using System.ComponentModel;
using System.Diagnostics;

namespace Virtap.Tracing.Tests.Support;

/// <summary>A C program of the tests' own while it runs; it is ended where it has not ended by itself.</summary>
internal abstract class CompiledProgram(string path, params IEnumerable<string> arguments) : IDisposable
{
    public int Id => Process.Id;

    protected Process Process { get; } = Process.Start(new ProcessStartInfo(path, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;

    public void Dispose()
    {
        if (!Process.HasExited)
            Process.Kill();
        Process.WaitForExit();
        Process.Dispose();
    }

    /// <summary>Lets it run for a while, and kills it.</summary>
    public void RunUntilKilled()
    {
        Go();
        Thread.Sleep(200);
        using (Process kill = Process.Start("kill", ["-KILL", $"{Id}"]))
            kill.WaitForExit();
        Process.WaitForExit();
    }

    /// <summary>Lets the program go on, which waits for a line.</summary>
    protected void Go()
    {
        Process.StandardInput.WriteLine("go");
        Process.StandardInput.Flush();
    }

    /// <summary>Compiles a program in a folder that lives as long as this process.</summary>
    /// <param name="name">The program's.</param>
    /// <param name="source">Its text.</param>
    /// <param name="builds">
    /// What to add to its name, and the compiler's options, for each program that is made of it; FOLDER is where those before it are.
    /// </param>
    /// <returns>Its path; null where there is no compiler.</returns>
    protected static string? Compile(string name, string source, params (string Ending, string[] Options)[] builds)
    {
        string folder = Directory.CreateTempSubdirectory("virtap-tracing").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        string program = Path.Combine(folder, name), text = program + ".c";
        File.WriteAllText(text, source);
        try
        {
            foreach ((string ending, string[] options) in builds)
            {
                using Process compiler = Process.Start(
                    "cc", ["-pthread", text, .. options.Select(each => each.Replace("FOLDER", folder, StringComparison.Ordinal)),
                        "-o", program + ending]);
                compiler.WaitForExit();
                if (compiler.ExitCode != 0)
                    throw new InvalidOperationException($"the program '{name}' does not compile");
            }

            return program;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
