using System.Xml.Linq;

namespace Virtap.Cli.Tests;

/// <summary>The arrows between the rooms, as ARCHITECTURE.md draws them.</summary>
public class RoomsTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Virtap.Interop"] = [],
        ["Virtap.Names"] = [],
        ["Virtap.Language"] = ["Virtap.Names"],
        ["Virtap.Binaries"] = ["Virtap.Names"],
        ["Virtap.Bpf"] = ["Virtap.Interop"],
        ["Virtap.Processes"] = ["Virtap.Binaries", "Virtap.Interop"],
        ["Virtap.Debugging"] = ["Virtap.Processes", "Virtap.Binaries", "Virtap.Names"],
        ["Virtap.Virtio"] = ["Virtap.Processes", "Virtap.Binaries"],
        ["Virtap.Tracing"] = ["Virtap.Language", "Virtap.Bpf", "Virtap.Processes", "Virtap.Binaries", "Virtap.Interop"],
        ["Virtap.Watch"] = ["Virtap.Tracing", "Virtap.Virtio", "Virtap.Debugging"],
        ["Virtap.Cli"] =
            ["Virtap.Watch", "Virtap.Tracing", "Virtap.Virtio", "Virtap.Debugging", "Virtap.Language", "Virtap.Bpf", "Virtap.Processes",
                "Virtap.Binaries", "Virtap.Interop"],
    };

    [Fact]
    public void A_room_refers_only_to_rooms_below_it()
    {
        string source = Path.Combine(Root(), "src");
        foreach (string folder in Directory.GetDirectories(source))
        {
            string room = Path.GetFileName(folder);
            Assert.True(Allowed.ContainsKey(room), $"{room} is not drawn in ARCHITECTURE.md");
            var references = XDocument.Load(Path.Combine(folder, room + ".csproj")).Descendants("ProjectReference")
                .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value));
            Assert.Empty(references.Except(Allowed[room]));
        }
    }

    internal static string Root()
    {
        string directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Virtap.slnx")))
            directory = Path.GetDirectoryName(directory)
                ?? throw new InvalidOperationException("The tests do not run from inside the repository.");
        return directory;
    }
}
