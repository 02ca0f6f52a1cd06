using System.Runtime.InteropServices;
using Virtap.Language.Patterns;

namespace Virtap.Tracing.Patterns;

/// <summary>
/// Makes of a regular expression a deterministic automaton, which looks at each byte of a text once. A state is the threads of the
/// <see cref="PatternProgram"/> that are under way, the preferred first; where groups are asked for, each thread has registers for the
/// places that it has noted (a tagged automaton, after Laurikari), and a transition is told by commands how they move.
/// </summary>
internal sealed class PatternAutomaton
{
    private const int MaxStates = 2048;
    private const int MaxWords = 1 << 16;
    private const int MaxRegisters = 1024;

    /// <summary>A bit of a mask for each tag.</summary>
    public const int MaxGroups = 31;

    private readonly PatternProgram _program;
    private readonly int _tags;
    private readonly byte[] _classes = new byte[256];
    private readonly List<byte> _representatives = [];
    private readonly Dictionary<string, int> _numbers = [];
    private readonly List<Thread[]> _states = [];
    private readonly List<(int State, PatternCommand[] Commands)[]> _transitions = [];
    private int _longest = 1;

    /// <summary>What a state number is where a match is all that anybody wants to know.</summary>
    private const int MatchedState = -2, FailedState = -1;

    /// <summary>
    /// A way that is under way: the step that it waits at, the tags that it has noted, those among them that it noted just now, and the
    /// thread of the state before that it comes from.
    /// </summary>
    private readonly record struct Thread(int Step, ulong Tags, ulong New, int Source);

    private PatternAutomaton(Pattern pattern, bool hasGroups)
    {
        if (hasGroups && pattern.Groups > MaxGroups - 1)
            throw new PatternTooLargeException($"it has more than {MaxGroups - 1} groups");
        _tags = hasGroups ? 2 * (pattern.Groups + 1) : 0;
        _program = new PatternProgram(pattern, hasGroups);
        Classify();
    }

    /// <summary>Makes the table of an expression.</summary>
    /// <param name="pattern">The expression.</param>
    /// <param name="hasGroups">Whether where its groups are is asked for, or only whether it matches.</param>
    /// <param name="place">Where so many words come to lie.</param>
    /// <exception cref="PatternTooLargeException">It would be larger than it may.</exception>
    public static PatternTable Build(Pattern pattern, bool hasGroups, Func<long[], int> place)
    {
        var automaton = new PatternAutomaton(pattern, hasGroups);
        return automaton.Build(pattern.Text, place);
    }

    private PatternTable Build(string text, Func<long[], int> place)
    {
        var commands = new List<PatternCommand>();
        if (_tags > 0)
            commands.Add(new PatternCommand(PatternOperation.Clear, 0));
        List<Thread> entry = Close([new Thread(_program.Entry, 0, 0, -1)], isAtStart: true, isAtEnd: false);
        int first = Enter(entry, commands);
        for (int i = 0; i < _states.Count; i++)
        {
            var row = new (int, PatternCommand[])[_representatives.Count];
            for (int each = 0; each < row.Length; each++)
                row[each] = Step(_states[i], _representatives[each]);
            _transitions.Add(row);
        }

        return Layout(text, first, [.. commands], place);
    }

    /// <summary>Bytes that no set of the expression tells apart are one class; zero, the text's end, is a class of its own.</summary>
    private void Classify()
    {
        ByteSet[] sets = [.. _program.Steps.Select(static step => step.Set).OfType<ByteSet>().Distinct()];
        var numbers = new Dictionary<string, byte>();
        for (int value = 0; value < 256; value++)
        {
            string key = value == 0 ? "end" : string.Concat(sets.Select(set => set.Contains(value) ? '1' : '0'));
            if (!numbers.TryGetValue(key, out byte number))
            {
                numbers[key] = number = (byte)numbers.Count;
                _representatives.Add((byte)value);
            }

            _classes[value] = number;
        }
    }

