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
    return (try ExplainedNetwork(graph), try CompiledNetwork(graph, options: Reference.options).session())
  }

  private func refusal(_ method: String, side: Int) -> String {
    complaint {
      let (network, session) = try network(side: side)
      _ = try Explainer(MethodTable.method(named: method), of: network, in: session)
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

  /// picture → relu → two branches → sum → mean → scores: neither branch tells all.
  @Test func theAutomaticLayerIsNoSideBranch() throws {
    let names = ["picture", "relu", "left", "right", "sum", "mean", "scores"]
    var nodes = [
      Node(name: "relu", op: Relu(), inputs: [0], outputs: [1]),
      Node(name: "left", op: Sigmoid(), inputs: [1], outputs: [2]),
      Node(name: "right", op: Relu(), inputs: [1], outputs: [3]),
      Node(name: "sum", op: Add(), inputs: [2, 3], outputs: [4]),
      Node(name: "mean", op: GlobalAveragePool(), inputs: [4], outputs: [5]),
      Node(name: "act", op: Opaque(), inputs: [5], outputs: [6]),
    ]
    func layer(_ target: Target) throws -> [String] {
      let graph = try Graph(
        name: "branches", values: names.map { Value(name: $0) }, nodes: nodes,
        inputs: [DeclaredInput(value: 0, element: .float32, extents: [1, 3, 4, 4].map { .fixed($0) })], outputs: [6]
      ).specialized(inputs: [:])
      return try Explainer(
        MethodTable.method(named: "eigen-cam"), of: ExplainedNetwork(graph),
        in: CompiledNetwork(graph, options: Reference.options).session(), target: target
      ).layers
    }
    #expect(try layer(.top) == ["sum"])
    #expect(try layer(.channel(layer: "sum", 0)) == ["relu"])
    nodes[4] = Node(name: "mean", op: GlobalAveragePool(), inputs: [3], outputs: [5])
    #expect(try layer(.top) == ["right"])
  }
}
