import Telemetry

/// How a word of the command line becomes a value.
package struct ValueKind<Value: Sendable>: Sendable {
  /// What stands for the value in the help.
  package let placeholder: String
  /// Every possible word, where there is a list of them.
  package var words: [String] = []
  /// A value may hold commas, as names of files and addresses do.
  var hasCommas = false
  /// Writes a value as the help shows a default.
  package var word: @Sendable (Value) -> String = { "\($0)" }
  /// Throws a sentence for a word that means no value.
  package let read: @Sendable (String) throws -> Value

  /// A kind of its own; `read` throws a sentence for a word that means no value.
  package init(_ placeholder: String, read: @escaping @Sendable (String) throws -> Value) {
    (self.placeholder, self.read) = (placeholder, read)
  }

  /// The same for values that may hold commas.
  package var withCommas: ValueKind {
    var kind = self
    kind.hasCommas = true
    return kind
  }

  /// A kind of its own; where `read` gives nil the user is told what is needed, in a sentence without a period.
  package init(_ placeholder: String, needed sentence: String, read: @escaping @Sendable (String) -> Value?) {
    self.init(placeholder) { text in
      guard let value = read(text) else { throw UserError(sentence, .usage) }
      return value
    }
  }
}

extension ValueKind where Value == String {
  /// Any text.
  package static func text(_ placeholder: String) -> ValueKind { ValueKind(placeholder) { $0 } }

  package static var file: ValueKind { .text("FILE").withCommas }
}

extension ValueKind where Value == Int {
  /// A whole number in the range.
  package static func integer(_ range: ClosedRange<Int>) -> ValueKind {
    ValueKind("N", needed: "a whole number from \(range.lowerBound) to \(range.upperBound) is needed") { text in
      Int(text).flatMap { range.contains($0) ? $0 : nil }
    }
  }
}

extension ValueKind where Value: BinaryFloatingPoint & LosslessStringConvertible {
  /// A number in the range.
  package static func number(_ range: ClosedRange<Value>) -> ValueKind {
    let sentence = "a number from \(plain(range.lowerBound)) to \(plain(range.upperBound)) is needed"
    var kind = ValueKind("N", needed: sentence) { text in
      Value(text).flatMap { range.contains($0) ? $0 : nil }
    }
    kind.word = plain
    return kind
  }

  /// A number as people write it: no `.0` behind a whole one.
  @Sendable private static func plain(_ number: Value) -> String {
    let text = String(number)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

extension ValueKind where Value: CaseIterable & RawRepresentable<String> {
  package static var choice: ValueKind {
    let words = Value.allCases.map(\.rawValue)
    var kind = ValueKind(words.joined(separator: "|")) { text in
      if let value = Value(rawValue: text) { return value }
      throw UserError(
        "one of \(words.joined(separator: ", ")) is needed\(suggestion(for: text, among: words))", .usage)
    }
    (kind.words, kind.word) = (words, { $0.rawValue })
    return kind
  }
}

extension ValueKind where Value == Double {
  /// Seconds, from `90`, `1.5`, `1:30` or `0:01:30.5`.
  package static var time: ValueKind {
    ValueKind("TIME", needed: "a time is needed, such as 90, 1.5, 1:30 or 0:01:30.5", read: parseTime)
  }
}

/// Seconds from `90`, `1.5`, `1:30` or `0:01:30.5`; nil for anything else.
@Sendable func parseTime(_ text: String) -> Double? {
  let parts = text.split(separator: ":", omittingEmptySubsequences: false)
  guard (1...3).contains(parts.count) else { return nil }
  var seconds = 0.0
  for (index, part) in parts.enumerated() {
    guard let value = Double(part), value.isFinite, value >= 0, value < 1e9 else { return nil }
    let isLast = index == parts.count - 1
    // Minutes and seconds after a colon run to 59; only seconds have a fraction.
    guard isLast || value == value.rounded(), index == 0 || value < 60 else { return nil }
    seconds = seconds * 60 + value
  }
  return seconds
}
