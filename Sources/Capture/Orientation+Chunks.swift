extension Orientation {
  /// PNG's chunks (PNG 3rd edition, 5.3): length, type, data, checksum. `eXIf` comes before XMP in `iTXt`.
  init?(png file: ByteView) {
    var place = 8
    var fromXMP: Orientation?
    while let length = file.number(place, bytes: 4), let data = file.part(place + 8, length) {
      if file.has("eXIf", at: place + 4), let found = Orientation(tiff: Self.withoutPrefix(data)) {
        self = found
        return
      }
      if file.has("iTXt", at: place + 4), data.has("XML:com.adobe.xmp") { fromXMP = fromXMP ?? Orientation(xmp: data) }
      place += 12 + length
    }
    guard let fromXMP else { return nil }
    self = fromXMP
  }

  /// WebP's chunks (RIFF): type, length, data, padded to even lengths.
  init?(webp file: ByteView) {
    guard file.has("RIFF"), file.has("WEBP", at: 8) else { return nil }
    var place = 12
    var fromXMP: Orientation?
    while let length = file.number(place + 4, bytes: 4, littleEndian: true), let data = file.part(place + 8, length) {
      if file.has("EXIF", at: place), let found = Orientation(tiff: Self.withoutPrefix(data)) {
        self = found
        return
      }
      if file.has("XMP ", at: place) { fromXMP = fromXMP ?? Orientation(xmp: data) }
      place += 8 + length + length % 2
    }
    guard let fromXMP else { return nil }
    self = fromXMP
  }

  /// Some programs write the letters in front that Exif has in JPEG files.
  private static func withoutPrefix(_ data: ByteView) -> ByteView {
    data.has("Exif\0\0") ? data.tail(6) ?? data : data
  }
}
