namespace Virtap.Tracing.Memory;

/// <summary>
/// What the ring buffer carries. A ring record is a run of items, each starting at a multiple of 8 with a 32-bit kind and 32 bits that
/// depend on it. The kinds below <see cref="Error"/> are print sites: their 32 bits are the item's whole length in bytes, a multiple of
/// 8, and the arguments follow: a long in 8 bytes; a string as a 64-bit length (without its zero), then its bytes padded with zeros to a
/// multiple of 8.
/// </summary>
public static class RecordFormat
{
    /// <summary>Bytes of an item's kind and length.</summary>
    public const int HeaderBytes = 8;

    /// <summary>
    /// A handler ended by an error: 8 bytes each of RuntimeError, error site, value, then the text of error() as a string (empty for the
    /// others).
    /// </summary>
    public const uint Error = 0xFFFF_FF00;

    /// <summary>A handler asked the session to end; nothing follows.</summary>
    public const uint Exit = 0xFFFF_FF01;

    /// <summary>A process event: 8 bytes each of kind, pid, tid, then the thread's name as a string.</summary>
    public const uint Process = 0xFFFF_FF02;

    /// <summary>The most bytes of a memory dump (%m, %M): SystemTap's limit, a page.</summary>
    public const int MaxDumped = 4096;

    /// <summary>What the item of an error takes at most.</summary>
    /// <param name="textBytes">What a string takes in an item at most.</param>
    public static int ErrorBytes(int textBytes) => HeaderBytes + (3 * sizeof(long)) + textBytes;

    /// <summary>What a dump of so many bytes takes: whole words.</summary>
    public static int DumpBytes(long length) => (int)Math.Clamp((length + 7) & ~7L, 8, MaxDumped);

    /// <summary>The same in an item, where it travels as a string.</summary>
    public static int DumpItemBytes(long length) => 16 + DumpBytes(length);
}
