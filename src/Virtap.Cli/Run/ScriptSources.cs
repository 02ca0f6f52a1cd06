using Virtap.Language;
using Virtap.Language.Diagnostics;
using Virtap.Language.Library;
using Virtap.Language.Syntax.Preprocessing;
using Virtap.Tracing.Compilation;

namespace Virtap.Cli.Run;

/// <summary>The scripts and tapsets that a command line names, and what their conditions may ask for.</summary>
/// <param name="options">The command line.</param>
/// <param name="diagnostics">Takes what cannot be read.</param>
internal sealed class ScriptSources(RunOptions options, DiagnosticBag diagnostics)
{
    private const string InputName = "<input>";

    private readonly string _kernelRelease = KernelRelease(options);
    private readonly TapsetFolders _tapsets = new(KernelRelease(options), LanguageEnvironment.HostArchitecture);

    /// <summary>The scripts that the command line names; what cannot be read is told.</summary>
    public IEnumerable<SourceText> Read()
    {
        if (options.ScriptPath is string path && (options.IsExample ? ReadExample(path) : ReadFile(path)) is SourceText file)
            yield return file;
        if (options.ScriptText is not null)
            yield return new SourceText(InputName, options.ScriptText);
        if (options.ListPoint is not null)
            yield return new SourceText(InputName, $"probe {options.ListPoint} {{}}");
        for (int i = 0; i < options.MoreScripts.Count; i++)
            yield return new SourceText($"<input{i + 1}>", options.MoreScripts[i]);
    }

    /// <summary>Adds the files of the -I folders to a compiler's tapset; what cannot be read is told.</summary>
    public void AddTapsets(ScriptCompiler compiler)
    {
        foreach (string folder in options.TapsetFolders)
        {
            try
            {
                foreach (TapsetFile file in _tapsets.Read(folder))
                    compiler.AddTapset(file, TapsetFolders.IsPackaged(folder));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                diagnostics.Warning($"tapset folder '{folder}' (-I) is left out: {e.Message}", null);
            }
        }
    }

    /// <summary>The files that others have installed; a folder that cannot be read has none, as with SystemTap.</summary>
    public IEnumerable<TapsetFile> Installed()
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
                diagnostics.Warning($"tapset folder '{folder}' is left out: {e.Message}", null);
                continue;
            }

            foreach (TapsetFile file in files)
                yield return file;
        }
    }

    /// <summary>What a script's conditions may ask for, and its macros.</summary>
    /// <param name="arguments">The script's arguments.</param>
    public LanguageEnvironment Environment(IReadOnlyList<string> arguments)
    {
        var plain = new LanguageEnvironment
        {
            KernelRelease = _kernelRelease,
            SystemTapVersion = options.CompatibleVersion ?? RunHelp.LanguageVersion,
            IsGuru = options.IsGuru,
            Privilege = options.Privilege,
            Arguments = arguments,
        };
        return plain with { Macros = Macros(plain) };
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
            diagnostics.Add(new Diagnostic(DiagnosticKind.Parse, reason, null));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            diagnostics.Add(new Diagnostic(DiagnosticKind.Parse, $"Input file '{path}' is missing.", null));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Of a folder the runtime says that access is denied.
            string reason = Directory.Exists(path) ? "it is a directory" : e.Message;
            diagnostics.Add(new Diagnostic(DiagnosticKind.Parse, $"Input file '{path}' cannot be read: {reason}", null));
        }

        return null;
    }

    private SourceText? ReadExample(string name)
    {
        if (ExampleScripts.Find(name) is string path)
            return ReadFile(path);
        string folders = string.Join("', '", ExampleScripts.Folders);
        diagnostics.Add(new Diagnostic(DiagnosticKind.Parse, $"Example '{name}' was not found under '{folders}'", null));
        return null;
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
        AddMacros(macros, options.TapsetFolders, environment);
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
                diagnostics.Warning($"macro tapset \"{file}\" has errors, and will be skipped", first.Span, first.Message);
            }
        }
    }

    private static string KernelRelease(RunOptions options) =>
        options.KernelRelease ?? File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
}
