using System.Globalization;
using Virtap.Cli.Rendering;
using Virtap.Debugging.Frames;
using Virtap.Debugging.Sessions;
using Virtap.Processes.Control;
using Virtap.Processes.Cores;
using Virtap.Processes.Stacks;
using static Virtap.Cli.Debug.Prompts.CommandArguments;
using static Virtap.Cli.Debug.Prompts.PromptOutput;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>Stacks and threads: <c>backtrace</c>, <c>frame</c>, <c>thread</c>.</summary>
internal sealed class StackCommands(DebugSession session, Interruption interruption, FrameView view, ILineExecutor lines)
{
    /// <summary><c>backtrace</c>.</summary>
    public void Backtrace(string rest)
    {
        Require.Stack(session);
        string[] words = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        bool isFull = words.Contains("full") || words.Contains("-full");
        int? count = null;
        foreach (string word in words.Where(static each => each is not ("full" or "-full")))
            count = int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number
                : throw new PromptException($"Invalid number \"{word}\".");
        FrameList list = session.Frames();
        IReadOnlyList<DebugFrame> frames = list.Frames;
        IEnumerable<DebugFrame> shown = count switch
        {
            null => frames,
            < 0 => frames.TakeLast(-count.Value),
            _ => frames.Take(count.Value),
        };
        foreach (DebugFrame frame in shown)
        {
            WriteLine(view.Text.Numbered(frame));
            if (isFull)
                view.ShowLocals(frame, "        ");
        }

        if (count is > 0 && count < frames.Count)
            WriteLine("(More stack frames follow...)");
        else if (list.End is StackEnd.Lost)
            WriteLine("Backtrace stopped: the stack does not hold what is said to be there");
        else if (list.End is StackEnd.NotDescribed && frames is [.., { Address: not 0 }])
            WriteLine("Backtrace stopped: nothing describes the code, and it keeps no frame pointer");
    }

    /// <summary><c>frame</c>.</summary>
    public void Frame(string rest)
    {
        Require.Stack(session);
        int to = rest.Length == 0 ? session.FrameNumber : Number(rest.StartsWith("level ", StringComparison.Ordinal) ? rest[6..] : rest);
        if (to >= session.Frames().Frames.Count)
            throw new PromptException(Figures.Invariant($"No frame at level {to}."));
        Select(to);
    }

    /// <summary><c>up</c>.</summary>
    public void Up(string rest)
    {
        Require.Stack(session);
        int last = session.Frames().Frames.Count - 1, by = rest.Length > 0 ? Number(rest) : 1;
        if (session.FrameNumber >= last)
            throw new PromptException("Initial frame selected; you cannot go up.");
        Select((int)Math.Min((long)session.FrameNumber + by, last));
    }

    /// <summary><c>down</c>.</summary>
    public void Down(string rest)
    {
        Require.Stack(session);
        int by = rest.Length > 0 ? Number(rest) : 1;
        if (session.FrameNumber == 0)
            throw new PromptException("Bottom (innermost) frame selected; you cannot go down.");
        Select(Math.Max(session.FrameNumber - by, 0));
    }

    private void Select(int frame)
    {
        session.SelectFrame(frame);
        view.ShowNumbered(session.Frame!, hasAddress: false);
    }

    /// <summary><c>thread</c>.</summary>
    public void Thread(string rest)
    {
        (string word, string command) = SplitWord(rest);
        if (word == "apply")
        {
            Apply(command);
            return;
        }

        if (session.Target.Process is CoreProcess)
        {
            if (word.Length > 0)
                session.SelectCoreThread(CoreThread(Number(word)));
            int number = session.CoreThreadNumber;
            string what = word.Length > 0 ? "Switching to thread" : "Current thread is";
            WriteLine(Figures.Invariant($"[{what} {number} ({CoreTarget(number)})]"));
        }
        else if (word.Length == 0)
        {
            TracedThread current = session.Thread ?? throw new PromptException("No thread selected");
            WriteLine(Figures.Invariant($"[Current thread is {current.Number} ({ThreadText.TargetId(current)})]"));
            return;
        }
        else
        {
            TracedThread chosen = Require.Process(session).Threads.FirstOrDefault(each => each.Number == Number(word))
                ?? throw new PromptException(Figures.Invariant($"Unknown thread {Number(word)}."));
            session.Select(chosen);
            WriteLine(Figures.Invariant($"[Switching to thread {chosen.Number} ({ThreadText.TargetId(chosen)})]"));
        }

        if (session.Frame is { } frame)
            view.ShowNumbered(frame, hasAddress: false);
    }

