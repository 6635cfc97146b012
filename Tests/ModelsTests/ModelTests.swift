import Foundation
import Models
import Telemetry
import Tensors
import TestSupport
import Testing

/// Models of Tests/Models/Small: what is in force, and where it came from.
@Suite struct ModelTests {
  private func small(_ name: String) -> URL {
    TestData.root.appendingPathComponent("Tests/Models/Small/\(name).onnx")
  }

  /// The model with this sidecar.
  private func load(_ name: String, _ toml: String? = nil, fit: Fit? = nil) throws -> Model {
    try TestData.withTemporaryFolder { folder in
      let sidecar = folder.appendingPathComponent("side.toml")
      if let toml { try Data(toml.utf8).write(to: sidecar) }
      return try Model.load(
        path: small(name).path, sidecar: toml == nil ? nil : sidecar.path, overrides: ModelOverrides(fit: fit))
    }
  }

  private func origin(_ key: String, in model: Model) -> Origin? { model.settings.first { $0.key == key }?.origin }

  @Test func defaultsAreThoseOfTheDocumentation() throws {
    let model = try load("plain")
    #expect(
      model.transform
        == InputTransform(
          height: 224, width: 224, fit: .crop, resizeTo: 256, color: .rgb, scale: 1 / 255, mean: [0.485, 0.456, 0.406],
          std: [0.229, 0.224, 0.225]))
    #expect(model.name == "plain" && model.activation == .softmax)
    #expect(model.labels.names == (0..<5).map { "class \($0)" })
    #expect(model.settings.allSatisfy { $0.origin == .standard || $0.key.hasPrefix("output") })
  }

  @Test func theNetworkDecidesWhatItCan() throws {
    let soft = try load("softmax")
    #expect(soft.transform.height == 32 && soft.transform.width == 40 && origin("input.size", in: soft) == .graph)
    #expect(soft.transform.resizeTo == 37)  // 32 · 256 / 224
    #expect(soft.activation == .none && origin("output.activation", in: soft) == .graph)
    let grey = try load("grey")
    #expect(grey.transform.color == .gray && grey.transform.mean == [0] && grey.transform.std == [1])
    let last = try load("channels_last")
    #expect(last.transform.height == 16 && last.transform.width == 20)
  }

  @Test func metadataIsRead() throws {
    let model = try load("described")
    #expect(model.labels.names == ["a", "b", "c", "d", "e"])
    #expect(model.transform.height == 48 && model.transform.width == 64 && model.transform.color == .bgr)
    #expect(model.transform.mean == [0.5, 0.25, 0.125] && model.transform.std == [0.5, 0.5, 1])
    for key in ["labels", "input.size", "input.mean", "input.std", "input.color"] {
      #expect(origin(key, in: model) == .metadata, "\(key)")
    }
    let python = try load("python_names")
    #expect(python.labels.names == ["it's", "b", "c", "d", "e"])
    #expect(python.transform.height == 96 && python.transform.width == 96)
  }

  @Test func theSidecarWinsOverMetadataAndTheCommandLineOverBoth() throws {
    let model = try load(
      "described", "labels = ['1', '2', '3', '4', '5']\n[input]\nsize = 64\nmean = 7\nresize = 'pad'", fit: .squash)
    #expect(model.labels.names == ["1", "2", "3", "4", "5"])
    #expect(model.transform.height == 64 && model.transform.mean == [7, 7, 7] && model.transform.std == [0.5, 0.5, 1])
    #expect(model.transform.fit == .squash && model.transform.resizeTo == nil)
    #expect(origin("input.resize", in: model) == .commandLine && origin("input.mean", in: model) == .sidecar)
  }

  @Test func theBackgroundClassMayBeNamedOrNot() throws {
    let four = "labels = ['a', 'b', 'c', 'd']\n"
    #expect(try load("plain", four + "[classes]\noffset = 1").labels.names == ["background", "a", "b", "c", "d"])
    let six = "labels = ['none', 'a', 'b', 'c', 'd', 'e']\n"
    #expect(try load("plain", six + "[classes]\noffset = -1").labels.names == ["a", "b", "c", "d", "e"])
  }

  @Test(arguments: [
    ("plain", "labels = ['a', 'b', 'c', 'd']", "has 5 classes, but there are 4 labels. If the first class is the"),
    ("plain", "labels = ['a', 'b', 'c', 'd', 'e', 'f']", "set classes.offset = -1"),
    ("plain", "labels = ['a']", "has 5 classes, but there are 1 labels"),
    ("plain", "labels = ['a']\n[classes]\noffset = -3", "with classes.offset = -3"),
    ("plain", "[input]\nmean = [1, 2]", "input.mean has 2 numbers for 3 channels"),
    ("plain", "[input]\nstd = 0", "input.std must not be 0"),
    ("plain", "[input]\ncolor = 'gray'", "input.color is gray, but the network takes 3 channels"),
    ("plain", "[input]\nresize_to = 100", "input.resize_to is 100, less than the 224 pixels"),
    ("softmax", "[input]\nsize = 224", "input.size is 224 x 224, but the network takes 32 x 40"),
    ("four_channels", "", "has 4 channels, and 1 (grey) or 3 are expected"),
    ("batch_of_two", "", "takes 2 pictures at a time"),
    ("three_axes", "", "input 'x' has 3 axes, and 4 (N, C, H, W) are expected"),
    ("two_inputs", "", "has 2 inputs (a, b)"),
    ("picture_out", "", "its outputs are 'y' float32 1x3x8x8, and one float32 score per class is expected"),
    ("no_such", "", "no_such.onnx"),
  ]) func modelsThatDoNotFitAreRefusedInASentence(name: String, toml: String, expected: String) throws {
    do {
      _ = try load(name, toml)
      Issue.record("\(name) was loaded")
    } catch { #expect("\(error)".contains(expected), "\(error)") }
  }

  @Test func theSidecarBesideTheModelIsFound() throws {
    try TestData.withTemporaryFolder { folder in
      let model = folder.appendingPathComponent("net.onnx")
      try FileManager.default.copyItem(at: small("plain"), to: model)
      try Data("name = 'general'".utf8).write(to: folder.appendingPathComponent("model.toml"))
      #expect(try Model.load(path: model.path).name == "general")
      try Data("name = 'own'".utf8).write(to: folder.appendingPathComponent("net.toml"))
      #expect(try Model.load(path: model.path).name == "own")
    }
  }
}
