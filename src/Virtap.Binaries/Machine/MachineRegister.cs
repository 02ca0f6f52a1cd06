namespace Virtap.Binaries.Machine;

/// <summary>
/// A general register of a thread by its DWARF number (x86-64 psABI figure 3.36: 0 rax, 1 rdx, 2 rcx, 3 rbx, 4 rsi, 5 rdi, 6 rbp, 7 rsp,
/// 8-15 r8-r15, 16 the return address column, used here for rip; AArch64 DWARF: 0-30 x0-x30, 31 sp, 32 pc).
/// </summary>
public readonly record struct MachineRegister(Architecture Architecture, int DwarfNumber);
