import Inference

extension ImporterTable {
  /// Conv, ConvTranspose, and onnxruntime's FusedConv.
  static let convolutions: [String: ImporterEntry] = [
    "Conv": ImporterEntry(conv)
  ]

  private static func conv(_ context: ImportContext) throws -> any Operator {
    try context.expectInputs(2...3)
    let window = try context.windowAttributes()
    if let kernel = window.kernel, let weights = context.constant(1)?.shape {
      let extent =
        weights.rank == 3 ? Spatial(1, weights[2]) : weights.rank == 4 ? Spatial(weights[2], weights[3]) : nil
      guard extent == nil || extent == kernel else {
        throw OperatorError("has kernel_shape \(kernel) but weights of \(weights)")
      }
    }
    return Conv(
      strides: window.strides, dilations: window.dilations, padding: window.padding,
      groups: try context.int("group", default: 1))
  }
}
