import Foundation
import Inference
import TestSupport
import Testing

@testable import ONNX

/// The models of the shared folder.
@Suite struct RealModelTests {
  @Test(
    .enabled(if: TestData.hasShared),
    arguments: [
      ("mnist-8", 12, 8), ("mobilenet_v2_1.0_224", 101, 11), ("resnet20_cifar10", 73, 11), ("squeezenet1.1", 66, 11),
      ("tiny_vgg_tinyimagenet10", 14, 11),
    ])
  func realModels(name: String, nodes: Int, opset: Int) throws {
    let model = try importModel(at: TestData.file("models/\(name).onnx").path)
    #expect(model.graph.nodes.count == nodes)
    #expect(model.metadata.opset == opset)
    #expect(model.graph.inputs.count == 1)
    #expect(model.warnings.isEmpty)
  }
}
