import Foundation
import Frames
import Telemetry
import TestSupport
import Testing

@testable import Capture

extension CameraTests {
  @Test func timeStampsAndNumbersAreTheDrivers() throws {
    try Vivid.load()
    let source = try openSource(SourceAddress(Vivid.path), options: Vivid.options())
    let frame = Frame(source.format)
    var last: (pts: Int64, time: MonotonicTime, number: UInt64)?
    for index in 0..<12 {
      #expect(try source.read(into: frame))
      let pts = try #require(frame.pts)
      #expect(index > 0 || pts == 0 && frame.sequence == 0)
      #expect(frame.captureTime <= SystemTime().now())
      if let last {
        #expect(pts > last.pts && frame.captureTime > last.time && frame.sequence > last.number)
        // The time stamp and the capture time agree.
        let seconds = frame.captureTime.seconds(since: last.time)
        #expect(abs(Double(pts - last.pts) * 1e-6 - seconds) < 1e-5)
      }
      last = (pts, frame.captureTime, frame.sequence)
    }
  }

  @Test func wishesAreMetOrReplaced() throws {
    try Vivid.load()
    let exact = try openSource(SourceAddress(Vivid.path), options: Vivid.options((640, 360), format: "uyvy"))
    #expect(exact.format.pixelFormat.name == "uyvy422" && exact.format.width == 640 && exact.format.height == 360)
    #expect(exact.format.color.range == .limited && exact.format.color.matrix == 6)
    #expect(exact.info.isLive && exact.info.name == "vivid")
  }

  @Test func nearestSizeIsTaken() throws {
    try Vivid.load()
    let source = try openSource(SourceAddress(Vivid.path), options: Vivid.options((600, 350)))
    #expect((source.format.width, source.format.height) == (640, 360))
  }

  @Test func unknownFormatIsRefusedWithThoseThereAre() throws {
    try Vivid.load()
    let error = #expect(throws: UserError.self) {
      _ = try openSource(SourceAddress(Vivid.path), options: Vivid.options(format: "mjpeg"))
    }
    #expect("\(error!)".contains("has no format 'mjpeg'") && "\(error!)".contains("yuyv"))
  }

  @Test func controlsAreSet() throws {
    try Vivid.load()
    var options = Vivid.options(format: "rgb24")
    options.camera.controls = try [
      CameraSetting("test_pattern=100% Red"), CameraSetting("Brightness=128"), CameraSetting("horizontal_flip=on"),
    ]
    let source = try openSource(SourceAddress(Vivid.path), options: options)
    let frame = Frame(source.format)
    #expect(try source.read(into: frame))
    let base = try #require(frame.planes[0].base)
    #expect((0..<3).map { base.load(fromByteOffset: 3000 + $0, as: UInt8.self) } == [255, 0, 0])
    let seen = try run("v4l2-ctl", ["-d", Vivid.path, "-C", "horizontal_flip"], killAfter: 60).text
    #expect(seen.contains("horizontal_flip: 1"))
    for (words, expected) in [
      ("nonsense=1", "no control 'nonsense'"), ("brightness=999", "takes 0 to 255"),
      ("test_pattern=99", "75% Colorbar"), ("brightnss=1", "brightness"),
    ] {
      options.camera.controls = [try CameraSetting(words)]
      let error = #expect(throws: (any Error).self) { _ = try openSource(SourceAddress(Vivid.path), options: options) }
      #expect("\(error!)".contains(expected), "\(error!)")
    }
  }

  @Test func camerasAreListedAndFoundByName() throws {
    try Vivid.load()
    let (cameras, problems) = CameraCatalog.list()
    #expect(problems.isEmpty)
    let camera = try #require(cameras.first)
    #expect(camera.path == Vivid.path && camera.capabilities.driver == "vivid" && !camera.isOutput)
    let listed = try run("v4l2-ctl", ["-d", Vivid.path, "--list-formats-ext"], killAfter: 60).text
    #expect(camera.modes.count == listed.components(separatedBy: "]: '").count - 1)
    #expect(camera.modes[0].sizes.contains { $0.width == 1280 && $0.height == 720 && !$0.rates.isEmpty })
    let controls = try run("v4l2-ctl", ["-d", Vivid.path, "-L"], killAfter: 60).text
    for control in camera.controls { #expect(controls.contains(" \(control.name) 0x"), "\(control.name)") }
    for words in ["0", "video0", "vivid", "VIVID", "platform:vivid-000", "/dev/video0"] {
      #expect(try CameraCatalog.resolve(words) == Vivid.path)
    }
    #expect(throws: UserError.self) { try CameraCatalog.resolve("vivit") }
  }

  @Test func fortyOpeningsLeaveNothingBehind() throws {
    try Vivid.load()
    func descriptors() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
    func mappings() throws -> Int {
      try String(contentsOfFile: "/proc/self/maps", encoding: .utf8).components(separatedBy: "/dev/video").count - 1
    }
    let before = try descriptors()
    for _ in 0..<40 {
      let source = try openSource(SourceAddress(Vivid.path), options: Vivid.options())
      #expect(try source.read(into: Frame(source.format)))
    }
    #expect(try descriptors() == before)
    #expect(try mappings() == 0)
  }

  @Test func picturesHeldByOthersAreNotOverwritten() throws {
    try Vivid.load()
    try Vivid.set("horizontal_movement", 6)
    let source = try openSource(SourceAddress(Vivid.path), options: Vivid.options(format: "grey"))
    let held = (0..<3).map { _ in Frame(source.format) }
    for frame in held { #expect(try source.read(into: frame)) }
    func row(_ frame: Frame) throws -> Data { Data(bytes: try #require(frame.planes[0].base), count: 320) }
    let copies = try held.map(row)
    let other = Frame(source.format)
    for _ in 0..<20 { #expect(try source.read(into: other)) }
    #expect(try held.map(row) == copies)
    #expect(Set(copies).count == 3, "the picture moves")
  }
}
