using Virtap.Language.Binding;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Output;

/// <summary>A global that the script writes and never reads: its value is printed when the session ends.</summary>
/// <param name="Name">Its name in the script.</param>
/// <param name="Type">The type of its value, or of an array's values.</param>
/// <param name="Offset">Where a scalar lies in memory; of no meaning for an array.</param>
/// <param name="Array">The array, or null for a scalar.</param>
public sealed record PrintedGlobal(string Name, ScriptType Type, int Offset, ArrayLayout? Array = null);