    /// <summary><c>info threads</c>.</summary>
    public void ShowThreads()
    {
        List<(bool IsCurrent, int Number, string Target, string Frame)> rows = [];
        if (session.Target.Process is CoreProcess)
        {
            int before = session.CoreThreadNumber;
            for (int number = 1; number <= session.CoreThreads.Count; number++)
            {
                session.SelectCoreThread(number);
                rows.Add((number == before, number, CoreTarget(number), session.Frame is { } at ? view.Text.Line(at) : "(no registers)"));
            }

            session.SelectCoreThread(before);
        }
        else
        {
            foreach (TracedThread thread in session.Inferior?.Threads ?? [])
            {
                string where = thread.IsStopped && session.FramesOf(thread, 1).Frames is [var top, ..]
                    ? view.Text.Line(top) : "(running)";
                rows.Add((thread == session.Thread, thread.Number, ThreadText.Named(thread), where));
            }
        }

        if (rows.Count == 0)
        {
            WriteLine("No threads.");
            return;
        }

        int width = Math.Max(rows.Max(static row => row.Target.Length), "Target Id".Length);
        WriteLine($"  Id   {"Target Id".PadRight(width)} Frame ");
        foreach ((bool isCurrent, int number, string target, string where) in rows)
            WriteLine(Figures.Invariant($"{(isCurrent ? '*' : ' ')} {number,-4} {target.PadRight(width)} {where}"));
    }

    private int CoreThread(int number) => number >= 1 && number <= session.CoreThreads.Count ? number
        : throw new PromptException(Figures.Invariant($"Unknown thread {number}."));

    private string CoreTarget(int number) => ThreadText.TargetId(session.CoreThreads[number - 1]);

    private void Apply(string rest)
    {
        string[] words = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int selectors = words.TakeWhile(static word => word == "all" || word[0] is >= '0' and <= '9').Count();
        string command = string.Join(' ', words.Skip(selectors).SkipWhile(static word => word is "-ascending" or "-q" or "-s" or "-c"));
        if (selectors == 0 || command.Length == 0)
            throw new PromptException("Please specify a command to apply on the threads: thread apply all COMMAND");
        bool isMeant(int number) => words.Take(selectors).Any(word => word == "all" || word.Split('-') is [var first, .. var last]
            && number >= Number(first) && number <= Number(last is [var to] ? to : first));
        if (session.Target.Process is CoreProcess)
        {
            int before = session.CoreThreadNumber;
            for (int number = session.CoreThreads.Count; number >= 1 && !interruption.IsStopAsked; number--)
            {
                if (!isMeant(number))
                    continue;
                session.SelectCoreThread(number);
                WriteLine(Figures.Invariant($"\nThread {number} ({CoreTarget(number)}):"));
                lines.Execute(command);
            }

            session.SelectCoreThread(before);
            return;
        }

        TracedThread? selected = session.Thread;
        int frame = session.FrameNumber;
        foreach (TracedThread thread in Require.Process(session).Threads.Reverse().Where(each => isMeant(each.Number)).ToList())
        {
            if (interruption.IsStopAsked || !thread.IsStopped)
                continue;
            session.Select(thread);
            WriteLine(Figures.Invariant($"\nThread {thread.Number} ({ThreadText.Named(thread)}):"));
            lines.Execute(command);
        }

        if (selected is not null && session.Inferior?.Threads.Contains(selected) == true)
        {
            session.Select(selected);
            session.SelectFrame(frame);
        }
    }
}
