import Foundation
import Inference
import Tensors
import TestSupport
import Testing

@testable import ONNX

/// Small networks against PyTorch's gradients and captum's explanations (Tests/ONNXTests/Fixtures/Gradients/make_gradients.py).
@Suite struct GradientFixtureTests {
  static let folder = OperatorCases.folder.appendingPathComponent("Gradients")
  /// The score that was differentiated.
  static let score = 3

  @Test(arguments: ["plain", "gated"], [1, 2]) func gradientsArePyTorchs(name: String, threads: Int) throws {
    let reader = try NpzReader(Self.folder.appendingPathComponent("\(name).npz").path)
    let names = reader.names.filter { $0.hasPrefix("gradient:") }.map { String($0.dropFirst(9)) }
    let session = try session(name, reader, threads: threads)
    try session.setTaps([], gradients: [GradientRequest(of: ["scores"], withRespectTo: names)])
    session.seed(0)[0].floats[Self.score] = 1
    try session.run()
    try session.runBackward(0)
    for value in names {
      try compare(session.gradient(0, value), reader.tensor("gradient:\(value)"), "\(name): \(value)")
    }
    // By the input alone, nothing of the preparation has to be undone.
    try session.setTaps([], gradients: [GradientRequest(of: ["scores"], withRespectTo: ["input"])])
    session.seed(0)[0].floats[Self.score] = 1
    try session.run()
    try session.runBackward(0)
    try compare(session.gradient(0, "input"), reader.tensor("gradient:input"), "\(name): input alone")
    withExtendedLifetime(session) {}
  }

  @Test func explanationsAreCaptums() throws {
    let reader = try NpzReader(Self.folder.appendingPathComponent("plain.npz").path)
    let session = try session("plain", reader, threads: 1)
    let rules: [(String, GradientRule)] = [
      ("guided", .guided), ("deconvnet", .deconvnet), ("lrp", .lrp(epsilon: 0.25)),
    ]
    try session.setTaps(
      [], gradients: rules.map { GradientRequest(of: ["scores"], withRespectTo: ["input"], rule: $0.1) })
    try session.run()
    for (request, rule) in rules.enumerated() {
      // Relevance begins as the score itself.
      session.seed(request)[0].floats[Self.score] = rule.0 == "lrp" ? session.outputs[0].view.floats[Self.score] : 1
      try session.runBackward(request)
      try compare(session.gradient(request, "input"), reader.tensor("\(rule.0):input"), rule.0)
    }
    withExtendedLifetime(session) {}
  }

  private func session(_ name: String, _ reader: NpzReader, threads: Int) throws -> Session {
    let graph = try importModel(at: Self.folder.appendingPathComponent("\(name).onnx").path).graph
    let session = try CompiledNetwork(graph, options: NetworkOptions(threads: threads)).session()
    let input = try reader.tensor("input")
    withExtendedLifetime(input) {
      session.inputs[0].view.pointer.copyMemory(from: input.view.pointer, byteCount: input.byteCount)
    }
    return session
  }

  private func compare(_ got: TensorView?, _ want: Tensor, _ title: String) throws {
    let got = try #require(got, "\(title)")
    withExtendedLifetime(want) {
      #expect(distance(got, from: want.view) <= 1e-4, "\(title): \(distance(got, from: want.view))")
    }
  }
}
