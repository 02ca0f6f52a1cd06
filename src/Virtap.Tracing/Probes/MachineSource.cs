using Virtap.Binaries.Machine;
using Virtap.Language.Binding;

namespace Virtap.Tracing.Probes;

/// <summary>How every target variable of this room is read: from the registers and the memory of the thread at the site.</summary>
/// <param name="Value">The value; holds no <see cref="ImageAddress"/>: those have been made relative to the site.</param>
/// <param name="CType">The C type where known.</param>
public sealed record MachineSource(MachineExpression Value, string? CType) : TargetSource(CType);
