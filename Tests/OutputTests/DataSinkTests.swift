import Foundation
import Telemetry
import Tensors
import TestSupport
import Testing

@testable import Output

@Suite struct DataSinkTests {
  private struct Line: Encodable {
    let frameNumber: UInt64
    var label = "cat"
  }

  @Test func everyValueIsALine() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.path + "/out.jsonl"
      let sink = try JSONLinesSink(path)
      try sink.write(Line(frameNumber: 0))
      try sink.write(Line(frameNumber: .max, label: "a\nb/c"))
      #expect(!FileManager.default.fileExists(atPath: path))
      try sink.finish()
      try sink.finish()
      let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      #expect(
        lines == [
          #"{"frame_number":0,"label":"cat"}"#, #"{"frame_number":18446744073709551615,"label":"a\nb/c"}"#,
        ])
    }
  }

  @Test func activationsAreArraysWithAFrameAxis() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.path + "/layers.npz"
      let sink = try ActivationsSink(
        path, layers: [("features/1:0", [1, 2, 2, 3]), ("pts", [4]), ("features/1_0", [1, 1])])
      #expect(sink.names == ["features_1_0", "pts_2", "features_1_0_2"])
      for frame in 0..<3 {
        let values = [12, 4, 1].map { count in Tensor((0..<count).map { Float(100 * frame + $0) }, [count]) }
        try withExtendedLifetime(values) {
          try sink.write(frame: UInt64(frame), pts: frame == 1 ? nil : Int64(frame * 40), values.map(\.view))
        }
      }
      #expect(!FileManager.default.fileExists(atPath: path))
      try sink.finish()
      try sink.finish()
      let archive = try NpzReader(path)
      #expect(Set(archive.names) == ["features_1_0", "pts_2", "features_1_0_2", "pts", "frame"])
      let layer = try archive.tensor("features_1_0")
      #expect(layer.shape == [3, 2, 2, 3])
      withExtendedLifetime(layer) {
        #expect(Array(layer.view.floats) == (0..<3).flatMap { f in (0..<12).map { Float(100 * f + $0) } })
      }
      let times = try archive.tensor("pts")
      withExtendedLifetime(times) {
        #expect(Array(times.view.elements(as: Int64.self)) == [0, ActivationsSink.noTime, 80])
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["layers.npz"])
    }
  }

  @Test func abortLeavesNothingAndExistingFilesAreKept() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.path + "/a.npz"
      try ActivationsSink(path, layers: [("x", [1, 1])]).abort()
      let json = folder.path + "/a.jsonl"
      let lines = try JSONLinesSink(json)
      try lines.write(Line(frameNumber: 0))
      lines.abort()
      try lines.finish()
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
      try Data().write(to: URL(fileURLWithPath: json))
      #expect(throws: UserError.self) { try JSONLinesSink(json) }
      #expect(throws: UserError.self) { try ActivationsSink(json, layers: []) }
    }
  }

  @Test func aFullDiskIsASentence() throws {
    let sink = try JSONLinesSink("/dev/full")
    let error = #expect(throws: UserError.self) { try sink.write(Line(frameNumber: 0)) }
    #expect(error?.description == "cannot write /dev/full: the disk is full; free some space or write elsewhere")
  }
}
