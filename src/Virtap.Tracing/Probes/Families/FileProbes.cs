using Virtap.Language.Binding.Targets;
using Virtap.Tracing.Probes.Grammar;

namespace Virtap.Tracing.Probes.Families;

/// <summary>
/// procfs("PATH").read and .write, with .umask(M) and .maxsize(N); and __input("line"), __input("char"), which the tapset's input.line and
/// input.char are made of.
/// </summary>
internal static class FileProbes
{
    private const string Read = "read", Write = "write", Umask = "umask", MaxSize = "maxsize", Usual = "command";

    private const long AllPermissions = 0x1ff;

    public static void AddTo(ProbeGrammar grammar)
    {
        foreach (string file in (ReadOnlySpan<string>)["procfs", "procfs(string)"])
        {
            foreach (string mask in (ReadOnlySpan<string>)["", $".{Umask}(number)"])
            {
                grammar.Add($"{file}{mask}.{Read}", Resolve);
                grammar.Add($"{file}{mask}.{Read}.{MaxSize}(number)", Resolve);
                grammar.Add($"{file}{mask}.{Write}", Resolve);
            }
        }

        grammar.AddInner("__input(string)", static point =>
            new ProbeResolution([new InputTarget("input." + point.Components[0].Text, point.Components[0].Text == "line")]));
    }

    private static ProbeResolution Resolve(ProbePoint point)
    {
        string path = point.Components[0].Text ?? Usual;
        if (Problem(path) is { } problem)
            return new ProbeResolution([], problem) { Span = point.Components[0].Span };
        long? umask = point.Components.FirstOrDefault(static each => each.Name == Umask)?.Number;
        if (umask is < 0 or > AllPermissions)
            return new ProbeResolution([], "a umask is a number from 0 to 0777");
        if (point.Components is [.., { Name: MaxSize, Number: <= 0 }])
            return new ProbeResolution([], "maxsize must be greater than 0");
        bool isWrite = point.Components.Any(static each => each.Name == Write);
        return new ProbeResolution([new FileTarget(point.ToString(), path, isWrite, (int?)umask)]);
    }

    /// <summary>What is wrong with a path, in the words that SystemTap has for it.</summary>
    private static string? Problem(string path)
    {
        if (path.Length == 0)
            return "empty procfs path";
        string[] names = path.Split('/');
        return names[0].Length == 0 ? "procfs path cannot start with a '/'"
            : names[^1].Length == 0 ? "procfs path cannot end with a '/'"
            : names.Any(static name => name.Length == 0) ? "procfs path component cannot be empty"
            : names.Any(static name => name is "." or "..") ? "procfs path cannot contain relative path component"
            : null;
    }
}
