using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Emit.Routines;

/// <summary>A library subprogram, added once to a program that calls it. Two with the same name are the same.</summary>
internal sealed record Routine(string Name, Action<RoutineSet> Emit)
{
    /// <summary>R0 = 0 once the session's lock is held, 1 if it could not be had.</summary>
    public static readonly Routine Lock = new("lock", LockRoutine.Emit);

    /// <summary>R0 = the length of the string at offset R1.</summary>
    public static readonly Routine StringLength = new("string_length", StringRoutines.EmitLength);

    /// <summary>R0 = -1, 0 or 1 as the string at offset R1 is less than, equal to or greater than the one at R2.</summary>
    public static readonly Routine CompareStrings = new("compare_strings", StringRoutines.EmitCompare);

    /// <summary>Copies the string at offset R2 to R1; R0 = its length.</summary>
    public static readonly Routine CopyString = new("copy_string", StringRoutines.EmitCopy);

    /// <summary>Writes R4 bytes, from byte R3, of the string at offset R2 to R1.</summary>
    public static readonly Routine Substring = new("substring", StringRoutines.EmitSubstring);

    /// <summary>Appends the string at offset R3, at most R4 bytes of it (negative: all), to the one at R1, whose length is R2; R0 = the new length.</summary>
    public static readonly Routine AppendText = new("append_text", FormatRoutines.EmitAppendText);

    /// <summary>The same within a width: R4 the width (negative: left-justified), R5 the precision.</summary>
    public static readonly Routine AppendPadded = new("append_padded", FormatRoutines.EmitAppendPadded);

    /// <summary>Appends R4 times the byte R3 to the string at offset R1, whose length is R2; R0 = the new length.</summary>
    public static readonly Routine Fill = new("fill", FormatRoutines.EmitFill);

    /// <summary>Appends the number R4 to the string at offset R2, whose length is R3, as R5 says (<see cref="NumberFormat"/>); R1 = the context's offset. R0 = the new length.</summary>
    public static readonly Routine AppendNumber = new("append_number", NumberRoutine.Emit);

    /// <summary>The same for one character.</summary>
    public static readonly Routine AppendCharacter = new("append_character", FormatRoutines.EmitAppendCharacter);

    /// <summary>R0 = the entry with the keys at R1, or 0; leaves their hash in the block's first word.</summary>
    public static Routine Find(ArrayLayout array) => new("find_" + array.Name, set => new ArrayRoutines(set, array).EmitFind());

    /// <summary>R0 = the entry with the keys at R1, made if need be; 0 if the array is full.</summary>
    public static Routine Enter(ArrayLayout array) => new("enter_" + array.Name, set => new ArrayRoutines(set, array).EmitEnter());

    /// <summary>Removes the entry with the keys at R1.</summary>
    public static Routine Delete(ArrayLayout array) => new("delete_" + array.Name, set => new ArrayRoutines(set, array).EmitDelete());

    /// <summary>Takes the entry at offset R1 out of its chain and out of the order.</summary>
    public static Routine Unlink(ArrayLayout array) => new("unlink_" + array.Name, set => new ArrayRoutines(set, array).EmitUnlink());

    /// <summary>Empties an array.</summary>
    public static Routine Clear(ArrayLayout array) => new("clear_" + array.Name, set => new ArrayRoutines(set, array).EmitClear());

    /// <summary>Sorts an array's order.</summary>
    public static Routine Sort(SortArray sort) =>
        new($"sort_{sort.Array.Name}_{sort.FieldOffset}{(sort.Descending ? "_down" : "")}", set => new SortRoutine(set, sort).Emit());

    /// <inheritdoc/>
    public bool Equals(Routine? other) => other?.Name == Name;

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(Name, System.StringComparison.Ordinal);
}
