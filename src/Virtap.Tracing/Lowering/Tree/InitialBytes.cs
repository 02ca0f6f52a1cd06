namespace Virtap.Tracing.Lowering.Tree;

/// <summary>Bytes that memory holds at an offset before the session starts; everything else is zero.</summary>
public readonly record struct InitialBytes(int Offset, ReadOnlyMemory<byte> Bytes);
