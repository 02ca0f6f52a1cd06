namespace Virtap.Tracing.Session;

/// <summary>Gives meaning to script arguments that name something of a running program: <c>vdev:disk0</c> is the address of a virtio device.</summary>
public interface IArgumentResolver
{
    /// <summary>Resolves an argument.</summary>
    /// <param name="argument">As it stands on the command line.</param>
    /// <returns>Null where it is not of a form that this resolver knows: it is then an argument like any other.</returns>
    ArgumentResolution? Resolve(string argument);
}
