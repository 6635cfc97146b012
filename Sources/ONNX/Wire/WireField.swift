/// One field of a message: its number, and its value as the wire type gives it.
struct WireField {
  /// The value, before the schema says what it means. Byte ranges are positions in the file.
  enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case bytes(Range<Int>)
    case fixed32(UInt32)
  }

  let number: Int
  let value: Value
  /// Where the field starts in the file.
  let offset: Int

  /// The value of an `int32`, `int64` or enum field.
  func integer() throws -> Int64 {
    guard case .varint(let value) = value else { throw wrongType("a number") }
    return Int64(bitPattern: value)
  }

  /// The value of a `float` field.
  func float() throws -> Float {
    guard case .fixed32(let value) = value else { throw wrongType("a 32-bit number") }
    return Float(bitPattern: value)
  }

  /// Where the contents of a `bytes`, `string` or message field lie.
  func range() throws -> Range<Int> {
    guard case .bytes(let range) = value else { throw wrongType("bytes") }
    return range
  }

  /// The value of a `string` field; damaged UTF-8 is repaired.
  func string(_ reader: WireReader) throws -> String {
    String(decoding: reader.source.bytes[try range()], as: UTF8.self)
  }

  /// A reader of the message that the field holds.
  func message(_ reader: WireReader) throws -> WireReader {
    try reader.nested(try range())
  }

  /// Appends the value, or the packed values, of a repeated `int32`, `int64` or `uint64` field.
  func append(to list: inout [Int64], _ reader: WireReader) throws {
    guard case .bytes(let range) = value else { return list.append(try integer()) }
    var packed = try reader.nested(range)
    while !packed.isAtEnd { list.append(Int64(bitPattern: try packed.varint())) }
  }

  /// Appends the value, or the packed values, of a repeated `float` field.
  func append(to list: inout [Float], _ reader: WireReader) throws {
    guard case .bytes(let range) = value else { return list.append(try float()) }
    guard range.count % 4 == 0 else { throw wrongType("whole 32-bit numbers") }
    list.reserveCapacity(list.count + range.count / 4)
    var packed = try reader.nested(range)
    while !packed.isAtEnd { list.append(Float(bitPattern: UInt32(littleEndian: try packed.load()))) }
  }

  /// Appends the value, or the packed values, of a repeated `double` field.
  func append(to list: inout [Double], _ reader: WireReader) throws {
    if case .fixed64(let value) = value { return list.append(Double(bitPattern: value)) }
    let range = try range()
    guard range.count % 8 == 0 else { throw wrongType("whole 64-bit numbers") }
    var packed = try reader.nested(range)
    while !packed.isAtEnd { list.append(Double(bitPattern: UInt64(littleEndian: try packed.load()))) }
  }

  private func wrongType(_ expected: String) -> WireError {
    WireError("field \(number) at byte \(offset) does not hold \(expected)")
  }
}
