using System.CommandLine;
using System.Globalization;
using Virtap.Cli.Commands;
using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Processes.Programs;
using Virtap.Virtio;
using Virtap.Virtio.Devices;

namespace Virtap.Cli.Targets;

/// <summary>The word that says which process is meant: its id, or the name of the machine that it is (<c>-name web01</c>).</summary>
internal static class ProcessWord
{
    /// <summary>What the help says of it.</summary>
    public const string Meaning = "a process id, or the name of a virtual machine";

    /// <summary>The argument of a command that takes such a word, or none.</summary>
    public static Argument<string?> Argument(string name, string description)
    {
        var word = new Argument<string?>(name) { Description = description, Arity = ArgumentArity.ZeroOrOne };
        // A misspelt option is taken for an argument; a number with a sign is one.
        word.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: ['-', not (>= '0' and <= '9'), ..] option }])
                result.AddError($"there is no option '{option}' here");
        });
        return word;
    }

    /// <summary>The process's id; null where the word is neither a number nor the name of a machine that runs.</summary>
    /// <exception cref="VirtioException">Several machines have that name.</exception>
    public static int? Find(string word) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : RunningQemus.Named(word)?.Id;

    /// <summary>The process.</summary>
    /// <exception cref="CommandException">The word is neither.</exception>
    /// <exception cref="ProcessException">There is no process of that id.</exception>
    /// <exception cref="VirtioException">Several machines have that name.</exception>
    public static LiveProcess Get(string word)
    {
        if (Find(word) is { } id)
            return LiveProcess.Get(id);
        throw Unknown(word);
    }

    /// <summary>
    /// Says of a word that it is neither. Of machines whose names may not be read it says that, and not that there are none.
    /// </summary>
    public static CommandException Unknown(string word) => new($"'{word}' is no process id, and " + (
        OutOfSight() is { Length: > 0 } others ? $"no virtual machine that you may look into is called so{others}"
            : "no virtual machine that runs is called so; virtap ls shows those that do"));

    /// <summary>How many QEMUs have names that may not be read, to be put behind a sentence; empty where there is none.</summary>
    public static string OutOfSight() =>
        RunningQemus.Describe(QemuPrograms.OutOfSight()) is { } others ? $"; {others}" : "";
}
