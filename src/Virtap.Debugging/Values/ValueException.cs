namespace Virtap.Debugging.Values;

/// <summary>
/// There is no value: the expression for it is wrong (<c>ExpressionException</c>), its memory cannot be read, or it is too large. Who shows
/// values shows this in the place of one. The message is gdb's where gdb has one.
/// </summary>
/// <param name="message">Why there is none.</param>
/// <param name="reason">What has caused it; null where nothing else has.</param>
public abstract class ValueException(string message, Exception? reason = null) : Exception(message, reason);

/// <summary>Memory of the target that is not there, or may not be read.</summary>
/// <param name="address">The first byte that is not there.</param>
public sealed class MemoryFaultException(ulong address) : ValueException($"Cannot access memory at address 0x{address:x}")
{
    /// <summary>The first byte that is not there.</summary>
    public ulong Address { get; } = address;
}

/// <summary>A value that takes more bytes than are read for one.</summary>
/// <param name="bytes">How many it takes.</param>
public sealed class ValueTooLargeException(long bytes)
    : ValueException($"value requires {bytes} bytes, which is more than max-value-size");
