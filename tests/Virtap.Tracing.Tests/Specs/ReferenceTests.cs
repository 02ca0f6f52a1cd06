using System.Diagnostics;

namespace Virtap.Tracing.Tests.Specs;

/// <summary>Passes 1 and 2 judge as SystemTap's do, and say the same first, at the same place.</summary>
public class ReferenceTests
{
    /// <summary>So long are cases given to stap itself, which takes a tenth of a second for each.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(40);

    /// <summary>The parts of stap's tapset that cases call; all of it takes seconds to read.</summary>
    private static readonly string[] s_tapset = [
        "context.stp", "errno.stp", "init.stp", "logging.stp", "oneshot.stp", "pn.stp", "random.stp", "string.stp", "timers.stp",
        "tokenize.stp", "uconversions.stp", "linux/context.stp", "linux/context-symbols.stp", "linux/context-unwind.stp",
        "linux/conversions.stp", "linux/logging.stp", "linux/task.stp", "linux/timestamp.stp", "linux/timestamp_gtod.stp",
        "linux/ucontext.stp", "linux/ucontext-symbols.stp"];

    private const string Tapset = "/usr/share/systemtap/tapset";

    public static TheoryData<string> Files => [.. ReferenceCase.Files];

    [Theory]
    [MemberData(nameof(Files))]
    public void Virtap_says_what_stap_says(string file)
    {
        List<ReferenceCase> cases = ReferenceCase.Read(file);
        Assert.NotEmpty(cases);
        string differences = string.Join("\n\n", cases.Select(each => (Case: each, Said: each.Judge()))
            .Where(each => each.Said != (each.Case.Own ?? each.Case.Reference))
            .Select(each => $"{each.Case.Script}\nis to be: {each.Case.Own ?? each.Case.Reference}\nbut is:   {each.Said}"));
        Assert.True(differences.Length == 0, differences);
    }

    /// <summary>Some of the cases, others each time, are given to stap: what the files say of it is true.</summary>
    [Fact]
    public void Stap_says_what_the_cases_say()
    {
        string release = Release();
        string tapset = Directory.CreateTempSubdirectory("virtap-reference").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(tapset, "linux"));
            IEnumerable<string> macros = new[] { "", "linux" }.SelectMany(static folder =>
                Directory.EnumerateFiles(Path.Combine(Tapset, folder), "*.stpm").Select(file => Path.GetRelativePath(Tapset, file)));
            foreach (string part in s_tapset.Concat(macros))
                File.CreateSymbolicLink(Path.Combine(tapset, part), Path.Combine(Tapset, part));
            ReferenceCase[] cases = [.. ReferenceCase.Files.SelectMany(ReferenceCase.Read)];
            Random.Shared.Shuffle(cases);
            var clock = Stopwatch.StartNew();
            int asked = 0;
            List<string> differences = [];
            foreach (ReferenceCase each in cases.TakeWhile(_ => clock.Elapsed < s_limit))
            {
                asked++;
                if (AskStap(each, release, tapset) is var said && said != each.Reference)
                    differences.Add($"{each.Script}\nis said to be: {each.Reference}\nbut is:        {said}");
            }

            Assert.True(differences.Count == 0, string.Join("\n\n", differences));

            TestContext.Current.TestOutputHelper?.WriteLine($"figure: cases that stap was asked: {asked} of {cases.Length}");
        }
        finally
        {
            Directory.Delete(tapset, recursive: true);
        }
    }

    private static string AskStap(ReferenceCase each, string release, string tapset) => ReferenceCase.FirstError(
        Run(tapset, ["-r", release, "-p2", .. each.Options, "-e", each.Script, .. each.Arguments]));

    /// <summary>A kernel whose headers are here; skips the test where there is none, or no stap of the version that was asked.</summary>
    private static string Release()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/stap"), "no stap");
        Assert.SkipUnless(Run(null, ["--version"]).Contains("version 4.8", StringComparison.Ordinal), "stap is not the 4.8 that was asked");
        string? release = Directory.Exists("/lib/modules")
            ? Directory.EnumerateDirectories("/lib/modules").Where(static folder => Directory.Exists(Path.Combine(folder, "build")))
                .Select(Path.GetFileName).Order(StringComparer.Ordinal).FirstOrDefault() : null;
        Assert.SkipWhen(release is null, "no kernel headers for stap");
        return release!;
    }

    private static string Run(string? tapset, string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/bin/stap", arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        start.Environment["LANG"] = "C.UTF-8";
        start.Environment["SYSTEMTAP_TAPSET"] = tapset ?? Tapset;
        using Process stap = Process.Start(start)!;
        stap.StandardInput.Close();
        Task<string> output = stap.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string errors = stap.StandardError.ReadToEnd();
        stap.WaitForExit();
        return errors + output.Result;
    }
}
