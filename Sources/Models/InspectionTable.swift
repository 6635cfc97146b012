import Foundation

extension Inspection {
  /// The table that `fovea inspect` prints, without a newline at its end.
  /// - Parameter explains: adds to each layer the formula for its output's extents.
  package func table(explains: Bool = false) -> String {
    let parts = [heading, layerLines(explains), totalLines, settingLines, warnings.map { "Warning: \($0)" }]
    return parts.filter { !$0.isEmpty }.map { $0.map(printable).joined(separator: "\n") }.joined(separator: "\n\n")
  }

  private var heading: [String] {
    let producer = [model.producer, model.producerVersion].filter { !$0.isEmpty }.joined(separator: " ")
    let maker = producer.isEmpty ? "" : ", written by \(producer)"
    let title = model.description.split(whereSeparator: \.isNewline).first.map { "\(model.name): \($0)" } ?? model.name
    return [title, "\(model.path): ONNX operator set \(model.opset)\(maker)"]
      + inputs.map { "takes   \($0.name): \($0.type) \(extents($0.shape))" }
      + outputs.map { "answers \($0.name): \($0.type) \(extents($0.shape))" }
  }

  // MARK: Layers

  private static let columns: [Column] = [
    Column("#", alignsRight: true), Column("layer"), Column("operator"), Column("output"),
    Column("parameters", alignsRight: true), Column("mult-adds", alignsRight: true),
    Column("sees", alignsRight: true), Column("every", alignsRight: true), Column("from", alignsRight: true),
    Column("value"),
  ]

  private func layerLines(_ explains: Bool) -> [String] {
    var lines = align(Self.columns, layers.map(cells))
    guard explains else { return lines }
    for (row, layer) in layers.enumerated().reversed() where !layer.explanation.isEmpty {
      // The first line is the heading.
      lines.insert("       \(layer.explanation)", at: row + 2)
    }
    return lines
  }

  private func cells(_ layer: Layer) -> [String] {
    let field = layer.receptiveField
    let seesAll = field?.stride == [0, 0]
    return [
      "\(layer.index)", shortened(layer.name), layer.op, extents(layer.outputShape),
      layer.parameters == 0 ? "" : grouped(layer.parameters), layer.multiplyAdds == 0 ? "" : short(layer.multiplyAdds),
      field.map { pair($0.size) } ?? "", seesAll ? "" : field.map { pair($0.stride) } ?? "",
      seesAll ? "" : field.map { pair($0.offset) } ?? "", layer.value,
    ]
  }

  // MARK: The rest

  private var totalLines: [String] {
    [
      "\(totals.layers) layers, \(grouped(totals.parameters)) parameters, \(short(totals.multiplyAdds)) multiply-adds per picture",
      "sees, every, from: the receptive field, its step between neighbours and where the first begins, in input pixels",
    ]
  }

  private var settingLines: [String] {
    let rows = settings.map { ["  \($0.key)", $0.value, "(\($0.origin))"] }
    return ["How a picture becomes the input, and the output classes:"]
      + align([Column(""), Column(""), Column("")], rows).dropFirst()
  }

  func extents(_ shape: [Int]) -> String {
    shape.isEmpty ? "scalar" : shape.map(String.init).joined(separator: "x")
  }

  /// Height and width, or one number when they are equal.
  private func pair(_ numbers: [Int]) -> String {
    numbers[0] == numbers[1] ? "\(numbers[0])" : "\(numbers[0])x\(numbers[1])"
  }
}
