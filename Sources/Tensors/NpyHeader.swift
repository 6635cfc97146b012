/// The header of an npy file: element type, order and shape
/// (NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays").
package struct NpyHeader: Equatable, Sendable {
  package var type: ElementType
  package var shape: Shape

  /// A little-endian, row-major array.
  package init(_ type: ElementType, _ shape: Shape) {
    (self.type, self.shape) = (type, shape)
  }

  /// NumPy's type codes without the byte order; NumPy has none for bfloat16.
  static let codes: [(ElementType, String)] = [
    (.float32, "f4"), (.float64, "f8"), (.float16, "f2"), (.int8, "i1"), (.int16, "i2"), (.int32, "i4"), (.int64, "i8"),
    (.uint8, "u1"), (.uint16, "u2"), (.uint32, "u4"), (.uint64, "u8"), (.bool, "b1"),
  ]
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// Room for a header that is rewritten when the number of rows is known.
  private static let alignment = 64

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
}
