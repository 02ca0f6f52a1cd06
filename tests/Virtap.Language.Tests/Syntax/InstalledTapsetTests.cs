using Virtap.Language.Diagnostics;
using Virtap.Language.Syntax;
using Virtap.Language.Syntax.Preprocessing;

namespace Virtap.Language.Tests.Syntax;

/// <summary>The largest body of the language that there is, where SystemTap is installed.</summary>
public class InstalledTapsetTests
{
    private const string Directory = "/usr/share/systemtap/tapset";

    [Fact]
    public void Every_installed_script_parses_and_prints_as_itself()
    {
        Assert.SkipUnless(System.IO.Directory.Exists(Directory), "SystemTap is not installed");
        var environment = Environment();
        int count = 0;
        foreach (string path in System.IO.Directory.EnumerateFiles(Directory, "*.stp", SearchOption.AllDirectories))
        {
            var diagnostics = new DiagnosticBag();
            var script = ScriptParser.Parse(new SourceText(path, File.ReadAllText(path)), environment, diagnostics);
            Assert.True(!diagnostics.HasErrors, new DiagnosticRenderer().Render(diagnostics));
            Scripts.AssertRoundTrip(script);
            count++;
        }
        Assert.True(count > 100);
    }

    [Fact]
    public void Every_installed_macro_file_is_read()
    {
        Assert.SkipUnless(System.IO.Directory.Exists(Directory), "SystemTap is not installed");
        Environment();
    }

    private static LanguageEnvironment Environment()
    {
        var environment = new LanguageEnvironment { IsLibrary = true, Macros = new MacroLibrary() };
        foreach (string path in System.IO.Directory.EnumerateFiles(Directory, "*.stpm", SearchOption.AllDirectories))
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
