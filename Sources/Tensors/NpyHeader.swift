/// The header of an npy file: element type, order and shape
/// (NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays").
package struct NpyHeader: Equatable, Sendable {
  /// The type of the elements.
  package var type: ElementType
  /// The elements are stored most significant byte first.
  package var isBigEndian: Bool
  /// The extents.
  package var shape: Shape

  /// A little-endian, row-major array.
  package init(_ type: ElementType, _ shape: Shape) {
    (self.type, self.shape, isBigEndian) = (type, shape, false)
  }

  /// NumPy's type codes without the byte order; NumPy has none for bfloat16.
  private static let codes: [(ElementType, String)] = [
    (.float32, "f4"), (.float64, "f8"), (.float16, "f2"), (.int8, "i1"), (.int16, "i2"), (.int32, "i4"), (.int64, "i8"),
    (.uint8, "u1"), (.uint16, "u2"), (.uint32, "u4"), (.uint64, "u8"), (.bool, "b1"),
  ]
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// Room for a header that is rewritten when the number of rows is known.
  private static let alignment = 64
  private static let longest = 1 << 20

  /// The header's bytes, version 1.0, padded so that the elements start at a multiple of 64.
  package func encoded() throws -> [UInt8] {
    guard let code = Self.codes.first(where: { $0.0 == type })?.1 else {
      throw NpyError("NumPy has no \(type) arrays; convert to float32 first")
    }
    let order = type.size == 1 ? "|" : "<"
    let extents = shape.dimensions.map(String.init).joined(separator: ", ") + (shape.rank == 1 ? "," : "")
    var text = Array("{'descr': '\(order)\(code)', 'fortran_order': False, 'shape': (\(extents)), }".utf8)
    let unpadded = Self.magic.count + 4 + text.count + 1
    text += [UInt8](repeating: 0x20, count: (Self.alignment - unpadded % Self.alignment) % Self.alignment) + [0x0a]
    guard text.count <= 0xffff else { throw NpyError("an array of \(shape.rank) axes does not fit in an npy header") }
    return Self.magic + [1, 0, UInt8(text.count & 0xff), UInt8(text.count >> 8)] + text
  }

  /// The bytes of the elements; throws when the product does not fit in memory's range.
  package func byteCount() throws -> Int {
    var count = type.size
    for extent in shape.dimensions {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      if overflow { throw NpyError("an array of shape \(shape) is too large") }
      count = product
    }
    return count
  }

  /// Reads a header out of a file's window of `available` bytes from `offset` on; also returns the header's length.
  package static func read(_ file: NpyFile, at offset: Int, available: Int) throws -> (NpyHeader, length: Int) {
    guard available >= 10 else { throw NpyError("\(file.path) holds no NumPy array; it is too short") }
    let start = try file.read(min(available, 12), at: offset)
    guard start.starts(with: magic) else { throw NpyError("\(file.path) holds no NumPy array; the magic bytes differ") }
    let wide = start[6] > 1
    guard (1...3).contains(start[6]), !wide || start.count == 12 else {
      throw NpyError("\(file.path) uses version \(start[6]).\(start[7]) of the npy format; versions 1 to 3 are known")
    }
    let lengthBytes = start[8..<(wide ? 12 : 10)]
    let textLength = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    let first = wide ? 12 : 10
    guard textLength <= longest, textLength <= available - first else {
      throw NpyError("\(file.path) claims an npy header of \(textLength) bytes, more than there are")
    }
    let text = try file.read(textLength, at: offset + first)
    guard let header = parse(text) else {
      throw NpyError(
        "\(file.path) holds an array that cannot be read here: "
          + String(decoding: text.prefix(120), as: UTF8.self).filter { $0 != "\n" }
          + "; save it as a row-major array of numbers or booleans")
    }
    return (header, first + textLength)
  }

  /// The dictionary's three entries; nil when it is something else.
  static func parse(_ text: [UInt8]) -> NpyHeader? {
    var scanner = NpyLiteralScanner(text)
    guard let entries = scanner.dictionary(), case .string(let descr)? = entries["descr"],
      case .boolean(false)? = entries["fortran_order"], case .tuple(let extents)? = entries["shape"],
      let code = codes.first(where: { descr.dropFirst() == $0.1 }), let order = descr.first, "<>|=".contains(order),
      code.0.size == 1 || order != "|"
    else { return nil }
    var header = NpyHeader(code.0, Shape(extents))
    header.isBigEndian = order == ">" && code.0.size > 1
    return header
  }
}
