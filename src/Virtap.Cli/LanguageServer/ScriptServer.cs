using System.Text.Json;
using Virtap.Language.Diagnostics;
using Virtap.Language.Library;
using Virtap.Tracing.Compilation;

namespace Virtap.Cli.LanguageServer;

/// <summary>
/// --language-server: tells an editor what the compiler knows of the scripts that are open in it. Everything is said on the two streams, in
/// the language server protocol; requests are answered in their order.
/// </summary>
/// <param name="messages">The editor.</param>
/// <param name="newCompiler">Makes a compiler that reports to a bag.</param>
/// <param name="forms">The forms of probe points.</param>
/// <param name="version">Virtap's.</param>
internal sealed class ScriptServer(
    MessageStream messages, Func<DiagnosticBag, ScriptCompiler> newCompiler, IReadOnlyList<string> forms, string version)
{
    private const int MethodNotFound = -32601, InvalidParameters = -32602;

    private readonly Dictionary<string, (ScriptDocument Document, ScriptAnalysis Analysis)> _open = [];
    private IReadOnlyList<ScriptName>? _functions;
    private Completion? _completion;
    private bool _wasShutDown;

    /// <summary>Serves until the editor says exit, or is gone.</summary>
    /// <returns>Whether it ended as the protocol has it: shutdown, then exit.</returns>
    /// <exception cref="IOException">The editor does not speak the protocol, or cannot be written to.</exception>
    public bool Run()
    {
        while (messages.Read() is { } message)
        {
            using (message)
            {
                JsonElement root = message.RootElement;
                // A response: this server asks nothing.
                if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("method", out JsonElement name)
                    || name.ValueKind != JsonValueKind.String)
                    continue;
                string method = name.GetString() ?? "";
                if (method == "exit")
                    return _wasShutDown;
                JsonElement parameters = root.TryGetProperty("params", out JsonElement given) ? given : default;
                if (root.TryGetProperty("id", out JsonElement id))
                    Answer(method, id, parameters);
                else
                    Take(method, parameters);
            }
        }

        return false;
    }

    private void Answer(string method, JsonElement id, JsonElement parameters)
    {
        switch (method)
        {
            case "initialize":
                messages.Answer(id, Capabilities(), Messages.Default.InitializeResult);
                break;
            case "shutdown":
                _wasShutDown = true;
                messages.Answer(id, null, Messages.Default.Hover);
                break;
            case "textDocument/completion" when Place(parameters) is { } place:
                messages.Answer(id, new CompletionList(false, Complete(place)), Messages.Default.CompletionList);
                break;
            case "textDocument/hover" when Place(parameters) is { } place:
                messages.Answer(id, HoverAt(place), Messages.Default.Hover);
                break;
            case "textDocument/definition" when Place(parameters) is { } place:
                messages.Answer(id, DefinitionAt(place), Messages.Default.Location);
                break;
            case "textDocument/completion" or "textDocument/hover" or "textDocument/definition":
                messages.Refuse(id, new ResponseError(InvalidParameters, "no such document is open"));
                break;
            default:
                messages.Refuse(id, new ResponseError(MethodNotFound, $"{method} is not offered"));
                break;
        }
    }

    private void Take(string method, JsonElement parameters)
    {
        switch (method)
        {
            case "textDocument/didOpen" when Parse(parameters, Messages.Default.DocumentParameters) is { TextDocument: var opened }:
                Analyze(new ScriptDocument(opened.Uri, opened.Text ?? "") { Version = opened.Version });
                break;
            case "textDocument/didChange" when Parse(parameters, Messages.Default.ChangeParameters) is { } change
                && _open.TryGetValue(change.TextDocument.Uri, out var known):
                foreach (TextChange each in change.ContentChanges)
                    known.Document.Apply(each);
                known.Document.Version = change.TextDocument.Version;
                Analyze(known.Document);
                break;
            case "textDocument/didClose" when Parse(parameters, Messages.Default.DocumentParameters) is { } closed:
                _open.Remove(closed.TextDocument.Uri);
                Publish(new PublishedMessages(closed.TextDocument.Uri, null, []));
                break;
        }
    }

    private void Analyze(ScriptDocument document)
    {
        var analysis = new ScriptAnalysis(document, newCompiler);
        _open[document.Uri] = (document, analysis);
        Publish(new PublishedMessages(document.Uri, document.Version, analysis.MessagesFor(document)));
    }

    private void Publish(PublishedMessages published) =>
        messages.Notify("textDocument/publishDiagnostics", published, Messages.Default.PublishedMessages);

    private IReadOnlyList<CompletionItem> Complete((ScriptDocument Document, ScriptAnalysis Analysis, int Offset) place)
    {
        _completion ??= new Completion(forms, Functions(), ScriptNames.Aliases(newCompiler(new DiagnosticBag()).Library));
        return _completion.At(place.Document, place.Analysis, place.Offset);
    }

    private Hover? HoverAt((ScriptDocument Document, ScriptAnalysis Analysis, int Offset) place)
    {
        (int start, string word) = place.Document.WordAt(place.Offset);
        if (Names(place, word).Concat(Functions()).FirstOrDefault(name => name.Name == word) is not { } name)
            return null;
        return new Hover(new MarkupContent("markdown", $"```systemtap\n{name.Detail}\n```"), place.Document.RangeOf(start, word.Length));
    }

    private static Location? DefinitionAt((ScriptDocument Document, ScriptAnalysis Analysis, int Offset) place)
    {
        (_, string word) = place.Document.WordAt(place.Offset);
        return Names(place, word).FirstOrDefault(name => name.Name == word)?.Span is { } span
            ? new Location(place.Document.Uri, place.Document.RangeOf(span.Start, word.Length)) : null;
    }

    private static IEnumerable<ScriptName> Names((ScriptDocument, ScriptAnalysis Analysis, int Offset) place, string word) =>
        word.StartsWith('$')
            ? ScriptNames.OfTarget(place.Analysis, place.Offset)
            : ScriptNames.Locals(place.Analysis, place.Offset).Concat(ScriptNames.Declared(place.Analysis));

    private IReadOnlyList<ScriptName> Functions() => _functions ??= ScriptNames.Functions(newCompiler(new DiagnosticBag()).Library);

    private (ScriptDocument Document, ScriptAnalysis Analysis, int Offset)? Place(JsonElement parameters) =>
        Parse(parameters, Messages.Default.PlaceParameters) is { } place && _open.TryGetValue(place.TextDocument.Uri, out var known)
            ? (known.Document, known.Analysis, known.Document.OffsetOf(place.Position)) : null;

    private static T? Parse<T>(JsonElement parameters, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return parameters.ValueKind == JsonValueKind.Object ? parameters.Deserialize(type) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private InitializeResult Capabilities() => new(
        new ServerCapabilities(new SyncOptions(true, 2, true), new CompletionOptions(["$", "@", ".", "\""]), true, true),
        new ServerInfo("virtap", version));
}
