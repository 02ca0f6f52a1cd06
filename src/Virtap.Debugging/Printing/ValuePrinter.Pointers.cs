using System.Globalization;
using System.Text;
using Virtap.Binaries.Types;
using Virtap.Debugging.Values;

namespace Virtap.Debugging.Printing;

/// <summary>Pointers, and what stands behind them.</summary>
public sealed partial class ValuePrinter
{
    private void WritePointer(StringBuilder text, Value value, PointerType type)
    {
        ulong address = (ulong)(Numbers.Read(value) & ulong.MaxValue);
        WriteAddressed(text, address, type.Target, TypeView.Resolve(type.Target).Type);
    }

    private void WriteAddressed(StringBuilder text, ulong address, CType declared, CType target)
    {
        if (target is FunctionType)
        {
            WriteAddress(text, address);
            return;
        }

        bool needsSpace = options.Addresses;
        if (options.Symbols)
            needsSpace = WriteAddress(text, address);
        else if (options.Addresses)
            text.Append(CultureInfo.InvariantCulture, $"0x{address:x}");
        if (WidthOfText(declared) is not int width || address == 0)
            return;
        if (needsSpace)
            text.Append(' ');
        WriteTextAt(text, address, width, PrefixOf(declared));
    }

    /// <summary>An address and its symbol; whether anything was written.</summary>
    private bool WriteAddress(StringBuilder text, ulong address)
    {
        if (options.Addresses)
            text.Append(CultureInfo.InvariantCulture, $"0x{address:x}");
        if (names.NameOf(address) is not { } name)
            return options.Addresses;
        text.Append(options.Addresses ? " " : "").Append(name.ToString());
        return true;
    }

    private void WriteTextAt(StringBuilder text, ulong address, int width, string prefix)
    {
        const int step = 256;
        int limit = Math.Min(options.Limit, Value.MaxBytes / width);
        var bytes = new List<byte>();
        bool ended = false, failed = false;
        while (!ended && !failed && bytes.Count < limit * width)
        {
            byte[] part = new byte[Math.Min(step, (limit * width) - bytes.Count)];
            int read = names.Memory.Read(address + (ulong)bytes.Count, part) / width * width;
            failed = read < part.Length;
            for (int at = 0; at < read && !ended; at += width)
            {
                bytes.AddRange(part.AsSpan(at, width));
                ended = part.AsSpan(at, width).IndexOfAnyExcept((byte)0) < 0;
            }
        }

        bool goesOn = false;
        ulong behind = address + (ulong)bytes.Count;
        failed &= !ended;
        if (!ended)
        {
            byte[] next = new byte[width];
            goesOn = names.Memory.TryRead(behind, next) && next.AsSpan().IndexOfAnyExcept((byte)0) >= 0;
        }

        if (!failed || bytes.Count > 0)
        {
            text.Append(prefix);
            new CharacterText(text, width, options).WriteString(bytes.ToArray(), goesOn);
        }

        if (failed)
            text.Append(CultureInfo.InvariantCulture, $"<error: {MemoryError}{behind:x}>");
    }

    private void WriteReference(StringBuilder text, Value value, PointerType type, int depth, bool isFollowed)
    {
        ulong address = (ulong)(Numbers.Read(value) & ulong.MaxValue);
        if (options.Addresses)
            text.Append(CultureInfo.InvariantCulture, $"@0x{address:x}{(isFollowed ? ": " : "")}");
        if (isFollowed)
            Write(text, Value.At(type.Target, names.Memory, address), depth);
    }

    private void WriteFunction(StringBuilder text, Value value, FunctionType type)
    {
        text.Append('{').Append(_types.Name(type)).Append("} ");
        WriteAddress(text, value.Address ?? 0);
    }
}
