using System.CommandLine;
using System.Text.Json;
using Virtap.Bpf.Features;

namespace Virtap.Cli.Doctor;

/// <summary><c>virtap doctor</c>: what this machine offers to tracing, and what is done without what is missing.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "as JSON" };
        var command = new Command("doctor", "what this kernel offers to tracing, and what is used instead of what it lacks") { json };
        command.SetAction(parsed => Run(parsed.GetValue(json)));
        return command;
    }

    private static int Run(bool asJson)
    {
        IReadOnlyList<KernelFeature> features = KernelFeatures.Current.All();
        if (asJson)
            WriteJson(features);
        else
            WriteLines(features);
        return KernelFeatures.Current is { Privilege.Present: true, SharedMemory.Present: true, RingBuffer.Present: true } ? 0 : 1;
    }

    private static void WriteLines(IReadOnlyList<KernelFeature> features)
    {
        Console.WriteLine($"Linux {KernelRelease()}");
        foreach (KernelFeature feature in features)
        {
            Console.WriteLine(feature.Present
                ? $"  yes  {feature.Name}"
                : $"  no   {feature.Name} (Linux {feature.Since}); instead: {feature.Fallback}");
        }
    }

    private static void WriteJson(IReadOnlyList<KernelFeature> features)
    {
        using var output = Console.OpenStandardOutput();
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        writer.WriteString("kernel", KernelRelease());
        writer.WriteStartArray("features");
        foreach (KernelFeature feature in features)
        {
            writer.WriteStartObject();
            writer.WriteString("name", feature.Name);
            writer.WriteBoolean("present", feature.Present);
            writer.WriteString("since", feature.Since);
            writer.WriteString("fallback", feature.Fallback);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static string KernelRelease() => File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
}
