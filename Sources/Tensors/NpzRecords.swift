/// The records of a zip archive with stored entries (PKWARE APPNOTE 6.3, sections 4.3 and 4.5.3).
struct NpzEntry: Sendable {
  var name: String
  var crc: UInt32 = 0
  var size: UInt64
  /// Where the local header starts.
  var offset: UInt64
}

/// Writes records; numbers at or above `limit` go into the zip64 fields.
struct NpzRecords {
  /// The first number that the 32-bit fields cannot hold; lower only in tests.
  var limit: UInt64 = 0xffff_ffff

  static let localSignature: UInt32 = 0x0403_4b50
  static let centralSignature: UInt32 = 0x0201_4b50
  static let endSignature: UInt32 = 0x0605_4b50
  static let end64Signature: UInt32 = 0x0606_4b50
  static let locatorSignature: UInt32 = 0x0706_4b50

  /// Before the bytes of an entry. Its length depends only on name and size.
  func local(_ entry: NpzEntry) -> [UInt8] {
    let wide = entry.size >= limit
    let extra = wide ? little(UInt16(1)) + little(UInt16(16)) + little(entry.size) + little(entry.size) : []
    return little(Self.localSignature) + little(UInt16(wide ? 45 : 20)) + common(entry, wide: wide, extra: extra.count)
      + Array(entry.name.utf8) + extra
  }

  /// In the directory at the end.
  func central(_ entry: NpzEntry) -> [UInt8] {
    let (wide, far) = (entry.size >= limit, entry.offset >= limit)
    var values: [UInt8] = []
    if wide { values += little(entry.size) + little(entry.size) }
    if far { values += little(entry.offset) }
    let extra = values.isEmpty ? [] : little(UInt16(1)) + little(UInt16(values.count)) + values
    let version = little(UInt16(wide || far ? 45 : 20))
    // Made by: Unix (3), so that the attributes are a mode: a regular file, rw-r--r--.
    return little(Self.centralSignature) + [version[0], 3] + version
      + common(entry, wide: wide, extra: extra.count) + little(UInt16(0)) + little(UInt16(0)) + little(UInt16(0))
      + little(UInt32(0o100644) << 16) + little(far ? UInt32.max : UInt32(entry.offset)) + Array(entry.name.utf8)
      + extra
  }

  /// After the directory.
  func end(count: Int, directorySize: UInt64, directoryOffset: UInt64) -> [UInt8] {
    let wide = count >= 0xffff || directorySize >= limit || directoryOffset >= limit
    var bytes: [UInt8] = []
    if wide {
      bytes += little(Self.end64Signature) + little(UInt64(44)) + little(UInt16(45)) + little(UInt16(45))
      bytes += little(UInt32(0)) + little(UInt32(0)) + little(UInt64(count)) + little(UInt64(count))
      bytes += little(directorySize) + little(directoryOffset)
      bytes += little(Self.locatorSignature) + little(UInt32(0)) + little(directoryOffset + directorySize)
      bytes += little(UInt32(1))
    }
    let count16 = little(wide ? UInt16.max : UInt16(count))
    bytes += little(Self.endSignature) + little(UInt16(0)) + little(UInt16(0)) + count16 + count16
    bytes += little(wide ? UInt32.max : UInt32(directorySize)) + little(wide ? UInt32.max : UInt32(directoryOffset))
    return bytes + little(UInt16(0))
  }

  /// Flags to extra-field length: the same in local and central headers. The date is 1 January 1980, for repeatability.
  private func common(_ entry: NpzEntry, wide: Bool, extra: Int) -> [UInt8] {
    let isASCII = entry.name.utf8.allSatisfy { $0 < 0x80 }
    let size = little(wide ? UInt32.max : UInt32(entry.size))
    return little(UInt16(isASCII ? 0 : 1 << 11)) + little(UInt16(0)) + little(UInt16(0)) + little(UInt16(0x21))
      + little(entry.crc) + size + size + little(UInt16(entry.name.utf8.count)) + little(UInt16(extra))
  }
}

/// The bytes of a number, least significant first.
func little<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
