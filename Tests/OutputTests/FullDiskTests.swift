import Foundation
import Frames
import Telemetry
import Tensors
import TestSupport
import Testing

@testable import Output

/// What stays when the disk fills up: a small one in memory, which only the superuser can mount.
@Suite(.enabled(if: getuid() == 0)) struct FullDiskTests {
  private struct Line: Encodable {
    let frame: Int
    var text = String(repeating: "x", count: 999)
  }

  /// Calls `body` with a folder on a disk of so many kilobytes.
  private func onDisk(_ kilobytes: Int, _ body: (String) throws -> Void) throws {
    try TestData.withTemporaryFolder { folder in
      let mount = ["mount", "-t", "tmpfs", "-o", "size=\(kilobytes)k", "none", folder.path]
      guard (try? text(of: mount)) != nil else { return }
      defer { _ = try? text(of: ["umount", folder.path]) }
      try body(folder.path)
    }
  }

  /// Writes until the disk is full. Returns how often that went well.
  private func fill(_ sink: any Sink, _ write: (Int) throws -> Void) -> (count: Int, error: any Error) {
    var count = 0
    while true {
      do { try write(count) } catch { return (count, [sink].settle(after: error, written: count, isWhole: false)) }
      count += 1
    }
  }

  @Test func wholeLinesStay() throws {
    try onDisk(64) { folder in
      let path = folder + "/out.jsonl"
      let sink = try JSONLinesSink(path)
      let (count, error) = fill(sink) { try sink.write(Line(frame: $0)) }
      let kept = folder + "/out.partial.jsonl"
      #expect(
        "\(error)"
          == "cannot write \(path): the disk is full; free some space or write elsewhere; "
          + "what was written until then is in \(kept)")
      let lines = try String(contentsOfFile: kept, encoding: .utf8)
      #expect(count > 50 && lines.hasSuffix("}\n") && lines.filter { $0 == "\n" }.count == count)
    }
  }

  /// The archive is completed though its rows lie on the full disk beside it. The sizes put the end of the disk at many places.
  @Test(arguments: [4096, 4100, 4112, 4200, 5000, 300])
  func wholeFramesOfLayersStay(kilobytes: Int) throws {
    try onDisk(kilobytes) { folder in
      let extents = [[1, 3, 50, 50], [1, 1000], [1, 7]]
      let sink = try ActivationsSink(
        folder + "/layers.npz", layers: extents.enumerated().map { ("layer\($0)", Shape($1)) })
      let (count, error) = fill(sink) { frame in
        let values = extents.map { Tensor([Float](repeating: Float(frame), count: $0.reduce(1, *)), Shape($0)) }
        try withExtendedLifetime(values) {
          try sink.write(frame: UInt64(frame), pts: Int64(frame), values.map(\.view))
        }
      }
      let kept = folder + "/layers.partial.npz"
      #expect(count > 3 && "\(error)".hasSuffix("what was written until then is in \(kept)"), "\(error)")
      let archive = try NpzReader(kept)
      for name in ["frame", "pts", "layer0", "layer1", "layer2"] {
        #expect(try archive.tensor(name).shape[0] == count, "\(name)")
      }
      let layer = try archive.tensor("layer1")
      withExtendedLifetime(layer) {
        #expect((0..<count).allSatisfy { layer.view.floats[1000 * $0 + 999] == Float($0) })
      }
    }
  }

  @Test(arguments: ["mp4", "mkv", "webm", "ts", "avi", "y4m"]) func aPlayablePartStays(ending: String) throws {
    try onDisk(900) { folder in
      let format = FrameFormat(pixelFormat: .yuv420p, width: 320, height: 240, frameRate: Rational(25, 1))
      let path = "\(folder)/out.\(ending)"
      let options = ending == "webm" ? SinkOptions(codec: "libvpx") : SinkOptions(bitrate: 20_000_000)
      let sink = try openSink(Destination(path), options: options)
      try sink.open(format, companions: nil)
      let (_, error) = fill(sink) { try sink.write(made(format, $0, pts: Int64($0 * 40), duration: 40)) }
      #expect("\(error)".contains("what was written until then is in \(folder)/out.partial.\(ending)"))
      #expect(try Probe.times("\(folder)/out.partial.\(ending)").count > 3)
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }
}
