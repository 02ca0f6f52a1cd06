using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Patterns;

namespace Virtap.Tracing.Backends.Ebpf.Routines;

/// <summary>
/// A library subprogram, added once to a program that calls it. Two with the same name are the same. Its arguments are numbers, strings
/// and arrays among them: they are offsets into memory; so is a context, where one is wanted.
/// </summary>
internal sealed record Routine(string Name, int Parameters, Action<RoutineSet> Emit)
{
    /// <summary>R0 = 0 once the session's lock is held by the context at offset R1, 1 if it could not be had in R2 tries.</summary>
    public static readonly Routine Lock = new("lock", 2, LockRoutine.Emit);

    /// <summary>R0 = the length of the string at offset R1.</summary>
    public static readonly Routine StringLength = new("string_length", 1, StringRoutines.EmitLength);

    /// <summary>R0 = -1, 0 or 1 as the string at offset R1 is less than, equal to or greater than the one at R2.</summary>
    public static readonly Routine CompareStrings = new("compare_strings", 2, StringRoutines.EmitCompare);

    /// <summary>Copies the string at offset R2 to R1; R0 = its length.</summary>
    public static readonly Routine CopyString = new("copy_string", 2, StringRoutines.EmitCopy);

    /// <summary>Writes R4 bytes, from byte R3, of the string at offset R2 to R1.</summary>
    public static readonly Routine Substring = new("substring", 4, StringRoutines.EmitSubstring);

    /// <summary>
    /// Appends the string at offset R3, at most R4 bytes of it (negative: all), to the one at R1, whose length is R2; R0 = the new
    /// length.
    /// </summary>
    public static readonly Routine AppendText = new("append_text", 4, FormatRoutines.EmitAppendText);

    /// <summary>The same within a width: R4 the width (negative: left-justified), R5 the precision.</summary>
    public static readonly Routine AppendPadded = new("append_padded", 5, FormatRoutines.EmitAppendPadded);

    /// <summary>Appends R4 bytes of memory, zeros among them, from offset R3 to the string at R1, whose length is R2; R0 = the new
    /// length.</summary>
    public static readonly Routine AppendBytes = new("append_bytes", 4, ByteRoutines.EmitAppend);

    /// <summary>Writes R2 bytes of memory at offset R1 in hexadecimal, in their own place; R0 = how many digits.</summary>
    public static readonly Routine ExpandHexadecimal = new("expand_hexadecimal", 2, ByteRoutines.EmitExpand);

    /// <summary>Puts the zeros behind the end of the string at offset R1 that its first zero byte is.</summary>
    public static readonly Routine CutAtZero = new("cut_at_zero", 1, ByteRoutines.EmitCut);

    /// <summary>Appends R4 times the byte R3 to the string at offset R1, whose length is R2; R0 = the new length.</summary>
    public static readonly Routine Fill = new("fill", 4, FormatRoutines.EmitFill);

    /// <summary>
    /// Appends the number R4 to the string at offset R2, whose length is R3, as R5 says (<see cref="NumberFormat"/>); R1 = the context's
    /// offset. R0 = the new length.
    /// </summary>
    public static readonly Routine AppendNumber = new("append_number", 5, NumberRoutine.Emit);

    /// <summary>The same for one character; the alternate form escapes it as C does.</summary>
    public static readonly Routine AppendCharacter = new("append_character", 5, FormatRoutines.EmitAppendCharacter);

    /// <summary>
    /// R0 = whether the string at offset R1 matches the regular expression whose table is at R4; R3 holds its first row and first
    /// commands, R5 how many steps that may take. R2 is where <see cref="PatternTable.StateWords"/> words are free.
    /// </summary>
    public static readonly Routine Match = new("match", 5, static set => PatternRoutine.Emit(set, hasRegisters: false));

    /// <summary>The same for a table with groups: its registers lie behind those words.</summary>
    public static readonly Routine MatchGroups = new("match_groups", 5, static set => PatternRoutine.Emit(set, hasRegisters: true));

    /// <summary>Empties the array at R1.</summary>
    public static readonly Routine Clear = new("clear", 1, ArrayRoutines.EmitClear);

    /// <summary>R0 = the entry of the array at R2 with the keys at R1, or 0; leaves their hash in the block's first word.</summary>
    public static Routine Find(ArrayLayout array) => OfShape("find", array, routines => routines.EmitFind());

    /// <summary>R0 = the entry of the array at R2 with the keys at R1, made if need be; 0 if the array is full.</summary>
    public static Routine Enter(ArrayLayout array) =>
        OfShape(array.Wraps ? "enter_wrapping" : "enter", array, routines => routines.EmitEnter());

    /// <summary>Removes the entry with the keys at R1 from the array at R2.</summary>
    public static Routine Delete(ArrayLayout array) => OfShape("delete", array, routines => routines.EmitDelete());

    /// <summary>Takes the entry at R1 out of its chain and out of the order of the array at R2.</summary>
    public static Routine Unlink(ArrayLayout array) => OfShape("unlink", array, routines => routines.EmitUnlink());

    /// <summary>Sorts the order of the array at R1 by the field at R2 of its entries.</summary>
    public static Routine Sort(bool byString, bool descending)
    {
        string name = (byString ? "sort_strings" : "sort_numbers") + (descending ? "_down" : "");
        return new Routine(name, 2, set => new SortRoutine(set, byString, descending).Emit());
    }

    /// <summary>Adds up the parts of a scalar aggregate, which are R2 bytes into each context, to R1.</summary>
    public static Routine MergeStatistic(StatisticLayout layout) =>
        new("merge_" + StatisticRoutines.NameOf(layout), 2, set => new StatisticRoutines(set, layout).EmitMerge());

    /// <summary>Empties a scalar aggregate: the parts that are R1 bytes into each context.</summary>
    public static Routine ClearStatistic(StatisticLayout layout) =>
        new("clear_" + StatisticRoutines.NameOf(layout), 1, set => new StatisticRoutines(set, layout).EmitClear());

    /// <summary>Sorts only the first R3 entries in that order, and puts them before the others; less than one is one.</summary>
    public static Routine Select(bool byString, bool descending)
    {
        string name = (byString ? "select_strings" : "select_numbers") + (descending ? "_down" : "");
        return new Routine(name, 3, set => new SelectRoutine(set, byString, descending).Emit());
    }

    private static Routine OfShape(string operation, ArrayLayout array, Action<ArrayRoutines> emit)
    {
        string name = operation + "_" + ArrayRoutines.ShapeOf(array);
        return new Routine(name, 2, set => emit(new ArrayRoutines(set, array)));
    }

    /// <inheritdoc/>
    public bool Equals(Routine? other) => other?.Name == Name;

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(Name, System.StringComparison.Ordinal);
}
