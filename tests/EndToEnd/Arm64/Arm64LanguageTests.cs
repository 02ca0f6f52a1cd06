using System.Globalization;
using System.Text.RegularExpressions;

namespace Virtap.EndToEnd.Arm64;

/// <summary>Scripts on aarch64: the language's own specs, and the values of registers, arguments, variables and stacks.</summary>
[Collection(Arm64Collection.Name)]
public partial class Arm64LanguageTests(Arm64Machine machine, ITestOutputHelper output)
{
    [Fact]
    public async Task Specs_of_the_language_give_the_same_there()
    {
        var guest = await machine.GuestAsync();

        var ran = await guest.RunAsync(Arm64Specs.Command, TimeSpan.FromMinutes(5));

        output.WriteLine($"figure: {Arm64Specs.Chosen.Count} specs of the language ran on aarch64");
        var differences = Arm64Specs.Differences(ran.Output).ToList();
        Assert.True(differences.Count == 0, string.Join("\n\n", differences));
    }

    [Theory]
    [InlineData("""mark("step") { printf("%d %s %d\n", $arg1, user_string($arg2), $arg3) }""", "0 text 7\n")]
    [InlineData("""function("alpha") { printf("%d %s %d\n", $n, user_string($text), $seven) }""", "0 text 7\n")]
    [InlineData("""function("alpha") { printf("%d %d %d\n", register("x2"), u_register("w2"), long_arg(3)) }""", "7 7 7\n")]
    [InlineData("""function("alpha") { printf("%s %d\n", probefunc(), uaddr() == register("pc")) }""", "alpha 1\n")]
    [InlineData("""function("alpha") { printf("%d %d\n", ustack(0) == uaddr(), register("sp") % 16) }""", "1 0\n")]
    [InlineData("""function("alpha").return { printf("%d %s %d\n", $return, $$return, @entry(long_arg(3))) }""", "7 return=0x7 7\n")]
    [InlineData("""function("beta").return { printf("%d\n", $return) }""", "-7\n")]
    [InlineData("""function("work").return { printf("%d\n", $sevens) }""", "7\n")]
    public async Task Arguments_registers_and_variables_have_their_values(string probe, string printed)
    {
        Assert.Equal(printed, await RunAsync($"""probe process("/bin/target").{probe}""", "/bin/once"));
    }

    [Fact]
    public async Task A_stack_is_walked_to_the_outermost_call()
    {
        // The names of what has ended are not asked for any more.
        var ran = await RunAsync("""probe process("/bin/target").function("alpha") { print_ubacktrace() }""", "/bin/slowly");

        Assert.Matches(
            @"\A 0x[0-9a-f]+ : alpha\+0x0/0x[0-9a-f]+ \[/bin/target\]\n 0x[0-9a-f]+ : work\+0x[0-9a-f/x]+ \[/bin/target\]\n"
                + @" 0x[0-9a-f]+ : main\+0x[0-9a-f/x]+ \[/bin/target\]\n", ran);
    }

    [Fact]
    public async Task What_two_threads_pass_is_counted_and_what_the_kernel_skips_is_told()
    {
        var ran = await RunAsync(
            """global n probe process("/bin/busy").mark("step") { n++ } probe end { printf("counted %d\n", n) }""",
            """'sh -c "echo | busy 2 2"'""");

        output.WriteLine(ran);
        // Before uprobe_multi a hit that preempts a handler on its processor is not run.
        var skipped = Skipped().Match(ran) is { Success: true } told ? Number(told.Groups[1].Value) : 0;
        Assert.Equal(Figure(ran, "hits "), Figure(ran, "counted ") + skipped);
    }

    private async Task<string> RunAsync(string script, string command)
    {
        var guest = await machine.GuestAsync();
        var ran = await guest.RunAsync($"virtap run -c {command} -e '{script}'");
        Assert.True(ran.Status == 0, ran.Output);
        return ran.Output;
    }

    private static long Figure(string text, string label) =>
        Number(text.Split('\n').Single(line => line.StartsWith(label, StringComparison.Ordinal))[label.Length..]);

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"skipped probes: (\d+)")]
    private static partial Regex Skipped();
}
