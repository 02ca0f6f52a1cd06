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

    // In the order of stap's own checks; each was compared with stap 4.8.
    [Theory]
    [InlineData("Invalid pass number (should be 1-5).", "-p9")]
    [InlineData("Invalid pass number (should be 1-5).", "-p2x")]
    [InlineData("Invalid buffer size (should be 1-4095).", "-s0")]
    [InlineData("Invalid buffer size (should be 1-4095).", "-s4096")]
    [InlineData("Invalid buffer size (should be 1-4095).", "-s12x")]
    [InlineData("Invalid target process ID number.", "-x", "abc")]
    [InlineData("Invalid timeout interval.", "-Tx")]
    [InlineData("Invalid timeout interval.", "-T0")]
    [InlineData("Invalid --vp argument: it takes 1 to 5 digits.", "--vp", "123456")]
    [InlineData("ERROR: Safety pattern mismatch for -S parameter ('1,' vs. '^[0-9]+(,[0-9]+)?$') rc=1", "-S1,")]
    [InlineData("ERROR: Safety pattern mismatch for -m parameter ('f-oo' vs. '^[a-z0-9_]+$') rc=1", "-m", "f-oo")]
    [InlineData("Module name cannot be empty.", "-m", "")]
    [InlineData("Module name cannot be empty.", "-m", ".ko")]
    [InlineData("ERROR: Safety pattern mismatch for -a parameter ('a b' vs. '^[a-z0-9_-]+$') rc=1", "-a", "a b")]
    [InlineData("Data object (-d) cannot be empty.", "-d", "")]
    [InlineData("Empty CMD string invalid.", "-c", "")]
    [InlineData("ERROR: Safety pattern mismatch for -G parameter ('x' vs. '^[a-z_][a-z0-9_]*=[a-z0-9_.-]+$') rc=1", "-G", "x")]
    [InlineData("ERROR: Safety pattern mismatch for -G parameter ('x=1 2' vs. '^[a-z_][a-z0-9_]*=[a-z0-9_.-]+$') rc=1", "-G", "x=1 2")]
    [InlineData("ERROR: Safety pattern mismatch for -D parameter ('' vs. '^[a-z_][a-z_0-9]*(=-?[a-z_0-9]+)?$') rc=1", "-D", "")]
    [InlineData("ERROR: Safety pattern mismatch for -D parameter ('1a' vs. '^[a-z_][a-z_0-9]*(=-?[a-z_0-9]+)?$') rc=1", "-D1a")]
    [InlineData("ERROR: Safety pattern mismatch for -D parameter ('A=--1' vs. '^[a-z_][a-z_0-9]*(=-?[a-z_0-9]+)?$') rc=1", "-DA=--1")]
    [InlineData("ERROR: Safety pattern mismatch for --modinfo parameter ('x' vs. '^[a-z_][a-z0-9_]*=.+$') rc=1", "--modinfo=x")]
    [InlineData("ERROR: foo is an invalid argument for --runtime", "--runtime=foo")]
    [InlineData("ERROR: --runtime=dyninst unavailable; this build lacks DYNINST feature", "--dyninst")]
    [InlineData("Invalid argument 'foo' for --privilege.", "--privilege=foo")]
    [InlineData("Invalid argument 'foo' for --color.", "--colour=foo")]
    [InlineData("Invalid argument '' for --color.", "--color=")]
    [InlineData("Invalid argument '' for --privilege.", "--privilege=")]
    [InlineData("Invalid argument 'x' for --use-server-on-error.", "--use-server-on-error=x")]
    [InlineData("Invalid monitor interval.", "--monitor=")]
    [InlineData("Invalid argument 'foo' for --prologue-searching.", "--prologue-searching=foo")]
    [InlineData("ERROR: systemtap version 5.2 cannot be compatible with future version 99", "--compatible=99")]
    [InlineData("ERROR --suppress-time-limits requires guru mode (-g)", "--suppress-time-limits", "-g")]
    [InlineData("ERROR: foo is not a valid value. Use 'yes', 'no', 'ask' or a timeout value.", "--download-debuginfo=foo")]
    [InlineData("Unable to convert resource limit 'x' for rlimit-cpu", "--rlimit-cpu=x")]
    [InlineData("An --rlimit-as option value must be specified.", "--rlimit-as=")]
    [InlineData("Invalid monitor interval.", "--monitor=0")]
    [InlineData("Invalid process ID number for target namespaces.", "--target-namespaces=x")]
    [InlineData("ERROR: --sysenv must follow --sysroot", "--sysenv=a=b")]
    [InlineData("ERROR: /nosuch is an invalid directory for --sysroot", "--sysroot=/nosuch")]
    [InlineData("-b (bulk mode, a file for each processor) is not supported: all processors write into one ring, so that their output is "
        + "in order and there is nothing to merge.", "-b")]
    public void An_argument_that_is_wrong_is_told_in_the_words_of_stap(string problem, params string[] arguments) =>
        Assert.Equal(problem, Parse([.. arguments, "a.stp"]).Problem);

    [Theory]
    [InlineData("stap: invalid option -- 'Z'", "-Z")]
    [InlineData("stap: invalid option -- '1'", "a.stp", "-1")]
    [InlineData("stap: option requires an argument -- 'x'", "a.stp", "-x")]
    [InlineData("stap: unrecognized option '--nonsense'", "--nonsense")]
    [InlineData("stap: option '--ldd' doesn't allow an argument", "--ldd=yes")]
    [InlineData("A script must be specified.\nTry '-i' for building a script interactively.")]
    [InlineData("A script must be specified.\nTry '-i' for building a script interactively.", "-E", "probe begin {}")]
    [InlineData("Cannot specify -i with -l/-L/--dump-* switches.", "-l", "begin", "-i")]
    [InlineData("Cannot specify -i with -l/-L/--dump-* switches.", "-i", "--dump-functions")]
    [InlineData("You can't specify -c and -x together.", "a.stp", "-c", "ls", "-x", "3")]
    [InlineData("You can't specify -g and --privilege=stapusr together.", "a.stp", "--unprivileged", "-g")]
    [InlineData("Cannot specify a script with -l/-L/--dump-* switches.", "-l", "begin", "-e", "probe begin {}")]
    [InlineData("Cannot specify a script with -l/-L/--dump-* switches.", "--dump-functions", "-e", "probe begin {}")]
    [InlineData("Cannot specify -p with -l/-L/--dump-* switches.", "-l", "begin", "-p2")]
    [InlineData("You have to specify output FILE with '-S' option.", "-S1", "a.stp")]
    public void Options_that_do_not_go_together_are_told_in_the_words_of_stap(string problem, params string[] arguments) =>
        Assert.Equal(problem + "\nTry '--help' for more information.", Parse(arguments).Problem);

    [Theory]
    [InlineData("Only one script can be given on the command line.", "-e", "a", "-e", "b")]
    [InlineData("ERROR: only one of the -l/-L/--dump-* switches may be specified", "-l", "begin", "-L", "end")]
    [InlineData("ERROR: only one of the -l/-L/--dump-* switches may be specified", "--dump-functions", "--dump-probe-types")]
    public void What_may_stand_once_is_told(string problem, params string[] arguments) => Assert.Equal(problem, Parse(arguments).Problem);

    [Fact]
    public void Options_have_their_values()
    {
        RunOptions options = Parse(
            "-S2,3", "-o", "f", "-x0", "-r", "6.1.0-9-amd64", "--rlimit-nproc=7", "-g", "--suppress-time-limits", "a.stp").Options!;

        Assert.Equal(new FileRotation(2 << 20, 3), options.Rotation);
        Assert.Equal((ResourceKind.Nproc, 7UL), Assert.Single(options.ResourceLimits));
        Assert.Equal(("6.1.0-9-amd64", null, true), (options.KernelRelease, options.TargetProcess, options.SuppressesTimeLimits));
    }

    [Fact]
    public void Operands_beside_a_listing_are_arguments() => Assert.Equal(["x"], Parse("-l", "begin", "x").Options!.Arguments);

    [Fact]
    public void A_unique_beginning_of_a_long_option_is_enough() =>
        Assert.Equal("4.8", Parse("--comp=4.8", "a.stp").Options!.CompatibleVersion);

    [Fact]
    public void Options_without_effect_say_why() =>
        Assert.Equal(["-m: there is no kernel module to name."], Parse("-m", "x", "a.stp").Options!.Notes);

    [Fact]
    public void Namespaces_are_those_of_the_session_or_refused()
    {
        Assert.Equal(
            ["--target-namespaces: the process's namespaces are those of this session."],
            Parse($"--target-namespaces={Environment.ProcessId}", "a.stp").Options!.Notes);
        Assert.Equal(
            "--target-namespaces: there is no process 2147483647 whose namespaces can be read.",
            Parse("--target-namespaces=2147483647", "a.stp").Problem);
    }

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
            .Where(word => word.StartsWith("MAX", StringComparison.Ordinal) || word.StartsWith("HIST_", StringComparison.Ordinal))];
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
