import Foundation
import Frames
import Telemetry
import TestSupport
import Testing

@testable import Capture

extension CameraTests {
  @Test func damagedBuffersAreCountedAndSkipped() throws {
    try Vivid.load()
    let source = try Vivid.steady()
    let frame = Frame(source.format)
    try source.read(frame) { _ in true }
    try Vivid.set("inject_v4l2_buf_flag_error", 1)
    try source.read(frame) { _ in source.counters.damagedPackets > 0 }
    #expect(frame.outage == nil && source.counters.reconnects == 0)
  }

  @Test(arguments: ["inject_fatal_streaming_error", "inject_vidioc_qbuf_error"])
  func errorInMidStreamIsOvercome(control: String) throws {
    try Vivid.load()
    let source = try Vivid.steady()
    let frame = Frame(source.format)
    try source.read(frame) { $0.outage == nil }
    try Vivid.set(control, 1)
    try source.read(frame) { $0.outage != nil }
    #expect(frame.outage?.reason.contains(Vivid.path) == true)
    try source.read(frame) { $0.outage == nil }
    #expect(source.counters.reconnects == 1)
  }

  /// As `annotate` reads a camera: no dark pictures, and the time stamps keep the gap.
  @Test func errorInMidStreamLeavesAGap() throws {
    try Vivid.load()
    let source = try Vivid.steady(showsOutages: false)
    let frame = Frame(source.format)
    try source.read(frame) { _ in true }
    let before = try #require(frame.seconds)
    try Vivid.set("inject_fatal_streaming_error", 1)
    try source.read(frame) { _ in source.counters.reconnects == 1 }
    #expect(frame.outage == nil)
    #expect(try #require(frame.seconds) > before + 0.1)
  }

  @Test func annotateTakesTheCamerasOptions() throws {
    try Vivid.load()
    try TestData.withTemporaryFolder { folder in
      let result = try fovea(
        [
          "annotate", Vivid.path, "out.mkv", "--resolution", "320x180", "--camera-format", "yuyv", "--duration", "2",
          "-q",
          "--model", TestData.tinyModel, "--no-tune",
        ], in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let source = try openSource(SourceAddress(folder.appendingPathComponent("out.mkv").path))
      #expect((source.format.width, source.format.height) == (320, 180))
    }
  }

  @Test(arguments: ["inject_vidioc_streamon_error", "inject_vidioc_reqbufs_error", "inject_vidioc_qbuf_error"])
  func errorAtTheStartIsOvercome(control: String) throws {
    try Vivid.load()
    try Vivid.set(control, 1)
    let source = try Vivid.steady()
    let frame = Frame(source.format)
    try source.read(frame) { $0.outage != nil }
    #expect(frame.format.width == 320 && frame.format.height == 180)
    try source.read(frame) { $0.outage == nil }
    #expect((frame.format.width, frame.format.height) == (320, 180))
  }

  @Test func driverDropsAreCounted() throws {
    try Vivid.load()
    try Vivid.set("percentage_of_dropped_buffers", 50)
    let source = try Vivid.steady()
    try source.read(Frame(source.format)) { _ in source.counters.driverDrops > 2 }
  }

  @Test func stallIsNoticedAndOvercome() throws {
    try Vivid.load()
    let source = try Vivid.steady(Vivid.options(timeout: 2))
    let frame = Frame(source.format)
    try source.read(frame) { $0.outage == nil }
    try Vivid.set("percentage_of_dropped_buffers", 100)
    try source.read(frame) { $0.outage != nil }
    #expect(frame.outage?.reason.contains("no picture for 2 s") == true)
    try Vivid.set("percentage_of_dropped_buffers", 0)
    try source.read(frame) { $0.outage == nil }
  }

  @Test func unpluggedAndPluggedInAgain() throws {
    try Vivid.load()
    let source = try Vivid.steady()
    let frame = Frame(source.format)
    try source.read(frame) { $0.outage == nil }
    try Vivid.drive("unbind")
    try source.read(frame) { $0.outage != nil }
    let since = frame.outage?.since
    let before = frame.pts ?? 0
    try source.read(frame) { $0.outage?.reason.contains("there is no such device") == true }
    #expect(frame.outage?.since == since, "since when does not change while it lasts")
    try Vivid.drive("bind")
    try source.read(frame) { $0.outage == nil }
    #expect((frame.pts ?? 0) > before, "time goes on")
  }

  @Test func disconnectInMidStream() throws {
    try Vivid.load()
    let source = try Vivid.steady()
    let frame = Frame(source.format)
    try source.read(frame) { $0.outage == nil }
    try Vivid.set("disconnect", 1)
    try source.read(frame) { $0.outage != nil }
    try Vivid.drive("unbind")
    try Vivid.drive("bind")
    try source.read(frame) { $0.outage == nil }
  }

  @Test func cameraThatAppearsLate() throws {
    try Vivid.unload()
    let source = try Vivid.steady()
    let frame = Frame(source.format)
    try source.read(frame) { $0.outage != nil }
    #expect(frame.outage?.reason.contains("there is no such device") == true)
    try Vivid.load()
    try source.read(frame) { $0.outage == nil }
    #expect(source.format.width == 320)
  }

  @Test func busyCameraIsWaitedFor() throws {
    try Vivid.load()
    let other = Process()
    let taken = URL(fileURLWithPath: "/tmp/taken.raw")
    try? FileManager.default.removeItem(at: taken)
    other.executableURL = URL(fileURLWithPath: "/usr/bin/v4l2-ctl")
    other.arguments = [
      "-d", Vivid.path, "--set-fmt-video=width=320,height=180", "--stream-mmap", "--stream-to=\(taken.path)",
    ]
    (other.standardOutput, other.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
    try other.run()
    // v4l2-ctl does not end at SIGTERM while it streams.
    defer { kill(other.processIdentifier, SIGKILL) }
    // Until the other program streams, the driver would let us in.
    while other.isRunning, ((try? Data(contentsOf: taken)) ?? Data()).isEmpty { usleep(50_000) }
    let source = try Vivid.steady()
    let frame = Frame(source.format)
    try source.read(frame) { $0.outage != nil }
    #expect(frame.outage?.reason.contains("another program is using the camera") == true)
    kill(other.processIdentifier, SIGKILL)
    try source.read(frame) { $0.outage == nil }
  }

  @Test func interruptionEndsAWaitForTheCamera() throws {
    try Vivid.unload()
    let source = try Vivid.steady()
    let frame = Frame(source.format)
    try source.read(frame) { $0.outage != nil }
    source.interrupt()
    #expect(try source.read(into: frame) == false)
    try Vivid.load()
  }
}
