using CsCheck;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Marks;
using Virtap.Binaries.Marks.Recovered;
using Virtap.Binaries.Tests.Support;

namespace Virtap.Binaries.Tests.Marks.Recovered;

/// <summary>Programs whose code, tables or strings are not what they were.</summary>
public class DamagedCodeTests
{
    [Fact]
    public void Damaged_programs_give_marks_or_reasons_and_nothing_else()
    {
        using CProgram program = TracedProgram.Compile("-O2");
        byte[] whole = File.ReadAllBytes(program.Binary);
        ulong[] places;
        using (ElfFile file = ElfFile.Open(program.Binary))
            places = [
                .. file.Sections.Where(s => s.Name is ".text" or ".rodata" or ".eh_frame_hdr" or ".eh_frame" or ".plt")
                .SelectMany(s => new[] { s.Offset, s.Offset + s.Size })];
        Gen<(int At, byte Value)> change = Gen.Select(Gen.Int[0, places.Length / 2 - 1], Gen.Double.Unit, Gen.Byte)
            .Select(
                (section, part, value) =>
                ((int)(places[section * 2] + part * (places[section * 2 + 1] - places[section * 2] - 1)), value));
        change.Array[1, 200].Sample(
            changes =>
            {
                byte[] bytes = [.. whole];
                foreach ((int at, byte value) in changes)
                    bytes[at] = value;
                using ElfFile file = ElfFile.FromBytes(bytes, "damaged");
                RecoveredMarks marks = RecoveredMarks.TryOpen(file, null)!;
                HashSet<string> recovered = [.. marks.All().Select(mark => mark.Name)];
                foreach (string name in marks.Names)
                    Assert.Equal(recovered.Contains(name), marks.WhyMissing(name) is null);
            },
            iter: 300);
    }
}
