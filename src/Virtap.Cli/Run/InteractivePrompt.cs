using System.Diagnostics;
using Virtap.Cli.Rendering;
using Virtap.Cli.Typing;
using Virtap.Language;
using Virtap.Language.Diagnostics;
using Virtap.Language.Syntax;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Cli.Run;

/// <summary>
/// -i: a prompt at which a script is put together and run, with stap's commands. Where nobody types, commands come from standard input.
/// </summary>
internal sealed class InteractivePrompt
{
    private const string Sign = "stap> ", FurtherSign = "    > ", InputName = "<input>";

    private readonly RunOptions _options;
    private readonly Func<string[], int> _run;
    private readonly InteractiveScript _script;
    private readonly InteractiveSettings _settings;
    private readonly WakeableInput _input = new();
    private readonly LineEditor? _editor;
    private readonly Command[] _commands;
    private bool _isOver;
    private bool _hasFailed;

    /// <summary>Begins.</summary>
    /// <param name="options">The command line.</param>
    /// <param name="run">Carries a command line of <c>virtap run</c> out; returns its exit status.</param>
    public InteractivePrompt(RunOptions options, Func<string[], int> run)
    {
        (_options, _run) = (options, run);
        _settings = new InteractiveSettings(options.GivenWords);
        _script = new InteractiveScript(Parse);
        _editor = LineEditor.IsTerminal ? new LineEditor(_input, Complete) : null;
        _commands =
        [
            new("add", "probe|function|global ...", "add a declaration to the script; it may go on over several lines", Add),
            new("delete", "NUMBER|all", "take a declaration out, by its number in the list", Delete),
            new("edit", "", "edit the script with the program that EDITOR names (vi without it)", Edit),
            new("help", "[COMMAND]", "this list, or a word on one command", Help),
            new("list", "", "show the script, each declaration with its number", _ => List()),
            new("load", "FILE", "put a file's script in this one's place", Load),
            new("quit", "", "end (Ctrl-D too)", _ => _isOver = true),
            new("run", "[ARGUMENT...]", "run the script; Ctrl-C ends it and comes back here", Run),
            new("sample", "NAME", "put an example's script in this one's place", Sample),
            new("save", "FILE", "write the script to a file", Save),
            new("set", "[NAME [VALUE]]", "show what can be set, or set it", Set),
        ];
    }

    /// <summary>A command, and how it is called for.</summary>
    private sealed record Command(string Name, string Usage, string Help, Action<string> Do);

    /// <summary>Reads commands to their end.</summary>
    /// <returns>The exit status: 1 where a command that nobody typed has failed.</returns>
    public int Read()
    {
        Begin();
        while (!_isOver && ReadLine(Sign) is { } line)
        {
            if (line.Trim() is { Length: > 0 } words && words[0] != '#')
                Do(words);
        }

        StandardStreams.Output.Flush();
        return _editor is null && _hasFailed ? 1 : 0;
    }

    private void Begin()
    {
        if (_options.ScriptText is { } text)
            Take(new SourceText(InputName, text));
        else if (_options.ScriptPath is { } path)
            (_options.IsExample ? Sample : (Action<string>)Load)(path);
        if (_editor is not null)
            Console.Out.WriteLine("Put a script together: \"add probe ...\", \"list\", \"run\"; \"help\" tells of more.");
    }

    private void Do(string line)
    {
        string[] words = line.Split(' ', 2, StringSplitOptions.TrimEntries);
        Command[] fitting = [.. _commands.Where(each => each.Name.StartsWith(words[0], StringComparison.Ordinal))];
        if (fitting is [var command])
            command.Do(words.Length > 1 ? words[1] : "");
        else if (fitting.Length == 0)
            Fail($"Undefined command: \"{words[0]}\".  Try \"help\".");
        else
            Fail($"Ambiguous command \"{words[0]}\": {string.Join(", ", fitting.Select(static each => each.Name))}.");
    }

    private void Add(string text)
    {
        if (text.Length == 0)
        {
            Fail("add needs a declaration: add probe|function|global ...");
            return;
        }

        while (!_script.TryAdd(text, out DiagnosticBag mistakes, out bool isUnfinished))
        {
            // It goes on where it cannot have ended: until an empty line.
            if (isUnfinished && ReadLine(FurtherSign) is { Length: > 0 } further)
            {
                text += "\n" + further;
                continue;
            }

            Tell(mistakes);
            return;
        }
    }

    private void Delete(string which)
    {
        if (which == "all")
            _script.Clear();
        else if (!int.TryParse(which, out int number) || !_script.TryDelete(number))
            Fail($"delete needs a number of the list, or all: there is no '{which}'");
    }

    private void List()
    {
        for (int i = 0; i < _script.Declarations.Count; i++)
        {
            string[] lines = _script.Declarations[i].Split('\n');
            for (int j = 0; j < lines.Length; j++)
                Console.Out.WriteLine((j == 0 ? $"{i + 1,3}  " : "     ") + PrintableText.OfLine(lines[j].TrimEnd('\r')));
        }

        if (_script.Declarations.Count == 0)
            Console.Out.WriteLine("The script is empty.");
    }

