using System.Buffers.Binary;
using Iced.Intel;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Code.X64;

/// <summary>
/// Reads the tables that a <c>switch</c> became: distances of four bytes from the table to each case. GCC and Clang both write
/// <c>lea TABLE(%rip),%a; movslq (%a,%b,4),%b; add %a,%b; jmp *%b</c>, with other instructions in between.
/// </summary>
internal sealed class X64JumpTables
{
    private const int MaxEntries = 1024;
    private const int MaxDistance = 24;

    private readonly ElfFile _file;
    private readonly X64Function _function;
    private HashSet<ulong>? _others;

    public X64JumpTables(ElfFile file, X64Function function)
    {
        _file = file;
        _function = function;
    }

    /// <summary>Where tables may begin.</summary>
    private HashSet<ulong> Others
    {
        get
        {
            if (_others is not null)
                return _others;
            _others = [];
            for (int at = 0; at < _function.Count; at++)
            {
                if (IsAddressOfTable(at))
                    _others.Add(_function[at].IPRelativeMemoryAddress);
            }

            return _others;
        }
    }

    /// <summary>The instructions that an indirect jump may lead to; empty where its table cannot be found.</summary>
    public IReadOnlyList<int> TargetsOf(int jump)
    {
        if (BaseOf(jump) is not Register table)
            return [];

        // Mostly the address is loaded just before; before a loop with a switch, it may be far away.
        for (int at = jump - 1; at >= 0; at--)
        {
            if (IsAddressOfTable(at) && _function[at].Op0Register == table
                && Read(_function[at].IPRelativeMemoryAddress) is { Count: > 0 } targets)
                return targets;
        }

        return [];
    }

    /// <summary>The register with the table's address: the one that is added to the distance.</summary>
    private Register? BaseOf(int jump)
    {
        Register target = _function[jump].Op0Kind == OpKind.Register ? _function[jump].Op0Register : Register.None;
        for (int at = jump - 1; at >= 0 && at >= jump - MaxDistance && target != Register.None; at--)
        {
            ref readonly Instruction instruction = ref _function[at];
            if (instruction.Mnemonic == Mnemonic.Add && instruction.Op0Register == target && instruction.Op1Kind == OpKind.Register)
                return IsIndexed(at, target) ? instruction.Op1Register : target;
        }

        return null;
    }

    /// <summary>Whether a register got its value by <c>movslq (%a,%b,4)</c> just before.</summary>
    private bool IsIndexed(int before, Register register)
    {
        for (int at = before - 1; at >= 0 && at >= before - MaxDistance; at--)
        {
            if (_function[at].Op0Kind == OpKind.Register && _function[at].Op0Register == register)
                return _function[at].Mnemonic == Mnemonic.Movsxd;
        }

        return false;
    }

    private bool IsAddressOfTable(int at) => _function[at].Mnemonic == Mnemonic.Lea && _function[at].IsIPRelativeMemoryOperand
        && (_function[at].IPRelativeMemoryAddress & 3) == 0 && _function.IndexOf(_function[at].IPRelativeMemoryAddress) < 0;

    /// <summary>The entries, up to the first that leads out of the function, or to where another table begins.</summary>
    private List<int> Read(ulong table)
    {
        List<int> targets = [];
        ReadOnlySpan<byte> entries = _file.BytesAt(table, MaxEntries * 4);
        for (int at = 0; at + 4 <= entries.Length; at += 4)
        {
            ulong target = table + (ulong)BinaryPrimitives.ReadInt32LittleEndian(entries[at..]);
            if (_function.IndexOf(target) is not (>= 0 and int index) || (at > 0 && Others.Contains(table + (ulong)at)))
                break;
            targets.Add(index);
        }

        return targets;
    }
}
