import Foundation
import Inference
import Models
import TestSupport
import Tensors
import Testing

/// The model that ships with the program computes what onnxruntime and PyTorch compute.
///
/// Fixtures/default-model.npz holds their logits; `Samples/Model/export.py --agreement` wrote it (onnxruntime 1.31.1,
/// PyTorch 2.15.0, no random numbers: the picture is a formula).
@Suite struct DefaultModelTests {
  private static let model = TestData.root.appendingPathComponent("Samples/Model/fovea-default.onnx").path
  private static let answers = TestData.root.appendingPathComponent("Tests/ModelsTests/Fixtures/default-model.npz").path

  /// The largest difference, in units of the root mean square of `wanted`.
  private func difference(_ got: [Float], _ wanted: [Float]) -> Float {
    let square = wanted.reduce(0) { $0 + $1 * $1 } / Float(wanted.count)
    return (zip(got, wanted).map { abs($0 - $1) }.max() ?? .infinity) / square.squareRoot()
  }

  @Test(arguments: [(64, 64), (80, 80), (75, 117)], ISA.allCases.filter(\.isSupported))
  func agreesWithOnnxruntimeAndPyTorch(size: (Int, Int), isa: ISA) throws {
    let (height, width) = size
    let model = try Model.load(path: Self.model, overrides: ModelOverrides(size: (height, width)))
    let session = try CompiledNetwork(model.graph, options: .init(threads: 2, isa: isa)).session()
    let input = session.inputs[0].view.floats
    for index in input.indices { input[index] = Float(Double(index * 7919 % 256) / 127.5 - 1) }
    try session.run()
    let logits = withExtendedLifetime(session) { Array(session.outputs[0].view.floats) }
    let archive = try NpzReader(Self.answers)
    for other in ["onnxruntime", "pytorch"] {
      let tensor = try archive.tensor("\(other)_\(height)x\(width)")
      let wanted = withExtendedLifetime(tensor) { Array(tensor.view.floats) }
      #expect(wanted.count == 200 && logits.count == 200)
      #expect(difference(logits, wanted) < 3e-5, "\(other), \(height)x\(width), \(isa)")
    }
  }

  @Test func hasALabelForEachClass() throws {
    let model = try Model.load(path: Self.model)
    #expect(model.labels.names.count == 200 && Set(model.labels.names).count == 200)
    #expect(model.labels.names.allSatisfy { !$0.isEmpty && !$0.contains(",") })
    #expect(model.activation == .softmax)
  }

  @Test func staysWithinItsPromise() throws {
    let size = try FileManager.default.attributesOfItem(atPath: Self.model)[.size] as? Int
    #expect(try #require(size) <= 6_000_000)
  }
}
