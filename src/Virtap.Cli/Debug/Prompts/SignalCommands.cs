using Virtap.Debugging.Control;
using Virtap.Debugging.Sessions;
using Virtap.Processes.Commands;
using static Virtap.Cli.Debug.Prompts.PromptOutput;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>What is done about signals: <c>handle</c>, <c>info signals</c>.</summary>
internal sealed class SignalCommands(DebugSession session, PromptConsole console)
{
    /// <summary><c>info signals</c>.</summary>
    public void ShowTable(string subject) => WriteSignals(subject.Length > 0 && subject != "all"
        ? [Signals.Find(subject) ?? throw new PromptException($"there is no signal '{subject}'")] : Signals.All);

    /// <summary><c>handle</c>.</summary>
    public void Handle(string rest)
    {
        string[] words = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2)
            throw new PromptException("Argument required (signal to handle).");
        List<int> signals = words[0] == "all" ? [.. Signals.All.Except([ProcessSignal.Interrupt, ProcessSignal.Trap])]
            : [Signals.Find(words[0]) ?? throw new PromptException($"Unrecognized or ambiguous flag word: \"{words[0]}\".")];
        foreach (int signal in signals)
        {
            SignalHandling handling = session.HandlingOf(signal);
            foreach (string word in words.Skip(1))
            {
                handling = word switch
                {
                    "stop" => handling with { Stop = true, Print = true },
                    "nostop" => handling with { Stop = false },
                    "print" => handling with { Print = true },
                    "noprint" => handling with { Print = false, Stop = false },
                    "pass" or "noignore" => handling with { Pass = true },
                    "nopass" or "ignore" => handling with { Pass = false },
                    _ => throw new PromptException($"Unrecognized or ambiguous flag word: \"{word}\"."),
                };
            }

            session.Handle(signal, handling);
        }

        if (signals.Count == 1 && console.IsTyped)
            WriteSignals(signals);
    }

    private void WriteSignals(IEnumerable<int> signals)
    {
        WriteLine("Signal        Stop\tPrint\tPass to program\tDescription");
        foreach (int signal in signals)
        {
            SignalHandling handling = session.HandlingOf(signal);
            string how = $"{YesNo(handling.Stop)}\t{YesNo(handling.Print)}\t{YesNo(handling.Pass)}";
            WriteLine($"{Signals.NameOf(signal),-13} {how}\t\t{Signals.MeaningOf(signal)}");
        }

        static string YesNo(bool isSo) => isSo ? "Yes" : "No";
    }
}
