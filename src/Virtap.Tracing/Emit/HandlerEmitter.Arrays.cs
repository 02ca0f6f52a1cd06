using Virtap.Bpf.Instructions;
using Virtap.Tracing.Emit.Routines;
using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Emit;

/// <summary>Array elements: the keys go into a block on the stack, a routine made for the array's shape does the rest.</summary>
internal sealed partial class HandlerEmitter
{
    private void EvaluateFind(FindEntry find) => WithKeys(find.Array, find.Keys, () => _routines.Call(Routine.Find(find.Array)));

    private void EmitEnter(EnterEntry enter)
    {
        WithKeys(enter.Array, enter.Keys, () => _routines.Call(Routine.Enter(enter.Array)));
        if (!enter.Array.Wraps)
            _code.Jump(BpfCondition.Equal, BpfRegister.R0, 0, RaiseCold(RuntimeError.ArrayOverflow, enter.Site, () => _code.Move(BpfRegister.R0, enter.Array.SizeLimit)));
        PointToSlot(BpfRegister.R1, enter.Into.Offset);
        _code.Store(BpfSize.Double, BpfRegister.R1, 0, BpfRegister.R0);
    }

    private void EmitDelete(DeleteEntry delete) => WithKeys(delete.Array, delete.Keys, () => _routines.Call(Routine.Delete(delete.Array)));

    /// <summary>
    /// Evaluates keys into a block of words, the first of which is the routine's (it leaves the hash there), and calls with R1 pointing to it.
    /// A string key is its memory offset.
    /// </summary>
    private void WithKeys(ArrayLayout array, IReadOnlyList<LoweredKey> keys, Action call)
    {
        RequireLoops($"array '{array.Name}'");
        WithTemporary(keys.Count + 1, block =>
        {
            for (int i = 0; i < keys.Count; i++)
            {
                if (keys[i].Long is { } number)
                    Evaluate(number);
                else
                    EvaluateString(keys[i].String!);
                _code.Store(BpfSize.Double, BpfRegister.R10, block + 8 + (i * 8), BpfRegister.R0);
            }

            _code.Store(BpfSize.Double, BpfRegister.R10, block, 0);
            _code.Move(BpfRegister.R1, BpfRegister.R10);
            _code.Alu(BpfAluOperator.Add, BpfRegister.R1, block);
            call();
        });
    }
}
