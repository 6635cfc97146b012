import Foundation
import TOML
import Telemetry
import Tensors

/// What a `model.toml` beside the model says; nil where it says nothing.
package struct Sidecar: Sendable {
  package var path: String
  /// The model's name and description for people.
  package var name: String?, description: String?
  package var labels: [String]?
  package var size: (height: Int, width: Int)?
  /// How a wide picture meets the input.
  package var fit: Fit?
  package var resizeTo: Int?
  package var color: ColorOrder?
  package var interpolation: Interpolation?
  /// Factor on the 0…255 values.
  package var scale: Float?
  /// Subtracted after scaling.
  package var mean: [Float]?
  /// Divides last.
  package var std: [Float]?
  /// How many entries of the output come before the first label; negative: how many labels come before the first entry.
  package var classOffset: Int?
  package var activation: OutputActivation?
  /// The ONNX name of the output that holds the class scores.
  package var output: String?

  /// Reads a sidecar. Throws a sentence that names the file and the key.
  package init(path: String) throws {
    self.path = path
    var root = TableReader(path: path, prefix: "", table: try TOMLFile.read(path))
    name = try root.text("name")
    description = try root.text("description")
    labels = try Self.labels(&root, beside: path)
    var input = try root.table("input")
    size = try input.pair("size")
    fit = try input.word("resize")
    resizeTo = try input.positive("resize_to")
    color = try input.word("color")
    interpolation = try input.word("interpolation")
    scale = try input.number("scale")
    mean = try input.numbers("mean")
    std = try input.numbers("std")
    try input.finish()
    var classes = try root.table("classes")
    classOffset = try classes.integer("offset", -1_000_000...1_000_000)
    try classes.finish()
    var output = try root.table("output")
    activation = try output.word("activation")
    self.output = try output.text("name")
    try output.finish()
    try root.finish()
  }

  private static func labels(_ root: inout TableReader, beside path: String) throws -> [String]? {
    switch root.take("labels")?.value {
    case nil: return nil
    case .text(let file):
      return try Labels.read(path.folder.appending(name: try expanded(String(fileName: file.utf8), in: path)))
    case .list(let values):
      return try values.map { value in
        guard case .text(let name) = value.value else { throw root.wrong("labels", "a list of texts or a file name") }
        return name
      }
    default: throw root.wrong("labels", "a list of texts or a file name")
    }
  }
}

/// A file name with `${NAME}` replaced by the environment's value.
private func expanded(_ file: String, in path: String) throws -> String {
  guard let start = file.range(of: "${"), let end = file[start.upperBound...].firstIndex(of: "}") else { return file }
  let name = String(file[start.upperBound..<end])
  guard let value = Files.environment(name) else {
    throw UserError("\(path): 'labels' names the environment variable \(name), which is not set.", .configuration)
  }
  return file[..<start.lowerBound] + value + (try expanded(String(file[file.index(after: end)...]), in: path))
}

/// Takes known keys out of a table; what is left at the end is a mistake.
private struct TableReader {
  let path: String, prefix: String
  var table: [String: TOMLNode]
  var known: [String] = []

  mutating func take(_ key: String) -> TOMLNode? {
    known.append(key)
    return table.removeValue(forKey: key)
  }

  mutating func text(_ key: String) throws -> String? {
    guard let value = take(key) else { return nil }
    guard case .text(let text) = value.value else { throw wrong(key, "a text") }
    return text
  }

  mutating func word<W: RawRepresentable & CaseIterable>(_ key: String) throws -> W? where W.RawValue == String {
    guard let text = try text(key) else { return nil }
    guard let word = W(rawValue: text) else {
      let words = W.allCases.map(\.rawValue)
      throw wrong(key, "one of \(words.joined(separator: ", "))", suggestion(for: text, among: words))
    }
    return word
  }

  mutating func number(_ key: String) throws -> Float? {
    guard let value = take(key) else { return nil }
    return try number(value, key)
  }

  mutating func numbers(_ key: String) throws -> [Float]? {
    guard let value = take(key) else { return nil }
    guard case .list(let values) = value.value else { return [try number(value, key)] }
    return try values.map { try number($0, key) }
  }

  mutating func integer(_ key: String, _ range: ClosedRange<Int>) throws -> Int? {
    guard let value = take(key) else { return nil }
    guard case .integer(let number) = value.value, range.contains(number) else {
      throw wrong(key, "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  mutating func positive(_ key: String) throws -> Int? {
    guard let value = take(key) else { return nil }
    return try pixels(value, key)
  }

  mutating func pair(_ key: String) throws -> (Int, Int)? {
    guard let value = take(key) else { return nil }
    if case .list(let values) = value.value, values.count == 2 {
      return (try pixels(values[0], key), try pixels(values[1], key))
    }
    let side = try pixels(value, key)
    return (side, side)
  }

  mutating func table(_ key: String) throws -> TableReader {
    guard let value = take(key) else { return TableReader(path: path, prefix: "\(key).", table: [:]) }
    guard case .table(let inner) = value.value else { throw wrong(key, "a table, [\(key)]") }
    return TableReader(path: path, prefix: "\(key).", table: inner)
  }

  func finish() throws {
    guard let key = table.keys.sorted().first else { return }
    throw UserError(
      "\(path): there is no key '\(prefix)\(key)'\(suggestion(for: key, among: known)).", .configuration)
  }

  func wrong(_ key: String, _ expected: String, _ hint: String = "") -> UserError {
    UserError("\(path): '\(prefix)\(key)' must be \(expected)\(hint).", .configuration)
  }

  private func number(_ value: TOMLNode, _ key: String) throws -> Float {
    switch value.value {
    case .integer(let number): return Float(number)
    case .number(let number?) where abs(number) < 1e30: return Float(number)
    default: throw wrong(key, "a finite number, or a list of them")
    }
  }

  private func pixels(_ value: TOMLNode, _ key: String) throws -> Int {
    guard case .integer(let pixels) = value.value, (1...16384).contains(pixels) else {
      throw wrong(key, "from 1 to 16384 pixels")
    }
    return pixels
  }
}
