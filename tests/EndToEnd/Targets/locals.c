/* Variables that are not simply in memory: as long as the run decides, of a thread, in vector registers, known to callers alone. */
#include <signal.h>

static __thread struct pair { int a; double b; } own_pair = { 3, 4.5 };
__thread int own = 5;
static int hits;
volatile double sink;

__attribute__((noinline)) int variable_length(int n, int m)
{
    int rows[n];
    char text[n + 1];
    int grid[n][m];

    for (int i = 0; i < n; i++) {
        rows[i] = i * i;
        text[i] = 'a' + i;
        for (int j = 0; j < m; j++)
            grid[i][j] = i * 10 + j;
    }
    text[n] = 0;
    hits += rows[n - 1] + text[0] + grid[1][1];
    return hits;
}

__attribute__((noinline)) double mix(double x, float y, int n)
{
    double t = x * y + n;

    sink = t;
    return t + own_pair.b + sink;
}

__attribute__((noinline)) int last(int n)
{
    hits += n;
    return hits;
}

__attribute__((noinline)) int middle(int n)
{
    return last(n + 1);
}

__attribute__((noinline)) int first(int n)
{
    return middle(n * 2);
}

static void on_signal(int number)
{
    hits += number;
}

int main(int argc, char **argv)
{
    double r;

    signal(SIGUSR1, on_signal);
    own += variable_length(4 + argc, 3);
    raise(SIGUSR1);
    r = mix(argc + 0.5, argc + 2.0f, 7);
    own_pair.a += first(argc) + (int)r;
    return own_pair.a > 0 ? 0 : 1;
}
