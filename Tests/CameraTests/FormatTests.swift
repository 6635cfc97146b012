import CFFmpeg
import Foundation
import Frames
import Media
import Telemetry
import TestSupport
import Testing

@testable import Capture

extension CameraTests {
  /// Each format against what v4l2-ctl reads from the same driver, and against the colours of its test picture.
  @Test(arguments: [
    "nv12", "nv21", "yuv420p", "yvu420p", "yuv422p", "yuyv", "uyvy", "yvyu", "nv16", "nv24", "grey", "rgb24", "bgr24",
    "xrgb", "bgrx",
  ])
  func formatIsReadExactly(name: String) throws {
    try Vivid.load()
    try check(name, split: false)
  }

  @Test(arguments: ["nv12", "nv21", "yuv420p", "yvu420p", "yuv422p", "nv16", "yuyv", "rgb24"])
  func multiplanarDriverIsReadExactly(name: String) throws {
    try Vivid.load(Vivid.oneWebcam + ["multiplanar=2"])
    try check(name, split: false)
  }

  @Test(arguments: ["NM12", "NM21", "YM12", "YM21", "YM16", "NM16"])
  func planesInMemoryOfTheirOwnAreReadExactly(fourcc: String) throws {
    try Vivid.load(Vivid.oneWebcam + ["multiplanar=2"])
    try check(fourcc, split: true)
  }

  /// Bayer mosaics, converted by libv4l: the colours of the bars, away from their edges.
  @Test(arguments: ["ba81", "gbrg", "grbg", "rggb", "bg10", "rg10", "y16"]) func mosaicsAreConverted(name: String)
    throws
  {
    try Vivid.load()
    let source = try openSource(SourceAddress(Vivid.path), options: Vivid.options(format: name))
    let frame = Frame(source.format)
    #expect(try source.read(into: frame))
    #expect((frame.format.width, frame.format.height) == (320, 180) && frame.format.pixelFormat == .rgb24)
    try checkBars(frame, isGrey: name == "y16", within: 4)
    #expect(source.counters.damagedPackets == 0)
  }

  private func check(_ name: String, split: Bool) throws {
    // The device is closed again before v4l2-ctl opens it.
    let (bytes, seen) = try capture(name)
    let known = try #require(
      CameraPixelFormat.all.first { ($0.name == name || $0.fourcc == name) && $0.isSplit == split })
    let expected = try reference(known.fourcc)
    #expect(bytes.count == expected.count)
    #expect(bytes == expected, "the bytes differ from v4l2-ctl's")
    if let seen { try checkBars(seen, isGrey: name == "grey") }
  }

  private func capture(_ name: String) throws -> (bytes: Data, rgb: Frame?) {
    let source = try openSource(SourceAddress(Vivid.path), options: Vivid.options(format: name))
    let frame = Frame(source.format)
    #expect(try source.read(into: frame))
    #expect((frame.format.width, frame.format.height) == (320, 180))
    let bytes = samples(of: frame, swapped: ["yvu420p", "YM21"].contains(name))
    // libswscale does not read nv16.
    return (bytes, frame.format.pixelFormat.name == "nv16" ? nil : try rgb(frame))
  }

  private func reference(_ fourcc: String) throws -> Data {
    try TestData.withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("frame.raw")
      try Vivid.expect(
        run(
          "v4l2-ctl",
          [
            "-d", Vivid.path, "--set-fmt-video=width=320,height=180,pixelformat=\(fourcc)", "--stream-mmap",
            "--stream-count=1", "--stream-to=\(file.path)",
          ], killAfter: 100))
      return try Data(contentsOf: file)
    }
  }

  /// The samples in the kernel's order, without what lies between rows.
  private func samples(of frame: Frame, swapped: Bool) -> Data {
    let format = frame.format.pixelFormat
    var order = Array(0..<format.planeCount)
    if swapped { order.swapAt(1, 2) }
    var data = Data()
    for plane in order {
      let (base, stride) = frame.planes[plane]
      guard let base else { continue }
      let count = format.rowBytes(ofPlane: plane, width: frame.format.width)
      for row in 0..<format.rows(ofPlane: plane, height: frame.format.height) {
        data.append(Data(bytes: base + row * stride, count: count))
      }
    }
    return data
  }

  func rgb(_ frame: Frame) throws -> Frame {
    var format = frame.format
    (format.pixelFormat, format.color) = (.rgb24, ColorDescription(range: .full, matrix: 0))
    let result = Frame.allocated(format)
    let scaler = try PictureScaler(from: frame.format, as: frame.format.pixelFormat.ffmpeg, to: format)
    let view = try AVFrameView()
    try withExtendedLifetime(view) { try scaler.scale(view.show(frame), into: result.planes) }
    return result
  }

  /// Eight bars of 75 % colour: white, yellow, cyan, green, magenta, red, blue, black; 320 by 180 pixels.
  func checkBars(_ picture: Frame, isGrey: Bool, within levels: Int = 3) throws {
    let base = try #require(picture.planes[0].base)
    for bar in 0..<8 {
      let pixel = base + 90 * picture.planes[0].stride + 3 * (bar * 40 + 20)
      let seen = (0..<3).map { Int(pixel.load(fromByteOffset: $0, as: UInt8.self)) }
      let full = 191
      let expected = [bar & 2 == 0 ? full : 0, bar & 4 == 0 ? full : 0, bar & 1 == 0 ? full : 0]
      if isGrey {
        #expect(Set(seen).count == 1)
      } else {
        #expect(zip(seen, expected).allSatisfy { abs($0 - $1) <= levels }, "bar \(bar): \(seen), not \(expected)")
      }
    }
  }
}
