using Virtap.Language.Library;

namespace Virtap.Language.Binding.Declarations;

/// <summary>Where a script comes from.</summary>
internal enum ScriptOrigin
{
    /// <summary>The user runs it.</summary>
    User,

    /// <summary>A library of the user's (-I).</summary>
    Library,

    /// <summary>Our own tapset, whose locals never are globals of a script by accident.</summary>
    Tapset,
}
