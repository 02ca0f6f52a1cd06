namespace Virtap.Bpf.Btf;

/// <summary>A member of a kernel structure.</summary>
/// <param name="Offset">Bytes from the start of the structure, anonymous inner structures included.</param>
/// <param name="Size">Bytes of the member.</param>
public readonly record struct BtfMember(int Offset, int Size);
