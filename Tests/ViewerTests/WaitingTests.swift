import Foundation
import Frames
import Inference
import Models
import ONNX
import Synchronization
import Tensors
import Testing

@testable import Viewer

/// Lets a network run only while it is open.
private final class Barrier: Sendable {
  let isOpen = Atomic<Bool>(true)
  let isReached = Atomic<Bool>(false)

  func pass() {
    while !isOpen.load(ordering: .acquiring) {
      isReached.store(true, ordering: .releasing)
      usleep(1000)
    }
  }
}

/// x → [x, 1 - x], once the barrier is open.
private struct Blocking: Inference.Operator {
  let barrier: Barrier
  let name = "Blocking"
  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] { [TensorType(.float32, [1, 2])] }
  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    barrier.pass()
    let x = inputs[0]?.floats[0] ?? 0
    (outputs[0].floats[0], outputs[0].floats[1]) = (x, 1 - x)
  }
}

@Suite struct WaitingTests {
  private func model(_ barrier: Barrier) throws -> Model {
    let graph = try Graph(
      name: "blocking", values: [Value(name: "picture"), Value(name: "mean"), Value(name: "scores")],
      nodes: [
        Node(name: "pool", op: GlobalAveragePool(), inputs: [0], outputs: [1]),
        Node(name: "block", op: Blocking(barrier: barrier), inputs: [1], outputs: [2]),
      ],
      inputs: [DeclaredInput(value: 0, element: .float32, extents: [1, 1, 8, 8].map { .fixed($0) })], outputs: [2]
    ).specialized(inputs: [:])
    return Model(
      path: "", name: "blocking", description: "", graph: graph,
      metadata: ModelMetadata(
        producer: "", producerVersion: "", irVersion: 8, opset: 17, properties: [:], documentation: ""),
      warnings: [],
      transform: InputTransform(
        height: 8, width: 8, fit: .squash, resizeTo: nil, color: .gray, scale: 1 / 255, mean: [0], std: [1]),
      labels: Labels(["bright", "dark"]), activation: .none, outputIndex: 0, settings: [])
  }

  /// In the middle of a run that does not end, everything that tells the state still answers.
  @Test func stateIsToldWhileTheNetworkRuns() throws {
    let barrier = Barrier()
    try withViewer(model: model(barrier), { ($0.saliency, $0.policy.isAlwaysOn) = (nil, true) }) { viewer in
      let answer = { (path: String) in viewer.answer(HTTPRequest(method: "GET", path: path)).status }
      for _ in 0..<4000 where viewer.board.latest == nil { usleep(1000) }
      barrier.isOpen.store(false, ordering: .releasing)
      for _ in 0..<4000 where !barrier.isReached.load(ordering: .acquiring) { usleep(1000) }
      let isRunning = barrier.isReached.load(ordering: .acquiring)
      #expect(isRunning)
      for path in ["/v1/state", "/v1/model", "/v1/layers", "/v1/top", "/metrics", "/healthz", "/readyz"] {
        #expect(answer(path) == 200, "\(path)")
      }
      barrier.isOpen.store(true, ordering: .releasing)
    }
  }
}
