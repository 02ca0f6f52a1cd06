using Virtap.Cli.Run;

namespace Virtap.Cli.Tests.Run;

public class RunOptionsTests
{
    [Fact]
    public void Options_may_stand_behind_the_script_and_be_bundled()
    {
        var options = Parse("-vvp2", "a.stp", "foo", "-DMAXACTION=5", "-x", "7", "--", "-1").Options!;

        Assert.Equal("a.stp", options.ScriptPath);
        Assert.Equal(["foo", "-1"], options.Arguments);
        Assert.Equal(2, options.LastPass);
        Assert.Equal([2, 2, 2, 2, 2], options.Verbosity);
        Assert.Equal("5", options.Definitions["MAXACTION"]);
        Assert.Equal(7, options.TargetProcess);
    }

    [Fact]
    public void With_a_script_on_the_command_line_all_operands_are_its_arguments()
    {
        var options = Parse("-e", "probe begin {}", "one", "two").Options!;

        Assert.Null(options.ScriptPath);
        Assert.Equal("probe begin {}", options.ScriptText);
        Assert.Equal(["one", "two"], options.Arguments);
    }

    [Fact]
    public void A_dash_alone_is_standard_input() => Assert.Equal("-", Parse("-").Options!.ScriptPath);

    [Fact]
    public void Verbosity_of_single_passes_adds_to_that_of_all() =>
        Assert.Equal([1, 1, 3, 1, 1], Parse("-v", "--vp", "002", "a.stp").Options!.Verbosity);

    [Theory]
    [InlineData("Invalid pass number (should be 1-5).", "-p9", "a.stp")]
    [InlineData("stap: invalid option -- 'Z'\nTry '--help' for more information.", "-Z")]
    [InlineData("stap: invalid option -- '1'\nTry '--help' for more information.", "a.stp", "-1")]
    [InlineData("stap: option requires an argument -- 'x'\nTry '--help' for more information.", "a.stp", "-x")]
    [InlineData("stap: unrecognized option '--nonsense'\nTry '--help' for more information.", "--nonsense")]
    [InlineData("stap: option '--ldd' doesn't allow an argument\nTry '--help' for more information.", "--ldd=yes")]
    [InlineData("A script must be specified.\nTry '--help' for more information.")]
    [InlineData("Only one script can be given on the command line.", "-e", "a", "-e", "b")]
    [InlineData("You can't specify -c and -x together.\nTry '--help' for more information.", "a.stp", "-c", "ls", "-x", "3")]
    [InlineData("Invalid target process ID number 'abc'.", "a.stp", "-x", "abc")]
    [InlineData("-F (flight recorder mode) is not supported yet.", "-F", "a.stp")]
    [InlineData("'x' is not of the form NAME=VALUE.", "-G", "x", "a.stp")]
    [InlineData("Safety pattern mismatch for -D parameter ('' vs. '^[a-z_][a-z_0-9]*(=-?[a-z_0-9]+)?$')", "-D", "", "a.stp")]
    [InlineData("Safety pattern mismatch for -D parameter ('A=--1' vs. '^[a-z_][a-z_0-9]*(=-?[a-z_0-9]+)?$')", "-D", "A=--1", "a.stp")]
    public void What_is_wrong_is_said_in_the_words_of_stap(string problem, params string[] arguments) =>
        Assert.Equal(problem, Parse(arguments).Problem);

    [Fact]
    public void A_unique_beginning_of_a_long_option_is_enough() =>
        Assert.Equal("4.8", Parse("--comp=4.8", "a.stp").Options!.CompatibleVersion);

    [Fact]
    public void Options_without_effect_say_why() =>
        Assert.Equal(["-r: no kernel module is built, so no build tree is needed."], Parse("-r", "6.1", "a.stp").Options!.Notes);

    [Theory]
    [InlineData("trace-%F-%T%%.%q", "trace-2026-03-07-08:09:10%.%q")]
    [InlineData("%j %e %b %a %I%p %y %s", "066  7 Mar Sat 08AM 26 1772870950")]
    [InlineData("100%", "100%")]
    public void The_output_path_has_the_time_filled_in(string format, string path) =>
        Assert.Equal(path, OutputPath.Expand(format, new DateTimeOffset(2026, 3, 7, 8, 9, 10, TimeSpan.Zero)));

    [Fact]
    public void Every_limit_that_the_help_offers_can_be_set()
    {
        string offered = RunHelp.Usage()[RunHelp.Usage().IndexOf("set a limit:", StringComparison.Ordinal)..];
        offered = offered[..offered.IndexOf("-G", StringComparison.Ordinal)];
        string[] names = [
            .. offered.Split([' ', ',', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .Where(word => word.StartsWith("MAX", StringComparison.Ordinal))];
        Assert.Equal(SessionLimits.Names, names);
        Assert.Contains("MAXNESTING", names);
        foreach (string name in names)
            Assert.Empty(SessionLimits.Read(Parse($"-D{name}=17", "a.stp").Options!).Problems);
        Assert.Equal(17, SessionLimits.Read(Parse("-DMAXNESTING=17", "a.stp").Options!).MaxNesting);
        Assert.Single(SessionLimits.Read(Parse("-DMAXNESTNG=17", "a.stp").Options!).Problems);
        Assert.Single(SessionLimits.Read(Parse("-DMAXNESTING=deep", "a.stp").Options!).Problems);
    }

    private static (RunOptions? Options, string? Problem, RunRequest Request) Parse(params string[] arguments) =>
        RunOptionsParser.Parse(arguments);
}
