import Foundation
import Models
import Tensors
import TestSupport
import Testing

/// How pictures are prepared where the model's exporter, or files beside the model, tell it.
@Suite struct PreparationTests {
  /// The model in a folder with these files.
  private func load(_ name: String, _ files: [String: String] = [:], in place: String = "") throws -> Model {
    try TestData.withTemporaryFolder { folder in
      let home = place.isEmpty ? folder : folder.appendingPathComponent(place)
      try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
      for (file, text) in files { try Data(text.utf8).write(to: folder.appendingPathComponent(file)) }
      let model = home.appendingPathComponent("network.onnx")
      try FileManager.default.copyItem(
        at: TestData.root.appendingPathComponent("Tests/Models/Small/\(name).onnx"), to: model)
      return try Model.load(path: model.path)
    }
  }

  private func expect(
    _ transform: InputTransform, size: Int, resizeTo: Int?, mean: [Float], std: [Float], scale: Float = 1 / 255,
    _ interpolation: Interpolation = .bilinear, fit: Fit = .crop, color: ColorOrder = .rgb
  ) {
    let wanted = InputTransform(
      height: size, width: size, fit: fit, resizeTo: resizeTo, color: color, scale: scale, mean: mean, std: std,
      interpolation: interpolation)
    #expect(transform == wanted)
  }

  /// ultralytics/data/augment.py: the shorter side to imgsz, no margin, x / 255.
  @Test func ultralytics() throws {
    let model = try load("ultralytics")
    expect(model.transform, size: 64, resizeTo: 64, mean: [0, 0, 0], std: [1, 1, 1])
    #expect(model.labels.names == ["a", "b", "c", "d", "e"])
    #expect(model.settings.contains { $0.key == "input.mean" && $0.origin == .exporter })
  }

  @Test func windowsML() throws {
    let model = try load("custom_vision", ["labels.txt": "v\nw\nx\ny\nz\n"])
    expect(model.transform, size: 224, resizeTo: 256, mean: [0, 0, 0], std: [1, 1, 1], scale: 1, color: .bgr)
    #expect(model.labels.names == ["v", "w", "x", "y", "z"])
  }

