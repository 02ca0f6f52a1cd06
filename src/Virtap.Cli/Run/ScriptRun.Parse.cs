using System.Runtime.InteropServices;
using Virtap.Language.Diagnostics;
using Virtap.Language.Library;
using Virtap.Language.Syntax;
using Virtap.Language.Syntax.Tree;
using Virtap.Tracing.Session;

namespace Virtap.Cli.Run;

/// <summary>Pass 1: from files to trees.</summary>
internal sealed partial class ScriptRun
{
    private const string InputName = "<input>";

    private bool TryParse(out IReadOnlyList<ScriptSyntax> scripts, out ScriptLibrary library)
    {
        var clock = new PassClock();
        var parsed = new List<ScriptSyntax>();
        scripts = parsed;
        library = null!;
        if (!TryResolveArguments(out IReadOnlyList<string> arguments))
            return false;
        LanguageEnvironment environment = Environment(arguments);
        LanguageEnvironment libraryEnvironment = environment with { IsLibrary = true };
        var tapset = new ScriptLibrary(source => ParseLibrary(source, libraryEnvironment));
        library = tapset;

        List<SourceText> sources = [.. Sources()];
        if (VirtioNames.ScriptFor(sources, _options.TargetProcess, _diagnostics) is SourceText names)
            sources.Add(names);
        foreach (SourceText source in sources)
            parsed.Add(ScriptParser.Parse(source, environment, _diagnostics));
        foreach (string folder in _options.TapsetFolders)
            AddTapset(tapset, folder, libraryEnvironment);
        if (!Tell(1))
            return false;
        if (_options.VerbosityOf(1) > 0)
            Say($"Pass 1: parsed user script and {tapset.ParsedFiles} library {Plural(tapset.ParsedFiles, "script")} {clock.Usage}");
        return true;
    }

    /// <summary>The scripts that the command line names; what cannot be read is told.</summary>
    private IEnumerable<SourceText> Sources()
    {
        if (_options.ScriptPath is string path && ReadFile(path) is SourceText file)
            yield return file;
        if (_options.ScriptText is not null)
            yield return new SourceText(InputName, _options.ScriptText);
        if (_options.ListPoint is not null)
            yield return new SourceText(InputName, $"probe {_options.ListPoint} {{}}");
        foreach (string more in _options.MoreScripts)
            yield return new SourceText(InputName, more);
    }

    private SourceText? ReadFile(string path)
    {
        try
        {
            return path == "-" ? new SourceText(InputName, Console.In.ReadToEnd()) : new SourceText(path, File.ReadAllText(path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            _diagnostics.Add(new Diagnostic(DiagnosticKind.Parse, $"Input file '{path}' is missing.", null));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _diagnostics.Add(new Diagnostic(DiagnosticKind.Parse, $"Input file '{path}' cannot be read: {e.Message}", null));
        }

        return null;
    }

    private ScriptSyntax? ParseLibrary(SourceText source, LanguageEnvironment environment)
    {
        int errors = _diagnostics.ErrorCount;
        ScriptSyntax script = ScriptParser.Parse(source, environment, _diagnostics);
        return _diagnostics.ErrorCount == errors ? script : null;
    }

    private void AddTapset(ScriptLibrary tapset, string folder, LanguageEnvironment environment)
    {
        try
        {
            foreach (string file in Directory.EnumerateFiles(folder, "*.stp", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                if (ParseLibrary(new SourceText(file, File.ReadAllText(file)), environment) is ScriptSyntax script)
                    tapset.Add(script);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _diagnostics.Warning($"tapset folder '{folder}' (-I) is left out: {e.Message}", null);
        }
    }

    private LanguageEnvironment Environment(IReadOnlyList<string> arguments) => new()
    {
        KernelRelease = File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
        Architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x86_64",
        SystemTapVersion = _options.CompatibleVersion ?? RunHelp.LanguageVersion,
        IsGuru = _options.IsGuru,
        Privilege = _options.Privilege,
        Arguments = arguments,
    };

    /// <summary>Arguments that name something of a running program, such as vdev:disk0, become what they stand for.</summary>
    private bool TryResolveArguments(out IReadOnlyList<string> arguments)
    {
        var resolved = new List<string>();
        arguments = resolved;
        var resolver = new VirtioArguments(_options.TargetProcess);
        foreach (string argument in _options.Arguments)
        {
            if (resolver.Resolve(argument) is not ArgumentResolution resolution)
                resolved.Add(argument);
            else if (resolution.Value is string value)
                resolved.Add(value);
            else
                _diagnostics.Add(new Diagnostic(DiagnosticKind.Parse, $"argument '{argument}': {resolution.Problem}", null, resolution.Hint));
        }

        return !_diagnostics.HasErrors || Tell(1);
    }

    private static int PrintTree(IReadOnlyList<ScriptSyntax> scripts)
    {
        Console.Out.WriteLine("# parse tree dump");
        foreach (ScriptSyntax script in scripts)
        {
            Console.Out.WriteLine($"# file {script.Source.Name}");
            Console.Out.WriteLine(ScriptPrinter.Print(script));
        }

        return 0;
    }

    private static string Plural(int count, string noun) => count == 1 ? noun : noun + "s";
}
