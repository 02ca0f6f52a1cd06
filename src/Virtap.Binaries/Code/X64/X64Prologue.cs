namespace Virtap.Binaries.Code.X64;

/// <summary>How a function begins that keeps a frame pointer.</summary>
public static class X64Prologue
{
    /// <summary><c>endbr64</c>, where calls by pointers may arrive (CET).</summary>
    public static ReadOnlySpan<byte> EndBranch => [0xf3, 0x0f, 0x1e, 0xfa];

    /// <summary>Longest that it can be, in bytes.</summary>
    public const int MaxBytes = 8;

    /// <summary>
    /// How many bytes it takes to put the frame pointer in its place: <c>push %rbp; mov %rsp,%rbp</c>, perhaps behind <c>endbr64</c>; 0
    /// where a function begins otherwise. Debuggers stop behind it: there variables are where debug information has them.
    /// </summary>
    /// <param name="code">Its first bytes.</param>
    public static int FrameBytes(ReadOnlySpan<byte> code)
    {
        int at = code.StartsWith(EndBranch) ? EndBranch.Length : 0;
        return code[at..] is [0x55, 0x48, 0x89, 0xe5, ..] or [0x55, 0x48, 0x8b, 0xec, ..] ? at + 4 : 0;
    }
}
