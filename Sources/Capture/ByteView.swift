/// Bytes that may lie: every read is checked, and gives nil behind the end.
struct ByteView {
  let bytes: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var count: Int { bytes.count }

  /// A part; nil unless it lies wholly inside.
  func part(_ offset: Int, _ count: Int) -> ByteView? {
    guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else { return nil }
    return ByteView(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count]))
  }

  /// Everything from here on.
  func tail(_ offset: Int) -> ByteView? { part(offset, count - offset) }

  /// An unsigned number of so many bytes.
  func number(_ offset: Int, bytes width: Int, littleEndian: Bool = false) -> Int? {
    guard (1...7).contains(width), let part = part(offset, width) else { return nil }
    return (littleEndian ? Array(part.bytes.reversed()) : Array(part.bytes)).reduce(0) { $0 << 8 | Int($1) }
  }

  /// True when these letters stand here.
  func has(_ letters: StaticString, at offset: Int = 0) -> Bool {
    guard let part = part(offset, letters.utf8CodeUnitCount) else { return false }
    return letters.withUTF8Buffer { zip($0, part.bytes).allSatisfy { $0 == $1 } }
  }

  /// Where these letters first stand.
  func find(_ letters: StaticString) -> Int? {
    let first = letters.withUTF8Buffer { $0.first }
    return bytes.indices.first { bytes[$0] == first && has(letters, at: $0) }
  }
}
