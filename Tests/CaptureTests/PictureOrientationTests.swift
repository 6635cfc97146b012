import CFFmpeg
import Foundation
import Frames
import Media
import TestSupport
import Testing

@testable import Capture

/// Orientation of picture files (Exif, XMP, HEIF) other than JPEG. Each fixture is a picture of 32x16 pixels in four quarters: red,
/// green, blue, white. What is expected is what Pillow's `ImageOps.exif_transpose` makes of them.
@Suite struct PictureOrientationTests {
  /// By the value of Exif's tag Orientation: upper left, upper right, lower left, lower right.
  static let corners = [
    1: "rgbw", 2: "grwb", 3: "wbgr", 4: "bwrg", 5: "rbgw", 6: "brwg", 7: "wgbr", 8: "gwrb",
  ]

  private func corners(_ data: [UInt8], _ ending: String) throws -> String {
    try TestData.withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("picture.\(ending)")
      try Data(data).write(to: file)
      let source = try openSource(SourceAddress(file.path))
      let frame = Frame(source.format)
      try #require(try source.read(into: frame))
      return try Self.corners(of: frame)
    }
  }

  private static func corners(of frame: Frame) throws -> String {
    var format = frame.format
    (format.pixelFormat, format.color) = (.rgb24, ColorDescription(range: .full, matrix: 0))
    let rgb = Frame.allocated(format)
    let scaler = try PictureScaler(from: frame.format, as: frame.format.pixelFormat.ffmpeg, to: format)
    let view = try AVFrameView()
    try withExtendedLifetime(view) { try scaler.scale(view.show(frame), into: rgb.planes) }
    let base = try #require(rgb.planes[0].base)
    let (width, height) = (format.width, format.height)
    let letters = [(4, 4), (width - 5, 4), (4, height - 5), (width - 5, height - 5)].map { x, y -> Character in
      let pixel = (base + y * rgb.planes[0].stride + 3 * x).assumingMemoryBound(to: UInt8.self)
      let bright = (0..<3).filter { pixel[$0] > 128 }
      return bright.count == 3 ? "w" : ["r", "g", "b"][bright.first ?? 0]
    }
    return "\(width)x\(height) " + String(letters)
  }

  private func expected(_ value: Int) -> String {
    (value > 4 ? "16x32 " : "32x16 ") + (Self.corners[value] ?? "")
  }

  @Test(arguments: 1...8) func pngIsUpright(value: Int) throws {
    var file = try bytes(Self.png)
    file[60] = UInt8(value)
    #expect(try corners(file, "png") == expected(value))
  }

  @Test(arguments: 1...8) func webpIsUpright(value: Int) throws {
    var file = try bytes(Self.webp)
    file[109] = UInt8(value)
    #expect(try corners(file, "webp") == expected(value))
  }

  @Test(arguments: 1...8, [true, false]) func tiffIsUpright(value: Int, isLittle: Bool) throws {
    #expect(try corners(tiff(value, isLittle), "tif") == expected(value))
  }

  /// 2: mirrored; 5: turned and mirrored; 6, and with another angle 3 and 8: turned.
  @Test(arguments: [2, 3, 5, 6, 8]) func avifIsUpright(value: Int) throws {
    var file = try bytes(value == 2 ? Self.avif2 : value == 5 ? Self.avif5 : Self.avif6)
    if value == 3 || value == 8 {
      let angle = try #require(file.firstRange(of: Array("irot".utf8))).upperBound
      file[angle] = value == 3 ? 2 : 1
    }
    #expect(try corners(file, "avif") == expected(value))
  }

  @Test func sequencesTurnEachPictureByItself() throws {
    try TestData.withTemporaryFolder { folder in
      for value in [1, 3, 1] {
        var file = try bytes(Self.png)
        file[60] = UInt8(value)
        let number = try FileManager.default.contentsOfDirectory(atPath: folder.path).count
        try Data(file).write(to: folder.appendingPathComponent("\(number).png"))
      }
      let source = try openSource(SourceAddress(folder.appendingPathComponent("%d.png").path))
      let frame = Frame(source.format)
      for value in [1, 3, 1] {
        try #require(try source.read(into: frame))
        #expect(try Self.corners(of: frame) == expected(value))
      }
    }
  }

  @Test func xmpCountsWhereExifIsMissing() {
    for text in ["<x tiff:Orientation=\"6\"/>", "<tiff:Orientation>6</tiff:Orientation>"] {
      let found = Array(text.utf8).withUnsafeBytes { Orientation(xmp: ByteView($0)) }
      #expect(found == Orientation(exif: 6))
    }
    #expect(Array("tiff:Orientation=\"".utf8).withUnsafeBytes { Orientation(xmp: ByteView($0)) } == nil)
  }

  /// Every prefix, and every byte changed: no trap, and a turn or none.
  @Test func damagedFilesAreReadWithoutHarm() throws {
    for (fixture, codec) in [(Self.png, AV_CODEC_ID_PNG), (Self.webp, AV_CODEC_ID_WEBP)] {
      try damage(try bytes(fixture)) { _ = PictureOrientation.of($0, codec) }
    }
    try damage(Array(tiff(6, true).prefix(200))) { _ = PictureOrientation.of($0, AV_CODEC_ID_TIFF) }
    try damage(try bytes(Self.avif5)) { _ = HEIFOrientation.of($0) }
  }

  private func damage(_ file: [UInt8], _ read: (ByteView) -> Void) throws {
    for count in 0...file.count { file[..<count].withUnsafeBytes { read(ByteView($0)) } }
    for index in file.indices {
      var changed = file
      for value in [0, 1, 0x7f, 0xff] as [UInt8] {
        changed[index] = value
        changed.withUnsafeBytes { read(ByteView($0)) }
      }
    }
  }

  @Test func turnsAddUp() {
    let all = (1...8).compactMap { Orientation(exif: $0) }
    for one in all {
      #expect(one.displayMatrix.withUnsafeBufferPointer { Orientation(displayMatrix: $0.baseAddress!) } == one)
      #expect(one.then(.upright) == one && Orientation.upright.then(one) == one)
      // Each turn has exactly one that undoes it.
      #expect(all.filter { one.then($0) == .upright }.count == 1)
    }
    #expect(Orientation(exif: 6)?.then(Orientation(exif: 6) ?? .upright) == Orientation(exif: 3))
    #expect(Orientation(exif: 0) == nil && Orientation(exif: 9) == nil)
  }

  /// An uncompressed TIFF of the same picture.
  private func tiff(_ orientation: Int, _ isLittle: Bool) -> [UInt8] {
    func number(_ value: Int, _ width: Int) -> [UInt8] {
      let bytes = (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      return isLittle ? bytes : bytes.reversed()
    }
    let pixels = (0..<16).flatMap { y in
      (0..<32).flatMap { x -> [UInt8] in
        let (right, low) = (x >= 16, y >= 8)
        return right == low ? (right ? [255, 255, 255] : [255, 0, 0]) : right ? [0, 255, 0] : [0, 0, 255]
      }
    }
    let entries: [(tag: Int, type: Int, count: Int, value: Int)] = [
      (256, 3, 1, 32), (257, 3, 1, 16), (258, 3, 3, 8), (259, 3, 1, 1), (262, 3, 1, 2), (273, 4, 1, 0),
      (274, 3, 1, orientation), (277, 3, 1, 3), (278, 3, 1, 16), (279, 4, 1, pixels.count),
    ]
    let end = 8 + 2 + 12 * entries.count + 4
    var file: [UInt8] = Array((isLittle ? "II" : "MM").utf8) + number(42, 2) + number(8, 4) + number(entries.count, 2)
    for entry in entries {
      file += number(entry.tag, 2) + number(entry.type, 2) + number(entry.count, 4)
      if entry.tag == 258 {
        file += number(end, 4)
      } else if entry.tag == 273 {
        file += number(end + 6, 4)
      } else {
        file += entry.type == 3 ? number(entry.value, 2) + [0, 0] : number(entry.value, 4)
      }
    }
    return file + number(0, 4) + number(8, 2) + number(8, 2) + number(8, 2) + pixels
  }

  private func bytes(_ base64: String) throws -> [UInt8] { [UInt8](try #require(Data(base64Encoded: base64))) }

  static let png =
    "iVBORw0KGgoAAAANSUhEUgAAACAAAAAQCAIAAAD4YuoOAAAAGmVYSWZNTQAqAAAACAABARIAAwAAAAEAAQAAAAAAABPAdecA"
    + "AAApSURBVHjaY/zPQBpgJFEDEwONwagFoxZQDhgZGEhL2P9H88GoBcPPAgD1dAUbIPFNSAAAAABJRU5ErkJggg=="
  static let webp =
    "UklGRmwAAABXRUJQVlA4WAoAAAAIAAAAHwAADwAAVlA4TCwAAAAvH8ADAB8gEEjeHzqN+RcQFPwf3fxHZA+AINtmkpOc5AEu"
    + "ENH/qFL9AWzbD0VYSUYaAAAATU0AKgAAAAgAAQESAAMAAAABAAEAAAAAAAA="
  static let avif2 =
    "AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUEAAAD1bWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdAAAAAAAAAAA"
    + "AAAAAAAAAAAOcGl0bQAAAAAAAQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAEdAAAANAAAAChpaW5mAAAAAAABAAAAGmluZmUC"
    + "AAAAAAEAAGF2MDFDb2xvcgAAAAB0aXBycAAAAFRpcGNvAAAAFGlzcGUAAAAAAAAAIAAAABAAAAAQcGl4aQAAAAADCAgIAAAA"
    + "DGF2MUOBIAAAAAAAE2NvbHJuY2x4AAEADQAGgAAAAAlpbWlyAQAAABhpcG1hAAAAAAAAAAEAAQUBAoMEhQAAADxtZGF0EgAK"
    + "CDgQ/+0gIaDSMiZEgJDSoBBBB8gAEOzpemgvtUZIx2yfcryuzakJfeRfxPd0znawgA=="
  static let avif5 =
    "AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUEAAAD/bWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdAAAAAAAAAAA"
    + "AAAAAAAAAAAOcGl0bQAAAAAAAQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAEnAAAANAAAAChpaW5mAAAAAAABAAAAGmluZmUC"
    + "AAAAAAEAAGF2MDFDb2xvcgAAAAB+aXBycAAAAF1pcGNvAAAAFGlzcGUAAAAAAAAAIAAAABAAAAAQcGl4aQAAAAADCAgIAAAA"
    + "DGF2MUOBIAAAAAAAE2NvbHJuY2x4AAEADQAGgAAAAAlpcm90AQAAAAlpbWlyAAAAABlpcG1hAAAAAAAAAAEAAQYBAoMEhYYA"
    + "AAA8bWRhdBIACgg4EP/tICGg0jImRICQ0qAQQQfIABDs6XpoL7VGSMdsn3K8rs2pCX3kX8T3dM52sIA="
  static let avif6 =
    "AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUEAAAD1bWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdAAAAAAAAAAA"
    + "AAAAAAAAAAAOcGl0bQAAAAAAAQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAEdAAAANAAAAChpaW5mAAAAAAABAAAAGmluZmUC"
    + "AAAAAAEAAGF2MDFDb2xvcgAAAAB0aXBycAAAAFRpcGNvAAAAFGlzcGUAAAAAAAAAIAAAABAAAAAQcGl4aQAAAAADCAgIAAAA"
    + "DGF2MUOBIAAAAAAAE2NvbHJuY2x4AAEADQAGgAAAAAlpcm90AwAAABhpcG1hAAAAAAAAAAEAAQUBAoMEhQAAADxtZGF0EgAK"
    + "CDgQ/+0gIaDSMiZEgJDSoBBBB8gAEOzpemgvtUZIx2yfcryuzakJfeRfxPd0znawgA=="
}
