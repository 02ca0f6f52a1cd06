using Xunit.Sdk;

namespace Virtap.Tracing.Tests.Specs;

/// <summary>The machines that run what is written for both.</summary>
public enum SpecMachine
{
    /// <summary>The evaluator, in this process.</summary>
    Process,

    /// <summary>eBPF, in a thread of the target program.</summary>
    Kernel,

    /// <summary>The evaluator, in this process, while a thread of the target program stands still (--runtime=ptrace).</summary>
    Tracer,
}

/// <summary>A behaviour of the language: a program and what comes of it. CONTRIBUTING.md says how one is written.</summary>
public sealed class Spec : IXunitSerializable
{
    private static readonly Lazy<IReadOnlyList<Spec>> s_all = new(SpecReader.ReadAll);

    private readonly Dictionary<string, string> _sections = [];

    /// <summary>All specs, by file and in a file's order.</summary>
    public static IReadOnlyList<Spec> All => s_all.Value;

    /// <summary>The file's name, without its ending.</summary>
    public string File { get; internal set; } = "";

    /// <summary>What it shows.</summary>
    public string Name { get; internal set; } = "";

    /// <summary>Options of the command line, as words.</summary>
    public IReadOnlyList<string> Options { get; internal set; } = [];

    /// <summary>The script's arguments.</summary>
    public IReadOnlyList<string> Arguments { get; internal set; } = [];

    /// <summary>The one machine that it is for; null for both, where the program asks for any.</summary>
    public SpecMachine? Machine { get; internal set; }

    public string Program => Section("PROG");

    /// <summary>What the program prints; null where it is to be refused.</summary>
    public string? Output => Refusal is null ? Section("EXPECT") : null;

    /// <summary>What is said while it runs, on standard error.</summary>
    public string Errors => Section("ERRORS");

    /// <summary>Lines that say why it is refused; null where it is accepted.</summary>
    public string? Refusal => _sections.GetValueOrDefault("EXPECT-ERROR");

    /// <summary>Lines that warn of something while it is compiled; null where the spec does not say.</summary>
    public string? Warnings => _sections.GetValueOrDefault("WARN");

    /// <summary>Whether part of it runs in a target, so that there is a choice of machines.</summary>
    public bool HasSubject => Program.Contains("subject", StringComparison.Ordinal);

    public override string ToString() => $"{File}: {Name}";

    public bool RunsOn(SpecMachine machine) => Refusal is null
        && (Machine is { } only ? only == machine : HasSubject || machine == SpecMachine.Process);

    public void Serialize(IXunitSerializationInfo info)
    {
        info.AddValue(nameof(File), File);
        info.AddValue(nameof(Name), Name);
    }

    public void Deserialize(IXunitSerializationInfo info)
    {
        string file = info.GetValue<string>(nameof(File))!, name = info.GetValue<string>(nameof(Name))!;
        Spec same = All.Single(spec => spec.File == file && spec.Name == name);
        (File, Name, Machine, Options, Arguments) = (file, name, same.Machine, same.Options, same.Arguments);
        foreach ((string section, string text) in same._sections)
            _sections[section] = text;
    }

    internal void SetSection(string name, string text) => _sections[name] = text;

    private string Section(string name) => _sections.GetValueOrDefault(name, "");
}
