using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Marks;
using Virtap.Language;
using Virtap.Language.Binding.Targets;
using Virtap.Names;
using Virtap.Processes.Files;
using Virtap.Processes.Programs;

namespace Virtap.Tracing.Probes.Families;

/// <summary>
/// The aliases that QEMU's own tapset has, made of the marks of the QEMUs of this host where nobody has installed it:
/// <c>qemu.system.x86_64.virtio_notify</c> with <c>vdev</c> and <c>vq</c>, and <c>qemu.system.x86_64.log.virtio_notify</c>, which prints
/// what QEMU would log (QEMU, scripts/tracetool/format/stap.py and log_stap.py). <c>qemu.kvm</c> is the QEMU that is called qemu-kvm, or
/// where there is none the one of this processor.
/// </summary>
internal sealed partial class QemuAliases(TargetPrograms programs)
{
    private const string First = "qemu", Log = "log";

    private const int MaxSimilar = 5;

    private static readonly string[] s_reserved =
    [
        "break", "catch", "continue", "delete", "else", "for", "foreach", "function", "global", "if", "in", "limit", "long", "next",
        "probe", "return", "self", "string", "try", "while",
    ];

    private readonly HashSet<string> _made = new(StringComparer.Ordinal);

    private List<Tapset> Known => field ??= [.. Tapsets()];

    /// <summary>Those of a probe point with these names, patterns among them, that were not made before.</summary>
    public IEnumerable<SourceText> Make(IReadOnlyList<string> names)
    {
        if (names is not [First or "qemu*", _, ..])
            yield break;
        foreach (Tapset tapset in Known)
        {
            if (EventsOf(tapset, names) is { } events && Text(tapset, events) is { Length: > 0 } text)
                yield return new SourceText($"{Path.GetFileName(tapset.File.Path)}.stp", text);
        }
    }

    /// <summary>What may help whoever named none that there is; null for a name that is not QEMU's.</summary>
    public string? HintFor(ProbePoint point)
    {
        string[] names = [.. point.Components.Select(static component => component.Name)];
        if (names is not [First, ..])
            return null;
        if (Known.Count == 0)
            return "aliases of QEMU's marks are made of the QEMUs of this host, and there is none";
        if (!Glob.HasWildcards(names[^1]) && Known.Find(each => EventsOf(each, names) is not null) is { } tapset
            && SimilarTo(tapset, names[^1]) is { Length: > 0 } similar)
            return $"{Path.GetFileName(tapset.File.Path)} has {string.Join(", ", similar)}";
        return "aliases of QEMU's marks begin with " + string.Join(" or ", Known.Select(static each => each.Name).Distinct());
    }

    private string[] SimilarTo(Tapset tapset, string @event)
    {
        try
        {
            return programs.TryOpen(tapset.File, out ProbedBinary? binary, out _)
                ? [.. NameSuggestion.Similar(@event, binary!.Marks.Names(), MaxSimilar)] : [];
        }
        catch (ElfFormatException)
        {
            return [];
        }
    }

    /// <summary>The pattern of the events that are meant; null where the names are no aliases of the tapset.</summary>
    private static string? EventsOf(Tapset tapset, IReadOnlyList<string> names)
    {
        if (names.Any(static name => name.Contains("**", StringComparison.Ordinal)))
            return "*";
        int prefix = tapset.Prefix.Length;
        bool isEvent = names.Count == prefix + 1;
        bool isLog = names.Count == prefix + 2 && Glob.IsMatchWithEscapes(names[prefix], Log);
        return (isEvent || isLog) && tapset.Prefix.Zip(names).All(static pair => Glob.IsMatchWithEscapes(pair.Second, pair.First))
            ? names[^1] : null;
    }

    private string Text(Tapset tapset, string events)
    {
        var text = new StringBuilder();
        try
        {
            if (!programs.TryOpen(tapset.File, out ProbedBinary? binary, out _))
                return "";
            foreach (Mark mark in binary!.Marks.Find(new MarkPattern(events, First)))
            {
                // The same program may be there several times: in /usr and in containers.
                if (!_made.Add($"{tapset.Name}.{mark.Name} {tapset.File.OpenPath}"))
                    continue;
                Append(text, $"{tapset.Name}.{mark.Name}", tapset, mark, "");
                if (LogOf(mark) is { } log)
                    Append(text, $"{tapset.Name}.{Log}.{mark.Name}", tapset, mark, log);
            }
        }
        catch (ElfFormatException)
        {
            // A damaged file has no marks; who probes it by its path hears why.
            return "";
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, string alias, Tapset tapset, Mark mark, string statements)
    {
        text.Append($"probe {alias} = {string.Join(", ", tapset.Processes.Select(each => $"{each}.mark(\"{mark.Name}\")"))} {{");
        for (int i = 0; i < mark.Sites[0].Arguments.Count; i++)
        {
            // One that cannot be read is a name that nothing is assigned to, which is told to who uses it.
            if (IsReadable(mark, i))
                text.Append(CultureInfo.InvariantCulture, $" {NameOf(mark, i)} = $arg{i + 1};");
        }

        text.Append($" {statements} }}\n");
    }

    private static bool IsReadable(Mark mark, int index) =>
        mark.Sites.All(site => index < site.Arguments.Count && site.Arguments[index].Value is not null);

    /// <summary>A word of the language gets a <c>_</c> behind it, as in QEMU's tapset; what has no name is <c>arg1</c> and so on.</summary>
    private static string NameOf(Mark mark, int index) => mark.Sites[0].Arguments[index].Name switch
    {
        null => string.Create(CultureInfo.InvariantCulture, $"arg{index + 1}"),
        var name when s_reserved.Contains(name) => name + "_",
        var name => name,
    };

    private static IEnumerable<Tapset> Tapsets()
    {
        IReadOnlyList<QemuProgram> qemus = QemuPrograms.All();
        bool hasKvm = qemus.Any(static qemu => PrefixOf(qemu) is [_, "kvm"]);
        foreach (QemuProgram qemu in qemus)
        {
            bool isInPlace = FileIdentity.OfRegular(qemu.Path) == qemu.Identity;
            if (!isInPlace && qemu.Processes.Count == 0)
                continue;
            var file = new ExecutableFile(qemu.Path, isInPlace ? qemu.Path : qemu.Processes[0].ExecutablePath, qemu.Identity);
            string[] processes = isInPlace ? [$"process(\"{Quoting.Escape(qemu.Path)}\")"]
                : [.. qemu.Processes.Select(static each => string.Create(CultureInfo.InvariantCulture, $"process({each.Id})"))];
            yield return new Tapset(PrefixOf(qemu), file, processes);
            if (!hasKvm && PrefixOf(qemu) is [_, "system", var processor] && processor == ThisProcessor)
                yield return new Tapset([First, "kvm"], file, processes);
        }
    }

    private static string ThisProcessor => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64" : "x86_64";

    /// <summary><c>qemu-system-x86_64</c> is <c>qemu.system.x86_64</c>; <c>qemu-kvm</c> and <c>kvm</c> are <c>qemu.kvm</c>.</summary>
    private static string[] PrefixOf(QemuProgram qemu)
    {
        string[] words = Path.GetFileName(qemu.Path).Split('-');
        return words is ["xen", .. var others] ? others : words is ["kvm"] ? [First, .. words] : words;
    }

    /// <summary>What one QEMU's tapset says before its events, and whose marks they are.</summary>
    private sealed record Tapset(string[] Prefix, ExecutableFile File, string[] Processes)
    {
        public string Name { get; } = string.Join('.', Prefix);
    }
}
