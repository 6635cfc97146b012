import Foundation
import Frames
import Telemetry
import TestSupport
import Testing

@testable import Capture
@testable import Output

extension CameraTests {
  /// There are four buffers: the driver has shown what came before when a fifth picture and more are taken.
  @Test(arguments: [PixelFormat.yuv420p, .rgb24, .gray])
  func driverTakesPictures(format: PixelFormat) throws {
    try Vivid.load(["n_devs=1", "node_types=0x100", "num_outputs=1", "output_types=0x1"], isCamera: false)
    let picture = Frame.allocated(
      FrameFormat(pixelFormat: format, width: 640, height: 480, frameRate: Rational(30, 1)))
    let sink = try openSink(Destination("v4l2:\(Vivid.path)"), options: SinkOptions())
    try sink.open(picture.format, companions: nil)
    for _ in 0..<12 { try sink.write(picture) }
    let seen = try run("v4l2-ctl", ["-d", Vivid.path, "--get-fmt-video-out"], killAfter: 60).text
    let letters = ["yuv420p": "YU12", "rgb24": "RGB3", "gray": "GREY"][format.name] ?? ""
    #expect(seen.contains("'\(letters)'"), "\(seen)")
    try sink.finish()
  }

  @Test func cameraIsNoOutput() throws {
    try Vivid.load()
    let sink = try openSink(Destination(Vivid.path), options: SinkOptions())
    let error = #expect(throws: UserError.self) {
      try sink.open(FrameFormat(pixelFormat: .rgb24, width: 64, height: 48), companions: nil)
    }
    #expect("\(error!)".contains("gives pictures and does not take any"))
  }
}
