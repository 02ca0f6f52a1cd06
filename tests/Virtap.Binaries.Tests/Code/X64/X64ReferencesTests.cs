using System.Buffers.Binary;
using CsCheck;
using Virtap.Binaries.Code.X64;

namespace Virtap.Binaries.Tests.Code.X64;

public class X64ReferencesTests
{
    [Fact]
    public void All_displacements_into_a_range_are_found_and_no_others()
        => Gen.Select(
            Gen.Byte.Array[0, 300], Gen.Int[0, 299].Array[0, 5], Gen.Int[-1000, 1000], Gen.Int[0, 40],
            Gen.OneOf(0x1000UL, 0x7ffffff0UL, 0x80000000UL, 0x123456789aUL))
            .Sample((code, places, distance, width, address) =>
            {
                ulong lowest = address + (ulong)(long)distance, highest = lowest + (ulong)width;
                foreach (int place in places.Where(place => place + 4 <= code.Length))
                    BinaryPrimitives.WriteInt32LittleEndian(code.AsSpan(place), distance + width / 2 - place - 4);
                List<ulong> expected = [];
                for (int at = 0; at + 4 <= code.Length; at++)
                {
                    long target = at + 4 + BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(at));
                    if (Enumerable.Range(0, 5).Any(immediate => target + immediate >= distance && target + immediate <= distance + width))
                        expected.Add(address + (ulong)at);
                }

                List<ulong> found = [];
                X64References.Find(code, address, lowest, highest, found);
                Assert.Equal(expected, found);
            });
}
