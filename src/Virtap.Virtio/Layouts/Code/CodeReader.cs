using Virtap.Binaries.Machine;

namespace Virtap.Virtio.Layouts.Code;

/// <summary>
/// Walks the paths through a small function and notes what it loads, stores, tests and returns in terms of its arguments. It reads integer code as accessors have it; whatever it does not know makes a value
/// unknown, never wrong. Bounded: accessors are short, and a function that is not is left after the first instructions of its first paths.
/// </summary>
internal abstract class CodeReader
{
    private const int MaximumPaths = 32;
    private const int MaximumInstructions = 1500;

    private readonly Stack<(ulong Address, CodeState State)> _paths = new();
    private readonly HashSet<ulong> _branches = [];

    protected CodeReader(byte[] code, ulong start)
    {
        Code = code;
        Start = start;
    }

    /// <summary>The bytes.</summary>
    protected byte[] Code { get; }

    /// <summary>Link-time address of the first.</summary>
    protected ulong Start { get; }

    /// <summary>What was seen.</summary>
    protected CodeFacts Facts { get; } = new();

    /// <summary>Reads a function.</summary>
    /// <param name="architecture">The processor.</param>
    /// <param name="code">Its bytes, or at least those of its beginning.</param>
    /// <param name="start">Link-time address of the first.</param>
    public static CodeFacts Read(Architecture architecture, byte[] code, ulong start)
    {
        CodeReader reader = architecture == Architecture.X64 ? new X64CodeReader(code, start) : new Arm64CodeReader(code, start);
        reader.Walk();
        return reader.Facts;
    }

    /// <summary>The state on entry.</summary>
    protected abstract CodeState Entry();

    /// <summary>Executes an instruction.</summary>
    /// <returns>Where the path goes on; 0 when it ends.</returns>
    protected abstract ulong Step(ulong address, CodeState state);

    /// <summary>Remembers the other direction of a branch. Each once: a loop's second round teaches nothing.</summary>
    protected void Branch(ulong from, ulong target, CodeState state)
    {
        if (_branches.Add(from))
            _paths.Push((target, state.Copy()));
    }

    /// <summary>Notes the test of a bit of a value, if the value is a load.</summary>
    protected void NoteBitTest(LinearForm? tested, int bit)
    {
        if (tested is not null && tested.IsTerm(out LinearTerm? term) && term is LinearTerm.Load load && bit < load.Size * 8)
            Facts.BitTests.Add((load.Address.AddConstant(bit / 8), bit % 8));
    }

    protected static LinearForm? Sum(LinearForm? left, LinearForm? right, long factor = 1) => left is null || right is null ? null : left.Add(right, factor);

    private void Walk()
    {
        _paths.Push((Start, Entry()));
        int instructions = 0;
        for (int paths = 0; paths < MaximumPaths && _paths.Count > 0; paths++)
        {
            var (address, state) = _paths.Pop();
            while (address >= Start && address - Start < (ulong)Code.Length && instructions++ < MaximumInstructions)
                address = Step(address, state);
        }
    }
}
