namespace Virtap.Tracing.Lowering.Tree;

/// <summary>
/// Bytes that memory holds at an offset before the session starts; everything else is zero. <paramref name="IsConstant"/> says that no handler ever changes
/// them (literals, tables), so a machine may build them into its code.
/// </summary>
public readonly record struct InitialBytes(int Offset, ReadOnlyMemory<byte> Bytes, bool IsConstant = false);
