using System.Runtime.InteropServices;
using System.Text;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Marks;
using Virtap.Binaries.Marks.Recovered;
using Virtap.Binaries.Tests.Support;

namespace Virtap.Binaries.Tests.Marks.Recovered;

/// <summary>
/// A program that is traced as QEMU is, compiled in several ways: what gdb reads at recovered sites is what the program logs itself.
/// </summary>
public class TracedProgramTests(ITestOutputHelper output)
{
    private const int Events = 14;

    [Theory]
    [InlineData("-O2")]
    [InlineData("-O3")]
    [InlineData("-O1")]
    [InlineData("-Os")]
    [InlineData("-O2 -fno-omit-frame-pointer")]
    [InlineData("-O2 -no-pie")]
    [InlineData("-O2 -fstack-protector-strong -fcf-protection")]
    [InlineData("-O2 -march=haswell")]
    [InlineData("-O2 -DALWAYS_WITH_TIME")]
    [InlineData("-O3 -DALWAYS_WITH_TIME -fno-omit-frame-pointer")]
    public void What_is_read_at_recovered_sites_is_what_the_program_logs(string options)
    {
        Assert.SkipUnless(
            RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64,
            "the compiler here makes programs of another processor");
        using CProgram program = TracedProgram.Compile(options);
        using ElfFile file = ElfFile.Open(program.Binary);
        RecoveredMarks marks = RecoveredMarks.TryOpen(file, null)!;
        IReadOnlyList<Mark> all = marks.All();
        foreach (string name in marks.Names.Where(name => marks.WhyMissing(name) is not null))
            output.WriteLine($"{options}: {name}: {marks.WhyMissing(name)}");
        Assert.True(all.Count >= Events - 4, $"only {all.Count} of {Events} events were recovered");

        string[] logged = [
            .. Tool.Run(program.Binary, "log").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line[(line.IndexOf(':') + 1)..])];
        Assert.True(logged.Length > 100);
        string script = program.Write("script", Script(file, all));
        Compare(logged, Run(program, script, ""), all);
        Compare(logged, Run(program, script, "log"), all);
        foreach (string only in (ReadOnlySpan<string>)["second", "third", "nothing", "kinds"])
            Compare(logged, Run(program, script, only), all);
    }

    /// <summary>What gdb printed at sites, in order; what it printed at one stop, in any.</summary>
    private static List<string[]> Run(CProgram program, string script, string word)
    {
        string printed = Tool.Run(
            "gdb", "-q", "-batch", "-nx", "-iex", "set debuginfod enabled off", "-ex", $"set args {word}", "-x", script, program.Binary);
        List<string[]> stops = [];
        (string Address, HashSet<string> Names) stop = ("", []);
        foreach (string line in printed.Split('\n').Where(line => line.StartsWith("G ", StringComparison.Ordinal)))
        {
            string[] words = line.Split(' ', 4);
            if (words[1] != stop.Address || !stop.Names.Add(words[2]))
            {
                stop = (words[1], [words[2]]);
                stops.Add([]);
            }

            stops[^1] = [.. stops[^1], line[(line.IndexOf(' ', 2) + 1)..]];
        }

        return stops;
    }

    /// <summary>Line by line, but for what cannot be read; marks of one stop are compared by name.</summary>
    private static void Compare(string[] logged, List<string[]> stops, IReadOnlyList<Mark> recovered)
    {
        HashSet<string> names = [.. recovered.Select(mark => mark.Name)];
        string[] expected = [.. logged.Where(line => names.Contains(line.Split(' ')[0]))];
        int at = 0;
        foreach (string[] stop in stops)
        {
            foreach ((string text, string read) in expected.Skip(at).Take(stop.Length).Order(StringComparer.Ordinal)
                .Zip(stop.Order(StringComparer.Ordinal)))
            {
                string[] words = text.Split(' '), values = read.Split(' ');
                Assert.True(words[0] == values[0], $"after {at} lines: logged {text}, read {read}");
                for (int argument = 1; argument < values.Length; argument++)
                    Assert.True(
                        values[argument] == "?"
                        || values[argument] == words[argument * 2], $"after {at} lines: logged {text}, read {read}");
            }

            at += stop.Length;
        }

        Assert.Equal(expected.Length, at);
    }

    private static string Script(ElfFile file, IReadOnlyList<Mark> marks)
    {
        Assert.True(file.DynamicSymbols.TryFind("main", out ElfSymbol main));
        var script = new StringBuilder($"set pagination off\nbreak *&main\nrun\nset $bias = (unsigned long)&main - {main.Address}\n");
        foreach (var stop in marks.SelectMany(mark => mark.Sites.Select(site => (mark.Name, Site: site)))
            .GroupBy(mark => mark.Site.Address))
        {
            script.Append($"break *($bias+{stop.Key})\ncommands\nsilent\n");
            foreach ((string name, MarkSite site) in stop)
            {
                script.Append($"if {(site.Condition is null ? "1" : Text(site.Condition))}\nprintf \"G {site.Address:x} {name}\"\n");
                foreach (MarkArgument argument in site.Arguments)
                    script.Append(argument.Value is null ? "printf \" ?\"\n" : $"printf \" %ld\", (long){Text(argument.Value)}\n");
                script.Append("printf \"\\n\"\nend\n");
            }

            script.Append("continue\nend\n");
        }

        return script.Append("continue\n").ToString();
    }

    private static string Text(Virtap.Binaries.Code.MachineExpression expression) =>
        Show.Of(expression).Replace("bias", "$bias", StringComparison.Ordinal);
}
