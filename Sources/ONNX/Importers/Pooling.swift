import Inference

extension ImporterTable {
  static let pooling: [String: ImporterEntry] = [
    "MaxPool": ImporterEntry { MaxPool(window: try window($0)) },
    "AveragePool": ImporterEntry {
      AveragePool(window: try window($0), countsPadding: try $0.flag("count_include_pad"))
    },
    "LpPool": ImporterEntry { LpPool(window: try window($0), p: try $0.int("p", default: 2)) },
    "GlobalAveragePool": ImporterEntry { context in
      try context.expectInputs(1...1)
      return GlobalAveragePool()
    },
    "GlobalMaxPool": ImporterEntry { context in
      try context.expectInputs(1...1)
      return GlobalMaxPool()
    },
  ]

  private static func window(_ context: ImportContext) throws -> Window {
    try context.expectInputs(1...1)
    let attributes = try context.windowAttributes()
    guard let kernel = attributes.kernel else { throw OperatorError("lacks the attribute 'kernel_shape'") }
    // The order of MaxPool's second output, which is not supported.
    _ = try context.int("storage_order")
    return Window(
      kernel: kernel, strides: attributes.strides, dilations: attributes.dilations, padding: attributes.padding,
      ceilMode: try context.flag("ceil_mode"))
  }
}
