using System.Globalization;
using Virtap.EndToEnd.Targets;

namespace Virtap.EndToEnd;

/// <summary><c>virtap print</c> and <c>virtap types</c> on a program that runs, and on its core.</summary>
public sealed class PrintTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("virtap").FullName;

    [Fact]
    public async Task A_running_program_is_printed_and_its_types_are()
    {
        await Requirements.InspectingAsync();
        using var shop = await ShopProgram.StartAsync();
        string id = shop.Id.ToString(CultureInfo.InvariantCulture);
        var result = await VirtapProcess.RunAsync("print", id, "sizeof(shelf)", "shelf[1].price", "sizeof(struct order)");
        Assert.Equal(new CommandResult(0, "$1 = 48\n$2 = 7\n$3 = 40\n", ""), result);

        result = await VirtapProcess.RunAsync("types", id, "struct item");
        Assert.Equal(0, result.Status);
        Assert.Contains("/*      8      |       4 */    int price;", result.Output, StringComparison.Ordinal);

        result = await VirtapProcess.RunAsync("print", id, "shelf[1].cost");
        Assert.NotEqual(0, result.Status);
        Assert.Contains("There is no member named cost.", result.Error, StringComparison.Ordinal);

        result = await VirtapProcess.RunAsync("print", id, "1", "--thread", id);
        Assert.NotEqual(0, result.Status);
        Assert.Contains("--thread is for cores", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_core_has_the_registers_of_its_threads()
    {
        await Requirements.InspectingAsync();
        Requirements.Program("gcore");
        Requirements.Program("gdb");
        using var shop = await ShopProgram.StartAsync();
        string id = shop.Id.ToString(CultureInfo.InvariantCulture);
        string core = Path.Combine(_folder, "core");
        await Command.RunAsync(Command.Find("gcore")!, ["-o", core, id]);
        core += "." + id;

        string expected = (await Command.RunAsync(
            Command.Find("gdb")!, ["-batch", "-nx", "-ex", "print/x $sp", "-ex", "print sold", ShopProgram.Executable, core])).Output;
        var result = await VirtapProcess.RunAsync("print", core, "/x $sp", "sold", "--exe", ShopProgram.Executable);
        Assert.Equal(0, result.Status);
        Assert.StartsWith("$1 = 0x7", result.Output, StringComparison.Ordinal);
        Assert.EndsWith(result.Output, expected, StringComparison.Ordinal);

        result = await VirtapProcess.RunAsync("print", core, "$sp", "--exe", ShopProgram.Executable, "--thread", "1");
        Assert.NotEqual(0, result.Status);
        Assert.Contains($"the core has no thread 1; it has {id}", result.Error, StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
