import Foundation
import Frames
import Telemetry
import TestSupport
import Testing

@testable import Capture

/// Tests on a real camera driver: vivid, the kernel's virtual camera, as root in a machine that may be broken.
/// `make test-camera` starts one; elsewhere they are skipped.
@Suite(.serialized, .enabled(if: Vivid.isHere, "not in the camera machine; make test-camera starts it"))
struct CameraTests {}

/// The kernel's virtual camera (https://docs.kernel.org/admin-guide/media/vivid.html).
enum Vivid {
  static let isHere = ProcessInfo.processInfo.environment["FOVEA_CAMERA_TESTS"] == "1"
  static let path = "/dev/video0"
  static let oneWebcam = ["n_devs=1", "node_types=0x1", "num_inputs=1", "input_types=0x0"]

  /// Loads the driver anew, so that no test sees what another left behind.
  static func load(_ parameters: [String] = oneWebcam, isCamera: Bool = true) throws {
    try unload()
    try expect(run("modprobe", ["vivid"] + parameters, killAfter: 60))
    // The picture is then the same in every frame.
    if isCamera { try set("osd_text_mode", 2) }
  }

  static func unload() throws { _ = try run("modprobe", ["-r", "vivid"], killAfter: 60) }

  /// Sets a control from outside, as another program would.
  static func set(_ control: String, _ value: Int, on path: String = path) throws {
    try expect(run("v4l2-ctl", ["-d", path, "-c", "\(control)=\(value)"], killAfter: 60))
  }

  /// Unplugs or plugs in the (platform) device.
  static func drive(_ verb: String) throws {
    try Data("vivid.0".utf8).write(to: URL(fileURLWithPath: "/sys/bus/platform/drivers/vivid/\(verb)"))
  }

  @discardableResult
  static func expect(_ result: CommandResult) throws -> CommandResult {
    try #require(result.status == 0, "\(result.text) \(result.errors)")
    return result
  }

  static func options(
    _ size: (Int, Int) = (320, 180), format: String? = nil, timeout: Double = 10
  ) -> SourceOptions {
    var options = SourceOptions()
    options.camera.size = size
    options.camera.format = format
    options.camera.timeout = timeout
    return options
  }

  /// A source that comes back quickly.
  static func steady(_ options: SourceOptions = options(), showsOutages: Bool = true) throws -> SteadySource {
    let backoff = Backoff(shortest: 0.1, longest: 0.5)
    return try SteadySource(path, options: options, showsOutages: showsOutages, backoff: backoff) {
      try openSource(SourceAddress(path), options: $0)
    }
  }
}

extension FrameSource {
  /// Reads until a frame is as wanted; fails after so many frames.
  func read(_ frame: Frame, limit: Int = 400, until isWanted: (Frame) -> Bool) throws {
    for _ in 0..<limit {
      try #require(try read(into: frame), "the source ended")
      if isWanted(frame) { return }
    }
    Issue.record("not seen in \(limit) frames")
  }
}
