import Explanations
import Inference
import Tensors
import Testing

/// x → [x, 1 - x, 0, …]: an operator without a gradient.
private struct Opaque: Operator {
  let name = "Opaque"
  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] { [TensorType(.float32, [1, 4])] }
  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    for i in outputs[0].floats.indices { outputs[0].floats[i] = Float(i) }
  }
}

@Suite struct RefusalTests {
  /// picture → (relu) → mean → opaque scores.
  private func network(side: Int, _ op: any Operator = Opaque()) throws -> (ExplainedNetwork, Session) {
    let graph = try Graph(
      name: "small", values: ["picture", "relu", "mean", "scores"].map { Value(name: $0) },
      nodes: [
        Node(name: "relu", op: Relu(), inputs: [0], outputs: [1]),
        Node(name: "mean", op: GlobalAveragePool(), inputs: [1], outputs: [2]),
        Node(name: "act", op: op, inputs: [2], outputs: [3]),
      ],
      inputs: [DeclaredInput(value: 0, element: .float32, extents: [1, 3, side, side].map { .fixed($0) })], outputs: [3]
    ).specialized(inputs: [:])
    return (try ExplainedNetwork(graph), try Session(graph: graph, options: Reference.options))
  }

  private func refusal(_ method: String, side: Int) -> String {
    complaint {
      let (network, session) = try network(side: side)
      _ = try Explainer(MethodTable.method(named: method), of: network, in: session, sessionOptions: Reference.options)
    }
  }

  @Test func anOperatorWithoutGradientIsNamed() {
    for method in ["grad-cam", "gradient", "lrp"] {
      let sentence = refusal(method, side: 8)
      #expect(sentence.contains("Opaque") && sentence.contains("eigen-cam"), "\(sentence)")
    }
    #expect(refusal("eigen-cam", side: 8) == "no error")
    #expect(refusal("occlusion", side: 8) == "no error")
  }

  @Test func anInputThatIsTooSmallIsNamed() {
    let sentence = refusal("eigen-cam", side: 1)
    #expect(sentence.contains("1x1 pixels") && sentence.contains("larger input"), "\(sentence)")
  }

  @Test func anOutputThatHoldsNoScoresIsNamed() throws {
    let graph = try Graph(
      name: "picture", values: ["picture", "relu"].map { Value(name: $0) },
      nodes: [Node(name: "relu", op: Relu(), inputs: [0], outputs: [1])],
      inputs: [DeclaredInput(value: 0, element: .float32, extents: [1, 3, 8, 8].map { .fixed($0) })], outputs: [1]
    ).specialized(inputs: [:])
    #expect(complaint { _ = try ExplainedNetwork(graph) }.contains("one score per class"))
  }
}
