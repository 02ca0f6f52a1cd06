namespace Virtap.Tracing.Memory;

/// <summary>
/// A context is the part of memory that one running handler owns: byte offsets from its start. Locals and temporaries follow at
/// the end; each function has its slots at a fixed offset, so a slot is a constant offset from the context in every machine
/// (recursion saves a function's slots and restores them).
/// </summary>
public static class ContextCells
{
    /// <summary>The <see cref="RuntimeError"/> being raised, 0 for none.</summary>
    public const int Error = 0;

    /// <summary>Index into the program's error sites.</summary>
    public const int ErrorSite = 8;

    /// <summary>Operands of the error's text, such as the address of a read fault.</summary>
    public const int ErrorValue = 16;

    /// <summary>Actions (statements) that this handler may still run.</summary>
    public const int ActionsLeft = 24;

    /// <summary>Bytes used in the output buffer.</summary>
    public const int OutputUsed = 32;

    /// <summary>Where the steps of the running handler go next, or why they have come to an end (eBPF).</summary>
    public const int NextBlock = 40;

    /// <summary>Index of the probe site that was hit, among the handler's targets.</summary>
    public const int Site = 48;

    /// <summary>Bytes in use of the area where calls under way have saved slots (eBPF).</summary>
    public const int SavedBytes = 56;

    /// <summary>Scratch words for library routines.</summary>
    public const int Scratch = 72;

    /// <summary>
    /// Words for the values of expressions that are not complete yet (eBPF). In memory, not on the stack: that is 512 bytes for a whole
    /// chain of calls, and what the verifier knows of a word on it, it follows along every way separately.
    /// </summary>
    public const int Temporaries = 128;

    /// <summary>How many of them there are.</summary>
    public const int TemporaryWords = 128;

    /// <summary>Text of the error raised by error(): one string slot, of the layout's string size.</summary>
    public const int ErrorText = Temporaries + (TemporaryWords * 8);
}