    private (int State, PatternCommand[] Commands) Step(Thread[] threads, byte value)
    {
        var seeds = new List<Thread>();
        for (int i = 0; i < threads.Length; i++)
        {
            PatternStep step = _program.Steps[threads[i].Step];
            if (value == 0 ? step.Kind == StepKind.End : step.Kind == StepKind.Byte && step.Set!.Contains(value))
                seeds.Add(new Thread(step.Next, threads[i].Tags, 0, i));
        }

        List<Thread> next = Close(seeds, isAtStart: false, isAtEnd: value == 0);
        var commands = new List<PatternCommand>();
        if (value != 0)
            return (Enter(next, commands), [.. commands]);
        int final = next.FindIndex(IsFinal);
        if (final < 0)
            return (FailedState, []);
        if (_tags == 0)
            return (MatchedState, []);
        // Behind the last byte no thread goes on: it is accepted from where it comes.
        Accept(next[final], next[final].Source, commands);
        return (FailedState, [.. commands]);
    }

    private bool IsFinal(Thread thread) => _program.Steps[thread.Step].Kind == StepKind.Final;

    /// <summary>Follows what takes no byte, in the order of preference; of two ways to a step the first goes on.</summary>
    private List<Thread> Close(List<Thread> seeds, bool isAtStart, bool isAtEnd)
    {
        var waiting = new List<Thread>();
        var seen = new bool[_program.Steps.Count];
        var open = new Stack<Thread>();
        foreach (Thread seed in seeds)
        {
            open.Push(seed);
            while (open.TryPop(out Thread thread))
            {
                if (seen[thread.Step])
                    continue;
                seen[thread.Step] = true;
                PatternStep step = _program.Steps[thread.Step];
                switch (step.Kind)
                {
                    case StepKind.Split:
                        open.Push(thread with { Step = step.Other });
                        open.Push(thread with { Step = step.Next });
                        break;
                    case StepKind.Tag:
                        ulong tag = 1ul << step.Tag;
                        open.Push(thread with { Step = step.Next, Tags = thread.Tags | tag, New = thread.New | tag });
                        break;
                    case StepKind.Start when isAtStart:
                    case StepKind.End when isAtEnd:
                        open.Push(thread with { Step = step.Next });
                        break;
                    case StepKind.Byte or StepKind.Final or StepKind.End:
                        waiting.Add(thread);
                        break;
                }
            }
        }

        return waiting;
    }

    /// <summary>The number of the state with these threads, and the commands that lead into it.</summary>
    private int Enter(List<Thread> threads, List<PatternCommand> commands)
    {
        int final = threads.FindIndex(IsFinal);
        if (_tags == 0)
        {
            if (final >= 0)
                return MatchedState;
            threads.Sort(static (one, other) => one.Step.CompareTo(other.Step));
        }

        Move(threads, commands);
        if (final >= 0)
            Accept(threads[final], final, commands);
        _longest = Math.Max(_longest, commands.Count + 2);
        string key = string.Join(',', threads.Select(static thread => $"{thread.Step}:{thread.Tags:x}"));
        if (_numbers.TryGetValue(key, out int number))
            return number;
        if (Register(threads.Count, 0) >= MaxRegisters)
            throw new PatternTooLargeException($"its groups take more than {MaxRegisters} registers");
        if (_states.Count == MaxStates || _states.Count * _representatives.Count > MaxWords / 2)
            throw new PatternTooLargeException($"its automaton has more than {_states.Count} states");
        _numbers[key] = number = _states.Count;
        _states.Add([.. threads]);
        return number;
    }

    private int Register(int thread, int tag) => _tags + (thread * _tags) + tag;

    /// <summary>
    /// Every thread's registers come from those of the thread that it continues. Moves that would overwrite what others still read wait
    /// for those; a ring of them goes by way of one more register.
    /// </summary>
    private void Move(List<Thread> threads, List<PatternCommand> commands)
    {
        var sets = new List<PatternCommand>();
        for (int tag = 0; tag < _tags; tag++)
        {
            var moves = new Dictionary<int, int>();
            for (int i = 0; i < threads.Count; i++)
            {
                ulong bit = 1ul << tag;
                if ((threads[i].New & bit) != 0)
                    sets.Add(new PatternCommand(PatternOperation.Set, Register(i, tag)));
                else if ((threads[i].Tags & bit) != 0 && threads[i].Source != i)
                    moves.Add(Register(i, tag), Register(threads[i].Source, tag));
            }

            MoveAll(moves, commands);
        }

        commands.AddRange(sets);
    }

