import Tensors
import Testing

@testable import Inference

@Suite struct ProfileTests {
  /// x [1, 32, 8, 8] -> 3x3 convolution to 48 channels -> ReLU -> average -> 10 classes.
  private func session(threads: Int) throws -> Session {
    var builder = GraphBuilder()
    var generator = SeededGenerator(seed: 3)
    let same = Padding.explicit(Pads(top: 1, left: 1, bottom: 1, right: 1))
    for (name, shape) in [("w1", [48, 32, 3, 3] as Shape), ("w2", [48, 10])] {
      _ = builder.value(name, constant: Tensor(generator.floats(shape.count), shape))
    }
    builder.input("x", [1, 32, 8, 8])
    builder.node(Conv(padding: same), ["x", "w1"], ["a"])
    builder.node(Relu(), ["a"], ["b"])
    builder.node(GlobalAveragePool(), ["b"], ["c"])
    builder.node(Flatten(), ["c"], ["d"])
    builder.node(Gemm(), ["d", "w2"], ["y"])
    builder.output("y")
    return try CompiledNetwork(builder.graph, options: NetworkOptions(threads: threads)).session()
  }

  @Test(arguments: 1...2) func costsFollowFromTheSizes(threads: Int) throws {
    let session = try session(threads: threads)
    let profile = try session.profile(runs: 3)
    #expect(profile.steps.count == session.steps.count && profile.threads == threads)
    #expect(profile.multiplyAdds == 48 * 32 * 9 * 64 + 480)
    #expect(profile.peakGigaflops > 0 && profile.microseconds >= profile.shortestMicroseconds)
    #expect(profile.steps.allSatisfy { $0.microseconds > 0 })
    let conv = try #require(profile.steps.first { $0.description.op == "Conv+Relu" }?.description)
    #expect(conv.cost.multiplyAdds == 48 * 32 * 9 * 64)
    #expect(conv.cost.inputBytes == 4 * 32 * 64 && conv.cost.outputBytes == 4 * 48 * 64)
    #expect(conv.cost.weightBytes >= 4 * 48 * 32 * 9)
    #expect(conv.cost.arenaBytes >= conv.cost.outputBytes)
    #expect(profile.steps.allSatisfy { $0.description.cost.arenaBytes <= profile.arenaBytes })
  }

  @Test func bytesAreLiveFromTheirFirstStepToTheirLast() {
    var allocations = [10, 200, 3000].map { Allocation(byteCount: $0) }
    (allocations[0].lifetime, allocations[1].lifetime, allocations[2].lifetime) = (0...1, 1...3, 2...2)
    #expect(liveBytes(of: allocations, steps: 3) == [10, 210, 3200])
  }

  @Test func measuringChangesNoNumber() throws {
    let session = try session(threads: 2)
    session.inputs[0].view.floats.update(repeating: 0.25)
    try session.run()
    let before = Array(session.outputs[0].view.floats)
    _ = try session.profile(runs: 2)
    #expect(Array(session.outputs[0].view.floats) == before)
  }

  @Test func theMedianIsTheMiddle() {
    #expect([median([]), median([3]), median([1, 9, 2]), median([4, 1, 2, 9])] == [0, 3, 2, 3])
  }
}
