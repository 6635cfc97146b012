import Inference
import Tensors

extension ImporterTable {
  /// Constant: its elements become a constant of the graph.
  static let constants: [String: ImporterEntry] = [
    "Constant": ImporterEntry(constant: constant)
  ]

  private static func constant(_ context: ImportContext) throws -> Tensor {
    if let tensor = try context.tensor("value") { return tensor }
    if let number = try context.float("value_float") { return Tensor([number], []) }
    if let numbers = try context.floats("value_floats") { return Tensor(numbers, [numbers.count]) }
    if case .int(let number)? = context.value("value_int") { return Tensor([Int(number)], []) }
    if case .ints(let numbers)? = context.value("value_ints") {
      return Tensor(numbers.map { Int($0) }, [numbers.count])
    }
    throw OperatorError("holds no number: only tensors, floats and integers are supported")
  }
}
