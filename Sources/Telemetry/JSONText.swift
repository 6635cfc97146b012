import Foundation

/// How the program writes JSON: keys in snake case and in alphabetical order, UTF-8. JSON has no words for numbers that are not
/// finite: these become strings.
package enum JSONText {
  /// The JSON of a value, without a newline at its end; `indented` for people to read.
  package static func data(_ value: some Encodable, indented: Bool = false) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if indented { encoder.outputFormatting.insert(.prettyPrinted) }
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let data = try encoder.encode(value)
    // Names that are not UTF-8, which JSON must be.
    guard data.contains(0xF4) else { return data }
    return Data(String(decoding: data, as: UTF8.self).shown(by: #"\\x"#).utf8)
  }
}

/// A value that is written as null where it is not known, instead of being left out.
@propertyWrapper package struct Nullable<Value: Encodable>: Encodable {
  package var wrappedValue: Value?

  package init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

  /// Writes the value, or null.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
  }
}

extension Nullable: Sendable where Value: Sendable {}

extension BinaryFloatingPoint {
  /// The number with so many decimals; nil when it is not finite.
  package func rounded(toPlaces places: Int) -> Double? {
    guard isFinite else { return nil }
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    return (Double(self) * scale).rounded() / scale
  }
}
