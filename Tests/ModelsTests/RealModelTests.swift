import Foundation
import Inference
import Models
import Tensors
import TestSupport
import Testing

/// The sidecars of Tests/Models with the real models that they are for.
@Suite(.enabled(if: TestData.hasShared)) struct RealModelTests {
  private func load(_ name: String) throws -> Model {
    setenv("FOVEA_TEST_DATA", TestData.file("").path, 0)
    let sidecar = TestData.root.appendingPathComponent("Tests/Models/\(name).toml").path
    return try Model.load(path: TestData.file("models/\(name).onnx").path, sidecar: sidecar)
  }

  @Test func everyRealModelHasASidecarThatFits() throws {
    let folder = try FileManager.default.contentsOfDirectory(atPath: TestData.file("models").path)
    let names = folder.filter { $0.hasSuffix(".onnx") }.map { String($0.dropLast(5)) }
    #expect(names.count >= 5)
    for name in names {
      let model = try load(name)
      #expect(model.labels.names.allSatisfy { !$0.isEmpty && !$0.contains(",") }, "\(name)")
      #expect(model.settings.contains { $0.key == "labels" && $0.origin == .sidecar }, "\(name)")
    }
  }

  @Test func labelsStandAtTheirPlaces() throws {
    let squeezenet = try load("squeezenet1.1")
    #expect(squeezenet.labels.names.count == 1000 && squeezenet.activation == .softmax)
    #expect(squeezenet.labels[0] == "tench" && squeezenet.labels[999] == "toilet tissue")
    let mobilenet = try load("mobilenet_v2_1.0_224")
    #expect(mobilenet.labels.names.count == 1001 && mobilenet.activation == .none)
    #expect(mobilenet.labels[0] == "background" && mobilenet.labels[1] == "tench")
  }

  /// onnxruntime 1.31.1 on the input ((i · 7919) mod 256) / 255; softmax in double where the sidecar asks for it.
  @Test(arguments: [
    ("mnist-8", [3, 5, 2], [0.44503824902754846, 0.3174833995532311, 0.1322149729518914]),
    ("tiny_vgg_tinyimagenet10", [9, 0, 4], [0.7177130579948425, 0.274361252784729, 0.007925054989755154]),
    ("resnet20_cifar10", [0, 8, 2], [0.9999999963687298, 2.9538617407626778e-09, 5.384870102375047e-10]),
  ]) func topClassesEqualThePeers(name: String, classes: [Int], probabilities: [Float]) throws {
    let model = try load(name)
    let session = try CompiledNetwork(model.graph).session()
    let input = session.inputs[0].view.floats
    for i in input.indices { input[i] = Float(i * 7919 % 256) / 255 }
    try session.run()
    var top = TopK(3)
    let scores = UnsafeBufferPointer(session.outputs[model.outputIndex].view.floats)
    top.rank(scores)
    #expect(top.indices == classes)
    var shown = [Float](repeating: 0, count: scores.count)
    shown.withUnsafeMutableBufferPointer { model.activation.apply(scores, into: $0) }
    for (index, expected) in zip(top.indices, probabilities) {
      #expect(abs(shown[index] - expected) <= 2e-5 * expected + 1e-12, "\(index) \(shown[index]) \(expected)")
    }
  }
}
