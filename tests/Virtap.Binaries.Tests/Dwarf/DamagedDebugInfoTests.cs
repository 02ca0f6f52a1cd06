using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Types;
using Virtap.Names;

namespace Virtap.Binaries.Tests.Dwarf;

public class DamagedDebugInfoTests
{
    private const int Rounds = 60, Changes = 12;

    /// <summary>Whatever bytes are damaged: less is found, or the file is refused; it ends, and nothing else is thrown.</summary>
    [Theory]
    [InlineData(DebugWay.Gcc4Optimized)]
    [InlineData(DebugWay.Gcc5)]
    [InlineData(DebugWay.Gcc5Optimized)]
    [InlineData(DebugWay.TypeUnits4)]
    [InlineData(DebugWay.Clang5Optimized)]
    public void Damaged_information_gives_less_and_never_fails(DebugWay way)
    {
        using DebugProgram program = DebugProgram.Make(way);
        byte[] whole = File.ReadAllBytes(program.Path);
        (int Start, int Length)[] parts = [
            .. program.Elf.Sections.Where(static section => section.Name.StartsWith(".debug", StringComparison.Ordinal)
                    || section.Name == ".eh_frame")
                .Select(static section => ((int)section.Offset, (int)section.Size)).Where(static part => part.Item2 > 0)];
        var random = new Random((int)way);
        for (int round = 0; round < Rounds; round++)
        {
            byte[] damaged = (byte[])whole.Clone();
            (int start, int length) = parts[round % parts.Length];
            for (int change = 0; change < Changes; change++)
                damaged[start + random.Next(length)] = (byte)random.Next(256);
            using ElfFile elf = ElfFile.FromBytes(damaged, "damaged");
            try
            {
                using DebugInfo? debug = DebugInfo.Open(elf, new DebugFileSearch { Roots = [] });
                if (debug is not null)
                    AskEverything(debug);
            }
            catch (ElfFormatException)
            {
                // Refused with a reason.
            }
        }
    }

    private static void AskEverything(DebugInfo debug)
    {
        foreach (DebugFunction function in debug.FindFunctions(new Glob("*")).Take(50))
        {
            _ = (function.File, function.Line, function.Result.ToString());
            foreach (DebugVariable variable in function.VariablesAt(function.BodyAddress ?? 0))
                Describe(variable.Type);
            foreach (DebugFunction place in debug.InstancesOf(function))
                _ = place.VariablesAt(place.EntryAddress ?? 0);
            _ = function.Labels().Count();
            _ = debug.FunctionsAt(function.EntryAddress ?? 0);
            _ = debug.LineAt(function.EntryAddress ?? 0);
        }

        Describe(debug.FindType("struct node"));
        _ = debug.FindGlobal("first");
        _ = debug.FindConstant("GREEN");
    }

    private static void Describe(CType? type)
    {
        _ = (type?.ToString(), type?.Size, type?.GetHashCode());
        if (type?.Underlying is StructureType { Definition: { } definition })
            _ = definition.Members.Select(static member => (member.Type.ToString(), member.Type.Size)).Count();
    }
}
