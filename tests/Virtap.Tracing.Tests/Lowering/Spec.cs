using System.Text;
using Xunit.Sdk;

namespace Virtap.Tracing.Tests.Lowering;

/// <summary>
/// A script and what it prints, from a text file of many. A case begins with <c>NAME</c>, may set limits in a line <c>LIMITS MAXACTION=20</c> and say <c>ONLY evaluator</c>
/// of what eBPF cannot do yet; the lines behind <c>SCRIPT</c>, <c>EXPECT</c> and <c>ERRORS</c> are taken as they stand.
/// </summary>
public sealed class Spec : IXunitSerializable
{
    public string File { get; private set; } = "";

    public string Name { get; private set; } = "";

    public string Limits { get; private set; } = "";

    public bool OnlyEvaluator { get; private set; }

    public string Script { get; private set; } = "";

    public string Expected { get; private set; } = "";

    public string Errors { get; private set; } = "";

    public override string ToString() => $"{File}: {Name}";

    /// <summary>All cases of all files.</summary>
    public static IEnumerable<Spec> All()
    {
        foreach (string path in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Lowering", "Specs"), "*.spec").Order(StringComparer.Ordinal))
        {
            foreach (Spec spec in Read(path))
                yield return spec;
        }
    }

    /// <summary>The value of a limit that the case sets.</summary>
    public int Limit(string name, int otherwise)
    {
        foreach (string limit in Limits.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (limit.StartsWith(name + "=", StringComparison.Ordinal))
                return int.Parse(limit[(name.Length + 1)..]);
        }

        return otherwise;
    }

    public void Serialize(IXunitSerializationInfo info)
    {
        info.AddValue(nameof(File), File);
        info.AddValue(nameof(Name), Name);
    }

    public void Deserialize(IXunitSerializationInfo info)
    {
        Spec same = All().Single(spec => spec.File == info.GetValue<string>(nameof(File)) && spec.Name == info.GetValue<string>(nameof(Name)));
        (File, Name, Limits, OnlyEvaluator) = (same.File, same.Name, same.Limits, same.OnlyEvaluator);
        (Script, Expected, Errors) = (same.Script, same.Expected, same.Errors);
    }

    private static IEnumerable<Spec> Read(string path)
    {
        Spec? spec = null;
        var sections = new Dictionary<string, StringBuilder>();
        StringBuilder? section = null;
        foreach (string line in System.IO.File.ReadLines(path).Append("NAME"))
        {
            if (line.StartsWith("NAME", StringComparison.Ordinal))
            {
                if (spec is not null)
                {
                    spec.Script = sections["SCRIPT"].ToString().Trim('\n') + "\n";
                    spec.Expected = Text(sections, "EXPECT");
                    spec.Errors = Text(sections, "ERRORS");
                    yield return spec;
                }

                spec = new Spec { File = Path.GetFileNameWithoutExtension(path), Name = line[4..].Trim() };
                sections.Clear();
                section = null;
            }
            else if (line.StartsWith("LIMITS ", StringComparison.Ordinal))
            {
                spec!.Limits = line[7..];
            }
            else if (line == "ONLY evaluator")
            {
                spec!.OnlyEvaluator = true;
            }
            else if (line is "SCRIPT" or "EXPECT" or "ERRORS")
            {
                section = sections[line] = new StringBuilder();
            }
            else
            {
                section?.Append(line).Append('\n');
            }
        }
    }

    /// <summary>A section without the blank lines before the next case.</summary>
    private static string Text(Dictionary<string, StringBuilder> sections, string name)
    {
        string text = sections.TryGetValue(name, out StringBuilder? section) ? section.ToString().TrimEnd('\n') : "";
        return text.Length == 0 ? "" : text + "\n";
    }
}
