using Virtap.Language.Patterns;

namespace Virtap.Tracing.Patterns;

/// <summary>What a step of a <see cref="PatternProgram"/> does.</summary>
internal enum StepKind
{
    /// <summary>Takes a byte of a set.</summary>
    Byte,

    /// <summary>Goes on in two ways, the first preferred.</summary>
    Split,

    /// <summary>Notes the place in the text: an even tag where a group begins, an odd one where it ends.</summary>
    Tag,

    /// <summary>Goes on at the text's start only.</summary>
    Start,

    /// <summary>Goes on at the text's end only.</summary>
    End,

    /// <summary>Matches.</summary>
    Final,

    /// <summary>Leads nowhere.</summary>
    Never,
}

/// <summary>A step; <paramref name="Other"/> is the second way of a split, <paramref name="Tag"/> the tag that is noted.</summary>
internal readonly record struct PatternStep(StepKind Kind, int Next, int Other = -1, int Tag = -1, ByteSet? Set = null);

/// <summary>
/// A regular expression as a non-deterministic automaton with priorities: of several ways through the same text the preferred one says
/// where the groups are. It is not anchored: the last choice is always to skip a byte and to begin anew.
/// </summary>
internal sealed class PatternProgram
{
    private const int MaxSteps = 4096;

    /// <summary>Parts looked at: copies of what makes no step count too.</summary>
    private const int MaxParts = 65536;

    private readonly List<PatternStep> _steps = [];
    private readonly bool _hasTags;
    private int _parts;

    /// <summary>Translates an expression.</summary>
    /// <param name="pattern">The expression.</param>
    /// <param name="hasTags">Whether anybody asks where groups are.</param>
    /// <exception cref="PatternTooLargeException">It has more steps than it may.</exception>
    public PatternProgram(Pattern pattern, bool hasTags)
    {
        _hasTags = hasTags;
        int final = Add(new PatternStep(StepKind.Final, -1));
        int body = Noting(0, Compile(pattern.Root, final));
        Entry = Add(new PatternStep(StepKind.Split, body));
        int skip = Add(new PatternStep(StepKind.Byte, Entry, Set: ByteSet.All));
        _steps[Entry] = _steps[Entry] with { Other = skip };
    }

    /// <summary>The steps, by their numbers.</summary>
    public IReadOnlyList<PatternStep> Steps => _steps;

    /// <summary>The first step.</summary>
    public int Entry { get; }

    private int Add(PatternStep step)
    {
        if (_steps.Count == MaxSteps)
            throw new PatternTooLargeException($"it has more than {MaxSteps} steps");
        _steps.Add(step);
        return _steps.Count - 1;
    }

    private int Noting(int tag, int next) => _hasTags ? Add(new PatternStep(StepKind.Tag, next, Tag: tag)) : next;

    /// <summary>Makes the steps of a part that go on with a step; gives the first of them.</summary>
    private int Compile(PatternNode node, int next)
    {
        if (++_parts > MaxParts)
            throw new PatternTooLargeException($"it has more than {MaxParts} parts");
        switch (node)
        {
            case PatternByte { Set: var set }: return Add(new PatternStep(StepKind.Byte, next, Set: set));
            case PatternAnchor anchor: return Add(new PatternStep(anchor.IsEnd ? StepKind.End : StepKind.Start, next));
            case PatternGroup group:
                int end = Noting((2 * group.Number) + 1, next);
                return Noting(2 * group.Number, Compile(group.Content, end));
            case PatternSequence sequence:
                for (int i = sequence.Parts.Count - 1; i >= 0; i--)
                    next = Compile(sequence.Parts[i], next);
                return next;
            case PatternChoice choice:
                int way = Compile(choice.Alternatives[^1], next);
                for (int i = choice.Alternatives.Count - 2; i >= 0; i--)
                    way = Add(new PatternStep(StepKind.Split, Compile(choice.Alternatives[i], next), way));
                return way;
            case PatternRepeat repeat: return CompileRepeat(repeat, next);
            default: throw new InvalidOperationException($"{node.GetType().Name} is no part of a regular expression");
        }
    }

    private int CompileRepeat(PatternRepeat repeat, int next)
    {
        if (repeat.Max < repeat.Min)
            return Add(new PatternStep(StepKind.Never, -1));
        int required = repeat.Min;
        if (repeat.Max is int max)
        {
            int end = next;
            for (int i = required; i < max; i++)
                next = Add(new PatternStep(StepKind.Split, Compile(repeat.Part, next), end));
        }
        else
        {
            // Once and then again and again; where once is too often, the whole of it or nothing.
            int end = next, again = Add(new PatternStep(StepKind.Split, -1, end));
            int once = Compile(repeat.Part, again);
            _steps[again] = _steps[again] with { Next = once };
            next = required == 0 ? Add(new PatternStep(StepKind.Split, once, end)) : once;
            required--;
        }

        for (int i = 0; i < required; i++)
            next = Compile(repeat.Part, next);
        return next;
    }
}
