using System.Globalization;
using System.Text;
using Virtap.Binaries.Types;
using Virtap.Debugging.Evaluation;
using Virtap.Debugging.Printing;
using Virtap.Debugging.Values;
using Virtap.Language;

namespace Virtap.Cli.Logpoints;

/// <summary>Makes gdb's text of what a logpoint's script prints.</summary>
/// <param name="fields">What each line of it has.</param>
/// <param name="place">What the place is called.</param>
/// <param name="scope">Symbols, and the memory behind pointers to text, which is read when the line arrives.</param>
/// <param name="options">How values are printed.</param>
/// <param name="write">Takes the text.</param>
internal sealed class LogpointOutput(
    IReadOnlyList<LogpointField> fields, string place, TargetScope scope, PrintOptions options, Action<string> write)
{
    private readonly List<byte> _line = [];

    /// <summary>
    /// Takes what the script has printed; records may come in pieces. A zero byte ends each: the name of a thread, its last part, may hold
    /// all else.
    /// </summary>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        foreach (byte each in bytes)
        {
            if (each != 0)
            {
                _line.Add(each);
                continue;
            }

            Show(Encoding.UTF8.GetString([.. _line]));
            _line.Clear();
        }
    }

    private void Show(string line)
    {
        var words = new Queue<string>(line.Split(' '));
        string thread = words.Dequeue();
        DateTimeOffset time = DateTimeOffset.UnixEpoch.AddMicroseconds(long.Parse(words.Dequeue(), CultureInfo.InvariantCulture));
        List<string> texts = [];
        for (int n = 0; n < fields.Count; n++)
            texts.Add(string.Create(CultureInfo.InvariantCulture, $"{n + 1}: {fields[n].Text} = {Text(fields[n], words)}"));
        string name = PrintableText.OfLine(string.Join(' ', words));
        write(string.Create(CultureInfo.InvariantCulture, $"{time.ToLocalTime():HH:mm:ss.ffffff} Thread {thread} \"{name}\" at {place}"));
        texts.ForEach(text => write(PrintableText.OfLine(text)));
    }

    private string Text(LogpointField field, Queue<string> words)
    {
        int size = field.IsMemory ? (int)(field.Type.Size ?? 0) : sizeof(long);
        byte[] bytes = new byte[size];
        for (int at = 0, step; at < size; at += step)
        {
            step = LogpointScript.Step(size - at);
            byte[] number = BitConverter.GetBytes(long.Parse(words.Dequeue(), CultureInfo.InvariantCulture));
            number.AsSpan(0, step).CopyTo(bytes.AsSpan(at));
        }

        var value = Value.Of(field.Type, bytes, scope.Memory);
        try
        {
            PrintOptions asked = field.Format is { } letter ? options with { Format = letter } : options;
            return new ValuePrinter(scope, scope.IsCPlusPlus, asked).Print(value);
        }
        catch (MemoryFaultException e)
        {
            return $"<error: {e.Message}>";
        }
    }
}
