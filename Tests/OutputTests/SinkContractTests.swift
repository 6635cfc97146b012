import Foundation
import Frames
import Telemetry
import TestSupport
import Testing

@testable import Media
@testable import Output

/// What every sink promises, whatever it writes.
@Suite struct SinkContractTests {
  /// When another program takes the name meanwhile, the complete file stays under its partial name.
  @Test func aResultThatCannotGetItsNameIsKept() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.path + "/out.mp4"
      let file = try PartialFile(path, overwrite: true)
      try file.create()
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      let error = #expect(throws: UserError.self) { try file.commit(.complete) }
      #expect(error?.description.contains("the result stays in \(file.partialPath)") == true)
      #expect(FileManager.default.fileExists(atPath: file.partialPath))
    }
  }

  private static let outputs = [
    "out.mp4", "out.mov", "out.mkv", "out.webm", "out.avi", "out.gif", "out.ts", "out.flv", "out.nut", "out.y4m",
    "out.mjpeg", "out.yuv", "%03d.png", "%03d.jpg", "%03d.bmp", "%03d.tiff", "%03d.webp",
  ]
  private static let format = FrameFormat(
    pixelFormat: .yuv420p, width: 64, height: 48, frameRate: Rational(25, 1))

  private func inFolder(_ body: (String) throws -> Void) throws {
    signal(SIGPIPE, SIG_IGN)
    try TestData.withTemporaryFolder { try body($0.path) }
  }

  private func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  private func write(_ count: Int, to sink: any FrameSink, _ format: FrameFormat = Self.format) throws {
    for index in 0..<count { try sink.write(made(format, index, pts: Int64(index * 40), duration: 40)) }
  }

  /// A change of size, pixel format and time base in the middle: the first ones stay, and time goes on.
  @Test(arguments: outputs) func theFirstFormatStays(_ name: String) throws {
    try inFolder { folder in
      let sink = try openSink(Destination("\(folder)/\(name)"), options: SinkOptions())
      try sink.open(Self.format, companions: nil)
      try write(5, to: sink)
      for (index, pixels) in [PixelFormat.rgb24, .rgb24, .gray, .yuv444p].enumerated() {
        let other = FrameFormat(pixelFormat: pixels, width: 98, height: 50, timeBase: Rational(1, 90000))
        let seconds = Double((5 + index) * 40) * Self.format.timeBase.value
        try sink.write(made(other, index, pts: Int64(seconds * 90000), duration: 3600))
      }
      try sink.finish()
      guard !name.hasPrefix("%"), !name.hasSuffix("yuv") else { return }
      #expect(try Probe.stream("\(folder)/\(name)", "width,height").hasPrefix("64,48"))
    }
  }

  @Test(arguments: outputs) func everyFrameArrives(_ name: String) throws {
    try inFolder { folder in
      let sink = try openSink(Destination("\(folder)/\(name)"), options: SinkOptions())
      try sink.open(Self.format, companions: nil)
      try write(10, to: sink)
      try sink.finish()
      try sink.finish()
      sink.abort()
      if name.hasPrefix("%") {
        #expect(try names(folder).count == 10)
        #expect(try names(folder).first?.hasPrefix("001.") == true)
      } else {
        #expect(try names(folder) == [name])
        let raw = name.hasSuffix("yuv") ? ["-f", "rawvideo", "-video_size", "64x48"] : []
        let count = try text(
          of: ["ffprobe", "-v", "error"] + raw + [
            "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", "\(folder)/\(name)",
          ])
        #expect(count.split(separator: "\n").first == "10")
      }
    }
  }

  @Test(arguments: outputs) func abortLeavesNothing(_ name: String) throws {
    try inFolder { folder in
      let sink = try openSink(Destination("\(folder)/\(name)"), options: SinkOptions())
      try sink.open(Self.format, companions: nil)
      if !name.hasPrefix("%") { try write(3, to: sink) }
      sink.abort()
      sink.abort()
      try sink.finish()
      #expect(try names(folder).isEmpty)
    }
  }

  @Test(arguments: outputs) func aNameOutOfReachIsASentence(_ name: String) throws {
    try inFolder { folder in
      let error = #expect(throws: UserError.self) {
        let sink = try openSink(Destination("/proc/no/\(name)"), options: SinkOptions())
        try sink.open(Self.format, companions: nil)
      }
      #expect(error?.description.contains("/proc/no") == true)
    }
  }

  @Test(arguments: outputs.filter { !$0.hasPrefix("%") }) func existingFilesAreKept(_ name: String) throws {
    try inFolder { folder in
      let path = "\(folder)/\(name)"
      try Data("mine".utf8).write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: UserError.self) { try openSink(Destination(path), options: SinkOptions()) }
      #expect(error?.kind == .usage && error?.description.contains("--overwrite") == true)
      let sink = try openSink(Destination(path), options: SinkOptions(overwrite: true))
      try sink.open(Self.format, companions: nil)
      try write(2, to: sink)
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
      try sink.finish()
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count > 4)
      #expect(try names(folder) == [name])
    }
  }

  @Test func filesThatAppearMeanwhileAreKept() throws {
    try inFolder { folder in
      let path = folder + "/out.mkv"
      let sink = try openSink(Destination(path), options: SinkOptions())
      try sink.open(Self.format, companions: nil)
      try write(2, to: sink)
      try Data("mine".utf8).write(to: URL(fileURLWithPath: path))
      #expect(throws: UserError.self) { try sink.finish() }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
      #expect(try names(folder) == ["out.mkv", "out.partial.mkv"])
    }
  }

  /// What lies on disk when the program is killed: all but the last seconds plays.
  @Test(arguments: ["mp4", "mov", "mkv"]) func theUnfinishedFilePlays(_ ending: String) throws {
    try inFolder { folder in
      let sink = try openSink(Destination("\(folder)/out.\(ending)"), options: SinkOptions())
      try sink.open(Self.format, companions: nil)
      try write(250, to: sink)
      #expect(try names(folder) == ["out.partial.\(ending)"])
      let copy = "\(folder)/copy.\(ending)"
      try FileManager.default.copyItem(atPath: "\(folder)/out.partial.\(ending)", toPath: copy)
      sink.abort()
      let frames = try Probe.times(copy)
      // x264 holds back up to 60 pictures, the container one second.
      #expect(frames.count >= 250 - 90, "\(frames.count)")
      #expect(frames.first == 0)
    }
  }

  @Test func theFinalFileHasItsIndexInFront() throws {
    try inFolder { folder in
      let sink = try openSink(Destination(folder + "/out.mp4"), options: SinkOptions())
      try sink.open(Self.format, companions: nil)
      try write(60, to: sink)
      try sink.finish()
      let bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/out.mp4"))
      let index = try #require(bytes.range(of: Data("moov".utf8))?.lowerBound)
      let media = try #require(bytes.range(of: Data("mdat".utf8))?.lowerBound)
      #expect(index < media && bytes.range(of: Data("moof".utf8)) == nil)
    }
  }

  @Test(arguments: ["mkv", "mpegts", "y4m", "rawvideo", "mjpeg"]) func aFullDiskIsASentence(_ format: String) throws {
    signal(SIGPIPE, SIG_IGN)
    let error = #expect(throws: UserError.self) {
      let sink = try openSink(Destination("/dev/full"), options: SinkOptions(format: format))
      try sink.open(Self.format, companions: nil)
      try write(30, to: sink)
      try sink.finish()
    }
    #expect(error?.description == "cannot write /dev/full: the disk is full; free some space or write elsewhere")
  }

  @Test(.enabled(if: getuid() == 0), arguments: ["out.mp4", "out.mkv", "out.avi", "%d.bmp"])
  func aFullTmpfsLeavesNothingUnderTheName(_ name: String) throws {
    try inFolder { folder in
      guard (try? text(of: ["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder])) != nil else { return }
      defer { _ = try? text(of: ["umount", folder]) }
      let error = #expect(throws: UserError.self) {
        let sink = try openSink(Destination("\(folder)/\(name)"), options: SinkOptions(bitrate: 100_000_000))
        let format = FrameFormat(pixelFormat: .yuv420p, width: 320, height: 240, frameRate: Rational(25, 1))
        try sink.open(format, companions: nil)
        do {
          try write(120, to: sink, format)
          try sink.finish()
        } catch {
          sink.abort()
          throw error
        }
      }
      #expect(error?.description.contains("the disk is full") == true)
      let left = try names(folder).filter { !$0.hasSuffix(".bmp") || $0.contains("partial") }
      #expect(left.isEmpty)
    }
  }

  /// `| head -c 1000`: the reader goes away.
  @Test(arguments: ["matroska", "y4m", "mpegts"]) func aClosedPipeIsASentence(_ format: String) throws {
    try inFolder { folder in
      let path = folder + "/pipe"
      #expect(mkfifo(path, 0o600) == 0)
      let head = Process()
      head.executableURL = URL(fileURLWithPath: "/usr/bin/head")
      head.arguments = ["-c", "1000", path]
      head.standardOutput = FileHandle.nullDevice
      try head.run()
      let error = #expect(throws: (any Error).self) {
        let sink = try openSink(Destination(path), options: SinkOptions(format: format))
        try sink.open(Self.format, companions: nil)
        try write(200, to: sink)
        try sink.finish()
      }
      head.waitUntilExit()
      #expect("\(error as Any)".contains("the reading end of the pipe is closed"))
      #expect(try names(folder) == ["pipe"])
    }
  }
}
