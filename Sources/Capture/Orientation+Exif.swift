extension Orientation {
  /// From the value of the tag Orientation (TIFF 6.0, tag 274; Exif 2.32, 4.6.4): where row 0 and column 0 are shown. Nil for
  /// values that mean nothing.
  init?(exif value: Int) {
    switch value {
    case 1: self = .upright
    case 2: self.init(transposes: false, mirrorsColumns: true, mirrorsRows: false)
    case 3: self.init(transposes: false, mirrorsColumns: true, mirrorsRows: true)
    case 4: self.init(transposes: false, mirrorsColumns: false, mirrorsRows: true)
    case 5: self.init(transposes: true, mirrorsColumns: false, mirrorsRows: false)
    case 6: self.init(transposes: true, mirrorsColumns: true, mirrorsRows: false)
    case 7: self.init(transposes: true, mirrorsColumns: true, mirrorsRows: true)
    case 8: self.init(transposes: true, mirrorsColumns: false, mirrorsRows: true)
    default: return nil
    }
  }

  /// From a TIFF structure: what Exif blocks and TIFF files are. Looks at the first directory only.
  init?(tiff view: ByteView) {
    let isLittle = view.has("II")
    guard isLittle || view.has("MM"), view.number(2, bytes: 2, littleEndian: isLittle) == 42,
      let directory = view.number(4, bytes: 4, littleEndian: isLittle),
      let entries = view.number(directory, bytes: 2, littleEndian: isLittle)
    else { return nil }
    var packet: ByteView?
    for entry in 0..<entries {
      let place = directory + 2 + 12 * entry
      guard let tag = view.number(place, bytes: 2, littleEndian: isLittle),
        let type = view.number(place + 2, bytes: 2, littleEndian: isLittle),
        let count = view.number(place + 4, bytes: 4, littleEndian: isLittle)
      else { break }
      // A short number stands in the entry itself (type 3), and so does a long one (type 4).
      if tag == 274, [3, 4].contains(type),
        let value = view.number(place + 8, bytes: type == 3 ? 2 : 4, littleEndian: isLittle)
      {
        self.init(exif: value)
        return
      }
      if tag == 700, let place = view.number(place + 8, bytes: 4, littleEndian: isLittle) {
        packet = view.part(place, count)
      }
    }
    guard let packet else { return nil }
    self.init(xmp: packet)
  }

  /// From an XMP packet, which may say the same as Exif (XMP specification, part 2, "tiff:Orientation").
  init?(xmp packet: ByteView) {
    for start: StaticString in ["tiff:Orientation=\"", "tiff:Orientation='", "tiff:Orientation>"] {
      guard let place = packet.find(start),
        let digit = packet.number(place + start.utf8CodeUnitCount, bytes: 1)
      else { continue }
      self.init(exif: digit - 48)
      return
    }
    return nil
  }

  /// The display matrix (ISO/IEC 14496-12, 8.2.2) that turns a picture so.
  var displayMatrix: [Int32] {
    let one: Int32 = 1 << 16
    let (columns, rows) = (mirrorsColumns ? -one : one, mirrorsRows ? -one : one)
    return transposes ? [0, rows, 0, columns, 0, 0, 0, 0, 1 << 30] : [columns, 0, 0, 0, rows, 0, 0, 0, 1 << 30]
  }

  /// This turn, and then another one.
  func then(_ next: Orientation) -> Orientation {
    let (columns, rows) = next.transposes ? (mirrorsRows, mirrorsColumns) : (mirrorsColumns, mirrorsRows)
    return Orientation(
      transposes: transposes != next.transposes, mirrorsColumns: columns != next.mirrorsColumns,
      mirrorsRows: rows != next.mirrorsRows)
  }
}
