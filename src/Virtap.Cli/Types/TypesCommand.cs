using System.CommandLine;
using System.Text.Json;
using Virtap.Binaries.Types;
using Virtap.Cli.Commands;
using Virtap.Cli.Rendering;
using Virtap.Cli.Targets;
using Virtap.Cli.Words;
using Virtap.Debugging;
using Virtap.Debugging.Evaluation;
using Virtap.Debugging.Printing;
using Virtap.Debugging.Syntax;
using Virtap.Debugging.Targets;
using Virtap.Watch.Targets;

namespace Virtap.Cli.Types;

/// <summary><c>virtap types</c>: what a type holds and where it lies, as gdb's <c>ptype /o</c> writes it.</summary>
internal static class TypesCommand
{
    public static Command Create()
    {
        var target = DebugTargetWord.Argument();
        var names = new Argument<string[]>("type")
        {
            Description = "types or expressions: 'struct node', node_t, '*vq'", Arity = ArgumentArity.OneOrMore,
        };
        var plain = new Option<bool>("--no-offsets", "-n") { Description = "without offsets and sizes, as gdb's ptype" };
        var executable = DebugTargetWord.Executable();
        var json = new Option<bool>("--json") { Description = "as JSON: members with their offsets and sizes" };
        var command = new Command("types", """
            what a type holds: its members with their offsets, sizes and the holes between them, as gdb's ptype /o

            A program's debug information says so; of a QEMU without it, the virtio structures are known from its code as far as they
            were recovered.

            Examples:
              virtap types 4711 VirtQueue
              virtap types /usr/bin/qemu-system-x86_64 VirtIODevice
              virtap types ./server 'struct node' 'enum state' --no-offsets
              virtap types ./server 'struct node' --json
            """) { target, names, plain, executable, json };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(target), parsed.GetValue(executable), parsed.GetRequiredValue(names), !parsed.GetValue(plain),
            parsed.GetValue(json)));
        return command;
    }

    private static int Run(string word, string? executable, string[] names, bool withOffsets, bool asJson)
    {
        using DebugTarget target = DebugTargetWord.Open(word, executable);
        DebugTargetWord.ReportProblem(target);
        var scope = new TargetScope(target, recovered: new RecoveredQemu(target));
        var session = new ExpressionSession(scope);
        int status = ExitStatus.Success;
        List<(string Name, string Text, CType Type)> found = [];
        foreach (string name in names)
        {
            try
            {
                found.Add((name, session.Define(name, withOffsets), session.TypeOf(name)));
            }
            catch (ExpressionException e)
            {
                ExpressionWords.Report(name, e, target);
                status = ExitStatus.Failure;
            }
        }

        var types = new TypeText(scope.IsCPlusPlus);
        CommandOutput.Write(asJson, writer => WriteJson(writer, found, types), output =>
        {
            foreach (string line in found.SelectMany(static each => each.Text.Split('\n')))
                output.WriteLine(line);
        });
        return status;
    }

    private static void WriteJson(Utf8JsonWriter writer, List<(string Name, string Text, CType Type)> found, TypeText types)
    {
        writer.WriteStartArray();
        foreach ((string name, _, CType type) in found)
        {
            writer.WriteStartObject();
            writer.WriteString("name", name);
            writer.WriteString("type", types.Name(type));
            writer.WriteOptional("size", type.Size);
            if (type.Underlying is StructureType { Definition: { } definition })
            {
                writer.WriteBoolean("partial", definition.IsPartial);
                WriteMembers(writer, definition, types);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteMembers(Utf8JsonWriter writer, StructureDefinition definition, TypeText types)
    {
        writer.WriteStartArray("members");
        foreach (StructureMember member in definition.Members)
        {
            writer.WriteStartObject();
            writer.WriteString("name", member.Name);
            writer.WriteString("type", types.Name(member.Type));
            writer.WriteNumber("offset", member.BitOffset / 8);
            writer.WriteOptional("size", member.Type.Size);
            if (member.BitSize is int bits)
            {
                writer.WriteNumber("firstBit", member.BitOffset % 8);
                writer.WriteNumber("bits", bits);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStrings("notRecovered", definition.Missing);
    }
}
