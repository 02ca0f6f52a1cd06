using System.Diagnostics;
using System.Globalization;

namespace Virtap.EndToEnd.Targets;

/// <summary>Targets/shop.c, compiled on first use with debug information and marks: it never stands still, and never ends.</summary>
public sealed class ShopProgram : IDisposable
{
    private static readonly Lazy<Task<string>> Compiled = new(CompileAsync);

    private readonly Process _process;

    private ShopProgram(Process process, int id) => (_process, Id) = (process, id);

    /// <summary>The program's file, once it has been started.</summary>
    public static string Executable { get; } = Path.Combine(AppContext.BaseDirectory, "shop");

    /// <summary>The process id.</summary>
    public int Id { get; }

    /// <summary>Starts the program; skips the test where it cannot be made.</summary>
    public static async Task<ShopProgram> StartAsync()
    {
        Requirements.Program("gcc");
        Requirements.ExistingFile("/usr/include/x86_64-linux-gnu/sys/sdt.h");
        var process = Command.Start(await Compiled.Value, []);
        var line = await process.StandardOutput.ReadLineAsync() ?? "";
        return new ShopProgram(process, int.Parse(line, CultureInfo.InvariantCulture));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static async Task<string> CompileAsync()
    {
        var result = await Command.RunAsync("gcc",
            ["-g", "-O1", "-Wall", "-Werror", "-pthread", "-o", Executable, Path.Combine(AppContext.BaseDirectory, "Targets", "shop.c")]);
        return result.Status == 0 ? Executable : throw new InvalidOperationException(result.Error);
    }
}
