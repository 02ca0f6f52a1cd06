using Virtap.Language;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Lowering;

/// <summary>What in the script can raise errors, in SystemTap's words: "operator '/'", "identifier 'x'", "keyword".</summary>
internal sealed class SiteTable
{
    private readonly Dictionary<ErrorSite, int> _numbers = [];
    private readonly List<ErrorSite> _sites = [];

    public IReadOnlyList<ErrorSite> Sites => _sites;

    /// <summary>The number of such a site; <paramref name="operand"/> names what is read there, for a read fault.</summary>
    public int Of(SourceSpan span, string? operand = null)
    {
        var site = new ErrorSite(span.DescribeToken(), span.ToString(), operand);
        if (!_numbers.TryGetValue(site, out int number))
        {
            number = _sites.Count;
            _sites.Add(site);
            _numbers[site] = number;
        }

        return number;
    }
}