    private void Load(string path)
    {
        try
        {
            Take(new SourceText(path, File.ReadAllText(path)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Fail($"'{path}' cannot be loaded: {e.Message}");
        }
    }

    private void Sample(string name)
    {
        if (ExampleScripts.Find(name) is { } path)
            Load(path);
        else
            Fail($"Example '{name}' was not found under '{string.Join("', '", ExampleScripts.Folders)}'");
    }

    private void Save(string path)
    {
        try
        {
            File.WriteAllText(path, _script.Text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Fail($"'{path}' cannot be saved: {e.Message}");
        }
    }

    private void Edit(string nothing)
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("virtap-script").FullName, "script.stp");
        try
        {
            File.WriteAllText(path, _script.Text);
            string editor = Environment.GetEnvironmentVariable("EDITOR") is { Length: > 0 } named ? named : "vi";
            StandardStreams.Output.Flush();
            // EDITOR may be a program and its options: it is the shell's to take apart.
            using Process process = Process.Start("/bin/sh", ["-c", $"{editor} \"$1\"", "sh", path]);
            process.WaitForExit();
            if (process.ExitCode != 0)
                Fail($"the editor '{editor}' ended with status {process.ExitCode}: the script stays as it was");
            else
                Take(new SourceText(InputName, File.ReadAllText(path)));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    private void Run(string arguments)
    {
        if (_script.Declarations.Count == 0)
        {
            Fail("there is nothing to run: \"add probe ...\" first");
            return;
        }

        string[] words = arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        IReadOnlyList<string> given = words.Length > 0 ? words : _options.Arguments;
        _hasFailed |= _run([.. _settings.Words, "-e", _script.Text, "--", .. given]) != 0;
        StandardStreams.Output.Flush();
    }

    private void Set(string words)
    {
        string[] parts = words.Split(' ', 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 2)
        {
            foreach (string line in _settings.Describe(parts.Length == 0 ? null : parts[0]))
                Console.Out.WriteLine(line);
            if (parts.Length == 1 && !InteractiveSettings.Names.Contains(parts[0]))
                Fail($"there is nothing called '{parts[0]}' to be set: \"set\" alone lists what there is");
        }
        else if (_settings.Set(parts[0], parts[1]) is { } problem)
        {
            Fail(problem);
        }
    }

    private void Help(string about)
    {
        Command[] shown = about.Length == 0 ? _commands : [.. _commands.Where(each => each.Name == about)];
        foreach (Command command in shown)
            Console.Out.WriteLine($"{$"{command.Name} {command.Usage}".TrimEnd(),-32} {command.Help}");
        if (shown.Length == 0)
            Fail($"Undefined command: \"{about}\".  Try \"help\".");
    }

    private IReadOnlyList<string> Complete(string before)
    {
        string line = before.TrimStart();
        int blank = line.IndexOf(' ', StringComparison.Ordinal);
        if (blank < 0)
            return [.. _commands.Select(static each => each.Name)];
        return line[..blank] switch
        {
            "add" when line.LastIndexOf(' ') == blank => ["probe", "function", "global"],
            "delete" => ["all", .. Enumerable.Range(1, _script.Declarations.Count).Select(static number => $"{number}")],
            "help" => [.. _commands.Select(static each => each.Name)],
            "set" => InteractiveSettings.Names,
            "sample" => ExampleScripts.Names(),
            "load" or "save" => Files(line[(blank + 1)..]),
            _ => [],
        };
    }

    // The editor completes what follows the last slash.
    private static IReadOnlyList<string> Files(string begun)
    {
        string folder = begun[..(begun.LastIndexOf('/') + 1)];
        try
        {
            string looked = folder.Length == 0 ? "." : folder;
            return [.. Directory.EnumerateFileSystemEntries(looked).Select(static path => Path.GetFileName(path)!)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private void Take(SourceText source)
    {
        if (!_script.TryReplace(source, out DiagnosticBag mistakes))
            Tell(mistakes);
    }

    private ScriptSyntax Parse(SourceText source, DiagnosticBag mistakes) =>
        ScriptParser.Parse(source, new ScriptSources(_options, mistakes).Environment(_options.Arguments), mistakes);

    private void Tell(DiagnosticBag mistakes)
    {
        _hasFailed = true;
        StandardStreams.Output.Flush();
        StandardStreams.Error.Write(new DiagnosticRenderer(_options.Color ?? !Console.IsErrorRedirected).Render(mistakes));
        StandardStreams.Error.Flush();
    }

    private void Fail(string problem)
    {
        _hasFailed = true;
        StandardStreams.Report(problem);
    }

    private string? ReadLine(string sign)
    {
        StandardStreams.Output.Flush();
        return _editor is null ? _input.ReadLine() : _editor.Read(sign);
    }
}
