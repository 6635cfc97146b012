import Tensors

@testable import Inference

/// Convolutions of every kind, pools, sums, joins, gates and a head, all of whose gradients have kernels.
enum KernelNetwork {
  static func graph() throws -> Graph {
    var builder = GraphBuilder()
    var generator = SeededGenerator(seed: 1)
    func weights(_ name: String, _ shape: Shape) -> String {
      _ = builder.value(name, constant: Tensor(generator.floats(shape.count), shape))
      return name
    }
    let pads = Pads(top: 1, left: 1, bottom: 1, right: 1)
    let same = Padding.explicit(pads)
    let two = Spatial(2, 2)
    builder.input("x", [1, 3, 32, 32])
    builder.node(Conv(strides: two, padding: same), ["x", weights("w1", [32, 3, 3, 3]), weights("b1", [32])], ["a"])
    builder.node(Relu(), ["a"], ["b"])
    builder.node(Conv(strides: two, padding: same, groups: 32), ["b", weights("w2", [32, 1, 3, 3])], ["c"])
    builder.node(Clip(minimum: 0, maximum: 6), ["c"], ["c6"])
    builder.node(Conv(strides: two, padding: same), ["b", weights("w3", [32, 32, 3, 3])], ["d"])
    builder.node(Add(), ["c6", "d"], ["e"])
    let window = Window(kernel: Spatial(3, 3), strides: two, padding: same)
    builder.node(MaxPool(window: window), ["e"], ["f"])
    builder.node(Conv(), ["f", weights("w4", [16, 32, 1, 1])], ["g1"])
    builder.node(Relu(), ["g1"], ["h1"])
    builder.node(Conv(padding: same), ["f", weights("w5", [16, 32, 3, 3])], ["g2"])
    builder.node(Relu(), ["g2"], ["h2"])
    builder.node(Concat(axis: 1), ["h1", "h2"], ["j"])
    builder.node(Swish(), ["j"], ["k"])
    builder.node(AveragePool(window: Window(kernel: two, strides: two)), ["k"], ["l"])
    builder.node(GlobalAveragePool(), ["l"], ["m"])
    builder.node(Sigmoid(), ["m"], ["n"])
    builder.node(Mul(), ["l", "n"], ["o"])
    builder.node(GlobalAveragePool(), ["o"], ["p"])
    builder.node(Flatten(), ["p"], ["q"])
    builder.node(Gemm(transposeB: true), ["q", weights("w6", [10, 32]), weights("b6", [10])], ["scores"])
    builder.output("scores")
    return builder.graph
  }
}
