using Virtap.EndToEnd.Guests;
using Virtap.EndToEnd.Targets;

namespace Virtap.EndToEnd;

/// <summary>Every script of examples/ is shown on its page, and what the page shows is what happens.</summary>
public class ExampleTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("README.md")]
    [InlineData("system-calls.md")]
    [InlineData("kernel.md")]
    public async Task What_a_page_shows_of_a_program_is_what_happens(string page)
    {
        await Requirements.AttachingAsync();
        using var shop = await ShopProgram.StartAsync();
        await ShownCommands.RunAsync(Shown(page), shop.Id, output);
    }

    [Fact]
    public async Task What_the_page_shows_of_virtual_machines_is_what_happens()
    {
        await Requirements.AttachingAsync();
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions { Devices = GuestOptions.Disk });
        await guest.RunAsync(
            "fio --name=busy --filename=/dev/vda --direct=1 --rw=randrw --bs=4k --ioengine=libaio --iodepth=32 --time_based "
                + "--runtime=600 >/dev/null 2>&1 & sleep 1");
        await ShownCommands.RunAsync(Shown("virtual-machines.md"), guest.ProcessId, output);
    }

    [Fact]
    public void Every_example_is_shown()
    {
        var shown = string.Concat(Directory.GetFiles(Repository.PathOf("examples"), "*.md").Select(File.ReadAllText));
        Assert.All(Directory.GetFiles(Repository.PathOf("examples"), "*.st*"),
            script => Assert.Contains("examples/" + Path.GetFileName(script), shown, StringComparison.Ordinal));
    }

    private static IReadOnlyList<ShownCommand> Shown(string page)
    {
        var commands = ShownCommands.In(Repository.PathOf("examples", page));
        Assert.NotEmpty(commands);
        return commands;
    }
}
