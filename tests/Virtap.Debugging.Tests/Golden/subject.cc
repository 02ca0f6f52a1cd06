#include <stdio.h>
#include <unistd.h>

namespace space {
struct Inner { int a = 1; char b = 'b'; };
int counter = 5;
enum Plain { FIRST, SECOND = 4 };
enum class Scoped : unsigned char { ONE = 1, TWO };
namespace deeper { long value = 77; struct Deep { Inner inner; } deep; }
inline int twice(int v) { return 2 * v; }
}

namespace { struct Hidden { int h = 9; } hidden; int secret = 42; }

class Base {
public:
    int base_value = 1;
    static int shared;
    int get() const { return base_value; }
protected:
    short guarded = 2;
private:
    char own = 'o';
};
int Base::shared = 99;

struct Second { long second = 2; };

class Derived : public Base, private Second {
public:
    Derived(int v) : derived_value(v) {}
    int derived_value;
    space::Inner inner;
    static const char *label;
    Derived *next = nullptr;
    int sum(int a, const char *b);
    static int make();
};
const char *Derived::label = "derived";
int Derived::sum(int a, const char *b) { return a + b[0] + derived_value; }
int Derived::make() { return 3; }

struct Shape { virtual ~Shape() {} virtual double area() const { return 0; } int id = 6; };
struct Circle : Shape { double radius = 2; double area() const override { return radius * 3; } };

template <typename T, int N> struct Box { T value; T items[N]; T first() { return items[0]; } };

struct Empty {};
struct FromEmpty : Empty { int x = 3; };
struct OnlyStatic { static int s; };
int OnlyStatic::s = 8;
union Number { int i; float f; };
struct WithEnum { enum Kind { A, B } kind = B; enum class Mode { X, Y } mode = Mode::Y; bool flag = true; };
struct Refs { int &r; const Base &b; int &&moved; };

Derived derived(7);
Derived *to_derived = &derived;
Base *to_base = &derived;
Circle circle;
Shape *shape = &circle;
Box<int, 2> box = { 1, { 2, 3 } };
Box<space::Inner, 1> box_inner;
space::Inner inner;
space::Inner *to_inner = &inner;
space::Plain plain = space::SECOND, plain_odd = (space::Plain)9;
space::Scoped scoped = space::Scoped::TWO;
FromEmpty from_empty;
Empty empty;
OnlyStatic only_static;
Number number = { 5 };
WithEnum with_enum;
int integer = 11, other = 12;
int &reference = integer;
const int &constant_reference = other;
Base &base_reference = derived;
int moved_value = 13;
int &&rvalue = (int &&)moved_value;
Refs refs = { integer, derived, (int &&)moved_value };
bool truth = true;
char16_t letter16 = u'x';
wchar_t wide = L'w';
char text[8] = "text";
int (*function)(int) = space::twice;
int overloaded(int v) { return v; }
double overloaded(double v) { return v; }
Derived derived_array[2] = { Derived(1), Derived(2) };
unsigned long ulong_value = 5;
const Base constant_base;
volatile int unsteady = 3;

int main(int argc, char **argv)
{
    (void)hidden.h;
    derived.next = &derived;
    puts("ready");
    fflush(stdout);
    pause();
    return derived.sum(1, "x") + Derived::make() + secret + overloaded(1) + (int)overloaded(2.0) + (int)shape->area() + box.first()
        + derived.get() + (int)space::deeper::value + space::counter + argc + (argv ? 1 : 0);
}
