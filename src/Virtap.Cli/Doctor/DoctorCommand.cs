using System.CommandLine;
using System.Text.Json;
using Virtap.Bpf.Features;
using Virtap.Bpf.Kernel;
using Virtap.Cli.Commands;
using Virtap.Cli.Rendering;
using Virtap.Cli.Targets;

namespace Virtap.Cli.Doctor;

/// <summary><c>virtap doctor</c>: what this machine offers to tracing, and what is done without what is missing.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "as JSON" };
        var mend = new Option<string?>("--mend")
        {
            Description = "take out the breakpoints that some tracer has left in a process; those of tracers that are at work stay",
            HelpName = "pid|name",
        };
        var command = new Command("doctor", "what this kernel offers to tracing, and what is used instead of what it lacks")
        {
            json,
            mend,
        };
        command.SetAction(parsed => parsed.GetValue(mend) is { } word ? Mending.Run(ProcessWord.Get(word)) : Run(parsed.GetValue(json)));
        return command;
    }

    private static int Run(bool asJson)
    {
        IReadOnlyList<KernelFeature> features = KernelFeatures.Current.All();
        CommandOutput.Write(asJson, writer => WriteJson(writer, features), output => WriteLines(output, features));
        return KernelFeatures.Current is { Privilege.Present: true, SharedMemory.Present: true, RingBuffer.Present: true }
            ? ExitStatus.Success : ExitStatus.Failure;
    }

    private static void WriteLines(TextOutput output, IReadOnlyList<KernelFeature> features)
    {
        output.WriteLine($"Linux {KernelRelease()}");
        foreach (KernelFeature feature in features)
        {
            output.WriteLine(feature switch
            {
                { Present: true } => $"  yes  {feature.Name}",
                { IsAnswered: false } => $"  ?    {feature.Name} (Linux {feature.Since}): not allowed to ask",
                _ => $"  no   {feature.Name} (Linux {feature.Since}); instead: {feature.Fallback}",
            });
        }

        if (features.Any(static feature => !feature.IsAnswered))
            output.WriteLine($"What is marked ? the kernel tells others: {Privileges.Explain()}");
    }

    private static void WriteJson(Utf8JsonWriter writer, IReadOnlyList<KernelFeature> features)
    {
        writer.WriteStartObject();
        writer.WriteString("kernel", KernelRelease());
        writer.WriteStartArray("features");
        foreach (KernelFeature feature in features)
        {
            writer.WriteStartObject();
            writer.WriteString("name", feature.Name);
            writer.WriteOptional("present", feature.IsAnswered ? feature.Present : null);
            writer.WriteString("since", feature.Since);
            writer.WriteString("fallback", feature.Fallback);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static string KernelRelease() => File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
}
