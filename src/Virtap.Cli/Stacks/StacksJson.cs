using System.Text.Json;
using Virtap.Binaries.Images;
using Virtap.Cli.Rendering;
using Virtap.Cli.Words;
using Virtap.Processes;
using Virtap.Processes.Stacks;
using Virtap.Virtio.Machines;
using Virtap.Watch.Stacks;

namespace Virtap.Cli.Stacks;

/// <summary>Threads as one JSON object: <c>threads</c>, each with its <c>frames</c>, the innermost first.</summary>
internal static class StacksJson
{
    public static void Write(Utf8JsonWriter writer, TargetProcess process, IReadOnlyList<ThreadLook> looks, MachineThreads? machine)
    {
        writer.WriteStartObject();
        writer.WriteNumber("pid", process.Id);
        writer.WriteString("name", process.Name);
        writer.WriteString("runState", machine?.RunState?.Name);
        writer.WriteStartArray("threads");
        foreach (ThreadLook look in looks)
            Write(writer, look, machine);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ThreadLook look, MachineThreads? machine)
    {
        writer.WriteStartObject();
        writer.WriteNumber("tid", look.ThreadId);
        writer.WriteString("name", look.Name);
        writer.WriteString("iothread", machine?.IoThreads.GetValueOrDefault(look.ThreadId));
        writer.WriteStartArray("vcpus");
        foreach (int cpu in machine?.Cpus.GetValueOrDefault(look.ThreadId) ?? [])
            writer.WriteNumberValue(cpu);
        writer.WriteEndArray();
        writer.WriteString("problem", look.Failure is { } failure ? StopWords.OfThread(failure) : null);
        writer.WriteString("activity", JsonNamingPolicy.CamelCase.ConvertName(look.Activity.Kind.ToString()));
        writer.WriteString("function", look.Activity.Function);
        writer.WriteBoolean("stopped", look.WasStopped);
        writer.WriteOptional("lockHolder", look.Activity.LockHolder);
        if (look.StoppedFor is { } stopped)
            writer.WriteNumber("stoppedMicroseconds", Math.Round(stopped.TotalMicroseconds, 1));
        else
            writer.WriteNull("stoppedMicroseconds");
        writer.WriteString("end", JsonNamingPolicy.CamelCase.ConvertName(look.End.ToString()));
        writer.WriteStartArray("frames");
        foreach (ResolvedAddress address in look.Frames)
            Write(writer, address);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ResolvedAddress address)
    {
        writer.WriteStartObject();
        writer.WriteAddress("address", address.Address);
        writer.WriteString("module", string.IsNullOrEmpty(address.Module) ? null : address.Module);
        writer.WriteAddress("moduleAddress", address.Image is null ? null : address.LinkAddress);
        writer.WriteString("symbol", address.Symbol?.Name);
        writer.WriteOptional("offset", address.Symbol is null ? null : (long)address.Offset);
        writer.WriteStartArray("functions");
        foreach (CodeScope scope in address.Scopes)
        {
            writer.WriteStartObject();
            writer.WriteString("name", scope.Function.Name);
            writer.WriteString("file", scope.Line?.File);
            writer.WriteOptional("line", scope.Line?.Line);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
