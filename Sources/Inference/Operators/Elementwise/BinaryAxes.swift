import CKernels
import Tensors

extension fovea_binary_axes_params {
  /// How two operands meet in `output`, with as few axes as there can be; nil where the output has no axis longer than 1.
  init?(_ output: Shape, _ x: Shape, _ other: Shape, _ kind: fovea_binary_kind, _ activation: fovea_activation) {
    var axes: [(extent: Int, x: Int, other: Int)] = []
    let (steps, otherSteps) = (AxisList(broadcasting: x, to: output), AxisList(broadcasting: other, to: output))
    for axis in 0..<output.rank where output[axis] != 1 {
      let (extent, step, otherStep) = (output[axis], steps[axis], otherSteps[axis])
      if let last = axes.last, last.x == step * extent, last.other == otherStep * extent {
        axes[axes.count - 1] = (last.extent * extent, step, otherStep)
      } else {
        axes.append((extent, step, otherStep))
      }
    }
    guard !axes.isEmpty else { return nil }
    self.init()
    (rank, self.kind, self.activation) = (Int32(axes.count), kind, activation)
    store(axes.map(\.extent), in: \.extents)
    store(axes.map(\.x), in: \.x_steps)
    store(axes.map(\.other), in: \.other_steps)
  }

  private mutating func store<List>(_ numbers: [Int], in list: WritableKeyPath<Self, List>) {
    withUnsafeMutableBytes(of: &self[keyPath: list]) { bytes in
      for (index, number) in numbers.enumerated() {
        bytes.storeBytes(of: Int64(number), toByteOffset: 8 * index, as: Int64.self)
      }
    }
  }
}
