namespace Virtap.EndToEnd;

/// <summary>-i: a prompt at which a script is put together and run.</summary>
public sealed class InteractiveTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("virtap-interactive").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_script_is_put_together_listed_run_saved_and_loaded()
    {
        string saved = Path.Combine(_folder, "saved.stp");
        CommandResult result = await ReadAsync(
            $"""
            add global greeting = "hello"
            add probe begin {"{"}
              println(greeting)
              exit()
            {"}"}
            add probe end {"{"} println("bye") {"}"}
            list
            run
            delete 3
            save {saved}
            delete all
            list
            load {saved}
            set verbose 2
            set verbose 0
            run
            quit
            println("not read")
            """);

        Assert.Equal((0, ""), (result.Status, result.Error));
        Assert.Equal(
            """
              1  global greeting = "hello"
              2  probe begin {
                   println(greeting)
                   exit()
                 }
              3  probe end { println("bye") }
            hello
            bye
            The script is empty.
            hello

            """, result.Output);
        Assert.Equal(
            "global greeting = \"hello\"\nprobe begin {\n  println(greeting)\n  exit()\n}\n",
            await File.ReadAllTextAsync(saved, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("add probe begin { x = }\n", "parse error: ")]
    [InlineData("add\n", "add needs a declaration: ")]
    [InlineData("delete 1\n", "delete needs a number of the list, or all: there is no '1'")]
    [InlineData("load /nosuch/file\n", "'/nosuch/file' cannot be loaded: ")]
    [InlineData("sample nosuch\n", "Example 'nosuch' was not found under ")]
    [InlineData("set nosuch 1\n", "there is nothing called 'nosuch' to be set: ")]
    [InlineData("set timeout 0\n", "Invalid timeout interval.")]
    [InlineData("set guru_mode maybe\n", "guru_mode is yes or no")]
    [InlineData("run\n", "there is nothing to run: ")]
    [InlineData("s\n", "Ambiguous command \"s\": sample, save, set.")]
    [InlineData("frobnicate\n", "Undefined command: \"frobnicate\".  Try \"help\".")]
    public async Task What_is_wrong_is_said_and_nothing_is_changed(string line, string problem)
    {
        CommandResult result = await ReadAsync(line + "list\n");
        Assert.Equal((1, "The script is empty.\n"), (result.Status, result.Output));
        Assert.StartsWith(problem, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_a_terminal_words_are_completed_lines_come_back_and_Ctrl_C_ends_only_the_session()
    {
        await using TerminalCommand terminal = TerminalCommand.Start(VirtapProcess.Binary, "run", "-i");
        await terminal.ShowsAsync("stap> ");
        terminal.Type("ad\tpro\tbegin { println(40 + 2) }\n");
        terminal.Type("run\n");
        await terminal.ShowsAsync("\n42");
        terminal.PressControlC();
        terminal.Type("add probe end { println(50 + 5) exit() }\n");
        await terminal.ShowsAsync("println(50 + 5)");
        terminal.Type("delete 1\nadd probe begin { exit() }\nrun\n");
        await terminal.ShowsAsync("\n55");
        // The line before the last one.
        terminal.Type("\e[A\e[A\e[A\n");
        terminal.Type("list\n");
        await terminal.ShowsAsync("  1  probe begin { exit() }");
        terminal.Type("quit\n");
        await terminal.WaitAsync();
    }

    private Task<CommandResult> ReadAsync(string commands)
    {
        string path = Path.Combine(_folder, "commands");
        File.WriteAllText(path, commands);
        return Command.RunAsync("/bin/sh", ["-c", $"exec {VirtapProcess.Binary} run -i <'{path}'"]);
    }
}
