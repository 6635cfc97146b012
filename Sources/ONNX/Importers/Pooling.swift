import Inference

extension ImporterTable {
  static let pooling: [String: ImporterEntry] = [
    "MaxPool": entry(1...1) { MaxPool(window: try window($0)) },
    "AveragePool": entry(1...1) {
      AveragePool(window: try window($0), countsPadding: try $0.flag("count_include_pad"))
    },
    "LpPool": entry(1...1) { LpPool(window: try window($0), p: try $0.int("p", default: 2)) },
    "GlobalAveragePool": entry(1...1) { _ in GlobalAveragePool() },
    "GlobalMaxPool": entry(1...1) { _ in GlobalMaxPool() },
  ]

  static func window(_ context: ImportContext) throws -> Window {
    let attributes = try context.windowAttributes()
    guard let kernel = attributes.kernel else { throw OperatorError("lacks the attribute 'kernel_shape'") }
    // The order of MaxPool's second output, which is not supported.
    _ = try context.int("storage_order")
    return Window(
      kernel: kernel, strides: attributes.strides, dilations: attributes.dilations, padding: attributes.padding,
      ceilMode: try context.flag("ceil_mode"))
  }
}
