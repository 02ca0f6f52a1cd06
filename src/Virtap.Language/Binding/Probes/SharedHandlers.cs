using System.Runtime.CompilerServices;
using System.Text;
using Virtap.Language.Binding.Declarations;
using Virtap.Language.Binding.Targets;
using Virtap.Language.Syntax;

namespace Virtap.Language.Binding.Probes;

/// <summary>
/// Makes one of the points of a probe whose handlers do the same, where one handler can serve them: of <c>probe syscall.*</c> that is all
/// of them, and what the kernel has to verify, and to run at each system call, one program in place of some hundred.
/// </summary>
internal static class SharedHandlers
{
    /// <summary>The instances of a probe with those made one that can be, in the order of the first of each.</summary>
    public static IReadOnlyList<ProbeInstance> Join(IReadOnlyList<ProbeInstance> instances)
    {
        if (instances.Count < 2)
            return instances;
        var result = new List<ProbeInstance>();
        // By what they do, those that others may join: their places in the result, and their targets.
        var open = new Dictionary<string, List<(int Place, Dictionary<ProbeTarget, ProbeInstance> Targets)>>();
        foreach (ProbeInstance instance in instances)
        {
            if (instance.Targets is not [var target] || !target.SharesHandlerWith(target))
            {
                result.Add(instance);
                continue;
            }

            string text = TextOf(instance);
            if (!open.TryGetValue(text, out List<(int Place, Dictionary<ProbeTarget, ProbeInstance> Targets)>? alike))
                open.Add(text, alike = []);
            if (alike.Find(each => each.Targets.Keys.All(target.SharesHandlerWith)) is { Targets: { } targets })
            {
                targets.Add(target, instance);
                continue;
            }

            alike.Add((result.Count, new Dictionary<ProbeTarget, ProbeInstance> { [target] = instance }));
            result.Add(instance);
        }

        foreach ((int place, Dictionary<ProbeTarget, ProbeInstance> targets) in open.Values.SelectMany(static each => each))
        {
            if (targets.Count > 1)
                result[place] = result[place] with { Targets = [.. targets.Keys], Joined = targets };
        }

        return result;
    }

    // Parts of one text that see the same names do the same.
    private static string TextOf(ProbeInstance instance)
    {
        var text = new StringBuilder();
        foreach (ConditionPart part in instance.Conditions)
            Add(part.File, ScriptPrinter.Print(part.Condition));
        text.Append('\n');
        foreach (BodyPart part in instance.Parts)
            Add(part.File, ScriptPrinter.Print(part.Statement));
        return text.ToString();

        void Add(ScriptFile file, string what) =>
            text.Append(RuntimeHelpers.GetHashCode(file)).Append(' ').Append(what.Length).Append(' ').Append(what);
    }
}
