using Virtap.Language;
using Virtap.Language.Diagnostics;
using Virtap.Language.Library;
using Virtap.Language.Syntax;
using Virtap.Language.Syntax.Preprocessing;
using Virtap.Language.Syntax.Tree;
using Virtap.Tracing.Compilation;

namespace Virtap.Cli.Run;

/// <summary>Pass 1: the files that the command line names, and what their conditions may ask for.</summary>
internal sealed partial class ScriptRun
{
    private const string InputName = "<input>";

    private IReadOnlyList<ScriptSyntax>? Parse(ScriptCompiler compiler)
    {
        var clock = new PassClock();
        List<SourceText> sources = [.. Sources()];
        // Of the library: what of it a script does not use is no mistake of the user's.
        if (VirtioNames.ScriptFor(sources, _options.TargetProcess, _diagnostics) is SourceText names)
            compiler.AddTapset(new TapsetFile(names));
        IReadOnlyList<ScriptSyntax>? scripts = compiler.Parse(sources);
        foreach (string folder in _options.TapsetFolders)
            AddTapset(compiler, folder);
        if (!Report(1))
            return null;
        if (_options.VerbosityOf(1) > 0)
        {
            int files = compiler.Library.ParsedFiles;
            Say($"Pass 1: parsed user script and {files} library {Plural(files, "script")} {clock.Usage}");
        }

        return scripts;
    }

    /// <summary>The scripts that the command line names; what cannot be read is told.</summary>
    private IEnumerable<SourceText> Sources()
    {
        if (_options.ScriptPath is string path && (_options.IsExample ? ReadExample(path) : ReadFile(path)) is SourceText file)
            yield return file;
        if (_options.ScriptText is not null)
            yield return new SourceText(InputName, _options.ScriptText);
        if (_options.ListPoint is not null)
            yield return new SourceText(InputName, $"probe {_options.ListPoint} {{}}");
        for (int i = 0; i < _options.MoreScripts.Count; i++)
            yield return new SourceText($"<input{i + 1}>", _options.MoreScripts[i]);
    }

    private SourceText? ReadFile(string path)
    {
        try
        {
            if (path == "-")
                return new SourceText(InputName, Console.In.ReadToEnd());
            string text = File.ReadAllText(path);
            if (!text.StartsWith("\u007fELF", StringComparison.Ordinal))
                return new SourceText(path, text);
            string reason = $"Input file '{path}' is a program, not a script: a script probes it with process(\"{path}\")";
            _diagnostics.Add(new Diagnostic(DiagnosticKind.Parse, reason, null));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            _diagnostics.Add(new Diagnostic(DiagnosticKind.Parse, $"Input file '{path}' is missing.", null));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Of a folder the runtime says that access is denied.
            string reason = Directory.Exists(path) ? "it is a directory" : e.Message;
            _diagnostics.Add(new Diagnostic(DiagnosticKind.Parse, $"Input file '{path}' cannot be read: {reason}", null));
        }

        return null;
    }

    private SourceText? ReadExample(string name)
    {
        if (ExampleScripts.Find(name) is string path)
            return ReadFile(path);
        string folders = string.Join("', '", ExampleScripts.Folders);
        _diagnostics.Add(new Diagnostic(DiagnosticKind.Parse, $"Example '{name}' was not found under '{folders}'", null));
        return null;
    }

    private void AddTapset(ScriptCompiler compiler, string folder)
    {
        try
        {
            foreach (TapsetFile file in _tapsets.Read(folder))
                compiler.AddTapset(file, TapsetFolders.IsPackaged(folder));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _diagnostics.Warning($"tapset folder '{folder}' (-I) is left out: {e.Message}", null);
        }
    }

    /// <summary>The files that others have installed; a folder that cannot be read has none, as with SystemTap.</summary>
    private IEnumerable<TapsetFile> InstalledTapsets()
    {
        foreach (string folder in TapsetFolders.Installed(System.Environment.GetEnvironmentVariable).Where(Directory.Exists))
        {
            List<TapsetFile> files;
            try
            {
                files = [.. _tapsets.Read(folder)];
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _diagnostics.Warning($"tapset folder '{folder}' is left out: {e.Message}", null);
                continue;
            }

            foreach (TapsetFile file in files)
                yield return file;
        }
    }

    /// <summary>The macros of the -I folders, and behind them of those that others have installed.</summary>
    private MacroLibrary Macros(LanguageEnvironment environment)
    {
        var macros = new MacroLibrary
        {
            ReadOwn = () => Tapset.ReadMacros(environment),
            ReadInstalled = () =>
            {
                var installed = new MacroLibrary();
                AddMacros(installed, TapsetFolders.Installed(System.Environment.GetEnvironmentVariable), environment);
                return installed;
            },
        };
        AddMacros(macros, _options.TapsetFolders, environment);
        return macros;
    }

    /// <summary>The macros of folders' files; of a file with mistakes those before the first.</summary>
    private void AddMacros(MacroLibrary macros, IEnumerable<string> folders, LanguageEnvironment environment)
    {
        foreach (string file in folders.Where(Directory.Exists).SelectMany(folder => _tapsets.Files(folder, ".stpm")))
        {
            var mistakes = new DiagnosticBag();
            macros.Add(new SourceText(file, File.ReadAllText(file)), environment with { IsLibrary = true }, mistakes);
            if (mistakes.HasErrors)
            {
                Diagnostic first = mistakes.Diagnostics[0];
                _diagnostics.Warning($"macro tapset \"{file}\" has errors, and will be skipped", first.Span, first.Message);
            }
        }
    }

    private string KernelRelease => _options.KernelRelease ?? File.ReadAllText("/proc/sys/kernel/osrelease").Trim();

    private LanguageEnvironment Environment(IReadOnlyList<string> arguments)
    {
        LanguageEnvironment plain = EnvironmentWithoutMacros(arguments);
        return plain with { Macros = Macros(plain) };
    }

    private LanguageEnvironment EnvironmentWithoutMacros(IReadOnlyList<string> arguments) => new()
    {
        KernelRelease = KernelRelease,
        SystemTapVersion = _options.CompatibleVersion ?? RunHelp.LanguageVersion,
        IsGuru = _options.IsGuru,
        Privilege = _options.Privilege,
        Arguments = arguments,
    };

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
