namespace Virtap.Qtest;

/// <summary>Guest memory that a driver may use: pieces of it are handed out one after the other, zeroed, and never taken back.</summary>
/// <param name="qtest">The machine.</param>
/// <param name="start">Where it begins, guest-physical.</param>
/// <param name="length">Its length in bytes.</param>
public sealed class GuestRam(QtestConnection qtest, ulong start, ulong length)
{
    private readonly ulong _end = start + length;
    private ulong _next = start;

    /// <summary>The machine whose memory it is.</summary>
    public QtestConnection Qtest { get; } = qtest;

    /// <summary>Takes a piece.</summary>
    /// <param name="bytes">Its length.</param>
    /// <param name="alignment">A power of two.</param>
    /// <returns>Its guest-physical address.</returns>
    public ulong Take(int bytes, uint alignment = 16)
    {
        ulong address = (_next + alignment - 1) & ~((ulong)alignment - 1);
        if (address + (ulong)bytes > _end)
            throw new InvalidOperationException("the driver has used up its guest memory");
        _next = address + (ulong)bytes;
        Qtest.Write(address, new byte[bytes]);
        return address;
    }

    /// <summary>Takes a piece and fills it.</summary>
    public ulong Put(ReadOnlySpan<byte> bytes, uint alignment = 16)
    {
        ulong address = Take(bytes.Length, alignment);
        Qtest.Write(address, bytes);
        return address;
    }
}
