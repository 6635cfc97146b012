import Inference
import Tensors

extension ImporterTable {
  /// Reductions and searches along axes.
  static let reductions: [String: ImporterEntry] = Dictionary(
    uniqueKeysWithValues: Reduction.allCases.map { ($0.rawValue, reduce($0)) }
      + [
        ("ArgMax", argMax(picksSmallest: false)), ("ArgMin", argMax(picksSmallest: true)),
        (
          "CumSum",
          entry(2...2) { CumSum(isExclusive: try $0.flag("exclusive"), isReverse: try $0.flag("reverse")) }
        ),
        ("ReduceLogSumExp", entry(1...2, logSumExp)),
        ("TopK", entry(1...2, outputs: 2, topK)),
      ])

  /// Opset 18 (of ReduceSum, 13) turned the axes from an attribute into an input.
  private static func reduce(_ reduction: Reduction) -> ImporterEntry {
    entry(1...2) { context in
      Reduce(
        reduction, axes: try context.ints("axes"), keepsAxes: try context.flag("keepdims", default: true),
        doesNothingWithoutAxes: try context.flag("noop_with_empty_axes"))
    }
  }

  /// max + log Σ exp(x - max), which no large number overflows.
  private static func logSumExp(_ context: ImportContext) throws -> any Operator {
    let (axes, keeps) = (try context.ints("axes"), try context.flag("keepdims", default: true))
    let doesNothing = try context.flag("noop_with_empty_axes")
    func reduce(_ kind: Reduction, keepsAxes: Bool) -> Reduce {
      Reduce(kind, axes: axes, keepsAxes: keepsAxes, doesNothingWithoutAxes: doesNothing)
    }
    let rest = Array(context.inputs.dropFirst())
    let shift = context.emit(reduce(.maximum, keepsAxes: true), context.inputs)
    let exponentials = context.emit(Exp(), [context.emit(Sub(), [context.inputs[0], shift])])
    let sum = context.emit(reduce(.sum, keepsAxes: keeps), [exponentials] + rest)
    context.inputs = [context.emit(Log(), [sum]), context.emit(reduce(.maximum, keepsAxes: keeps), context.inputs)]
    return Add()
  }

  private static func argMax(picksSmallest: Bool) -> ImporterEntry {
    entry(1...1) { context in
      ArgMax(
        axis: try context.int("axis", default: 0), keepsAxis: try context.flag("keepdims", default: true),
        selectsLast: try context.flag("select_last_index"), picksSmallest: picksSmallest)
    }
  }

  /// Opset 10 turned k from an attribute into an input. The order is always sorted, also where the model does not care.
  private static func topK(_ context: ImportContext) throws -> any Operator {
    if context.opset < 10 { context.setInput(1, Tensor([try required(context.int("k"), "k")], [1])) }
    try context.expectInputs(2...2)
    _ = try context.flag("sorted")
    return TopKOperator(
      axis: try context.int("axis", default: -1), picksLargest: try context.flag("largest", default: true))
  }
}
