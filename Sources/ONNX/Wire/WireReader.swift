/// Reads the fields of one Protocol Buffers message, without copying, within the bounds of that message.
///
/// Encoding: protobuf.dev/programming-guides/encoding. Every tag, varint and length is checked against the message's end.
struct WireReader {
  /// Messages nested deeper than this are refused.
  static let maximumDepth = 32

  let source: ByteSource
  private(set) var position: Int
  private let end: Int, depth: Int

  init(_ source: ByteSource) {
    self.init(source, 0..<source.bytes.count, depth: 0)
  }

  private init(_ source: ByteSource, _ range: Range<Int>, depth: Int) {
    (self.source, position, end, self.depth) = (source, range.lowerBound, range.upperBound, depth)
  }

  var isAtEnd: Bool { position >= end }

  /// The next field, or nil at the end of the message.
  mutating func next() throws -> WireField? {
    guard position < end else { return nil }
    let offset = position
    let tag = try varint()
    let number = tag >> 3
    guard number > 0, number < 1 << 29 else { throw damaged("has no valid field number", at: offset) }
    let value: WireField.Value
    switch tag & 7 {
    case 0: value = .varint(try varint())
    case 1: value = .fixed64(UInt64(littleEndian: try load()))
    case 2: value = .bytes(try lengthDelimited())
    case 5: value = .fixed32(UInt32(littleEndian: try load()))
    default: throw damaged("has the unknown wire type \(tag & 7)", at: offset)
    }
    return WireField(number: Int(number), value: value, offset: offset)
  }

  func nested(_ range: Range<Int>) throws -> WireReader {
    guard depth < Self.maximumDepth else { throw damaged("is nested too deeply", at: range.lowerBound) }
    return WireReader(source, range, depth: depth + 1)
  }

  /// A base-128 varint of at most ten bytes.
  mutating func varint() throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), through: 63, by: 7) {
      guard position < end else { throw damaged("ends inside a number", at: position) }
      let byte = source.bytes[position]
      position += 1
      guard shift < 63 || byte <= 1 else { throw damaged("holds a number over 64 bits", at: position - 1) }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw damaged("holds a number over 64 bits", at: position)
  }

  /// The next fixed-size little-endian number.
  mutating func load<T: FixedWidthInteger>(as _: T.Type = T.self) throws -> T {
    guard end - position >= MemoryLayout<T>.size else { throw damaged("ends inside a number", at: position) }
    defer { position += MemoryLayout<T>.size }
    return source.bytes.loadUnaligned(fromByteOffset: position, as: T.self)
  }

  private mutating func lengthDelimited() throws -> Range<Int> {
    let offset = position
    let length = try varint()
    guard length <= UInt64(end - position) else {
      throw damaged("claims \(length) bytes where \(end - position) are left", at: offset)
    }
    defer { position += Int(length) }
    return position..<position + Int(length)
  }

  private func damaged(_ what: String, at offset: Int) -> WireError {
    WireError("a field at byte \(offset) \(what)")
  }
}

/// What is wrong with the encoding, as a clause without the file's name.
struct WireError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
