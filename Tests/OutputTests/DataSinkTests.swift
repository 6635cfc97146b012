import Foundation
import Frames
import Telemetry
import Tensors
import TestSupport
import Testing

@testable import Output

@Suite struct DataSinkTests {
  private func report(_ frame: UInt64, label: String = "cat") -> FrameReport {
    FrameReport(
      frame: frame, pts: -512, timestamp: -0.04, top: [ClassScore(label: label, index: 3, confidence: 0.25)],
      analysed: true, timing: [("inference", 1.23456), ("encode", .infinity)])
  }

  @Test func linesFollowTheSchema() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.path + "/out.jsonl"
      let sink = try JSONLinesSink(path, source: "a\"b.mp4", width: 64, height: 48, model: "net")
      try sink.write(report(0))
      var explained = report(1)
      explained.saliency = SaliencyReport(method: "grad-cam", layer: "")
      explained.saliency?.target = "cat"
      explained.saliency?.peak = (12.25, 7)
      explained.saliency?.box = (1, 2, 30.04, 40)
      try sink.write(explained)
      try sink.write(FrameReport(frame: .max, pts: nil, timestamp: nil, top: [], analysed: false, timing: []))
      #expect(!FileManager.default.fileExists(atPath: path))
      try sink.finish()
      try sink.finish()
      let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      #expect(
        lines == [
          #"{"version":1,"frame":0,"pts":-512,"timestamp":-0.04,"source":"a\"b.mp4","resolution":[64,48],"model":"net","top":[{"label":"cat","label_id":3,"confidence":0.25}],"analysed":true,"timing":{"inference":1.235,"encode":null}}"#,
          #"{"version":1,"frame":1,"pts":-512,"timestamp":-0.04,"source":"a\"b.mp4","resolution":[64,48],"model":"net","top":[{"label":"cat","label_id":3,"confidence":0.25}],"analysed":true,"saliency":{"method":"grad-cam","layer":null,"target":"cat","peak":[12.2,7],"box":[1,2,30,40]},"timing":{"inference":1.235,"encode":null}}"#,
          #"{"version":1,"frame":18446744073709551615,"pts":null,"timestamp":null,"source":"a\"b.mp4","resolution":[64,48],"model":"net","top":[],"analysed":false,"timing":{}}"#,
        ])
    }
  }

  @Test(arguments: ["", "plain", "\"\\\n\r\t\u{0}\u{1f}\u{7f}", "Grüße 猫 🐈 \u{2028}", "a/b"])
  func stringsSurviveFoundation(_ text: String) throws {
    var buffer = JSONBuffer()
    buffer.raw("[")
    buffer.string(text)
    buffer.raw("]")
    #expect(try JSONSerialization.jsonObject(with: Data(buffer.bytes)) as? [String] == [text])
  }

  @Test(arguments: [
    (0, "0"), (-0.0, "0"), (1, "1"), (-2.5, "-2.5"), (0.1, "0.1"), (0.0000004, "0"), (0.0000006, "0.000001"),
    (0.9999996, "1"), (123456.789012, "123456.789012"), (-1e-9, "0"), (1e15, "1000000000000000.0"), (1e300, "1e+300"),
    (.nan, "null"),
    (.infinity, "null"),
  ])
  func decimals(_ value: Double, _ text: String) {
    var buffer = JSONBuffer()
    buffer.decimal(value, places: 6)
    #expect(String(decoding: buffer.bytes, as: UTF8.self) == text)
  }

  @Test func wholeNumbersAtTheEnds() {
    var buffer = JSONBuffer()
    for value in [Int64.min, -1, 0, 9, 10, .max] {
      buffer.integer(value)
      buffer.raw(" ")
    }
    #expect(
      String(decoding: buffer.bytes, as: UTF8.self) == "-9223372036854775808 -1 0 9 10 9223372036854775807 ")
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
      let lines = try JSONLinesSink(json, source: "s", width: 1, height: 1, model: "m")
      try lines.write(report(0))
      lines.abort()
      try lines.finish()
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
      try Data().write(to: URL(fileURLWithPath: json))
      #expect(throws: UserError.self) { try JSONLinesSink(json, source: "s", width: 1, height: 1, model: "m") }
      #expect(throws: UserError.self) { try ActivationsSink(json, layers: []) }
    }
  }

  @Test func aFullDiskIsASentence() throws {
    let sink = try JSONLinesSink("/dev/full", source: "s", width: 1, height: 1, model: "m")
    let error = #expect(throws: UserError.self) { try sink.write(report(0)) }
    #expect(error?.description == "cannot write /dev/full: the disk is full; free some space or write elsewhere")
  }
}
