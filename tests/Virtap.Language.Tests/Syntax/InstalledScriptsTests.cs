using Virtap.Language.Diagnostics;
using Virtap.Language.Library;
using Virtap.Language.Syntax;
using Virtap.Language.Syntax.Preprocessing;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Tests.Syntax;

/// <summary>The largest body of the language that there is, where SystemTap is installed: its library and its examples.</summary>
public class InstalledScriptsTests
{
    private const string Tapset = "/usr/share/systemtap/tapset";

    /// <summary>Some examples take nothing, some numbers, others probe points.</summary>
    private static readonly string[][] s_arguments = [
        [], ["1", "2", "3", "4", "5", "6"], ["a.b", "c.d"], ["a.b", "c.d", "3"], ["a", "b", "c", "d"]];

    [Theory]
    [InlineData(Tapset, 400)]
    [InlineData("/usr/share/systemtap/examples", 150)]
    [InlineData("/usr/share/doc/systemtap/examples", 5)]
    public void Every_installed_script_parses_and_prints_as_itself(string directory, int least)
    {
        Assert.SkipUnless(Directory.Exists(Tapset) && Directory.Exists(directory), $"SystemTap's {directory} is not installed");
        var environment = InstalledEnvironment() with { IsLibrary = directory == Tapset };
        int count = 0;
        foreach (string path in Directory.EnumerateFiles(directory, "*.stp", SearchOption.AllDirectories))
        {
            // A template has gaps to be filled in.
            if (Path.GetFileName(path).Contains("template", StringComparison.Ordinal))
                continue;
            var source = new SourceText(path, File.ReadAllText(path));
            var diagnostics = new DiagnosticBag();
            ScriptSyntax? script = null;
            foreach (string[] arguments in s_arguments)
            {
                diagnostics = new DiagnosticBag();
                script = ScriptParser.Parse(source, environment with { Arguments = arguments }, diagnostics);
                if (!diagnostics.HasErrors)
                    break;
            }
            Assert.True(!diagnostics.HasErrors, new DiagnosticRenderer().Render(diagnostics));
            Scripts.AssertRoundTrip(script!);
            count++;
        }
        Assert.InRange(count, least, int.MaxValue);
    }

    private static LanguageEnvironment InstalledEnvironment()
    {
        var environment = Scripts.Environment with { IsLibrary = true, Macros = new MacroLibrary() };
        foreach (string path in Directory.EnumerateFiles(Tapset, "*.stpm", SearchOption.AllDirectories))
        {
            // The other runtimes define the same macros again.
            if (path.Contains("/dyninst/", StringComparison.Ordinal) || path.Contains("/bpf/", StringComparison.Ordinal))
                continue;
            var diagnostics = new DiagnosticBag();
            environment.Macros.Add(new SourceText(path, File.ReadAllText(path)), environment, diagnostics);
            Assert.True(!diagnostics.HasErrors, new DiagnosticRenderer().Render(diagnostics));
        }
        return environment;
    }
}
