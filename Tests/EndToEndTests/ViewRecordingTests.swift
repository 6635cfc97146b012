import Capture
import Foundation
import Frames
import TestSupport
import Testing

/// Recordings that viewers start and stop over HTTP, read back by the project's own decoder.
@Suite struct ViewRecordingTests {
  /// An even grey picture: whatever is not grey in a recording was drawn into it.
  private func view(in folder: URL) throws -> ViewProcess {
    try makeClip(
      [
        "-f", "lavfi", "-i", "color=0x808080:size=320x240:rate=20:duration=2", "-c:v", "libx264", "-pix_fmt", "yuv420p",
        "grey.mp4",
      ], in: folder)
    return try ViewProcess([
      folder.appendingPathComponent("grey.mp4").path, "--loop", "--model", tinyModel, "--saliency", "none",
      "--record-to",
      folder.path,
    ])
  }

  /// Frames that a recording can have got so far: those that the network saw, less those that the recording dropped.
  private func taken(_ view: ViewProcess) -> Double {
    view.metric("fovea_frames_analysed_total") - view.metric(#"fovea_dropped_frames_total{stage="record"}"#)
  }

  /// Records until there are so many frames more; returns the file.
  private func begin(_ view: ViewProcess, in folder: URL, frames: Int) throws -> URL {
    let (status, json) = view.control(#"{"record": true}"#)
    #expect(status == 200)
    let name = try #require(json["recording"] as? String)
    let first = taken(view)
    #expect(view.state { _ in taken(view) >= first + Double(frames) }?["recording"] as? String == name)
    return folder.appendingPathComponent(name)
  }

  /// Every frame of the recording has the camera's size and an overlay; returns how many there are.
  private func check(_ file: URL) throws -> Int {
    let source = try openSource(SourceAddress(file.path), options: SourceOptions())
    #expect(source.format.width == 320 && source.format.height == 240)
    let frame = Frame(source.format)
    var (count, last) = (0, -1.0)
    while try source.read(into: frame) {
      let (base, stride) = try (#require(frame.planes[0].base), frame.planes[0].stride)
      var (low, high) = (UInt8.max, UInt8.min)
      for y in 0..<240 {
        for x in 0..<320 {
          let value = base.load(fromByteOffset: y * stride + x, as: UInt8.self)
          (low, high) = (min(low, value), max(high, value))
        }
      }
      // Bright letters on a dark box.
      #expect(high > 180 && low < 90, "frame \(count): \(low) to \(high)")
      let time = try #require(frame.seconds)
      #expect(time > last)
      (count, last) = (count + 1, time)
    }
    return count
  }

  /// Another camera, of another size and rate, in the middle of what `--output` writes: it goes on in the first one's size.
  @Test func anOutputGoesOnWhenTheCameraChanges() throws {
    try TestData.withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("out.mkv")
      let (first, second) = ("synthetic:size=160x120,rate=30", "synthetic:size=98x64,rate=25")
      let view = try ViewProcess([
        first, "--model", tinyModel, "--allow-camera", second, "--output", file.path,
      ])
      func passed(_ frames: Double) -> Bool {
        let start = taken(view)
        return view.state { _ in taken(view) >= start + frames } != nil
      }
      #expect(passed(15))
      #expect(view.control(#"{"camera": "\#(second)"}"#).status == 200)
      #expect(passed(15))
      #expect(view.stop() == 0)
      let source = try openSource(SourceAddress(file.path), options: SourceOptions())
      #expect(source.format.width == 160 && source.format.height == 120)
      let frame = Frame(source.format)
      var times: [Double] = []
      while try source.read(into: frame) { times.append(try #require(frame.seconds)) }
      #expect(times.count >= 20 && zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
      // Frames of the second camera keep their distance: time does not stand still after the change.
      let distances = zip(times.suffix(10), times.suffix(9)).map { $1 - $0 }
      #expect(distances.allSatisfy { $0 > 0.02 }, "\(distances)")
    }
  }

  /// Sound reaches the file beside the pictures.
  @Test func anOutputHasTheSound() throws {
    try TestData.withTemporaryFolder { folder in
      try makeClip(
        [
          "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=3", "-f", "lavfi", "-i", "sine=duration=3",
          "-c:v",
          "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "clip.mp4",
        ], in: folder)
      let file = folder.appendingPathComponent("out.mkv")
      let view = try ViewProcess([
        folder.appendingPathComponent("clip.mp4").path, "--model", tinyModel, "--output", file.path,
      ])
      #expect(view.state { $0["ended"] as? Bool == true } != nil)
      #expect(view.stop() == 0)
      let kinds = try text(of: [
        "ffprobe", "-v", "error", "-show_entries", "stream=codec_type", "-of", "csv=p=0", file.path,
      ])
      #expect(kinds.contains("audio") && kinds.contains("video"), "\(kinds)")
      let packets = try text(of: [
        "ffprobe", "-v", "error", "-select_streams", "a:0", "-show_entries", "packet=pts_time", "-of", "csv=p=0",
        file.path,
      ]).split(whereSeparator: { $0 == "\n" || $0 == "," }).compactMap { Double($0) }
      #expect(packets.count > 60 && packets.last ?? 0 > 2, "\(packets.count)")
    }
  }

  /// FLAC becomes Opus in webm; that, and sound at all, can be declined as with `annotate`.
  @Test(arguments: [("", ["opus"]), ("--no-transcode", []), ("--no-copy", [])])
  func soundOfAnOutputCanBeDeclined(option: String, sound: [String]) throws {
    try TestData.withTemporaryFolder { folder in
      try makeClip(
        [
          "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=1", "-f", "lavfi", "-i", "sine=duration=1",
          "-c:v", "libx264", "-c:a", "flac", "clip.mkv",
        ], in: folder)
      let file = folder.appendingPathComponent("out.webm")
      let view = try ViewProcess(
        [folder.appendingPathComponent("clip.mkv").path, "--model", tinyModel, "--output", file.path]
          + (option.isEmpty ? [] : [option]))
      #expect(view.state { $0["ended"] as? Bool == true } != nil)
      #expect(view.stop() == 0)
      let kinds = try text(of: [
        "ffprobe", "-v", "error", "-select_streams", "a", "-show_entries", "stream=codec_name", "-of", "csv=p=0",
        file.path,
      ])
      #expect(kinds.split(whereSeparator: \.isWhitespace).map(String.init) == sound, "\(option)")
    }
  }

  /// A joined transport stream whose clock jumps: the output begins at 0, and time goes on.
  @Test func anOutputIsInStepBehindAJump() throws {
    try TestData.withTemporaryFolder { folder in
      var joined = Data()
      for start in [100, 1] {
        try makeClip(
          [
            "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=2", "-f", "lavfi", "-i", "sine=duration=2",
            "-c:v",
            "libx264", "-c:a", "aac", "-output_ts_offset", "\(start)", "part.ts",
          ], in: folder)
        joined += try Data(contentsOf: folder.appendingPathComponent("part.ts"))
      }
      try joined.write(to: folder.appendingPathComponent("in.ts"))
      let file = folder.appendingPathComponent("out.mp4")
      let view = try ViewProcess([
        folder.appendingPathComponent("in.ts").path, "--model", tinyModel, "--output", file.path,
      ])
      #expect(view.state { $0["ended"] as? Bool == true } != nil)
      #expect(view.stop() == 0)
      let shown = try times(file)
      #expect(shown.count > 80 && shown[0] < 0.1 && abs((shown.last ?? 0) - 4) < 0.3, "\(shown.last ?? 0)")
      let packets = try text(of: [
        "ffprobe", "-v", "error", "-select_streams", "a:0", "-show_entries", "packet=pts_time", "-of", "csv=p=0",
        file.path,
      ]).split(whereSeparator: { $0 == "\n" || $0 == "," }).compactMap { Double($0) }
      #expect(abs((packets.last ?? 0) - (shown.last ?? 9)) < 0.3)
    }
  }

  @Test func aRecordingIsACompleteFileWithItsOverlay() throws {
    try TestData.withTemporaryFolder { folder in
      let view = try view(in: folder)
      for _ in 0..<2 {
        let file = try begin(view, in: folder, frames: 20)
        let (status, json) = view.control(#"{"record": false}"#)
        #expect(status == 200 && json["recording"] == nil)
        // The file is complete when the answer comes; a frame or two may have come too late for it.
        #expect(try check(file) >= 17)
      }
      // Ctrl-C completes one too.
      let last = try begin(view, in: folder, frames: 10)
      #expect(view.stop() == 0)
      #expect(try check(last) >= 5)
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      #expect(files.count == 4 && files.allSatisfy { $0.hasSuffix(".mp4") && !$0.contains("partial") }, "\(files)")
    }
  }
}
