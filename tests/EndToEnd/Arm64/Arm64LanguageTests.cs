namespace Virtap.EndToEnd.Arm64;

/// <summary>Scripts on aarch64: the language's own specs, and the values of registers, arguments, variables and stacks.</summary>
[Collection(Arm64Collection.Name)]
public class Arm64LanguageTests(Arm64Machine machine, ITestOutputHelper output)
{
    [Fact]
    public async Task Specs_of_the_language_give_the_same_there()
    {
        var guest = await machine.GuestAsync();

        var ran = await guest.RunAsync(Arm64Specs.Command, TimeSpan.FromMinutes(5));

        output.WriteLine($"figure: {Arm64Specs.Chosen.Count} specs of the language ran on aarch64");
        Assert.Empty(Arm64Specs.Differences(ran.Output));
    }

    [Fact]
    public async Task Arguments_registers_and_variables_have_their_values()
    {
        var guest = await machine.GuestAsync();

        var ran = await RunAsync(
            """
            probe process.mark("step") { printf("mark %d %s %d\n", $arg1, user_string($arg2), $arg3) }
            probe process.function("alpha") {
              printf("variables %d %s %d\n", $n, user_string($text), $seven)
              printf("registers %d %d %d\n", register("x2"), u_register("w2"), long_arg(3))
              printf("place %s %d\n", probefunc(), uaddr() == register("pc"))
              printf("stack %d %d\n", ustack(0) == uaddr(), register("sp") % 16)
            }
            probe process.function("alpha").return { printf("alpha %d %s %d\n", $return, $$return, @entry(long_arg(3))) }
            probe process.function("beta").return { printf("beta %d\n", $return) }
            probe process.function("work").return { printf("sevens %d\n", $sevens) }
            """);

        Assert.Equal(
            """
            mark 0 text 7
            variables 0 text 7
            registers 7 7 7
            place alpha 1
            stack 1 0
            alpha 7 return=0x7 7
            beta -7
            sevens 7

            """,
            ran);
    }

    [Fact]
    public async Task A_stack_is_walked_to_the_outermost_call()
    {
        var guest = await machine.GuestAsync();

        var ran = await RunAsync("""probe process.function("alpha") { print_ubacktrace() }""");

        Assert.Matches(
            @"\A 0x[0-9a-f]+ : alpha\+0x0/0x[0-9a-f]+ \[/bin/target\]\n 0x[0-9a-f]+ : work\+0x[0-9a-f/x]+ \[/bin/target\]\n"
                + @" 0x[0-9a-f]+ : main\+0x[0-9a-f/x]+ \[/bin/target\]\n", ran);
    }

    [Fact]
    public async Task Marks_are_counted_exactly_by_two_threads_or_what_is_lost_is_told()
    {
        var guest = await machine.GuestAsync();

        var ran = await guest.RunAsync(
            """
            virtap run -c 'sh -c "echo | busy 2 2"' -e 'global n probe process("/bin/busy").mark("step") { n++ } probe end { printf("counted %d\n", n) }'
            """.Trim());

        output.WriteLine(ran.Output);
        Assert.Equal(0, ran.Status);
        Assert.Equal(Figure(ran.Output, "hits "), Figure(ran.Output, "counted "));
    }

    private async Task<string> RunAsync(string script)
    {
        var guest = await machine.GuestAsync();
        // The channel takes one line; the scripts are without what a shell would see in them.
        var ran = await guest.RunAsync($"virtap run -c /bin/once -e '{script.ReplaceLineEndings(" ")}'");
        Assert.True(ran.Status == 0, ran.Output);
        return ran.Output;
    }

    private static long Figure(string text, string label) => long.Parse(
        text.Split('\n').Single(line => line.StartsWith(label, StringComparison.Ordinal))[label.Length..],
        System.Globalization.CultureInfo.InvariantCulture);
}
