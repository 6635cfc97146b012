/// Bytes of JSON text (RFC 8259), written by hand into memory that is used again and again: no allocation per line
/// once it is large enough, and no locale.
struct JSONBuffer {
  private(set) var bytes: [UInt8] = []

  init() { bytes.reserveCapacity(4096) }

  /// Forgets the text and keeps the memory.
  mutating func clear() { bytes.removeAll(keepingCapacity: true) }

  /// Punctuation and keys, as they are.
  mutating func raw(_ text: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Text that is JSON already.
  mutating func raw(_ text: [UInt8]) { bytes.append(contentsOf: text) }

  /// A string in quotation marks. Control characters and U+2028/9 stay valid everywhere.
  mutating func string(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): raw("\\\"")
      case UInt8(ascii: "\\"): raw("\\\\")
      case 0x0a: raw("\\n")
      case 0x0d: raw("\\r")
      case 0x09: raw("\\t")
      case 0..<0x20, 0x7f:
        raw("\\u00")
        bytes.append(Self.hex(byte >> 4))
        bytes.append(Self.hex(byte & 15))
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// A whole number.
  mutating func integer(_ value: some FixedWidthInteger) {
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    var rest = UInt64(value.magnitude)
    let start = bytes.count
    repeat {
      bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    bytes[start...].reverse()
  }

  /// A number rounded to so many decimals, without trailing zeros; null when it is not finite.
  mutating func decimal(_ value: Double, places: Int) {
    guard value.isFinite else { return raw("null") }
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let scaled = (value.magnitude * scale).rounded(.toNearestOrEven)
    // Beyond 2^53 there are no decimals to round: Swift's shortest form is exact (and rare).
    guard scaled < 9e15 else { return bytes.append(contentsOf: String(value).utf8) }
    var (whole, fraction) = (UInt64(scaled) / UInt64(scale), UInt64(scaled) % UInt64(scale))
    if value < 0 && scaled > 0 { bytes.append(UInt8(ascii: "-")) }
    integer(whole)
    guard fraction > 0 else { return }
    bytes.append(UInt8(ascii: "."))
    whole = UInt64(scale)
    while fraction > 0 {
      whole /= 10
      bytes.append(UInt8(ascii: "0") + UInt8(fraction / whole))
      fraction %= whole
    }
  }

  private static func hex(_ digit: UInt8) -> UInt8 {
    digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
  }
}
