import Foundation
import Frames
import Media
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Capture
@testable import Output

/// A wall clock that goes on by a step whenever it is read.
private final class SteppingClock: Sendable {
  private let time = Mutex(1000.0)
  private let step: Double
  init(step: Double) { self.step = step }
  func next() -> Double {
    time.withLock {
      $0 += step
      return $0
    }
  }
}

/// Packets of a source on their way to files.
@Suite struct RecorderTests {
  /// Four seconds of 25 frames with a key frame each half second, B-frames, and sound.
  private func clip(_ folder: URL, sound: [String] = ["-c:a", "aac"]) throws -> URL {
    let file = folder.appendingPathComponent("a.mkv")
    try output(
      of: [
        "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=96x64:rate=25:duration=4", "-f", "lavfi", "-i",
        "sine=frequency=440:duration=4:sample_rate=48000", "-c:v", "libx264", "-g", "12", "-bf", "2", "-pix_fmt",
        "yuv420p",
      ] + sound + [file.path])
    return file
  }

  /// Decodes a file to its end while the recorder takes its packets; returns the recorder's report.
  @discardableResult
  private func play(_ file: URL, into recorder: PacketRecorder, meanwhile: (Int) -> Void = { _ in }) throws
    -> RecorderState
  {
    var options = SourceOptions()
    options.packets = recorder
    let source = try openSource(SourceAddress(file.path), options: options)
    let frame = Frame(source.format)
    var count = 0
    while try source.read(into: frame) {
      count += 1
      meanwhile(count)
    }
    recorder.stop()
    return recorder.report
  }

  private func packets(_ file: URL, _ stream: String) throws -> [String] {
    try text(of: [
      "ffprobe", "-v", "error", "-select_streams", stream, "-show_packets", "-show_entries", "packet=data_hash",
      "-show_data_hash", "md5", "-of", "csv=p=0", file.path,
    ]).split(separator: "\n").map { String($0.prefix { $0 != "," }) }
  }

  private func segments(_ folder: URL) throws -> [URL] {
    try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { $0.lastPathComponent.hasPrefix("s") }.sorted { $0.path < $1.path }
  }

  private func recorder(_ folder: URL, step: Double, change: (inout RecorderOptions) -> Void = { _ in })
    -> PacketRecorder
  {
    var options = RecorderOptions()
    let clock = SteppingClock(step: step)
    options.segment = 1
    options.now = clock.next
    options.path = { folder.appendingPathComponent(String(format: "s%07.2f", $0)).path }
    change(&options)
    return PacketRecorder("test", options)
  }

  /// Every packet of picture and sound is in one segment, in order, and each segment can be decoded from its first picture on.
  @Test func nothingIsLostAtTheSeams() throws {
    try TestData.withTemporaryFolder { folder in
      let clip = try clip(folder)
      let report = try play(clip, into: recorder(folder, step: 0.012))
      let files = try segments(folder)
      #expect(files.count >= 3 && report.lost == 0 && report.files == files.count && report.frames == 100)
      #expect(files.allSatisfy { $0.pathExtension == "mp4" })
      let (source, sound) = (try packets(clip, "v"), try packets(clip, "a"))
      #expect(try files.flatMap { try packets($0, "v") } == source)
      // Sound that ends before the first picture is not wanted.
      let written = try files.flatMap { try packets($0, "a") }
      #expect(written.count >= sound.count - 2 && written == sound.suffix(written.count))
      for file in files {
        let errors = try run("ffmpeg", ["-v", "error", "-i", file.path, "-f", "null", "-"]).errors
        #expect(errors.isEmpty, "\(file.lastPathComponent): \(errors)")
      }
      #expect(source.count == 100 && sound.count > 150)
    }
  }

  /// What browsers' mp4 does not hold goes into mkv, as it is.
  @Test func otherCodecsGoIntoMatroska() throws {
    try TestData.withTemporaryFolder { folder in
      let clip = try clip(folder, sound: ["-c:a", "pcm_alaw", "-ar", "8000"])
      try play(clip, into: recorder(folder, step: 0.0001))
      let files = try segments(folder)
      #expect(files.count == 1 && files[0].pathExtension == "mkv")
      #expect(try packets(files[0], "v") == packets(clip, "v"))
    }
  }

  /// A clip begins with a key frame that came before it was asked for.
  @Test func clipsHoldWhatCameBefore() throws {
    try TestData.withTemporaryFolder { folder in
      let clip = try clip(folder)
      let recorder = recorder(folder, step: 0.0001) { ($0.segment, $0.before) = (nil, 3600) }
      let done = Mutex<RecordedFile?>(nil)
      try play(clip, into: recorder) { count in
        guard count == 80 else { return }
        _ = recorder.beginClip(folder.appendingPathComponent("s1").path) { file in done.withLock { $0 = file } }
      }
      let file = try #require(done.withLock { $0 })
      #expect(file.frames == 100 && file.path.hasSuffix("s1.mp4"))
      #expect(try packets(URL(fileURLWithPath: file.path), "v") == packets(clip, "v"))
    }
  }

  /// Without room nothing is written and frames are counted; with room again recording goes on by itself.
  @Test func aFullDiskStopsRecordingAndNotMore() throws {
    try TestData.withTemporaryFolder { folder in
      let clip = try clip(folder)
      let isFull = Atomic<Bool>(true)
      // The clock of retries: it is long past each pause.
      let recorder = recorder(folder, step: 0.0001) { $0.hasRoom = { !isFull.load(ordering: .relaxed) } }
      let first = try play(clip, into: recorder)
      #expect(first.problem?.contains("no room") == true && first.files == 0 && first.lost > 0)
      #expect(try segments(folder).isEmpty)
      isFull.store(false, ordering: .relaxed)
      let second = try play(clip, into: self.recorder(folder, step: 0.0001))
      #expect(second.problem == nil && second.files == 1)
    }
  }

  /// A place that cannot be written is a state, not the end: the source goes on.
  @Test func aPlaceThatCannotBeWrittenIsSaid() throws {
    try TestData.withTemporaryFolder { folder in
      let clip = try clip(folder)
      let recorder = recorder(folder, step: 0.0001) { $0.path = { _ in "/proc/nowhere/s" } }
      let report = try play(clip, into: recorder)
      #expect(report.problem != nil && report.files == 0)
    }
  }

  @Test func theRingKeepsWholeGroupsOfPictures() throws {
    try TestData.withTemporaryFolder { folder in
      var ring = PacketRing(seconds: 2)
      func add(_ second: Double, isKey: Bool) throws {
        let packet = try MediaPacket()
        packet.pointer.pointee.flags = isKey ? 1 : 0
        ring.add(TimedPacket(packet: packet, isVideo: true, arrival: MonotonicTime(nanoseconds: Int64(second * 1e9))))
      }
      try add(-1, isKey: false)
      #expect(ring.packets.isEmpty)
      for tenth in 0..<100 { try add(Double(tenth) / 10, isKey: tenth % 10 == 0) }
      // At 9.0 s two seconds are wanted: the group that began at 7.0 s is the last that reaches back far enough.
      #expect(ring.packets.count == 30 && ring.packets[0].isKey)
    }
  }
}
