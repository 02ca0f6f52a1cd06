using System.Text.Json;

namespace Virtap.EndToEnd;

/// <summary>The eBPF objects that a process holds, by what the kernel says of its file descriptors.</summary>
/// <param name="Kind">The noun of bpftool: prog, map or link.</param>
/// <param name="Id">The kernel's id.</param>
public sealed record KernelObject(string Kind, string Id)
{
    /// <summary>Lists what a process holds now.</summary>
    public static IReadOnlyList<KernelObject> HeldBy(int process)
    {
        var found = new HashSet<KernelObject>();
        foreach (var path in Directory.EnumerateFiles($"/proc/{process}/fdinfo"))
        {
            // The object's own id is the last *_id line of its kind; a link also names its program.
            foreach (var line in LinesOf(path))
            {
                foreach (var kind in (ReadOnlySpan<string>)["prog", "map", "link"])
                {
                    if (line.StartsWith(kind + "_id:", StringComparison.Ordinal))
                        found.Add(new KernelObject(kind, line[(kind.Length + 4)..].Trim()));
                }
            }
        }

        return [.. found];
    }

    /// <summary>What is said of a descriptor; nothing where it has been closed since it was listed.</summary>
    private static string[] LinesOf(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (FileNotFoundException)
        {
            return [];
        }
    }

    /// <summary>
    /// Lists what a process holds now, and the links of its programs: pinned where nobody else sees them, they have no descriptor.
    /// </summary>
    public static async Task<IReadOnlyList<KernelObject>> OfAsync(int process)
    {
        var held = HeldBy(process);
        var links = await Command.RunAsync(Command.Find("bpftool")!, ["-j", "link", "show"]);
        return
        [
            .. held.Union(JsonDocument.Parse(links.Output).RootElement.EnumerateArray()
                .Where(
                    link => link.TryGetProperty("prog_id", out var program) && held.Contains(new KernelObject("prog", program.ToString())))
                .Select(link => new KernelObject("link", link.GetProperty("id").ToString()))),
        ];
    }

    /// <summary>Whether the kernel still has it.</summary>
    public async Task<bool> ExistsAsync() =>
        (await Command.RunAsync(Command.Find("bpftool")!, [Kind, "show", "id", Id])).Status == 0;
}
