using System.Globalization;
using System.Numerics;
using System.Text;
using Virtap.Binaries.Types;
using Virtap.Debugging.Printing;
using Virtap.Debugging.Values;
using Virtap.Processes.Memory;

namespace Virtap.Debugging.Machine;

/// <summary>How memory is shown: gdb's <c>x/8xg</c>.</summary>
/// <param name="Count">How many units.</param>
/// <param name="Letter">How each is written: x d u o t a c f s i z.</param>
/// <param name="Bytes">How large each is.</param>
public readonly record struct DumpFormat(int Count, char Letter, int Bytes)
{
    private const string Letters = "xduotacfsiz";

    /// <summary>Reads the letters behind <c>x/</c>; null where they are none.</summary>
    /// <param name="text">A number, a format, a size; each may be left out.</param>
    /// <param name="before">What holds for those.</param>
    public static DumpFormat? Read(string text, DumpFormat before)
    {
        int at = 0;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        int count = at > 0 && int.TryParse(text[..at], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 1;
        char letter = before.Letter;
        int? bytes = null;
        foreach (char each in text[at..])
        {
            if (Letters.Contains(each))
                letter = each;
            else if (each switch { 'b' => 1, 'h' => 2, 'w' => 4, 'g' => 8, _ => 0 } is > 0 and var size)
                bytes = size;
            else
                return null;
        }

        int usual = letter switch
        {
            'a' => 8,
            'c' => before.Letter == 'c' ? before.Bytes : 1,
            'f' => before.Bytes is 4 or 8 ? before.Bytes : 8,
            _ => before.Bytes,
        };
        return new DumpFormat(count, letter, bytes ?? usual);
    }
}

/// <summary>Memory as text.</summary>
/// <param name="memory">The memory.</param>
/// <param name="names">Symbols at addresses.</param>
/// <param name="disassembler">Instructions.</param>
/// <param name="options">How texts are printed.</param>
public sealed class MemoryDump(TargetMemory memory, IValueNames names, Disassembler disassembler, PrintOptions options)
{
    /// <summary>Writes memory line by line; each says where it is.</summary>
    /// <param name="address">Where it begins; becomes where it ends.</param>
    /// <param name="format">How it is written.</param>
    /// <param name="current">The instruction that is marked: where the thread is.</param>
    /// <exception cref="MemoryFaultException">It cannot be read; the lines before it have been given.</exception>
    public IEnumerable<string> Lines(ulong address, DumpFormat format, ulong? current)
    {
        int columns = format.Letter is 's' or 'i' ? 1 : format.Bytes switch { 1 or 2 => 8, 4 => 4, _ => 2 };
        for (int done = 0; done < format.Count; done += columns)
        {
            var line = new StringBuilder();
            if (format.Letter == 'i')
                line.Append(address == current ? "=> " : "   ");
            line.Append(CultureInfo.InvariantCulture, $"0x{address:x}");
            if (names.NameOf(address) is { } name)
                line.Append(' ').Append(name.ToString());
            line.Append(':');
            for (int n = done; n < Math.Min(done + columns, format.Count); n++)
                line.Append('\t').Append(Unit(ref address, format));
            End = address;
            yield return line.ToString();
        }
    }

    /// <summary>Behind what was last written.</summary>
    public ulong End { get; private set; }

    private string Unit(ref ulong address, DumpFormat format)
    {
        if (format.Letter == 'i')
        {
            MachineInstruction instruction = disassembler.At(address) ?? throw new MemoryFaultException(address);
            address += (ulong)instruction.Bytes.Length;
            return instruction.Text;
        }

        if (format.Letter == 's')
            return Text(ref address);
        byte[] bytes = new byte[format.Bytes];
        if (!memory.TryRead(address, bytes))
            throw new MemoryFaultException(address);
        address += (ulong)format.Bytes;
        var raw = new BigInteger(bytes, isUnsigned: true);
        switch (format.Letter)
        {
            case 'x' or 'z':
                return "0x" + Convert.ToHexStringLower([.. bytes.Reverse()]);
            case 'o':
                return raw.IsZero && format.Bytes == 1 ? "0" : "0" + Digits(raw, 8, (int)Math.Ceiling(format.Bytes * 8 / 3.0));
            case 't':
                return Digits(raw, 2, format.Bytes * 8);
            default:
                bool isFloat = format.Letter == 'f' && format.Bytes is 4 or 8;
                CType type = isFloat ? format.Bytes == 4 ? BuiltInTypes.Float : BuiltInTypes.Double
                    : new IntegerType(null, format.Bytes, format.Letter is 'd' or 'c');
                var value = Value.Of(type, bytes, memory);
                return new ValuePrinter(names, isCPlusPlus: false, options with { Format = isFloat ? null : format.Letter }).Print(value);
        }
    }

    private string Text(ref ulong address)
    {
        int limit = options.Elements ?? Value.MaxBytes;
        byte[] bytes = new byte[limit];
        int read = memory.Read(address, bytes);
        if (read == 0)
            throw new MemoryFaultException(address);
        int end = Array.IndexOf(bytes, (byte)0, 0, read);
        int length = end < 0 ? read : end + 1;
        var value = Value.At(new ArrayType(BuiltInTypes.Char, length), memory, address);
        address += (ulong)length;
        return new ValuePrinter(names, isCPlusPlus: false, options with { Format = null }).Print(value);
    }

    private static string Digits(BigInteger value, int radix, int width)
    {
        var digits = new StringBuilder();
        for (; !value.IsZero; value /= radix)
            digits.Insert(0, (char)('0' + (int)(value % radix)));
        return digits.ToString().PadLeft(width, '0');
    }
}
