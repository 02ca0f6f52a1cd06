namespace Virtap.Virtio.Findings;

/// <summary>
/// Something that was seen, as data: each kind is a record of its own with typed members, and all of them say the same as fields with
/// names and values, for who takes them as they come. Words are made of them elsewhere.
/// </summary>
/// <param name="Name">What kind it is: <c>unreadKicks</c>.</param>
/// <param name="Fields">What was seen, and who says so.</param>
public abstract record Observation(string Name, params IReadOnlyList<Field> Fields)
{
    /// <summary>
    /// Whether another one is of the same kind; the members of each kind, which its fields only repeat, are compared by the kind.
    /// </summary>
    public virtual bool Equals(Observation? other) => other is not null && EqualityContract == other.EqualityContract;

    /// <inheritdoc/>
    public override int GetHashCode() => EqualityContract.GetHashCode();
}

/// <summary>Who says what a field says.</summary>
public enum Witness
{
    /// <summary>The guest: it is in the guest's memory, where its driver, or the device for it, has written it.</summary>
    Guest,

    /// <summary>QEMU: it is in QEMU's own structures, or was printed from them.</summary>
    Qemu,

    /// <summary>The host's kernel.</summary>
    Host,

    /// <summary>Nobody else: it was counted, measured or calculated here.</summary>
    Virtap,
}

/// <summary>A field of an observation.</summary>
/// <param name="Name">As its owner calls it (<c>last_avail_idx</c>, <c>avail.idx</c>); what has no name elsewhere is in camel
/// case.</param>
/// <param name="Value">What it says.</param>
/// <param name="By">Who says so.</param>
public readonly record struct Field(string Name, FieldValue Value, Witness By)
{
    public static Field Guest(string name, FieldValue value) => new(name, value, Witness.Guest);

    public static Field Qemu(string name, FieldValue value) => new(name, value, Witness.Qemu);

    public static Field Host(string name, FieldValue value) => new(name, value, Witness.Host);

    /// <summary>Counted, measured or calculated here.</summary>
    public static Field Own(string name, FieldValue value) => new(name, value, Witness.Virtap);
}

/// <summary>What a field says: a number, an address, a time, yes or no, or a text; nothing where that is not known.</summary>
public readonly record struct FieldValue
{
    /// <summary>A number, or an address.</summary>
    public decimal? Number { get; private init; }

    /// <summary>Whether the number is an address.</summary>
    public bool IsAddress { get; private init; }

    /// <summary>A time.</summary>
    public TimeSpan? Duration { get; private init; }

    /// <summary>Yes or no.</summary>
    public bool? Flag { get; private init; }

    /// <summary>A text.</summary>
    public string? Text { get; private init; }

    /// <summary>An address of any kind; the field's name says which.</summary>
    public static FieldValue Address(ulong address) => new() { Number = address, IsAddress = true };

    /// <summary>Any integer: all of 64 bits fit.</summary>
    public static implicit operator FieldValue(decimal? number) => new() { Number = number };

    public static implicit operator FieldValue(TimeSpan duration) => new() { Duration = duration };

    public static implicit operator FieldValue(bool? flag) => new() { Flag = flag };

    public static implicit operator FieldValue(string? text) => new() { Text = text };
}
