namespace Virtap.Bpf.Programs;

/// <summary>A place in a program under construction, made by <see cref="BpfAssembler.NewLabel"/>; jumps may name it before it is marked.</summary>
/// <param name="Id">Its number within the assembler.</param>
public readonly record struct BpfLabel(int Id);
