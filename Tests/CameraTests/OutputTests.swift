import Foundation
import Frames
import Telemetry
import TestSupport
import Testing

@testable import Capture
@testable import Output

extension CameraTests {
  /// What goes into the driver's output comes out of its capture side, where the two are connected.
  @Test func picturesSentToADeviceAreSeenByAnother() throws {
    try Vivid.load([
      "n_devs=1", "node_types=0x101", "num_inputs=1", "input_types=0x3", "num_outputs=1", "output_types=0x1",
    ])
    let (capture, output) = ("/dev/video0", "/dev/video1")
    try Vivid.set("loop_video", 1)
    try Vivid.expect(
      run("v4l2-ctl", ["-d", output, "--set-dv-bt-timings=index=0"], killAfter: 60))
    try Vivid.expect(run("v4l2-ctl", ["-d", capture, "--set-dv-bt-timings=query"], killAfter: 60))
    let sink = try openSink("v4l2:\(output)", options: SinkOptions())
    let picture = Frame.allocated(FrameFormat(pixelFormat: .rgb24, width: 640, height: 480, frameRate: Rational(30, 1)))
    let base = try #require(picture.planes[0].base)
    for row in 0..<480 {
      for column in 0..<640 {
        let color: [UInt8] = column < 320 ? [200, 40, 40] : [30, 90, 220]
        for (c, value) in color.enumerated() {
          (base + row * picture.planes[0].stride + column * 3 + c).storeBytes(of: value, as: UInt8.self)
        }
      }
    }
    try sink.open(picture.format, companions: nil)
    let source = try openSource(capture, options: Vivid.options((640, 480), format: "rgb24"))
    let frame = Frame(source.format)
    var seen: [[Int]] = []
    for _ in 0..<40 {
      // The driver shows what it has at the moment when it fills a picture: there must always be something.
      for _ in 0..<4 { try sink.write(picture) }
      #expect(try source.read(into: frame))
      let rows = try #require(frame.planes[0].base) + frame.format.height / 2 * frame.planes[0].stride
      seen = [frame.format.width / 4, frame.format.width * 3 / 4].map { x in
        (0..<3).map { Int((rows + x * 3).load(fromByteOffset: $0, as: UInt8.self)) }
      }
      if abs(seen[0][0] - 200) < 12, abs(seen[1][2] - 220) < 12 { break }
    }
    let expected = [[200, 40, 40], [30, 90, 220]]
    #expect(zip(seen.joined(), expected.joined()).allSatisfy { abs($0 - $1) < 12 }, "\(seen)")
    try sink.finish()
  }

  @Test func cameraIsNoOutput() throws {
    try Vivid.load()
    let sink = try openSink(Vivid.path, options: SinkOptions())
    let error = #expect(throws: UserError.self) {
      try sink.open(FrameFormat(pixelFormat: .rgb24, width: 64, height: 48), companions: nil)
    }
    #expect("\(error!)".contains("gives pictures and does not take any"))
  }
}
