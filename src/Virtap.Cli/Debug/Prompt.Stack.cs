using System.Globalization;
using Virtap.Cli.Rendering;
using Virtap.Debugging.Frames;
using Virtap.Processes.Control;
using Virtap.Processes.Cores;
using Virtap.Processes.Stacks;

namespace Virtap.Cli.Debug;

/// <summary>Stacks and threads.</summary>
internal sealed partial class Prompt
{
    private void Backtrace(string rest)
    {
        RequireStack();
        string[] words = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        bool isFull = words.Contains("full") || words.Contains("-full");
        int? count = null;
        foreach (string word in words.Where(static each => each is not ("full" or "-full")))
            count = int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number
                : throw new PromptException($"Invalid number \"{word}\".");
        FrameList list = _session.Frames();
        IReadOnlyList<DebugFrame> frames = list.Frames;
        IEnumerable<DebugFrame> shown = count switch
        {
            null => frames,
            < 0 => frames.TakeLast(-count.Value),
            _ => frames.Take(count.Value),
        };
        foreach (DebugFrame frame in shown)
        {
            WriteLine(_frameText.Numbered(frame));
            if (isFull)
                WriteLocals(frame, "        ");
        }

        if (count is > 0 && count < frames.Count)
            WriteLine("(More stack frames follow...)");
        else if (list.End is StackEnd.Lost)
            WriteLine("Backtrace stopped: the stack does not hold what is said to be there");
        else if (list.End is StackEnd.NotDescribed && frames is [.., { Address: not 0 }])
            WriteLine("Backtrace stopped: nothing describes the code, and it keeps no frame pointer");
    }

    private void MoveFrame(string name, string rest)
    {
        RequireStack();
        int count = _session.Frames().Frames.Count;
        int to = name switch
        {
            "frame" when rest.Length == 0 => _session.FrameNumber,
            "frame" => Number(rest.StartsWith("level ", StringComparison.Ordinal) ? rest[6..] : rest),
            "up" => _session.FrameNumber + (rest.Length > 0 ? Number(rest) : 1),
            _ => _session.FrameNumber - (rest.Length > 0 ? Number(rest) : 1),
        };
        if (name == "up" && _session.FrameNumber == count - 1)
            throw new PromptException("Initial frame selected; you cannot go up.");
        if (name == "down" && _session.FrameNumber == 0)
            throw new PromptException("Bottom (innermost) frame selected; you cannot go down.");
        if (name == "frame" && to >= count)
            throw new PromptException(Figures.Invariant($"No frame at level {to}."));
        _session.SelectFrame(Math.Clamp(to, 0, count - 1));
        DebugFrame frame = _session.Frame!;
        WriteLine(_frameText.Numbered(frame));
        if (frame.Source is not null)
            WriteLine(_source.Line(frame.SourceName, frame.Source));
        _session.Listed = frame.Source ?? _session.Listed;
        _lastListed = null;
    }

    private void ThreadCommand(string rest)
    {
        (string word, string command) = SplitWord(rest);
        if (word == "apply")
        {
            Apply(command);
            return;
        }

        if (_session.Target.Process is CoreProcess)
        {
            if (word.Length > 0)
                _session.SelectCoreThread(CoreThread(Number(word)));
            int number = _session.CoreThreadNumber;
            string what = word.Length > 0 ? "Switching to thread" : "Current thread is";
            WriteLine(Figures.Invariant($"[{what} {number} ({CoreTarget(number)})]"));
        }
        else if (word.Length == 0)
        {
            TracedThread current = _session.Thread ?? throw new PromptException("No thread selected");
            WriteLine(Figures.Invariant($"[Current thread is {current.Number} ({TargetId(current)})]"));
            return;
        }
        else
        {
            TracedThread chosen = RequireProcess().Threads.FirstOrDefault(each => each.Number == Number(word))
                ?? throw new PromptException(Figures.Invariant($"Unknown thread {Number(word)}."));
            _session.Select(chosen);
            WriteLine(Figures.Invariant($"[Switching to thread {chosen.Number} ({TargetId(chosen)})]"));
        }

        if (_session.Frame is not { } frame)
            return;
        WriteLine(_frameText.Numbered(frame));
        if (frame.Source is not null)
            ShowSource(frame with { IsMidLine = false });
    }

    private int CoreThread(int number) => number >= 1 && number <= _session.CoreThreads.Count ? number
        : throw new PromptException(Figures.Invariant($"Unknown thread {number}."));

    private string CoreTarget(int number) => Figures.Invariant($"LWP {_session.CoreThreads[number - 1].Id}");

    private void Apply(string rest)
    {
        string[] words = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int selectors = words.TakeWhile(static word => word == "all" || word[0] is >= '0' and <= '9').Count();
        string command = string.Join(' ', words.Skip(selectors).SkipWhile(static word => word is "-ascending" or "-q" or "-s" or "-c"));
        if (selectors == 0 || command.Length == 0)
            throw new PromptException("Please specify a command to apply on the threads: thread apply all COMMAND");
        bool isMeant(int number) => words.Take(selectors).Any(word => word == "all" || word.Split('-') is [var first, .. var last]
            && number >= Number(first) && number <= Number(last is [var to] ? to : first));
        if (_session.Target.Process is CoreProcess)
        {
            int before = _session.CoreThreadNumber;
            for (int number = _session.CoreThreads.Count; number >= 1 && !_isStopAsked; number--)
            {
                if (!isMeant(number))
                    continue;
                _session.SelectCoreThread(number);
                WriteLine(Figures.Invariant($"\nThread {number} ({CoreTarget(number)}):"));
                Execute(command);
            }

            _session.SelectCoreThread(before);
            return;
        }

        TracedThread? selected = _session.Thread;
        int frame = _session.FrameNumber;
        foreach (TracedThread thread in RequireProcess().Threads.Reverse().Where(each => isMeant(each.Number)).ToList())
        {
            if (_isStopAsked || !thread.IsStopped)
                continue;
            _session.Select(thread);
            WriteLine(Figures.Invariant($"\nThread {thread.Number} ({TargetId(thread)} \"{NameOf(thread)}\"):"));
            Execute(command);
        }

        if (selected is not null && _session.Inferior?.Threads.Contains(selected) == true)
        {
            _session.Select(selected);
            _session.SelectFrame(frame);
        }
    }

    private void WriteLocals(DebugFrame frame, string indent)
    {
        IReadOnlyList<string> locals = _frameText.Locals(frame);
        if (locals.Count == 0)
            WriteLine(frame.Function is null ? $"{indent}No symbol table info available." : $"{indent}No locals.");
        foreach (string local in locals)
            WriteLine(indent + local.Replace("\n", "\n" + indent, StringComparison.Ordinal));
    }

    private void RequireStack()
    {
        if (!_session.HasStack)
            throw new PromptException("No stack.");
    }
}
