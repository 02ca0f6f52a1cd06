using Virtap.Language.Binding;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Lowering.Tree;

/// <summary>A global of the script, for those who show it.</summary>
/// <param name="Name">Its name in the script.</param>
/// <param name="Type">The type of its value, or of an array's values.</param>
/// <param name="Offset">Where it, or an array's header, lies in memory.</param>
/// <param name="Array">The array, or null for a scalar.</param>
/// <param name="IsPrintedAtEnd">The script writes it and never reads it: it is printed when the session ends.</param>
public sealed record LoweredGlobal(string Name, ScriptType Type, int Offset, ArrayLayout? Array, bool IsPrintedAtEnd);
