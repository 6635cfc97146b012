import Foundation
import Settings
import Telemetry

extension ValueKind where Value == Double {
  /// Seconds, from words such as `500ms`, `2s`, `10m`, `1.5h` or `7d`.
  static var span: ValueKind {
    var kind = ValueKind("SPAN", needed: "a length of time is needed, such as \"2s\", \"10m\", \"1h\" or \"7d\"") {
      text in
      guard let unit = spanUnits.first(where: { text.hasSuffix($0.name) }) else { return nil }
      return Double(text.dropLast(unit.name.count)).flatMap { number in
        number.isFinite && (0...1e9).contains(number * unit.seconds) ? number * unit.seconds : nil
      }
    }
    kind.word = { seconds in
      let unit = spanUnits.last { $0.seconds <= seconds && (seconds / $0.seconds).rounded() == seconds / $0.seconds }
      return unit.map { "\(Int(seconds / $0.seconds))\($0.name)" } ?? "\(seconds)s"
    }
    return kind
  }
}

/// The longer names first where one ends in another.
private let spanUnits: [(name: String, seconds: Double)] = [
  ("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400),
]

extension ValueKind where Value == Int {
  /// Bytes, from words such as `500MB`, `20GB` or `1GiB`.
  static var bytes: ValueKind {
    ValueKind("SIZE", needed: "a size is needed, such as \"500MB\", \"20GB\" or \"1TB\"") { text in
      let units: [(String, Double)] = [
        ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824), ("TiB", 1_099_511_627_776), ("kB", 1e3), ("KB", 1e3),
        ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("B", 1),
      ]
      guard let (name, factor) = units.first(where: { text.hasSuffix($0.0) }) else { return nil }
      let number = text.dropLast(name.count)
      return Double(number.hasSuffix(" ") ? number.dropLast() : number).flatMap { number in
        (0...9e18).contains(number * factor) ? Int(number * factor) : nil
      }
    }
  }
}

/// A size in bytes, which a file writes as a text with its unit.
package struct ByteSize: Sendable, Hashable {
  package var bytes: Int
  static let kind = ValueKind<ByteSize>("SIZE") { ByteSize(bytes: try ValueKind<Int>.bytes.read($0)) }
}

/// A length of time, which a file writes as a text with its unit.
package struct TimeSpan: Sendable, Hashable {
  package var seconds: Double

  /// From `shortest` to `longest` seconds.
  static func kind(_ range: ClosedRange<Double>) -> ValueKind<TimeSpan> {
    let seconds = ValueKind<Double>.span
    var kind = ValueKind<TimeSpan>("SPAN") { text in
      let value = try seconds.read(text)
      guard range.contains(value) else {
        throw UserError(
          "from \"\(seconds.word(range.lowerBound))\" to \"\(seconds.word(range.upperBound))\" is possible, not \"\(text)\"",
          .configuration)
      }
      return TimeSpan(seconds: value)
    }
    kind.word = { seconds.word($0.seconds) }
    return kind
  }
}

extension ValueKind where Value == Bool {
  static var boolean: ValueKind {
    ValueKind("true|false", needed: "true or false is needed") { ["true": true, "false": false][$0] }
  }
}

/// A time of day: minutes since midnight, local time.
package struct TimeOfDay: Sendable, Hashable, Comparable {
  package var minutes: Int

  /// Earlier times come first.
  package static func < (a: Self, b: Self) -> Bool { a.minutes < b.minutes }

  static let kind: ValueKind<TimeOfDay> = {
    var kind = ValueKind<TimeOfDay>("HH:MM", needed: "a time of day is needed, such as \"07:30\" or \"22:00\"") {
      text in
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let hour = Int(parts[0]), let minute = Int(parts[1]), (0...24).contains(hour),
        (0...59).contains(minute), hour < 24 || minute == 0
      else { return nil }
      return TimeOfDay(minutes: hour * 60 + minute)
    }
    kind.word = { String(format: "%02d:%02d", $0.minutes / 60, $0.minutes % 60) }
    return kind
  }()
}

/// What names a camera, a rule: it stands in addresses, names of files and topics.
enum Name {
  static let kind = ValueKind<String>(
    "NAME", needed: "a name of 1 to 64 letters, digits, - and _ is needed, such as \"front-door\""
  ) { text in
    let isPlain = text.utf8.allSatisfy { byte in
      let letter = Character(UnicodeScalar(byte))
      return letter.isASCII && (letter.isLetter || letter.isNumber || letter == "-" || letter == "_")
    }
    return isPlain && (1...64).contains(text.utf8.count) ? text : nil
  }
}
