using System.Text.RegularExpressions;
using Virtap.Debugging.Evaluation;
using Virtap.Debugging.Printing;
using Virtap.Debugging.Syntax;

namespace Virtap.Debugging.Tests.Golden;

/// <summary>A table of questions, and Virtap's answers to them.</summary>
internal static partial class Questions
{
    /// <summary>Reads a table: its lines, those with % for each of the names that it lists.</summary>
    public static IReadOnlyList<string> Read(string table)
    {
        List<string> questions = [], names = [];
        bool isEach = false;
        foreach (string line in File.ReadAllLines(PathOf(table)))
        {
            if (line.Length == 0 || line.StartsWith('#'))
                continue;
            if (line.StartsWith("each: ", StringComparison.Ordinal))
            {
                names.AddRange(line[6..].Split(' '));
                isEach = true;
            }
            else if (line == "end")
            {
                isEach = false;
                names.Clear();
            }
            else if (isEach)
            {
                questions.AddRange(names.Select(name => line.Replace("%", name, StringComparison.Ordinal)));
            }
            else
            {
                questions.Add(line);
            }
        }

        return questions;
    }

    /// <summary>The path of a file beside the tests' sources.</summary>
    public static string PathOf(string name)
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Virtap.slnx")))
        {
            folder = Path.GetDirectoryName(folder)
                ?? throw new InvalidOperationException("The tests do not run from inside the repository.");
        }

        return Path.Combine(folder, "tests", "Virtap.Debugging.Tests", "Golden", name);
    }

    /// <summary>Virtap's answers, in gdb's form.</summary>
    public static IReadOnlyList<string> Answer(IReadOnlyList<string> questions, IEvaluationScope scope)
    {
        var session = new ExpressionSession(scope);
        var options = new PrintOptions();
        List<string> answers = [];
        foreach (string question in questions)
        {
            Match match = Form().Match(question);
            string text = match.Groups["text"].Value;
            try
            {
                switch (match.Groups["verb"].Value)
                {
                    case "set":
                        options = options.With(text, out string? problem);
                        answers.Add(problem ?? "");
                        break;
                    case "print":
                        char? format = match.Groups["format"] is { Length: 1 } letter ? letter.ValueSpan[0] : null;
                        PrintedValue printed = session.Print(text, options with { Format = format });
                        answers.Add($"${printed.Number} = {printed.Text}");
                        break;
                    case "whatis":
                        answers.Add($"type = {session.WhatIs(text)}");
                        break;
                    default:
                        answers.Add(session.Define(text, match.Groups["format"].Value == "o"));
                        break;
                }
            }
            catch (ExpressionException e)
            {
                answers.Add($"error: {e.Message}");
            }
        }

        return answers;
    }

    [GeneratedRegex(@"^(?<verb>\w+)(/(?<format>\w))? (?<text>.*)$")]
    private static partial Regex Form();
}
