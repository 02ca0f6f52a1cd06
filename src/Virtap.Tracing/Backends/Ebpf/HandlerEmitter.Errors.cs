using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>
/// Raising an error writes what went wrong into the context and goes to the unit's error label: a catch, or the way out. At the handler's
/// end an error nobody caught becomes a record.
/// </summary>
internal sealed partial class HandlerEmitter
{
    /// <summary>
    /// A label, off the hot path, that raises an error; its value is what <paramref name="loadValue"/> leaves in R0, or 0.
    /// </summary>
    private BpfLabel RaiseCold(RuntimeError error, int site, Action? loadValue = null)
    {
        BpfLabel target = _unit.Error;
        return Cold(() =>
        {
            if (loadValue is null)
                _code.Move(BpfRegister.R0, 0);
            else
                loadValue();
            EmitErrorCells(error, site);
            _code.Store(BpfSize.Double, Context, ContextCells.ErrorValue, BpfRegister.R0);
            _code.Jump(target);
        });
    }

    private void EmitErrorCells(RuntimeError error, int site)
    {
        _code.Store(BpfSize.Double, Context, ContextCells.Error, (int)error);
        _code.Store(BpfSize.Double, Context, ContextCells.ErrorSite, site);
    }

    /// <summary>The record of an error that nobody caught, behind what the handler printed before it.</summary>
    private void EmitErrorRecord()
    {
        _code.Comment("report the error");
        BpfLabel hasText = _code.NewLabel();
        _code.Load(BpfSize.Double, BpfRegister.R1, Context, ContextCells.Error);
        _code.Jump(BpfCondition.Equal, BpfRegister.R1, (int)RuntimeError.Raised, hasText);
        _code.Store(BpfSize.Double, Context, ContextCells.ErrorText, 0);
        _code.Bind(hasText);
        WriteItem(RecordFormat.Error, RecordFormat.ErrorBytes(TextBytes), () =>
        {
            ReadOnlySpan<int> cells = [ContextCells.Error, ContextCells.ErrorSite, ContextCells.ErrorValue];
            foreach (int cell in cells)
            {
                _code.Load(BpfSize.Double, BpfRegister.R0, Context, cell);
                AppendLong();
            }

            OffsetOfSlot(BpfRegister.R0, ContextCells.ErrorText);
            AppendString();
        });

        BpfLabel within = _code.NewLabel();
        _code.LoadMapValue(BpfRegister.R1, EmitNames.Memory, SessionCells.Errors);
        _code.Move(BpfRegister.R2, 1);
        _code.Atomic(BpfAtomic.FetchAdd, BpfRegister.R1, 0, BpfRegister.R2);
        LoadGlobal(BpfRegister.R1, SessionCells.MaxErrors);
        _code.Jump(BpfCondition.SignedLess, BpfRegister.R2, BpfRegister.R1, within);
        _code.LoadMapValue(BpfRegister.R1, EmitNames.Memory, SessionCells.State);
        _code.Move(BpfRegister.R2, (int)SessionState.Failed);
        _code.Store(BpfSize.Double, BpfRegister.R1, 0, BpfRegister.R2);
        _code.Bind(within);
    }
}
