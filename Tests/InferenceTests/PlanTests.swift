import AllocationCounter
import Tensors
import Testing

@testable import Inference

@Suite struct PlanTests {
  @Test func anotherTapKeepsTheWeightsPacked() throws {
    let (graph, _) = try RandomNetwork.make(seed: 7)
    let session = try CompiledNetwork(graph, options: .init(threads: 1)).session()
    let count = session.network.weights.packed.packCount
    #expect(count > 0)
    try session.setTaps([graph.values[graph.outputs[0]].name, "x"])
    try session.setTaps([])
    #expect(session.network.weights.packed.packCount == count)
  }

  @Test func anotherTapKeepsTheMemoryWhereItIsEnough() throws {
    let session = try CompiledNetwork(network(), options: .init(threads: 1)).session(taps: ["b", "e"])
    let address = session.plan.arena.bytes.baseAddress
    for taps in [["b"], [], ["e"], ["b", "e"]] {
      try session.setTaps(taps)
      #expect(session.plan.arena.bytes.baseAddress == address)
    }
  }

  /// Convolutions of every kind, pools, sums, joins, gates and the head, all on kernels.
  private func network() throws -> Graph {
    var builder = GraphBuilder()
    var generator = SeededGenerator(seed: 1)
    func weights(_ name: String, _ shape: Shape) -> String {
      _ = builder.value(name, constant: Tensor(generator.floats(shape.count), shape))
      return name
    }
    let same = Padding.explicit(Pads(top: 1, left: 1, bottom: 1, right: 1))
    builder.input("x", [1, 3, 16, 16])
    builder.node(Conv(padding: same), ["x", weights("w1", [32, 3, 3, 3]), weights("b1", [32])], ["a"])
    builder.node(Relu(), ["a"], ["b"])
    builder.node(Conv(padding: same, groups: 32), ["b", weights("w2", [32, 1, 3, 3])], ["c"])
    builder.node(Conv(), ["c", weights("w3", [32, 32, 1, 1])], ["d"])
    builder.node(Add(), ["b", "d"], ["e"])
    builder.node(MaxPool(window: Window(kernel: Spatial(2, 2), strides: Spatial(2, 2))), ["e"], ["f"])
    builder.node(Concat(axis: 1), ["f", "f"], ["g"])
    builder.node(GlobalAveragePool(), ["g"], ["h"])
    builder.node(Sigmoid(), ["h"], ["i"])
    builder.node(Mul(), ["g", "i"], ["j"])
    builder.node(LRN(size: 5), ["j"], ["k"])
    builder.node(GlobalAveragePool(), ["k"], ["l"])
    builder.node(Flatten(), ["l"], ["m"])
    builder.node(Gemm(), ["m", weights("w4", [64, 10]), weights("b4", [10])], ["n"])
    builder.node(Softmax(), ["n"], ["y"])
    builder.output("y")
    return builder.graph
  }

  @Test(arguments: 1...3) func runningAllocatesNothing(threads: Int) throws {
    let session = try CompiledNetwork(network(), options: .init(threads: threads)).session(taps: ["e"])
    #expect(!session.steps.contains { $0.algorithm == "reference" })
    session.inputs[0].view.floats.update(repeating: 0.5)
    try session.run()
    let before = fovea_thread_allocation_count()
    for _ in 0..<20 { try session.run() }
    #expect(fovea_thread_allocation_count() == before)
    let probe = UnsafeMutablePointer<Int>.allocate(capacity: 100)
    #expect(fovea_thread_allocation_count() > before, "the counter counts")
    probe.deallocate()
  }

  @Test func everyStepExplainsItself() throws {
    let session = try CompiledNetwork(network(), options: .init(threads: 1)).session()
    for step in session.steps {
      #expect(!step.name.isEmpty && !step.algorithm.isEmpty && step.explanation.contains(step.algorithm))
    }
    #expect(session.steps.contains { $0.algorithm.hasPrefix("depthwise 3x3") })
    #expect(session.steps.contains { $0.algorithm.hasPrefix("direct 3x3 from planes") })
  }

  @Test func memoryOfAChainDoesNotGrowWithItsLength() throws {
    func bytes(_ length: Int) throws -> Int {
      var builder = GraphBuilder()
      builder.input("x0", [1, 16, 8, 8])
      for i in 0..<length { builder.node(Softplus(), ["x\(i)"], ["x\(i + 1)"]) }
      builder.output("x\(length)")
      return try CompiledNetwork(builder.graph, options: .init(threads: 1)).session().arenaByteCount
    }
    #expect(try bytes(20) == bytes(5))
  }
}
