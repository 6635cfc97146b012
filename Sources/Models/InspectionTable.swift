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

  private func extents(_ shape: [Int]) -> String {
    shape.isEmpty ? "scalar" : shape.map(String.init).joined(separator: "x")
  }

  /// Height and width, or one number when they are equal.
  private func pair(_ numbers: [Int]) -> String {
    numbers[0] == numbers[1] ? "\(numbers[0])" : "\(numbers[0])x\(numbers[1])"
  }

  /// As in 1,235,496.
  private func grouped(_ number: Int) -> String {
    var (digits, groups) = (Substring(String(number)), [Substring]())
    while digits.count > 3 {
      groups.insert(digits.suffix(3), at: 0)
      digits = digits.dropLast(3)
    }
    return ([digits] + groups).joined(separator: ",")
  }

  /// Three significant digits with k, M, G or T, as in 349 M.
  private func short(_ number: Int) -> String {
    let units = ["", " k", " M", " G", " T"]
    var (value, unit) = (Double(number), 0)
    while value >= 999.5 && unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
    let digits = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
    return String(format: "%.\(digits)f", value) + units[unit]
  }

  /// A long name without its middle.
  private func shortened(_ name: String, to limit: Int = 36) -> String {
    guard name.count > limit else { return name }
    return name.prefix(limit / 3) + "…" + name.suffix(limit - limit / 3 - 1)
  }

  /// Names come from files: what would move the cursor or break a line is shown as a question mark.
  private func printable(_ line: String) -> String {
    guard line.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return line }
    let scalars = line.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }
    return String(String.UnicodeScalarView(scalars))
  }
}

/// A column of a table.
private struct Column {
  let title: String
  let alignsRight: Bool

  init(_ title: String, alignsRight: Bool = false) { (self.title, self.alignsRight) = (title, alignsRight) }
}

/// The heading and the rows, each column as wide as its widest cell, two spaces between columns.
private func align(_ columns: [Column], _ rows: [[String]]) -> [String] {
  let all = [columns.map(\.title)] + rows
  let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
  return all.map { row in
    let cells = row.enumerated().map { index, cell in
      let space = String(repeating: " ", count: widths[index] - cell.count)
      return columns[index].alignsRight ? space + cell : cell + space
    }
    let line = cells.joined(separator: "  ")
    return String(line.reversed().drop { $0 == " " }.reversed())
  }
}
