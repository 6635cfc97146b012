import Foundation
import Frames
import TestSupport
import Testing

@testable import Capture

/// Pictures come out upright: by the container's display matrix and by the EXIF orientation of photographs.
@Suite struct OrientationTests {
  /// A movie's display matrix is 9 numbers in its track header; `ffmpeg` writes angles only, so mirrored ones are
  /// patched into the file.
  private func movie(_ folder: URL, _ arguments: String, _ matrix: [Int32]) throws -> URL {
    let path = try Reference.make(
      folder.appendingPathComponent("\(UUID().uuidString).mov"),
      "-f lavfi -i testsrc2=size=96x65:rate=25:duration=0.2,format=yuv444p,setsar=4/3 \(arguments)")
    var data = try Data(contentsOf: path)
    let header = try #require(data.range(of: Data("tkhd".utf8)))
    var bytes = Data()
    for value in matrix { withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) } }
    // Version 0: flags 4, times 8, id 4, reserved 4, duration 4, reserved 8, layer to reserved 8.
    data.replaceSubrange(header.upperBound + 40..<header.upperBound + 76, with: bytes)
    try data.write(to: path)
    return path
  }

  static let one: Int32 = 1 << 16
  static let matrices: [[Int32]] = [
    [one, 0, 0, one], [-one, 0, 0, one], [one, 0, 0, -one], [-one, 0, 0, -one], [0, one, one, 0], [0, one, -one, 0],
    [0, -one, one, 0], [0, -one, -one, 0],
  ]

  @Test(arguments: matrices, ["-c:v ffv1 -pix_fmt yuv420p", "-c:v ffv1 -pix_fmt yuv444p", "-c:v png -pix_fmt rgba"])
  func turnsAsFFmpegDoes(m: [Int32], arguments: String) throws {
    try TestData.withTemporaryFolder { folder in
      let path = try movie(folder, arguments, [m[0], m[1], 0, m[2], m[3], 0, 0, 0, 1 << 30])
      let decoded = try decode(path.path)
      let turned = m[0] == 0
      #expect(decoded.format.width == (turned ? 65 : 96) && decoded.format.height == (turned ? 96 : 65))
      #expect(decoded.format.sampleAspectRatio == (turned ? Rational(3, 4) : Rational(4, 3)))
      // Mirrored quarter turns: ffmpeg 5.1 forgets the mirroring, so the witness is told what to do.
      let filters = Orientation(displayMatrix: [m[0], m[1], 0, m[2], m[3], 0, 0, 0, 0]).filters ?? "null"
      let samples = try output(of: [
        "ffmpeg", "-v", "error", "-noautorotate", "-i", path.path, "-vf", filters, "-f", "rawvideo", "-pix_fmt",
        decoded.format.pixelFormat.name, "-",
      ])
      #expect(!samples.isEmpty && decoded.samples == samples)
    }
  }

  /// The definition itself, sample by sample: stored (p, q) is shown at (a·p + c·q, b·p + d·q).
  @Test(arguments: matrices) func followsTheDefinition(m: [Int32]) throws {
    try TestData.withTemporaryFolder { folder in
      let stored = try decode(
        try movie(folder, "-c:v ffv1 -pix_fmt gray", [Self.one, 0, 0, 0, Self.one, 0, 0, 0, 1 << 30]).path)
      let shown = try decode(
        try movie(folder, "-c:v ffv1 -pix_fmt gray", [m[0], m[1], 0, m[2], m[3], 0, 0, 0, 1 << 30]).path)
      let (width, height) = (stored.format.width, stored.format.height)
      let (before, after) = ([UInt8](stored.picture(0)), [UInt8](shown.picture(0)))
      let sign = m.map { $0.signum() }.map(Int.init)
      var wrong = 0
      for q in 0..<height {
        for p in 0..<width {
          var (x, y) = (sign[0] * p + sign[2] * q, sign[1] * p + sign[3] * q)
          if x < 0 || sign[0] + sign[2] < 0 { x += shown.format.width - 1 }
          if y < 0 || sign[1] + sign[3] < 0 { y += shown.format.height - 1 }
          if before[q * width + p] != after[y * shown.format.width + x] { wrong += 1 }
        }
      }
      #expect(wrong == 0)
    }
  }

  @Test func quarterTurnsOf422KeepTheirShape() throws {
    try TestData.withTemporaryFolder { folder in
      let o = Self.one
      let path = try movie(folder, "-c:v ffv1 -pix_fmt yuv422p10le", [0, o, 0, -o, 0, 0, 0, 0, 1 << 30])
      let decoded = try decode(path.path)
      #expect(decoded.format.width == 65 && decoded.format.height == 96)
      #expect(decoded.format.pixelFormat.name == "yuv444p10le")
      let stored = try output(of: [
        "ffmpeg", "-v", "error", "-noautorotate", "-i", path.path, "-f", "rawvideo", "-pix_fmt", "yuv422p10le", "-",
      ])
      // Luma is moved, not changed: its leftmost column, from below, is the first row.
      var column: [UInt8] = []
      for y in stride(from: 64, through: 0, by: -1) { column += [stored[y * 192], stored[y * 192 + 1]] }
      #expect([UInt8](decoded.samples.prefix(130)) == column)
    }
  }

  /// An angle that `ffmpeg` applies itself: the sense of rotation is its own.
  @Test(arguments: [0, 90, 180, 270]) func agreesWithAutorotation(angle: Int) throws {
    try TestData.withTemporaryFolder { folder in
      let (o, turn) = (Self.one, angle / 90)
      let (cosine, sine) = ([o, 0, -o, 0][turn], [0, o, 0, -o][turn])
      let path = try movie(
        folder, "-c:v ffv1 -pix_fmt yuv420p", [cosine, sine, 0, -sine, cosine, 0, 0, 0, 1 << 30])
      let decoded = try decode(path.path)
      #expect(decoded.format.width == (angle % 180 == 0 ? 96 : 65))
      #expect(decoded.samples == (try Reference.samples(path.path, decoded.format)))
    }
  }

  @Test(arguments: 1...8) func photographsAreUpright(exif: Int) throws {
    try TestData.withTemporaryFolder { folder in
      let plain = try Reference.make(
        folder.appendingPathComponent("p.jpg"),
        "-f lavfi -i testsrc2=size=96x64:rate=25 -frames:v 1 -pix_fmt yuvj444p -q:v 2")
      var data = try Data(contentsOf: plain)
      // APP1 with a big-endian TIFF header and one entry: tag 0x0112, SHORT, count 1.
      let tiff: [UInt8] = [
        0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, UInt8(exif), 0, 0, 0, 0, 0, 0,
      ]
      let body = Array("Exif".utf8) + [0, 0] + tiff
      data.insert(contentsOf: [0xff, 0xe1, 0, UInt8(body.count + 2)] + body, at: 2)
      let path = folder.appendingPathComponent("o.jpg")
      try data.write(to: path)
      let (stored, shown) = (try decode(plain.path), try decode(path.path))
      #expect(shown.format.width == (exif > 4 ? 64 : 96) && shown.format.height == (exif > 4 ? 96 : 64))
      let (before, after) = (stored.picture(0), shown.picture(0))
      // Where the stored top left sample is shown, by the table of EXIF 2.3, section 4.6.4.
      let (w, h) = (shown.format.width, shown.format.height)
      let corner = [(0, 0), (w - 1, 0), (w - 1, h - 1), (0, h - 1), (0, 0), (w - 1, 0), (w - 1, h - 1), (0, h - 1)][
        exif - 1]
      let next = [(1, 0), (-1, 0), (-1, 0), (1, 0), (0, 1), (0, 1), (0, -1), (0, -1)][exif - 1]
      let row = (0..<90).map { before[before.startIndex + $0] }
      let found = (0..<90).map { index in
        let (x, y) = (corner.0 + next.0 * index, corner.1 + next.1 * index)
        return (0..<w).contains(x) && (0..<h).contains(y) ? after[after.startIndex + y * w + x] : 0
      }
      #expect(row == found)
    }
  }
}
