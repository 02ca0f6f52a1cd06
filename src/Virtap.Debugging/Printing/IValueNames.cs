using Virtap.Debugging.Values;
using Virtap.Processes.Memory;

namespace Virtap.Debugging.Printing;

/// <summary>What is printed beside values: symbols at addresses, members that no object has for itself.</summary>
public interface IValueNames
{
    /// <summary>The target's memory, for the texts that pointers lead to.</summary>
    TargetMemory Memory { get; }

    /// <summary>The symbol that an address lies in.</summary>
    /// <returns>Null where it lies in none.</returns>
    AddressName? NameOf(ulong address);

    /// <summary>A static member by its full name; null where it has no place.</summary>
    Value? FindStatic(string name);
}

/// <summary>An address as a symbol and how far behind its start.</summary>
public readonly record struct AddressName(string Symbol, ulong Offset)
{
    /// <inheritdoc/>
    public override string ToString() => Offset == 0 ? $"<{Symbol}>" : $"<{Symbol}+{Offset}>";
}
