using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Virtap.Qtest;

/// <summary>
/// QEMU's qtest protocol (system/qtest.c): lines of text that read and write the guest's memory and ports, each answered by a line. It is
/// served beside any accelerator. Writes are sent together with the next read, so that a slow line (a serial port) costs one round trip,
/// not one each.
/// </summary>
public sealed class QtestConnection : IDisposable
{
    private readonly Stream _stream;
    private readonly StreamReader _reader;
    private readonly StringBuilder _waiting = new();
    private int _unanswered;

    /// <summary>Takes a stream to a QEMU's <c>-qtest</c> character device; it is the connection's from now on.</summary>
    public QtestConnection(Stream stream)
    {
        _stream = stream;
        _reader = new StreamReader(stream, Encoding.ASCII);
    }

    /// <summary>Reads guest-physical memory.</summary>
    public byte[] Read(ulong address, int length) => Convert.FromHexString(Ask($"read 0x{address:x} 0x{length:x}")[2..]);

    /// <summary>Reads two bytes of guest-physical memory, little-endian.</summary>
    public ushort Read16(ulong address) => BinaryPrimitives.ReadUInt16LittleEndian(Read(address, sizeof(ushort)));

    /// <summary>Writes guest-physical memory.</summary>
    public void Write(ulong address, ReadOnlySpan<byte> bytes)
    {
        if (!bytes.IsEmpty)
            Tell($"write 0x{address:x} 0x{bytes.Length:x} 0x{Convert.ToHexStringLower(bytes)}");
    }

    /// <summary>Writes two bytes of guest-physical memory, little-endian.</summary>
    public void Write16(ulong address, ushort value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        Write(address, bytes);
    }

    /// <summary>Reads a device's register with one access of its size.</summary>
    /// <param name="address">Guest-physical.</param>
    /// <param name="size">1, 2, 4 or 8 bytes.</param>
    public ulong ReadRegister(ulong address, int size) => Number(Ask($"read{Suffix(size)} 0x{address:x}"));

    /// <summary>Writes a device's register with one access of its size.</summary>
    public void WriteRegister(ulong address, int size, ulong value) => Tell($"write{Suffix(size)} 0x{address:x} 0x{value:x}");

    /// <summary>Reads an I/O port of x86.</summary>
    public uint ReadPort(ushort port, int size) => (uint)Number(Ask($"in{Suffix(size)} 0x{port:x}"));

    /// <summary>Writes an I/O port of x86.</summary>
    public void WritePort(ushort port, int size, uint value) => Tell($"out{Suffix(size)} 0x{port:x} 0x{value:x}");

    /// <summary>Returns when QEMU has done all that was asked so far.</summary>
    public void Flush()
    {
        Send();
        while (_unanswered > 0)
            Answer();
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    private static char Suffix(int size) => size switch
    {
        1 => 'b',
        2 => 'w',
        4 => 'l',
        8 => 'q',
        _ => throw new ArgumentOutOfRangeException(nameof(size)),
    };

    private static ulong Number(string text) => ulong.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private void Tell(string command)
    {
        _waiting.Append(command).Append('\n');
        _unanswered++;
        // Neither side reads while it writes: what is on its way has to fit into a socket.
        if (_waiting.Length > 16384)
            Flush();
    }

    private string Ask(string command)
    {
        Tell(command);
        Send();
        string answer = "";
        while (_unanswered > 0)
            answer = Answer();
        return answer;
    }

    private void Send()
    {
        if (_waiting.Length == 0)
            return;
        _stream.Write(Encoding.ASCII.GetBytes(_waiting.ToString()));
        _stream.Flush();
        _waiting.Clear();
    }

    // "OK", or "OK 0xVALUE"; "IRQ ..." comes where somebody asked for it, which nobody does here.
    private string Answer()
    {
        string line = _reader.ReadLine() ?? throw new IOException("QEMU has closed its qtest connection");
        if (!line.StartsWith("OK", StringComparison.Ordinal))
            throw new IOException($"qtest: {line}");
        _unanswered--;
        return line.Length > 3 ? line[3..] : "";
    }
}
