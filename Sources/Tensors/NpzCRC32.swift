/// The check sum of zip entries: CRC-32 with the reflected polynomial 0xEDB88320 (PKWARE APPNOTE 4.4.7, ISO 3309).
package struct NpzCRC32: Sendable {
  private var state: UInt32 = 0xffff_ffff

  /// The check sum of nothing.
  package init() {}

  /// The check sum of the bytes so far.
  package var value: UInt32 { ~state }

  /// Takes more bytes, eight at a step (Kounavis and Berry 2005, "slicing by 8").
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var crc = state
    Self.tables.withUnsafeBufferPointer { t in
      var i = 0
      while i + 8 <= bytes.count {
        let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self)) ^ UInt64(crc)
        var next: UInt32 = 0
        for k in 0..<8 { next ^= t[(7 - k) << 8 + Int(truncatingIfNeeded: word >> UInt64(8 * k)) & 0xff] }
        crc = next
        i += 8
      }
      while i < bytes.count {
        crc = t[Int(UInt8(truncatingIfNeeded: crc) ^ bytes[i])] ^ (crc >> 8)
        i += 1
      }
    }
    state = crc
  }

  /// Eight tables of 256: table k holds the effect of a byte that is followed by k zero bytes.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      tables[byte] = (0..<8).reduce(UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 1 ? 0xedb8_8320 : 0) }
    }
    for i in 256..<tables.count { tables[i] = tables[i - 256] >> 8 ^ tables[Int(tables[i - 256] & 0xff)] }
    return tables
  }()
}
