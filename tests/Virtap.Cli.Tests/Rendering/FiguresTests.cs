using Virtap.Cli.Rendering;

namespace Virtap.Cli.Tests.Rendering;

public class FiguresTests
{
    [Theory]
    [InlineData(0.085, "85 ms")]
    [InlineData(1.44, "1.4 s")]
    [InlineData(125, "2 min 5 s")]
    [InlineData(7265, "2 h 1 min")]
    [InlineData(280800, "3 d 6 h")]
    public void Durations_have_the_units_that_suit_them(double seconds, string expected) =>
        Assert.Equal(expected, Figures.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0, "0 ns")]
    [InlineData(999, "999 ns")]
    [InlineData(999.7, "1.00 µs")]
    [InlineData(12345, "12.3 µs")]
    [InlineData(99960, "100 µs")]
    [InlineData(9.98e6, "9.98 ms")]
    [InlineData(1.2e9, "1.20 s")]
    [InlineData(4711e9, "4,711 s")]
    public void Short_times_have_three_digits(double time, string expected) => Assert.Equal(expected, Figures.Nanoseconds(time));

    [Theory]
    [InlineData(new long[] { 1, 1, 1 }, "33.3% 33.3% 33.4%")]
    [InlineData(new long[] { 1, 1, 1, 1, 1, 1, 1 }, "14.2% 14.3% 14.3% 14.3% 14.3% 14.3% 14.3%")]
    [InlineData(new long[] { 0, 999_999, 1 }, "0.0% 99.9% 0.1%")]
    [InlineData(new long[] { 0, 0 }, "0.0% 0.0%")]
    public void Shares_add_up_to_all(long[] counts, string expected) => Assert.Equal(expected, string.Join(' ', Figures.Shares(counts)));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(8.46, "8.5")]
    [InlineData(412.4, "412")]
    [InlineData(62300.4, "62,300")]
    public void Rates_show_no_more_digits_than_they_have(double rate, string expected) => Assert.Equal(expected, Figures.Rate(rate));
}