    private static void MoveAll(Dictionary<int, int> moves, List<PatternCommand> commands)
    {
        while (moves.Count > 0)
        {
            int to = moves.Keys.FirstOrDefault(to => !moves.ContainsValue(to), -1);
            if (to >= 0)
            {
                commands.Add(new PatternCommand(PatternOperation.Move, to, moves[to]));
                moves.Remove(to);
                continue;
            }

            // Only rings are left: what one of them reads is put aside.
            int saved = moves.Values.First();
            commands.Add(new PatternCommand(PatternOperation.Move, Spare, saved));
            foreach (int reader in moves.Where(each => each.Value == saved).Select(static each => each.Key).ToList())
                moves[reader] = Spare;
        }
    }

    /// <summary>The match is the thread's, whose registers are at a place among them.</summary>
    private void Accept(Thread thread, int at, List<PatternCommand> commands)
    {
        int begin = commands.Count;
        commands.Add(default);
        for (int tag = 0; tag < _tags; tag++)
        {
            ulong bit = 1ul << tag;
            // Registers are moved before; but at the text's end none are, and what was noted there is the end.
            bool isNew = tag == 1 || (at == thread.Source && (thread.New & bit) != 0);
            if (isNew)
                commands.Add(new PatternCommand(PatternOperation.Set, tag));
            else if ((thread.Tags & bit) != 0)
                commands.Add(new PatternCommand(PatternOperation.Move, tag, Register(at, tag)));
            else
                commands.Add(new PatternCommand(PatternOperation.Clear, tag));
        }

        commands[begin] = new PatternCommand(PatternOperation.Accept, From: Register(at, 0), Skip: _tags);
        _longest = Math.Max(_longest, commands.Count + 2);
    }

    /// <summary>A register that no thread has: it is told apart when all of them are known.</summary>
    private const int Spare = 0xffff;

    private PatternTable Layout(string text, int first, PatternCommand[] firstCommands, Func<long[], int> place)
    {
        int maxThreads = _states.Count == 0 ? 0 : _states.Max(static threads => threads.Length);
        int registers = _tags == 0 ? 0 : Register(maxThreads, 0) + 1;
        var words = new List<long>(MemoryMarshal.Cast<byte, long>(_classes).ToArray());
        words.AddRange(new long[_states.Count * _representatives.Count]);
        var placed = new Dictionary<string, int>();
        int Row(int state) => state switch
        {
            MatchedState => PatternTable.Matched,
            FailedState => PatternTable.Failed,
            _ => PatternTable.ClassWords + (state * _representatives.Count),
        };
        int Commands(PatternCommand[] commands)
        {
            if (commands.Length == 0)
                return 0;
            long[] packed =
            [
                .. commands.Select(each => new PatternCommand(
                    each.Operation, Known(each.To, registers), Known(each.From, registers), each.Skip).Pack()),
                0,
            ];
            string key = string.Join(',', packed);
            if (placed.TryGetValue(key, out int at))
                return at;
            placed[key] = at = words.Count;
            words.AddRange(packed);
            if (words.Count > MaxWords)
                throw new PatternTooLargeException($"its automaton takes more than {MaxWords * 8} bytes");
            return at;
        }

        for (int state = 0; state < _transitions.Count; state++)
        {
            for (int i = 0; i < _representatives.Count; i++)
            {
                (int next, PatternCommand[] commands) = _transitions[state][i];
                words[Row(state) + i] = (uint)Row(next) | ((long)Commands(commands) << 32);
            }
        }

        int firstAt = Commands(firstCommands);
        return new PatternTable(place([.. words]), Row(first), firstAt, registers, _tags / 2, _longest, text);
    }

    private static int Known(int register, int registers) => register == Spare ? registers - 1 : register;
}

/// <summary>A regular expression that no automaton of bounded size can be made of.</summary>
/// <param name="message">What there would be too much of.</param>
public sealed class PatternTooLargeException(string message) : Exception(message);