  @Test func teachableMachine() throws {
    let model = try load("sequential", ["labels.txt": "0 Cat\n1 Big dog\n2 c\n3 d\n4 e\n"])
    expect(model.transform, size: 224, resizeTo: 224, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5])
    #expect(model.labels.names[1] == "Big dog")
  }

  /// Channels last, as Keras has them, and nothing that says how pictures are prepared: the defaults are probably wrong.
  @Test func guessesAreSaid() throws {
    func warnings(_ name: String, _ files: [String: String] = [:]) throws -> Int {
      try load(name, files).warnings.count { $0.contains("nothing says how network.onnx wants its pictures prepared") }
    }
    #expect(try warnings("sequential") == 1)
    #expect(try warnings("sequential", ["network.toml": "labels = ['a', 'b', 'c', 'd', 'e']\n"]) == 1)
    for known in ["scale = 1", "mean = [0.485, 0.456, 0.406]", "std = 1"] {
      #expect(try warnings("sequential", ["network.toml": "[input]\n\(known)\n"]) == 0)
    }
    #expect(try warnings("sequential", ["labels.txt": "0 Cat\n1 Big dog\n2 c\n3 d\n4 e\n"]) == 0)
    for name in ["rescaling", "normalising", "ultralytics"] { #expect(try warnings(name) == 0) }
  }

  @Test func theNetworkThatScalesItselfGetsBytes() throws {
    expect(try load("rescaling").transform, size: 32, resizeTo: 37, mean: [0, 0, 0], std: [1, 1, 1], scale: 1)
    expect(try load("normalising").transform, size: 32, resizeTo: 37, mean: [0, 0, 0], std: [1, 1, 1])
  }

  /// transformers' image processors: resize, centre, rescale, normalise.
  @Test func transformersFiles() throws {
    let vit = """
      {"do_resize":true,"size":{"height":96,"width":96},"resample":3,"do_rescale":true,"rescale_factor":0.00392156862745098,
      "do_normalize":true,"image_mean":[0.5,0.5,0.5],"image_std":[0.5,0.25,0.5]}
      """
    let names = #"{"id2label":{"1":"b","0":"a","2":"c","3":"d","4":"e"},"label2id":{"a":0}}"#
    let model = try load("plain", ["preprocessor_config.json": vit, "config.json": names], in: "onnx")
    expect(
      model.transform, size: 96, resizeTo: nil, mean: [0.5, 0.5, 0.5], std: [0.5, 0.25, 0.5], .bicubic, fit: .squash)
    #expect(model.labels.names == ["a", "b", "c", "d", "e"])
    let cut = """
      {"do_resize":true,"do_center_crop":true,"crop_size":{"height":64,"width":64},"size":{"shortest_edge":80},
      "resample":2,"do_normalize":false}
      """
    let plain = try load("plain", ["preprocessor_config.json": cut])
    expect(plain.transform, size: 64, resizeTo: 80, mean: [0, 0, 0], std: [1, 1, 1])
    let convnext = """
      {"do_resize":true,"size":{"shortest_edge":224},"crop_pct":0.875,"resample":3,"image_mean":[0.25,0.5,0.75],
      "image_std":[0.5,1,2]}
      """
    let margin = try load("plain", ["preprocessor_config.json": convnext])
    expect(margin.transform, size: 224, resizeTo: 256, mean: [0.25, 0.5, 0.75], std: [0.5, 1, 2], .bicubic)
  }

  @Test func timmFiles() throws {
    let config = """
      {"architecture":"x","num_classes":5,"pretrained_cfg":{"input_size":[3,64,64],"interpolation":"bicubic","crop_pct":0.9,
      "crop_mode":"center","mean":[0.5,0.5,0.5],"std":[0.5,0.5,0.5],"label_names":["p","q","r","s","t"]}}
      """
    let model = try load("plain", ["config.json": config])
    expect(model.transform, size: 64, resizeTo: 71, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], .bicubic)
    #expect(model.labels.names == ["p", "q", "r", "s", "t"])
  }

  /// Files that are no such descriptions, or hostile ones, change nothing.
  @Test(arguments: [
    "[", "{}", "[1,2]", #"{"size":-5,"do_resize":true,"image_mean":[],"image_std":"x","resample":1e300}"#,
    #"{"pretrained_cfg":7}"#,
  ])
  func otherFilesSayNothing(text: String) throws {
    let model = try load("plain", ["preprocessor_config.json": text, "config.json": text])
    #expect(model.transform.height == 224 && model.labels.names.count == 5)
  }

  @Test func namesInJSON() throws {
    let texts = [
      #"["a","b","c","d","e"]"#, #"{"0":"a","1":"b","2":"c","3":"d","4":"e"}"#,
      #"{"0":["n1","a"],"1":["n2","b"],"2":["n3","c"],"3":["n4","d"],"4":["n5","e"]}"#,
      #"{"a":0,"c":2,"b":1,"e":4,"d":3}"#, #"{"id2label":{"0":"a","1":"b","2":"c","3":"d","4":"e"}}"#,
    ]
    for text in texts {
      let model = try load("plain", ["network.toml": "labels = 'names.json'", "names.json": text])
      #expect(model.labels.names == ["a", "b", "c", "d", "e"], "\(text)")
    }
  }

  @Test func sigmoidsAndCubicsAreSettings() throws {
    let toml = "[input]\ninterpolation = 'bicubic'\n[output]\nactivation = 'sigmoid'\n"
    let model = try load("plain", ["network.toml": toml])
    #expect(model.activation == .sigmoid && model.transform.interpolation == .bicubic && model.scoresAreProbabilities)
    var shown = [Float](repeating: 0, count: 3)
    [0, 2, -1].withUnsafeBufferPointer { scores in
      shown.withUnsafeMutableBufferPointer { OutputActivation.sigmoid.apply(scores, into: $0) }
    }
    #expect(shown[0] == 0.5 && abs(shown[1] - 0.880797) < 1e-6 && abs(shown[2] - 0.268941) < 1e-6)
  }
}
