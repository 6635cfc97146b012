import Foundation
import Frames
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Capture

/// `fovea view` on a real driver, over HTTP.
extension CameraTests {
  private func view(_ arguments: [String] = []) throws -> ViewProcess {
    let model = TestData.tinyModel
    return try ViewProcess(
      [
        Vivid.path, "--resolution", "320x180", "--camera-format", "yuyv", "--saliency", "none", "--model", model,
        "--no-tune",
        "--device-timeout", "20",
      ] + arguments)
  }

  /// What `/snapshot.jpg` shows, decoded.
  private func snapshot(_ view: ViewProcess) throws -> Frame {
    try TestData.withTemporaryFolder { folder in
      let (status, bytes) = view.get("/snapshot.jpg")
      #expect(status == 200)
      let file = folder.appendingPathComponent("snapshot.jpg")
      try Data(bytes).write(to: file)
      let frame: Frame
      let source = try openSource(SourceAddress(file.path), options: SourceOptions())
      frame = Frame(source.format)
      #expect(try source.read(into: frame))
      #expect((frame.format.width, frame.format.height) == (320, 180))
      return try rgb(frame)
    }
  }

  @Test func viewTellsTheFormatAndShowsTheBars() throws {
    try Vivid.load()
    let view = try view()
    let state = try #require(view.state { $0["status"] as? String == "streaming" })
    let format = try #require(state["format"] as? [String: Any])
    #expect(format["width"] as? Int == 320 && format["height"] as? Int == 180)
    #expect(format["pixel_format"] as? String == "yuyv422", "\(format)")
    try checkBars(snapshot(view), isGrey: false, within: 12)
    #expect(view.stop() == 0)
  }

  @Test func viewersStayWhileTheCameraIsUnplugged() throws {
    try Vivid.load()
    let view = try view()
    let viewer = try #require(Spectator(port: view.port))
    #expect(viewer.sees(5))
    try Vivid.drive("unbind")
    let lost = try #require(view.state { $0["status"] as? String == "no signal" })
    let reason = (lost["outage"] as? [String: Any])?["reason"] as? String
    #expect(reason?.contains(Vivid.path) == true, "\(lost)")
    #expect(viewer.sees(3), "dark pictures go on coming")
    #expect(view.get("/snapshot.jpg").status == 200)
    try Vivid.drive("bind")
    let back = try #require(view.state { $0["status"] as? String == "streaming" })
    #expect(back["outage"] == nil)
    #expect(viewer.sees(5), "the same connection shows the camera again")
    #expect(view.metric("fovea_reconnects_total") == 1)
    try Vivid.set("osd_text_mode", 2)
    try checkBars(snapshot(view), isGrey: false, within: 12)
    #expect(view.stop() == 0)
  }

  @Test func viewWritesToAnotherDriver() throws {
    // The camera is /dev/video0, the device that takes pictures /dev/video1.
    try Vivid.load([
      "n_devs=1", "node_types=0x101", "num_inputs=1", "input_types=0x0", "num_outputs=1", "output_types=0x1",
    ])
    let view = try view(["--output", "v4l2:/dev/video1"])
    // Every frame that the network has seen goes out, unless the device is slower.
    #expect(view.state { _ in view.metric("fovea_frames_analysed_total") >= 40 } != nil)
    let taken = try run("v4l2-ctl", ["-d", "/dev/video1", "--get-fmt-video-out"], killAfter: 60).text
    #expect(taken.contains("YUYV") || taken.contains("YU12"), "\(taken)")
    #expect(view.stop() == 0)
    let frames = view.said.firstMatch(of: /\/dev\/video1 is complete: (\d+) frames/).flatMap { Int($0.1) }
    // There are four buffers: more than these were taken and shown.
    #expect(try #require(frames, "\(view.said)") > 8)
  }
}

/// Reads the stream without a pause, on its own thread: the server drops clients that take nothing for long.
private final class Spectator: Sendable {
  private let pictures = Atomic<Int>(0)
  private let isGone = Atomic<Bool>(false)

  /// Nil when nothing listens on the port.
  init?(port: Int) {
    guard RawClient(port: port) != nil else { return nil }
    Thread.detachNewThread { [self] in
      if let client = RawClient(port: port) {
        client.say("GET /stream.mjpg HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while true {
          let part = client.hear()
          if part.isEmpty { break }
          let found = String(decoding: part, as: UTF8.self).components(separatedBy: "--fovea-frame").count - 1
          pictures.add(found, ordering: .relaxed)
        }
      }
      isGone.store(true, ordering: .relaxed)
    }
  }

  /// Waits for so many more pictures on this connection; false when it ends, or when they do not come in time.
  func sees(_ count: Int) -> Bool {
    let wanted = pictures.load(ordering: .relaxed) + count
    for _ in 0..<2400 where !isGone.load(ordering: .relaxed) && pictures.load(ordering: .relaxed) < wanted {
      usleep(50_000)
    }
    return pictures.load(ordering: .relaxed) >= wanted && !isGone.load(ordering: .relaxed)
  }
}
