import Foundation
import Telemetry

/// How a still picture in a HEIF container (AVIF, HEIC) is to be turned: the properties `irot` and `imir` of its primary item
/// (ISO/IEC 23008-12, 6.5.10 and 6.5.12). Files whose pictures are a track say it in the track, as videos do.
enum HEIFOrientation {
  /// The boxes before the picture data are smaller than this.
  private static let headLimit = 1 << 20

  /// What a file says; nil for other files.
  static func of(path: String) -> Orientation? {
    guard let file = fopen(path.fileName, "rb") else { return nil }
    defer { fclose(file) }
    let head = UnsafeMutableRawBufferPointer.allocate(byteCount: headLimit, alignment: 1)
    defer { head.deallocate() }
    let count = fread(head.baseAddress, 1, head.count, file)
    return of(ByteView(UnsafeRawBufferPointer(rebasing: head[..<count])))
  }

  /// What the beginning of a file says.
  static func of(_ file: ByteView) -> Orientation? {
    guard file.has("ftyp", at: 4) else { return nil }
    let boxes = boxes(file)
    guard boxes.first(where: { $0.type == "moov" }) == nil,
      let meta = boxes.first(where: { $0.type == "meta" })?.data.tail(4)
    else { return nil }
    let parts = Self.boxes(meta)
    guard let primary = parts.first(where: { $0.type == "pitm" })?.data, let item = item(primary),
      let properties = parts.first(where: { $0.type == "iprp" }).map({ Self.boxes($0.data) }),
      let known = properties.first(where: { $0.type == "ipco" }).map({ Self.boxes($0.data) })
    else { return nil }
    let used = properties.filter { $0.type == "ipma" }.flatMap { associations($0.data, of: item) }
    return used.compactMap { known.indices.contains($0 - 1) ? turn(known[$0 - 1]) : nil }
      .reduce(nil) { ($0 ?? .upright).then($1) }
  }

  private typealias Box = (type: String, data: ByteView)

  private static func boxes(_ view: ByteView) -> [Box] {
    var (found, place): ([Box], Int) = ([], 0)
    while found.count < 4096, let size = view.number(place, bytes: 4), let type = view.part(place + 4, 4) {
      // 1: a 64-bit size follows; 0: up to the end.
      let header = size == 1 ? 16 : 8
      let whole = size == 1 ? view.number(place + 9, bytes: 7) ?? 0 : size == 0 ? view.count - place : size
      guard whole >= header else { break }
      let data = view.part(place + header, min(whole, view.count - place) - header)
      if let data { found.append((String(decoding: type.bytes, as: UTF8.self), data)) }
      let (next, overflows) = place.addingReportingOverflow(whole)
      guard !overflows else { break }
      place = next
    }
    return found
  }

  /// `pitm`: the number of the primary item.
  private static func item(_ data: ByteView) -> Int? {
    data.number(0, bytes: 1).flatMap { data.number(4, bytes: $0 == 0 ? 2 : 4) }
  }

  /// `ipma`: which properties an item has, in their order, counted from 1.
  private static func associations(_ data: ByteView, of item: Int) -> [Int] {
    guard let version = data.number(0, bytes: 1), let flags = data.number(1, bytes: 3),
      let entries = data.number(4, bytes: 4)
    else { return [] }
    let (wideItem, wideIndex) = (version < 1 ? 2 : 4, flags & 1 == 0 ? 1 : 2)
    var place = 8
    for _ in 0..<entries {
      guard let number = data.number(place, bytes: wideItem), let count = data.number(place + wideItem, bytes: 1)
      else { return [] }
      place += wideItem + 1
      let indices = (0..<count).compactMap { data.number(place + $0 * wideIndex, bytes: wideIndex) }
      // The top bit says that a reader must know the property.
      if number == item { return indices.map { $0 & (wideIndex == 1 ? 0x7f : 0x7fff) } }
      place += count * wideIndex
    }
    return []
  }

  private static func turn(_ property: Box) -> Orientation? {
    guard let value = property.data.number(0, bytes: 1) else { return nil }
    switch property.type {
    // Quarter turns against the clock.
    case "irot": return Orientation(exif: [1, 8, 3, 6][value & 3])
    // 0: top and bottom change places; 1: left and right do.
    case "imir": return Orientation(exif: value & 1 == 0 ? 4 : 2)
    default: return nil
    }
  }
}
