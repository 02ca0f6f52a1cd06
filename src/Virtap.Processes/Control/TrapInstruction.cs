using System.Buffers.Binary;
using Virtap.Binaries;

namespace Virtap.Processes.Control;

/// <summary>The instruction that a breakpoint is.</summary>
public static class TrapInstruction
{
    /// <summary>int3; <c>brk #0</c> on aarch64.</summary>
    public static ReadOnlySpan<byte> Bytes => HostArchitecture.Current == Architecture.X64 ? [0xcc] : [0x00, 0x00, 0x20, 0xd4];

    /// <summary>Whether code begins with an instruction that traps: a breakpoint, or one of the program's own (any brk).</summary>
    /// <param name="code">As many bytes as <see cref="Bytes"/> has.</param>
    public static bool IsAt(ReadOnlySpan<byte> code) => HostArchitecture.Current == Architecture.X64
        ? code.SequenceEqual(Bytes) : (BinaryPrimitives.ReadUInt32LittleEndian(code) & 0xffe0001f) == 0xd4200000;
}
