import Foundation
import Tensors
import TestSupport
import Testing

@testable import ONNX

/// Constants in other files: read from the model's own folder, refused anywhere else.
@Suite struct ExternalDataTests {
  private func model(_ location: String, offset: String? = nil, length: String? = nil) -> [UInt8] {
    var entries: [Proto] = [.message(13, .text(1, "location"), .text(2, location))]
    if let offset { entries.append(.message(13, .text(1, "offset"), .text(2, offset))) }
    if let length { entries.append(.message(13, .text(1, "length"), .text(2, length))) }
    let constant = Proto.message(5, [.int(1, 2), .int(2, 1), .text(8, "w"), .int(14, 1)] + entries)
    return Proto.model([constant, .input("x", [1, 2]), .node("PRelu", ["x", "w"], ["y"]), .output("y")])
  }

  private let floats = Proto.rawFloats([9, 1.5, -2]).bytes.suffix(12)

  @Test func readsTheModelsFolder() throws {
    try TestData.withTemporaryFolder { folder in
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("sub"), withIntermediateDirectories: true)
      for place in ["weights.bin", "sub/weights.bin", "./weights.bin"] {
        try Data(floats).write(to: folder.appendingPathComponent(place))
        for length in ["8", nil] {
          let imported = try load(model(place, offset: "4", length: length), in: folder)
          let id = try #require(imported.graph.value(named: "w"))
          let tensor = try #require(imported.graph.values[id].constant)
          #expect(Array(tensor.view.floats) == [1.5, -2])
        }
      }
    }
  }

  /// The pages of weights that have been packed are given back; a later reader finds the same contents.
  @Test func relinquishedPagesAreReadAgain() throws {
    try TestData.withTemporaryFolder { folder in
      let numbers = (0..<20_000).map { Float($0) }
      try numbers.withUnsafeBytes { try Data($0).write(to: folder.appendingPathComponent("weights.bin")) }
      let source = try ByteSource(mapping: folder.appendingPathComponent("weights.bin").path)
      for range in [0..<80_000, 4..<79_996, 400..<800] {
        let part = UnsafeRawBufferPointer(rebasing: source.bytes[range])
        let storage = TensorStorage(borrowing: part, from: source)
        storage.relinquish()
        #expect(
          Array(storage.bytes.bindMemory(to: Float.self)) == Array(numbers[range.lowerBound / 4..<range.upperBound / 4])
        )
      }
      let own = Tensor(numbers, [20_000])
      own.storage.relinquish()
      #expect(Array(own.view.floats) == numbers)
    }
  }

  @Test func refusesEverythingElse() throws {
    try TestData.withTemporaryFolder { outer in
      let folder = outer.appendingPathComponent("model")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      // A neighbour whose path begins like the folder's.
      let neighbour = outer.appendingPathComponent("model-secret")
      try FileManager.default.createDirectory(at: neighbour, withIntermediateDirectories: true)
      for place in [
        outer.appendingPathComponent("secret"), neighbour.appendingPathComponent("w"),
        folder.appendingPathComponent("w"),
      ] {
        try Data(floats).write(to: place)
      }
      let links = FileManager.default
      try links.createSymbolicLink(atPath: folder.appendingPathComponent("link").path, withDestinationPath: "../secret")
      try links.createSymbolicLink(
        atPath: folder.appendingPathComponent("there").path, withDestinationPath: "../model-secret")
      let refusals: [([UInt8], String)] = [
        (model("../secret", offset: "4"), "outside the model's folder"),
        (model("/etc/passwd"), "outside the model's folder"),
        (model("sub/../../secret"), "outside the model's folder"), (model("link", offset: "4"), "a link leads out"),
        (model("there/w", offset: "4"), "a link leads out"), (model("missing"), "not there"), (model("."), "link"),
        (model(""), "location"), (model("w", offset: "13"), "starts at byte 13"),
        (model("w", offset: "-4"), "not a count"), (model("w", offset: "9999999999999999999999"), "not a count"),
        (model("w", offset: "4", length: "9223372036854775807"), "claims"), (model("w", offset: "8"), "4 bytes"),
        (model("w", offset: "4", length: "4"), "4 bytes"),
      ]
      for (bytes, words) in refusals {
        expectSentence(["m.onnx", "'w'", words], words) { try load(bytes, in: folder) }
      }
      expectSentence(["'w'", "no folder"], "memory") { try importModel(bytes: model("w"), name: "m") }
    }
  }

  /// The cache of Hugging Face: model and data are links into one folder of blobs. Links to anywhere else stay refused.
  @Test func linksIntoTheModelsOwnFolderAreFollowed() throws {
    try TestData.withTemporaryFolder { top in
      let files = FileManager.default
      for folder in ["blobs", "snapshots/abc/onnx", "elsewhere"] {
        try files.createDirectory(at: top.appendingPathComponent(folder), withIntermediateDirectories: true)
      }
      try Data(model("w.data", offset: "4")).write(to: top.appendingPathComponent("blobs/1a"))
      try Data(floats).write(to: top.appendingPathComponent("blobs/2b"))
      try Data(floats).write(to: top.appendingPathComponent("elsewhere/2b"))
      let place = top.appendingPathComponent("snapshots/abc/onnx")
      func link(_ name: String, to target: String) throws {
        try files.createSymbolicLink(atPath: place.appendingPathComponent(name).path, withDestinationPath: target)
      }
      try link("m.onnx", to: "../../../blobs/1a")
      try link("w.data", to: "../../../blobs/2b")
      let imported = try importModel(at: place.appendingPathComponent("m.onnx").path)
      let tensor = try #require(imported.graph.values.first { $0.name == "w" }?.constant)
      #expect(withExtendedLifetime(tensor) { Array(tensor.view.floats) } == [1.5, -2])
      try files.removeItem(at: place.appendingPathComponent("w.data"))
      try link("w.data", to: "../../../elsewhere/2b")
      expectSentence(["'w'", "a link leads out"], "elsewhere") {
        try importModel(at: place.appendingPathComponent("m.onnx").path)
      }
      // A copy of the model beside the same link may not follow it.
      try files.removeItem(at: place.appendingPathComponent("m.onnx"))
      try files.removeItem(at: place.appendingPathComponent("w.data"))
      try files.copyItem(at: top.appendingPathComponent("blobs/1a"), to: place.appendingPathComponent("m.onnx"))
      try link("w.data", to: "../../../blobs/2b")
      expectSentence(["'w'", "a link leads out"], "copy") {
        try importModel(at: place.appendingPathComponent("m.onnx").path)
      }
    }
  }

  private func load(_ bytes: [UInt8], in folder: URL) throws -> ImportedModel {
    let url = folder.appendingPathComponent("m.onnx")
    try Data(bytes).write(to: url)
    return try importModel(at: url.path)
  }
}
