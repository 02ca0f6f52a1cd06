using Virtap.Tracing.Ir;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Backends.InProcess;

/// <summary>A global through which a handler and whoever has it run exchange a text; nothing where the handler does not use it.</summary>
internal readonly struct ExchangedText
{
    private readonly StringMemory _strings;
    private readonly int? _offset;

    public ExchangedText(LoweredProgram program, FlatMemory memory, string variable)
    {
        _strings = new StringMemory(memory, program.Layout);
        _offset = program.Globals.FirstOrDefault(global => global.Name == variable)?.Offset;
    }

    /// <summary>What the handler has left in it.</summary>
    public byte[] Value
    {
        get => _offset is int offset ? _strings.Read(offset).ToArray() : [];
        set
        {
            if (_offset is int offset)
                _strings.Write(offset, value);
        }
    }
}
