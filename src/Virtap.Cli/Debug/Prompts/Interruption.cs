namespace Virtap.Cli.Debug.Prompts;

/// <summary>What breaks off what goes on. It is asked for on other threads than the prompt's, all but <see cref="Quit"/>.</summary>
internal sealed class Interruption
{
    private volatile bool _isEnding, _isStopAsked;
    private bool _hasQuit;

    /// <summary>Whether what goes on is to be broken off.</summary>
    public bool IsStopAsked => _isStopAsked;

    /// <summary>Whether somebody outside ends the session, who waits for no words.</summary>
    public bool IsEnding => _isEnding;

    /// <summary>Whether no further command is carried out.</summary>
    public bool IsOver => _isEnding || _hasQuit;

    /// <summary>A command is to be broken off.</summary>
    public void Stop() => _isStopAsked = true;

    /// <summary>The session is to end.</summary>
    public void End()
    {
        _isEnding = true;
        _isStopAsked = true;
    }

    /// <summary>A command ends the session.</summary>
    public void Quit() => _hasQuit = true;

    /// <summary>A new command begins, whom an old Ctrl-C does not mean.</summary>
    public void Forget() => _isStopAsked = false;
}
